/*
 * test_scan.c - what a scan does with options, with too much, and with what is broken, on
 * proc trees that are built here.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "scan/stale.h"
#include "tests/support/proctree.h"

#define CLEAN "55d0c7000000-55d0c7004000 r-xp 00002000 fe:00 11 /usr/bin/sleep\n"

static void many_segments_of_a_file_are_one_entry(void **state)
{
	struct proctree tree;
	struct stale_report *report;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "x",
		     "1000-2000 r-xp 0 08:01 42 /l/a.so (deleted)\n"
		     "2000-3000 r-xp 0 08:01 43 /l/a.so (deleted)\n"
		     "3000-4000 rwxp 0 08:01 42 /l/a.so (deleted)\n");
	report = proctree_scan(&tree, NULL);
	assert_int_equal(proctree_only_proc(report)->nfiles, 2);
	assert_int_equal(proctree_only_proc(report)->files[0].inode, 42);
	assert_int_equal(proctree_only_proc(report)->files[1].inode, 43);
	stale_report_free(report);
	proctree_release(&tree);
}

static void files_beyond_the_limit_are_counted(void **state)
{
	enum { N = 4100, LIMIT = 4096 };
	struct proctree tree;
	struct stale_report *report;
	char *maps = malloc((size_t)N * 80);
	size_t len = 0;

	(void)state;
	for (int i = 0; i < N; i++)
		len += (size_t)sprintf(maps + len,
				       "%x000-%x000 r-xp 0 08:01 %d /l/%d.so (deleted)\n",
				       i, i + 1, i + 1, i);
	proctree_init(&tree);
	proctree_add(&tree, 10, "x", maps);
	free(maps);
	report = proctree_scan(&tree, NULL);
	assert_int_equal(proctree_only_proc(report)->nfiles, LIMIT);
	assert_int_equal(proctree_only_proc(report)->nfiles_left_out, N - LIMIT);
	assert_int_equal(stale_report_info(report)->failed, 1);
	stale_report_free(report);
	proctree_release(&tree);
}

static void path_longer_than_any_buffer_is_kept_whole(void **state)
{
	enum { LEN = 200000 };
	struct proctree tree;
	struct stale_report *report;
	char *maps = malloc(LEN + 100);
	int n = sprintf(maps, "1000-2000 r-xp 0 08:01 42 ");

	(void)state;
	memset(maps + n, '/', LEN);
	for (int i = 1; i < LEN; i += 2)
		maps[n + i] = 'd';
	snprintf(maps + n + LEN, 12, " (deleted)\n");
	proctree_init(&tree);
	proctree_add(&tree, 10, "x", maps);
	free(maps);
	report = proctree_scan(&tree, NULL);
	assert_int_equal(strlen(proctree_only_proc(report)->files[0].path), LEN);
	stale_report_free(report);
	proctree_release(&tree);
}

static void broken_maps_fail_their_process_alone(void **state)
{
	const struct row {
		const char *label;
		const char *maps; /* NULL: no file */
		int error;
	} rows[] = {
		{"not a map", "hello world\n", EINVAL},
		{"number too large",
		 "1000-2000 r-xp 0 08:01 99999999999999999999999 /x\n", ERANGE},
		{"cut in a line", CLEAN "1000-2000 r-xp 0 08:01 42 /l/a", EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proctree tree;
		struct stale_report *report;
		const struct stale_unreadable *unreadable;
		size_t n;

		proctree_init(&tree);
		proctree_add(&tree, 10, "x", rows[i].maps);
		proctree_add(&tree, 11, "y",
			     "1000-2000 r-xp 0 08:01 42 /l/a.so (deleted)\n");
		report = proctree_scan(&tree, NULL);
		row_number(rows[i].label, "failed", stale_report_info(report)->failed, 1);
		row_number(rows[i].label, "scanned", stale_report_info(report)->scanned,
			   1);
		unreadable = stale_report_unreadable(report, &n);
		row_number(rows[i].label, "listed", n, 1);
		row_number(rows[i].label, "pid", unreadable->pid, 10);
		row_number(rows[i].label, "error", unreadable->error, rows[i].error);
		assert_int_equal(proctree_only_proc(report)->pid, 11);
		stale_report_free(report);
		proctree_release(&tree);
	}
}

