/*
 * test_captured.c - whole scans of proc trees that are no proc file system: captured on a
 * real machine, or built here for what no machine at hand does.
 */
#include "tests/test.h"

#include <stdio.h>

#include "scan/stale.h"
#include "tests/support/proctree.h"

#define CLEAN "55d0c7000000-55d0c7004000 r-xp 00002000 fe:00 11 /usr/bin/sleep\n"

static void captured_upgrade_reads_as_on_the_machine(void **state)
{
	const char *src = getenv("STALE_SRC");
	struct stale_report *report;
	const struct stale_proc *procs;
	const struct stale_scan_info *info;
	char path[4096];
	size_t n;

	(void)state;
	snprintf(path, sizeof(path), "%s/testdata/proc/upgrade", src ? src : ".");
	assert_int_equal(stale_scan(&(struct stale_options){.proc_root = path}, &report),
			 0);
	info = stale_report_info(report);
	assert_int_equal(info->seen, 3);
	assert_int_equal(info->scanned, 3);
	assert_int_equal(info->kernel_threads, 1);
	assert_int_equal(info->method, STALE_METHOD_MAPS);
	assert_false(info->proc_fs);
	assert_false(info->hidden);
	assert_true(info->finished);
	procs = stale_report_procs(report, &n);
	assert_int_equal(n, 2);
	assert_int_equal(procs[0].pid, 32041);
	assert_string_equal(procs[0].comm, "daemon");
	assert_string_equal(procs[0].exe, "/opt/example/daemon");
	assert_int_equal(procs[0].nfiles, 2);
	assert_string_equal(procs[0].files[0].path, "/opt/example/daemon");
	assert_int_equal(procs[0].files[0].kind, STALE_EXE);
	assert_string_equal(procs[0].files[1].path, "/opt/example/libz.so.1.2.13");
	assert_int_equal(procs[0].files[1].kind, STALE_LIB);
	/* The successor is on another machine: the kernel's word stands. */
	assert_int_equal(procs[0].files[1].why, STALE_DELETED);
	assert_null(procs[0].files[1].successor);
	assert_int_equal(procs[0].files[1].since_source, STALE_SINCE_UNKNOWN);
	/* btime of the tree plus field 22 of stat. */
	assert_int_equal(procs[0].started, 1795286425);
	assert_int_equal(procs[1].pid, 32042);
	assert_int_equal(procs[1].files[0].id, procs[0].files[1].id);
	assert_true(procs[0].files[0].id != procs[0].files[1].id);
	stale_report_free(report);
}

/* One line of maps and what must come out of it. */
static const struct form_row {
	const char *label;
	const char *line;
	const char *path; /* NULL: nothing is stale */
} form_rows[] = {
	{"plain", "7f0000000000-7f0000001000 r-xp 0 08:01 42 /usr/lib/liba.so (deleted)",
	 "/usr/lib/liba.so"},
	{"32-bit", "b7700000-b7702000 r-xp 00000000 03:01 42 /lib/liba.so (deleted)",
	 "/lib/liba.so"},
	{"execute only", "7f0000000000-7f0000001000 --xp 0 08:01 42 /l/liba.so (deleted)",
	 "/l/liba.so"},
	{"shared, writable",
	 "7f0000000000-7f0000001000 rwxs 0 08:01 42 /l/a.so (deleted)", "/l/a.so"},
	{"data", "7f0000000000-7f0000001000 rw-p 0 08:01 42 /usr/lib/liba.so (deleted)",
	 NULL},
	{"OpenVZ", "7f0000000000-7f0000001000 r-xp 0 08:01 42 (deleted)/usr/lib/a.so",
	 "/usr/lib/a.so"},
	{"OpenVZ with a blank",
	 "7f0000000000-7f0000001000 r-xp 0 08:01 42 (deleted) /usr/lib/a.so",
	 "/usr/lib/a.so"},
	{"mark in the name too",
	 "7f0000000000-7f0000001000 r-xp 0 08:01 42 /l/a.so (deleted) (deleted)",
	 "/l/a.so (deleted)"},
	{"rpm's temporary name",
	 "7f0000000000-7f0000001000 r-xp 0 08:01 42 /l/a.so;5f3a91c2 (deleted)",
	 "/l/a.so"},
	{"NFS",
	 "7f0000000000-7f0000001000 r-xp 0 00:2a 42 "
	 "/srv/.nfs00000000002400a100000001",
	 "/srv/.nfs00000000002400a100000001"},
	{"NFS, too few digits",
	 "7f0000000000-7f0000001000 r-xp 0 00:2a 42 /srv/.nfs00000000002400a", NULL},
	{"20 digit inode, wide minor",
	 "7f0000000000-7f0000001000 r-xp 0 00:1a2b3 18446744073709551615 /l/a.so "
	 "(deleted)",
	 "/l/a.so"},
	{"memfd",
	 "7f0000000000-7f0000001000 r-xp 0 00:01 42 /memfd:/usr/lib/a.so "
	 "(deleted)",
	 NULL},
	{"SysV", "7f0000000000-7f0000001000 r-xs 0 00:01 42 /SYSV0000002a (deleted)",
	 NULL},
	{"a file called so",
	 "7f0000000000-7f0000001000 r-xp 0 08:01 42 /lib/SYSV0000002a (deleted)",
	 "/lib/SYSV0000002a"},
	{"/dev/zero", "7f0000000000-7f0000001000 rwxs 0 00:01 42 /dev/zero (deleted)",
	 NULL},
	{"O_TMPFILE", "7f0000000000-7f0000001000 r-xp 0 08:01 42 /var/lib/#42 (deleted)",
	 NULL},
	{"not O_TMPFILE",
	 "7f0000000000-7f0000001000 r-xp 0 08:01 42 /var/lib/#43 (deleted)",
	 "/var/lib/#43"},
	{"live", "7f0000000000-7f0000001000 r-xp 0 08:01 42 /usr/lib/libz.so.1.2", NULL},
	{"vdso", "7ffd00000000-7ffd00002000 r-xp 0 00:00 0 [vdso]", NULL},
	{"no path", "7ffd00000000-7ffd00002000 rwxp 0 00:00 0 ", NULL},
};

