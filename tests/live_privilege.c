/*
 * live_privilege.c - the same processes seen by root, by nobody, and by nobody with
 * cap_sys_ptrace alone: the verdicts stay, some of the evidence goes.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "test.h"

#define LIB    "libx.so.1"
#define NOBODY "65534"

/* LIB, mapped by a process of root. */
static pid_t start_as_root(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	free(path);
	return pid;
}

/* LIB, mapped by a process of nobody. */
static pid_t start_as_nobody(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "setuid", NOBODY, "map", path, "rx")->pid;
	free(path);
	return pid;
}

static void replace(struct live *live)
{
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
}

static void expect(struct live *live, pid_t pid, enum stale_why why,
		   enum stale_since since_source)
{
	live->undated = false;
	live_expect(live, pid, STALE_LIB, LIB, why)->since_source = since_source;
}

/* Scans the processes that are watched, by each method; all of them must be readable. */
static int check_all(struct live *live)
{
	return (int)livecheck_methods(live);
}

static int scan_by(const struct live *live, enum stale_method method,
		   struct stale_report **ret_report)
{
	struct stale_options opt = livecheck_options(live);

	opt.method = method;
	return stale_scan(&opt, ret_report);
}

static int check_own_only(struct live *live)
{
	const pid_t own = live->wants[0].pid;
	const struct stale_unreadable *unreadable;
	const struct stale_scan_info *info;
	const struct stale_proc *proc;
	struct stale_report *report;
	int differences = 0;
	size_t n;

	if (scan_by(live, STALE_METHOD_AUTO, &report) < 0)
		return 1;
	info = stale_report_info(report);
	differences += info->denied != live->npids - 1 || info->scanned != 1;
	differences += info->failed != 0 || info->seen != live->npids;
	unreadable = stale_report_unreadable(report, &n);
	differences += n != live->npids - 1;
	for (size_t i = 0; i < n; i++)
		differences +=
			unreadable[i].pid == own ||
			(unreadable[i].error != EACCES && unreadable[i].error != EPERM);
	stale_report_procs(report, &n);
	proc = livecheck_find(report, own);
	differences += n != 1 || !proc || proc->nfiles != 1 || proc->uid != geteuid() ||
		       proc->files[0].why != STALE_DELETED ||
		       proc->files[0].since_source != STALE_SINCE_UNKNOWN;
	stale_report_free(report);
	return differences;
}

static void nobody_sees_its_own_processes_and_that_others_were_denied(void **state)
{
	struct live *live = *state;
	pid_t own = start_as_nobody(live);
	char *path = live_path(live, LIB);

	live_start(live, "map", path, "rx");
	free(path);
	live_unlink(live, LIB);
	expect(live, own, STALE_DELETED, STALE_SINCE_UNKNOWN);
	livechild_assert(live, LIVECHILD_PLAIN, check_own_only);
}

/* The control belongs to root: to nobody it is no control. */
static void watch_only(struct live *live, pid_t pid)
{
	live->npids = 0;
	live_watch(live, pid);
}

static void nobody_dates_a_replaced_library_by_its_successor(void **state)
{
	struct live *live = *state;
	pid_t own = start_as_nobody(live);

	replace(live);
	watch_only(live, own);
	expect(live, own, STALE_REPLACED, STALE_SINCE_SUCCESSOR_BIRTH);
	livechild_assert(live, LIVECHILD_PLAIN, check_all);
}

static void nobody_finds_a_current_library_current(void **state)
{
	struct live *live = *state;

	watch_only(live, start_as_nobody(live));
	livechild_assert(live, LIVECHILD_PLAIN, check_all);
}

static void nobody_finds_a_rolled_back_library_current(void **state)
{
	struct live *live = *state;
	pid_t own = start_as_nobody(live);

	live_link(live, LIB, "aside");
	replace(live);
	live_rename(live, "aside", LIB);
	watch_only(live, own);
	livechild_assert(live, LIVECHILD_PLAIN, check_all);
}

/* Without the old inode's own name, the text of maps can be read in two ways. */
static void nobody_finds_the_successor_of_a_name_with_a_newline(void **state)
{
	static const char name[] = "lib\nx.so";
	struct live *live = *state;
	char *path = live_path(live, name);
	pid_t own;

	live_need_root(live);
	live_lib(live, name, NULL, 'a');
	live_lib(live, "new", NULL, 'b');
	own = live_start(live, "setuid", NOBODY, "map", path, "rx")->pid;
	live_rename(live, "new", name);
	watch_only(live, own);
	live_expect(live, own, STALE_LIB, name, STALE_REPLACED)->since_source =
		STALE_SINCE_SUCCESSOR_BIRTH;
	free(path);
	livechild_assert(live, LIVECHILD_PLAIN, check_all);
}