static void process_without_maps_has_vanished(void **state)
{
	struct proctree tree;
	struct stale_report *report;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "x", NULL);
	proctree_add(&tree, 11, "y", CLEAN);
	report = proctree_scan(&tree, NULL);
	assert_int_equal(stale_report_info(report)->vanished, 1);
	assert_int_equal(stale_report_info(report)->scanned, 1);
	assert_int_equal(stale_report_info(report)->seen, 2);
	assert_true(stale_report_info(report)->finished);
	stale_report_free(report);
	proctree_release(&tree);
}

static void tree_without_a_process_is_an_error(void **state)
{
	struct proctree tree;
	struct stale_report *report = NULL;
	struct stale_options opt = {0};

	(void)state;
	proctree_init(&tree);
	opt.proc_root = tree.path;
	assert_int_equal(stale_scan(&opt, &report), -ESRCH);
	proctree_write(&tree, "0012", "", 0); /* names that only look like numbers */
	proctree_write(&tree, "12x", "", 0);
	proctree_write(&tree, "99999999999", "", 0);
	assert_int_equal(stale_scan(&opt, &report), -ESRCH);
	opt.proc_root = "/does/not/exist";
	assert_int_equal(stale_scan(&opt, &report), -ENOENT);
	opt.proc_root = "/etc/passwd";
	assert_int_equal(stale_scan(&opt, &report), -ENOTDIR);
	assert_null(report);
	proctree_release(&tree);
}

static void chosen_pids_are_scanned_once_and_alone(void **state)
{
	const pid_t pids[] = {12, 10, 12};
	const pid_t none[] = {99};
	struct stale_options opt = {.pids = pids, .npids = ARRAY_LEN(pids)};
	struct proctree tree;
	struct stale_report *report;
	const struct stale_proc *procs;
	size_t n;

	(void)state;
	proctree_init(&tree);
	for (pid_t pid = 10; pid < 13; pid++)
		proctree_add(&tree, pid, "x",
			     "1000-2000 r-xp 0 08:01 42 /l/a.so (deleted)\n");
	report = proctree_scan(&tree, &opt);
	assert_int_equal(stale_report_info(report)->seen, 2);
	procs = stale_report_procs(report, &n);
	assert_int_equal(n, 2);
	assert_int_equal(procs[0].pid, 10);
	assert_int_equal(procs[1].pid, 12);
	stale_report_free(report);
	opt.pids = none;
	opt.npids = 1;
	assert_int_equal(stale_scan(&opt, &report), -ESRCH);
	proctree_release(&tree);
}

static void library_filter_drops_files_and_then_processes(void **state)
{
	const char *const globs[] = {"b.so", NULL};
	struct stale_options opt = {.library_globs = globs};
	struct proctree tree;
	struct stale_report *report;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "x", "1000-2000 r-xp 0 08:01 1 /l/a.so (deleted)\n");
	proctree_add(&tree, 11, "y",
		     "1000-2000 r-xp 0 08:01 1 /l/a.so (deleted)\n"
		     "2000-3000 r-xp 0 08:01 2 /l/b.so (deleted)\n");
	report = proctree_scan(&tree, &opt);
	assert_int_equal(proctree_only_proc(report)->pid, 11);
	assert_int_equal(proctree_only_proc(report)->nfiles, 1);
	assert_string_equal(proctree_only_proc(report)->files[0].path, "/l/b.so");
	assert_int_equal(stale_report_info(report)->scanned, 2);
	stale_report_free(report);
	proctree_release(&tree);
}

