/*
 * test_survey.c - the scan as the plugin runs it, and the reasons it gives for none.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "survey.h"
#include "tests/support/parsed.h"

static void expect_reason(const char *const words[], int rc, const char *want)
{
	struct buf error = BUF_INIT;
	struct parsed p;

	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	survey_explain(&p.opt, rc, &error);
	row_text(want, "reason", error.s, error.len, want);
	buf_release(&error);
	parsed_release(&p);
}

static void reasons_name_the_tree_and_what_would_be_right(void **state)
{
	static const struct row {
		const char *words[3];
		int rc;
		const char *want;
	} rows[] = {
		{{"--proc-root=/x|y\n"},
		 -ENOENT,
		 "/x\\x7cy\\n: No such file or directory: it must be a mounted proc or a "
		 "captured tree"},
		{{NULL},
		 -EACCES,
		 "/proc: Permission denied: it must be a mounted proc or a captured "
		 "tree"},
		{{NULL},
		 -ENOTSUP,
		 "/proc is no proc file system: mount one, or use --proc-root"},
		{{"--proc-root=/tmp"},
		 -ESRCH,
		 "/tmp holds no process: it must be a mounted proc or a captured tree"},
		{{"--pid=7"}, -ESRCH, "no process 7 exists"},
		{{"--pid=7,8"}, -ESRCH, "none of the 2 processes given exists"},
		{{NULL}, -ENOMEM, "the scan failed: Cannot allocate memory"},
		{{NULL}, -EMFILE, "the scan failed: Too many open files"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_reason(rows[i].words, rows[i].rc, rows[i].want);
}

/* Runs a survey; returns what it returned, the reason in *error. */
static int survey(const char *word, struct survey *ret, struct buf *error)
{
	const char *const words[] = {word, NULL};
	struct parsed p;
	int rc;

	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	rc = survey_make(&p.opt, ret, error);
	parsed_release(&p);
	return rc;
}

static void a_tree_that_is_none_is_an_error_with_its_name(void **state)
{
	static const struct row {
		const char *word, *want;
		int rc;
	} rows[] = {
		{"--proc-root=/nonexistent", "/nonexistent: ", -ENOENT},
		{"--proc-root=/dev/null", "/dev/null: ", -ENOTDIR},
		{"--pid=2147483647", "no process 2147483647 exists", -ESRCH},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf error = BUF_INIT;
		struct survey s;

		row_number(rows[i].word, "rc", survey(rows[i].word, &s, &error),
			   rows[i].rc);
		row_number(rows[i].word, "names the culprit",
			   error.s && strncmp(error.s, rows[i].want,
					      strlen(rows[i].want)) == 0,
			   1);
		buf_release(&error);
	}
}

static void a_scan_of_ourselves_sees_one_process_that_is_not_stale(void **state)
{
	struct buf error = BUF_INIT;
	struct survey s;
	char word[32];

	(void)state;
	snprintf(word, sizeof(word), "--pid=%d", (int)getpid());
	assert_int_equal(survey(word, &s, &error), 0);
	assert_int_equal(s.view.info->scanned, 1);
	assert_true(s.view.info->finished);
	assert_int_equal(s.view.totals.processes, 0);
	assert_int_equal(s.view.error, 0);
	assert_int_equal(s.view.signal, 0);
	assert_false(s.view.timed_out);
	assert_true(s.view.now > 1700000000);
	assert_true(s.view.elapsed_us > 0);
	assert_int_equal(s.view.timeout, 8);
	survey_release(&s);
	buf_release(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_name_the_tree_and_what_would_be_right),
		cmocka_unit_test(a_tree_that_is_none_is_an_error_with_its_name),
		cmocka_unit_test(a_scan_of_ourselves_sees_one_process_that_is_not_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
