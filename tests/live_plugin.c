/*
 * live_plugin.c - check_stale as a monitoring system runs it: exit codes, one answer on
 * standard output and nothing on standard error, hostile names, fewer privileges.
 *
 * That its answer to every live case is well-formed is checked by every other live test;
 * what it does when a scan hangs is in live_hang.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/grammar.h"
#include "support/livecheck.h"
#include "support/liveplugin.h"
#include "test.h"

#define LIB    "libx.so.1"
#define NOBODY "65534"

static const char *const states[] = {"STALE OK", "STALE WARNING", "STALE CRITICAL",
				     "STALE UNKNOWN"};

/* Runs it on what is watched, with two more words, and checks all but the text. */
static void run(const struct live *live, int status, const char *a, const char *b)
{
	struct liveplugin_answer answer;
	char *pids = liveplugin_pids(live);
	char why[256] = "";

	liveplugin_run(NULL, (const char *const[]){pids, a, b, NULL}, &answer);
	if (answer.status != status ||
	    strncmp(answer.out, states[status], strlen(states[status])) != 0)
		fail_msg("%s %s: exit %d, not %d: %s", a, b ? b : "", answer.status,
			 status, answer.out);
	assert_int_equal(answer.nerr, 0);
	if (grammar_check(answer.out, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	liveplugin_release(&answer);
	free(pids);
}

/* A process with name, which is removed then. */
static pid_t start_stale(struct live *live, const char *name)
{
	char *path = live_path(live, name);
	pid_t pid;

	live_lib(live, name, NULL, 'a');
	pid = live_start(live, "comm", "victim", "map", path, "rx")->pid;
	live_unlink(live, name);
	free(path);
	return pid;
}

static void the_exit_code_is_the_state(void **state)
{
	struct live *live = *state;

	live_need_dir(live);
	run(live, 0, "-w0", NULL);
	start_stale(live, LIB);
	run(live, 1, "-w0", NULL);
	run(live, 1, "-v", NULL);
	run(live, 0, "-w1", NULL);
	run(live, 2, "-w0", "-c0");
	run(live, 1, "-w0", "-c1");
	run(live, 2, "-c0", "-v");
	run(live, 1, "-wfiles=0", NULL);
	run(live, live->undated ? 3 : 0, "-w5", "-cage=1d");
	run(live, live->undated ? 1 : 0, "--min-age=1d", NULL);
	run(live, 0, "--why=replaced", NULL);
	run(live, 1, "--why=replaced,deleted", NULL);
	run(live, 0, "--library=liby*", NULL);
	run(live, 1, "--library=libx*", NULL);
	run(live, 0, "--ignore=*/" LIB, "--show-ignored");
	run(live, 1, "--ignore-literal=" LIB, NULL);
}

static void check_refusal(const char *word, const char *more)
{
	struct liveplugin_answer answer;

	liveplugin_run(NULL, (const char *const[]){word, more, NULL}, &answer);
	if (answer.status != 3 || answer.nerr || answer.len == 0)
		fail_msg("%s: exit %d, %zu bytes of stderr: %s", word, answer.status,
			 answer.nerr, answer.out);
	liveplugin_release(&answer);
}

static void help_and_errors_exit_3_and_say_why_on_stdout(void **state)
{
	static const char *const words[] = {
		"--help",
		"-h",
		"--version",
		"-V",
		"--nonsense",
		"argument",
		"",
		"-w",
		"-w2:1",
		"-w=x=",
		"--format=html",
		"--timeout=0",
		"-tx",
		"--why=",
		"--why=none",
		"--max-output=1",
		"--unreadable=bad",
		"--pid=0",
		"--pid=",
		"--pid=x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		check_refusal(words[i], NULL);
}

static void a_tree_that_is_none_is_unknown(void **state)
{
	struct live *live = *state;
	char *option, *pids = liveplugin_pids(live);

	live_mkdir(live, "empty");
	assert_true(asprintf(&option, "--proc-root=%s/empty", live->dir) > 0);
	check_refusal(option, NULL);
	free(option);
	assert_true(asprintf(&option, "--proc-root=%s/nowhere", live->dir) > 0);
	check_refusal(option, pids);
	free(option);
	free(pids);
}

static void an_answer_that_reached_nobody_is_unknown(void **state)
{
	struct live *live = *state;
	char *pids = liveplugin_pids(live);
	char *command, *plugin = live_built("check_stale");
	struct liveplugin_answer answer;

	assert_true(asprintf(&command, "'%s' %s >/dev/full", plugin, pids) > 0);
	liveplugin_run("/bin/sh", (const char *const[]){"-c", command, NULL}, &answer);
	assert_int_equal(answer.status, 3);
	assert_int_equal(answer.nerr, 0);
	liveplugin_release(&answer);
	free(command);
	free(plugin);
	free(pids);
}

static void the_whole_machine_gives_a_well_formed_answer(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;
	char why[256] = "";

	start_stale(live, LIB);
	liveplugin_run(NULL, (const char *const[]){"-vvv", NULL}, &answer);
	assert_int_equal(answer.status, 1);
	assert_int_equal(answer.nerr, 0);
	if (grammar_check(answer.out, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	liveplugin_release(&answer);
}

/* What jq makes of the JSON, without the newline.  Owned by the caller. */
static char *ask_jq(const struct live *live, const char *question)
{
	char *pids = liveplugin_pids(live);
	char *path = live_path(live, "json");
	struct liveplugin_answer json, answer;

	if (access("/usr/bin/jq", X_OK) < 0)
		live_skip(live, "no jq");
	liveplugin_run(NULL, (const char *const[]){pids, "-fjson", "--show-args", NULL},
		       &json);
	assert_int_equal(json.status, 1);
	live_text(live, "json", json.out);
	liveplugin_run("/usr/bin/jq", (const char *const[]){"-jer", question, path, NULL},
		       &answer);
	live_unlink(live, "json");
	if (answer.status != 0)
		fail_msg("jq %s: exit %d: %s", question, answer.status, json.out);
	liveplugin_release(&json);
	free(pids);
	free(path);
	return answer.out;
}

static void json_holds_hostile_names_in_printable_form(void **state)
{
	struct live *live = *state;
	char *answer;

	start_stale(live, "lib\n\t\r|;<b>&\033[1m\xff\xc2\x9b\xc3\xa4\\\"'.so ");
	answer = ask_jq(live, ".processes[0].files[0].path | split(\"/\") | last");
	assert_string_equal(
		answer, "lib\\n\\t\\r|;<b>&\\x1b[1m\\xff\\xc2\\x9b\xc3\xa4\\\\\"'.so ");
	free(answer);
}

static void json_tells_what_the_scan_found(void **state)
{
	static const char question[] =
		".schema, .state, (.processes | length), .processes[0].comm, "
		".processes[0].files[0].kind, .processes[0].files[0].why, "
		".processes[0].files[0].since_source, .scan.scanned, .scan.complete";
	struct live *live = *state;
	char *answer;

	live_need_root(live);
	start_stale(live, LIB);
	answer = ask_jq(live, question);
	assert_string_equal(answer, "1WARNING1victimlibdeletedold-inode2true");
	free(answer);
}

/* The plugin where another user can get at it. Owned by the caller. */
static char *copy_plugin(const struct live *live)
{
	live_need_root(live);
	live_program(live, "check_stale", "check_stale", 0);
	return live_path(live, "check_stale");
}

static void start_stale_of_nobody(struct live *live)
{
	char *path = live_path(live, "liby.so");

	live_lib(live, "liby.so", NULL, 'b');
	live_start(live, "setuid", NOBODY, "comm", "own", "map", path, "rx");
	live_unlink(live, "liby.so");
	free(path);
}

static void nobody_is_told_what_to_grant(void **state)
{
	struct live *live = *state;
	char *plugin = copy_plugin(live), *pids;
	struct liveplugin_answer answer;
	char why[256] = "";

	start_stale(live, LIB);
	start_stale_of_nobody(live);
	pids = liveplugin_pids(live);
	liveplugin_run_as(LIVECHILD_PLAIN, plugin,
			  (const char *const[]){pids, "-v", "-w5", NULL}, &answer);
	assert_int_equal(answer.status, 3);
	assert_int_equal(answer.nerr, 0);
	assert_non_null(strstr(answer.out, "cap_sys_ptrace"));
	assert_non_null(strstr(answer.out, "liby.so"));
	assert_null(strstr(answer.out, LIB));
	if (grammar_check(answer.out, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	liveplugin_release(&answer);
	liveplugin_run_as(LIVECHILD_PLAIN, plugin, (const char *const[]){pids, NULL},
			  &answer);
	assert_int_equal(answer.status, 1); /* what is not seen never hides what is */
	liveplugin_release(&answer);
	free(plugin);
	free(pids);
}

static void nobody_without_anything_stale_is_unknown(void **state)
{
	struct live *live = *state;
	char *plugin = copy_plugin(live), *pids = liveplugin_pids(live);
	struct liveplugin_answer answer;

	liveplugin_run_as(LIVECHILD_PLAIN, plugin, (const char *const[]){pids, NULL},
			  &answer);
	assert_int_equal(answer.status, 3);
	assert_int_equal(answer.nerr, 0);
	liveplugin_release(&answer);
	liveplugin_run_as(LIVECHILD_PLAIN, plugin,
			  (const char *const[]){pids, "--unreadable=ok", NULL}, &answer);
	assert_int_equal(answer.status, 0);
	liveplugin_release(&answer);
	free(plugin);
	free(pids);
}

static void cap_sys_ptrace_alone_is_enough(void **state)
{
	struct live *live = *state;
	char *plugin = copy_plugin(live), *pids;
	struct liveplugin_answer answer;

	start_stale(live, LIB);
	start_stale_of_nobody(live);
	pids = liveplugin_pids(live);
	liveplugin_run_as(LIVECHILD_PTRACE, plugin,
			  (const char *const[]){pids, "-vv", NULL}, &answer);
	assert_int_equal(answer.status, 1);
	assert_int_equal(answer.nerr, 0);
	assert_non_null(strstr(answer.out, "processes=2;"));
	assert_non_null(strstr(answer.out, "unreadable=0;"));
	assert_non_null(strstr(answer.out, LIB));
	assert_non_null(strstr(answer.out, "liby.so"));
	liveplugin_release(&answer);
	free(plugin);
	free(pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(the_exit_code_is_the_state),
		LIVE_TEST(help_and_errors_exit_3_and_say_why_on_stdout),
		LIVE_TEST(a_tree_that_is_none_is_unknown),
		LIVE_TEST(an_answer_that_reached_nobody_is_unknown),
		LIVE_TEST(the_whole_machine_gives_a_well_formed_answer),
		LIVE_TEST(json_holds_hostile_names_in_printable_form),
		LIVE_TEST(json_tells_what_the_scan_found),
		LIVE_TEST(nobody_is_told_what_to_grant),
		LIVE_TEST(nobody_without_anything_stale_is_unknown),
		LIVE_TEST(cap_sys_ptrace_alone_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