static void cmdline_is_read_on_request_and_bounded(void **state)
{
	struct stale_options opt = {.want_cmdline = true};
	struct proctree tree;
	struct stale_report *report;
	const struct stale_proc *proc;
	char big[10000];

	(void)state;
	memset(big, 'a', sizeof(big));
	proctree_init(&tree);
	proctree_add(&tree, 10, "x", "1000-2000 r-xp 0 08:01 1 /l/a.so (deleted)\n");
	proctree_write(&tree, "10/cmdline", "ls\0-l\0", 6);
	report = proctree_scan(&tree, &opt);
	proc = proctree_only_proc(report);
	assert_int_equal(proc->cmdline_len, 6);
	assert_memory_equal(proc->cmdline, "ls\0-l\0", 6);
	stale_report_free(report);
	proctree_write(&tree, "10/cmdline", big, sizeof(big));
	report = proctree_scan(&tree, &opt);
	proc = proctree_only_proc(report);
	assert_int_equal(proc->cmdline_len, 4096);
	assert_int_equal(proc->cmdline[4095], '\0');
	stale_report_free(report);
	proctree_release(&tree);
}

static void one_file_of_many_processes_is_counted_once(void **state)
{
	const struct stale_policy policy = {.why = STALE_WHY_DEFAULT};
	const struct stale_policy other = {.why = STALE_WHY_BIT(STALE_REPLACED)};
	const struct stale_policy old = {.why = STALE_WHY_DEFAULT, .min_age = 1000000};
	struct proctree tree;
	struct stale_report *report;
	struct stale_totals totals;

	(void)state;
	proctree_init(&tree);
	for (pid_t pid = 10; pid < 15; pid++)
		proctree_add(&tree, pid, "x",
			     "1000-2000 r-xp 0 08:01 1 /l/a.so (deleted)\n"
			     "2000-3000 r-xp 0 08:02 1 /l/b.so (deleted)\n");
	report = proctree_scan(&tree, NULL);
	assert_int_equal(stale_report_count(report, &policy, 5000, &totals), 0);
	assert_int_equal(totals.processes, 5);
	assert_int_equal(totals.files, 2);
	assert_int_equal(totals.undated, 2);
	assert_int_equal(totals.oldest, 0);
	assert_int_equal(stale_report_count(report, &other, 5000, &totals), 0);
	assert_int_equal(totals.processes, 0);
	assert_int_equal(totals.files, 0);
	/* Of unknown age: it may be older. */
	assert_int_equal(stale_report_count(report, &old, 5000, &totals), 0);
	assert_int_equal(totals.processes, 5);
	stale_report_free(report);
	proctree_release(&tree);
}

static void forced_query_fails_where_there_is_no_such_ioctl(void **state)
{
	struct stale_options opt = {.method = STALE_METHOD_PROCMAP_QUERY};
	struct proctree tree;
	struct stale_report *report;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "x", CLEAN);
	report = proctree_scan(&tree, &opt);
	assert_int_equal(stale_report_info(report)->failed, 1);
	assert_int_equal(stale_report_info(report)->method, STALE_METHOD_PROCMAP_QUERY);
	stale_report_free(report);
	proctree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_segments_of_a_file_are_one_entry),
		cmocka_unit_test(files_beyond_the_limit_are_counted),
		cmocka_unit_test(path_longer_than_any_buffer_is_kept_whole),
		cmocka_unit_test(broken_maps_fail_their_process_alone),
		cmocka_unit_test(process_without_maps_has_vanished),
		cmocka_unit_test(tree_without_a_process_is_an_error),
		cmocka_unit_test(chosen_pids_are_scanned_once_and_alone),
		cmocka_unit_test(library_filter_drops_files_and_then_processes),
		cmocka_unit_test(cmdline_is_read_on_request_and_bounded),
		cmocka_unit_test(one_file_of_many_processes_is_counted_once),
		cmocka_unit_test(forced_query_fails_where_there_is_no_such_ioctl),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
