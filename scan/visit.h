/*
 * visit.h - one process while it is read: its descriptors and what they have told.
 */
#ifndef SCAN_VISIT_H
#define SCAN_VISIT_H

#include <errno.h>
#include <limits.h>

#include "owner.h"
#include "worker.h"

struct visit {
	struct worker *worker; /* borrowed */
	pid_t pid;
	int leaderfd; /* /proc/PID; owned */
	int threadfd; /* /proc/TID of a live thread of an exited leader; owned; or -1 */
	int rootfd;   /* of its root, where nobody else has it open; owned; or -1 */
	const struct root *root; /* borrowed from the worker */
	struct judge_process
		process; /* owns mapsfd; root: by which a file is looked up */
	bool rootfd_is_tried;
	bool exe_is_judged;
	bool exe_inode_is_tried;
	bool stat_is_read;
	size_t nmappings;
	uint64_t exe_inode; /* 0: unknown */
	bool owner_is_read;
	enum owner_rank rank; /* with the owner */
	int incomplete;       /* -errno of what could not be read, beside what was; 0 */
	struct pidstat stat;
	struct pidstatus status;
	ssize_t exe_len; /* -errno: no name */
	char exe[PATH_MAX];
	char stat_buf[PROCFS_STAT_MAX];
	struct owner owner;
};

void visit_init(struct visit *visit, struct worker *worker, pid_t pid);
void visit_release(struct visit *visit);

#define VISIT_KERNEL_THREAD 1
#define VISIT_UNSELECTED    2
#define VISIT_LATER         (-ECANCELED)

/*
 * Opens the process and reads it to the end, the worker keeping its stale files; what
 * could not be read of it, visit->incomplete tells.  Returns 0, VISIT_KERNEL_THREAD,
 * VISIT_UNSELECTED, VISIT_LATER, or -errno; -ESRCH and -ENOENT: it is gone; -EAGAIN: it
 * executed program after program, or went from root to root.
 */
int visit_read(struct visit *visit);

/*
 * Fills visit->stat, once: of the leader, whose name, parent and start outlive an exec.
 * Returns 0 or -errno.
 */
int visit_read_stat(struct visit *visit);

/* The same for visit->status, visit->owner and visit->rank. */
int visit_read_owner(struct visit *visit);

/*
 * To be asked before what may take long, or much room.  Returns 0; VISIT_LATER where it is
 * not the turn of processes of this rank yet; or -errno.
 */
int visit_check_turn(struct visit *visit);

#endif
