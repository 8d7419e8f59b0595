/*
 * live_descriptors.c - what deleted data and descriptors add up to, beside code and
 * alone; who may see them; and descriptors that close while they are looked at.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/livekinds.h"
#include "test.h"

#define LIB    "libx.so.1"
#define LOG    "app.log"
#define DATA   "app.dat"
#define NOBODY "65534"
#define SCANS  1000

/*
 * Two processes: each has LIB mapped, LIB and LOG open (two names of LOG), and DATA
 * mapped and open.  All of them are gone then.
 */
static void start_users_of_all(struct live *live)
{
	char *lib = live_path(live, LIB);
	char *log = livekinds_file(live, LOG, 50000);
	char *data = livekinds_file(live, DATA, 20000);
	char *other = live_path(live, "other");

	live_lib(live, LIB, LIB, 'a');
	live_link(live, LOG, "other");
	for (int i = 0; i < 2; i++)
		live_start(live, "map", lib, "rx", "open", lib, "open", log, "open",
			   other, "map", data, "r", "open", data);
	free(lib);
	free(log);
	free(data);
	free(other);
}

static int64_t bytes_of_all;

static void remove_all(struct live *live)
{
	bytes_of_all = livescan_bytes(live, LIB) + livescan_bytes(live, LOG) +
		       livescan_bytes(live, DATA);
	live_unlink(live, LIB);
	live_unlink(live, LOG);
	live_unlink(live, "other");
	live_unlink(live, DATA);
}

static void check_beside_code(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	assert_int_equal(livescan_proc(report, live->pids[1])->nfiles, 6);
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 1);
	assert_int_equal(totals.data_files, 1);
	assert_int_equal(totals.fd_files, 3);
	assert_int_equal(totals.fd_bytes, bytes_of_all);
	assert_true(totals.oldest >= live->began || live->undated);
}

static void data_and_descriptors_have_totals_of_their_own(void **state)
{
	struct live *live = *state;

	start_users_of_all(live);
	remove_all(live);
	live->opt.kinds = KINDS_ALL;
	livescan_each(live, check_beside_code);
}

static void check_code_alone(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	assert_int_equal(livescan_proc(report, live->pids[1])->nfiles, 1);
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 1);
	assert_int_equal(totals.data_files, 0);
	assert_int_equal(totals.fd_files, 0);
	assert_int_equal(totals.fd_bytes, 0);
}

static void by_default_only_code_adds_up(void **state)
{
	struct live *live = *state;

	start_users_of_all(live);
	remove_all(live);
	livescan_each(live, check_code_alone);
}

static void check_only_logs(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	assert_int_equal(livescan_proc(report, live->pids[1])->nfiles, 1);
	assert_int_equal(totals.processes, 0);
	assert_int_equal(totals.files, 0);
	assert_int_equal(totals.services, 0);
	assert_int_equal(totals.fd_files, 1);
}

static void a_deleted_log_is_no_outdated_code(void **state)
{
	struct live *live = *state;
	char *log = livekinds_file(live, LOG, 5000);

	live_start(live, "open", log);
	free(log);
	live_unlink(live, LOG);
	live->opt.kinds = STALE_KIND_CODE | KIND_FD;
	livescan_each(live, check_only_logs);
}

static void check_descriptors_alone(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);
	const struct stale_proc *proc = livescan_proc(report, live->pids[1]);

	assert_int_equal(proc->nfiles, 4);
	for (size_t i = 0; i < proc->nfiles; i++)
		assert_int_equal(proc->files[i].kind, STALE_FD);
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 3);
	assert_int_equal(totals.data_files, 0);
	assert_int_equal(totals.fd_files, 3);
	assert_int_equal(totals.fd_bytes, bytes_of_all);
}

static void descriptors_count_where_they_alone_are_asked_for(void **state)
{
	struct live *live = *state;

	start_users_of_all(live);
	remove_all(live);
	live->opt.kinds = KIND_FD;
	livescan_each(live, check_descriptors_alone);
}

/* The fields of a scan in a child, where nothing may fail. */
static struct stale_report *scan_in_child(const struct live *live)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report = NULL;
	int rc = stale_scan(&opt, &report);

	if (rc < 0)
		print_error("  stale_scan(): %s\n", strerror(-rc));
	return report;
}

static pid_t start_with_log(struct live *live, const char *uid)
{
	char *lib = live_path(live, LIB);
	char *log = livekinds_file(live, LOG, 5000);
	pid_t pid;

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "setuid", uid, "map", lib, "rx", "open", log)->pid;
	free(lib);
	free(log);
	live_unlink(live, LIB);
	live_unlink(live, LOG);
	return pid;
}

/* One entry of that error for each process; nothing was read to its end. */
static int check_all_denied(struct live *live)
{
	struct stale_report *report = scan_in_child(live);
	const struct stale_scan_info *info = report ? stale_report_info(report) : NULL;
	const struct stale_unreadable *unreadable;
	int differences = 0;
	size_t n;

	if (!report)
		return 1;
	differences += info->denied != live->npids || info->scanned != 0 ||
		       info->failed != 0 || info->seen != live->npids;
	unreadable = stale_report_unreadable(report, &n);
	differences += n != live->npids;
	for (size_t i = 0; i < n; i++)
		differences += unreadable[i].error != EACCES;
	if (differences)
		print_error("  scanned %zu denied %zu failed %zu of %zu\n", info->scanned,
			    info->denied, info->failed, live->npids);
	stale_report_free(report);
	return differences;
}

