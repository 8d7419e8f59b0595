/*
 * faultwork.h - some work again and again, each time with another call that fails, judged
 * by whoever knows what is promised of it.
 *
 * Work that loses a descriptor or leaves a child behind is wrong whatever it says.
 */
#ifndef TESTS_FAULTWORK_H
#define TESTS_FAULTWORK_H

#include "faults.h"

struct faultwork {
	const char *label;
	void (*prepare)(void); /* before each time; nothing of it fails.  Or NULL */
	int (*run)(void);      /* returns 0 where nothing fails */
	/* rc: what run() returned; NULL: as promised, else what is wrong. */
	const char *(*judge)(int rc, int error);
	struct {
		enum faults_call call; /* has to be made */
		int errors[8];         /* that the kernel has for it */
	} calls[16];
};

/* Has every call fail with every error; fails the test where anything is wrong, and prints
 * how many that were. */
void faultwork_try(const struct faultwork *work);

#endif
