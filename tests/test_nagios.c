/*
 * test_nagios.c - performance data, details and the limit of the output.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "tests/support/answer.h"

#define HOUR INT64_C(3600)
#define DAY  (24 * HOUR)

static void hostile_names_stay_inside_of_the_text(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	viewmake_proc(&r.m, 1, "a|b=1 'c' <b>\n;")->exe = "/x";
	viewmake_file(&r.m, "/tmp/evil\n|x=1;2\033[2J<script>\xff\\012.so", STALE_DELETED,
		      60);
	viewmake_file(&r.m, "/tmp/ blanks \t ", STALE_DELETED, 60)->successor = "/x|y\nz";
	viewmake_ignored(&r.m, 2, "/tmp/a|b\n", "caller: *|*");
	r.m.procs[0].cmdline = "x\0--password=a|b\n";
	r.m.procs[0].cmdline_len = 18;
	r.nagios.details = (struct details){3, true, true};
	answer_expect_golden(&r, "nagios-hostile.txt");
	buf_release(&r.out);
}

static void one_program_is_told_with_its_files(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	answer_add_sshd(&r);
	answer_expect_head(
		&r, "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h");
	r.nagios.details.verbose = 1;
	answer_expect_golden(&r, "nagios-v.txt");
	r.nagios.details.verbose = 2;
	answer_expect_golden(&r, "nagios-vv.txt");
	buf_release(&r.out);
}

static void perfdata_shows_thresholds_in_the_unit_of_the_value(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	answer_add_sshd(&r);
	r.rules.limits.warning[METRIC_PROCESSES] = (struct range){10, 20, true, true};
	r.rules.limits.critical[METRIC_FILES] = (struct range){0, 5, false, true};
	r.rules.limits.warning[METRIC_AGE] = (struct range){0, 604800, false, true};
	viewmake_ignored(&r.m, 1, "/tmp/x", "rule");
	answer_render(&r, "perfdata");
	assert_non_null(strstr(
		r.out.s, " | processes=2;@10:20;;0 files=2;;5;0 age=93600s;604800;;0 "
			 "unreadable=0;;;0 scanned=212;;;0 ignored=1;;;0 "
			 "scan_time=0.012s;;;0\n"));
	buf_release(&r.out);
}

static void the_age_of_what_is_undated_is_U(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, -1);
	answer_render(&r, "undated");
	assert_non_null(strstr(r.out.s, " age=U;;;0 "));
	buf_release(&r.out);
}

/* The widest numbers and thresholds there can be, in the smallest output. */
static void perfdata_is_whole_in_the_smallest_output(void **state)
{
	const struct range widest = {-12345678901234.5, 12345678901234.5, true, true};
	struct answer r;

	(void)state;
	answer_begin(&r);
	answer_add_sshd(&r);
	for (int i = 0; i < METRIC_COUNT; i++)
		r.rules.limits.warning[i] = r.rules.limits.critical[i] = widest;
	r.m.info.seen = r.m.info.scanned = r.m.info.denied = 4194304;
	r.m.info.listed = 4194304;
	r.m.view.elapsed_us = 3600123000;
	r.m.view.now = VIEWMAKE_NOW + 3153600000;
	r.nagios.max_output = NAGIOS_OUTPUT_MIN;
	r.nagios.details = (struct details){3, true, true};
	answer_render(&r, "smallest");
	assert_non_null(strstr(r.out.s, " scan_time=3600.123s;;;0\n"));
	buf_release(&r.out);
}

static void no_size_breaks_a_line_or_the_limit(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	for (pid_t pid = 1; pid <= 40; pid++) {
		viewmake_proc(&r.m, pid, pid % 2 ? "a\\b\n" : "\xe2\x82\xac");
		viewmake_file(&r.m, "/usr/lib/lib|\xe2\x82\xac\033.so", STALE_DELETED,
			      pid * HOUR);
	}
	r.nagios.details = (struct details){3, true, true};
	r.nagios.max_output = 1; /* the first line is whole even then */
	viewmake_count(&r.m);
	verdict_reach(&r.m.view, &r.rules, &r.verdict);
	assert_int_equal(nagios_render(&r.m.view, &r.verdict, &r.nagios, &r.out), 0);
	assert_ptr_equal(strchr(r.out.s, '\n'), r.out.s + r.out.len - 1);
	for (size_t max = r.out.len; max < 6000; max += 3) {
		const char *more, *end;

		r.nagios.max_output = max;
		answer_render(&r, "cut");
		more = strstr(r.out.s, "\n... and ");
		if (!more)
			continue;
		end = strchr(more + 1, '\n');
		assert_memory_equal(end - 5, " more\n", 6);
		assert_int_equal(end[1], 0);
	}
	buf_release(&r.out);
}

