/*
 * daemon.h - a daemon of somebody else, started for a test: as another user, in the
 * foreground, with a log that is shown when the test fails over it.
 *
 * It makes no folder and no configuration, and ends nothing but what it started.
 */
#ifndef TESTS_DAEMON_H
#define TESTS_DAEMON_H

#include <stdbool.h>

#include "live.h"
#include "livechild.h"

struct daemon {
	enum livechild_user user;
	const char *const *env; /* "NAME=VALUE", ended by NULL; borrowed; NULL: no more
				 * than PATH and LC_ALL, which it always gets */
	const char *log;        /* file; borrowed until daemon_stop() */
	pid_t pid;              /* 0: does not run; the leader of a group */
};

/* The first of names (ended by NULL) that can be executed; skips if there is none. */
const char *daemon_find(const struct live *live, const char *const names[]);

/* Makes a folder of the case that belongs to the user. */
void daemon_mkdir(const struct live *live, const char *name, enum livechild_user user);

/* A port on the loopback address that was free just now. */
int daemon_port(void);

/* Runs argv, which is ended by NULL; standard output and error are added to the log. */
void daemon_start(struct daemon *daemon, const char *const argv[]);

/*
 * Asks until is_ready(arg) says so.  Fails, with the log, when the daemon ended before,
 * or after half a minute.
 */
void daemon_wait(struct daemon *daemon, bool (*is_ready)(void *arg), void *arg);

/* Fails the test, with the log. */
__attribute__((format(printf, 2, 3), noreturn)) void
daemon_fail(const struct daemon *daemon, const char *format, ...);

/* Has it end, kills it if it does not, and whatever is left of its group. */
void daemon_stop(struct daemon *daemon);

#endif
