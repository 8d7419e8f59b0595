/*
 * test_headline.c - the first line: names first, and what is missing never pushed out.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "tests/support/answer.h"

#define HOUR INT64_C(3600)
#define DAY  (24 * HOUR)

static void nothing_stale_says_how_many_were_looked_at(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	answer_expect_golden(&r, "nagios-ok.txt");
	viewmake_proc(&r.m, 5, "bash");
	viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, DAY);
	answer_expect_head(
		&r, "STALE OK - 0 of 212 processes run outdated code (not counted: 1)");
	buf_release(&r.out);
}

static void one_process_is_told_in_the_singular(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	viewmake_proc(&r.m, 1, "cron");
	viewmake_file(&r.m, "/usr/sbin/cron", STALE_DELETED, -1)->kind = STALE_EXE;
	answer_expect_head(&r, "STALE WARNING - cron (1 process): cron, age unknown");
	buf_release(&r.out);
}

static void many_programs_are_told_by_the_most_affected(void **state)
{
	static const char *const names[] = {"postfix", "dbus-daemon", "cron", "nginx",
					    "sshd"};
	static char others[35][8];
	struct answer r;
	pid_t pid = 100;

	(void)state;
	answer_begin(&r);
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
	answer_expect_head(
		&r, "STALE WARNING - 40 programs (55 processes): sshd, nginx, cron, "
		    "dbus-daemon, postfix and 35 more, oldest 9d");
	r.nagios.max_output = 1024;
	r.nagios.details.verbose = 1;
	answer_expect_golden(&r, "nagios-cut.txt");
	buf_release(&r.out);
}

static void an_incomplete_scan_names_what_it_found_first(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	answer_add_sshd(&r);
	viewmake_unreadable(&r.m, 1, EACCES);
	r.m.info.seen += 3; /* these are neither readable nor unreadable */
	r.m.info.vanished = 3;
	answer_expect_head(
		&r, "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: 1 of 212 unreadable");
	r.m.info.hidden = true;
	answer_expect_head(
		&r, "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: hidepid hides processes");
	r.m.info.finished = false;
	r.m.view.timed_out = true;
	answer_expect_head(
		&r, "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: timed out after 8s");
	r.m.view.timed_out = false;
	r.m.view.error = ENOMEM;
	answer_expect_head(
		&r, "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: Cannot allocate memory");
	r.m.view.error = 0;
	r.m.view.signal = 11;
	answer_expect_head(
		&r, "STALE WARNING - sshd (2 processes): libcrypto.so.3, libssl.so.3, "
		    "oldest 1d 2h, incomplete: killed by signal 11");
	buf_release(&r.out);
}

static void an_incomplete_scan_without_a_find_says_how_far_it_came(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	viewmake_unreadable(&r.m, 1, EACCES);
	answer_expect_head(
		&r, "STALE UNKNOWN - 1 of 212 processes unreadable, 0 stale (see -v)");
	r.m.view.privileged = false;
	r.m.info.denied = 208;
	r.m.info.scanned = 4;
	r.nagios.details.verbose = 1;
	answer_expect_golden(&r, "nagios-unprivileged.txt");
	buf_release(&r.out);
	answer_begin(&r);
	r.m.info.hidden = true;
	r.m.info.seen = r.m.info.scanned = 3;
	answer_expect_head(
		&r, "STALE UNKNOWN - only 3 processes visible, 0 stale, the rest is "
		    "hidden (hidepid, ProtectProc)");
	buf_release(&r.out);
	answer_begin(&r);
	r.m.info.finished = false;
	r.m.info.scanned = 812;
	r.m.info.listed = 4088;
	r.m.info.at = 4711;
	r.m.view.timed_out = true;
	r.nagios.details.verbose = 1;
	answer_expect_golden(&r, "nagios-timeout.txt");
	r.m.view.timed_out = false;
	r.m.info.error = EMFILE;
	answer_expect_head(
		&r, "STALE UNKNOWN - the scan failed: Too many open files: 812 of 4000 "
		    "processes scanned, 0 stale so far");
	buf_release(&r.out);
}

