/*
 * live_output.c - where check_stale's answer goes: a file that is replaced, the first line
 * beside it, and what is told when there is no answer.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/grammar.h"
#include "support/livecheck.h"
#include "support/liveplugin.h"
#include "test.h"

#define LIB "libx.so.1"

/* A process that runs a library which is gone. */
static void start_stale(struct live *live)
{
	char *path = live_path(live, LIB);

	live_lib(live, LIB, NULL, 'a');
	live_start(live, "comm", "victim", "map", path, "rx");
	live_unlink(live, LIB);
	free(path);
}

/* "-oDIR/NAME", owned by the caller. */
static char *output_option(const struct live *live, const char *name)
{
	char *path = live_path(live, name), *option;

	assert_true(asprintf(&option, "-o%s", path) > 0);
	free(path);
	return option;
}

/* Its contents in a buffer that the next call writes to; "" where there is no file. */
static const char *read_output(const struct live *live, const char *name)
{
	static char text[65536];
	char *path = live_path(live, name);
	FILE *file = fopen(path, "re");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	free(path);
	return text;
}

/* Runs it on what is watched with three more words; the answer is one line. */
static void expect_line(const struct live *live, int status, const char *const words[3])
{
	char *pids = liveplugin_pids(live), *text;
	struct liveplugin_answer answer;
	char why[256] = "";

	liveplugin_run(NULL,
		       (const char *const[]){pids, "--count=all", words[0], words[1],
					     words[2], NULL},
		       &answer);
	text = answer.out;
	if (answer.status != status || answer.nerr != 0)
		fail_msg("%s: exit %d, not %d: %s", words[0], answer.status, status,
			 text);
	assert_ptr_equal(strchr(text, '\n'), text + answer.len - 1);
	if (grammar_check(text, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, text);
	liveplugin_release(&answer);
	free(pids);
}

static void a_file_is_written_and_the_first_line_is_told(void **state)
{
	static const struct row {
		const char *format, *want;
	} rows[] = {
		{"-fprometheus", "\nstale_scan_success 1\n"},
		{"-fjson", "\"comm\":\"victim\""},
		{"-fnames", "victim\n"},
		{"-fmachine", "/" LIB ";"},
		{"-fhuman", " uses "},
		{"-fnagios", "\n[WARNING] "},
	};
	struct live *live = *state;
	char *option = output_option(live, "out"), *path = live_path(live, "out");

	start_stale(live);
	live_text(live, "out", "what was there before\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const words[3] = {rows[i].format, option, "-v"};
		const char *text;
		struct stat st;

		expect_line(live, 1, words);
		text = read_output(live, "out");
		if (!strstr(text, rows[i].want))
			fail_msg("%s: %s", rows[i].format, text);
		assert_null(strstr(text, "before"));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0644);
	}
	live_unlink(live, "out");
	free(option);
	free(path);
}

/* Runs it with three words; it has no answer, and says why. */
static void expect_failure(const char *const words[3], const char *want)
{
	struct liveplugin_answer answer;

	liveplugin_run(NULL, (const char *const[]){words[0], words[1], words[2], NULL},
		       &answer);
	assert_int_equal(answer.status, 3);
	assert_int_equal(answer.nerr, 0);
	if (strncmp(answer.out, want, strlen(want)) != 0)
		fail_msg("%s: not %s: %s", words[0], want, answer.out);
	liveplugin_release(&answer);
}

static void a_file_that_cannot_be_written_is_unknown(void **state)
{
	static const char *const words[3] = {"--count=all", "-o/nonexistent/x|y"};
	struct live *live = *state;

	live_need_dir(live);
	expect_failure(words, "STALE UNKNOWN - ");
}

static void a_failed_scan_is_told_to_who_scrapes_metrics(void **state)
{
	static const char root[] = "--proc-root=/nonexistent";
	struct live *live = *state;
	char *option = output_option(live, "out");
	const char *const file[3] = {"-fprometheus", root, option};
	const char *const stdout_only[3] = {"-fprometheus", root};
	const char *const other[3] = {"-fjson", root, option};

	live_text(live, "out", "what was there before\n");
	expect_failure(other, "STALE UNKNOWN - /nonexistent: ");
	assert_string_equal(read_output(live, "out"), "what was there before\n");
	expect_failure(file, "STALE UNKNOWN - /nonexistent: ");
	assert_non_null(strstr(read_output(live, "out"), "\nstale_scan_success 0\n"));
	expect_failure(stdout_only, "# STALE UNKNOWN - /nonexistent: ");
	live_unlink(live, "out");
	free(option);
}

static void who_gained_privilege_may_name_no_file(void **state)
{
	static const char *const words[] = {"--proc-root=/proc", "--ignore-file=/etc/x",
					    "-o/tmp/x"};
	struct live *live = *state;
	char *program;

	live_need_root(live);
	live_program(live, "setuid", "check_stale", 0);
	program = live_path(live, "setuid");
	assert_int_equal(chmod(program, 04755), 0);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct liveplugin_answer answer;

		liveplugin_run_as(LIVECHILD_PLAIN, program,
				  (const char *const[]){words[i], NULL}, &answer);
		assert_int_equal(answer.status, 3);
		if (!strstr(answer.out, " is refused to a program with more privilege "))
			fail_msg("%s: %s", words[i], answer.out);
		liveplugin_release(&answer);
	}
	live_unlink(live, "setuid");
	free(program);
}

static void what_is_listed_on_request_is_no_result(void **state)
{
	struct liveplugin_answer answer;

	(void)state;
	liveplugin_run(NULL, (const char *const[]){"--reboot-list", NULL}, &answer);
	assert_int_equal(answer.status, 3);
	assert_non_null(strstr(answer.out, "dbus.service "));
	liveplugin_release(&answer);
}

/* The exit status of a shell with this command, check_stale being $C.  It closes and
 * limits what the program inherits; what it prints is lost. */
static int run_shell(const char *command)
{
	char *program = live_built("check_stale");
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		    setenv("C", program, 1) < 0)
			_exit(126);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	free(program);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void an_answer_that_reaches_nobody_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(run_shell("\"$C\" --pid=$$ --count=all"), 0);
	assert_int_equal(run_shell("\"$C\" --pid=$$ --count=all >&-"), 3);
	assert_int_equal(run_shell("\"$C\" --pid=$$ --count=all >/dev/full"), 3);
}

static void a_limit_of_file_size_is_told_and_leaves_no_file(void **state)
{
	struct live *live = *state;
	char *option = output_option(live, "out");
	char *command;

	assert_true(asprintf(&command, "ulimit -f 0; \"$C\" --pid=$$ -f json '%s'",
			     option) > 0);
	assert_int_equal(run_shell(command), 3);
	assert_string_equal(read_output(live, "out"), "");
	free(command);
	free(option);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_file_is_written_and_the_first_line_is_told),
		LIVE_TEST(a_file_that_cannot_be_written_is_unknown),
		LIVE_TEST(a_failed_scan_is_told_to_who_scrapes_metrics),
		LIVE_TEST(who_gained_privilege_may_name_no_file),
		LIVE_TEST(what_is_listed_on_request_is_no_result),
		LIVE_TEST(an_answer_that_reaches_nobody_is_unknown),
		LIVE_TEST(a_limit_of_file_size_is_told_and_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
