/*
 * liveplugin.h - check_stale, run as a monitoring system does.
 */
#ifndef TESTS_LIVEPLUGIN_H
#define TESTS_LIVEPLUGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "live.h"
#include "livechild.h"

struct liveplugin_answer {
	char *out; /* what it wrote to standard output; owned, ended by NUL */
	size_t len;
	size_t nerr; /* how many bytes it wrote to standard error */
	int status;  /* exit code; -1: it was killed */
	double seconds;
};

/*
 * Runs a program (NULL: check_stale as built) with words ended by NULL; fails if it cannot
 * be run at all.  Release the answer with liveplugin_release().
 */
void liveplugin_run(const char *program, const char *const words[],
		    struct liveplugin_answer *ret);
/* The same as another user, who must be able to get at the program. */
void liveplugin_run_as(enum livechild_user user, const char *program,
		       const char *const words[], struct liveplugin_answer *ret);
void liveplugin_release(struct liveplugin_answer *answer);

/* The options --pid=... for what the case watches; owned by the caller. */
char *liveplugin_pids(const struct live *live);

/*
 * Runs it on what the case watches, in each format: nothing on standard error, the
 * guideline's grammar, the state that the expectations of the case demand.  Returns the
 * number of differences; prints them.
 */
unsigned liveplugin_check(const struct live *live);

#endif
