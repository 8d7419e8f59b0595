/*
 * spawn.h - what a child takes off that it would inherit, before its own work.
 */
#ifndef SNMP_SPAWN_H
#define SNMP_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/* Has the kernel send signal to this process when parent ends.  Returns 0, or -ECANCELED
 * where it has ended before. */
int spawn_tie(pid_t parent, int signal);

/* Default signals, none blocked. */
void spawn_reset_signals(void);

/* Closes all descriptors above 2 but those to keep (at most 8; negative: none). */
void spawn_close_but(const int *keep, size_t n);

/* Makes 0 to 2 /dev/null.  Returns 0 or -errno. */
int spawn_null(void);

#endif
