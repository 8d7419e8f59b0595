/*
 * live_hostile_renames.c - files that change their names between two looks: what is said of
 * each was true at some time meanwhile, and of a file that always has its name nothing is.
 *
 * With $STALE_LONG set, 10,000 scans; else as many as fit into some seconds.
 */
#include <stdatomic.h>

#include "support/livecheck.h"
#include "support/liveplugin.h"
#include "support/livescan.h"
#include "support/watched.h"
#include "test.h"

#define PLUGIN_RUNS 20

struct race {
	pid_t marked; /* has lib.so, whose name bears the mark from the first round on */
	pid_t versions; /* has libz.so.1 */
	pid_t live[2];  /* have one.so and two.so, which are never without a name */
	_Atomic uint64_t *rounds;
	unsigned seen[STALE_WHY_COUNT]; /* of marked; current: not reported */
	unsigned superseded;
};

static pid_t start_with(struct live *live, const char *name)
{
	char *path = live_path(live, name);
	pid_t pid = live_start(live, "map", path, "rx")->pid;

	free(path);
	return pid;
}

static void race_start(struct live *live, struct race *race)
{
	char *helper = live_built("tests/helper_renames");
	struct live_process *racer;

	live_lib(live, "lib.so", NULL, 'a');
	live_lib(live, "spare.so", NULL, 'b');
	live_lib(live, "one.so", NULL, 'c');
	live_lib(live, "two.so", NULL, 'd');
	live_lib(live, "libz.so.1", "libz.so.1", 'e');
	live_lib(live, "libz.so.1.old", "libz.so.1", 'f');
	*race = (struct race){
		.marked = start_with(live, "lib.so"),
		.versions = start_with(live, "libz.so.1"),
		.live = {start_with(live, "one.so"), start_with(live, "two.so")},
		.rounds = watched_map(live, "rounds", sizeof(*race->rounds)),
	};
	racer = live_spawn(live, helper, (const char *const[]){live->dir, NULL});
	racer->endless = true;
	live_unwatch(live, racer->pid);
	free(helper);
}

static void check_marked(const struct live *live, struct race *race,
			 const struct stale_proc *proc)
{
	char *path = live_path(live, "lib.so");

	if (proc) {
		assert_int_equal(proc->nfiles, 1);
		assert_string_equal(proc->files[0].path, path);
		assert_true(proc->files[0].why == STALE_DELETED ||
			    proc->files[0].why == STALE_REPLACED);
	}
	race->seen[proc ? proc->files[0].why : STALE_CURRENT]++;
	free(path);
}

/* It is what its SONAME leads to, or it is not. */
static void check_versions(const struct live *live, struct race *race,
			   const struct stale_proc *proc)
{
	char *path = live_path(live, "libz.so.1.old");

	if (proc) {
		assert_int_equal(proc->nfiles, 1);
		assert_string_equal(proc->files[0].path, path);
		assert_int_equal(proc->files[0].why, STALE_SUPERSEDED);
		race->superseded++;
	}
	free(path);
}

static void check(const struct live *live, struct race *race,
		  const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);

	assert_int_equal(info->scanned, live->npids);
	assert_int_equal(info->seen, live->npids);
	assert_int_equal(info->error, 0);
	check_marked(live, race, livecheck_find(report, race->marked));
	check_versions(live, race, livecheck_find(report, race->versions));
	assert_null(livecheck_find(report, race->live[0]));
	assert_null(livecheck_find(report, race->live[1]));
	assert_null(livecheck_find(report, live->processes[0].pid));
}

/* Has it been stale once, and current once? */
static bool has_changed(const struct race *race, const struct watched_loop *loop)
{
	return race->seen[STALE_CURRENT] > 0 && race->seen[STALE_CURRENT] < loop->n;
}

static void no_scan_is_misled_by_renames(void **state)
{
	struct watched_loop loop = {.least = 1000, .most = 10000, .seconds = 3};
	struct live *live = *state;
	struct race race;

	race_start(live, &race);
	watched_begin(&loop);
	while (watched_next(&loop) ||
	       (!has_changed(&race, &loop) && watched_longer(&loop))) {
		struct stale_report *report = livescan(
			live, loop.n % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO);

		check(live, &race, report);
		stale_report_free(report);
	}
	print_message("live_hostile_renames: %u scans in %.1f s, %llu rounds of renames: "
		      "deleted %u, replaced %u, current %u; superseded %u\n",
		      loop.n, watched_seconds(&loop),
		      (unsigned long long)atomic_load(race.rounds),
		      race.seen[STALE_DELETED], race.seen[STALE_REPLACED],
		      race.seen[STALE_CURRENT], race.superseded);
	assert_true(has_changed(&race, &loop));
	watched_unmap(race.rounds, sizeof(*race.rounds));
}

static void no_answer_is_misled_by_renames(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;
	unsigned warnings = 0;
	struct race race;
	char *pids;

	race_start(live, &race);
	pids = liveplugin_pids(live);
	for (int i = 0; i < PLUGIN_RUNS; i++) {
		liveplugin_run(NULL, (const char *const[]){pids, "-v", NULL}, &answer);
		assert_in_range(answer.status, 0, 1);
		assert_int_equal(answer.nerr, 0);
		assert_non_null(strstr(answer.out, " unreadable=0;"));
		assert_null(strstr(answer.out, "one.so"));
		assert_null(strstr(answer.out, "two.so"));
		assert_null(strstr(answer.out, "libcontrol"));
		warnings += answer.status == 1;
		liveplugin_release(&answer);
	}
	print_message("live_hostile_renames: %d answers, %u of them WARNING\n",
		      PLUGIN_RUNS, warnings);
	watched_unmap(race.rounds, sizeof(*race.rounds));
	free(pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(no_scan_is_misled_by_renames),
		LIVE_TEST(no_answer_is_misled_by_renames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
