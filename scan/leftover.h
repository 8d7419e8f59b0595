/*
 * leftover.h - is a process what its session or service has left behind, so that to
 * restart these would not renew it?
 *
 * What has to be known of a service's other processes is worked out once per control
 * group: anybody who gets thousands of orphans into one must not make the scan look at
 * each of them for each.
 */
#ifndef SCAN_LEFTOVER_H
#define SCAN_LEFTOVER_H

#include "owner.h"
#include "procfs.h"
#include "table.h"

/* What is known of the control groups that were asked about. */
struct leftovers {
	const struct procfs *fs; /* borrowed */
	struct table mains;      /* by path and user; a stamp is a place in starts */
	uint64_t *starts;        /* owned; of the youngest: clock ticks after boot */
	size_t nstarts;
	size_t room;
};

/* seed: see table_init().  Allocates nothing. */
void leftovers_init(struct leftovers *leftovers, const struct procfs *fs, uint64_t seed);
void leftovers_release(struct leftovers *leftovers);

/*
 * Is it an orphan without a terminal in a session, or an orphan in a system unit with a
 * younger main process of root's, or of the same user (uid: effective)?  On a proc file
 * system only; reads the control group's list of processes, and when they started.
 * Returns 1, 0, or -ENOMEM, -EMFILE, -ENFILE.
 */
int leftovers_has(struct leftovers *leftovers, const struct owner *owner,
		  const struct pidstat *stat, uid_t uid);

#endif
