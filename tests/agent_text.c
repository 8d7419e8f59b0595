/*
 * agent_text.c - what a column can hold: printable text of at most 255 octets, dates, ages.
 */
#include "tests/test.h"

#include "snmp/text.h"

/* head, as many "x", and tail. */
static void build(char *out, const char *head, size_t xs, const char *tail)
{
	size_t len = strlen(head);

	memcpy(out, head, len);
	memset(out + len, 'x', xs);
	memcpy(out + len + xs, tail, strlen(tail) + 1);
}

static void texts_are_printable_and_cut_in_front(void **state)
{
	static const struct {
		const char *label;
		const char *head;
		size_t xs;
		const char *tail;
		const char *want_head;
		size_t want_xs;
	} cases[] = {
		{"empty", "", 0, "", "", 0},
		{"plain", "/lib/", 0, "a.so", "/lib/", 0},
		{"escapes", "a\nb\x01\\", 0, "c", "a\\nb\\x01\\\\", 0},
		{"all of ASCII that is plain", " !~", 0, "", " !~", 0},
		{"below and above that", "\x1f\x7f", 0, "", "\\x1f\\x7f", 0},
		{"invalid UTF-8", "\xff\xc3(", 0, "", "\\xff\\xc3(", 0},
		{"C1", "\xc2\x9b", 0, "", "\\xc2\\x9b", 0},
		{"just fits", "ab", 252, "c", "ab", 252},
		{"just fits by an escape", "\n", 252, "c", "\\n", 252},
		{"one too long", "abc", 252, "c", "...", 251},
		{"one too long by an escape", "a\n", 252, "c", "...", 251},
		{"a character fits as a whole", "abcd\xc3\xa4", 249, "c", "...\xc3\xa4",
		 249},
		{"a character of two is not cut", "abcd\xc3\xa4", 250, "c", "...", 250},
		{"a character of four is not cut", "ab\xf0\x9f\x98\x80", 249, "c", "...",
		 249},
		{"an escape of four is not cut", "abcd\x01", 249, "c", "...", 249},
		{"an escape of four fits", "abcd\x01", 247, "c", "...\\x01", 247},
		{"a C1 character is not cut", "abcd\xc2\x9b", 244, "c", "...", 244},
		{"a C1 character fits", "abcd\xc2\x9b", 243, "c", "...\\xc2\\x9b", 243},
		{"very long", "/", 100000, "c", "...", 251},
	};

	static char in[100200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char want[SNAPSHOT_TEXT_MAX + 1], got[SNAPSHOT_TEXT_MAX + 1];
		size_t len;

		build(in, cases[i].head, cases[i].xs, cases[i].tail);
		build(want, cases[i].want_head, cases[i].want_xs, cases[i].tail);
		len = text_render(in, got);
		row_text(cases[i].label, "text", got, len, want);
		row_number(cases[i].label, "end", got[len], '\0');
	}
}

/* As published by those who made the hash. */
static void the_hash_is_fnv_1a(void **state)
{
	static const struct {
		const char *s;
		uint32_t want;
	} cases[] = {
		{"", 0x811c9dc5},
		{"a", 0xe40c292c},
		{"foobar", 0xbf9cf968},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		row_number(cases[i].s, "hash", text_hash(cases[i].s), cases[i].want);
	assert_int_equal(text_hash("\xff"),
			 (uint32_t)((UINT32_C(0x811c9dc5) ^ 0xff) * UINT64_C(16777619)));
}

static void dates_are_in_utc(void **state)
{
	static const struct {
		const char *label;
		int64_t time;
		uint16_t year;
		uint8_t rest[5];
	} cases[] = {
		{"the first second", 1, 1970, {1, 1, 0, 0, 1}},
		{"before a leap day", 951782399, 2000, {2, 28, 23, 59, 59}},
		{"a leap day", 951782400, 2000, {2, 29, 0, 0, 0}},
		{"after a leap day", 951868800, 2000, {3, 1, 0, 0, 0}},
		{"last day of a leap year", 1735603200, 2024, {12, 31, 0, 0, 0}},
		{"2038, the last that 31 bits hold", INT32_MAX, 2038, {1, 19, 3, 14, 7}},
		{"2038, one more", INT64_C(2147483648), 2038, {1, 19, 3, 14, 8}},
		{"2100 has no leap day", INT64_C(4107542400), 2100, {3, 1, 0, 0, 0}},
		{"2106, the last that 32 bits hold", UINT32_MAX, 2106, {2, 7, 6, 28, 15}},
		{"9999, the last second",
		 INT64_C(253402300799),
		 9999,
		 {12, 31, 23, 59, 59}},
		{"10000", INT64_C(253402300800), 10000, {1, 1, 0, 0, 0}},
		{"65535, the last second",
		 INT64_C(2005949145599),
		 65535,
		 {12, 31, 23, 59, 59}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t got[11];

		row_number(cases[i].label, "length", snapshot_date(cases[i].time, got),
			   11);
		row_number(cases[i].label, "year", got[0] << 8 | got[1], cases[i].year);
		for (size_t k = 0; k < 5; k++)
			row_number(cases[i].label, "field", got[2 + k], cases[i].rest[k]);
		assert_memory_equal(got + 7, "\0+\0\0", 4);
	}
}

static void a_time_that_is_not_known_has_eight_zero_octets(void **state)
{
	static const struct {
		const char *label;
		int64_t time;
	} cases[] = {
		{"unknown", 0},
		{"before the epoch", -1},
		{"the earliest", INT64_MIN},
		{"the year 65536", INT64_C(2005949145600)},
		{"a year that int does not hold", INT64_C(1) << 60},
		{"the latest", INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t got[11];

		untouched_init(got, sizeof(got));
		row_number(cases[i].label, "length", snapshot_date(cases[i].time, got),
			   8);
		assert_memory_equal(got, "\0\0\0\0\0\0\0\0", 8);
		assert_true(untouched(got + 8, 3));
	}
}

static void ages_are_whole_seconds(void **state)
{
	static const struct {
		const char *label;
		int64_t since, now;
		uint32_t want;
	} cases[] = {
		{"unknown", 0, 1000, 0},
		{"before the epoch", -1, 1000, 0},
		{"now", 1000, 1000, 1},
		{"a second", 999, 1000, 1},
		{"two seconds", 998, 1000, 2},
		{"of the future", 1001, 1000, 1},
		{"of the far future", INT64_MAX, -INT64_MAX, 1},
		{"the largest but one", 1, UINT32_MAX, UINT32_MAX - 1},
		{"the largest", 1, INT64_C(1) + UINT32_MAX, UINT32_MAX},
		{"too large", 1, INT64_C(2) + UINT32_MAX, UINT32_MAX},
		{"far too large", 1, INT64_MAX, UINT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		row_number(cases[i].label, "age",
			   snapshot_age(cases[i].since, cases[i].now), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_printable_and_cut_in_front),
		cmocka_unit_test(the_hash_is_fnv_1a),
		cmocka_unit_test(dates_are_in_utc),
		cmocka_unit_test(a_time_that_is_not_known_has_eight_zero_octets),
		cmocka_unit_test(ages_are_whole_seconds),
	};

	return cmocka_run_group_tests_name("text and dates", tests, NULL, NULL);
}
