/*
 * live_faults.c - every call of a scan of real processes made to fail in turn: each time
 * the counter or the error that is promised, the verdict for what cannot be looked up, and
 * nothing else is lost.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/faultscan.h"
#include "support/livecgroup.h"
#include "support/livecheck.h"
#include "support/livescan.h"
#include "test.h"

#define Z       "libz.so.1"
#define NEWLINE "lib\nn.so.1"

/* Two processes have most of the libraries: what one at its end does not tell must not be
 * taken for true of the other. */
static pid_t map(struct live *live, const char *lib)
{
	char *path = live_path(live, lib);
	pid_t pid = live_start(live, "map", path, "rx")->pid;

	free(path);
	return pid;
}

static pid_t map_in_jail(struct live *live, const char *jail, const char *lib)
{
	char *path = live_path(live, jail);
	pid_t pid = live_start(live, "chroot", path, "map", lib, "rx")->pid;

	free(path);
	return pid;
}

/* One that is gone, and an open file that is gone as well. */
static void start_deleted(struct live *live)
{
	char *lib = live_path(live, NEWLINE);
	char *data = live_path(live, "data");

	live_lib(live, NEWLINE, NULL, 'a');
	live_text(live, "data", "bytes\n");
	live_start(live, "map", lib, "rx", "open", data);
	live_unlink(live, NEWLINE);
	live_unlink(live, "data");
	free(lib);
	free(data);
}

static void start_replaced(struct live *live, const char *lib)
{
	live_lib(live, lib, lib, 'a');
	map(live, lib);
	map(live, lib);
	live_lib(live, "new", lib, 'b');
	live_rename(live, "new", lib);
}

static void start_reinstalled(struct live *live, const char *lib)
{
	live_lib(live, lib, lib, 'a');
	map(live, lib);
	map(live, lib);
	live_copy(live, lib, "new");
	live_rename(live, "new", lib);
}

static void start_superseded(struct live *live, const char *lib)
{
	live_lib(live, lib, lib, 'a');
	map(live, lib);
	map(live, lib);
	live_rename(live, lib, "libs.so.1.old");
	live_lib(live, lib, lib, 'b');
}

/* It bears the mark, and lives. */
static pid_t start_rolled_back(struct live *live, const char *lib)
{
	pid_t pid;

	live_lib(live, lib, lib, 'a');
	pid = map(live, lib);
	live_link(live, lib, "aside");
	live_lib(live, "new", lib, 'b');
	live_rename(live, "new", lib);
	live_rename(live, "aside", lib);
	return pid;
}

static void start_deleted_program(struct live *live)
{
	char *program = live_path(live, "program");

	live_program(live, "program", "tests/holder", 'a');
	live_spawn(live, program, (const char *const[]){NULL});
	live_unlink(live, "program");
	free(program);
}

/* Where we may: one library replaced, one superseded, in a root of their own. */
static void start_in_jail(struct live *live)
{
	live_mkdir(live, "jail");
	live_lib(live, "jail/" Z, Z, 'a');
	live_lib(live, "jail/libq.so.1", "libq.so.1", 'a');
	map_in_jail(live, "jail", "/" Z);
	map_in_jail(live, "jail", "/libq.so.1");
	map_in_jail(live, "jail", "/libq.so.1");
	live_rename(live, "jail/libq.so.1", "jail/libq.so.1.old");
	live_lib(live, "jail/libq.so.1", "libq.so.1", 'b');
	live_lib(live, "jail/new", Z, 'b');
	live_rename(live, "jail/new", "jail/" Z);
}

/* Returns the one with a live file that bears the mark. */
static pid_t start_all(struct live *live)
{
	live_need_dir(live);
	start_deleted(live);
	start_replaced(live, "libr.so.1");
	start_reinstalled(live, "libi.so.1");
	start_superseded(live, "libs.so.1");
	start_deleted_program(live);
	if (getuid() == 0)
		start_in_jail(live);
	return start_rolled_back(live, "libm.so.1");
}

