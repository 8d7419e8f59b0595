/*
 * test_faults.c - every call of a scan of a captured tree made to fail in turn: each time
 * the counter or the error that is promised, and nothing else is lost.
 */
#include "tests/test.h"

#include <stdio.h>

#include "tests/support/faultscan.h"
#include "tests/support/proctree.h"

#define LIB(n) "7f0000" #n "000-7f0000" #n "800 r-xp 0 08:01 " #n " /usr/lib/lib" #n ".so"
#define EXE    "1000-2000 r-xp 0 08:01 42 /opt/daemon"
#define GONE   " (deleted)\n"

static struct proctree tree;
static char captured[4096];
static struct faultscan_sum sum;

static void put(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
	proctree_write(&tree, path, text, strlen(text));
}

static void put_link(pid_t pid, const char *name, const char *target)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
	proctree_link(&tree, path, target);
}

/* A process with all that a tree can have of it. */
static void add(pid_t pid, const char *maps, const char *cgroup)
{
	char path[64];

	proctree_add(&tree, pid, "x", maps);
	put(pid, "cgroup", cgroup);
	put(pid, "cmdline", "x -y");
	put_link(pid, "root", "/");
	snprintf(path, sizeof(path), "%d/fd", (int)pid);
	proctree_mkdir(&tree, path);
}

static int make_tree(void **state)
{
	static const char ssh[] = "0::/system.slice/ssh.service\n";
	const char *src = getenv("STALE_SRC");

	(void)state;
	snprintf(captured, sizeof(captured), "%s/testdata/proc/upgrade", src ? src : ".");
	proctree_init(&tree);
	proctree_write(&tree, "stat", "cpu 1 2\nbtime 1795286400\n", 25);
	add(10, EXE GONE LIB(11) GONE LIB(12) GONE, ssh);
	put_link(10, "exe", "/opt/daemon (deleted)");
	put_link(10, "fd/3", "/var/log/x (deleted)");
	put_link(10, "fd/4", "/var/log/y");
	add(11, LIB(11) GONE LIB(13) "\n", ssh);
	put_link(11, "exe", "/usr/bin/x");
	add(12, LIB(14) GONE, "0::/user.slice/user-7.slice/session-3.scope\n");
	proctree_add(&tree, 13, "kthreadd", "");
	put(13, "stat", "13 (k) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n");
	proctree_add(&tree, 14, "broken", "hello\n");
	proctree_add(&tree, 15, "gone", NULL);
	/* More than one worker takes at a time. */
	for (pid_t pid = 16; pid < 24; pid++)
		add(pid, pid % 4 ? LIB(15) "\n" : LIB(11) GONE, ssh);
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	proctree_release(&tree);
	return 0;
}

#define LISTED                                                                           \
	(FAULTS_BIT(FAULTS_OPEN) | FAULTS_BIT(FAULTS_OPENAT) | FAULTS_BIT(FAULTS_READ) | \
	 FAULTS_BIT(FAULTS_READLINK) | FAULTS_BIT(FAULTS_FSTATFS) |                      \
	 FAULTS_BIT(FAULTS_FACCESSAT) | FAULTS_BIT(FAULTS_FDOPENDIR) |                   \
	 FAULTS_BIT(FAULTS_READDIR) | FAULTS_BIT(FAULTS_CLOSE) |                         \
	 FAULTS_BIT(FAULTS_MMAP))

static const char *const units[] = {"ssh.service", NULL};
static const char *const globs[] = {"*/lib*.so", NULL};
static const pid_t pids[] = {10, 12, 14, 17};

static const struct faultscan rows[] = {
	{"plain", .calls = LISTED | FAULTS_BIT(FAULTS_IOCTL)},
	{"by text", {.method = STALE_METHOD_MAPS}, .calls = LISTED},
	{"all kinds",
	 {.kinds =
		  STALE_KIND_CODE | STALE_KIND_BIT(STALE_DATA) | STALE_KIND_BIT(STALE_FD),
	  .want_cmdline = true},
	 .calls = LISTED},
	{"two jobs", {.jobs = 2}, .calls = LISTED | FAULTSCAN_THREADS},
	{"those of a unit", {.select.units = units}, .calls = LISTED},
	{"who uses a file", {.using_globs = globs}, .calls = LISTED},
	{"four processes",
	 {.pids = pids, .npids = ARRAY_LEN(pids)},
	 .calls = FAULTS_BIT(FAULTS_OPENAT) | FAULTS_BIT(FAULTS_READ)},
};

static void every_call_for_a_captured_tree_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct faultscan scan = rows[i];

		scan.opt.proc_root = tree.path;
		faultscan_run(&scan, &sum);
	}
	faultscan_finish(&sum);
}

static void every_call_for_a_tree_of_another_machine_may_fail(void **state)
{
	const struct faultscan scan = {
		.label = "captured", .opt = {.proc_root = captured}, .calls = LISTED};

	(void)state;
	faultscan_run(&scan, &sum);
	faultscan_finish(&sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_for_a_captured_tree_may_fail),
		cmocka_unit_test(every_call_for_a_tree_of_another_machine_may_fail),
	};

	return cmocka_run_group_tests_name("calls that fail", tests, make_tree,
					   remove_tree);
}
