/*
 * live_hostile_fuse.c - file systems of other users: one that has stopped answering, below
 * an executable, a root or the arguments of a process; and one that answers every request
 * with an error of its choice.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livefuse.h"
#include "support/livekinds.h"
#include "support/liveplugin.h"
#include "support/livescan.h"
#include "test.h"

#define LIB  "libx.so.1"
#define DEAD LIVEFUSE_FILE

/* What of a process is on the file system. */
enum what {
	A_LIBRARY,
	AN_EXECUTABLE,
	A_BARE_EXECUTABLE, /* no mapping of it is left */
	A_ROOT,
	A_DESCRIPTOR,
	NWHAT
};

static const char *const labels[NWHAT] = {"a library", "an executable",
					  "an executable that is not mapped", "a root",
					  "a descriptor"};

/* Serves the holder as DEAD, until that is removed; numbers: NULL, or a file with what it
 * fails with from then on. */
static void start_server(struct live *live, const char *numbers)
{
	char *holder = live_built("tests/holder");

	livefuse_start(live, holder, numbers);
	free(holder);
}

/* Killed at the end: what it would need to end by itself may be on that file system. */
static pid_t start(struct live *live, enum what what)
{
	char *dead = live_path(live, DEAD);
	char *fs = live_path(live, "fs");
	const char *const words[NWHAT][6] = {
		[A_LIBRARY] = {"map", dead, "rx"},
		[AN_EXECUTABLE] = {"comm", "dead"},
		[A_BARE_EXECUTABLE] = {"remap-text"},
		[A_ROOT] = {"chroot", fs, "map", "/lib.so", "rx"},
		[A_DESCRIPTOR] = {"open", dead},
	};
	const bool is_exe = what == AN_EXECUTABLE || what == A_BARE_EXECUTABLE;
	struct live_process *process =
		live_spawn(live, is_exe ? dead : NULL, words[what]);

	process->endless = true;
	free(dead);
	free(fs);
	return process->pid;
}

/* A process that comes before all others, if numbers have not begun anew. */
static pid_t start_stale(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, NULL, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	live_unlink(live, LIB);
	free(path);
	return pid;
}

static void need_order(const struct live *live, pid_t low, pid_t high)
{
	if (low > high)
		live_skip(live, "numbers of processes have begun anew");
}

/* Runs check_stale, which has a second; what it found before is told. */
static void check_deadline(struct live *live, const char *label, const char *more)
{
	char *pids = liveplugin_pids(live);
	struct liveplugin_answer answer;

	liveplugin_run(NULL,
		       (const char *const[]){pids, "-t1", "--jobs=1", "-v", more, NULL},
		       &answer);
	row_number(label, "exit", answer.status, 1);
	row_number(label, "stderr", answer.nerr, 0);
	if (answer.seconds < 0.9 || answer.seconds > 8)
		fail_msg("%s: %.3f s: %s", label, answer.seconds, answer.out);
	if (!strstr(answer.out, "timed out after 1s") ||
	    !strstr(answer.out, "| processes=1;") || !strstr(answer.out, LIB))
		fail_msg("%s: %s", label, answer.out);
	liveplugin_release(&answer);
	free(pids);
}

struct dead_row {
	const char *name;
	enum what what;
};

static void answers_in_time(void **state)
{
	struct live *live = *state;
	const struct dead_row *row = live->row;
	pid_t stale, stuck;

	start_server(live, NULL);
	stale = start_stale(live);
	stuck = start(live, row->what);
	need_order(live, stale, stuck);
	live_unlink(live, DEAD);
	live->opt.kinds = row->what == A_DESCRIPTOR ? STALE_KIND_CODE | KIND_FD : 0;
	check_deadline(live, row->name,
		       row->what == A_DESCRIPTOR ? "--kind=code,fd" : NULL);
}

/* What nobody has to look up is waited for by nobody. */
static void a_root_on_a_dead_file_system_alone_is_no_hindrance(void **state)
{
	struct live *live = *state;
	char *fs = live_path(live, "fs");

	start_server(live, NULL);
	live_start(live, "chroot", fs)->endless = true;
	live_unlink(live, DEAD);
	free(fs);
	live_assert(live);
}

/* The kernel gives out arguments from memory without a file only, since Linux 4.17. */
static void arguments_on_a_dead_file_system_are_waited_for_by_nobody(void **state)
{
	struct live *live = *state;
	char *helper = live_built("tests/helper_hostile");
	char *path = live_path(live, LIB);
	char *dead = live_path(live, DEAD);
	char *pids;
	struct liveplugin_answer answer;

	start_server(live, NULL);
	live_lib(live, LIB, NULL, 'a');
	live_spawn(live, helper, (const char *const[]){"argv", path, dead, NULL})
		->endless = true;
	live_unlink(live, LIB);
	live_unlink(live, DEAD);
	free(helper);
	free(path);
	free(dead);
	pids = liveplugin_pids(live);
	liveplugin_run(NULL, (const char *const[]){pids, "-vvv", "--show-args", NULL},
		       &answer);
	assert_int_equal(answer.status, 1);
	assert_null(strstr(answer.out, "timed out"));
	assert_non_null(strstr(answer.out, "| processes=1;"));
	liveplugin_release(&answer);
	free(pids);
}

