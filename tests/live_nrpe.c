/*
 * live_nrpe.c - a real NRPE server with the commands that are shipped, a real check_nrpe,
 * real stale processes: what arrives is what the plugin says when it is run directly.
 *
 * Debian: nagios-nrpe-server, nagios-nrpe-plugin, sudo.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/grammar.h"
#include "support/granted.h"
#include "support/livecgroup.h"
#include "support/livefuse.h"
#include "support/monitored.h"
#include "support/nrpe.h"
#include "support/shipped.h"
#include "test.h"

#define NOBODY "65534"

static struct nrpe nrpe;

static int teardown(void **state)
{
	nrpe_stop(&nrpe);
	return livecgroup_teardown(state);
}

#define NRPE_TEST(f)                                                                     \
	{                                                                                \
#f, f, live_setup, teardown, &(struct live_row)                          \
		{                                                                        \
#f                                                               \
		}                                                                        \
	}

static void start_nrpe(struct live *live, const char *more, bool sudo)
{
	char *pids = liveplugin_pids(live), *words;

	assert_true(asprintf(&words, "%s%s%s", pids, more ? " " : "", more ? more : "") >
		    0);
	nrpe_start(&nrpe, live, words, sudo);
	free(words);
	free(pids);
}

/* What the server runs, run without it, by the same user. */
static void run_directly(const char *command, struct liveplugin_answer *ret)
{
	char *line = nrpe_command_line(&nrpe, command);

	liveplugin_run_as(monitored_user(), "/bin/sh",
			  (const char *const[]){"-c", line, NULL}, ret);
	free(line);
}

struct expected {
	const char *command;
	int status;
	const char *text; /* in the answer */
	size_t max;       /* of bytes; 0: 4096 */
};

/* Returns the answer of NRPE, which is that of a direct run. */
static struct liveplugin_answer check(const struct expected *want, const char *option)
{
	const size_t max = want->max ? want->max : 4096;
	struct liveplugin_answer got, direct;
	char why[256] = "";

