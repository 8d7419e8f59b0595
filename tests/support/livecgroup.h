/*
 * livecgroup.h - control groups of a live case, in the machine's hierarchy of version 2:
 * made for the case and removed after it.  Nothing else in there is touched.
 */
#ifndef TESTS_LIVECGROUP_H
#define TESTS_LIVECGROUP_H

#include "live.h"

/* In place of those of live.h: also removes the groups, once the processes have ended. */
int livecgroup_teardown(void **state);

#define LIVECGROUP_TEST(f)                                                               \
	{                                                                                \
#f, f, live_setup, livecgroup_teardown, &(struct live_row)               \
		{                                                                        \
#f                                                               \
		}                                                                        \
	}
#define LIVECGROUP_ROW(f, row)                                                           \
	{                                                                                \
		(row)->name, f, live_setup, livecgroup_teardown, row                     \
	}

/*
 * A name that is ours alone: "%" becomes our PID, "&" the 64 digits of a container's id.
 * Owned by the caller.
 */
char *livecgroup_name(const char *pattern);

/*
 * Moves a process into the group of that name, below the root of the hierarchy; makes it,
 * and those above it.  Skips where that is not allowed, and where another hierarchy says
 * whose a process is.
 */
void livecgroup_enter(struct live *live, pid_t pid, const char *pattern);
/* The same without a word.  Returns 0 or -errno; -ENODEV, -EXDEV: these two reasons. */
int livecgroup_try(pid_t pid, const char *pattern);

#endif
