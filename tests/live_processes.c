/*
 * live_processes.c - processes that are odd in themselves: exited leaders, cleared
 * arguments, hostile names, paths that no system call takes, and what the report tells
 * about each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "test.h"

#define LIB "libx.so.1"

/* A process with LIB, which is removed then. */
static struct live_process *start_stale(struct live *live, const char *word,
					const char *argument)
{
	char *path = live_path(live, LIB);
	struct live_process *process;

	live_lib(live, LIB, LIB, 'a');
	process = live_start(live, "map", path, "rx", word, argument);
	live_unlink(live, LIB);
	live_expect(live, process->pid, STALE_LIB, LIB, STALE_DELETED);
	free(path);
	return process;
}

/* Fails where the scan finds anything else than what is expected. */
static struct stale_report *scan(const struct live *live)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report;

	opt.want_cmdline = true;
	assert_int_equal(stale_scan(&opt, &report), 0);
	assert_int_equal(livecheck_report(live, report), 0);
	return report;
}

static void a_process_whose_leader_has_ended_is_read_through_a_thread(void **state)
{
	struct live *live = *state;
	char *helper = live_built("tests/helper_leader");
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_spawn(live, helper, (const char *const[]){path, NULL})->pid;
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	free(helper);
	free(path);
	live_assert(live);
}

static void a_deleted_executable_is_seen_when_the_leader_has_ended(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "daemon");
	char *lib = live_path(live, "libcontrol.so.1");
	pid_t pid;

	live_program(live, "daemon", "tests/helper_leader", 0);
	pid = live_spawn(live, path, (const char *const[]){lib, NULL})->pid;
	live_unlink(live, "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	free(path);
	free(lib);
	live_assert(live);
}

static void a_clean_process_whose_leader_has_ended_is_clean(void **state)
{
	struct live *live = *state;
	char *helper = live_built("tests/helper_leader");
	char *lib = live_path(live, "libcontrol.so.1");

	live_spawn(live, helper, (const char *const[]){lib, NULL});
	free(helper);
	free(lib);
	live_assert(live);
}

static void a_process_that_clears_its_arguments_is_reported(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "map", path, "rx", "clear-argv")->pid;
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	free(path);
	live_assert(live);
}

/* What the test may know of a process that it started itself. */
static void check_process(const struct live *live, pid_t pid, const char *comm)
{
	struct stale_report *report = scan(live);
	const struct stale_proc *proc = livecheck_find(report, pid);
	char *holder = live_built("tests/holder");
	time_t now = time(NULL);

	assert_non_null(proc);
	assert_string_equal(proc->comm, comm);
	assert_string_equal(proc->exe, holder);
	assert_int_equal(proc->ppid, getpid());
	assert_int_equal(proc->uid, geteuid());
	assert_true(proc->start_ticks > 0);
	assert_in_range(proc->started, live->began - 2, now);
	assert_int_equal(proc->nfiles_left_out, 0);
	assert_true(proc->cmdline_len > strlen(holder));
	assert_string_equal(proc->cmdline, holder);
	assert_int_equal(proc->cmdline[proc->cmdline_len - 1], '\0');
	stale_report_free(report);
	free(holder);
}

static void a_process_is_told_with_all_that_is_known(void **state)
{
	struct live *live = *state;
	pid_t pid = start_stale(live, "comm", "victim")->pid;

	check_process(live, pid, "victim");
	live_assert(live);
}

static void a_name_with_a_bracket_and_a_newline_confuses_nothing(void **state)
{
	struct live *live = *state;
	pid_t pid = start_stale(live, "comm", "a) R 1\n2 (b")->pid;

	check_process(live, pid, "a) R 1\n2 (b");
	live_assert(live);
}

static void a_name_of_hostile_bytes_is_told_as_it_is(void **state)
{
	struct live *live = *state;
	pid_t pid = start_stale(live, "comm", "\xff|<b>;\033[1m\t\\")->pid;

	check_process(live, pid, "\xff|<b>;\033[1m\t\\");
	live_assert(live);
}

/* The build-id of what live_lib(..., 'a') wrote. */
static void the_build_id_of_a_deleted_library_is_told(void **state)
{
	struct live *live = *state;
	pid_t pid = start_stale(live, "comm", "victim")->pid;
	struct stale_report *report = scan(live);
	const struct stale_proc *proc = livecheck_find(report, pid);

	assert_non_null(proc);
	assert_int_equal(proc->files[0].build_id_len, 20);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(proc->files[0].build_id[i], 'a');
	assert_true(proc->files[0].inode > 0);
	stale_report_free(report);
}

static void one_file_of_two_processes_has_one_id(void **state)
{
	struct live *live = *state;
	const struct live_process *process = start_stale(live, "comm", "parent");
	pid_t child = (pid_t)live_step(live, process, "fork");
	struct stale_policy policy = {.why = STALE_WHY_DEFAULT};
	struct stale_totals totals;
	struct stale_report *report;

	live_watch(live, child);
	live_expect(live, child, STALE_LIB, LIB, STALE_DELETED);
	report = scan(live);
	assert_int_equal(livecheck_find(report, process->pid)->files[0].id,
			 livecheck_find(report, child)->files[0].id);
	assert_int_equal(stale_report_count(report, &policy, time(NULL), &totals), 0);
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 1);
	stale_report_free(report);
	live_assert(live);
}

/* Scans the control and a process that is not, or no longer, to be read. */
static void check_vanished(struct live *live, pid_t gone)
{
	const pid_t pids[] = {gone, live->processes[0].pid};
	struct stale_options opt = livecheck_options(live);
	const struct stale_scan_info *info;
	struct stale_report *report;
	size_t n;

	opt.pids = pids;
	opt.npids = ARRAY_LEN(pids);
	assert_int_equal(stale_scan(&opt, &report), 0);
	info = stale_report_info(report);
	assert_int_equal(info->vanished, 1);
	assert_int_equal(info->scanned, 1);
	assert_int_equal(info->seen, 2);
	stale_report_procs(report, &n);
	assert_int_equal(n, 0);
	stale_report_unreadable(report, &n);
	assert_int_equal(n, 0);
	stale_report_free(report);
}

