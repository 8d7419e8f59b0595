/*
 * live_machine.c - scans of everything that runs here, by both methods; other proc file
 * systems, and what is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "test.h"

#define LIB    "libx.so.1"
#define NOBODY "65534"

static struct stale_report *scan_machine(enum stale_method method)
{
	struct stale_options opt = {.method = method,
				    .boot_time_ns = livecheck_boot_time()};
	struct stale_report *report = NULL;

	assert_int_equal(stale_scan(&opt, &report), 0);
	return report;
}

static bool adds_up(const struct stale_scan_info *info)
{
	return info->seen ==
		       info->scanned + info->vanished + info->denied + info->failed &&
	       info->listed == info->seen + info->kernel_threads && info->finished &&
	       info->error == 0 && info->at == 0;
}

/* One stale process beside whatever else runs here. */
static pid_t start_stale(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	live_unlink(live, LIB);
	free(path);
	return pid;
}

/* Other processes may load and lose files between the two scans: not again and again. */
#define TRIES 5

static unsigned compare_methods(pid_t pid)
{
	struct stale_report *by_maps = scan_machine(STALE_METHOD_MAPS);
	struct stale_report *by_query = scan_machine(STALE_METHOD_PROCMAP_QUERY);
	unsigned differences;

	assert_int_equal(stale_report_info(by_maps)->method, STALE_METHOD_MAPS);
	assert_int_equal(stale_report_info(by_query)->method, STALE_METHOD_PROCMAP_QUERY);
	assert_non_null(livecheck_find(by_maps, pid));
	assert_non_null(livecheck_find(by_query, pid));
	differences = livecheck_equal(by_maps, by_query, true);
	stale_report_free(by_maps);
	stale_report_free(by_query);
	return differences;
}

static void both_methods_agree_on_every_process_of_the_machine(void **state)
{
	struct live *live = *state;
	unsigned differences = 1;
	pid_t pid;

	if (!livecheck_has_query())
		live_skip(live, "the kernel has no PROCMAP_QUERY");
	pid = start_stale(live);
	for (int i = 0; i < TRIES && differences; i++)
		differences = compare_methods(pid);
	assert_int_equal(differences, 0);
}

static void a_scan_of_the_machine_adds_up(void **state)
{
	struct live *live = *state;
	pid_t pid = start_stale(live);
	struct stale_report *report = scan_machine(STALE_METHOD_AUTO);
	const struct stale_scan_info *info = stale_report_info(report);
	const struct stale_proc *procs;
	size_t n;

	assert_true(adds_up(info));
	assert_true(info->scanned >= 3); /* this test, the control, the stale one */
	assert_true(info->proc_fs);
	assert_non_null(livecheck_find(report, pid));
	assert_null(livecheck_find(report, live->processes[0].pid));
	procs = stale_report_procs(report, &n);
	for (size_t i = 1; i < n; i++)
		assert_true(procs[i - 1].pid < procs[i].pid);
	stale_report_unreadable(report, &n);
	assert_int_equal(n, info->denied + info->failed);
	stale_report_free(report);
}

/* They have PID 2 for a parent, but not in a container. */
static bool sees_kernel_threads(void)
{
	char comm[16] = "";
	int fd = open("/proc/2/comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, comm, sizeof(comm) - 1);

	close(fd);
	return n > 0 && strcmp(comm, "kthreadd\n") == 0;
}

static void kernel_threads_are_counted_apart(void **state)
{
	struct stale_report *report;

	if (!sees_kernel_threads())
		live_skip(*state, "no kernel threads are visible");
	report = scan_machine(STALE_METHOD_AUTO);
	assert_true(stale_report_info(report)->kernel_threads > 0);
	assert_true(adds_up(stale_report_info(report)));
	stale_report_free(report);
}

/* Another mount of proc at DIR/proc. Returns 0 or -errno. */
static int mount_proc(const struct live *live, const char *options, char **ret_path)
{
	char *path = live_path(live, "proc");
	int r = livechild_own_mounts();

	if (r == 0 && mount("proc", path, "proc", 0, options) < 0)
		r = -errno;
	*ret_path = path;
	return r;
}

static int scan_other_proc(struct live *live)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report;
	char *path;
	int r = mount_proc(live, NULL, &path);

	if (r < 0)
		return r;
	opt.proc_root = path;
	if (stale_scan(&opt, &report) < 0)
		return 1;
	r = (int)livecheck_report(live, report);
	r += stale_report_info(report)->hidden;
	stale_report_free(report);
	return r;
}