static void an_incomplete_scan_taken_for_ok_is_never_silent(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.rules.unreadable = STATE_OK;
	viewmake_unreadable(&r.m, 1, EACCES);
	answer_expect_head(
		&r, "STALE OK - 0 of 211 processes run outdated code, incomplete: 1 of "
		    "212 unreadable");
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
	struct answer r;

	(void)state;
	memset(path, '\n', sizeof(path) - 1);
	path[0] = '/';
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		answer_begin(&r);
		viewmake_proc(&r.m, 1, rows[i].comm);
		viewmake_file(&r.m, path, STALE_DELETED, 400 * DAY);
		viewmake_proc(&r.m, 2, "zz");
		viewmake_file(&r.m, "/zz", STALE_REINSTALLED, -1);
		viewmake_unreadable(&r.m, 7, EACCES);
		r.m.info.seen = 4194304;
		r.nagios.details.verbose = 2;
		answer_render(&r, rows[i].comm);
		assert_non_null(strstr(r.out.s, ", oldest 400d, incomplete: 1 of "
						"4194304 unreadable | "));
		row_number(rows[i].comm, "cut",
			   strstr(r.out.s, "... (1 process): ") != NULL, rows[i].is_cut);
		/* one long path does not push out what follows */
		assert_non_null(strstr(r.out.s, "    /zz (lib) reinstalled"));
		buf_release(&r.out);
	}
}

/* What follows a name that is too long is still there. */
static void a_long_name_leaves_room_for_how_many_more_there_are(void **state)
{
	static char path[256];
	struct answer r;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	answer_begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, path, STALE_DELETED, DAY);
	viewmake_file(&r.m, "bbbbbbbbbbbb", STALE_DELETED, DAY);
	answer_render(&r, "long name");
	assert_non_null(strstr(r.out.s, "aaa... and 1 more, oldest 1d | "));
	buf_release(&r.out);
}

static void the_widest_numbers_keep_the_first_line_short(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.rules.limits.critical[METRIC_PROCESSES].set = true;
	for (pid_t pid = 1; pid <= 250; pid++) {
		viewmake_proc(&r.m, pid, "\033\033\033\033\033\033\033\033\033\033");
		viewmake_file(&r.m, "/x", STALE_DELETED, 20000 * DAY + 23 * HOUR);
	}
	r.m.info.denied = r.m.info.seen = 4194304;
	answer_render(&r, "numbers");
	assert_non_null(strstr(r.out.s, ", oldest 20000d 23h, incomplete: 4194304 of "
					"4194304 unreadable | "));
	buf_release(&r.out);
	answer_begin(&r);
	r.m.info.error = EILSEQ; /* the longest of all messages */
	r.m.info.scanned = r.m.info.listed = 4194304;
	answer_render(&r, "message");
	buf_release(&r.out);
}

/* n processes of as many units, or of one. */
static void add_units(struct answer *r, pid_t first, size_t n, enum stale_scope scope,
		      const char *const units[])
{
	for (size_t i = 0; i < n; i++) {
		viewmake_unit(&r->m, first + (pid_t)i, "x", scope, units[i]);
		viewmake_file(&r->m, "/lib/libc.so.6", STALE_REPLACED, 9 * DAY);
	}
}

static void services_are_named_without_their_suffix(void **state)
{
	static const char *const units[] = {"ssh.service", "ssh.service", "nginx.service",
					    "dbus.socket", ".service"};
	struct answer r;

	(void)state;
	answer_begin(&r);
	add_units(&r, 1, 2, STALE_SCOPE_SYSTEM, units);
	answer_expect_head(&r, "STALE WARNING - ssh (2 processes): libc.so.6, oldest 9d");
	add_units(&r, 3, 3, STALE_SCOPE_SYSTEM, units + 2);
	answer_expect_head(&r, "STALE WARNING - 4 services (5 processes): ssh, .service, "
			       "dbus.socket, nginx, oldest 9d");
	viewmake_proc(&r.m, 9, "bash");
	viewmake_file(&r.m, "/lib/libc.so.6", STALE_REPLACED, 9 * DAY);
	answer_expect_head(&r,
			   "STALE WARNING - 4 services, 1 program (6 processes): ssh, "
			   ".service, dbus.socket, nginx, bash, oldest 9d");
	buf_release(&r.out);
}

