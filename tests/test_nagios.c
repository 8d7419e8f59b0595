/*
 * test_nagios.c - what a monitoring core reads.
 *
 * Every output goes through the checker of the guideline's grammar; some are compared
 * whole with testdata/output.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "headline.h"
#include "nagios.h"
#include "tests/support/golden.h"
#include "tests/support/grammar.h"
#include "tests/support/viewmake.h"

#define HOUR INT64_C(3600)
#define DAY  (24 * HOUR)

struct rendered {
	struct viewmake m;
	struct rules rules;
	struct nagios nagios;
	struct verdict verdict;
	struct buf out;
};

/* The defaults of the command line. */
static void begin(struct rendered *r)
{
	memset(r, 0, sizeof(*r));
	viewmake_init(&r->m);
	r->rules.unreadable = STATE_UNKNOWN;
	r->rules.timeout = STATE_UNKNOWN;
	r->rules.limits.warning[METRIC_PROCESSES].set = true;
	r->nagios.limits = &r->rules.limits;
	r->nagios.max_output = 4096;
}

/* Renders and checks the grammar. */
static void render(struct rendered *r, const char *label)
{
	char why[128] = "";
	int rc;

	buf_release(&r->out);
	viewmake_count(&r->m);
	verdict_reach(&r->m.view, &r->rules, &r->verdict);
	rc = nagios_render(&r->m.view, &r->verdict, &r->nagios, &r->out);
	row_number(label, "rc", rc, 0);
	rc = grammar_check(r->out.s, r->out.len, r->nagios.max_output, why, sizeof(why));
	if (rc < 0)
		print_error("%s: %s in\n%s\n", label, why, r->out.s);
	assert_int_equal(rc, 0);
}

static void expect_head(struct rendered *r, const char *want)
{
	const char *bar;

	render(r, want);
	bar = strchr(r->out.s, '|');
	row_text(want, "head", r->out.s, (size_t)(bar - r->out.s) - 1, want);
}

static void expect_golden(struct rendered *r, const char *name)
{
	render(r, name);
	assert_int_equal(golden_check(name, r->out.s, r->out.len), 0);
}

/* Two processes of the design's example. */
static void add_sshd(struct rendered *r)
{
	static const pid_t pids[] = {812, 977};

	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		struct stale_file *file;

		viewmake_proc(&r->m, pids[i], "sshd")->exe = "/usr/sbin/sshd";
		file = viewmake_file(&r->m, "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
				     STALE_REPLACED, 26 * HOUR);
		file->successor = file->path;
		viewmake_file(&r->m, "/usr/lib/x86_64-linux-gnu/libssl.so.3",
			      STALE_REPLACED, 26 * HOUR);
	}
}

static void hostile_names_stay_inside_of_the_text(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "a|b=1 'c' <b>\n;")->exe = "/x";
	viewmake_file(&r.m, "/tmp/evil\n|x=1;2\033[2J<script>\xff\\012.so", STALE_DELETED,
		      60);
	viewmake_file(&r.m, "/tmp/ blanks \t ", STALE_DELETED, 60)->successor = "/x|y\nz";
	viewmake_ignored(&r.m, 2, "/tmp/a|b\n", "caller: *|*");
	r.m.procs[0].cmdline = "x\0--password=a|b\n";
	r.m.procs[0].cmdline_len = 18;
	r.nagios.details = (struct details){3, true, true};
	expect_golden(&r, "nagios-hostile.txt");
	buf_release(&r.out);
}

static void nothing_stale_says_how_many_were_looked_at(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	expect_golden(&r, "nagios-ok.txt");
	viewmake_proc(&r.m, 5, "bash");
	viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, DAY);
	expect_head(&r,
		    "STALE OK - 0 of 212 processes run outdated code (not counted: 1)");
	buf_release(&r.out);
}