	nrpe_ask(&nrpe, want->command, option, &got);
	run_directly(want->command, &direct);
	if (got.status != want->status || !strstr(got.out, want->text))
		daemon_fail(&nrpe.daemon, "%s: exit %d, not %d with \"%s\": %s",
			    want->command, got.status, want->status, want->text, got.out);
	assert_int_equal(direct.status, want->status);
	assert_int_equal(direct.nerr, 0);
	assert_int_equal(shipped_differs(want->command, got.out, direct.out), 0);
	if (grammar_check(got.out, got.len, max, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, got.out);
	liveplugin_release(&direct);
	return got;
}

static void expect(const char *command, int status, const char *text)
{
	const struct expected want = {command, status, text, 0};
	struct liveplugin_answer answer = check(&want, NULL);

	liveplugin_release(&answer);
}

static void nothing_stale_is_ok_for_every_command(void **state)
{
	struct live *live = *state;

	monitored_start(live, "fine", "map", "libssl.so.3");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale", 0, "STALE OK - 0 of ");
	expect("check_stale_tls", 0, "STALE OK - 0 of ");
	expect("check_stale_java", 0, "STALE OK - ");
	expect("check_stale_sessions", 0, "STALE OK - 0 of ");
}

static void an_upgrade_that_goes_on_is_shown_and_ok(void **state)
{
	struct live *live = *state;

	monitored_start(live, "victim", "map", "libssl.so.3");
	live_lib(live, "new", NULL, 'b');
	live_rename(live, "new", "libssl.so.3");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale", 0, "(not counted)");
	expect("check_stale_tls", 0, "(not counted)");
}

static void stale_code_is_a_warning(void **state)
{
	struct live *live = *state;

	monitored_start_stale(live, "victim", "libx.so.1");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale", 1, " (1 process): libx.so.1, age unknown | ");
	expect("check_stale_tls", 0, "STALE OK - ");
	expect("check_stale_java", 0, "STALE OK - ");
}

static void stale_code_of_tls_is_critical(void **state)
{
	struct live *live = *state;

	monitored_start_stale(live, "victim", "libssl.so.3");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale_tls", 2, " (1 process): libssl.so.3, age unknown | ");
	expect("check_stale", 1, "STALE WARNING - ");
}

static void a_deleted_jar_that_is_held_open_is_a_warning(void **state)
{
	struct live *live = *state;

	monitored_start(live, "java", "open", "app.jar");
	monitored_start(live, "tail", "open", "app.log");
	live_unlink(live, "app.jar");
	live_unlink(live, "app.log");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale_java", 1, " (1 process) holds open app.jar, ");
	expect("check_stale_java", 1, "processes=1;0;");
	expect("check_stale_java", 1, " holds open app.jar, deleted ");
	expect("check_stale", 0, "STALE OK - ");
}

static void stale_code_in_a_login_is_told_by_its_own_command(void **state)
{
	struct live *live = *state;
	const struct live_process *process =
		monitored_start_stale(live, "irssi", "libx.so.1");

	livecgroup_enter(live, process->pid, "user.slice/user-%.slice/session-%.scope");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale_sessions", 1, "STALE WARNING - session-");
	expect("check_stale_sessions", 1, " sessions=1;");
}

static void what_the_user_of_the_server_may_not_see_is_unknown(void **state)
{
	struct live *live = *state;

	live_need_root(live);
	monitored_start(live, "fine", "map", "libx.so.1");
	start_nrpe(live, NULL, false);
	expect("check_stale", 3, "STALE UNKNOWN - only 1 of 2 processes readable, ");
	expect("check_stale", 3, "\nTo see the processes of all users run as root,");
}

static void hostile_names_arrive_in_printable_form(void **state)
{
	struct live *live = *state;

	monitored_start_stale(live, "a|b=1 'c' <b>",
			      "lib\n;|x=1;2 <b>&`id`$(id)\033[1m\xff.so");
	monitored_only(live);
	start_nrpe(live, NULL, false);
	expect("check_stale", 1, "a\\x7cb=1 'c' \\x3cb\\x3e (");
	expect("check_stale", 1,
	       "lib\\n\\x3b\\x7cx=1\\x3b2 \\x3cb\\x3e\\x26`id`$(id)\\x1b[1m\\xff.so");
}

/* Fourteen programs, each with a library of a long name: more than any limit. */
static void start_many(struct live *live)
{
	char comm[16], file[256];

	for (int i = 0; i < LIVE_MAX - 2; i++) {
		snprintf(comm, sizeof(comm), "victim%d", i);
		snprintf(file, sizeof(file), "lib%0230d.so.%d", 0, i);
		monitored_start_stale(live, comm, file);
	}
	monitored_only(live);
}

static void expect_long(const char *option, size_t max)
{
	const struct expected want = {"check_stale", 1, "\n... and ", max};
	struct liveplugin_answer answer = check(&want, option);

	/* It ends where the next line would not have fitted. */
	assert_in_range(answer.len, max - 320, max);
	liveplugin_release(&answer);
}

static void a_long_answer_arrives_whole(void **state)
{
	start_many(*state);
	start_nrpe(*state, "-v", false);
	expect_long(NULL, 4096);
}

static void an_answer_for_version_2_arrives_whole(void **state)
{
	start_many(*state);
	start_nrpe(*state, "--max-output=1024", false);
	expect_long("-2", 1024);
	expect_long("-3", 1024);
}

/* The control: one that is not made for version 2 is cut. */
static void an_answer_of_4096_bytes_is_too_long_for_version_2(void **state)
{
	struct liveplugin_answer answer;

	start_many(*state);
	start_nrpe(*state, "-v", false);
	nrpe_ask(&nrpe, "check_stale", "-2", &answer);
	assert_int_equal(answer.len, 1024);
	assert_null(strstr(answer.out, "\n... and "));
	liveplugin_release(&answer);
}

static void with_capabilities_it_sees_what_is_of_root(void **state)
{
	struct live *live = *state;
	char *lib, *jar;

	free(granted_copy(live, "check_stale", GRANTED_ALL));
	live_lib(live, "libssl.so.3", NULL, 'a');
	live_text(live, "app.jar", "jar");
	lib = live_path(live, "libssl.so.3");
	jar = live_path(live, "app.jar");
	live_start(live, "comm", "victim", "map", lib, "rx", "open", jar);
	live_unlink(live, "libssl.so.3");
	live_unlink(live, "app.jar");
	/* A sanitizer would look for leaks as a tracer does, which it may not. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	start_nrpe(live, NULL, false);
	/* The file itself tells how young it is. */
	expect("check_stale", 0, "(not counted)");
	expect("check_stale_tls", 0, "(not counted)");
	expect("check_stale_java", 1, " holds open app.jar, deleted ");
	unsetenv("ASAN_OPTIONS");
	free(jar);
	free(lib);
}

/* As sudoers wants it in arguments.  Owned by the caller. */
static char *escaped(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *at = out;

	assert_non_null(out);
	for (; *text; *at++ = *text++)
		if (strchr(",:=\\", *text))
			*at++ = '\\';
	*at = '\0';
	return out;
}

/* sudoers.check_stale for nobody and the plugin of the test, as the only sudoers file. */
static void allow_sudo(struct live *live)
{
	static const char *const names[] = {"/usr/bin/sudo", NULL};
	char *path = live_path(live, "check_stale"), *pids = liveplugin_pids(live);
	char *more = escaped(pids), *sudoers, *words;

	daemon_find(live, names);
	live_own_mounts(live);
	assert_true(asprintf(&words, " -v %s --count\\=all", more) > 0);
	sudoers = shipped_read("sudoers.check_stale");
	sudoers = shipped_replace(sudoers, SHIPPED_PLUGIN, path);
	sudoers = shipped_replace(sudoers, " = nagios\n", " = \\#" NOBODY "\n");
	sudoers = shipped_replace(sudoers, " -v", words);
	live_text(live, "sudoers", sudoers);
	free(sudoers);
	sudoers = live_path(live, "sudoers");
	assert_int_equal(chmod(sudoers, 0440), 0);
	live_mount(live, NULL, "/etc/sudoers", "sudoers");
	free(words);
	free(sudoers);
	free(more);
	free(pids);
	free(path);
}

static void with_sudo_it_sees_what_is_of_root(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "libssl.so.3");

