/*
 * cmdline.h - command lines as text, and processes put together by them.  Pure.
 */
#ifndef PLUGIN_CMDLINE_H
#define PLUGIN_CMDLINE_H

#include "buf.h"
#include "view.h"

/*
 * Processes with the same command line: arguments joined by blanks, without blanks before
 * and behind.  A process without one is "[comm]", and apart from one that calls itself so.
 */
struct cmdgroup {
	const char *text; /* printable; owned by the groups */
	const size_t
		*procs; /* positions in view->procs, ascending; owned by the groups */
	size_t nprocs;  /* >= 1 */
};

struct cmdgroups {
	struct cmdgroup *list; /* owned; by the first of their processes */
	size_t n;
	size_t *procs; /* owned */
	char **texts;  /* owned; one for each process */
	size_t ntexts;
};

#define CMDGROUPS_INIT                                                                   \
	{                                                                                \
		NULL, 0, NULL, NULL, 0                                                   \
	}
#define cleanup_cmdgroups __attribute__((cleanup(cmdgroups_release)))

/* Returns 0, or -ENOMEM. Release with cmdgroups_release(). */
int cmdgroups_make(const struct view *view, struct cmdgroups *ret);
void cmdgroups_release(struct cmdgroups *groups);

/* Adds the PIDs of a group: "812,977". */
void cmdgroup_print_pids(const struct view *view, const struct cmdgroup *group,
			 struct buf *out);

/*
 * Adds the distinct paths of the files of a group, sorted: "/lib/a.so,/lib/b.so", with ','
 * and ';' in a path as "\x2c" and "\x3b".  Returns 0, or -ENOMEM.
 */
int cmdgroup_print_files(const struct view *view, const struct cmdgroup *group,
			 struct buf *out);

#endif
