/*
 * live_hang.c - a look-up that never comes back: a FUSE server that takes requests and
 * answers none.  What was found before it is kept, and whoever must answer in time does.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livefuse.h"
#include "support/liveplugin.h"
#include "test.h"

#define LIB "libx.so.1"

struct hang {
	struct live_process *server;
	pid_t found; /* the process with the lower PID: LIB, deleted */
	pid_t stuck; /* the other: its library is on the dead file system */
};

static struct hang start_hang(struct live *live)
{
	struct hang hang = {.server = livefuse_start(live, NULL, NULL)};
	const struct live_process *low, *high;
	char *lib = live_path(live, LIB);
	char *dead = live_path(live, LIVEFUSE_FILE);

	live_lib(live, LIB, NULL, 'a');
	low = live_start(live, "comm", "one");
	high = live_start(live, "comm", "another");
	if (low->pid > high->pid) { /* numbers have begun anew */
		const struct live_process *swap = low;

		low = high;
		high = swap;
	}
	live_step(live, low, "map", lib, "rx");
	live_step(live, high, "map", dead, "rx");
	live_unlink(live, LIB);
	live_unlink(live, LIVEFUSE_FILE);
	free(lib);
	free(dead);
	hang.found = low->pid;
	hang.stuck = high->pid;
	return hang;
}

/* Waits until the scan in the child is at the process that hangs. */
static struct stale_report *report_of_hang(const struct stale_scanner *scanner, pid_t pid)
{
	time_t end = time(NULL) + 10;
	struct stale_report *report;

	while (time(NULL) < end) {
		assert_int_equal(stale_scanner_report(scanner, &report), 0);
		if (stale_report_info(report)->at == pid)
			return report;
		stale_report_free(report);
		sched_yield();
	}
	fail_msg("the scan does not hang");
	return NULL;
}

static void what_was_found_before_a_hang_is_kept(void **state)
{
	struct live *live = *state;
	struct hang hang = start_hang(live);
	struct stale_options opt = livecheck_options(live);
	struct stale_scanner *scanner;
	struct stale_report *report;
	pid_t child;

	assert_int_equal(stale_scanner_new(&opt, &scanner), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(stale_scanner_run(scanner) < 0);
	report = report_of_hang(scanner, hang.stuck);
	assert_false(stale_report_info(report)->finished);
	assert_non_null(livecheck_find(report, hang.found));
	assert_null(livecheck_find(report, hang.stuck));
	stale_report_free(report);
	kill(child, SIGKILL);
	live_stop(live, hang.server); /* else it cannot even be killed */
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(stale_scanner_report(scanner, &report), 0);
	assert_non_null(livecheck_find(report, hang.found));
	stale_report_free(report);
	stale_scanner_free(scanner);
}

/* Runs check_stale with words and the PIDs; it has two seconds. */
static void run_plugin(struct live *live, const char *word, const char *more,
		       struct liveplugin_answer *ret)
{
	char *pids = liveplugin_pids(live);

	liveplugin_run(NULL, (const char *const[]){pids, "-t", "2", word, more, NULL},
		       ret);
	assert_in_range((uintmax_t)(ret->seconds * 1000), 1900, 4900);
	assert_int_equal(ret->nerr, 0);
	free(pids);
}

static void the_plugin_answers_in_time_and_keeps_what_it_found(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;

	start_hang(live);
	run_plugin(live, "-v", NULL, &answer);
	assert_int_equal(answer.status, 1);
	assert_non_null(strstr(answer.out, "STALE WARNING"));
	assert_non_null(strstr(answer.out, "timed out after 2s"));
	assert_non_null(strstr(answer.out, "processes=1;"));
	assert_non_null(strstr(answer.out, LIB));
	liveplugin_release(&answer);
}

static void the_plugin_that_timed_out_is_never_ok(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;

	start_hang(live);
	run_plugin(live, "-w", "5", &answer);
	assert_int_equal(answer.status, 3);
	assert_non_null(strstr(answer.out, "STALE UNKNOWN"));
	assert_non_null(strstr(answer.out, "timed out after 2s"));
	assert_non_null(strstr(answer.out, LIB));
	liveplugin_release(&answer);
}

static void the_state_of_a_timeout_can_be_chosen(void **state)
{
	struct live *live = *state;
	char *pids;
	struct liveplugin_answer answer;

	start_hang(live);
	pids = liveplugin_pids(live);
	liveplugin_run(NULL,
		       (const char *const[]){pids, "-w", "5", "-t", "1:critical",
					     "--format=json", NULL},
		       &answer);
	assert_int_equal(answer.status, 2);
	assert_non_null(strstr(answer.out, "\"timed_out\":true"));
	assert_non_null(strstr(answer.out, "\"complete\":false"));
	assert_non_null(strstr(answer.out, LIB));
	liveplugin_release(&answer);
	free(pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(what_was_found_before_a_hang_is_kept),
		LIVE_TEST(the_plugin_answers_in_time_and_keeps_what_it_found),
		LIVE_TEST(the_plugin_that_timed_out_is_never_ok),
		LIVE_TEST(the_state_of_a_timeout_can_be_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
