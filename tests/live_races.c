/*
 * live_races.c - processes that end, execute or are replaced while a scan reads them.
 */
#include <stdio.h>

#include "support/livecheck.h"
#include "test.h"

#define SCANS 200

static struct stale_report *scan(const struct stale_options *opt)
{
	struct stale_report *report = NULL;

	assert_int_equal(stale_scan(opt, &report), 0);
	return report;
}

static struct live_process *start_race(struct live *live, const char *program,
				       const char *const words[])
{
	struct live_process *process = live_spawn(live, program, words);

	process->endless = true;
	return process;
}

/* Returns how many processes of the machine failed. */
static size_t check_machine(const struct live *live, pid_t stale,
			    enum stale_method method)
{
	const struct stale_options opt = {.boot_time_ns = livecheck_boot_time(),
					  .method = method};
	struct stale_report *report = scan(&opt);
	const struct stale_scan_info *info = stale_report_info(report);
	const size_t failed = info->failed;

	assert_true(info->finished);
	assert_int_equal(info->listed, info->scanned + info->vanished + info->denied +
					       info->failed + info->kernel_threads);
	assert_non_null(livecheck_find(report, stale));
	assert_null(livecheck_find(report, live->processes[0].pid));
	stale_report_free(report);
	return failed;
}

static void processes_that_end_during_a_scan_cost_nothing_else(void **state)
{
	struct live *live = *state;
	char *race = live_built("tests/helper_race");
	char *path = live_path(live, "libx.so.1");
	size_t failed;
	pid_t pid;

	live_lib(live, "libx.so.1", NULL, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	live_unlink(live, "libx.so.1");
	failed = check_machine(live, pid, STALE_METHOD_AUTO);
	start_race(live, race, (const char *const[]){"churn", NULL});
	for (int i = 0; i < SCANS; i++)
		assert_int_equal(
			check_machine(live, pid,
				      i % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO),
			failed);
	free(race);
	free(path);
}

static void check_exec_loop(struct live *live, enum stale_method method)
{
	struct stale_options opt = livecheck_options(live);
	uint64_t start_ticks = 0;

	opt.method = method;
	for (int i = 0; i < SCANS; i++) {
		struct stale_report *report = scan(&opt);
		const struct stale_proc *proc =
			livecheck_find(report, live->wants[0].pid);

		assert_int_equal(livecheck_report(live, report), 0);
		assert_true(i == 0 || proc->start_ticks == start_ticks);
		start_ticks = proc->start_ticks;
		stale_report_free(report);
	}
}

static void a_process_that_executes_during_a_scan_stays_reported(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "daemon");
	pid_t pid;

	live_program(live, "daemon", "tests/helper_race", 0);
	pid = start_race(live, path, (const char *const[]){"exec", NULL})->pid;
	live_unlink(live, "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	free(path);
	check_exec_loop(live, STALE_METHOD_MAPS);
	check_exec_loop(live, STALE_METHOD_AUTO);
}

static void a_clean_process_that_executes_during_a_scan_stays_clean(void **state)
{
	struct live *live = *state;
	char *race = live_built("tests/helper_race");
	struct stale_options opt;

	start_race(live, race, (const char *const[]){"exec", NULL});
	free(race);
	opt = livecheck_options(live);
	for (int i = 0; i < SCANS; i++) {
		struct stale_report *report;

		opt.method = i % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO;
		report = scan(&opt);
		assert_int_equal(livecheck_report(live, report), 0);
		stale_report_free(report);
	}
}

/* Now it is a deleted program, now one that lives: never a mixture of both. */
static void check_swapping(struct live *live, pid_t pid, enum stale_method method)
{
	struct stale_options opt = livecheck_options(live);
	char *path = live_path(live, "daemon");

	opt.method = method;
	for (int i = 0; i < 10 * SCANS; i++) {
		struct stale_report *report = scan(&opt);
		const struct stale_proc *proc = livecheck_find(report, pid);

		/* Who is always something else when read again is given up. */
		assert_true(!proc || stale_report_info(report)->failed == 0);
		if (proc) {
			assert_int_equal(proc->nfiles, 1);
			assert_int_equal(proc->files[0].kind, STALE_EXE);
			assert_int_equal(proc->files[0].why, STALE_DELETED);
			assert_string_equal(proc->files[0].path, path);
			assert_string_equal(proc->exe, path);
		}
		stale_report_free(report);
	}
	free(path);
}

static void a_process_that_executes_something_else_is_one_or_the_other(void **state)
{
	struct live *live = *state;
	char *race = live_built("tests/helper_race");
	char *path = live_path(live, "daemon");
	pid_t pid;

	live_program(live, "daemon", "tests/helper_race", 'd');
	pid = start_race(live, path, (const char *const[]){"swap", race, NULL})->pid;
	live_unlink(live, "daemon");
	free(path);
	free(race);
	check_swapping(live, pid, STALE_METHOD_MAPS);
	check_swapping(live, pid, STALE_METHOD_AUTO);
}

/* So many that reading the one takes as long as it takes the other to come. */
#define FILES 24

/* The process that calls itself "a" has mapped a0.so to a23.so and nothing else. */
static bool is_of_one_piece(const struct stale_proc *proc)
{
	if (!proc)
		return true;
	for (size_t i = 0; i < proc->nfiles; i++)
		if (strrchr(proc->files[i].path, '/')[1] != *proc->comm)
			return false;
	return proc->nfiles <= FILES && proc->comm[1] == '\0';
}

/* Starts processes that take turns with one PID; returns it. */
static pid_t start_recycling(struct live *live)
{
	char *race = live_built("tests/helper_race");
	const char *words[2 * FILES + 2] = {"recycle"};
	char names[2 * FILES][16];
	pid_t pid;

	for (unsigned i = 0; i < 2 * FILES; i++) {
		snprintf(names[i], sizeof(names[i]), "%c%u.so", i < FILES ? 'a' : 'b',
			 i % FILES);
		live_lib(live, names[i], NULL, 'x');
		words[i + 1] = live_path(live, names[i]);
	}
	pid = start_race(live, race, words)->pid;
	for (unsigned i = 0; i < 2 * FILES; i++) {
		live_unlink(live, names[i]);
		free((char *)(uintptr_t)words[i + 1]);
	}
	free(race);
	return pid;
}

static void a_pid_that_is_used_again_does_not_mix_two_processes(void **state)
{
	struct live *live = *state;
	struct stale_options opt;
	unsigned found = 0;
	time_t end;
	pid_t pid;

	live_need_root(live);
	pid = start_recycling(live);
	opt = livecheck_options(live);
	end = time(NULL) + 20;
	for (int i = 0; found < 2 * SCANS && time(NULL) < end; i++) {
		struct stale_report *report;
		const struct stale_proc *proc;

		opt.method = i % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO;
		report = scan(&opt);
		proc = livecheck_find(report, pid);
		found += proc != NULL;
		assert_true(is_of_one_piece(proc));
		assert_int_equal(stale_report_info(report)->failed, 0);
		stale_report_free(report);
	}
	assert_true(found > 0);
}

/* Goes from one jail to the other, and comes first where files are judged. */
static pid_t start_jailbird(struct live *live)
{
	char *race = live_built("tests/helper_race");
	char *jail = live_path(live, "jail");
	char *other = live_path(live, "other");
	char *lib = live_path(live, "jail/libx.so.1");
	pid_t pid = start_race(live, race,
			       (const char *const[]){"roots", jail, other, lib, NULL})
			    ->pid;

	free(lib);
	free(other);
	free(jail);
	free(race);
	return pid;
}

/* What it finds in one jail would else be told of those who stay in the other. */
static void a_process_that_changes_its_root_decides_nothing_for_others(void **state)
{
	struct live *live = *state;
	struct stale_options opt;
	char *jail = live_path(live, "jail");
	pid_t pid;

	live_need_root(live);
	live_mkdir(live, "jail");
	live_mkdir(live, "other");
	live_lib(live, "jail/libx.so.1", NULL, 'a');
	live_lib(live, "other/libx.so.1", NULL, 'a');
	start_jailbird(live);
	pid = live_start(live, "chroot", jail, "map", "/libx.so.1", "rx")->pid;
	free(jail);
	live_unlink(live, "jail/libx.so.1");
	opt = livecheck_options(live);
	for (int i = 0; i < 10 * SCANS; i++) {
		struct stale_report *report;
		const struct stale_proc *proc;

		opt.method = i % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO;
		report = scan(&opt);
		proc = livecheck_find(report, pid);
		assert_non_null(proc);
		assert_int_equal(proc->nfiles, 1);
		assert_int_equal(proc->files[0].why, STALE_DELETED);
		stale_report_free(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(processes_that_end_during_a_scan_cost_nothing_else),
		LIVE_TEST(a_process_that_executes_during_a_scan_stays_reported),
		LIVE_TEST(a_clean_process_that_executes_during_a_scan_stays_clean),
		LIVE_TEST(a_process_that_executes_something_else_is_one_or_the_other),
		LIVE_TEST(a_pid_that_is_used_again_does_not_mix_two_processes),
		LIVE_TEST(a_process_that_changes_its_root_decides_nothing_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
