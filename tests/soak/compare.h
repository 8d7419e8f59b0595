/*
 * compare.h - all that the daemon publishes, beside what a fresh scan with the same
 * selection tells: object by object, with no allowance.
 */
#ifndef SOAK_COMPARE_H
#define SOAK_COMPARE_H

#include "tests/support/agentd.h"

struct compare {
	uint64_t comparisons;
	uint64_t objects; /* of all of them */
	size_t objects_max, rows_max;
	size_t rows; /* of the table of processes, the last time */
};

/*
 * To be called while nothing changes.  select: the option that both were given.  Prints
 * the differences and returns how many there are.
 */
unsigned compare_once(struct compare *compare, const struct agentd *d,
		      const char *select);

#endif
