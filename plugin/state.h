/*
 * state.h - the four states of a plugin.  Their values are the exit codes.
 */
#ifndef PLUGIN_STATE_H
#define PLUGIN_STATE_H

#include <stddef.h>

enum state {
	STATE_OK = 0,
	STATE_WARNING = 1,
	STATE_CRITICAL = 2,
	STATE_UNKNOWN = 3,
};

/* OK < UNKNOWN < WARNING < CRITICAL: what could not be seen never hides what was. */
enum state state_worst(enum state a, enum state b);

/* "OK" "WARNING" "CRITICAL" "UNKNOWN" */
const char *state_name(enum state state);

/* One of the four words, in any case.  Returns 0 or -EINVAL. */
int state_parse(const char *s, size_t len, enum state *ret);

#endif
