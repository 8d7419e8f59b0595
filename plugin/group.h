/*
 * group.h - stale processes put together for people, most affected first.
 *
 * Together is what is restarted together: a system unit, a container, a unit or session
 * of a user; processes of none of these by their command name.  Processes of which no
 * file counts are groups of their own, after all others.
 */
#ifndef PLUGIN_GROUP_H
#define PLUGIN_GROUP_H

#include "view.h"

enum group_class {
	GROUP_SERVICE,
	GROUP_CONTAINER,
	GROUP_SESSION, /* or a user unit */
	GROUP_PROGRAM, /* of no unit */
};
#define GROUP_CLASS_COUNT 4

struct group {
	enum group_class class;
	char *name;  /* owned by groups, raw: "ssh", "docker 0123456789ab" */
	char *title; /* owned by groups, raw: "ssh.service"; NULL for a program */
	/* Positions in view->procs, by command name, users' last, then ascending; owned
	 * by groups. */
	const size_t *procs;
	size_t nprocs; /* >= 1 */
	bool counted;
	bool is_users; /* all of its processes are, by view_is_users() */
};

struct groups {
	/* Owned: counted first, and of these what is not users': nobody is to push others
	 * out of the answer.  Then more processes first, then by name. */
	struct group *list;
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

/* Processes of the groups of a class that count, or that do not. */
struct group_tally {
	size_t groups, procs;
};
struct group_tally groups_tally(const struct groups *groups, enum group_class class,
				bool counted);

/* "service" "container" "session" "program", or the plural. */
const char *group_noun(enum group_class class, size_t n);

/* What the files of a group have in common: of a counted group those that count. */
struct group_summary {
	const char **names; /* owned; distinct basenames, borrowed from the view:
			     * executables first, then as strcmp() sorts */
	size_t nnames;
	unsigned why;   /* STALE_WHY_BIT()s */
	unsigned kinds; /* STALE_KIND_BIT()s */
	int64_t age;    /* seconds, of the oldest; -1: none is dated */
	int64_t bytes;  /* on disk, of distinct data and open files, as far as known */
};

/* Returns 0, or -ENOMEM. Release with group_summary_release(). */
int group_summarize(const struct group *group, const struct view *view,
		    struct group_summary *ret);
void group_summary_release(struct group_summary *summary);

#endif
