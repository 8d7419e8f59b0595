/*
 * test_human.c - the listing for people: lib_users' lines first, then whose and what to
 * do, then what is missing.
 */
#include "tests/test.h"

#include <errno.h>

#include "human.h"
#include "tests/support/golden.h"
#include "tests/support/viewmake.h"

static struct viewmake m;
static struct rules rules;
static struct human human;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	viewmake_init(&m);
	memset(&rules, 0, sizeof(rules));
	memset(&human, 0, sizeof(human));
	rules.unreadable = rules.timeout = STATE_UNKNOWN;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&out);
	viewmake_release(&m);
	return 0;
}

static const char *render(void)
{
	struct verdict verdict;

	buf_release(&out);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &verdict);
	assert_int_equal(human_render(&m.view, &verdict, &human, &out), 0);
	return out.s ? out.s : "";
}

static void expect_line(const char *line)
{
	if (!strstr(render(), line))
		fail_msg("no \"%s\" in\n%s", line, out.s);
}

static void set_args(const char *args, size_t len)
{
	m.procs[m.view.nprocs - 1].cmdline = args;
	m.procs[m.view.nprocs - 1].cmdline_len = len;
}

/* One of everything. */
static void make_all(void)
{
	viewmake_users(&m, "root:x:0:0::/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
	viewmake_unit(&m, 1, "systemd", STALE_SCOPE_SYSTEM, "init.scope")->advice =
		STALE_REBOOT;
	set_args("/sbin/init\0", 11);
	viewmake_file(&m, "/usr/lib/systemd/systemd", STALE_REPLACED, 93600)->kind =
		STALE_EXE;
	viewmake_unit(&m, 812, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	set_args("sshd: /usr/sbin/sshd -D\0", 24);
	viewmake_file(&m, "/usr/lib/libcrypto.so.3", STALE_REPLACED, 93600);
	viewmake_file(&m, "/usr/lib/libssl.so.3", STALE_DELETED, -1);
	viewmake_unit(&m, 977, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	set_args("sshd: /usr/sbin/sshd -D\0", 24);
	viewmake_file(&m, "/usr/lib/libcrypto.so.3", STALE_REPLACED, 60);
	viewmake_unit(&m, 980, "sleep", STALE_SCOPE_SYSTEM, "ssh.service")->is_leftover =
		true;
	m.procs[m.view.nprocs - 1].advice = STALE_RESTART_PROCESS;
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_SUPERSEDED, 5);
	viewmake_unit(&m, 1200, "pipewire", STALE_SCOPE_USER, "pipewire.service");
	set_args("pipewire\0", 9);
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_SUPERSEDED, 5);
	viewmake_unit(&m, 1300, "bash", STALE_SCOPE_SESSION, "session-3.scope")->owner =
		4711;
	set_args("-bash\0", 6);
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_SUPERSEDED, 5);
	viewmake_container(&m, 1400, "nginx", "docker",
			   "0123456789abcdef0123456789abcdef"
			   "0123456789abcdef0123456789abcdef");
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_SUPERSEDED, 5);
	viewmake_proc(&m, 1500, "old");
	viewmake_file(&m, "/usr/lib/libsame.so", STALE_REINSTALLED, 5);
	viewmake_proc(&m, 1600, "java");
	viewmake_file(&m, "/opt/x.jar", STALE_DELETED, 5)->kind = STALE_FD;
	m.files[m.nfiles - 1].bytes = 4096;
}

static void everything_is_told(void **state)
{
	(void)state;
	make_all();
	render();
	assert_int_equal(golden_check("human.txt", out.s, out.len), 0);
}

static void with_v_the_files_are_told(void **state)
{
	(void)state;
	make_all();
	human.verbose = 1;
	render();
	assert_int_equal(golden_check("human-v.txt", out.s, out.len), 0);
}

static void on_a_terminal_it_is_aligned_and_coloured(void **state)
{
	(void)state;
	make_all();
	human.width = 40;
	human.colour = true;
	m.info.hidden = true;
	render();
	assert_int_equal(golden_check("human-terminal.txt", out.s, out.len), 0);
}

