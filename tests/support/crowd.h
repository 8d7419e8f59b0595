/*
 * crowd.h - many processes that do nothing, all of one name and with one file as code.
 *
 * They are children of the test and die with it.  What a single process is to do is in
 * tests/holder.c.
 */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include <stddef.h>
#include <sys/types.h>

struct crowd {
	pid_t *pids; /* owned */
	size_t n;
};

/* Starts n of them and waits until the file at that path is mapped in all. */
void crowd_start(struct crowd *crowd, size_t n, const char *name, const char *path);
/* Ends them all and waits for each. */
void crowd_end(struct crowd *crowd);

#endif