static void another_mount_of_proc_tells_the_same(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "proc");
	pid = start_stale(live);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	livechild_assert(live, LIVECHILD_SAME, scan_other_proc);
}

/* As nobody, who sees only its own processes there, and no word of others. */
static int scan_hiding_proc(struct live *live)
{
	struct stale_options opt = {.boot_time_ns = livecheck_boot_time()};
	const struct stale_scan_info *info;
	struct stale_report *report;
	char *path;
	int r = mount_proc(live, "hidepid=invisible", &path);

	if (r == 0)
		r = livechild_become(LIVECHILD_PLAIN);
	if (r < 0)
		return r;
	opt.proc_root = path;
	if (stale_scan(&opt, &report) < 0)
		return 1;
	info = stale_report_info(report);
	r = !info->hidden + !adds_up(info) + (info->denied > 0) + (info->failed > 0) +
	    (info->kernel_threads > 0) + !info->proc_fs;
	r += !livecheck_find(report, live->wants[0].pid);
	stale_report_free(report);
	return r;
}

static void a_hidden_process_one_is_told(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);
	pid_t pid;

	live_need_root(live);
	live_mkdir(live, "proc");
	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "setuid", NOBODY, "map", path, "rx")->pid;
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	free(path);
	livechild_assert(live, LIVECHILD_SAME, scan_hiding_proc);
}

static int scan_without_proc(struct live *live)
{
	struct stale_options opt = {0};
	struct stale_report *report = NULL;
	int r = livechild_own_mounts();

	(void)live;
	if (r == 0 && mount("none", "/proc", "tmpfs", 0, NULL) < 0)
		r = -errno;
	if (r < 0)
		return r;
	return (stale_scan(&opt, &report) != -ENOTSUP) + (report != NULL);
}

static void a_proc_that_is_no_proc_file_system_is_an_error(void **state)
{
	livechild_assert(*state, LIVECHILD_SAME, scan_without_proc);
}

static int scan_closed_folder(struct live *live)
{
	struct stale_options opt = {0};
	struct stale_report *report = NULL;
	char *path = live_path(live, "closed");

	opt.proc_root = path;
	return (stale_scan(&opt, &report) != -EACCES) + (report != NULL);
}

static void a_tree_that_cannot_be_read_is_an_error(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "closed");

	live_mkdir(live, "closed");
	assert_int_equal(chmod(path, 0), 0);
	free(path);
	livechild_assert(live, LIVECHILD_PLAIN, scan_closed_folder);
}

static void check_error(struct live *live, const char *root, int want)
{
	struct stale_options opt = {0};
	struct stale_report *report = NULL;
	char *path = live_path(live, root);

	opt.proc_root = path;
	assert_int_equal(stale_scan(&opt, &report), want);
	assert_null(report);
	free(path);
}

static void an_empty_tree_is_an_error(void **state)
{
	live_mkdir(*state, "empty");
	check_error(*state, "empty", -ESRCH);
}

static void a_tree_that_does_not_exist_is_an_error(void **state)
{
	check_error(*state, "nowhere", -ENOENT);
}

static void a_file_is_no_tree(void **state)
{
	live_text(*state, "file", "");
	check_error(*state, "file", -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(both_methods_agree_on_every_process_of_the_machine),
		LIVE_TEST(a_scan_of_the_machine_adds_up),
		LIVE_TEST(kernel_threads_are_counted_apart),
		LIVE_TEST(another_mount_of_proc_tells_the_same),
		LIVE_TEST(a_hidden_process_one_is_told),
		LIVE_TEST(a_proc_that_is_no_proc_file_system_is_an_error),
		LIVE_TEST(a_tree_that_cannot_be_read_is_an_error),
		LIVE_TEST(an_empty_tree_is_an_error),
		LIVE_TEST(a_tree_that_does_not_exist_is_an_error),
		LIVE_TEST(a_file_is_no_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
