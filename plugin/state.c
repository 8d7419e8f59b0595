/*
 * state.c - the four states of a plugin.
 */
#include "state.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static int severity(enum state state)
{
	switch (state) {
	case STATE_OK:
		return 0;
	case STATE_UNKNOWN:
		return 1;
	case STATE_WARNING:
		return 2;
	case STATE_CRITICAL:
		return 3;
	}
	return 1;
}

enum state state_worst(enum state a, enum state b)
{
	return severity(b) > severity(a) ? b : a;
}

const char *state_name(enum state state)
{
	switch (state) {
	case STATE_OK:
		return "OK";
	case STATE_WARNING:
		return "WARNING";
	case STATE_CRITICAL:
		return "CRITICAL";
	case STATE_UNKNOWN:
		break;
	}
	return "UNKNOWN";
}

int state_parse(const char *s, size_t len, enum state *ret)
{
	static const enum state all[] = {STATE_OK, STATE_WARNING, STATE_CRITICAL,
					 STATE_UNKNOWN};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *name = state_name(all[i]);

		if (strlen(name) == len && strncasecmp(name, s, len) == 0) {
			*ret = all[i];
			return 0;
		}
	}
	return -EINVAL;
}
