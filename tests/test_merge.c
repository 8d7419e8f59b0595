/*
 * test_merge.c - reports without some processes, and with those of an older report.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "scan/stale.h"
#include "tests/support/reportmake.h"
#include "tests/support/reportsame.h"

#define LIB(pid, path)                                                                   \
	{                                                                                \
		pid, "x", NULL, path, STALE_DELETED, 60                                  \
	}

/* The pids of a report, as "1 2 30 ". */
static const char *pids_of(const struct stale_report *report)
{
	static char text[200];
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	text[0] = '\0';
	for (size_t i = 0; i < n && strlen(text) < 180; i++)
		sprintf(text + strlen(text), "%d ", procs[i].pid);
	return text;
}

/* Those of ignored files. */
static const char *ignored_of(const struct stale_report *report)
{
	static char text[200];
	size_t n;
	const struct stale_ignored *ignored = stale_report_ignored(report, &n);

	text[0] = '\0';
	for (size_t i = 0; i < n && strlen(text) < 150; i++)
		sprintf(text + strlen(text), "%d%s ", ignored[i].pid, ignored[i].path);
	return text;
}

static const char *unreadable_of(const struct stale_report *report)
{
	static char text[200];
	size_t n;
	const struct stale_unreadable *unreadable = stale_report_unreadable(report, &n);

	text[0] = '\0';
	for (size_t i = 0; i < n && strlen(text) < 180; i++)
		sprintf(text + strlen(text), "%d ", unreadable[i].pid);
	return text;
}

static struct stale_report *some_processes(void)
{
	struct reportmake m;
	struct stale_report *report;

