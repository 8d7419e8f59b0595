/*
 * test_nagios.c - performance data, details and the limit of the output.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "packages.h"
#include "tests/support/answer.h"
#include "tests/support/grammar.h"

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
	r.nagios.details = (struct details){3, true, true, false};
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
	r.rules.limits.critical[METRIC_SESSIONS] = (struct range){0, 7, false, true};
	r.rules.limits.warning[METRIC_REBOOT] = (struct range){0, 3, false, true};
	viewmake_ignored(&r.m, 1, "/tmp/x", "rule");
	answer_render(&r, "perfdata");
	assert_non_null(strstr(r.out.s,
			       " | processes=2;@10:20;;0 services=0;;;0 containers=0;;;0 "
			       "sessions=0;;7;0 files=2;;5;0 age=93600s;604800;;0 "
			       "unreadable=0;;;0 scanned=212;;;0 ignored=1;;;0 "
			       "scan_time=0.012s;;;0 reboot=0;3;;0\n"));
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
	char why[128] = "";
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
	r.nagios.details = (struct details){3, true, true, false};
	viewmake_count(&r.m);
	verdict_reach(&r.m.view, &r.rules, &r.verdict);
	assert_int_equal(nagios_render(&r.m.view, &r.verdict, &r.nagios, &r.out), 0);
	assert_int_equal(grammar_check(r.out.s, r.out.len, r.out.len, why, sizeof(why)),
			 0);
	assert_ptr_equal(strchr(r.out.s, '\n'), r.out.s + r.out.len - 1);
	assert_non_null(strstr(r.out.s, " scan_time=3600.123s;;;0 reboot=0;@-1"));
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
	r.nagios.details = (struct details){3, true, true, false};
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
	r.nagios.details = (struct details){3, true, false, false};
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

/* Processes of each scope, with users, advice and a left-over. */
static void add_owners(struct answer *r)
{
	struct stale_proc *proc;

	viewmake_users(&r->m, "root:x:0:0::/root:/bin/sh\n"
			      "al|ice:x:1000:1000::/:/bin/sh\n");
	viewmake_unit(&r->m, 812, "sshd", STALE_SCOPE_SYSTEM, "ssh.service")->uid = 0;
	viewmake_file(&r->m, "/usr/lib/libssl.so.3", STALE_REPLACED, 26 * HOUR);
	proc = viewmake_unit(&r->m, 813, "sftp-server", STALE_SCOPE_SYSTEM,
			     "ssh.service");
	proc->uid = 4711;
	proc->is_leftover = true;
	proc->advice = STALE_RESTART_PROCESS;
	viewmake_file(&r->m, "/usr/lib/libcrypto.so.3", STALE_REPLACED, 26 * HOUR);
	viewmake_unit(&r->m, 977, "sshd", STALE_SCOPE_SYSTEM, "ssh.service")->uid = 0;
	viewmake_file(&r->m, "/usr/lib/libssl.so.3", STALE_REPLACED, 26 * HOUR);
	viewmake_unit(&r->m, 1000, "bash", STALE_SCOPE_SESSION, "session-3.scope");
	viewmake_file(&r->m, "/usr/lib/libc.so.6", STALE_REPLACED, 60);
	viewmake_unit(&r->m, 1001, "emacs", STALE_SCOPE_USER, "emacs.service")->owner =
		2000;
	viewmake_file(&r->m, "/usr/lib/libc.so.6", STALE_REPLACED, 60);
	viewmake_container(&r->m, 1002, "nginx", "docker",
			   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
			   "abcdef");
	viewmake_file(&r->m, "/usr/lib/libc.so.6", STALE_REPLACED, 60);
}

static void processes_are_told_by_what_is_restarted(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	add_owners(&r);
	r.nagios.details.verbose = 2;
	answer_expect_golden(&r, "nagios-owners.txt");
	viewmake_release(&r.m);
	buf_release(&r.out);
}

static void a_unit_of_many_programs_keeps_to_one_line(void **state)
{
	static char names[8][8];
	struct answer r;

	(void)state;
	answer_begin(&r);
	for (pid_t pid = 1; pid <= 32; pid++) {
		char *name = names[pid % 8];

		snprintf(name, sizeof(names[0]), "p%d", (int)(pid % 8));
		viewmake_unit(&r.m, pid, pid < 20 ? "p0" : name, STALE_SCOPE_SYSTEM,
			      "x.slice");
		viewmake_file(&r.m, "/lib/x", STALE_DELETED, 60);
	}
	r.nagios.details.verbose = 1;
	answer_render(&r, "many");
	assert_non_null(strstr(
		r.out.s, "\n[WARNING] x.slice: p0 (1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11 "
			 "more), p1 (25), p2 (26), p3 (27), p4 (20, 28) and 6 more "
			 "processes runs x, deleted 1m ago\n"));
	buf_release(&r.out);
}

