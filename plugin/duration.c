/*
 * duration.c - spans and points of time, for people and for programs.
 */
#include "duration.h"

#include <errno.h>
#include <time.h>

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

int duration_parse(const char *s, size_t len, int64_t *ret_seconds)
{
	int64_t number = 0, unit = 1;
	size_t i;

	for (i = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		number = number * 10 + (s[i] - '0');
		if (number > DURATION_MAX)
			return -ERANGE;
	}
	if (i == 0)
		return -EINVAL;
	if (i < len)
		unit = unit_seconds(s[i++]);
	if (i < len || unit == 0)
		return -EINVAL;
	if (number > DURATION_MAX / unit)
		return -ERANGE;
	*ret_seconds = number * unit;
	return 0;
}

void duration_print(struct buf *t, int64_t seconds)
{
	static const char units[] = "dhms";
	long long left = seconds > 0 ? seconds : 0;
	size_t i = 0;

	while (units[i] != 's' && left < unit_seconds(units[i]))
		i++;
	buf_printf(t, "%lld%c", left / unit_seconds(units[i]), units[i]);
	left %= unit_seconds(units[i]);
	if (left && left >= unit_seconds(units[i + 1]))
		buf_printf(t, " %lld%c", left / unit_seconds(units[i + 1]), units[i + 1]);
}

void timestamp_print(struct buf *t, int64_t time)
{
	time_t when = (time_t)time;
	struct tm tm;

	if (!gmtime_r(&when, &tm)) { /* a year that int does not hold */
		buf_printf(t, "@%lld", (long long)time);
		return;
	}
	buf_printf(t, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