static void groups_of_many_kinds_are_only_numbered(void **state)
{
	static const char *const units[] = {"ssh.service"};
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.m.view.policy.scopes = (1U << STALE_SCOPE_COUNT) - 1;
	add_units(&r, 1, 1, STALE_SCOPE_SYSTEM, units);
	viewmake_container(&r.m, 2, "x", "lxc", "web-and-all-that-is-behind-it-for-us");
	viewmake_file(&r.m, "/lib/libc.so.6", STALE_REPLACED, 9 * DAY);
	viewmake_proc(&r.m, 3, "bash");
	viewmake_file(&r.m, "/lib/libc.so.6", STALE_REPLACED, 9 * DAY);
	answer_expect_head(&r,
			   "STALE WARNING - 3 groups (3 processes): lxc "
			   "web-and-all-that-is-behind-it-for-us, ssh, bash, oldest 9d");
	buf_release(&r.out);
}

static void what_is_not_counted_is_told_by_whose_it_is(void **state)
{
	static const char *const sessions[] = {"session-1.scope", "session-1.scope",
					       "session-2.scope", "session-2.scope"};
	struct answer r;

	(void)state;
	answer_begin(&r);
	add_units(&r, 1, 4, STALE_SCOPE_SESSION, sessions);
	answer_expect_head(&r, "STALE OK - 0 of 212 processes run outdated code (not "
			       "counted: 4 in 2 sessions)");
	viewmake_container(&r.m, 5, "x", "lxc", "web");
	viewmake_file(&r.m, "/x", STALE_REPLACED, 1);
	viewmake_proc(&r.m, 6, "x");
	viewmake_file(&r.m, "/x", STALE_REINSTALLED, 1);
	answer_expect_head(&r, "STALE OK - 0 of 212 processes run outdated code (not "
			       "counted: 1 in 1 container, 4 in 2 sessions, 1 other)");
	viewmake_unreadable(&r.m, 1, EACCES);
	r.m.view.privileged = false;
	/* no room for whose */
	answer_expect_head(&r, "STALE UNKNOWN - only 211 of 212 processes readable, 0 "
			       "stale, needs root or cap_sys_ptrace (see -v) (not "
			       "counted: 6)");
	buf_release(&r.out);
}

static void the_metric_that_alerts_names_its_own(void **state)
{
	static const char *const sessions[] = {"session-1.scope", "session-1.scope",
					       "session-2.scope"};
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.rules.limits.warning[METRIC_SESSIONS].set = true;
	add_units(&r, 1, 3, STALE_SCOPE_SESSION, sessions);
	answer_expect_head(&r,
			   "STALE WARNING - 2 sessions (3 processes): session-1.scope "
			   "of user 1000, session-2.scope of user 1000, oldest 9d");
	r.rules.limits.warning[METRIC_SESSIONS].set = false;
	r.rules.limits.warning[METRIC_REBOOT].set = true;
	r.m.procs[0].advice = STALE_REBOOT;
	answer_expect_head(&r, "STALE WARNING - 0 of 212 processes run outdated code, 1 "
			       "needs a reboot (not counted: 3 in 2 sessions)");
	r.m.procs[1].scope = r.m.procs[2].scope = STALE_SCOPE_SYSTEM;
	r.m.procs[2].advice = STALE_REBOOT;
	answer_expect_head(&r,
			   "STALE WARNING - 2 services (2 processes): session-1.scope, "
			   "session-2.scope, 2 need a reboot, oldest 9d");
	buf_release(&r.out);
}

