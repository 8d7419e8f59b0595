/*
 * live_selection.c - only the processes that are asked for are looked at, and only they
 * can make a scan incomplete.
 */
#include <string.h>
#include <unistd.h>

#include "support/livecgroup.h"
#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/livescan.h"
#include "test.h"

#define LIB    "libx.so.1"
#define NOBODY "65534"

static const uid_t root_uid[] = {0};
static const uid_t nobody_uid[] = {65534};
static const uid_t both_uids[] = {65534, 0};
static const char *const alpha[] = {"live-alpha", NULL};
static const char *const beta[] = {"gamma", "live-b*", NULL};
static const char *const both[] = {"live-alpha", "live-beta", NULL};
static const char *const gamma_only[] = {"gamma", "live", NULL};

enum { NONE = 0, ALPHA = 1, BETA = 2, BOTH = 3 };

/* Of three processes: the control, alpha (root's) and beta (nobody's). */
static const struct selection_row {
	const char *label;
	struct stale_selection select;
	unsigned told;      /* which of them have stale files in the report */
	size_t nunselected; /* of the three */
} rows[] = {
	{"nothing is excluded", {0}, BOTH, 0},
	{"root", {.uids = root_uid, .nuids = 1}, ALPHA, 1},
	{"nobody", {.uids = nobody_uid, .nuids = 1}, BETA, 2},
	{"root and nobody", {.uids = both_uids, .nuids = 2}, BOTH, 0},
	{"the name of one", {.processes = alpha}, ALPHA, 2},
	{"a pattern", {.processes = beta}, BETA, 2},
	{"two names", {.processes = both}, BOTH, 1},
	{"other names", {.processes = gamma_only}, NONE, 3},
	{"the name of one and another user",
	 {.processes = alpha, .uids = nobody_uid, .nuids = 1},
	 NONE,
	 3},
	{"processes of no unit",
	 {.scopes = STALE_SCOPE_BIT(STALE_SCOPE_NONE), .processes = alpha},
	 ALPHA,
	 2},
	{"processes of a session",
	 {.scopes = STALE_SCOPE_BIT(STALE_SCOPE_SESSION)},
	 NONE,
	 3},
};

static void start_alpha_and_beta(struct live *live)
{
	char *path = live_path(live, LIB);

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	live_start(live, "comm", "live-alpha", "map", path, "rx");
	live_start(live, "setuid", NOBODY, "comm", "live-beta", "map", path, "rx");
	free(path);
	live_unlink(live, LIB);
}

/* Every process of the listing has gone one way. */
static void check_sums(const char *label, const struct stale_scan_info *info)
{
	row_number(label, "finished", info->finished, true);
	row_number(
		label, "seen", (int64_t)info->seen,
		(int64_t)(info->scanned + info->vanished + info->denied + info->failed));
	row_number(label, "listed", (int64_t)info->listed,
		   (int64_t)(info->seen + info->kernel_threads + info->unselected));
}

static void check_row(const struct selection_row *row, const struct live *live,
		      const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);
	const bool has_alpha = livecheck_find(report, live->processes[1].pid) != NULL;
	const bool has_beta = livecheck_find(report, live->processes[2].pid) != NULL;
	size_t n;

	stale_report_procs(report, &n);
	row_number(row->label, "alpha", has_alpha, (row->told & ALPHA) != 0);
	row_number(row->label, "beta", has_beta, (row->told & BETA) != 0);
	row_number(row->label, "told", (int64_t)n, has_alpha + has_beta);
	row_number(row->label, "unselected", (int64_t)info->unselected,
		   (int64_t)row->nunselected);
	row_number(row->label, "scanned", (int64_t)info->scanned,
		   (int64_t)(live->npids - row->nunselected));
	check_sums(row->label, info);
}

static void only_processes_that_are_asked_for_are_told(void **state)
{
	struct live *live = *state;

	start_alpha_and_beta(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_report *report;

		/* Where this test itself runs in a unit, so do they. */
		if (rows[i].select.scopes)
			for (size_t p = 0; p < live->npids; p++)
				livecgroup_enter(live, live->pids[p], "stale-none-%");
		live->opt.select = rows[i].select;
		report = livescan(live, STALE_METHOD_AUTO);
		check_row(&rows[i], live, report);
		stale_report_free(report);
	}
}

static void numbers_and_names_must_both_be_right(void **state)
{
	struct live *live = *state;
	struct stale_report *report;

	start_alpha_and_beta(live);
	live_unwatch(live, live->processes[1].pid);
	live->opt.select.processes = both;
	report = livescan(live, STALE_METHOD_AUTO);
	assert_null(livecheck_find(report, live->processes[1].pid));
	assert_non_null(livecheck_find(report, live->processes[2].pid));
	assert_int_equal(stale_report_info(report)->listed, 2);
	assert_int_equal(stale_report_info(report)->unselected, 1);
	stale_report_free(report);
}

