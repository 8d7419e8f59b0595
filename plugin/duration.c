/*
 * duration.c - spans and points of time, for people and for programs.
 */
#include "duration.h"

#include <time.h>

void duration_print(struct buf *t, int64_t seconds)
{
	static const struct {
		char letter;
		long long seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	long long left = seconds > 0 ? seconds : 0;
	size_t i = 0;

	while (units[i].seconds > 1 && left < units[i].seconds)
		i++;
	buf_printf(t, "%lld%c", left / units[i].seconds, units[i].letter);
	left %= units[i].seconds;
	if (left && left >= units[i + 1].seconds)
		buf_printf(t, " %lld%c", left / units[i + 1].seconds,
			   units[i + 1].letter);
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
