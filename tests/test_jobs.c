/*
 * test_jobs.c - one worker or many: the same report, byte for byte.
 */
#include "tests/test.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/crew.h"
#include "scan/report.h"
#include "tests/support/proctree.h"

static const unsigned jobs[] = {1, 2, 3, 7, 64};

/* A process with some of 40 files, stale ones among them, in one of 97 roots. */
static void add_process(const struct proctree *tree, pid_t pid)
{
	char maps[4096] = "";
	char path[32], root[32];

	for (unsigned i = 0; i < 40; i++) {
		if ((unsigned)pid * 7 % (i + 2) != 0)
			continue;
		snprintf(maps + strlen(maps), sizeof(maps) - strlen(maps),
			 "%x000-%x800 r-xp 0 08:01 %u /srv/%d/lib%u.so.1%s\n", i + 1,
			 i + 1, i + 100, (int)pid % 97, i, i % 3 ? "" : " (deleted)");
	}
	proctree_add(tree, pid, "x", maps);
	snprintf(path, sizeof(path), "%d/root", (int)pid);
	snprintf(root, sizeof(root), "/srv/%d", (int)pid % 97);
	proctree_link(tree, path, root);
}

struct packed {
	void *bytes;
	size_t len;
};

static struct packed scan(const struct proctree *tree, unsigned njobs, size_t nreadable)
{
	const struct stale_options opt = {.jobs = njobs};
	struct stale_report *report = proctree_scan(tree, &opt);
	struct packed packed;

	assert_int_equal(stale_report_info(report)->scanned, nreadable);
	assert_int_equal(stale_report_pack(report, &packed.bytes, &packed.len), 0);
	stale_report_free(report);
	return packed;
}

static void any_number_of_jobs_gives_the_same_report(void **state)
{
	struct proctree tree;
	struct packed one;

	(void)state;
	proctree_init(&tree);
	for (pid_t pid = 1; pid <= 600; pid++)
		add_process(&tree, pid);
	proctree_add(&tree, 700, "broken", "hello\n");
	one = scan(&tree, 1, 600);
	assert_true(one.len > 10000);
	for (size_t i = 0; i < 5 * ARRAY_LEN(jobs); i++) {
		struct packed many = scan(&tree, jobs[i % ARRAY_LEN(jobs)], 600);

		row_number("jobs", "bytes", many.len, one.len);
		assert_memory_equal(many.bytes, one.bytes, one.len);
		free(many.bytes);
	}
	free(one.bytes);
	proctree_release(&tree);
}

static void few_processes_are_read_by_one_worker(void **state)
{
	static const struct row {
		const char *label;
		struct stale_options opt;
		size_t n;
		unsigned least, most;
	} rows[] = {
		{"few", {.jobs = 0}, 999, 1, 1},
		{"many", {.jobs = 0}, 1000, 1, 4},
		{"as told", {.jobs = 5}, 20, 5, 5},
		{"as told, one", {.jobs = 1}, 100000, 1, 1},
		{"no more than processes", {.jobs = 5}, 2, 2, 2},
		{"no process", {.jobs = 5}, 0, 1, 1},
		{"no more than there is room for", {.jobs = 1000}, 5000, 64, 64},
		{"folders", {.jobs = 5, .want_folders = true}, 5000, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned size = crew_size(&rows[i].opt, rows[i].n);

		row_number(rows[i].label, "enough", size >= rows[i].least, true);
		row_number(rows[i].label, "not too many", size <= rows[i].most, true);
	}
}

/* In a child that may start no thread: root has no such limit. */
static int scan_alone(const struct proctree *tree, const struct packed *want)
{
	const struct rlimit none = {0, 0};
	struct packed got;

	if (getuid() == 0 && setresuid(65534, 65534, 65534) < 0)
		return 2;
	if (setrlimit(RLIMIT_NPROC, &none) < 0)
		return 3;
	got = scan(tree, 8, 50);
	return got.len != want->len || memcmp(got.bytes, want->bytes, want->len) != 0;
}

static void without_threads_one_worker_does_it_all(void **state)
{
	struct proctree tree;
	struct packed one;
	pid_t child;
	int status;

	(void)state;
	proctree_init(&tree);
	assert_int_equal(chmod(tree.path, 0755), 0);
	for (pid_t pid = 1; pid <= 50; pid++)
		add_process(&tree, pid);
	one = scan(&tree, 1, 50);
	child = fork();
	if (child == 0)
		_exit(scan_alone(&tree, &one));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	free(one.bytes);
	proctree_release(&tree);
}

/* A process with one stale file, as one worker saw it. */
static void publish(struct findings *found, pid_t pid, enum owner_rank rank,
		    int64_t since)
{
	struct found_file *file = findings_alloc(found, sizeof(*file));
	struct found_proc *proc =
		findings_alloc(found, sizeof(*proc) + sizeof(proc->files[0]));

	*file = (struct found_file){
		.path = findings_copy(found, "/l.so", 5),
		.inode = 42,
		.root = 1,
		.since = since,
		.since_source = STALE_SINCE_OLD_INODE,
		.kind = STALE_LIB,
		.bytes = -1,
	};
	proc->pid = pid;
	proc->rank = rank;
	proc->comm = findings_copy(found, "x", 1);
	proc->nfiles = 1;
	proc->files[0] = (struct found_use){file, -1};
	findings_add_proc(found, proc);
}

/* Found in each order; root is the process that is root's, others are users'. */
static void expect_verdict_of(pid_t root, int64_t want)
{
	static const pid_t orders[][3] = {
		{10, 20, 30}, {30, 20, 10}, {20, 10, 30}, {20, 30, 10}};
	const struct stale_options opt = {0};

	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct stale_report *report;
		const struct stale_proc *procs;
		struct findings *found;
		size_t n;

		assert_int_equal(findings_new(&found), 0);
		for (size_t k = 0; k < ARRAY_LEN(orders[i]); k++)
			publish(found, orders[i][k],
				orders[i][k] == root ? OWNER_ROOT : OWNER_USER,
				1000 + orders[i][k]);
		assert_int_equal(report_freeze(found, &opt, &report), 0);
		findings_free(found);
		procs = stale_report_procs(report, &n);
		assert_int_equal(n, 3);
		for (size_t k = 0; k < n; k++)
			row_number("process", "since", procs[k].files[0].since, want);
		stale_report_free(report);
	}
}