/* One list of patterns, with our PID in the first of them. */
static const char *const *globs_of(const char *pattern)
{
	static char *glob[2];

	free(glob[0]);
	glob[0] = livecgroup_name(pattern);
	return (const char *const *)glob;
}

/* Only the process in the group is to be told. */
static void check_only(struct live *live, const char *label, pid_t pid)
{
	struct stale_report *report = livescan(live, STALE_METHOD_AUTO);
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	row_number(label, "told", (int64_t)n, pid != 0);
	if (pid)
		row_number(label, "process", procs[0].pid, pid);
	row_number(label, "unselected", (int64_t)stale_report_info(report)->unselected,
		   (int64_t)(live->npids - (pid != 0)));
	stale_report_free(report);
	live->opt.select = (struct stale_selection){0};
}

static void processes_are_found_by_their_unit(void **state)
{
	struct live *live = *state;
	pid_t alpha_pid, beta_pid;

	start_alpha_and_beta(live);
	alpha_pid = live->processes[1].pid;
	beta_pid = live->processes[2].pid;
	livecgroup_enter(live, alpha_pid, "system.slice/stale-a%.service");
	livecgroup_enter(live, beta_pid, "system.slice/stale-b%.service");
	live->opt.select.units = globs_of("stale-a%.service");
	check_only(live, "whole name", alpha_pid);
	live->opt.select.units = globs_of("stale-b%");
	check_only(live, "name without .service", beta_pid);
	live->opt.select.units = globs_of("stale-?%.socket");
	check_only(live, "another type", 0);
	live->opt.select.units = globs_of("stale-?%");
	live->opt.select.uids = nobody_uid;
	live->opt.select.nuids = 1;
	check_only(live, "pattern and user", beta_pid);
}

static void processes_are_found_by_their_container(void **state)
{
	struct live *live = *state;
	pid_t pid;

	start_alpha_and_beta(live);
	pid = live->processes[1].pid;
	livecgroup_enter(live, pid, "system.slice/docker-&.scope");
	livecgroup_enter(live, live->processes[2].pid, "system.slice/stale-%.service");
	live->opt.select.containers = globs_of("&");
	check_only(live, "whole id", pid);
	live->opt.select.containers = globs_of("*%");
	check_only(live, "end of the id", pid);
	live->opt.select.containers = globs_of("x&");
	check_only(live, "another id", 0);
	/* The scope of docker is no unit to restart, and none to be found by. */
	live->opt.select.units = globs_of("docker-*");
	check_only(live, "scope of the container", 0);
	live->opt.select.scopes = STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER);
	check_only(live, "containers", pid);
	live->opt.select.scopes = STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM);
	check_only(live, "system units", live->processes[2].pid);
}

/* Looks at all processes of the machine. */
static int scan_machine(const struct live *live, const struct stale_selection *select,
			struct stale_report **ret_report)
{
	struct stale_options opt = livecheck_options(live);

	opt.pids = NULL;
	opt.npids = 0;
	opt.select = *select;
	return stale_scan(&opt, ret_report);
}

/* PID 1 may be denied to root, too: in a sandbox. */
static void what_is_not_asked_for_makes_no_scan_incomplete(void **state)
{
	const struct stale_selection select = {.processes = alpha};
	const struct stale_selection all = {0};
	struct live *live = *state;
	const struct stale_scan_info *info;
	struct stale_report *report;

	start_alpha_and_beta(live);
	assert_int_equal(scan_machine(live, &select, &report), 0);
	info = stale_report_info(report);
	check_sums("one name", info);
	assert_int_equal(info->denied, 0);
	assert_int_equal(info->failed, 0);
	assert_int_equal(info->scanned, 1);
	assert_true(info->unselected >= 3); /* at least the others of ours, and us */
	assert_non_null(livecheck_find(report, live->processes[1].pid));
	stale_report_free(report);
	assert_int_equal(scan_machine(live, &all, &report), 0);
	info = stale_report_info(report);
	check_sums("all", info);
	assert_int_equal(info->unselected, 0);
	assert_true(info->scanned >= 4);
	stale_report_free(report);
}

static void kernel_threads_are_counted_apart_whatever_is_asked_for(void **state)
{
	static const char *const any[] = {"*", NULL};
	const struct stale_selection selections[] = {
		{.processes = any}, {.processes = alpha}, {.uids = root_uid, .nuids = 1}};
	const struct stale_selection all = {0};
	struct live *live = *state;
	struct stale_report *report;
	bool has_threads;

	start_alpha_and_beta(live);
	assert_int_equal(scan_machine(live, &all, &report), 0);
	has_threads = stale_report_info(report)->kernel_threads > 0;
	stale_report_free(report);
	for (size_t i = 0; i < ARRAY_LEN(selections); i++) {
		assert_int_equal(scan_machine(live, &selections[i], &report), 0);
		assert_int_equal(stale_report_info(report)->kernel_threads > 0,
				 has_threads);
		check_sums("kernel threads", stale_report_info(report));
		stale_report_free(report);
	}
}

