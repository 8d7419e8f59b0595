/*
 * agent_keeper_faults.c - the keeper where scans die or hang, its configuration is bad, or
 * the SNMP side is: nothing holds it up, and nothing that was found is lost.
 */
#include "support/keeperrun.h"
#include "support/live.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define LIB  "libx.so.1"
#define HOUR "interval 3600"
#define SOON 10000 /* milliseconds; what is due at once has come by then */

/* "PID:LIB:" and a verdict, as it stands in a report. */
static const char *row(pid_t pid, const char *why)
{
	static char text[64];

	snprintf(text, sizeof(text), " %d:" LIB ":%s ", (int)pid, why);
	return text;
}

static struct live_process *start_holder(struct live *live)
{
	char *lib = live_path(live, LIB);
	struct live_process *holder;

	live_lib(live, LIB, NULL, 'a');
	holder = live_start(live, "map", lib, "rx");
	free(lib);
	return holder;
}

static struct live_process *start_stale(struct live *live)
{
	struct live_process *holder = start_holder(live);

	live_unlink(live, LIB);
	return holder;
}

static void replace(const struct live *live)
{
	live_lib(live, "new", NULL, 'b');
	live_rename(live, "new", LIB);
}

/* Ends it by SIGTERM: well, and within a second. */
static void end(struct keeperrun *run)
{
	const int64_t start = keeperrun_clock();

	keeperrun_signal(run, SIGTERM);
	assert_int_equal(keeperrun_wait(run, SOON), 0);
	assert_in_range(keeperrun_clock() - start, 0, 999);
	keeperrun_release(run);
}

static unsigned long long keeper_status(const struct keeperrun *run, const char *name)
{
	char path[32], text[8192];
	const char *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)run->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	at = strstr(text, name);
	assert_non_null(at);
	return strtoull(at + strlen(name), NULL, 16);
}

/* Kills what scans until one was caught at it. */
static void kill_a_worker(struct keeperrun *run)
{
	const int64_t until = keeperrun_clock() + SOON;

	while (keeperrun_clock() < until) {
		pid_t worker;

		while (keeperrun_find_worker(run))
			assert_true(keeperrun_clock() < until);
		keeperrun_signal(run, SIGHUP); /* a scan at once */
		while ((worker = keeperrun_find_worker(run)) == 0)
			assert_true(keeperrun_clock() < until);
		kill(worker, SIGKILL);
		keeperrun_hear(run, "settings", "", SOON);
		keeperrun_hear(run, "", "", SOON);
		if (strcmp(run->heard, "trouble died 9") == 0)
			return;
	}
	fail_msg("no worker could be killed while it scans");
}

static void a_worker_that_is_killed_is_trouble_and_tried_again(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	const struct live_process *holder = start_stale(live);
	int64_t took;

	/* All processes are looked at, so that it takes a while; one is told of. */
	live_step(live, holder, "comm", "keeper-of-libx");
	live->npids = 0;
	keeperrun_start(&run, live, HOUR "\nno-watch\nprocess keeper-of-libx");
	keeperrun_hear(&run, "report", "", SOON);
	kill_a_worker(&run);
	took = keeperrun_hear(&run, "report cut=0", row(holder->pid, "deleted"), SOON);
	assert_in_range(took, 900, SOON);
	assert_int_equal(keeperrun_count_log(&run, "ended by signal 9"), 1);
	end(&run);
}

static struct live_process *start_server(struct live *live)
{
	char *helper = live_built("tests/helper_fuse");
	char *path = live_path(live, "fs");
	struct live_process *server;

	live_own_mounts(live);
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		live_skip(live, "no /dev/fuse");
	live_mkdir(live, "fs");
	live->mounts[live->nmounts++] = path;
	server = live_spawn(live, helper, (const char *const[]){path, NULL});
	server->endless = true;
	live_unwatch(live, server->pid);
	free(helper);
	return server;
}

