/*
 * test_machine.c - lines as lib_users -m prints them, and hostile names read back.
 */
#include "tests/test.h"

#include <stdio.h>

#include "machine.h"
#include "tests/support/golden.h"
#include "tests/support/viewmake.h"

static struct viewmake m;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	viewmake_init(&m);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

/* args: with its NULs; len: without the one that the compiler adds. */
static struct stale_proc *add(pid_t pid, const char *args, size_t len)
{
	struct stale_proc *proc = viewmake_proc(&m, pid, "comm");

	proc->cmdline = args;
	proc->cmdline_len = len;
	return proc;
}
#define ADD(pid, args) add(pid, args, sizeof(args) - 1)

static const char *render(void)
{
	buf_release(&out);
	assert_int_equal(machine_render(&m.view, &out), 0);
	return out.s ? out.s : "";
}

static void nothing_found_prints_nothing(void **state)
{
	(void)state;
	assert_string_equal(render(), "");
}

/* The same text comes from lib_users 0.15 for these processes. */
static void equal_command_lines_share_a_line(void **state)
{
	(void)state;
	ADD(999, "/usr/sbin/sshd\0-D\0");
	viewmake_file(&m, "/usr/lib/libssl.so.3", STALE_REPLACED, 1);
	ADD(1000, "cron\0-f\0");
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_DELETED, 1);
	ADD(1001, "/usr/sbin/sshd\0-D\0");
	viewmake_file(&m, "/usr/lib/libcrypto.so.3", STALE_REPLACED, 1);
	viewmake_file(&m, "/usr/lib/libssl.so.3", STALE_REPLACED, 1);
	assert_string_equal(render(),
			    "999,1001;/usr/lib/libcrypto.so.3,/usr/lib/libssl.so.3;"
			    "/usr/sbin/sshd -D\n"
			    "1000;/usr/lib/libz.so.1;cron -f\n");
}

/* As text 1000 would come before 999, and /b before /B. */
static void numbers_sort_as_numbers_and_files_as_bytes(void **state)
{
	(void)state;
	ADD(999, "x\0");
	viewmake_file(&m, "/b", STALE_DELETED, 1);
	ADD(1000, "x\0");
	viewmake_file(&m, "/B", STALE_DELETED, 1);
	assert_string_equal(render(), "999,1000;/B,/b;x\n");
}

static void a_file_is_told_once(void **state)
{
	(void)state;
	ADD(1, "x\0");
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	viewmake_file(&m, "/a", STALE_REPLACED, 2);
	assert_string_equal(render(), "1;/a;x\n");
}

static void command_lines_are_told_without_blanks_around_them(void **state)
{
	static const struct row {
		const char *label, *args;
		size_t len;
		const char *want;
	} rows[] = {
		{"as exec leaves it", "a\0b\0", 4, "a b"},
		{"without its last NUL", "a\0b", 3, "a b"},
		{"an empty argument within", "a\0\0b\0", 5, "a  b"},
		{"empty arguments behind", "a\0\0\0", 4, "a"},
		{"a title over the arguments", "sshd: x [priv]\0\0\0\0", 18,
		 "sshd: x [priv]"},
		{"blanks around", " \ta \n\0", 6, "a"},
		{"separators stay", "sh\0-c\0a;b,c\"d\0", 14, "sh -c a;b,c\"d"},
		{"nothing", "", 0, "[comm]"},
		{"not known", NULL, 0, "[comm]"},
		{"only NULs", "\0\0\0", 3, "[comm]"},
		{"only blanks", "  \0", 3, "[comm]"},
		{"one that is called like that", "[comm]\0", 7, "[comm]"},
		{"hostile", "\033[2J\n\\\xff|\0", 9, "\\x1b[2J\\n\\\\\\xff|"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char want[64], *args = exact_copy(rows[i].args, rows[i].len);

		viewmake_init(&m);
		m.nfiles = 0;
		add(7, rows[i].args ? args : NULL, rows[i].len);
		viewmake_file(&m, "/a", STALE_DELETED, 1);
		snprintf(want, sizeof(want), "7;/a;%s\n", rows[i].want);
		render();
		free(args);
		row_text(rows[i].label, "line", out.s, out.len, want);
	}
}

static void who_cleared_its_command_line_is_not_who_is_called_so(void **state)
{
	(void)state;
	ADD(1, "[comm]\0");
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	ADD(2, "");
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	assert_string_equal(render(), "1;/a;[comm]\n2;/a;[comm]\n");
}

/* Two ';' end the first two fields, whatever a file is called. */
static void no_name_forges_a_field_or_a_line(void **state)
{
	const char *first, *second;

	(void)state;
	viewmake_proc(&m, 5, "x;y\n6;/z")->cmdline = NULL;
	viewmake_file(&m, "/a,b;c\nd\\x3b \033\xff", STALE_DELETED, 1);
	assert_string_equal(render(), "5;/a\\x2cb\\x3bc\\nd\\\\x3b \\x1b\\xff;"
				      "[x;y\\n6;/z]\n");
	first = strchr(out.s, ';');
	second = strchr(first + 1, ';');
	assert_null(memchr(first + 1, ',', (size_t)(second - first - 1)));
	assert_ptr_equal(strchr(out.s, '\n'), out.s + out.len - 1);
}

static void what_does_not_count_is_told_too(void **state)
{
	(void)state;
	ADD(5, "x\0");
	viewmake_file(&m, "/a", STALE_REINSTALLED, 1);
	m.procs[0].scope = STALE_SCOPE_SESSION;
	assert_string_equal(render(), "5;/a;x\n");
}

static void many_processes_are_told_by_their_lowest_pid(void **state)
{
	static char args[VIEWMAKE_PROCS][8];

	(void)state;
	for (pid_t i = 0; i < 60; i++) {
		snprintf(args[i], sizeof(args[i]), "%c", "zyxwv"[i % 5]);
		add(100 + i, args[i], 2);
		viewmake_file(&m, "/lib/a.so", STALE_DELETED, 1);
	}
	render();
	assert_int_equal(golden_check("machine.txt", out.s, out.len), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_name_forges_a_field_or_a_line),
		TEST(nothing_found_prints_nothing),
		TEST(equal_command_lines_share_a_line),
		TEST(numbers_sort_as_numbers_and_files_as_bytes),
		TEST(a_file_is_told_once),
		TEST(command_lines_are_told_without_blanks_around_them),
		TEST(who_cleared_its_command_line_is_not_who_is_called_so),
		TEST(what_does_not_count_is_told_too),
		TEST(many_processes_are_told_by_their_lowest_pid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
