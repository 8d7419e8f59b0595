/*
 * test_procfs.c - reading of proc trees, the machine's own and made up ones.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "scan/procfs.h"
#include "tests/support/proctree.h"

static void errors_are_told_apart_by_what_they_mean_for_the_scan(void **state)
{
	const struct row {
		int err;
		enum procfs_error want;
	} rows[] = {
		{ENOENT, PROCFS_VANISHED}, {ESRCH, PROCFS_VANISHED},
		{EACCES, PROCFS_DENIED},   {EPERM, PROCFS_DENIED},
		{ENOMEM, PROCFS_FATAL},    {EMFILE, PROCFS_FATAL},
		{ENFILE, PROCFS_FATAL},    {EIO, PROCFS_FAILED},
		{EINVAL, PROCFS_FAILED},   {ENOBUFS, PROCFS_FAILED},
		{EAGAIN, PROCFS_FAILED},   {EOPNOTSUPP, PROCFS_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		row_number(strerror(rows[i].err), "class",
			   procfs_error_class(rows[i].err), rows[i].want);
		row_number(strerror(rows[i].err), "class of the negative",
			   procfs_error_class(-rows[i].err), rows[i].want);
	}
}

static void own_tree_is_a_proc_file_system_with_us_in_it(void **state)
{
	struct procfs fs;
	pid_t *pids;
	size_t n;
	size_t own = 0;
	int64_t btime = 0;

	(void)state;
	assert_int_equal(procfs_open(NULL, &fs), 0);
	assert_true(fs.is_proc);
	assert_int_equal(procfs_list(&fs, &pids, &n), 0);
	for (size_t i = 0; i < n; i++)
		own += pids[i] == getpid();
	assert_int_equal(own, 1);
	assert_int_equal(procfs_boot_time(&fs, &btime), 0);
	assert_true(btime > 1000000000);
	free(pids);
	procfs_release(&fs);
}

static void only_names_that_are_pids_are_listed(void **state)
{
	const char *const names[] = {
		"1", "4194304", "4194305",       "01", "1a", "-1", "+1", "self",
		"0", " 1",      "99999999999999"};
	struct proctree tree;
	struct procfs fs;
	pid_t *pids;
	size_t n;

	(void)state;
	proctree_init(&tree);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		proctree_write(&tree, names[i], "", 0);
	assert_int_equal(procfs_open(tree.path, &fs), 0);
	assert_false(fs.is_proc);
	assert_true(fs.has_pid1);
	assert_int_equal(procfs_list(&fs, &pids, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(pids[0] + pids[1], 1 + 4194304);
	free(pids);
	procfs_release(&fs);
	proctree_release(&tree);
}

static void stat_and_status_of_a_live_process_are_its_own(void **state)
{
	char buf[PROCFS_STAT_MAX];
	struct pidstatus status;
	struct pidstat stat;
	struct procfs fs;
	int fd;

	(void)state;
	assert_int_equal(procfs_open(NULL, &fs), 0);
	fd = procfs_open_pid(&fs, getpid());
	assert_true(fd >= 0);
	assert_int_equal(procfs_read_stat(fd, buf, &stat), 0);
	assert_int_equal(stat.pid, getpid());
	assert_int_equal(stat.ppid, getppid());
	assert_true(stat.start_ticks > 0);
	assert_int_equal(stat.flags & PIDSTAT_PF_KTHREAD, 0);
	assert_int_equal(procfs_read_status(fd, &status), 0);
	assert_int_equal(status.tgid, getpid());
	assert_int_equal(status.euid, geteuid());
	close(fd);
	procfs_release(&fs);
}

static void process_without_other_threads_has_no_live_one(void **state)
{
	struct procfs fs;
	int fd;

	(void)state;
	assert_int_equal(procfs_open(NULL, &fs), 0);
	fd = procfs_open_pid(&fs, getpid());
	assert_int_equal(procfs_open_live_thread(&fs, fd, getpid()), -ESRCH);
	close(fd);
	procfs_release(&fs);
}

static void link_that_fills_the_buffer_is_too_long(void **state)
{
	struct proctree tree;
	char buf[8];
	int fd;

	(void)state;
	proctree_init(&tree);
	proctree_link(&tree, "seven", "1234567");
	proctree_link(&tree, "eight", "12345678");
	fd = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(procfs_readlink(fd, "seven", buf, sizeof(buf)), 7);
	assert_int_equal(procfs_readlink(fd, "eight", buf, sizeof(buf)), -ENAMETOOLONG);
	assert_int_equal(procfs_readlink(fd, "none", buf, sizeof(buf)), -ENOENT);
	close(fd);
	proctree_release(&tree);
}

static void files_are_read_up_to_the_size_given(void **state)
{
	struct proctree tree;
	char buf[8];
	int fd;

	(void)state;
	proctree_init(&tree);
	proctree_write(&tree, "file", "0123456789", 10);
	fd = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(procfs_read(fd, "file", buf, sizeof(buf)), 8);
	assert_memory_equal(buf, "01234567", 8);
	assert_int_equal(procfs_read(fd, "none", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(procfs_read(fd, ".", buf, sizeof(buf)), -EISDIR);
	close(fd);
	proctree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_told_apart_by_what_they_mean_for_the_scan),
		cmocka_unit_test(own_tree_is_a_proc_file_system_with_us_in_it),
		cmocka_unit_test(only_names_that_are_pids_are_listed),
		cmocka_unit_test(stat_and_status_of_a_live_process_are_its_own),
		cmocka_unit_test(process_without_other_threads_has_no_live_one),
		cmocka_unit_test(link_that_fills_the_buffer_is_too_long),
		cmocka_unit_test(files_are_read_up_to_the_size_given),
	};

	return cmocka_run_group_tests_name("procfs", tests, NULL, NULL);
}
