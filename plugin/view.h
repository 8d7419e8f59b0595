/*
 * view.h - all that the verdict and the renderers see of a scan.
 *
 * Plain pointers and numbers, so that a test can make one by hand; survey.c makes it of
 * a report.  Nothing in here is owned.
 */
#ifndef PLUGIN_VIEW_H
#define PLUGIN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stale.h"

struct view {
	const struct stale_scan_info *info;
	const struct stale_proc *procs; /* by pid; with at least one stale file */
	size_t nprocs;
	const struct stale_ignored *ignored;
	size_t nignored;
	const struct stale_unreadable *unreadable;
	size_t nunreadable;
	struct stale_totals totals; /* of what counts */
	struct stale_policy policy; /* what counts */
	int64_t now;                /* seconds since the epoch */
	int64_t elapsed_us;         /* the scan took, microseconds */
	unsigned timeout;           /* seconds it was given */
	bool timed_out;             /* and not finished */
	int error;                  /* what ended the scan early, errno, positive; 0 */
	int signal;                 /* that ended the scan; 0: none */
	bool privileged;            /* cap_sys_ptrace was effective */
};

bool view_file_counts(const struct view *view, const struct stale_file *file);
bool view_proc_counts(const struct view *view, const struct stale_proc *proc);

/* Age of file in seconds, never negative; -1: unknown. */
int64_t view_file_age(const struct view *view, const struct stale_file *file);

/* The part after the last '/'; borrowed from path. */
const char *view_basename(const char *path);

#endif