static bool has_kernel_threads;

/* They may not be read, but everybody sees what they are. */
static int check_kernel_threads(struct live *live)
{
	const struct stale_selection all = {0};
	struct stale_report *report;
	const struct stale_scan_info *info;
	int differences;

	if (scan_machine(live, &all, &report) < 0)
		return 1;
	info = stale_report_info(report);
	differences = (info->kernel_threads > 0) != has_kernel_threads ||
		      info->denied == 0 || info->unselected != 0;
	stale_report_free(report);
	return differences;
}

static void kernel_threads_are_not_denied_to_nobody(void **state)
{
	const struct stale_selection all = {0};
	struct live *live = *state;
	struct stale_report *report;

	live_need_root(live);
	assert_int_equal(scan_machine(live, &all, &report), 0);
	has_kernel_threads = stale_report_info(report)->kernel_threads > 0;
	stale_report_free(report);
	livechild_assert(live, LIVECHILD_PLAIN, check_kernel_threads);
}

/* As nobody; what is wanted of a scan of the machine. */
struct denial {
	struct stale_selection select;
	size_t ndenied, nscanned;
	pid_t denied; /* the only one; 0: none */
};

static int check_denial(const struct live *live, const struct denial *want)
{
	struct stale_report *report;
	const struct stale_scan_info *info;
	const struct stale_unreadable *unreadable;
	int differences;
	size_t n;

	if (scan_machine(live, &want->select, &report) < 0)
		return 1;
	info = stale_report_info(report);
	unreadable = stale_report_unreadable(report, &n);
	differences = info->denied != want->ndenied || info->failed != 0 ||
		      info->scanned != want->nscanned || !info->finished ||
		      n != want->ndenied || info->unselected == 0 ||
		      (n && unreadable[0].pid != want->denied);
	if (differences)
		print_error("  scanned %zu denied %zu failed %zu unselected %zu\n",
			    info->scanned, info->denied, info->failed, info->unselected);
	stale_report_free(report);
	return differences;
}

static int check_own_process(struct live *live)
{
	return check_denial(live, &(struct denial){{.processes = beta}, 0, 1, 0});
}

static int check_process_of_root(struct live *live)
{
	return check_denial(
		live,
		&(struct denial){{.processes = alpha}, 1, 0, live->processes[1].pid});
}

static int check_both_processes(struct live *live)
{
	return check_denial(
		live,
		&(struct denial){{.processes = both}, 1, 1, live->processes[1].pid});
}

static void nobody_can_ask_for_what_it_may_see_and_gets_a_complete_scan(void **state)
{
	start_alpha_and_beta(*state);
	livechild_assert(*state, LIVECHILD_PLAIN, check_own_process);
}

static void a_denied_process_that_was_asked_for_is_told(void **state)
{
	start_alpha_and_beta(*state);
	livechild_assert(*state, LIVECHILD_PLAIN, check_process_of_root);
	livechild_assert(*state, LIVECHILD_PLAIN, check_both_processes);
}

static int check_unit_of_root(struct live *live)
{
	const struct stale_selection unit = {.units = globs_of("stale-a%")};

	return check_denial(live, &(struct denial){unit, 1, 0, live->processes[1].pid});
}

static int check_unit_of_nobody(struct live *live)
{
	const struct stale_selection unit = {.units = globs_of("stale-b%")};

	return check_denial(live, &(struct denial){unit, 0, 1, 0});
}

static void units_of_denied_processes_are_known(void **state)
{
	struct live *live = *state;

	start_alpha_and_beta(live);
	livecgroup_enter(live, live->processes[1].pid, "system.slice/stale-a%.service");
	livecgroup_enter(live, live->processes[2].pid, "system.slice/stale-b%.service");
	livechild_assert(live, LIVECHILD_PLAIN, check_unit_of_root);
	livechild_assert(live, LIVECHILD_PLAIN, check_unit_of_nobody);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVECGROUP_TEST(only_processes_that_are_asked_for_are_told),
		LIVECGROUP_TEST(numbers_and_names_must_both_be_right),
		LIVECGROUP_TEST(processes_are_found_by_their_unit),
		LIVECGROUP_TEST(processes_are_found_by_their_container),
		LIVECGROUP_TEST(what_is_not_asked_for_makes_no_scan_incomplete),
		LIVECGROUP_TEST(kernel_threads_are_counted_apart_whatever_is_asked_for),
		LIVECGROUP_TEST(kernel_threads_are_not_denied_to_nobody),
		LIVECGROUP_TEST(
			nobody_can_ask_for_what_it_may_see_and_gets_a_complete_scan),
		LIVECGROUP_TEST(a_denied_process_that_was_asked_for_is_told),
		LIVECGROUP_TEST(units_of_denied_processes_are_known),
	};

	return cmocka_run_group_tests_name("selection", tests, NULL, NULL);
}