	live_need_root(live);
	live_lib(live, "libssl.so.3", NULL, 'a');
	live_start(live, "comm", "victim", "map", path, "rx");
	live_unlink(live, "libssl.so.3");
	allow_sudo(live);
	start_nrpe(live, NULL, true);
	/* Root sees how young it is. */
	expect("check_stale", 0, "(not counted)");
	expect("check_stale_tls", 0, "(not counted)");
	expect("check_stale_java", 0, "STALE OK - ");
	free(path);
}

static void sudo_refuses_any_other_command_line(void **state)
{
	static const char *const rows[] = {"", "-o/etc/x", "--proc-root=/tmp", "-w0"};
	struct live *live = *state;
	char *plugin;

	live_need_root(live);
	live_program(live, "check_stale", "check_stale", 0);
	plugin = live_path(live, "check_stale");
	allow_sudo(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const words[] = {"-n", plugin, *rows[i] ? rows[i] : NULL,
					     NULL};
		struct liveplugin_answer answer;

		liveplugin_run_as(LIVECHILD_PLAIN, "/usr/bin/sudo", words, &answer);
		assert_int_equal(answer.status, 1);
		assert_int_equal(answer.len, 0);
		liveplugin_release(&answer);
	}
	free(plugin);
}

static void a_scan_that_hangs_answers_before_check_nrpe_gives_up(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;
	const struct live_process *stuck;
	char *dead;

	livefuse_start(live, NULL, NULL);
	stuck = live_start(live, "comm", "stuck");
	allow_sudo(live);
	start_nrpe(live, NULL, true);
	dead = live_path(live, LIVEFUSE_FILE);
	live_step(live, stuck, "map", dead, "rx");
	live_unlink(live, LIVEFUSE_FILE);
	nrpe_ask(&nrpe, "check_stale", NULL, &answer);
	if (answer.status != 3 || !strstr(answer.out, "timed out after 8s"))
		daemon_fail(&nrpe.daemon, "exit %d: %s", answer.status, answer.out);
	assert_in_range((uintmax_t)(answer.seconds * 1000), 7900, 9900);
	liveplugin_release(&answer);
	free(dead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NRPE_TEST(nothing_stale_is_ok_for_every_command),
		NRPE_TEST(an_upgrade_that_goes_on_is_shown_and_ok),
		NRPE_TEST(stale_code_is_a_warning),
		NRPE_TEST(stale_code_of_tls_is_critical),
		NRPE_TEST(a_deleted_jar_that_is_held_open_is_a_warning),
		NRPE_TEST(stale_code_in_a_login_is_told_by_its_own_command),
		NRPE_TEST(what_the_user_of_the_server_may_not_see_is_unknown),
		NRPE_TEST(hostile_names_arrive_in_printable_form),
		NRPE_TEST(a_long_answer_arrives_whole),
		NRPE_TEST(an_answer_for_version_2_arrives_whole),
		NRPE_TEST(an_answer_of_4096_bytes_is_too_long_for_version_2),
		NRPE_TEST(with_capabilities_it_sees_what_is_of_root),
		NRPE_TEST(with_sudo_it_sees_what_is_of_root),
		NRPE_TEST(sudo_refuses_any_other_command_line),
		NRPE_TEST(a_scan_that_hangs_answers_before_check_nrpe_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