static void one_program_is_told_with_its_files(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	add_sshd(&r);
	expect_head(&r,
		    "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h");
	r.nagios.details.verbose = 1;
	expect_golden(&r, "nagios-v.txt");
	r.nagios.details.verbose = 2;
	expect_golden(&r, "nagios-vv.txt");
	buf_release(&r.out);
}

static void one_process_is_told_in_the_singular(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "cron");
	viewmake_file(&r.m, "/usr/sbin/cron", STALE_DELETED, -1)->kind = STALE_EXE;
	expect_head(&r, "STALE WARNING - cron (1 process): cron, age unknown");
	buf_release(&r.out);
}

static void many_programs_are_told_by_the_most_affected(void **state)
{
	static const char *const names[] = {"postfix", "dbus-daemon", "cron", "nginx",
					    "sshd"};
	static char others[35][8];
	struct rendered r;
	pid_t pid = 100;

	(void)state;
	begin(&r);
	for (size_t i = 0; i < 35; i++) {
		snprintf(others[i], sizeof(others[i]), "p%zu", i);
		viewmake_proc(&r.m, pid++, others[i]);
		viewmake_file(&r.m, "/lib/libc.so.6", STALE_REPLACED, 9 * DAY);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		for (size_t k = 0; k < i + 2; k++) {
			viewmake_proc(&r.m, pid++, names[i]);
			viewmake_file(&r.m, "/lib/libc.so.6", STALE_REPLACED, 9 * DAY);
		}
	}
	expect_head(&r, "STALE WARNING - 40 programs (55 processes): sshd, nginx, cron, "
			"dbus-daemon, postfix and 35 more, oldest 9d");
	r.nagios.max_output = 1024;
	r.nagios.details.verbose = 1;
	expect_golden(&r, "nagios-cut.txt");
	buf_release(&r.out);
}

static void long_names_are_cut_and_the_rest_stays(void **state)
{
	static const struct row {
		const char *comm;
		bool is_cut;
	} rows[] = {
		{"\033\033\033\033\033\033\033\033\033\033\033\033\033\033\033", true},
		{"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", false},
		{"\\\\\\\\\\\\\\\\\\\\\\\\\\\\", true},
		{"||||;;;;<<<<>>>", true},
	};
	static char path[4096];
	struct rendered r;

	(void)state;
	memset(path, '\n', sizeof(path) - 1);
	path[0] = '/';
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		begin(&r);
		viewmake_proc(&r.m, 1, rows[i].comm);
		viewmake_file(&r.m, path, STALE_DELETED, 400 * DAY);
		viewmake_proc(&r.m, 2, "zz");
		viewmake_file(&r.m, "/zz", STALE_REINSTALLED, -1);
		viewmake_unreadable(&r.m, 7, EACCES);
		r.m.info.seen = 4194304;
		r.nagios.details.verbose = 2;
		render(&r, rows[i].comm);
		assert_non_null(strstr(r.out.s, ", oldest 400d, incomplete: 1 of "
						"4194304 unreadable | "));
		row_number(rows[i].comm, "cut",
			   strstr(r.out.s, "... (1 process): ") != NULL, rows[i].is_cut);
		/* one long path does not push out what follows */
		assert_non_null(strstr(r.out.s, "    /zz (lib) reinstalled"));
		buf_release(&r.out);
	}
}

static void an_incomplete_scan_names_what_it_found_first(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	add_sshd(&r);
	viewmake_unreadable(&r.m, 1, EACCES);
	expect_head(&r,
		    "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: 1 of 212 unreadable");
	r.m.info.hidden = true;
	expect_head(&r,
		    "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: hidepid hides processes");
	r.m.info.finished = false;
	r.m.view.timed_out = true;
	expect_head(&r,
		    "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: timed out after 8s");
	r.m.view.timed_out = false;
	r.m.view.error = ENOMEM;
	expect_head(&r,
		    "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: Cannot allocate memory");
	r.m.view.error = 0;
	r.m.view.signal = 11;
	expect_head(&r,
		    "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: killed by signal 11");
	buf_release(&r.out);
}

