/*
 * log.h - what the daemon says: to standard error, a file, or syslog, as -L wants it.
 *
 * One line each, in printable form whatever it was made of.  What is said again and again
 * is held back: the same words at most 5 times a minute, then how often they were left
 * out.
 */
#ifndef SNMP_LOG_H
#define SNMP_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

/*
 * The value of -L, as Net-SNMP's daemons have it: "e" (standard error), "o" (standard
 * output), "n" (nowhere), "f FILE" or "fFILE", "s" or "sFACILITY" (d: daemon, u: user,
 * 0-7: local0-7).  Opens nothing.  Returns 0, or -EINVAL with what would be right.
 */
int log_parse(const char *value, const char **ret_wrong);

/* Opens what was asked for (default: standard error).  Returns 0 or -errno. */
int log_open(void);
void log_close(void);
/* A file again, by its name: after it was rotated.  Keeps the old one where that fails. */
void log_reopen(void);

/* The descriptor that messages go to, to be left open in a child; -1: none is. */
int log_fd(void);

/* Messages less urgent than level (LOG_ERR, ..., LOG_DEBUG) are not said; LOG_INFO. */
void log_set_level(int level);

/* "keeper: " or the like stands before all messages of this process; borrowed. */
void log_set_role(const char *role);

__attribute__((format(printf, 2, 3))) void log_say(int level, const char *format, ...);

#endif