static void colour_is_a_setting_of_its_own(void **state)
{
	(void)state;
	make_all();
	human.width = 80;
	assert_null(strchr(render(), '\033'));
	human.width = 0;
	human.colour = true;
	assert_non_null(strchr(render(), '\033'));
}

/* Lines up to the first empty one, as scripts read those of lib_users. */
static void no_name_forges_a_line_or_ends_its_quotes(void **state)
{
	static const char args[] = "a\" uses /etc/passwd\n7 \"b\\\033[31m";

	(void)state;
	viewmake_unit(&m, 5, "x", STALE_SCOPE_SYSTEM, "a;b\n$(reboot).service");
	set_args(args, sizeof(args));
	viewmake_file(&m, "/a,b\n\xff\033", STALE_DELETED, 1);
	viewmake_proc(&m, 6, "y]\n\"");
	viewmake_file(&m, "/b", STALE_DELETED, 1);
	human.verbose = 1;
	assert_string_equal(render(),
			    "5 \"a\\\" uses /etc/passwd\\n7 \\\"b\\\\\\x1b[31m\" uses "
			    "/a\\x2cb\\n\\xff\\x1b\n"
			    "6 \"[y]\\n\\\"]\" uses /b\n"
			    "\n"
			    "5 belongs to a;b\\n$(reboot).service: restart the unit\n"
			    "6 belongs to no unit: restart the process\n"
			    "\n"
			    "/a,b\\n\\xff\\x1b: deleted 1s ago\n"
			    "/b: deleted 1s ago\n");
}