/* Its code cannot be looked up: who tries waits for ever. */
static struct live_process *start_stuck(struct live *live)
{
	char *dead = live_path(live, "fs/lib.so");
	struct live_process *stuck = live_start(live, "map", dead, "rx");

	live_unlink(live, "fs/lib.so");
	free(dead);
	return stuck;
}

static void a_scan_that_hangs_is_cut_and_holds_nothing_up(void **state)
{
	struct live *live = *state;
	struct live_process *server = start_server(live);
	struct keeperrun run = {0};
	pid_t found = start_stale(live)->pid;
	pid_t stuck = start_stuck(live)->pid;
	int64_t took;

	if (stuck < found)
		live_skip(live, "process numbers have begun anew");
	keeperrun_start(&run, live, HOUR "\ntimeout 2");
	took = keeperrun_hear(&run, "report cut=1", row(found, "deleted"), SOON);
	assert_in_range(took, 1500, 4000);
	assert_int_equal(keeperrun_count_log(&run, "a scan hangs"), 1);
	keeperrun_signal(&run, SIGHUP); /* the next one hangs, too */
	keeperrun_hear(&run, "settings", "", SOON);
	while (!keeperrun_find_worker(&run))
		sched_yield();
	end(&run);
	live_stop(live, server);
}

static void a_scan_that_hangs_keeps_what_the_one_before_found_behind_it(void **state)
{
	struct live *live = *state;
	struct live_process *server = start_server(live);
	struct keeperrun run = {0};
	char *dead = live_path(live, "fs/lib.so"), *lib = live_path(live, LIB);
	const struct live_process *stuck, *behind;

	live_lib(live, LIB, NULL, 'a');
	stuck = live_start(live, "map", dead, "rx");
	behind = live_start(live, "map", lib, "rx");
	if (behind->pid < stuck->pid)
		live_skip(live, "process numbers have begun anew");
	live_unlink(live, LIB);
	keeperrun_start(&run, live, HOUR "\ntimeout 2\nno-watch");
	keeperrun_hear(&run, "report cut=0", row(behind->pid, "deleted"), SOON);
	live_unlink(live, "fs/lib.so");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear(&run, "report cut=1", row(behind->pid, "deleted"), SOON);
	end(&run);
	live_stop(live, server);
	free(dead);
	free(lib);
}

static void a_scan_that_hangs_before_it_saw_anything_is_trouble(void **state)
{
	struct live *live = *state;
	struct live_process *server = start_server(live);
	struct keeperrun run = {0};
	pid_t stuck = start_stuck(live)->pid;

	live->pids[0] = stuck;
	live->npids = 1;
	keeperrun_start(&run, live, HOUR "\ntimeout 1");
	keeperrun_hear(&run, "trouble hangs", "", SOON);
	end(&run);
	live_stop(live, server);
}

static void no_more_than_four_scans_hang_at_a_time(void **state)
{
	struct live *live = *state;
	struct live_process *server = start_server(live);
	struct keeperrun run = {0};
	pid_t stuck = start_stuck(live)->pid;

	live->pids[0] = stuck;
	live->npids = 1;
	keeperrun_start(&run, live, HOUR "\ntimeout 1");
	for (int i = 0; i < 6; i++) {
		if (i > 0)
			keeperrun_signal(&run, SIGHUP);
		keeperrun_hear(&run, "trouble hangs", "", SOON);
	}
	assert_int_equal(keeperrun_count_log(&run, "no scan is started"), 1);
	assert_int_equal(keeperrun_count_log(&run, "a scan hangs"), 4);
	live_stop(live, server); /* now they can end */
	keeperrun_hear(&run, "report cut=0", "", SOON);
	end(&run);
}

static void a_bad_configuration_changes_nothing(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, HOUR "\nno-watch");
	keeperrun_hear(&run, "report", "", SOON);
	keeperrun_configure(&run, "interval never");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear_next(&run, "settings", "interval=3600");
	assert_int_equal(keeperrun_count_log(&run, "the configuration stays as it was"),
			 1);
	keeperrun_configure(&run, NULL);
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear_next(&run, "settings", "interval=3600");
	end(&run);
}

