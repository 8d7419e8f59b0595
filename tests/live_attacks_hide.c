/*
 * live_attacks_hide.c - a local user cannot hide a stale process of root's: not by what it
 * costs to look at his own, not by how many they are, not by what he does meanwhile.
 *
 * In each case root's process has the higher PID, so that it would come last.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "support/attack.h"
#include "support/granted.h"
#include "support/livecheck.h"
#include "support/sanitized.h"
#include "test.h"

#define LIB     "libroots.so"
#define SERVICE "rootd"
#define SCANS   300

/* The process that must be told.  Its library is still there. */
static pid_t start_roots(struct live *live)
{
	char *lib = live_path(live, LIB);
	pid_t pid = live_start(live, "comm", SERVICE, "map", lib, "rx")->pid;

	free(lib);
	return pid;
}

/* Runs it on what the case watches, one process after another. */
static void run(struct live *live, const char *const more[3],
		const struct granted_way *way, struct liveplugin_answer *ret)
{
	char *program = live_built("check_stale"), *pids = liveplugin_pids(live);

	granted_run(program,
		    (const char *const[]){pids, "--jobs=1", "-t1", more[0], more[1],
					  more[2], NULL},
		    way, ret);
	free(program);
	free(pids);
}

/* The answer must tell root's process, and premise, which shows that the attack was one. */
static void expect_roots(struct live *live, const char *const more[3],
			 const struct granted_way *way, const char *premise)
{
	struct liveplugin_answer answer;

	run(live, more, way, &answer);
	if (!strstr(answer.out, premise))
		fail_msg("no attack, no \"%s\" in %s", premise, answer.out);
	if (!strstr(answer.out, SERVICE) || answer.status != 1)
		fail_msg("exit %d: %s", answer.status, answer.out);
	liveplugin_release(&answer);
}

static const struct granted_way as_root = {.user = LIVECHILD_SAME};

static void slow_look_ups_of_a_users_files_hide_nothing_of_roots(void **state)
{
	struct live *live = *state;
	char *folder = attack_folder(live, "user");

	live_lib(live, LIB, NULL, 'a');
	attack_start(live, "slow", folder, "400");
	start_roots(live);
	live_unlink(live, LIB);
	expect_roots(live, (const char *const[3]){"-v"}, &as_root, "timed out after 1s");
	free(folder);
}

static void a_users_dead_file_system_hides_nothing_of_roots(void **state)
{
	struct live *live = *state;

	if (!livecheck_has_query())
		live_skip(live, "without PROCMAP_QUERY nothing reads the user's file");
	live_lib(live, LIB, NULL, 'a');
	attack_with_dead_file(live);
	start_roots(live);
	live_unlink(live, LIB);
	expect_roots(live, (const char *const[3]){"-v"}, &as_root, "timed out after 1s");
}

/* So that the room for findings is the smaller one. */
static int limit_memory(void)
{
	const struct rlimit limit = {200 << 20, 200 << 20};

	return setrlimit(RLIMIT_AS, &limit) < 0 ? -errno : 0;
}

static void a_user_who_fills_the_room_hides_nothing_of_roots(void **state)
{
	const struct granted_way way = {.user = LIVECHILD_SAME, .before = limit_memory};
	struct live *live = *state;
	char *folder;

	if (is_sanitized())
		live_skip(live, "a sanitizer takes more than there is");
	folder = attack_folder(live, "user");
	live_lib(live, LIB, NULL, 'a');
	/* What the longest names leave free is taken by shorter ones. */
	attack_start(live, "long", folder, "4096");
	attack_start(live, "short", folder, "64");
	start_roots(live);
	live_unlink(live, LIB);
	expect_roots(live, (const char *const[3]){"-v"}, &way, strerror(ENOBUFS));
	free(folder);
}

/* Each of them has two processes, and there are more than the first line names. */
static void a_users_many_processes_push_roots_out_of_no_first_line(void **state)
{
	static const char *const names[] = {"aa", "ab", "ac", "ad", "ae", "af"};
	struct live *live = *state;
	struct liveplugin_answer answer;
	char *lib;

	live_need_root(live);
	lib = live_path(live, LIB);
	live_lib(live, LIB, NULL, 'a');
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct live_process *process = live_start(
			live, "setuid", ATTACK_USER, "comm", names[i], "map", lib, "rx");

		live_watch(live, (pid_t)live_step(live, process, "fork"));
	}
	start_roots(live);
	live_unlink(live, LIB);
	run(live, (const char *const[3]){NULL}, &as_root, &answer);
	if (!strstr(answer.out, "processes=13;") || !strstr(answer.out, " more, oldest"))
		fail_msg("no attack: %s", answer.out);
	answer.out[strcspn(answer.out, "|")] = '\0';
	if (!strstr(answer.out, SERVICE))
		fail_msg("%s", answer.out);
	liveplugin_release(&answer);
	free(lib);
}

/* Of root's library, if it is told at all. */
static bool is_told(const struct stale_report *report, pid_t pid)
{
	const struct stale_proc *proc = livecheck_find(report, pid);

	return proc && proc->nfiles == 1;
}

/*
 * The user's process is older and comes first; what is seen of root's library through it is
 * now and then the user's own file, which is scratch by all the rules.
 */
static void a_users_file_is_not_taken_for_roots(void **state)
{
	struct live *live = *state;
	char *folder, *lib, *own;
	struct stale_options opt;
	pid_t attacker, root;
	int seen = 0, scratch = 0;

	folder = attack_folder(live, "user");
	lib = live_path(live, LIB);
	assert_true(asprintf(&own, "%s/libown.so", folder) > 0);
	live_lib(live, LIB, NULL, 'a');
	attacker = attack_start(live, "swap", lib, own)->pid;
	root = start_roots(live);
	live_unlink(live, LIB);
	opt = livecheck_options(live);
	for (int i = 0; i < SCANS; i++) {
		struct stale_report *report;
		size_t nignored;

		assert_int_equal(stale_scan(&opt, &report), 0);
		stale_report_ignored(report, &nignored);
		seen += livecheck_find(report, attacker) != NULL;
		scratch += nignored > 0;
		assert_true(is_told(report, root));
		stale_report_free(report);
	}
	print_message(
		"swapped: root's library seen in %d of %d scans, the own file in %d\n",
		seen, SCANS, scratch);
	assert_true(seen > 0 && scratch > 0);
	free(own);
	free(lib);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(slow_look_ups_of_a_users_files_hide_nothing_of_roots),
		LIVE_TEST(a_users_dead_file_system_hides_nothing_of_roots),
		LIVE_TEST(a_user_who_fills_the_room_hides_nothing_of_roots),
		LIVE_TEST(a_users_many_processes_push_roots_out_of_no_first_line),
		LIVE_TEST(a_users_file_is_not_taken_for_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