/* As if it had been the only worker, which judges each file once. */
static void the_verdict_of_the_first_process_is_that_of_all(void **state)
{
	(void)state;
	expect_verdict_of(0, 1010);
}

/* Users shape what is seen through their processes. */
static void the_verdict_of_roots_process_is_that_of_all(void **state)
{
	(void)state;
	expect_verdict_of(10, 1010);
	expect_verdict_of(20, 1020);
	expect_verdict_of(30, 1030);
}

/* One process with the same path and inode in two uses: devices and descriptors d. */
static struct stale_report *report_of_two(const int d[2])
{
	const struct stale_options opt = {.kinds = STALE_KIND_BIT(STALE_FD)};
	struct stale_report *report;
	struct found_proc *proc;
	struct findings *found;

	assert_int_equal(findings_new(&found), 0);
	proc = findings_alloc(found, sizeof(*proc) + 2 * sizeof(proc->files[0]));
	*proc = (struct found_proc){
		.pid = 10, .comm = findings_copy(found, "x", 1), .nfiles = 2};
	for (size_t i = 0; i < 2; i++) {
		struct found_file *file = findings_alloc(found, sizeof(*file));

		*file = (struct found_file){.path = findings_copy(found, "/log", 4),
					    .device = d[i] < 0 ? (uint64_t)-d[i] : 0,
					    .inode = 42,
					    .kind = STALE_FD,
					    .bytes = -1};
		proc->files[i] = (struct found_use){file, d[i] < 0 ? 5 : d[i]};
	}
	findings_add_proc(found, proc);
	assert_int_equal(report_freeze(found, &opt, &report), 0);
	findings_free(found);
	return report;
}

/* The order of what is alike in all else must not be that in which it was found, which no
 * sort has to keep.  Below 0: devices. */
static void what_differs_in_one_number_has_its_order(void **state)
{
	static const int pairs[][2] = {{3, 7}, {7, 3}, {-3, -7}, {-7, -3}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct stale_report *report = report_of_two(pairs[i]);
		const struct stale_proc *procs;
		size_t n;

		procs = stale_report_procs(report, &n);
		assert_int_equal(n, 1);
		assert_int_equal(procs->nfiles, 2);
		if (pairs[i][0] > 0)
			assert_true(procs->files[0].fd < procs->files[1].fd);
		else
			assert_true(procs->files[0].device < procs->files[1].device);
		stale_report_free(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_jobs_gives_the_same_report),
		cmocka_unit_test(few_processes_are_read_by_one_worker),
		cmocka_unit_test(without_threads_one_worker_does_it_all),
		cmocka_unit_test(the_verdict_of_the_first_process_is_that_of_all),
		cmocka_unit_test(the_verdict_of_roots_process_is_that_of_all),
		cmocka_unit_test(what_differs_in_one_number_has_its_order),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
