/*
 * monitored.h - the user that monitoring runs as in tests, nobody where we are root, else
 * ourselves; processes that it may see, and its plugins.
 */
#ifndef TESTS_MONITORED_H
#define TESTS_MONITORED_H

#include "live.h"
#include "livechild.h"

enum livechild_user monitored_user(void);
uid_t monitored_uid(void);

/* A holder of that user with a new file, which it is to "map" or to "open". */
struct live_process *monitored_start(struct live *live, const char *comm,
				     const char *step, const char *file);
/*
 * The same with a library that is removed then.  How long ago cannot be seen without
 * privilege, so that no --min-age leaves it out.
 */
struct live_process *monitored_start_stale(struct live *live, const char *comm,
					   const char *file);

/* Have the control not scanned, if it is of another user. */
void monitored_only(struct live *live);

/*
 * A folder plugins/ with check_stale and with a stand-in for check_by_ssh, which gives the
 * command line to a shell, as sshd does.
 */
void monitored_make_plugins(const struct live *live);

/* The PIDs of what is scanned, with commas; owned by the caller. */
char *monitored_pids(const struct live *live);

#endif