static void who_uses_a_library_is_told_with_the_build_it_really_has(void **state)
{
	static const uint8_t build_id[] = {0x00, 0x1a, 0xff};
	static const char *const globs[] = {"libssl*", NULL};
	struct stale_file *file;
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.m.view.policy.is_using = true;
	r.m.view.using_globs = globs;
	viewmake_unit(&r.m, 812, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	file = viewmake_file(&r.m, "/usr/lib/libssl.so.3", STALE_CURRENT, -1);
	file->build_id = build_id;
	file->build_id_len = sizeof(build_id);
	viewmake_unit(&r.m, 977, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	viewmake_file(&r.m, "/usr/lib/libssl.so.1.1", STALE_REPLACED, 2 * HOUR);
	r.nagios.details.verbose = 2;
	answer_expect_golden(&r, "nagios-using.txt");
	buf_release(&r.out);
}

static void open_files_are_told_with_what_they_hold_on_disk(void **state)
{
	struct stale_file *file;
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.m.view.policy.kinds = STALE_KIND_BIT(STALE_FD) | STALE_KIND_BIT(STALE_DATA);
	for (pid_t pid = 77; pid <= 78; pid++) {
		viewmake_unit(&r.m, pid, "rsyslogd", STALE_SCOPE_SYSTEM,
			      "rsyslog.service");
		file = viewmake_file(&r.m, "/var/log/syslog", STALE_DELETED, 2 * DAY);
		file->kind = STALE_FD;
		file->fd = 7;
		file->bytes = 1288490189;
	}
	viewmake_proc(&r.m, 90, "java");
	viewmake_file(&r.m, "/srv/app.jar", STALE_DELETED, DAY)->kind = STALE_DATA;
	r.nagios.details.verbose = 2;
	answer_expect_golden(&r, "nagios-files.txt");
	buf_release(&r.out);
}

/* Beside code they are shown, and change nothing. */
static void open_files_do_not_count_beside_code(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.m.view.policy.kinds |= STALE_KIND_BIT(STALE_FD);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, 60)->kind = STALE_FD;
	r.m.files[0].bytes = 4096;
	r.nagios.details.verbose = 1;
	answer_render(&r, "beside code");
	assert_int_equal(r.verdict.state, STATE_OK);
	assert_non_null(
		strstr(r.out.s, "run outdated code (not counted: 1) | processes=0;"));
	assert_non_null(
		strstr(r.out.s, "\ndeleted files held open: 1, 4.0 KiB on disk\n"));
	assert_non_null(strstr(r.out.s, "\n[OK] x (1) holds open x, deleted 1m ago, "
					"4.0 KiB on disk (not counted)\n"));
	viewmake_proc(&r.m, 2, "y");
	viewmake_file(&r.m, "/y", STALE_DELETED, 60);
	answer_expect_head(&r, "STALE WARNING - y (1 process): y, oldest 1m");
	buf_release(&r.out);
}

static void built_in_rules_are_listed_with_their_reasons(void **state)
{
	struct answer r;
	size_t n, lines = 0;

	(void)state;
	answer_begin(&r);
	r.nagios.details.show_ignored = true;
	answer_render(&r, "without -v");
	assert_null(strstr(r.out.s, "\nrule"));
	r.nagios.details.verbose = 1;
	answer_render(&r, "with -v");
	stale_default_rules(&n);
	for (const char *s = r.out.s; (s = strstr(s, "\nrule: ")); s++)
		lines++;
	assert_int_equal(lines, n);
	r.nagios.details.no_default_ignores = true;
	answer_render(&r, "switched off");
	assert_non_null(strstr(r.out.s, "\nrule, off: "));
	buf_release(&r.out);
}

/* Of this machine, where it has dpkg. */
static void the_package_of_a_file_is_told_where_it_is_known(void **state)
{
	static const char *const paths[] = {"/usr/bin/dpkg"};
	struct packages *packages;
	struct answer r;

	(void)state;
	assert_int_equal(packages_find(paths, 1, INT64_MAX, &packages), 0);
	if (!packages_of(packages, paths[0])) {
		packages_free(packages);
		print_message("# skip the_package_of_a_file_is_told: no dpkg here\n");
		skip();
	}
	answer_begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/usr/bin/dpkg", STALE_DELETED, -1);
	r.m.view.packages = packages;
	r.nagios.details.verbose = 2;
	answer_render(&r, "package");
	assert_non_null(strstr(r.out.s, "/usr/bin/dpkg (lib) deleted, package dpkg 1."));
	packages_free(packages);
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
		cmocka_unit_test(processes_are_told_by_what_is_restarted),
		cmocka_unit_test(a_unit_of_many_programs_keeps_to_one_line),
		cmocka_unit_test(who_uses_a_library_is_told_with_the_build_it_really_has),
		cmocka_unit_test(open_files_are_told_with_what_they_hold_on_disk),
		cmocka_unit_test(open_files_do_not_count_beside_code),
		cmocka_unit_test(built_in_rules_are_listed_with_their_reasons),
		cmocka_unit_test(the_package_of_a_file_is_told_where_it_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
