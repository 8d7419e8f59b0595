/*
 * date.c - times as a manager reads them: a date in UTC, or an age in seconds.
 */
#include "snapshot.h"

#include <string.h>
#include <time.h>

/* Without the fields for a time zone; all zero says that the time is not known. */
#define DATE_UNKNOWN_LEN 8
#define YEAR_MAX         UINT16_MAX

uint32_t snapshot_age(int64_t since, int64_t now)
{
	if (since <= 0)
		return 0;
	/* Of the future is as young as can be: the clock may have been set back. */
	if (now <= since)
		return 1;
	return now - since < UINT32_MAX ? (uint32_t)(now - since) : UINT32_MAX;
}

size_t snapshot_date(int64_t time, uint8_t out[11])
{
	const time_t seconds = time;
	struct tm tm;

	if (time <= 0 || !gmtime_r(&seconds, &tm) || tm.tm_year > YEAR_MAX - 1900) {
		memset(out, 0, DATE_UNKNOWN_LEN);
		return DATE_UNKNOWN_LEN;
	}
	out[0] = (uint8_t)((tm.tm_year + 1900) >> 8);
	out[1] = (uint8_t)((tm.tm_year + 1900) & 0xff);
	out[2] = (uint8_t)(tm.tm_mon + 1);
	out[3] = (uint8_t)tm.tm_mday;
	out[4] = (uint8_t)tm.tm_hour;
	out[5] = (uint8_t)tm.tm_min;
	out[6] = (uint8_t)tm.tm_sec;
	out[7] = 0;
	out[8] = '+';
	out[9] = 0;
	out[10] = 0;
	return 11;
}