static void mapping_forms_give_the_right_file_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(form_rows); i++) {
		struct proctree tree;
		struct stale_report *report;
		const struct stale_proc *procs;
		char maps[512];
		size_t n;

		snprintf(maps, sizeof(maps), CLEAN "%s\n", form_rows[i].line);
		proctree_init(&tree);
		proctree_add(&tree, 10, "x", maps);
		report = proctree_scan(&tree, NULL);
		procs = stale_report_procs(report, &n);
		row_number(form_rows[i].label, "stale", (int64_t)n,
			   form_rows[i].path != NULL);
		if (n)
			row_text(form_rows[i].label, "path", procs[0].files[0].path,
				 strlen(procs[0].files[0].path), form_rows[i].path);
		stale_report_free(report);
		proctree_release(&tree);
	}
}

static void tree_without_exe_root_and_map_files_is_scanned(void **state)
{
	struct proctree tree;
	struct stale_report *report;
	const struct stale_proc *proc;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "a) S 1 (b\n",
		     "1000-2000 r-xp 0 08:01 42 /l/a.so (deleted)\n");
	report = proctree_scan(&tree, NULL);
	proc = proctree_only_proc(report);
	assert_string_equal(proc->comm, "a) S 1 (b\n");
	assert_null(proc->exe);
	assert_null(proc->cmdline);
	assert_int_equal(proc->uid, 1000);
	assert_int_equal(proc->ppid, 1);
	assert_int_equal(proc->start_ticks, 4711);
	/* The tree has no "stat" with btime. */
	assert_int_equal(proc->started, 0);
	assert_int_equal(proc->files[0].why, STALE_DELETED);
	stale_report_free(report);
	proctree_release(&tree);
}

/* Sums of such numbers are none. */
static void process_with_impossible_times_is_told_undated(void **state)
{
	static const char *const btimes[] = {"btime 9223372036854775807\n",
					     "btime 9223372036\n", "btime 4600000000\n"};
	static const char stat[] = "17 (x) S 1 1 1 0 -1 64 1 0 0 0 0 0 0 0 20 0 1 0 "
				   "18446744073709551615 0 0\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(btimes); i++) {
		struct stale_report *report;
		const struct stale_proc *proc;
		struct proctree tree;

		proctree_init(&tree);
		proctree_add(&tree, 17, "x",
			     "1000-2000 r-xp 0 08:01 5 /l.so (deleted)\n");
		proctree_write(&tree, "17/stat", stat, sizeof(stat) - 1);
		proctree_write(&tree, "stat", btimes[i], strlen(btimes[i]));
		report = proctree_scan(&tree, NULL);
		proc = proctree_only_proc(report);
		row_number(btimes[i], "started", proc->started, 0);
		row_number(btimes[i], "ticks", proc->start_ticks == UINT64_MAX, true);
		stale_report_free(report);
		proctree_release(&tree);
	}
}

static void nothing_outside_of_a_captured_tree_is_looked_up(void **state)
{
	struct proctree tree;
	struct stale_report *report;

	(void)state;
	proctree_init(&tree);
	/* Here is a file of this name: on another machine than that of the tree. */
	proctree_add(&tree, 10, "x", "1000-2000 r-xp 0 08:01 42 /bin/sh (deleted)\n");
	proctree_link(&tree, "10/root", "/");
	proctree_link(&tree, "10/exe", "/bin/sh (deleted)");
	report = proctree_scan(&tree, NULL);
	assert_int_equal(proctree_only_proc(report)->files[0].why, STALE_DELETED);
	assert_int_equal(proctree_only_proc(report)->files[0].kind, STALE_EXE);
	assert_string_equal(proctree_only_proc(report)->exe, "/bin/sh");
	stale_report_free(report);
	proctree_release(&tree);
}

static void scratch_folder_is_told_within_the_process_root(void **state)
{
	struct proctree tree;
	struct stale_report *report;
	const struct stale_ignored *ignored;
	size_t n;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "x",
		     "1000-2000 r-xp 0 08:01 42 /jail/tmp/a.so (deleted)\n");
	proctree_link(&tree, "10/root", "/jail");
	proctree_add(&tree, 11, "y",
		     "1000-2000 r-xp 0 08:01 42 /jail/tmp/a.so (deleted)\n");
	proctree_link(&tree, "11/root", "/");
	report = proctree_scan(&tree, NULL);
	assert_int_equal(proctree_only_proc(report)->pid, 11);
	ignored = stale_report_ignored(report, &n);
	assert_int_equal(n, 1);
	assert_int_equal(ignored->pid, 10);
	assert_string_equal(ignored->path, "/jail/tmp/a.so");
	assert_non_null(strstr(ignored->rule, "temporary"));
	stale_report_free(report);
	proctree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_upgrade_reads_as_on_the_machine),
		cmocka_unit_test(mapping_forms_give_the_right_file_or_none),
		cmocka_unit_test(tree_without_exe_root_and_map_files_is_scanned),
		cmocka_unit_test(process_with_impossible_times_is_told_undated),
		cmocka_unit_test(nothing_outside_of_a_captured_tree_is_looked_up),
		cmocka_unit_test(scratch_folder_is_told_within_the_process_root),
	};

	return cmocka_run_group_tests_name("captured trees", tests, NULL, NULL);
}
