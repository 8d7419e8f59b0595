/*
 * live.h - a test case on real processes: a folder of its own, files in it, programs that
 * hold them, among them a control that must never be reported.
 *
 * Every function that cannot do its work fails the test; where the machine does not let
 * us (a missing privilege, no overlayfs, ...) the test is skipped with the reason.  Names
 * of files are relative to the folder of the case, or absolute.
 */
#ifndef TESTS_LIVE_H
#define TESTS_LIVE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "scan/stale.h"

#define LIVE_MAX 16

/* A program that we started: holder.c or one that talks as it does. */
struct live_process {
	pid_t pid;    /* what it is to be scanned as */
	int input;    /* ours */
	int output;   /* ours */
	pid_t child;  /* 0: ended */
	bool endless; /* does not end with its input, must be killed */
};

/* One file that the report must tell. */
struct live_want {
	pid_t pid;
	enum stale_kind kind;
	enum stale_why why;
	char *path; /* owned by the case */
	enum stale_since since_source;
	int fd;        /* of a STALE_FD; else -1 */
	int64_t bytes; /* of a STALE_FD or STALE_DATA; else -1 */
	const char
		*rule; /* borrowed; not NULL: ignored for this, the above says nothing */
};

struct live {
	const char *name; /* of the test; borrowed */
	const void *row;  /* initial state of the test; borrowed */
	char dir[PATH_MAX];
	int dirfd;                               /* -1: there is no place for a folder */
	struct live_process processes[LIVE_MAX]; /* [0] is the control */
	size_t nprocesses;
	pid_t pids[LIVE_MAX]; /* what is scanned */
	size_t npids;
	struct live_want wants[LIVE_MAX];
	size_t nwants;
	char *mounts[LIVE_MAX]; /* to be unmounted at the end; owned */
	size_t nmounts;
	struct stale_options opt; /* what is asked for, besides what is watched */
	time_t began;             /* seconds since the epoch */
	bool text;    /* PROCMAP_QUERY cannot be used for one of the processes */
	bool undated; /* ages are not looked at */
};

/* For rows of tables: a name is all that must stand first in one. */
struct live_row {
	const char *name;
};

/* Initial state: the row, or NULL.  State: struct live. */
int live_setup(void **state);
int live_teardown(void **state);

/* For an array in main(). */
#define LIVE_TEST(f)                                                                     \
	{                                                                                \
#f, f, live_setup, live_teardown, &(struct live_row)                     \
		{                                                                        \
#f                                                               \
		}                                                                        \
	}
#define LIVE_ROW(f, row)                                                                 \
	{                                                                                \
		(row)->name, f, live_setup, live_teardown, row                           \
	}

/* Prints why and leaves the test. */
void live_skip(const struct live *live, const char *reason) __attribute__((noreturn));
/* Can we look at deleted files through /proc/PID/map_files? */
bool live_sees_old_inodes(void);
/* Skips when there was no place for the folder; what needs it calls this itself. */
void live_need_dir(const struct live *live);
/* Skips unless we have all privileges. */
void live_need_root(const struct live *live);
/* A mount namespace for this program alone, once; skips where that is not allowed. */
void live_own_mounts(struct live *live);

/* $STALE_BUILD, or where this program was built. */
const char *live_build_dir(void);
/* A program in it: "tests/holder".  Owned by the caller. */
char *live_built(const char *name);
/* The path within the folder, owned by the caller. */
char *live_path(const struct live *live, const char *name);

/* A shared object; soname may be NULL; build: a letter for the build-id, 0: none. */
void live_lib(const struct live *live, const char *name, const char *soname, char build);
/* A copy of tests/holder or the like. */
void live_program(const struct live *live, const char *name, const char *of, char build);
void live_text(const struct live *live, const char *name, const char *text);
void live_copy(const struct live *live, const char *from, const char *to);
void live_mkdir(const struct live *live, const char *name);
void live_link(const struct live *live, const char *from, const char *to);
void live_symlink(const struct live *live, const char *target, const char *name);
void live_rename(const struct live *live, const char *from, const char *to);
void live_unlink(const struct live *live, const char *name);
/* In our own mount namespace; undone at the end. */
void live_mount(struct live *live, const char *type, const char *name, const char *from);

/* Births of files and starts of processes before and after this are told apart. */
void live_next_tick(void);

/* Starts a program (NULL: holder) with words ended by NULL, and waits until it is ready. */
struct live_process *live_spawn(struct live *live, const char *program,
				const char *const words[]);
#define live_start(live, ...)                                                            \
	live_spawn(live, NULL, (const char *const[]){__VA_ARGS__, NULL})
/* Has a holder take one more step; returns the number that it answers. */
long live_tell(const struct live *live, const struct live_process *process,
	       const char *const words[]);
#define live_step(live, process, ...)                                                    \
	live_tell(live, process, (const char *const[]){__VA_ARGS__, NULL})
/* Ends a program and waits for it. */
void live_stop(struct live *live, struct live_process *process);
/* Have this process scanned too, or not. */
void live_watch(struct live *live, pid_t pid);
void live_unwatch(struct live *live, pid_t pid);

/* Expectations. name: of the file, as the kernel gives it. */
struct live_want *live_expect(struct live *live, pid_t pid, enum stale_kind kind,
			      const char *name, enum stale_why why);
void live_expect_ignored(struct live *live, pid_t pid, const char *name,
			 const char *rule);

#endif
