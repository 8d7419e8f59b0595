/*
 * test_duration.c - spans and points of time.
 */
#include "tests/test.h"

#include <errno.h>

#include "duration.h"
#include "stale.h"

#define HUNDRED_YEARS INT64_C(3153600000) /* seconds */

static void durations_are_digits_and_one_unit(void **state)
{
	static const struct row {
		const char *label, *s;
		int rc;
		int64_t want;
	} rows[] = {
		{"nothing", "", -EINVAL, -7},
		{"a unit alone", "d", -EINVAL, -7},
		{"a minus", "-1d", -EINVAL, -7},
		{"a plus", "+1d", -EINVAL, -7},
		{"a blank before", " 1d", -EINVAL, -7},
		{"a blank between", "1 d", -EINVAL, -7},
		{"a newline after", "1d\n", -EINVAL, -7},
		{"two units", "1dd", -EINVAL, -7},
		{"two parts", "1d2h", -EINVAL, -7},
		{"a capital", "1D", -EINVAL, -7},
		{"an unknown unit", "1y", -EINVAL, -7},
		{"a fraction", "1.5h", -EINVAL, -7},
		{"hexadecimal", "0x1", -EINVAL, -7},
		{"more than a hundred years", "5215w", -ERANGE, -7},
		{"more seconds than fit", "99999999999999999999999", -ERANGE, -7},
		{"more days than fit", "3153600000d", -ERANGE, -7},
		{"a hundred years", "3153600000", 0, HUNDRED_YEARS},
		{"seconds without a unit", "90", 0, 90},
		{"nought", "0", 0, 0},
		{"leading noughts", "0009", 0, 9},
		{"seconds", "90s", 0, 90},
		{"minutes", "15m", 0, 900},
		{"hours", "2h", 0, 7200},
		{"days", "1d", 0, 86400},
		{"weeks", "2w", 0, 1209600},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].s);
		char *copy = exact_copy(rows[i].s, len);
		int64_t seconds = -7;

		row_number(rows[i].label, "rc", stale_parse_duration(copy, len, &seconds),
			   rows[i].rc);
		row_number(rows[i].label, "seconds", seconds, rows[i].want);
		free(copy);
	}
}

static void durations_are_printed_in_their_two_largest_units(void **state)
{
	static const struct row {
		int64_t seconds;
		const char *want;
	} rows[] = {
		{0, "0s"},
		{1, "1s"},
		{45, "45s"},
		{59, "59s"},
		{60, "1m"},
		{61, "1m 1s"},
		{300, "5m"},
		{3599, "59m 59s"},
		{3600, "1h"},
		{3601, "1h"},
		{3660, "1h 1m"},
		{86399, "23h 59m"},
		{86400, "1d"},
		{86400 + 59, "1d"},
		{93600, "1d 2h"},
		{777600, "9d"},
		{93600 + 3599, "1d 2h"},
		{HUNDRED_YEARS, "36500d"},
		{-5, "0s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		duration_print(&out, rows[i].seconds);
		row_text(rows[i].want, "printed", out.s, out.len, rows[i].want);
		buf_release(&out);
	}
}

static void points_of_time_are_rfc_3339_in_utc(void **state)
{
	static const struct row {
		int64_t time;
		const char *want;
	} rows[] = {
		{0, "1970-01-01T00:00:00Z"},
		{-1, "1969-12-31T23:59:59Z"},
		{1763720000, "2025-11-21T10:13:20Z"},
		{4102444800, "2100-01-01T00:00:00Z"},
		{INT64_MAX, "@9223372036854775807"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		timestamp_print(&out, rows[i].time);
		row_text(rows[i].want, "printed", out.s, out.len, rows[i].want);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_digits_and_one_unit),
		cmocka_unit_test(durations_are_printed_in_their_two_largest_units),
		cmocka_unit_test(points_of_time_are_rfc_3339_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