	reportmake_init(&m);
	for (pid_t pid = 10; pid <= 50; pid += 10) {
		reportmake_proc(&m, pid, "x")->start_ticks = (uint64_t)pid * 100;
		reportmake_file(&m, "/l/a.so", STALE_DELETED, 60);
		reportmake_file(&m, "/l/b.so", STALE_REPLACED, -1);
		reportmake_ignored(&m, pid, "/tmp/a", "temporary");
		reportmake_ignored(&m, pid, "/tmp/b", "temporary");
	}
	reportmake_ignored(&m, 25, "/tmp/a", "temporary");
	reportmake_unreadable(&m, 20, EACCES);
	reportmake_unreadable(&m, 25, EPERM);
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void processes_that_are_gone_leave_nothing_behind(void **state)
{
	/* In no order, one twice; 40 is a later process of that pid, 99 nobody. */
	const struct stale_identity gone[] = {
		{99, 9900}, {50, 5000}, {20, 2000}, {50, 5000}, {40, 4001}, {25, 2500},
	};
	struct stale_report *report = some_processes();
	struct stale_report *rest;
	const struct stale_proc *procs;
	const struct stale_proc *before;
	size_t n;

	(void)state;
	assert_int_equal(stale_report_without(report, gone, ARRAY_LEN(gone), &rest), 0);
	assert_string_equal(pids_of(rest), "10 30 40 ");
	/* Of 25 it tells nothing that says which process it was. */
	assert_string_equal(ignored_of(rest), "10/tmp/a 10/tmp/b 25/tmp/a 30/tmp/a "
					      "30/tmp/b 40/tmp/a 40/tmp/b ");
	assert_string_equal(unreadable_of(rest), "25 ");
	reportsame_info("rest", stale_report_info(rest), stale_report_info(report));
	before = stale_report_procs(report, &n);
	procs = stale_report_procs(rest, &n);
	reportsame_proc("10", &procs[0], &before[0]);
	reportsame_proc("30", &procs[1], &before[2]);
	reportsame_proc("40", &procs[2], &before[3]);
	assert_ptr_equal(procs[0].files[0].path, procs[2].files[0].path);
	stale_report_free(report);
	stale_report_free(rest);
}

static void a_report_without_nobody_is_the_same(void **state)
{
	struct stale_report *report = some_processes();
	struct stale_report *rest;

	(void)state;
	assert_int_equal(stale_report_without(report, NULL, 0, &rest), 0);
	reportsame_assert("nobody", rest, report);
	stale_report_free(report);
	stale_report_free(rest);
}

static void a_report_without_all_is_empty(void **state)
{
	const struct stale_identity gone[] = {{10, 4711}, {11, 4711}};
	const struct reportmake_row rows[] = {LIB(10, "/l/a.so"), LIB(11, "/l/a.so")};
	struct stale_report *report = reportmake_rows(rows, ARRAY_LEN(rows));
	struct stale_report *rest;
	size_t n;

	(void)state;
	assert_int_equal(stale_report_without(report, gone, ARRAY_LEN(gone), &rest), 0);
	assert_null(stale_report_procs(rest, &n));
	assert_int_equal(n, 0);
	stale_report_free(report);
	stale_report_free(rest);
}

/* Of 10 to 50 as above: what becomes of them beside what a newer scan tells. */
static void what_a_cut_scan_does_not_tell_of_stays(void **state)
{
	struct stale_report *older = some_processes();
	struct stale_report *report;
	struct stale_report *joined;
	struct reportmake m;
	const struct stale_proc *procs;
	size_t n;

	(void)state;
	reportmake_init(&m);
	m.info.finished = false;
	m.info.at = 44;
	reportmake_proc(&m, 5, "new"); /* before all others, and behind them */
	reportmake_file(&m, "/l/a.so", STALE_DELETED, 60);
	reportmake_proc(&m, 20, "again"); /* the same pid, whatever its start */
	reportmake_file(&m, "/l/c.so", STALE_DELETED, 60);
	reportmake_proc(&m, 60, "new");
	reportmake_file(&m, "/l/c.so", STALE_DELETED, 60);
	reportmake_ignored(&m, 30, "/tmp/c", "temporary"); /* and no more than that */
	reportmake_ignored(&m, 60, "/tmp/c", "temporary");
	reportmake_unreadable(&m, 40, EACCES);
	report = reportmake_report(&m);
	reportmake_release(&m);
	assert_int_equal(stale_report_with(report, older, &joined), 0);
	assert_string_equal(pids_of(joined), "5 10 20 50 60 ");
	assert_string_equal(ignored_of(joined),
			    "10/tmp/a 10/tmp/b 30/tmp/c 50/tmp/a 50/tmp/b 60/tmp/c ");
	assert_string_equal(unreadable_of(joined), "40 ");
	reportsame_info("joined", stale_report_info(joined), stale_report_info(report));
	procs = stale_report_procs(joined, &n);
	assert_string_equal(procs[2].comm, "again");
	assert_int_equal(procs[2].nfiles, 1);
	assert_int_equal(procs[3].start_ticks, 5000);
	stale_report_free(older);
	stale_report_free(report);
	stale_report_free(joined);
}

static void a_report_with_nothing_older_tells_the_same(void **state)
{
	struct stale_report *report = some_processes();
	struct stale_report *empty = reportmake_rows(NULL, 0);
	struct stale_report *joined;

	(void)state;
	assert_int_equal(stale_report_with(report, empty, &joined), 0);
	assert_string_equal(pids_of(joined), "10 20 30 40 50 ");
	assert_string_equal(unreadable_of(joined), "20 25 ");
	stale_report_free(joined);
	assert_int_equal(stale_report_with(empty, report, &joined), 0);
	assert_string_equal(pids_of(joined), "10 20 30 40 50 ");
	assert_string_equal(unreadable_of(joined), "");
	stale_report_free(joined);
	stale_report_free(report);
	stale_report_free(empty);
}

/* One file of two reports, each of which numbers as it likes. */
static struct stale_report *one_file(pid_t pid, const struct stale_file *file)
{
	const struct stale_proc proc = {
		.files = file, .nfiles = 1, .comm = "x", .pid = pid};
	const struct stale_contents contents = {.procs = &proc, .nprocs = 1};
	struct stale_report *report;

