/*
 * judge.h - is this mapped file still the one on disk?  The verdict and its evidence.
 *
 * One file at a time, and each only once per scan: the caller remembers the answers.
 * Does not know what is ignored or counted.
 */
#ifndef SCAN_JUDGE_H
#define SCAN_JUDGE_H

#include "mapread.h"
#include "roots.h"
#include "verdicts.h"

/* The process that has the file. */
struct judge_process {
	const struct root *root;
	int dirfd;  /* its folder in the proc tree */
	int mapsfd; /* its maps */
	int rootfd; /* O_PATH of its root; borrowed; -1: not to be had, nothing is
		     * looked up */
	enum stale_method method; /* by which its mappings are read */
	int64_t start_ns;         /* since the epoch, at the earliest; 0: unknown */
	int64_t start_latest_ns;  /* the same, at the latest */
	int64_t boot_ns;          /* the same, of the machine */
};

struct judge {
	struct verdicts *verdicts; /* borrowed */
	bool is_captured; /* a captured tree: nothing outside of it is looked up */
};

/*
 * Might a file without the kernel's mark be stale, going by its name alone?  False for
 * nearly all, which then cost no look-up.
 */
bool judge_is_candidate(struct name name);

/*
 * judge_suspect() is for names with the kernel's mark, judge_live() for candidates.
 * Both return 0 with *ret_file NULL (not stale, or no file) or set (stale; borrowed from
 * the findings); -ENOBUFS when the findings are full; -ENOMEM, -EMFILE, -ENFILE.
 * Anything else that goes wrong leaves a part of the evidence unknown.
 */
int judge_suspect(const struct judge *judge, const struct judge_process *process,
		  const struct mapping *mapping, enum stale_kind kind,
		  const struct found_file **ret_file);
int judge_live(const struct judge *judge, const struct judge_process *process,
	       const struct mapping *mapping, enum stale_kind kind,
	       const struct found_file **ret_file);

/*
 * For callers who ask.  Return as above; at most one file each.
 *
 * judge_modified(): a live file that was written to after the boot, dated by its mtime:
 * whether that was after the start of a process, the caller must tell (old_mtime_ns,
 * old_ctime_ns).  judge_current(): the file as it is, with its build-id.
 */
int judge_modified(const struct judge *judge, const struct judge_process *process,
		   const struct mapping *mapping, enum stale_kind kind,
		   const struct found_file **ret_file);
int judge_current(const struct judge *judge, const struct judge_process *process,
		  const struct mapping *mapping, enum stale_kind kind,
		  const struct found_file **ret_file);

#endif