static const int errors[] = {
	ENOENT,  ESRCH,      EIO,    EACCES, EPERM,     ESTALE, ENOTCONN,     EAGAIN,
	ENOBUFS, ENOMEM,     EMFILE, ENFILE, EINTR,     ELOOP,  ENOSYS,       ENOTDIR,
	EINVAL,  EOPNOTSUPP, EXDEV,  E2BIG,  EOVERFLOW, ENOTTY, ENAMETOOLONG,
};

/* What is told of the file: the kernel's word stands, and no server's. */
static void check_verdict(const char *label, const struct stale_proc *proc, bool is_exe)
{
	row_number(label, "is reported", proc != NULL, true);
	row_number(label, "files", proc->nfiles, 1);
	row_number(label, "why", proc->files[0].why, STALE_DELETED);
	row_number(label, "is the executable", proc->files[0].kind == STALE_EXE, is_exe);
	row_number(label, "since", proc->files[0].since, 0);
}

/* The process is read; but what a descriptor is of, only the server could say. */
static void check_failure(struct live *live, pid_t pid, enum what what, int error)
{
	const struct stale_scan_info *info;
	struct stale_report *report;
	char label[96];

	snprintf(label, sizeof(label), "%s, %s", labels[what], strerror(error));
	live->pids[0] = pid;
	live->npids = 1;
	live->opt.kinds = what == A_DESCRIPTOR ? STALE_KIND_CODE | KIND_FD : 0;
	report = livescan(live, STALE_METHOD_AUTO);
	info = stale_report_info(report);
	row_number(label, "error", info->error, 0);
	row_number(label, "vanished", info->vanished, 0);
	row_number(label, "denied", info->denied, 0);
	row_number(label, "failed", info->failed, what == A_DESCRIPTOR);
	row_number(label, "scanned", info->scanned, what != A_DESCRIPTOR);
	if (what != A_DESCRIPTOR)
		check_verdict(label, livecheck_find(report, pid),
			      what == AN_EXECUTABLE || what == A_BARE_EXECUTABLE);
	stale_report_free(report);
}

static void no_error_of_a_file_system_is_taken_for_one_of_the_process(void **state)
{
	struct live *live = *state;
	char *numbers = live_path(live, "number");
	pid_t pids[NWHAT];
	char digits[16];

	live_text(live, "number", "0");
	start_server(live, numbers);
	free(numbers);
	for (enum what what = 0; what < NWHAT; what++)
		pids[what] = start(live, what);
	live_unlink(live, DEAD);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		snprintf(digits, sizeof(digits), "%-8d", errors[i]); /* over the last */
		live_text(live, "number", digits);
		for (enum what what = 0; what < NWHAT; what++)
			check_failure(live, pids[what], what, errors[i]);
	}
}

/* openat2() answers EPERM in a sandbox that does not know it, but so does a server: who
 * looks the name up without its help then would follow a link out of the root. */
static void no_error_of_a_file_system_leads_out_of_a_root(void **state)
{
	static const int refusals[] = {EPERM, ENOSYS};
	struct live *live = *state;
	char *numbers = live_path(live, "number"), *other = live_path(live, LIB);
	char text[PATH_MAX + 16];
	pid_t pid;

	live_text(live, "number", "0");
	live_lib(live, LIB, NULL, 'b');
	start_server(live, numbers);
	pid = start(live, A_ROOT);
	live_unlink(live, DEAD);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		snprintf(text, sizeof(text), "%-8d%s", refusals[i], other);
		live_text(live, "number", text);
		check_failure(live, pid, A_ROOT, refusals[i]);
	}
	free(numbers);
	free(other);
}

int main(void)
{
	static struct dead_row rows[] = {
		{"a_dead_executable_is_answered_in_time", AN_EXECUTABLE},
		{"a_dead_executable_that_is_not_mapped_is_answered_in_time",
		 A_BARE_EXECUTABLE},
		{"a_stale_library_in_a_dead_root_is_answered_in_time", A_ROOT},
		{"a_dead_descriptor_is_answered_in_time", A_DESCRIPTOR},
	};
	const struct CMUnitTest tests[] = {
		LIVE_ROW(answers_in_time, &rows[0]),
		LIVE_ROW(answers_in_time, &rows[1]),
		LIVE_ROW(answers_in_time, &rows[2]),
		LIVE_ROW(answers_in_time, &rows[3]),
		LIVE_TEST(a_root_on_a_dead_file_system_alone_is_no_hindrance),
		LIVE_TEST(arguments_on_a_dead_file_system_are_waited_for_by_nobody),
		LIVE_TEST(no_error_of_a_file_system_is_taken_for_one_of_the_process),
		LIVE_TEST(no_error_of_a_file_system_leads_out_of_a_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
