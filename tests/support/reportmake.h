/*
 * reportmake.h - a report made by hand: what reads reports is tested without a /proc.
 *
 * What is added comes in any order; pids, paths and ids are put in order when the report
 * is made.  Out of memory, and a report that stale_report_make() refuses, end the test
 * program.
 */
#ifndef TESTS_REPORTMAKE_H
#define TESTS_REPORTMAKE_H

#include "stale.h"

#define REPORTMAKE_NOW INT64_C(1763720000) /* 2025-11-21T10:13:20Z */

struct reportmake {
	struct stale_scan_info info; /* the caller's to change */
	struct stale_proc *procs;    /* owned, as all below */
	struct reportmake_file *files;
	struct stale_ignored *ignored;
	struct stale_unreadable *unreadable;
	char **texts;
	size_t nprocs, nfiles, nignored, nunreadable, ntexts;
};

/* A complete scan of 212 processes that found nothing. */
void reportmake_init(struct reportmake *m);
void reportmake_release(struct reportmake *m); /* reports made of it stay */

/*
 * A process of uid 1000 in no unit, 10 days old, without files; then files to the process
 * added last.  Strings are borrowed until the report is made; what is returned, until the
 * next is added: change it as you like.  age: seconds before REPORTMAKE_NOW, -1 for an
 * unknown one.  Files of one path are one file, unless inode or device is changed.
 */
struct stale_proc *reportmake_proc(struct reportmake *m, pid_t pid, const char *comm);
/* The same in a unit; of a user or session, the owner is 1000. */
struct stale_proc *reportmake_unit(struct reportmake *m, pid_t pid, const char *comm,
				   enum stale_scope scope, const char *unit);
struct stale_proc *reportmake_container(struct reportmake *m, pid_t pid, const char *comm,
					const char *runtime, const char *id);
struct stale_file *reportmake_file(struct reportmake *m, const char *path,
				   enum stale_why why, int64_t age);
void reportmake_ignored(struct reportmake *m, pid_t pid, const char *path,
			const char *rule);
/* Counts as denied (EACCES, EPERM) or failed, and as not scanned. */
void reportmake_unreadable(struct reportmake *m, pid_t pid, int error);

/* A text that lives as long as m. */
const char *reportmake_text(struct reportmake *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Of what was added so far; stale_report_free(). */
struct stale_report *reportmake_report(struct reportmake *m);

/* The users of a text that has the form of passwd(5); stale_users_free(). */
struct stale_users *reportmake_users(const char *passwd);

/* One file of a process; rows of one pid, one after the other, are one process. */
struct reportmake_row {
	pid_t pid;
	const char *comm;
	const char *unit; /* a system unit; NULL: none */
	const char *path;
	enum stale_why why;
	int64_t age; /* as above */
};
/* In one go; stale_report_free(). */
struct stale_report *reportmake_rows(const struct reportmake_row *rows, size_t n);

/*
 * Processes 1001, 1002, ..., of services of ten processes each, with the deleted files
 * /usr/lib/x86_64-linux-gnu/libN.so.1, N from nfiles_in_common + 1 on for those of which
 * each process has its own, after the common ones.  stale_report_free().
 */
struct stale_report *reportmake_many(size_t nprocs, size_t nfiles_in_common,
				     size_t nfiles_of_its_own);

#endif