static void who_uses_a_library_is_told_in_words_that_fit(void **state)
{
	static const char *const units[] = {"ssh.service", "nginx.service"};
	static const char *const globs[] = {"libssl|*", "libcrypto*", NULL};
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.m.view.policy.is_using = true;
	r.m.view.using_globs = globs;
	answer_expect_head(&r,
			   "STALE OK - 0 of 212 processes use libssl\\x7c* and 1 more");
	add_units(&r, 1, 2, STALE_SCOPE_SYSTEM, units);
	r.m.files[1].why = STALE_CURRENT;
	r.m.files[1].since_source = STALE_SINCE_UNKNOWN;
	answer_expect_head(
		&r, "STALE WARNING - 2 services (2 processes) use libssl\\x7c* and "
		    "1 more: nginx, ssh, 1 stale");
	r.m.info.finished = false;
	r.m.view.timed_out = true;
	r.m.view.nprocs = 0;
	r.m.info.scanned = 10;
	answer_expect_head(&r, "STALE UNKNOWN - timed out after 8s: 10 of 212 processes "
			       "scanned, 0 users so far");
	buf_release(&r.out);
}

static void data_and_open_files_are_told_in_words_that_fit(void **state)
{
	static const struct row {
		unsigned kinds;
		enum stale_kind kind; /* of what is found */
		const char *none, *one;
	} rows[] = {
		{STALE_KIND_BIT(STALE_FD), STALE_FD,
		 "STALE OK - 0 of 212 processes hold deleted files open",
		 "STALE WARNING - x (1 process) holds open x, 4.0 KiB on disk, oldest "
		 "9d"},
		{STALE_KIND_BIT(STALE_DATA), STALE_DATA,
		 "STALE OK - 0 of 212 processes map deleted files",
		 "STALE WARNING - x (1 process) maps x, oldest 9d"},
		{STALE_KIND_BIT(STALE_DATA) | STALE_KIND_BIT(STALE_FD), STALE_FD,
		 "STALE OK - 0 of 212 processes hold deleted files",
		 "STALE WARNING - x (1 process) holds open x, 4.0 KiB on disk, oldest "
		 "9d"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct answer r;

		answer_begin(&r);
		r.m.view.policy.kinds = rows[i].kinds;
		answer_expect_head(&r, rows[i].none);
		viewmake_proc(&r.m, 1, "x");
		viewmake_file(&r.m, "/x", STALE_DELETED, 9 * DAY)->kind = rows[i].kind;
		r.m.files[0].bytes = 4096;
		answer_expect_head(&r, rows[i].one);
		buf_release(&r.out);
	}
}

static void a_selection_without_a_match_is_told(void **state)
{
	struct answer r;

	(void)state;
	answer_begin(&r);
	r.m.info.seen = r.m.info.scanned = 0;
	r.m.info.unselected = 212;
	answer_expect_head(&r, "STALE OK - none of 212 processes is selected");
	buf_release(&r.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_stale_says_how_many_were_looked_at),
		cmocka_unit_test(one_process_is_told_in_the_singular),
		cmocka_unit_test(many_programs_are_told_by_the_most_affected),
		cmocka_unit_test(an_incomplete_scan_names_what_it_found_first),
		cmocka_unit_test(an_incomplete_scan_without_a_find_says_how_far_it_came),
		cmocka_unit_test(an_incomplete_scan_taken_for_ok_is_never_silent),
		cmocka_unit_test(long_names_are_cut_and_the_rest_stays),
		cmocka_unit_test(a_long_name_leaves_room_for_how_many_more_there_are),
		cmocka_unit_test(the_widest_numbers_keep_the_first_line_short),
		cmocka_unit_test(services_are_named_without_their_suffix),
		cmocka_unit_test(groups_of_many_kinds_are_only_numbered),
		cmocka_unit_test(what_is_not_counted_is_told_by_whose_it_is),
		cmocka_unit_test(the_metric_that_alerts_names_its_own),
		cmocka_unit_test(who_uses_a_library_is_told_in_words_that_fit),
		cmocka_unit_test(data_and_open_files_are_told_in_words_that_fit),
		cmocka_unit_test(a_selection_without_a_match_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
