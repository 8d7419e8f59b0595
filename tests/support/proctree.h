/*
 * proctree.h - a captured proc tree, built by a test in a folder of its own.
 *
 * Every function fails the test where it cannot do its work.
 */
#ifndef SUPPORT_PROCTREE_H
#define SUPPORT_PROCTREE_H

#include <stddef.h>
#include <sys/types.h>

#include "scan/stale.h"

struct proctree {
	char path[64]; /* the tree */
};

void proctree_init(struct proctree *tree);
void proctree_release(struct proctree *tree); /* removes the folder */

/*
 * Adds a process: "PID/stat" with this name and start, "PID/status" with uid 1000, and
 * "PID/maps".  NULL for maps: no such file.
 */
void proctree_add(const struct proctree *tree, pid_t pid, const char *comm,
		  const char *maps);

/* Writes PATH below the tree, whose folder must be there. */
void proctree_write(const struct proctree *tree, const char *path, const void *bytes,
		    size_t len);
void proctree_mkdir(const struct proctree *tree, const char *path);
void proctree_link(const struct proctree *tree, const char *path, const char *target);

/* Scans the tree; opt may be NULL.  The report is the caller's. */
struct stale_report *proctree_scan(const struct proctree *tree,
				   const struct stale_options *opt);

/* The only stale process of a report, borrowed from it. */
const struct stale_proc *proctree_only_proc(const struct stale_report *report);

#endif
