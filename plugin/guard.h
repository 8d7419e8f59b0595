/*
 * guard.h - runs what may hang in the kernel, and does not hang with it.
 *
 * The work is done in a child that holds none of our descriptors: when it cannot even be
 * killed (D state), our caller still gets end of file and can reap us.  A thread would
 * not do: its process stays a zombie and the pipe open until the thread returns.
 */
#ifndef PLUGIN_GUARD_H
#define PLUGIN_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct guard_result {
	int rc;     /* what work returned: 0 or a negative errno; else 0 */
	int signal; /* that ended it, if another than ours did; 0: none */
	bool timed_out;
	int64_t elapsed_us; /* microseconds */
};

/* What to do while waiting. */
struct guard_tick {
	void (*call)(void *arg);
	void *arg;
	int64_t every_us; /* microseconds; the first time when they are over */
};

struct guard_work {
	int (*child)(void *arg);
	/* What is to be done here as soon as the child is there; NULL: nothing. */
	int (*parent)(void *arg);
	void *arg;
};

/*
 * Calls work->child(arg) in a child and waits for it at most timeout_us.  What it is to
 * hand back must be in memory that was shared before.  It finds all descriptors closed
 * but 0 to 2, which are /dev/null, and default signals; it is killed with its parent.
 * tick may be NULL.  Uses SIGCHLD.  Returns 0 and *ret, or a negative errno: there is no
 * child to be had, or work->parent() said so, and the child was ended.
 */
int guard_run(const struct guard_work *work, int64_t timeout_us,
	      const struct guard_tick *tick, struct guard_result *ret);

#endif
