/*
 * granted.h - check_stale with capabilities in its file, run by somebody who has none,
 * and looked at from outside while it runs.
 */
#ifndef TESTS_GRANTED_H
#define TESTS_GRANTED_H

#include "livechild.h"
#include "liveplugin.h"

#define GRANTED_PTRACE "cap_sys_ptrace=p"
#define GRANTED_ALL    "cap_sys_ptrace,cap_dac_read_search,cap_checkpoint_restore=p"

/*
 * Copies check_stale into the folder of the case, and gives the file capabilities as
 * cap_from_text(3) has them; NULL: none.  Skips where they cannot be given.  Returns the
 * path, owned by the caller.
 */
char *granted_copy(struct live *live, const char *name, const char *caps);

/* How a program is started. */
struct granted_way {
	enum livechild_user user;
	/* In the child, before it becomes that user; 0, or -errno.  NULL: nothing. */
	int (*before)(void);
	bool no_name; /* argv is empty; no words then */
};

/* Starts a program with words ended by NULL, its standard output being out.  What it
 * prints to standard error is in *ret_err, a descriptor of the caller, which may be NULL. */
pid_t granted_start(const char *program, const char *const words[],
		    const struct granted_way *way, int out, int *ret_err);
/* The same, to the end.  Release with liveplugin_release(). */
void granted_run(const char *program, const char *const words[],
		 const struct granted_way *way, struct liveplugin_answer *ret);

/* What /proc/PID/status tells of a process that may do what it is asked about. */
struct granted_status {
	unsigned long long inheritable, permitted, effective, bounding, ambient;
	int no_new_privs;
	unsigned uid; /* effective */
};

/* Of /proc/PID/status, or a copy of it.  Returns whether it could be read. */
bool granted_read_status(const char *path, struct granted_status *ret);
bool granted_status_of(pid_t pid, struct granted_status *ret);

/* The three of GRANTED_ALL. */
unsigned long long granted_all(void);

/* Fails unless nothing is left, nor can be had again. */
void granted_expect_none(const char *whose, const struct granted_status *status);

#endif