/* Somebody will paste it into a shell of root. */
static void a_command_is_offered_for_plain_names_of_services_only(void **state)
{
	static const struct row {
		const char *unit, *want;
	} rows[] = {
		{"ssh.service", ": systemctl restart ssh.service\n"},
		{"getty@tty1.service", ": systemctl restart getty@tty1.service\n"},
		{"a:b_c.d-E9.service", ": systemctl restart a:b_c.d-E9.service\n"},
		{"-ssh.service", ": restart the unit\n"},
		{"a b.service", ": restart the unit\n"},
		{"a`b`.service", ": restart the unit\n"},
		{"a\\x2db.service", ": restart the unit\n"},
		{"dbus.socket", ": restart the unit\n"},
		{"x.scope", ": restart the unit\n"},
		{"ssh.service.", ": restart the unit\n"},
		{"", ": restart the unit\n"},
		{NULL, ": restart the unit\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setup(state);
		m.nfiles = 0;
		viewmake_unit(&m, 5, "x", STALE_SCOPE_SYSTEM, rows[i].unit);
		viewmake_file(&m, "/a", STALE_DELETED, 1);
		expect_line(rows[i].want);
	}
}

static void a_long_command_line_is_cut_on_a_terminal_only(void **state)
{
	static const char args[] =
		"0123456789 0123456789 0123456789 0123456789 \xe2\x82\xac 0123456789";

	(void)state;
	viewmake_proc(&m, 12345, "x");
	set_args(args, sizeof(args));
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	expect_line("\xe2\x82\xac 0123456789\"\n");
	human.width = 50;
	expect_line("12345 \"0123456789 0123456789 0123456789 012345...\"\n");
	human.width = 1;
	expect_line("12345 \"0123456789 012345...\"\n");
	human.width = 58;
	expect_line("12345 \"0123456789 0123456789 0123456789 0123456789 "
		    "\xe2\x82\xac...\"\n");
	human.width = 57; /* not within a character */
	expect_line("12345 \"0123456789 0123456789 0123456789 0123456789 ...\"\n");
	human.verbose = 1;
	expect_line("\xe2\x82\xac 0123456789\" uses /a\n");
}

/* Each holds its own bytes; of code one line a name is enough. */
static void open_files_of_one_name_are_told_apart(void **state)
{
	(void)state;
	human.verbose = 1;
	m.view.policy.kinds = STALE_KIND_BIT(STALE_FD);
	for (uint32_t i = 0; i < 2; i++) {
		struct stale_file *file;

		viewmake_proc(&m, (pid_t)(5 + i), "x");
		file = viewmake_file(&m, "/log", STALE_DELETED, 1);
		file->kind = STALE_FD;
		file->bytes = (int64_t)(3 + i) << 20;
		file->id = i;
	}
	expect_line("/log: deleted 1s ago, holds 3.0 MiB on disk\n");
	expect_line("/log: deleted 1s ago, holds 4.0 MiB on disk\n");
}

static void ignored_files_are_listed_on_request(void **state)
{
	(void)state;
	viewmake_ignored(&m, 9, "/tmp/a\nb", "-i /tmp/*");
	assert_null(strstr(render(), "ignored"));
	human.show_ignored = true;
	expect_line("ignored: 9 /tmp/a\\nb by -i /tmp/*\n");
}

static void what_is_missing_is_told_last(void **state)
{
	(void)state;
	viewmake_proc(&m, 5, "x");
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	viewmake_unreadable(&m, 9, EACCES);
	m.view.privileged = false;
	expect_line("\n\nThis is not all: 1 of 212 processes could not be read: run this "
		    "as root, or with cap_sys_ptrace.\n");
	m.view.privileged = true;
	expect_line("\n\nThis is not all: 1 of 212 processes could not be read.\n");
	m.info.hidden = true;
	expect_line("\n\nThis is not all: this /proc hides processes (hidepid, "
		    "ProtectProc).\n1 of 212 processes could not be read.\n");
	m.info.finished = false;
	m.view.timed_out = true;
	expect_line("\n\nThis is not all: time ran out after 211 ");
	m.view.timed_out = false;
	m.view.error = ENOMEM;
	expect_line("\n\nThis is not all: the scan failed: Cannot allocate memory.\n");
}

static void nothing_found_is_told_on_a_terminal_only(void **state)
{
	(void)state;
	assert_string_equal(render(), "");
	human.width = 80;
	assert_string_equal(render(), "0 of 212 processes run outdated code.\n");
}

static void nothing_found_by_half_a_scan_is_never_silence(void **state)
{
	(void)state;
	m.info.hidden = true;
	assert_string_equal(render(), "This is not all: this /proc hides processes "
				      "(hidepid, ProtectProc).\n");
}

static void users_of_a_library_are_told_with_the_build_they_have(void **state)
{
	static const uint8_t build[] = {0xab, 0x01};

	(void)state;
	m.view.policy.is_using = true;
	viewmake_proc(&m, 5, "x");
	viewmake_file(&m, "/lib/a.so", STALE_REPLACED, 60)->build_id = build;
	m.files[0].build_id_len = sizeof(build);
	viewmake_file(&m, "/lib/a.so", STALE_REPLACED, -1);
	viewmake_proc(&m, 6, "y");
	viewmake_file(&m, "/lib/a.so", STALE_CURRENT, -1);
	human.verbose = 1;
	expect_line("/lib/a.so: replaced 1m ago, build ab01\n/lib/a.so: current\n");
	expect_line("6 belongs to no unit: nothing to do");
	expect_line("5 belongs to no unit: restart the process\n");
	m.view.policy.is_using = false;
	expect_line("/lib/a.so: replaced 1m ago\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_name_forges_a_line_or_ends_its_quotes),
		TEST(a_command_is_offered_for_plain_names_of_services_only),
		TEST(everything_is_told),
		TEST(with_v_the_files_are_told),
		TEST(on_a_terminal_it_is_aligned_and_coloured),
		TEST(colour_is_a_setting_of_its_own),
		TEST(a_long_command_line_is_cut_on_a_terminal_only),
		TEST(open_files_of_one_name_are_told_apart),
		TEST(ignored_files_are_listed_on_request),
		TEST(what_is_missing_is_told_last),
		TEST(nothing_found_is_told_on_a_terminal_only),
		TEST(nothing_found_by_half_a_scan_is_never_silence),
		TEST(users_of_a_library_are_told_with_the_build_they_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
