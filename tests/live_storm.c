/*
 * live_storm.c - thousands of processes a second start and end while all are scanned: in a
 * PID namespace of their own, so that everything that is seen is known.
 *
 * With $STALE_LONG set, 1,000 scans; else as many as fit into some seconds.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "support/livecheck.h"
#include "support/liveplugin.h"
#include "support/livescan.h"
#include "support/watched.h"
#include "test.h"

#define LIB         "libx.so.1"
#define RATE        "5000" /* a second */
#define PLUGIN_RUNS 20

/* helper_storm.c */
#define STALE_PID   2
#define CONTROL_PID 3

struct storm {
	char *proc; /* owned: the path of its proc file system */
	_Atomic uint64_t *forks;
	size_t seen, vanished, stale; /* of all scans together */
};

static void storm_start(struct live *live, struct storm *storm)
{
	char *helper = live_built("tests/helper_storm");
	char *stale = live_path(live, LIB);
	char *control = live_path(live, "libcontrol.so.1");
	struct live_process *process;

	live_need_root(live);
	live_mkdir(live, "proc");
	live_lib(live, LIB, NULL, 'a');
	*storm = (struct storm){
		.forks = watched_map(live, "forks", sizeof(*storm->forks)),
	};
	process =
		live_spawn(live, helper,
			   (const char *const[]){live->dir, RATE, stale, control, NULL});
	process->endless = true;
	live_unlink(live, LIB);
	assert_true(asprintf(&storm->proc, "/proc/%d/root%s/proc", process->pid,
			     live->dir) > 0);
	free(helper);
	free(stale);
	free(control);
}

static void storm_release(struct storm *storm)
{
	watched_unmap(storm->forks, sizeof(*storm->forks));
	free(storm->proc);
}

static struct stale_report *scan(const struct storm *storm, unsigned nr)
{
	const struct stale_options opt = {
		.proc_root = storm->proc,
		.boot_time_ns = livecheck_boot_time(),
		.method = nr % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO,
		.jobs = 1 + nr / 2 % 2,
	};
	struct stale_report *report = NULL;

	assert_int_equal(stale_scan(&opt, &report), 0);
	return report;
}

/* Whoever vanished costs nothing: the sums are right, and all others were read. */
static void check_sums(struct storm *storm, const struct stale_scan_info *info)
{
	row_number("scan", "finished", info->finished, true);
	row_number("scan", "hidden", info->hidden, false);
	row_number("scan", "error", info->error, 0);
	row_number("scan", "denied", info->denied, 0);
	row_number("scan", "failed", info->failed, 0);
	row_number("scan", "seen", info->seen, info->scanned + info->vanished);
	row_number("scan", "listed", info->listed, info->seen + info->kernel_threads);
	assert_true(info->scanned >= 3);
	storm->seen += info->seen;
	storm->vanished += info->vanished;
}

static void check(struct storm *storm, const struct stale_report *report)
{
	const struct stale_proc *stale = livecheck_find(report, STALE_PID);
	size_t n;

	check_sums(storm, stale_report_info(report));
	stale_report_unreadable(report, &n);
	assert_int_equal(n, 0);
	assert_non_null(stale);
	assert_int_equal(stale->nfiles, 1);
	assert_int_equal(stale->files[0].why, STALE_DELETED);
	assert_null(livecheck_find(report, CONTROL_PID));
	assert_null(livecheck_find(report, 1));
	stale_report_procs(report, &n);
	storm->stale += n;
}

static void every_scan_of_a_storm_adds_up(void **state)
{
	struct watched_loop loop = {.least = 300, .most = 1000, .seconds = 3};
	struct live *live = *state;
	struct storm storm;
	uint64_t before, forks;

	storm_start(live, &storm);
	before = atomic_load(storm.forks);
	watched_begin(&loop);
	while (watched_next(&loop) || (storm.vanished == 0 && watched_longer(&loop))) {
		struct stale_report *report = scan(&storm, loop.n);

		check(&storm, report);
		stale_report_free(report);
	}
	forks = atomic_load(storm.forks) - before;
	print_message("live_storm: %u scans in %.1f s, %llu forks (%.0f a second); seen "
		      "%zu, vanished %zu, stale %zu\n",
		      loop.n, watched_seconds(&loop), (unsigned long long)forks,
		      (double)forks / watched_seconds(&loop), storm.seen, storm.vanished,
		      storm.stale);
	assert_true(forks > 0);
	assert_true(storm.vanished > 0);
	storm_release(&storm);
}

static void every_answer_in_a_storm_is_complete(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;
	struct storm storm;
	char *option;

	storm_start(live, &storm);
	assert_true(asprintf(&option, "--proc-root=%s", storm.proc) > 0);
	for (int i = 0; i < PLUGIN_RUNS; i++) {
		liveplugin_run(NULL, (const char *const[]){option, "-fjson", NULL},
			       &answer);
		assert_int_equal(answer.status, 1);
		assert_int_equal(answer.nerr, 0);
		assert_non_null(strstr(answer.out, "\"complete\":true"));
		assert_non_null(strstr(answer.out, "\"hidden\":false"));
		assert_non_null(strstr(answer.out, "\"unreadable\":[]"));
		assert_non_null(strstr(answer.out, LIB));
		liveplugin_release(&answer);
	}
	free(option);
	storm_release(&storm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(every_scan_of_a_storm_adds_up),
		LIVE_TEST(every_answer_in_a_storm_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
