/*
 * group.h - stale processes put together for people, most affected first.
 *
 * What belongs together is decided by group_key() alone.  Processes of which no file
 * counts are groups of their own, after all others.
 */
#ifndef PLUGIN_GROUP_H
#define PLUGIN_GROUP_H

#include "view.h"

struct group {
	const char *name;    /* borrowed from the view */
	const size_t *procs; /* positions in view->procs, ascending; owned by groups */
	size_t nprocs;       /* >= 1 */
	bool counted;
};

struct groups {
	struct group *list; /* owned: more processes first, then by name; counted first */
	size_t n;
	size_t ncounted;
	size_t *procs; /* owned */
};

#define GROUPS_INIT                                                                      \
	{                                                                                \
		NULL, 0, 0, NULL                                                         \
	}
#define cleanup_groups __attribute__((cleanup(groups_release)))

/* Returns 0, or -ENOMEM. Release with groups_release(). */
int groups_make(const struct view *view, struct groups *ret);
void groups_release(struct groups *groups);

/* What the files of a group have in common: of a counted group those that count. */
struct group_summary {
	const char **names; /* owned; distinct basenames, borrowed from the view:
			     * executables first, then as strcmp() sorts */
	size_t nnames;
	unsigned why; /* STALE_WHY_BIT()s */
	int64_t age;  /* seconds, of the oldest; -1: none is dated */
};

/* Returns 0, or -ENOMEM. Release with group_summary_release(). */
int group_summarize(const struct group *group, const struct view *view,
		    struct group_summary *ret);
void group_summary_release(struct group_summary *summary);

#endif