#define ALWAYS                                                                           \
	(FAULTS_BIT(FAULTS_OPEN) | FAULTS_BIT(FAULTS_OPENAT) |                           \
	 FAULTS_BIT(FAULTS_OPENAT2) | FAULTS_BIT(FAULTS_READ) |                          \
	 FAULTS_BIT(FAULTS_PREAD) | FAULTS_BIT(FAULTS_READLINK) |                        \
	 FAULTS_BIT(FAULTS_STATX) | FAULTS_BIT(FAULTS_FSTATAT) |                         \
	 FAULTS_BIT(FAULTS_FSTATFS) | FAULTS_BIT(FAULTS_FACCESSAT) |                     \
	 FAULTS_BIT(FAULTS_CLOSE) | FAULTS_BIT(FAULTS_MMAP))
#define LISTS (FAULTS_BIT(FAULTS_FDOPENDIR) | FAULTS_BIT(FAULTS_READDIR))
#define QUERY FAULTS_BIT(FAULTS_IOCTL)
#define ALL_KINDS                                                                        \
	(STALE_KIND_CODE | STALE_KIND_BIT(STALE_DATA) | STALE_KIND_BIT(STALE_FD))

static struct row {
	const char *name;
	struct stale_options opt;
	uint64_t calls;
} rows[] = {
	{"every_call_may_fail_by_query", {.method = STALE_METHOD_AUTO}, ALWAYS | QUERY},
	{"every_call_may_fail_by_text", {.method = STALE_METHOD_MAPS}, ALWAYS},
	{"every_call_may_fail_in_two_threads",
	 {.jobs = 2},
	 ALWAYS | QUERY | FAULTSCAN_THREADS},
	{"every_call_may_fail_in_two_threads_by_text",
	 {.jobs = 2, .method = STALE_METHOD_MAPS},
	 ALWAYS | FAULTSCAN_THREADS},
	{"every_call_for_more_than_code_may_fail",
	 {.kinds = ALL_KINDS, .want_cmdline = true, .want_modified = true},
	 ALWAYS | QUERY | LISTS},
	{"every_call_for_folders_may_fail", {.want_folders = true}, ALWAYS | QUERY},
};

static struct faultscan_sum sum;

/* Whether it is left over in its unit takes a look at the others in there. */
static pid_t start_orphan(struct live *live, const char *lib)
{
	char *path = live_path(live, lib);
	char *helper = live_built("tests/helper_orphan");
	pid_t pid = live_spawn(live, helper, (const char *const[]){path, NULL})->pid;

	free(path);
	free(helper);
	livecgroup_enter(live, pid, "system.slice/stale-%.service");
	return pid;
}

static void every_call_for_an_orphan_may_fail(void **state)
{
	struct live *live = *state;
	struct faultscan scan = {.label = "orphan", .calls = ALWAYS};
	struct stale_report *report;
	pid_t pid, ppid;

	live_lib(live, Z, Z, 'a');
	start_orphan(live, Z);
	pid = start_orphan(live, Z);
	live_unlink(live, Z);
	report = livescan(live, STALE_METHOD_MAPS);
	ppid = livescan_proc(report, pid)->ppid;
	stale_report_free(report);
	if (ppid != 1)
		live_skip(live, "orphans do not go to PID 1 here");
	scan.opt = livecheck_options(live);
	scan.opt.method = STALE_METHOD_MAPS;
	faultscan_run(&scan, &sum);
	faultscan_finish(&sum);
}

static void every_call_may_fail(void **state)
{
	struct live *live = *state;
	const struct row *row = live->row;
	struct faultscan scan = {.label = row->name, .calls = row->calls};

	if (row->calls & QUERY && !livecheck_has_query())
		live_skip(live, "the kernel has no PROCMAP_QUERY");
	scan.marked = start_all(live);
	live->opt = row->opt;
	scan.opt = livecheck_options(live);
	faultscan_run(&scan, &sum);
	faultscan_finish(&sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_ROW(every_call_may_fail, &rows[0]),
		LIVE_ROW(every_call_may_fail, &rows[1]),
		LIVE_ROW(every_call_may_fail, &rows[2]),
		LIVE_ROW(every_call_may_fail, &rows[3]),
		LIVE_ROW(every_call_may_fail, &rows[4]),
		LIVE_ROW(every_call_may_fail, &rows[5]),
		LIVECGROUP_TEST(every_call_for_an_orphan_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