/* What was left out and what was shown are all there was. */
static void the_lines_left_out_are_counted(void **state)
{
	struct answer r;
	size_t lines = 0, shown = 0;
	unsigned long left_out;

	(void)state;
	answer_begin(&r);
	for (pid_t pid = 1; pid <= 40; pid++) {
		viewmake_proc(&r.m, pid, "x");
		viewmake_file(&r.m, "/usr/lib/libx.so", STALE_DELETED, HOUR);
	}
	r.nagios.details.verbose = 2;
	r.nagios.max_output = NAGIOS_OUTPUT_MAX;
	answer_render(&r, "whole");
	for (const char *s = r.out.s; *s; s++)
		lines += *s == '\n';
	r.nagios.max_output = 1000;
	answer_render(&r, "cut");
	for (const char *s = r.out.s; *s; s++)
		shown += *s == '\n';
	left_out = strtoul(strstr(r.out.s, "\n... and ") + 9, NULL, 10);
	assert_int_equal(shown - 1 + left_out, lines);
	buf_release(&r.out);
}

static void what_does_not_count_comes_last_and_says_so(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	for (pid_t pid = 1; pid <= 3; pid++) {
		viewmake_proc(&r.m, pid, "bash");
		viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, HOUR);
	}
	answer_add_sshd(&r);
	viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, DAY);
	viewmake_file(&r.m, "/usr/sbin/sshd", STALE_DELETED, -1)->kind = STALE_EXE;
	r.m.procs[4].nfiles_left_out = 7;
	viewmake_ignored(&r.m, 9, "/tmp/jna1.tmp", "self-unlinked name");
	r.nagios.details = (struct details){3, true, false};
	answer_expect_golden(&r, "nagios-uncounted.txt");
	buf_release(&r.out);
}

static void command_lines_are_shown_on_request_only(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	answer_add_sshd(&r);
	r.m.procs[0].cmdline = "sshd\0-D\0--key=secret\0";
	r.m.procs[0].cmdline_len = 22;
	r.nagios.details.verbose = 3;
	answer_render(&r, "without");
	assert_null(strstr(r.out.s, "secret"));
	r.nagios.details.show_args = true;
	answer_render(&r, "with");
	assert_non_null(strstr(r.out.s, ", runs as: sshd -D --key=secret\n"));
	buf_release(&r.out);
}

static void long_lists_end_with_how_many_more_there_are(void **state)
{
	static char paths[11][8];
	struct answer r;

	(void)state;
	answer_begin(&r);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		snprintf(paths[i], sizeof(paths[i]), "/%02zu", i);
	for (pid_t pid = 1; pid <= 12; pid++) {
		viewmake_proc(&r.m, pid, "x");
		for (size_t i = 0; i < ARRAY_LEN(paths); i++)
			viewmake_file(&r.m, paths[i], STALE_DELETED, DAY);
		viewmake_unreadable(&r.m, 100 + pid, EACCES);
	}
	r.nagios.details.verbose = 1;
	answer_render(&r, "lists");
	assert_non_null(strstr(r.out.s,
			       "x (1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more) runs "
			       "00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 1 more, "
			       "deleted 1d ago\n"));
	assert_non_null(strstr(r.out.s, "110 (EACCES) and 2 more\n"));
	buf_release(&r.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_stay_inside_of_the_text),
		cmocka_unit_test(one_program_is_told_with_its_files),
		cmocka_unit_test(perfdata_shows_thresholds_in_the_unit_of_the_value),
		cmocka_unit_test(the_age_of_what_is_undated_is_U),
		cmocka_unit_test(perfdata_is_whole_in_the_smallest_output),
		cmocka_unit_test(no_size_breaks_a_line_or_the_limit),
		cmocka_unit_test(the_lines_left_out_are_counted),
		cmocka_unit_test(what_does_not_count_comes_last_and_says_so),
		cmocka_unit_test(command_lines_are_shown_on_request_only),
		cmocka_unit_test(long_lists_end_with_how_many_more_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
