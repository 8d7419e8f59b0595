/*
 * viewmake.h - a view made by hand: renderers and verdict are tested without a /proc.
 */
#ifndef TESTS_VIEWMAKE_H
#define TESTS_VIEWMAKE_H

#include "view.h"

#define VIEWMAKE_NOW   INT64_C(1763720000) /* 2025-11-21T10:13:20Z */
#define VIEWMAKE_PROCS 256
#define VIEWMAKE_FILES 1024
#define VIEWMAKE_REST  64

struct viewmake {
	struct view view; /* what is tested reads this */
	struct stale_scan_info info;
	struct stale_proc procs[VIEWMAKE_PROCS];
	struct stale_file files[VIEWMAKE_FILES];
	struct stale_ignored ignored[VIEWMAKE_REST];
	struct stale_unreadable unreadable[VIEWMAKE_REST];
	struct stale_users *users; /* owned */
	size_t nfiles;
};

/* A complete scan of 212 processes that found nothing, with privilege, of code. */
void viewmake_init(struct viewmake *m);

/* The view knows the users of this text, which has the form of passwd(5).  Release them
 * with viewmake_release(). */
void viewmake_users(struct viewmake *m, const char *passwd);
void viewmake_release(struct viewmake *m);

/* Adds a process of no unit, without files; then files to it, in the order of their
 * paths.  Strings are borrowed.  age: seconds, -1 for an unknown one. */
struct stale_proc *viewmake_proc(struct viewmake *m, pid_t pid, const char *comm);
/* The same in a unit of a scope; of users it is of uid 1000. */
struct stale_proc *viewmake_unit(struct viewmake *m, pid_t pid, const char *comm,
				 enum stale_scope scope, const char *unit);
struct stale_proc *viewmake_container(struct viewmake *m, pid_t pid, const char *comm,
				      const char *runtime, const char *id);
struct stale_file *viewmake_file(struct viewmake *m, const char *path, enum stale_why why,
				 int64_t age);
void viewmake_ignored(struct viewmake *m, pid_t pid, const char *path, const char *rule);
/* Counts as denied, and as not scanned. */
void viewmake_unreadable(struct viewmake *m, pid_t pid, int error);

/* Counts what was added by the policy of the view, as stale_report_count() does; files
 * are the same when their paths are. */
void viewmake_count(struct viewmake *m);

#endif