static void a_good_configuration_is_used_at_once(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = start_stale(live)->pid;

	keeperrun_start(&run, live, HOUR "\nno-watch\nignore *" LIB);
	keeperrun_hear(&run, "report", "", SOON);
	assert_null(strstr(run.heard, row(pid, "deleted")));
	keeperrun_configure(&run, "interval 1800\nno-watch\nping-interval 77");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear_next(&run, "settings", "interval=1800");
	keeperrun_hear_next(&run, "report", row(pid, "deleted"));
	assert_int_equal(keeperrun_count_log(&run, "only after a restart"), 1);
	end(&run);
}

/* The SNMP side would take those of another machine for processes that have ended. */
static void processes_of_another_proc_are_not_watched_any_more(void **state)
{
	struct keeperrun run = {0};

	keeperrun_start(&run, *state, HOUR);
	keeperrun_hear_next(&run, "settings", "watch=1");
	keeperrun_configure(&run, HOUR "\nproc-root /nonexistent");
	keeperrun_signal(&run, SIGHUP);
	keeperrun_hear(&run, "settings", "watch=0", SOON);
	end(&run);
}

static void a_snmp_side_that_ends_is_started_again_and_told_all(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = start_stale(live)->pid;

	keeperrun_start(&run, live, HOUR "\nno-watch");
	for (int i = 0; i < 2; i++) {
		keeperrun_hear(&run, "report", row(pid, "deleted"), SOON);
		keeperrun_tell(&run, "crash");
		keeperrun_hear_hello(&run, SOON);
		keeperrun_hear_next(&run, "settings", "interval=3600");
	}
	keeperrun_hear_next(&run, "report", row(pid, "deleted"));
	assert_int_equal(keeperrun_count_log(&run, "ended by signal 9"), 2);
	end(&run);
}

static void a_snmp_side_that_is_refused_ends_the_daemon(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, HOUR);
	keeperrun_tell(&run, "refuse");
	assert_int_equal(keeperrun_wait(&run, SOON), 1);
	keeperrun_release(&run);
}

/* Has it read its configuration so often. */
static void read_again(const struct keeperrun *run, int times)
{
	const int64_t until = keeperrun_clock() + SOON;

	for (int i = 0; i < times; i++) {
		keeperrun_signal(run, SIGHUP);
		while (keeper_status(run, "ShdPnd:") & 1ULL << (SIGHUP - 1))
			assert_true(keeperrun_clock() < until);
	}
}

static void a_snmp_side_that_does_not_read_holds_nothing_up(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = start_holder(live)->pid;
	unsigned before;

	keeperrun_start(&run, live, HOUR "\nno-watch");
	keeperrun_hear(&run, "report", "", SOON);
	before = keeperrun_count_descriptors(&run, NULL);
	keeperrun_tell(&run, "freeze");
	keeperrun_hear_next(&run, "freeze", "");
	read_again(&run, 100); /* more messages than there is room for */
	replace(live);
	read_again(&run, 100);
	keeperrun_tell(&run, "thaw");
	keeperrun_hear(&run, "report", row(pid, "replaced"), SOON);
	/* One scan may run, or have run. */
	assert_in_range(keeperrun_count_descriptors(&run, NULL), 1, before + 2);
	end(&run);
}

static void a_snmp_side_that_does_not_end_is_killed(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, HOUR);
	keeperrun_hear(&run, "report", "", SOON);
	keeperrun_tell(&run, "deaf");
	keeperrun_hear(&run, "deaf", "", SOON);
	end(&run);
}

static void the_snmp_side_ends_with_the_keeper(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	char byte;

	keeperrun_start(&run, live, HOUR);
	keeperrun_hear(&run, "report", "", SOON);
	keeperrun_tell(&run, "freeze"); /* so that it sees no end of file */
	keeperrun_hear(&run, "freeze", "", SOON);
	keeperrun_signal(&run, SIGKILL);
	assert_int_equal(keeperrun_wait(&run, SOON), -1);
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
