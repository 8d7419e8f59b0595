/*
 * exits.h - which stale processes have ended, told by the kernel at once.
 *
 * One descriptor for all of them, whatever their number, and no look at any of them until
 * one ends.  What cannot be watched, or is beyond the limit, is left to those who look
 * again now and then; a process that goes on as another program is, too.
 */
#ifndef SNMP_EXITS_H
#define SNMP_EXITS_H

#include "stale.h"

#define EXITS_MAX 4096 /* processes */

struct exits; /* one thread */

/*
 * max: processes at most, less where this process may not open as many files; raises that
 * limit as far as it may.  Returns 0 and hands over *ret (exits_free()), or -errno.
 */
int exits_new(size_t max, struct exits **ret);
void exits_free(struct exits *exits); /* NULL is a no-op */

/*
 * Watches the processes of the report, and those alone; NULL: none.  Those that have ended
 * already are among what exits_take() tells.  Returns 0 or -ENOMEM with nothing changed.
 */
int exits_watch(struct exits *exits, const struct stale_report *report);

/* Readable when exits_read() has something to do. */
int exits_fd(const struct exits *exits);
void exits_read(struct exits *exits);

/*
 * Those that have ended since this was called last.  Borrowed until the next call of
 * anything above.  Returns how many.
 */
size_t exits_take(struct exits *exits, const struct stale_identity **ret_list);

/* How many are watched. */
size_t exits_count(const struct exits *exits);

#endif
