/*
 * agent_keeper_faults.c - the keeper where scans die or hang, its configuration is bad, or
 * the SNMP side is: nothing holds it up, and nothing that was found is lost.
 */
#include "support/keepercase.h"
#include "support/live.h"
#include "support/livefuse.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Kills what scans until one was caught at it. */
static void kill_a_worker(struct keeperrun *run)
{
	const int64_t until = keeperrun_clock() + KEEPERCASE_SOON;

	while (keeperrun_clock() < until) {
		pid_t worker;

		while (keeperrun_find_worker(run))
			assert_true(keeperrun_clock() < until);
		keeperrun_signal(run, SIGHUP); /* a scan at once */
		while ((worker = keeperrun_find_worker(run)) == 0)
			assert_true(keeperrun_clock() < until);
		kill(worker, SIGKILL);
		keeperrun_hear(run, "settings", "", KEEPERCASE_SOON);
		keeperrun_hear(run, "", "", KEEPERCASE_SOON);
		if (strcmp(run->heard, "trouble died 9") == 0)
			return;
	}
	fail_msg("no worker could be killed while it scans");
}

static void a_worker_that_is_killed_is_trouble_and_tried_again(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	const struct live_process *holder = keepercase_stale(live);
	int64_t took;

	/* All processes are looked at, so that it takes a while; one is told of. */
	live_step(live, holder, "comm", "keeper-of-libx");
	live->npids = 0;
	keeperrun_start(&run, live, KEEPERCASE_HOUR "\nno-watch\nprocess keeper-of-libx");
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	kill_a_worker(&run);
	took = keeperrun_hear(&run, "report cut=0",
			      keepercase_row(holder->pid, "deleted"), KEEPERCASE_SOON);
	assert_in_range(took, 900, KEEPERCASE_SOON);
	assert_int_equal(keeperrun_count_log(&run, "ended by signal 9"), 1);
	keepercase_end(&run);
}

/* Its code cannot be looked up: who tries waits for ever. */
static struct live_process *start_stuck(struct live *live)
{
	char *dead = live_path(live, LIVEFUSE_FILE);
	struct live_process *stuck = live_start(live, "map", dead, "rx");

	live_unlink(live, LIVEFUSE_FILE);
	free(dead);
	return stuck;
}

static void a_scan_that_hangs_is_cut_and_holds_nothing_up(void **state)
{
	struct live *live = *state;
	struct live_process *server = livefuse_start(live, NULL, NULL);
	struct keeperrun run = {0};
	pid_t found = keepercase_stale(live)->pid;
	pid_t stuck = start_stuck(live)->pid;
	int64_t took;

	if (stuck < found)
		live_skip(live, "process numbers have begun anew");
	keeperrun_start(&run, live, KEEPERCASE_HOUR "\ntimeout 2");
	took = keeperrun_hear(&run, "report cut=1", keepercase_row(found, "deleted"),
			      KEEPERCASE_SOON);
	assert_in_range(took, 1500, 4000);
	assert_int_equal(keeperrun_count_log(&run, "a scan hangs"), 1);
	keeperrun_signal(&run, SIGHUP); /* the next one hangs, too */
	keeperrun_hear(&run, "settings", "", KEEPERCASE_SOON);
	while (!keeperrun_find_worker(&run))
		sched_yield();
	keepercase_end(&run);
	live_stop(live, server);
}

