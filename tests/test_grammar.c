/*
 * test_grammar.c - the checker of plugin output is checked itself: what it lets pass, and
 * that every rule of it can fail.
 */
#include "tests/test.h"

#include "tests/support/grammar.h"

#define OK   "STALE OK - fine | "
#define A119 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaaaaaa"
#define A10  "aaaaaaaaaa"

static int check(const char *out, size_t max, char *why, size_t size)
{
	size_t len = strlen(out);
	char *copy = exact_copy(out, len);
	int rc = grammar_check(copy, len, max, why, size);

	free(copy);
	return rc;
}

static void good_output_passes(void **state)
{
	static const char *const rows[] = {
		OK "a=1\n",
		OK "a=1;;;0 b_2=-1.5s;0;@~:10;0;5 c=U;10:20;10:\n",
		OK "a=1B a=1KB a=1MB a=1% a=1c a=1us a=1ms\n",
		"STALE WARNING - sshd (2 processes): x | a=1\n[WARNING] sshd\n... and 1 "
		"more\n",
		"STALE CRITICAL - \\\\ \\n \\t \\r \\x1b \\xff \xc3\xa4\xe2\x82\xac | "
		"a=1\n",
		"STALE UNKNOWN - \xf0\x9f\x98\x80 | a=1\nx\\x7c\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char why[128] = "";

		row_number(rows[i], why, check(rows[i], 4096, why, sizeof(why)), 0);
	}
}

static const struct fault {
	const char *out, *why;
} faults[] = {
	{"", "no newline"},
	{OK "a=1", "no newline"},
	{"\n", "empty line"},
	{OK "a=1\n\nx\n", "empty line"},
	{"OK - fine | a=1\n", "no \"STALE"},
	{"STALE FINE - fine | a=1\n", "no \"STALE"},
	{"STALE OK fine | a=1\n", "no \"STALE"},
	{"STALE OK - | a=1\n", "no \"STALE"},
	{"STALE OK - fine\n", "no '|'"},
	{"STALE OK - fine| a=1\n", "one blank around"},
	{"STALE OK - fine  | a=1\n", "one blank around"},
	{"STALE OK - fine |a=1\n", "one blank around"},
	{"STALE OK - fine | \n", "one blank around"},
	{"STALE OK - fine; | a=1\n", "meaning"},
	{"STALE OK - <b> | a=1\n", "meaning"},
	{"STALE OK - a>b | a=1\n", "meaning"},
	{"STALE OK - a&b | a=1\n", "meaning"},
	{"STALE OK - a\tb | a=1\n", "control"},
	{"STALE OK - a\033[1m | a=1\n", "control"},
	{"STALE OK - a\x7f | a=1\n", "control"},
	{"STALE OK - a\r | a=1\n", "control"},
	{"STALE OK - a\xc2\x85 | a=1\n", "control"},
	{"STALE OK - a\xff | a=1\n", "control"},
	{"STALE OK - a\xe2\x82 | a=1\n", "control"},
	{"STALE OK - a\xc1\x81 | a=1\n", "control"},
	{"STALE OK - a\xe0\x81\x81 | a=1\n", "control"},
	{"STALE OK - a\xed\xa0\x80 | a=1\n", "control"},
	{"STALE OK - a\xf4\x90\x80\x80 | a=1\n", "control"},
	{"STALE OK - a\x80 | a=1\n", "control"},
	{"STALE OK - a\\x1 | a=1\n", "escape"},
	{"STALE OK - a\\x1B | a=1\n", "escape"},
	{"STALE OK - a\\q | a=1\n", "escape"},
	{"STALE OK - a\\ | a=1\n", "escape"},
	{OK "a=1\nx\\x1\n", "escape"},
	{OK "a=1\nx\\\n", "escape"},
	{OK "a=1\nx | b=2\n", "meaning"},
	{OK "a=1\nx;y\n", "meaning"},
	{OK "a=1\nx\ty\n", "control"},
	{OK "a=1  b=2\n", "label"},
	{OK "a=1 \n", "after the last field"},
	{OK "a=1 | b=2\n", "label"},
	{OK "=1\n", "label"},
	{OK "a b=1\n", "label"},
	{OK "A=1\n", "label"},
	{OK "a::b=1\n", "label"},
	{OK "abcdefghijklmnopqrst=1\n", "label"},
	{OK "a=\n", "neither"},
	{OK "a=x\n", "neither"},
	{OK "a=1.\n", "neither"},
	{OK "a=1e5\n", "after a field"},
	{OK "a=1;x\n", "WARNING"},
	{OK "a=1;:\n", "WARNING"},
	{OK "a=1;~\n", "WARNING"},
	{OK "a=1;;@\n", "CRITICAL"},
	{OK "a=1;;;x\n", "minimum"},
	{OK "a=1;;;0;x\n", "maximum"},
	{OK "a=1;;;0;1;2\n", "after a field"},
	{OK "a=1min\n", "after a field"},
	{"STALE OK - " A119 "aaa | a=1\n", "120 characters"},
};

static void bad_output_is_told_and_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		char why[128] = "";

		row_number(faults[i].out, "rc",
			   check(faults[i].out, 4096, why, sizeof(why)), -1);
		if (!strstr(why, faults[i].why))
			row_text(faults[i].out, "why", why, strlen(why), faults[i].why);
	}
}

static void length_is_bounded_to_the_byte(void **state)
{
	const char *out = OK "a=1\n";
	char why[128] = "";

	(void)state;
	assert_int_equal(check(out, strlen(out), why, sizeof(why)), 0);
	assert_int_equal(check(out, strlen(out) - 1, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "longer"));
}

/* "STALE OK - " and the blank are 12 of the 120. */
static void the_head_may_have_120_characters_however_many_bytes(void **state)
{
	char why[128] = "";

	(void)state;
	assert_int_equal(check("STALE OK - " A119 "a | a=1\n", 4096, why, sizeof(why)),
			 0);
	assert_int_equal(
		check("STALE OK - " A119 "\xe2\x82\xac | a=1\n", 4096, why, sizeof(why)),
		0);
	assert_int_equal(check("STALE OK - " A119 "aa | a=1\n", 4096, why, sizeof(why)),
			 -1);
}

static void a_NUL_is_a_control_byte(void **state)
{
	static const char out[] = "STALE OK - a\0b | a=1\n";
	char why[128] = "";

	(void)state;
	assert_int_equal(grammar_check(out, sizeof(out) - 1, 4096, why, sizeof(why)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_output_passes),
		cmocka_unit_test(bad_output_is_told_and_why),
		cmocka_unit_test(length_is_bounded_to_the_byte),
		cmocka_unit_test(the_head_may_have_120_characters_however_many_bytes),
		cmocka_unit_test(a_NUL_is_a_control_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
