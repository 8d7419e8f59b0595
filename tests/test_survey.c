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
static int survey_words(const char *const words[], struct survey *ret, struct buf *error)
{
	struct parsed p;
	int rc;

	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	rc = survey_make(&p.opt, ret, error);
	parsed_release(&p);
	return rc;
}

static int survey(const char *word, struct survey *ret, struct buf *error)
{
	const char *const words[] = {word, NULL};

	return survey_words(words, ret, error);
}

/* Of this process alone; with up to two more words. */
static void survey_self(const char *word, const char *more, struct survey *ret)
{
	char pid[32];
	const char *const words[] = {pid, word, more, NULL};
	struct buf error = BUF_INIT;

	snprintf(pid, sizeof(pid), "--pid=%d", (int)getpid());
	assert_int_equal(survey_words(words, ret, &error), 0);
	buf_release(&error);
}

/* Returns the descriptor of a deleted file of this process, with something in it. */
static int open_deleted(char *ret_path, size_t size)
{
	int fd;

	snprintf(ret_path, size, "/var/tmp/test_survey.XXXXXX");
	fd = mkstemp(ret_path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(unlink(ret_path), 0);
	return fd;
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

static void a_file_of_rules_that_is_none_is_named_in_nagios_form(void **state)
{
	struct buf error = BUF_INIT;
	struct survey s;

	(void)state;
	assert_int_equal(survey("--ignore-file=/nonexistent|x", &s, &error), -ENOENT);
	assert_string_equal(error.s, "/nonexistent\\x7cx: No such file or directory");
	buf_release(&error);
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

static void a_selection_leaves_out_and_that_is_no_error(void **state)
{
	static const char *const words[] = {"--process=no|such", "--unit=no|such",
					    "--container=no|such", "--user=4294967294"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct survey s;

		survey_self(words[i], "--using=*", &s);
		row_number(words[i], "seen", s.view.info->seen, 0);
		row_number(words[i], "unselected", s.view.info->unselected, 1);
		row_number(words[i], "processes", s.view.nprocs, 0);
		survey_release(&s);
	}
}

static void who_uses_a_library_is_asked_of_the_scan(void **state)
{
	struct survey s;

	(void)state;
	survey_self("--using=libc.so*", "-fhuman", &s);
	assert_int_equal(s.view.nprocs, 1);
	assert_int_equal(s.view.procs[0].pid, getpid());
	assert_int_equal(s.view.procs[0].files[0].why, STALE_CURRENT);
	assert_int_equal(s.view.totals.processes, 1);
	assert_non_null(s.view.using_globs);
	/* what the format groups by */
	assert_non_null(s.view.procs[0].cmdline);
	assert_null(s.view.packages);
	survey_release(&s);
	survey_self("--using=libc.so*", "--packages", &s);
	assert_null(s.view.procs[0].cmdline);
	assert_non_null(s.view.packages);
	survey_release(&s);
}

static void open_files_are_asked_of_the_scan_and_rules_ignore_them(void **state)
{
	char path[64], rule[80];
	int fd = open_deleted(path, sizeof(path));
	struct survey s;

	(void)state;
	snprintf(rule, sizeof(rule), "-i%s", path);
	survey_self("--kind=fd", "--no-default-ignores", &s);
	assert_int_equal(s.view.totals.fd_files, 1);
	assert_int_equal(s.view.totals.processes, 1);
	assert_int_equal(s.view.procs[0].files[0].fd, fd);
	assert_string_equal(s.view.procs[0].files[0].path, path);
	survey_release(&s);
	survey_self("--kind=fd", rule, &s);
	assert_int_equal(s.view.totals.fd_files, 0);
	assert_int_equal(s.view.nignored, 1);
	snprintf(rule, sizeof(rule), "-i %s", path);
	assert_string_equal(s.view.ignored[0].rule, rule);
	survey_release(&s);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_name_the_tree_and_what_would_be_right),
		cmocka_unit_test(a_tree_that_is_none_is_an_error_with_its_name),
		cmocka_unit_test(a_file_of_rules_that_is_none_is_named_in_nagios_form),
		cmocka_unit_test(a_scan_of_ourselves_sees_one_process_that_is_not_stale),
		cmocka_unit_test(a_selection_leaves_out_and_that_is_no_error),
		cmocka_unit_test(who_uses_a_library_is_asked_of_the_scan),
		cmocka_unit_test(open_files_are_asked_of_the_scan_and_rules_ignore_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