static void cap_sys_ptrace_sees_a_deleted_library_without_its_age(void **state)
{
	struct live *live = *state;
	pid_t pid = start_as_root(live);

	live_unlink(live, LIB);
	expect(live, pid, STALE_DELETED, STALE_SINCE_UNKNOWN);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

static void cap_sys_ptrace_dates_a_replaced_library_by_its_successor(void **state)
{
	struct live *live = *state;
	pid_t pid = start_as_root(live);

	replace(live);
	expect(live, pid, STALE_REPLACED, STALE_SINCE_SUCCESSOR_BIRTH);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

/* dpkg makes one of every file that it replaces: that moves the ctime, not the birth. */
static void a_hard_link_to_the_successor_leaves_the_age_alone(void **state)
{
	struct live *live = *state;
	pid_t pid = start_as_root(live);

	replace(live);
	live_link(live, LIB, "copy");
	expect(live, pid, STALE_REPLACED, STALE_SINCE_SUCCESSOR_BIRTH);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

static void cap_sys_ptrace_sees_a_superseded_library(void **state)
{
	struct live *live = *state;
	pid_t pid = start_as_root(live);

	live_rename(live, LIB, LIB ".old");
	live_lib(live, LIB, LIB, 'b');
	live_expect(live, pid, STALE_LIB, LIB ".old", STALE_SUPERSEDED);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

static void cap_sys_ptrace_sees_and_dates_a_deleted_executable(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "daemon");
	pid_t pid;

	live_program(live, "daemon", "tests/holder", 0);
	pid = live_spawn(live, path, (const char *const[]){NULL})->pid;
	live_unlink(live, "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	free(path);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

static int check_reinstalled(struct live *live)
{
	struct stale_report *report;
	int differences;

	if (scan_by(live, STALE_METHOD_PROCMAP_QUERY, &report) < 0)
		return 1;
	differences = (int)livecheck_report(live, report);
	stale_report_free(report);
	return differences;
}

static void cap_sys_ptrace_gets_the_build_id_from_the_ioctl(void **state)
{
	struct live *live = *state;
	pid_t pid;

	if (!livecheck_has_query())
		live_skip(live, "the kernel has no PROCMAP_QUERY");
	pid = start_as_root(live);
	live_copy(live, LIB, "new");
	live_rename(live, "new", LIB);
	expect(live, pid, STALE_REINSTALLED, STALE_SINCE_SUCCESSOR_BIRTH);
	livechild_assert(live, LIVECHILD_PTRACE, check_reinstalled);
}

/* What took its place cannot be looked up: the kernel's word stands. */
static void a_successor_in_a_closed_folder_is_not_seen(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "closed/" LIB);
	char *closed = live_path(live, "closed");
	pid_t pid;

	live_mkdir(live, "closed");
	live_lib(live, "closed/" LIB, LIB, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	live_lib(live, "closed/new", LIB, 'b');
	live_rename(live, "closed/new", "closed/" LIB);
	assert_int_equal(chmod(closed, 0700), 0);
	live_expect(live, pid, STALE_LIB, "closed/" LIB, STALE_DELETED)->since_source =
		STALE_SINCE_UNKNOWN;
	free(path);
	free(closed);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

static void a_live_library_in_a_closed_folder_is_current(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "closed/" LIB ".1.2");
	char *closed = live_path(live, "closed");

	live_mkdir(live, "closed");
	live_lib(live, "closed/" LIB ".1.2", LIB, 'a');
	live_lib(live, "closed/" LIB, LIB, 'b');
	live_start(live, "map", path, "rx");
	assert_int_equal(chmod(closed, 0700), 0);
	free(path);
	free(closed);
	livechild_assert(live, LIVECHILD_PTRACE, check_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(nobody_sees_its_own_processes_and_that_others_were_denied),
		LIVE_TEST(nobody_dates_a_replaced_library_by_its_successor),
		LIVE_TEST(nobody_finds_a_current_library_current),
		LIVE_TEST(nobody_finds_a_rolled_back_library_current),
		LIVE_TEST(nobody_finds_the_successor_of_a_name_with_a_newline),
		LIVE_TEST(cap_sys_ptrace_sees_a_deleted_library_without_its_age),
		LIVE_TEST(cap_sys_ptrace_dates_a_replaced_library_by_its_successor),
		LIVE_TEST(a_hard_link_to_the_successor_leaves_the_age_alone),
		LIVE_TEST(cap_sys_ptrace_sees_a_superseded_library),
		LIVE_TEST(cap_sys_ptrace_sees_and_dates_a_deleted_executable),
		LIVE_TEST(cap_sys_ptrace_gets_the_build_id_from_the_ioctl),
		LIVE_TEST(a_successor_in_a_closed_folder_is_not_seen),
		LIVE_TEST(a_live_library_in_a_closed_folder_is_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
