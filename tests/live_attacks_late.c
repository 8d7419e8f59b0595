/*
 * live_attacks_late.c - a local user cannot make the check take more than its deadline:
 * not by what it looks at, not by what it is started with.
 *
 * In each case a file of the user's is read and never comes, so that the deadline is all
 * that ends the scan.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "support/attack.h"
#include "support/granted.h"
#include "support/livecheck.h"
#include "support/livefuse.h"
#include "test.h"

#define DEADLINE_MS 1000
#define ENOUGH_MS   8000 /* on a machine that does much else */

/* They outlive exec; each of them ends who has no use for it. */
static int set_timers(void)
{
	const struct itimerval soon = {.it_value.tv_usec = 200000};

	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++)
		if (setitimer((__itimer_which_t)which, &soon, NULL) < 0)
			return -errno;
	return 0;
}

static int ignore_signals(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
	return 0;
}

static int block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	return sigprocmask(SIG_SETMASK, &all, NULL) < 0 ? -errno : 0;
}

/* Whoever waits for signals finds these there already. */
static int leave_signals_pending(void)
{
	int rc = block_signals();

	for (int sig = 1; rc == 0 && sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			raise(sig);
	return rc;
}

static int be_nice(void)
{
	return setpriority(PRIO_PROCESS, 0, 19) < 0 ? -errno : 0;
}

static int lose_folder(void)
{
	char folder[] = "/tmp/live_attacks_late.XXXXXX";

	return !mkdtemp(folder) || chdir(folder) < 0 || rmdir(folder) < 0 ? -errno : 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void expect_in_time(struct live *live, const char *label, int (*before)(void),
			   const char *word)
{
	const struct granted_way way = {.user = LIVECHILD_SAME, .before = before};
	char *program = live_built("check_stale"), *pids = liveplugin_pids(live);
	const int64_t began = now_ms();
	struct liveplugin_answer answer;

	granted_run(program, (const char *const[]){pids, "-t1", word, NULL}, &way,
		    &answer);
	if (!strstr(answer.out, "timed out after 1s") || answer.status != 3 ||
	    answer.nerr || now_ms() - began > ENOUGH_MS)
		fail_msg("%s: exit %d after %d ms: %s", label, answer.status,
			 (int)(now_ms() - began), answer.out);
	row_number(label, "the deadline was needed", now_ms() - began >= DEADLINE_MS, 1);
	liveplugin_release(&answer);
	free(program);
	free(pids);
}

static void nothing_it_is_started_with_makes_it_late(void **state)
{
	static const struct {
		const char *label;
		int (*before)(void);
		const char *word;
	} rows[] = {{"nothing", NULL, NULL},
		    {"timers that run", set_timers, NULL},
		    {"signals ignored", ignore_signals, NULL},
		    {"signals blocked", block_signals, NULL},
		    {"signals pending", leave_signals_pending, NULL},
		    {"nice", be_nice, "--jobs=4"},
		    {"no folder", lose_folder, "-v"}};
	struct live *live = *state;

	if (!livecheck_has_query())
		live_skip(live, "without PROCMAP_QUERY nothing reads the user's file");
	attack_with_dead_file(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_in_time(live, rows[i].label, rows[i].before, rows[i].word);
}

/* What root names lies on the user's dead file system: nobody but the user waits for it. */
static void a_users_dead_file_system_keeps_nobody_waiting(void **state)
{
	static const char *const options[] = {"-o", "--ignore-file=", "--proc-root="};
	const struct granted_way way = {.user = LIVECHILD_SAME};
	struct live *live = *state;
	char *program;

	attack_with_dead_file(live);
	program = live_built("check_stale");
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const int64_t began = now_ms();
		struct liveplugin_answer answer;
		char *word;

		assert_true(asprintf(&word, "%s%s/fs/x", options[i], live->dir) > 0);
		granted_run(program, (const char *const[]){"--pid=1", "-t1", word, NULL},
			    &way, &answer);
		if (answer.status != 3 || !strstr(answer.out, "Permission denied") ||
		    now_ms() - began > ENOUGH_MS)
			fail_msg("%s: exit %d after %d ms: %s", options[i], answer.status,
				 (int)(now_ms() - began), answer.out);
		liveplugin_release(&answer);
		free(word);
	}
	free(program);
}

/* One that root itself can get at, which no user could mount. */
static void start_dead_folder(struct live *live)
{
	livefuse_start(live, NULL, NULL);
	live_unlink(live, LIVEFUSE_FILE);
}

static void a_dead_folder_for_the_output_is_told_in_time(void **state)
{
	static const char want[] =
		"time ran out, name a file on a file system that answers\n";
	const struct granted_way way = {.user = LIVECHILD_SAME};
	struct live *live = *state;
	struct liveplugin_answer answer;
	char *program, *word, *pids;
	int64_t began;

	live_need_root(live);
	start_dead_folder(live);
	program = live_built("check_stale");
	pids = liveplugin_pids(live);
	assert_true(asprintf(&word, "-o%s/fs/x", live->dir) > 0);
	began = now_ms();
	granted_run(program, (const char *const[]){pids, "-t1", word, "-fjson", NULL},
		    &way, &answer);
	if (answer.status != 3 || !strstr(answer.out, want) ||
	    now_ms() - began > ENOUGH_MS)
		fail_msg("exit %d after %d ms: %s", answer.status,
			 (int)(now_ms() - began), answer.out);
	liveplugin_release(&answer);
	free(program);
	free(word);
	free(pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(nothing_it_is_started_with_makes_it_late),
		LIVE_TEST(a_users_dead_file_system_keeps_nobody_waiting),
		LIVE_TEST(a_dead_folder_for_the_output_is_told_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
