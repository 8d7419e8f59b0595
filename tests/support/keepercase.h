/*
 * keepercase.h - a library, a process that executes it, and the keeper that is to tell of
 * them: what all tests of a running keeper begin and end with.
 */
#ifndef TESTS_KEEPERCASE_H
#define TESTS_KEEPERCASE_H

#include "keeperrun.h"
#include "live.h"

#define KEEPERCASE_LIB  "libx.so.1"
#define KEEPERCASE_HOUR "interval 3600"
#define KEEPERCASE_SOON 10000 /* milliseconds; what is due at once has come by then */

/* "PID:LIB:" and a verdict, as it stands in a report.  Of use until the next call. */
const char *keepercase_row(pid_t pid, const char *why);

/* A process with the library; with the library that is deleted by now. */
struct live_process *keepercase_holder(struct live *live);
struct live_process *keepercase_stale(struct live *live);
/* Another library in its place. */
void keepercase_replace(const struct live *live);

/* Ends the keeper by SIGTERM: well, and within a second. */
void keepercase_end(struct keeperrun *run);

/* A line of /proc/PID/status of the keeper: a number to the base of 16. */
unsigned long long keepercase_status(const struct keeperrun *run, const char *name);

#endif
