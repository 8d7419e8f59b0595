/*
 * procuse.h - what a process uses, as /proc tells it.
 */
#ifndef TESTS_PROCUSE_H
#define TESTS_PROCUSE_H

#include <stdint.h>
#include <sys/types.h>

struct procuse {
	unsigned descriptors;
	int highest; /* of the descriptors; -1: there is none */
	int64_t rss; /* bytes */
};

/* Fails the test where there is no such process. */
struct procuse procuse_of(pid_t pid);

/* Page faults of the children that it has waited for: they grow with each of them. */
int64_t procuse_children(pid_t pid);

#endif