static void descriptors_of_others_are_denied_to_cap_sys_ptrace_alone(void **state)
{
	struct live *live = *state;

	start_with_log(live, "0");
	live->opt.kinds = KIND_FD;
	livechild_assert(live, LIVECHILD_PTRACE, check_all_denied);
}

/* What was denied stays denied; but what was seen is told. */
static int check_code_is_told(struct live *live)
{
	struct stale_report *report = scan_in_child(live);
	const struct stale_proc *proc;
	int differences;

	if (!report)
		return 1;
	proc = livecheck_find(report, live->pids[1]);
	differences = !proc || proc->nfiles != 1 || proc->files[0].kind != STALE_LIB ||
		      proc->files[0].why != STALE_DELETED;
	if (differences)
		print_error("  the code of a process is not told: its descriptors were "
			    "denied\n");
	stale_report_free(report);
	return differences;
}

static void descriptors_that_were_denied_do_not_hide_code(void **state)
{
	struct live *live = *state;

	start_with_log(live, "0");
	live->opt.kinds = STALE_KIND_CODE | KIND_FD;
	livechild_assert(live, LIVECHILD_PTRACE, check_all_denied);
	livechild_assert(live, LIVECHILD_PTRACE, check_code_is_told);
}

static int check_methods(struct live *live)
{
	return (int)livecheck_methods(live);
}

static void nobody_sees_its_own_descriptors(void **state)
{
	struct live *live = *state;
	char *log;
	int64_t bytes;
	const struct live_process *own;
	int fd;

	live_need_root(live);
	log = livekinds_file(live, LOG, 5000);
	bytes = livescan_bytes(live, LOG);
	own = live_start(live, "setuid", NOBODY);
	fd = (int)live_step(live, own, "open", log);
	free(log);
	live_unlink(live, LOG);
	live->npids = 0;
	live_watch(live, own->pid);
	live->opt.kinds = KIND_FD;
	livekinds_expect_fd(live, own->pid, LOG, STALE_DELETED,
			    &(struct livekinds_open){fd, bytes});
	livechild_assert(live, LIVECHILD_PLAIN, check_methods);
}

/* Only map_files leads to the old inode. */
static void cap_sys_ptrace_alone_sees_data_without_its_age_and_size(void **state)
{
	struct live *live = *state;
	char *data;
	pid_t pid;

	live_need_root(live);
	data = livekinds_file(live, DATA, 5000);
	pid = live_start(live, "map", data, "r")->pid;
	free(data);
	live_unlink(live, DATA);
	live->opt.kinds = STALE_KIND_CODE | KIND_DATA;
	livekinds_expect_data(live, pid, DATA, STALE_DELETED, -1)->since_source =
		STALE_SINCE_UNKNOWN;
	livechild_assert(live, LIVECHILD_PTRACE, check_methods);
}

static uint64_t log_inode;
static int64_t log_bytes;

/* One log, held open all the time; and never anything of what shares a descriptor. */
static void check_while_files_close(const struct live *live,
				    const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);
	const struct stale_proc *proc = livescan_proc(report, live->pids[1]);
	size_t n;

	assert_int_equal(info->scanned, live->npids);
	assert_int_equal(info->denied + info->failed + info->vanished, 0);
	stale_report_procs(report, &n);
	assert_int_equal(n, 1);
	assert_int_equal(proc->nfiles, 1);
	assert_int_equal(proc->files[0].kind, STALE_FD);
	assert_int_equal(proc->files[0].why, STALE_DELETED);
	assert_string_equal(strrchr(proc->files[0].path, '/'), "/" LOG);
	assert_int_equal(proc->files[0].inode, log_inode);
	assert_int_equal(proc->files[0].bytes, log_bytes);
}

/* Scans while a descriptor is the log, another file, and closed, in turn. */
static void scan_beside(struct live *live, const char *other)
{
	char *helper = live_built("tests/helper_race");
	char *log = livekinds_file(live, LOG, 5000);
	struct live_process *racer;
	struct stat st;

	log_bytes = livescan_bytes(live, LOG);
	assert_int_equal(stat(log, &st), 0);
	log_inode = st.st_ino;
	racer = live_spawn(live, helper,
			   (const char *const[]){"files", log, other, NULL});
	racer->endless = true;
	free(helper);
	free(log);
	live_unlink(live, LOG);
	live->opt.kinds = KIND_FD;
	for (int i = 0; i < SCANS; i++) {
		struct stale_report *report =
			livescan(live, i % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO);

		check_while_files_close(live, report);
		stale_report_free(report);
	}
}

static void a_descriptor_that_closes_costs_only_itself(void **state)
{
	scan_beside(*state, "/dev/null");
}

static void a_descriptor_that_becomes_another_file_is_not_mixed_with_it(void **state)
{
	struct live *live = *state;
	char *other = livekinds_file(live, "live", 1 << 20);

	scan_beside(live, other);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(data_and_descriptors_have_totals_of_their_own),
		LIVE_TEST(by_default_only_code_adds_up),
		LIVE_TEST(a_deleted_log_is_no_outdated_code),
		LIVE_TEST(descriptors_count_where_they_alone_are_asked_for),
		LIVE_TEST(descriptors_of_others_are_denied_to_cap_sys_ptrace_alone),
		LIVE_TEST(descriptors_that_were_denied_do_not_hide_code),
		LIVE_TEST(nobody_sees_its_own_descriptors),
		LIVE_TEST(cap_sys_ptrace_alone_sees_data_without_its_age_and_size),
		LIVE_TEST(a_descriptor_that_closes_costs_only_itself),
		LIVE_TEST(a_descriptor_that_becomes_another_file_is_not_mixed_with_it),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