static void a_scan_that_hangs_keeps_what_the_one_before_found_behind_it(void **state)
{
	struct live *live = *state;
	struct live_process *server = livefuse_start(live, NULL, NULL);
	struct keeperrun run = {0};
	char *dead = live_path(live, LIVEFUSE_FILE),
	     *lib = live_path(live, KEEPERCASE_LIB);
	const struct live_process *stuck, *behind;

	live_lib(live, KEEPERCASE_LIB, NULL, 'a');
	stuck = live_start(live, "map", dead, "rx");
	behind = live_start(live, "map", lib, "rx");
	if (behind->pid < stuck->pid)
		live_skip(live, "process numbers have begun anew");
	live_unlink(live, KEEPERCASE_LIB);
	keeperrun_start(&run, live, KEEPERCASE_HOUR "\ntimeout 2\nno-watch");
	keeperrun_hear(&run, "report cut=0", keepercase_row(behind->pid, "deleted"),
		       KEEPERCASE_SOON);
	live_unlink(live, LIVEFUSE_FILE);
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear(&run, "report cut=1", keepercase_row(behind->pid, "deleted"),
		       KEEPERCASE_SOON);
	keepercase_end(&run);
	live_stop(live, server);
	free(dead);
	free(lib);
}

static void a_scan_that_hangs_before_it_saw_anything_is_trouble(void **state)
{
	struct live *live = *state;
	struct live_process *server = livefuse_start(live, NULL, NULL);
	struct keeperrun run = {0};
	pid_t stuck = start_stuck(live)->pid;

	live->pids[0] = stuck;
	live->npids = 1;
	keeperrun_start(&run, live, KEEPERCASE_HOUR "\ntimeout 1");
	keeperrun_hear(&run, "trouble hangs", "", KEEPERCASE_SOON);
	keepercase_end(&run);
	live_stop(live, server);
}

static void no_more_than_four_scans_hang_at_a_time(void **state)
{
	struct live *live = *state;
	struct live_process *server = livefuse_start(live, NULL, NULL);
	struct keeperrun run = {0};
	pid_t stuck = start_stuck(live)->pid;

	live->pids[0] = stuck;
	live->npids = 1;
	keeperrun_start(&run, live, KEEPERCASE_HOUR "\ntimeout 1");
	for (int i = 0; i < 6; i++) {
		if (i > 0)
			keeperrun_signal(&run, SIGHUP);
		keeperrun_hear(&run, "trouble hangs", "", KEEPERCASE_SOON);
	}
	assert_int_equal(keeperrun_count_log(&run, "no scan is started"), 1);
	assert_int_equal(keeperrun_count_log(&run, "a scan hangs"), 4);
	live_stop(live, server); /* now they can end */
	keeperrun_hear(&run, "report cut=0", "", KEEPERCASE_SOON);
	keepercase_end(&run);
}

static void a_bad_configuration_changes_nothing(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, KEEPERCASE_HOUR "\nno-watch");
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	keeperrun_configure(&run, "interval never");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear_next(&run, "settings", "interval=3600");
	assert_int_equal(keeperrun_count_log(&run, "the configuration stays as it was"),
			 1);
	keeperrun_configure(&run, NULL);
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear_next(&run, "settings", "interval=3600");
	keepercase_end(&run);
}

static void a_good_configuration_is_used_at_once(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = keepercase_stale(live)->pid;

	keeperrun_start(&run, live,
			KEEPERCASE_HOUR "\nno-watch\nignore *" KEEPERCASE_LIB);
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	assert_null(strstr(run.heard, keepercase_row(pid, "deleted")));
	keeperrun_configure(&run, "interval 1800\nno-watch\nping-interval 77");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear_next(&run, "settings", "interval=1800");
	keeperrun_hear_next(&run, "report", keepercase_row(pid, "deleted"));
	assert_int_equal(keeperrun_count_log(&run, "only after a restart"), 1);
	keepercase_end(&run);
}

/* The SNMP side would take those of another machine for processes that have ended. */
static void processes_of_another_proc_are_not_watched_any_more(void **state)
{
	struct keeperrun run = {0};

	keeperrun_start(&run, *state, KEEPERCASE_HOUR);
	keeperrun_hear_next(&run, "settings", "watch=1");
	keeperrun_configure(&run, KEEPERCASE_HOUR "\nproc-root /nonexistent");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear(&run, "settings", "watch=0", KEEPERCASE_SOON);
	keepercase_end(&run);
}