static void a_zombie_has_vanished(void **state)
{
	struct live *live = *state;
	const struct live_process *process = live_start(live, "comm", "parent");

	check_vanished(live, (pid_t)live_step(live, process, "zombie"));
}

static void a_process_that_ended_before_the_scan_has_vanished(void **state)
{
	struct live *live = *state;
	struct live_process *process = live_start(live, "comm", "short");
	pid_t gone = process->pid;

	live_stop(live, process);
	check_vanished(live, gone);
}

#define DEPTH    30
#define DEEP_MAX 8192
#define STEP                                                                             \
	"a-folder-with-a-long-name-................................................."    \
	"........................................................................./"

/* Makes DEPTH folders below each other; returns the innermost. */
static int make_deep(const struct live *live, char *path, size_t size)
{
	int fd = dup(live->dirfd);

	*path = '\0';
	for (int i = 0; i < DEPTH; i++) {
		int next;

		assert_int_equal(mkdirat(fd, STEP, 0755), 0);
		next = openat(fd, STEP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(fd);
		fd = next;
		assert_true(strlen(path) + sizeof(STEP) < size);
		strcat(path, STEP); /* NOLINT(clang-analyzer-security*) */
	}
	return fd;
}

/* A process that maps lib at a path longer than PATH_MAX; returns the folder. */
static int start_deep(struct live *live, const char *lib, char path[DEEP_MAX],
		      pid_t *ret_pid)
{
	const char *words[2 * DEPTH + 6] = {"cd", live->dir};
	size_t n = 2;
	int dirfd;

	live_need_dir(live);
	dirfd = make_deep(live, path, DEEP_MAX);
	live_lib(live, lib, lib, 'a');
	assert_int_equal(renameat(live->dirfd, lib, dirfd, lib), 0);
	for (int i = 0; i < DEPTH; i++) {
		words[n++] = "cd";
		words[n++] = STEP;
	}
	words[n++] = "map";
	words[n++] = lib;
	words[n++] = "rx";
	words[n] = NULL;
	*ret_pid = live_spawn(live, NULL, words)->pid;
	strcat(path, lib); /* NOLINT(clang-analyzer-security*) */
	live->text = true; /* the ioctl gives no names that are longer than PATH_MAX */
	return dirfd;
}

static void a_deleted_library_with_a_path_longer_than_path_max_is_reported(void **state)
{
	struct live *live = *state;
	char path[DEEP_MAX];
	pid_t pid;
	int dirfd = start_deep(live, LIB, path, &pid);

	assert_true(strlen(path) > PATH_MAX);
	assert_int_equal(unlinkat(dirfd, LIB, 0), 0);
	live_expect(live, pid, STALE_LIB, path, STALE_DELETED);
	close(dirfd);
	live_assert(live);
}

static void a_replaced_library_with_a_path_longer_than_path_max_is_reported(void **state)
{
	struct live *live = *state;
	char path[DEEP_MAX];
	pid_t pid;
	int dirfd = start_deep(live, LIB, path, &pid);

	live_lib(live, "new", LIB, 'b');
	assert_int_equal(renameat(live->dirfd, "new", dirfd, LIB), 0);
	live_expect(live, pid, STALE_LIB, path, STALE_REPLACED);
	close(dirfd);
	live_assert(live);
}

/* No link is long enough for the raw name: what the text escaped must be guessed. */
static void a_replaced_library_with_a_long_path_and_a_newline_is_reported(void **state)
{
	static const char lib[] = "lib\nx.so";
	struct live *live = *state;
	char path[DEEP_MAX];
	pid_t pid;
	int dirfd = start_deep(live, lib, path, &pid);

	live_lib(live, "new", NULL, 'b');
	assert_int_equal(renameat(live->dirfd, "new", dirfd, lib), 0);
	live_expect(live, pid, STALE_LIB, path, STALE_REPLACED);
	close(dirfd);
	live_assert(live);
}

static void a_live_library_with_a_path_longer_than_path_max_is_current(void **state)
{
	char path[DEEP_MAX];
	pid_t pid;

	close(start_deep(*state, LIB, path, &pid));
	live_assert(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_process_whose_leader_has_ended_is_read_through_a_thread),
		LIVE_TEST(a_deleted_executable_is_seen_when_the_leader_has_ended),
		LIVE_TEST(a_clean_process_whose_leader_has_ended_is_clean),
		LIVE_TEST(a_process_that_clears_its_arguments_is_reported),
		LIVE_TEST(a_process_is_told_with_all_that_is_known),
		LIVE_TEST(a_name_with_a_bracket_and_a_newline_confuses_nothing),
		LIVE_TEST(a_name_of_hostile_bytes_is_told_as_it_is),
		LIVE_TEST(the_build_id_of_a_deleted_library_is_told),
		LIVE_TEST(one_file_of_two_processes_has_one_id),
		LIVE_TEST(a_zombie_has_vanished),
		LIVE_TEST(a_process_that_ended_before_the_scan_has_vanished),
		LIVE_TEST(a_deleted_library_with_a_path_longer_than_path_max_is_reported),
		LIVE_TEST(
			a_replaced_library_with_a_path_longer_than_path_max_is_reported),
		LIVE_TEST(a_replaced_library_with_a_long_path_and_a_newline_is_reported),
		LIVE_TEST(a_live_library_with_a_path_longer_than_path_max_is_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