static void an_incomplete_scan_without_a_find_says_how_far_it_came(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_unreadable(&r.m, 1, EACCES);
	expect_head(&r,
		    "STALE UNKNOWN - 1 of 212 processes unreadable, 0 stale (see -v)");
	r.m.view.privileged = false;
	r.m.info.denied = 208;
	r.m.info.scanned = 4;
	r.nagios.details.verbose = 1;
	expect_golden(&r, "nagios-unprivileged.txt");
	buf_release(&r.out);
	begin(&r);
	r.m.info.hidden = true;
	r.m.info.seen = r.m.info.scanned = 3;
	expect_head(&r, "STALE UNKNOWN - only 3 processes visible, 0 stale, the rest is "
			"hidden (hidepid, ProtectProc)");
	buf_release(&r.out);
	begin(&r);
	r.m.info.finished = false;
	r.m.info.scanned = 812;
	r.m.info.listed = 4088;
	r.m.info.at = 4711;
	r.m.view.timed_out = true;
	r.nagios.details.verbose = 1;
	expect_golden(&r, "nagios-timeout.txt");
	r.m.view.timed_out = false;
	r.m.info.error = EMFILE;
	expect_head(&r,
		    "STALE UNKNOWN - the scan failed: Too many open files: 812 of 4000 "
		    "processes scanned, 0 stale so far");
	buf_release(&r.out);
}

static void an_incomplete_scan_taken_for_ok_is_never_silent(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	r.rules.unreadable = STATE_OK;
	viewmake_unreadable(&r.m, 1, EACCES);
	expect_head(&r,
		    "STALE OK - 0 of 211 processes run outdated code, incomplete: 1 of "
		    "212 unreadable");
	buf_release(&r.out);
}

static void perfdata_shows_thresholds_in_the_unit_of_the_value(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	add_sshd(&r);
	r.rules.limits.warning[METRIC_PROCESSES] = (struct range){10, 20, true, true};
	r.rules.limits.critical[METRIC_FILES] = (struct range){0, 5, false, true};
	r.rules.limits.warning[METRIC_AGE] = (struct range){0, 604800, false, true};
	viewmake_ignored(&r.m, 1, "/tmp/x", "rule");
	render(&r, "perfdata");
	assert_non_null(strstr(
		r.out.s, " | processes=2;@10:20;;0 files=2;;5;0 age=93600s;604800;;0 "
			 "unreadable=0;;;0 scanned=212;;;0 ignored=1;;;0 "
			 "scan_time=0.012s;;;0\n"));
	buf_release(&r.out);
}

static void the_age_of_what_is_undated_is_U(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, -1);
	render(&r, "undated");
	assert_non_null(strstr(r.out.s, " age=U;;;0 "));
	buf_release(&r.out);
}

/* The widest numbers and thresholds there can be, in the smallest output. */
static void perfdata_is_whole_in_the_smallest_output(void **state)
{
	const struct range widest = {-12345678901234.5, 12345678901234.5, true, true};
	struct rendered r;

	(void)state;
	begin(&r);
	add_sshd(&r);
	for (int i = 0; i < METRIC_COUNT; i++)
		r.rules.limits.warning[i] = r.rules.limits.critical[i] = widest;
	r.m.info.seen = r.m.info.scanned = r.m.info.denied = 4194304;
	r.m.info.listed = 4194304;
	r.m.view.elapsed_us = 3600123000;
	r.m.view.now = VIEWMAKE_NOW + 3153600000;
	r.nagios.max_output = NAGIOS_OUTPUT_MIN;
	r.nagios.details = (struct details){3, true, true};
	render(&r, "smallest");
	assert_non_null(strstr(r.out.s, " scan_time=3600.123s;;;0\n"));
	buf_release(&r.out);
}