	assert_int_equal(stale_report_make(&contents, &report), 0);
	return report;
}

static void files_of_both_reports_are_one_when_all_is_equal(void **state)
{
	const struct stale_file file = {.path = "/a", .device = 8, .inode = 1, .id = 3};
	const struct row {
		const char *label;
		struct stale_file file;
		bool is_same;
	} rows[] = {
		{"another number",
		 {.path = "/a", .device = 8, .inode = 1, .id = 5},
		 true},
		{"path", {.path = "/b", .device = 8, .inode = 1, .id = 3}, false},
		{"device", {.path = "/a", .device = 9, .inode = 1, .id = 3}, false},
		{"inode", {.path = "/a", .device = 8, .inode = 2, .id = 3}, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_report *report = one_file(1, &file);
		struct stale_report *older = one_file(2, &rows[i].file);
		struct stale_report *joined;
		const struct stale_proc *procs;
		size_t n;

		assert_int_equal(stale_report_with(report, older, &joined), 0);
		procs = stale_report_procs(joined, &n);
		row_number(rows[i].label, "processes", n, 2);
		row_number(rows[i].label, "is one file",
			   procs[0].files[0].id == procs[1].files[0].id, rows[i].is_same);
		stale_report_free(report);
		stale_report_free(older);
		stale_report_free(joined);
	}
}

/* One inode under two names, and two roots with equal names: the scan knew better. */
static void numbers_of_the_report_itself_stay(void **state)
{
	struct stale_file files[] = {
		{.path = "/a", .device = 1, .inode = 7, .fd = -1, .bytes = -1, .id = 4},
		{.path = "/b", .device = 1, .inode = 7, .fd = -1, .bytes = -1, .id = 4},
		{.path = "/b", .device = 1, .inode = 7, .fd = -1, .bytes = -1, .id = 9},
	};
	const struct stale_proc proc = {
		.pid = 1, .comm = "x", .files = files, .nfiles = ARRAY_LEN(files)};
	const struct stale_contents contents = {.procs = &proc, .nprocs = 1};
	struct stale_file other = {
		.path = "/c", .device = 1, .inode = 7, .fd = -1, .bytes = -1, .id = 4};
	struct stale_report *older = one_file(2, &other);
	struct stale_report *report, *joined;
	const struct stale_proc *procs;
	size_t n;

	(void)state;
	assert_int_equal(stale_report_make(&contents, &report), 0);
	assert_int_equal(stale_report_with(report, older, &joined), 0);
	procs = stale_report_procs(joined, &n);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		row_number(files[i].path, "id", procs[0].files[i].id, files[i].id);
	row_number("of the older one", "id", procs[1].files[0].id, 10);
	stale_report_free(report);
	stale_report_free(older);
	stale_report_free(joined);
}

/* Quadratic work would take minutes: 3,000 processes with 100 files each, twice. */
static void large_reports_are_joined_at_once(void **state)
{
	struct stale_report *report = reportmake_many(3000, 90, 10);
	struct stale_report *joined;
	struct stale_identity *gone = calloc(3000, sizeof(*gone));
	struct stale_report *half;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		gone[i] = (struct stale_identity){(pid_t)(4000 - i), 4711};
	assert_int_equal(stale_report_without(report, gone, 1500, &half), 0);
	stale_report_procs(half, &n);
	assert_int_equal(n, 1500);
	assert_int_equal(stale_report_with(half, report, &joined), 0);
	stale_report_procs(joined, &n);
	assert_int_equal(n, 3000);
	stale_report_free(report);
	stale_report_free(half);
	stale_report_free(joined);
	free(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_that_are_gone_leave_nothing_behind),
		cmocka_unit_test(a_report_without_nobody_is_the_same),
		cmocka_unit_test(a_report_without_all_is_empty),
		cmocka_unit_test(what_a_cut_scan_does_not_tell_of_stays),
		cmocka_unit_test(a_report_with_nothing_older_tells_the_same),
		cmocka_unit_test(files_of_both_reports_are_one_when_all_is_equal),
		cmocka_unit_test(numbers_of_the_report_itself_stay),
		cmocka_unit_test(large_reports_are_joined_at_once),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
