/*
 * test_words.c - what is said of processes, by what was looked for.
 */
#include "tests/test.h"

#include "tests/support/viewmake.h"
#include "words.h"

#define CODE STALE_KIND_CODE
#define DATA STALE_KIND_BIT(STALE_DATA)
#define OPEN STALE_KIND_BIT(STALE_FD)

static void sizes_are_for_people(void **state)
{
	static const struct row {
		int64_t bytes;
		const char *want;
	} rows[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{4096, "4.0 KiB"},
		{1048524, "1023.9 KiB"},
		{1048575, "1.0 MiB"},
		{1288490189, "1.2 GiB"},
		{INT64_C(1) << 40, "1.0 TiB"},
		{INT64_MAX, "8192.0 PiB"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		words_size(&out, rows[i].bytes);
		row_text(rows[i].want, "size", out.s, out.len, rows[i].want);
		buf_release(&out);
	}
}

static void verbs_follow_the_kinds(void **state)
{
	static const struct row {
		unsigned kinds;
		const char *verb, *finding;
	} rows[] = {
		{CODE, "runs", "run outdated code"},
		{STALE_KIND_BIT(STALE_EXE), "runs", "run outdated code"},
		{DATA, "maps", "map deleted files"},
		{OPEN, "holds open", "hold deleted files open"},
		{DATA | OPEN, "has", "hold deleted files"},
		{CODE | OPEN, "has", "run outdated code"},
	};
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *verb = words_verb(&m.view, rows[i].kinds);
		struct buf out = BUF_INIT;

		m.view.policy.kinds = rows[i].kinds;
		words_finding(&m.view, &out);
		row_text(rows[i].finding, "verb", verb, strlen(verb), rows[i].verb);
		row_text(rows[i].finding, "finding", out.s, out.len, rows[i].finding);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_for_people),
		cmocka_unit_test(verbs_follow_the_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
