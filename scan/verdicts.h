/*
 * verdicts.h - the verdicts that a scan has put down, each of them once.
 *
 * Every worker judges for itself; what two say alike of a file is to take the room of one,
 * so that more workers find no less.  Compares, and prefers none.
 */
#ifndef SCAN_VERDICTS_H
#define SCAN_VERDICTS_H

#include <pthread.h>

#include "findings.h"
#include "names.h"
#include "table.h"

struct verdicts {
	struct findings *findings; /* borrowed */
	pthread_mutex_t lock;      /* of known; only who has a stale file takes it */
	struct table known;        /* by what it is of; of struct found_file */
};

/* seed: see table_init().  Allocates nothing. */
void verdicts_init(struct verdicts *verdicts, struct findings *findings, uint64_t seed);
void verdicts_release(struct verdicts *verdicts);

/*
 * Copies a verdict, its names (successor NULL: none) and its build-id into the findings,
 * where nothing is there yet that says the same.  May be called from any thread.  Returns
 * 0 and *ret_file (borrowed from the findings), -ENOBUFS when they are full, or -ENOMEM.
 */
int verdicts_add(struct verdicts *verdicts, const struct found_file *verdict,
		 struct name path, const struct name *successor,
		 const struct found_file **ret_file);

#endif