static void a_snmp_side_that_ends_is_started_again_and_told_all(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = keepercase_stale(live)->pid;

	keeperrun_start(&run, live, KEEPERCASE_HOUR "\nno-watch");
	for (int i = 0; i < 2; i++) {
		keeperrun_hear(&run, "report", keepercase_row(pid, "deleted"),
			       KEEPERCASE_SOON);
		keeperrun_tell(&run, "crash");
		keeperrun_hear_hello(&run, KEEPERCASE_SOON);
		keeperrun_hear_next(&run, "settings", "interval=3600");
	}
	keeperrun_hear_next(&run, "report", keepercase_row(pid, "deleted"));
	assert_int_equal(keeperrun_count_log(&run, "ended by signal 9"), 2);
	keepercase_end(&run);
}

static void a_snmp_side_that_is_refused_ends_the_daemon(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	keeperrun_tell(&run, "refuse");
	assert_int_equal(keeperrun_wait(&run, KEEPERCASE_SOON), 1);
	keeperrun_release(&run);
}

/* Has it read its configuration so often. */
static void read_again(const struct keeperrun *run, int times)
{
	const int64_t until = keeperrun_clock() + KEEPERCASE_SOON;

	for (int i = 0; i < times; i++) {
		keeperrun_signal(run, SIGHUP);
		while (keepercase_status(run, "ShdPnd:") & 1ULL << (SIGHUP - 1))
			assert_true(keeperrun_clock() < until);
	}
}

static void a_snmp_side_that_does_not_read_holds_nothing_up(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = keepercase_holder(live)->pid;
	unsigned before;

	keeperrun_start(&run, live, KEEPERCASE_HOUR "\nno-watch");
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	before = keeperrun_count_descriptors(&run, NULL);
	keeperrun_tell(&run, "freeze");
	keeperrun_hear_next(&run, "freeze", "");
	read_again(&run, 100); /* more messages than there is room for */
	keepercase_replace(live);
	read_again(&run, 100);
	keeperrun_tell(&run, "thaw");
	keeperrun_hear(&run, "report", keepercase_row(pid, "replaced"), KEEPERCASE_SOON);
	/* One scan may run, or have run. */
	assert_in_range(keeperrun_count_descriptors(&run, NULL), 1, before + 2);
	keepercase_end(&run);
}

static void a_snmp_side_that_does_not_end_is_killed(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	keeperrun_tell(&run, "deaf");
	keeperrun_hear(&run, "deaf", "", KEEPERCASE_SOON);
	keepercase_end(&run);
}

static void the_snmp_side_ends_with_the_keeper(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	char byte;

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	keeperrun_tell(&run, "freeze"); /* so that it sees no end of file */
	keeperrun_hear(&run, "freeze", "", KEEPERCASE_SOON);
	keeperrun_signal(&run, SIGKILL);
	assert_int_equal(keeperrun_wait(&run, KEEPERCASE_SOON), -1);
	assert_in_range(read(run.agent, &byte, 1) + 1, 0, 1); /* the end, or a reset */
	keeperrun_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_worker_that_is_killed_is_trouble_and_tried_again),
		LIVE_TEST(a_scan_that_hangs_is_cut_and_holds_nothing_up),
		LIVE_TEST(a_scan_that_hangs_keeps_what_the_one_before_found_behind_it),
		LIVE_TEST(a_scan_that_hangs_before_it_saw_anything_is_trouble),
		LIVE_TEST(no_more_than_four_scans_hang_at_a_time),
		LIVE_TEST(a_bad_configuration_changes_nothing),
		LIVE_TEST(a_good_configuration_is_used_at_once),
		LIVE_TEST(processes_of_another_proc_are_not_watched_any_more),
		LIVE_TEST(a_snmp_side_that_ends_is_started_again_and_told_all),
		LIVE_TEST(a_snmp_side_that_is_refused_ends_the_daemon),
		LIVE_TEST(a_snmp_side_that_does_not_read_holds_nothing_up),
		LIVE_TEST(a_snmp_side_that_does_not_end_is_killed),
		LIVE_TEST(the_snmp_side_ends_with_the_keeper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
