/*
 * uses.h - which file is used by which process, sorted and ruled on.
 *
 * Which process mapped a file first is known only when all have been read, so that the
 * ignore rules are applied here.
 */
#ifndef SCAN_USES_H
#define SCAN_USES_H

#include "findings.h"

/* One file of one process. */
struct use {
	const struct found_proc *proc;
	const struct found_file *file;
	const char *rule; /* ignored by it; NULL: not ignored */
	int fd;
	uint32_t
		id; /* of the file; until that has one, the place among the process's files */
	bool is_dropped; /* the caller does not want to hear of it, or it is told already */
};

struct uses {
	struct use *list; /* owned; by process, path, inode and kind */
	size_t n;
	int64_t boot_ns; /* of the tree that was scanned; 0: unknown */
	int64_t boot_slack_ns;
};

/*
 * May run while another process adds to the findings, from which the uses are borrowed.
 * Returns 0 and fills *ret (release with uses_release()), or -ENOMEM.
 */
int uses_collect(const struct findings *findings, const struct stale_options *opt,
		 struct uses *ret);
void uses_release(struct uses *uses);

/* The earliest moment at which the process can have started; 0: unknown. */
int64_t uses_start_ns(const struct uses *uses, const struct found_proc *proc);

#endif