static void no_size_breaks_a_line_or_the_limit(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	for (pid_t pid = 1; pid <= 40; pid++) {
		viewmake_proc(&r.m, pid, pid % 2 ? "a\\b\n" : "\xe2\x82\xac");
		viewmake_file(&r.m, "/usr/lib/lib|\xe2\x82\xac\033.so", STALE_DELETED,
			      pid * HOUR);
	}
	r.nagios.details = (struct details){3, true, true};
	for (size_t max = NAGIOS_OUTPUT_MIN; max < 6000; max += 7) {
		const char *more, *end;

		r.nagios.max_output = max;
		render(&r, "cut");
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
	struct rendered r;
	size_t lines = 0, shown = 0;
	unsigned long left_out;

	(void)state;
	begin(&r);
	for (pid_t pid = 1; pid <= 40; pid++) {
		viewmake_proc(&r.m, pid, "x");
		viewmake_file(&r.m, "/usr/lib/libx.so", STALE_DELETED, HOUR);
	}
	r.nagios.details.verbose = 2;
	r.nagios.max_output = NAGIOS_OUTPUT_MAX;
	render(&r, "whole");
	for (const char *s = r.out.s; *s; s++)
		lines += *s == '\n';
	r.nagios.max_output = 1000;
	render(&r, "cut");
	for (const char *s = r.out.s; *s; s++)
		shown += *s == '\n';
	left_out = strtoul(strstr(r.out.s, "\n... and ") + 9, NULL, 10);
	assert_int_equal(shown - 1 + left_out, lines);
	buf_release(&r.out);
}

static void what_does_not_count_comes_last_and_says_so(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	for (pid_t pid = 1; pid <= 3; pid++) {
		viewmake_proc(&r.m, pid, "bash");
		viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, HOUR);
	}
	add_sshd(&r);
	viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, DAY);
	viewmake_file(&r.m, "/usr/sbin/sshd", STALE_DELETED, -1)->kind = STALE_EXE;
	r.m.procs[4].nfiles_left_out = 7;
	viewmake_ignored(&r.m, 9, "/tmp/jna1.tmp", "self-unlinked name");
	r.nagios.details = (struct details){3, true, false};
	expect_golden(&r, "nagios-uncounted.txt");
	buf_release(&r.out);
}

static void command_lines_are_shown_on_request_only(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	add_sshd(&r);
	r.m.procs[0].cmdline = "sshd\0-D\0--key=secret\0";
	r.m.procs[0].cmdline_len = 22;
	r.nagios.details.verbose = 3;
	render(&r, "without");
	assert_null(strstr(r.out.s, "secret"));
	r.nagios.details.show_args = true;
	render(&r, "with");
	assert_non_null(strstr(r.out.s, ", runs as: sshd -D --key=secret\n"));
	buf_release(&r.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_stay_inside_of_the_text),
		cmocka_unit_test(nothing_stale_says_how_many_were_looked_at),
		cmocka_unit_test(one_program_is_told_with_its_files),
		cmocka_unit_test(one_process_is_told_in_the_singular),
		cmocka_unit_test(many_programs_are_told_by_the_most_affected),
		cmocka_unit_test(long_names_are_cut_and_the_rest_stays),
		cmocka_unit_test(an_incomplete_scan_names_what_it_found_first),
		cmocka_unit_test(an_incomplete_scan_without_a_find_says_how_far_it_came),
		cmocka_unit_test(an_incomplete_scan_taken_for_ok_is_never_silent),
		cmocka_unit_test(perfdata_shows_thresholds_in_the_unit_of_the_value),
		cmocka_unit_test(the_age_of_what_is_undated_is_U),
		cmocka_unit_test(perfdata_is_whole_in_the_smallest_output),
		cmocka_unit_test(no_size_breaks_a_line_or_the_limit),
		cmocka_unit_test(the_lines_left_out_are_counted),
		cmocka_unit_test(what_does_not_count_comes_last_and_says_so),
		cmocka_unit_test(command_lines_are_shown_on_request_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
