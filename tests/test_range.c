/*
 * test_range.c - thresholds as the guideline defines them, and nothing else.
 */
#include "tests/test.h"

#include <errno.h>
#include <math.h>

#include "range.h"

static int parse(const char *s, enum range_unit unit, struct range *ret)
{
	size_t len = strlen(s);
	char *copy = exact_copy(s, len);
	const char *reason = NULL;
	int rc = range_parse(copy, len, unit, ret, &reason);

	if (rc < 0 && (!reason || !*reason))
		rc = 1; /* refused without a word */
	free(copy);
	return rc;
}

static void what_is_no_range_is_refused(void **state)
{
	static const struct row {
		const char *label, *s;
	} rows[] = {
		{"nothing", ""},
		{"a colon", ":"},
		{"a tilde", "~"},
		{"an at", "@"},
		{"an at and a colon", "@:"},
		{"both ends infinite", "~:~"},
		{"an infinite end", "5:~"},
		{"end below start", "2:1"},
		{"end below start, negative", "-1:-2"},
		{"a negative end alone", "-5"},
		{"a word", "abc"},
		{"a number and a letter", "10a"},
		{"a letter and a number", "a10"},
		{"three numbers", "1:2:3"},
		{"two colons", "1::2"},
		{"two ats", "@@1"},
		{"an at in the middle", "1:@2"},
		{"hexadecimal", "0x10"},
		{"infinity", "inf"},
		{"no number", "nan"},
		{"an exponent out of range", "1e400"},
		{"an exponent", "1e3"},
		{"a plus", "+1"},
		{"two minuses", "--1"},
		{"a minus", "-"},
		{"a blank before", " 1"},
		{"a blank after", "1 "},
		{"a blank after the colon", "1: 2"},
		{"a newline after", "1\n"},
		{"a comma", "1,5"},
		{"a percent sign", "10%"},
		{"a point first", ".5"},
		{"a point last", "5."},
		{"two points", "1.2.3"},
		{"more digits than a double holds", "1234567890123456"},
		{"the same with a point", "1234567890.123456"},
		{"a unit where there is none", "10s"},
		{"a semicolon", "1;2"},
		{"bad UTF-8", "\xff"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct range range = {.start = 42, .end = 43};

		row_number(rows[i].label, "rc", parse(rows[i].s, RANGE_NUMBER, &range),
			   -EINVAL);
		row_number(rows[i].label, "untouched start", range.start, 42);
		row_number(rows[i].label, "untouched end", range.end, 43);
	}
}

static void what_is_no_time_is_refused_for_an_age(void **state)
{
	static const char *const rows[] = {"d",   "1x",     "1dd",          "1d2h",
					   "-1d", "1.5h",   "2d:1h",        "1 d",
					   "~:~", "1d:1d:", "99999999999w", ""};
	struct range range;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_number(rows[i], "rc", parse(rows[i], RANGE_SECONDS, &range), -EINVAL);
}

static void ranges_alert_where_the_guideline_says(void **state)
{
	static const struct row {
		const char *s;
		double value;
		bool want;
	} rows[] = {
		{"10", -1, true},        {"10", 0, false},      {"10", 10, false},
		{"10", 10.5, true},      {"0", 0, false},       {"0", 1, true},
		{"10:", 9, true},        {"10:", 10, false},    {"10:", 1e300, false},
		{"~:10", -1e300, false}, {"~:10", 10, false},   {"~:10", 11, true},
		{"10:20", 9, true},      {"10:20", 10, false},  {"10:20", 20, false},
		{"10:20", 21, true},     {"@10:20", 9, false},  {"@10:20", 10, true},
		{"@10:20", 20, true},    {"@10:20", 21, false}, {"@10", 0, true},
		{"@10", 10, true},       {"@10", 11, false},    {":10", -1, true},
		{":10", 0, false},       {":10", 10, false},    {"1:1", 1, false},
		{"1:1", 2, true},        {"~:", 1e300, false},  {"@~:", 0, true},
		{"-3:-1", -2, false},    {"-3:-1", 0, true},    {"-3:", -4, true},
		{"0.5", 0.5, false},     {"0.5", 0.75, true},   {"-0", 0, false},
		{"@0", 0, true},         {"@0", 1, false},      {"007", 7, false},
		{"007", 8, true},        {"1:", 0, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct range range;

		row_number(rows[i].s, "rc", parse(rows[i].s, RANGE_NUMBER, &range), 0);
		row_number(rows[i].s, "alert", range_alerts(&range, rows[i].value),
			   rows[i].want);
	}
}

static void a_range_that_is_not_set_never_alerts(void **state)
{
	const struct range none = {0};

	(void)state;
	assert_false(range_alerts(&none, 0));
	assert_false(range_alerts(&none, 1e300));
	assert_false(range_alerts(&none, -1));
}

static void ranges_are_printed_in_plain_numbers(void **state)
{
	static const struct row {
		const char *s;
		enum range_unit unit;
		const char *want;
	} rows[] = {
		{"10", RANGE_NUMBER, "10"},
		{"0", RANGE_NUMBER, "0"},
		{"-0", RANGE_NUMBER, "0"},
		{"0:", RANGE_NUMBER, "0:"},
		{":10", RANGE_NUMBER, "10"},
		{"0:10", RANGE_NUMBER, "10"},
		{"10:", RANGE_NUMBER, "10:"},
		{"~:10", RANGE_NUMBER, "~:10"},
		{"~:", RANGE_NUMBER, "~:"},
		{"@10:20", RANGE_NUMBER, "@10:20"},
		{"@10", RANGE_NUMBER, "@10"},
		{"-3:-1", RANGE_NUMBER, "-3:-1"},
		{"0.1:0.25", RANGE_NUMBER, "0.1:0.25"},
		{"0.000000000001", RANGE_NUMBER, "0.000000000001"},
		{"123456789012345:", RANGE_NUMBER, "123456789012345:"},
		{"7d", RANGE_SECONDS, "604800"},
		{"90s:15m", RANGE_SECONDS, "90:900"},
		{"@1h:2w", RANGE_SECONDS, "@3600:1209600"},
		{"~:60", RANGE_SECONDS, "~:60"},
		{"1d:", RANGE_SECONDS, "86400:"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;
		struct range range;

		row_number(rows[i].s, "rc", parse(rows[i].s, rows[i].unit, &range), 0);
		range_print(&out, &range);
		row_text(rows[i].s, "printed", out.s, out.len, rows[i].want);
		buf_release(&out);
	}
}

static void a_range_that_is_not_set_prints_nothing(void **state)
{
	const struct range none = {0};
	struct buf out = BUF_INIT;

	(void)state;
	range_print(&out, &none);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_range_is_refused),
		cmocka_unit_test(what_is_no_time_is_refused_for_an_age),
		cmocka_unit_test(ranges_alert_where_the_guideline_says),
		cmocka_unit_test(a_range_that_is_not_set_never_alerts),
		cmocka_unit_test(ranges_are_printed_in_plain_numbers),
		cmocka_unit_test(a_range_that_is_not_set_prints_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
