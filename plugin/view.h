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

#include "privilege.h"
#include "stale.h"

struct package;
struct packages;

struct view {
	const struct stale_scan_info *info;
	const struct stale_proc *procs; /* by pid; with at least one stale file */
	size_t nprocs;
	const struct stale_ignored *ignored;
	size_t nignored;
	const struct stale_unreadable *unreadable;
	size_t nunreadable;
	struct stale_totals totals;      /* of what counts */
	struct stale_policy policy;      /* what counts */
	const struct stale_users *users; /* NULL: no names are known */
	const struct packages *packages; /* NULL: not asked for */
	/* What --using asked for, ended by NULL; NULL: it was not given.  As
	 * policy.is_using tells. */
	const char *const *using_globs;
	int64_t now;                /* seconds since the epoch */
	int64_t elapsed_us;         /* the scan took, microseconds */
	unsigned timeout;           /* seconds it was given */
	bool timed_out;             /* and not finished */
	int error;                  /* what ended the scan early, errno, positive; 0 */
	int signal;                 /* that ended the scan; 0: none */
	bool privileged;            /* cap_sys_ptrace was effective where the scan ran */
	struct privilege privilege; /* what was not, and why */
};

bool view_file_counts(const struct view *view, const struct stale_proc *proc,
		      const struct stale_file *file);
bool view_proc_counts(const struct view *view, const struct stale_proc *proc);

/* Has it any file that is not current?  With --using it may have none. */
bool view_proc_is_stale(const struct stale_proc *proc);

/*
 * Can a user of this host start as many of these as they like?  Not where it is root's, a
 * system unit's, or in a container that root started.
 */
bool view_is_users(const struct stale_proc *proc);

/* Age of file in seconds, never negative; -1: unknown. */
int64_t view_file_age(const struct view *view, const struct stale_file *file);

/* The name of a user, borrowed from view->users; NULL: not known. */
const char *view_user_name(const struct view *view, uid_t uid);

/* The kinds that were looked for, STALE_KIND_BIT()s, never 0. */
unsigned view_kinds(const struct view *view);

/*
 * Who owns file on this host, where that was asked for; NULL: nobody, or the process sees
 * the files of its container.  Borrowed from view->packages.
 */
const struct package *view_package(const struct view *view, const struct stale_proc *proc,
				   const struct stale_file *file);

/* The part after the last '/'; borrowed from path. */
const char *view_basename(const char *path);

#endif
