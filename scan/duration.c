/*
 * duration.c - spans of time as people write them: "90s", "15m", "1d", "2w".
 */
#include <errno.h>

#include "stale.h"

#define LONGEST INT64_C(3153600000) /* seconds; a hundred years */

static int64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return INT64_C(7) * 86400;
	}
	return 0;
}

int stale_parse_duration(const char *s, size_t len, int64_t *ret_seconds)
{
	int64_t number = 0, unit = 1;
	size_t i;

	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		number = number * 10 + (s[i] - '0');
		if (number > LONGEST)
			return -ERANGE;
	}
	if (i == 0)
		return -EINVAL;
	if (i < len)
		unit = unit_seconds(s[i++]);
	if (i < len || unit == 0)
		return -EINVAL;
	if (number > LONGEST / unit)
		return -ERANGE;
	*ret_seconds = number * unit;
	return 0;
}
