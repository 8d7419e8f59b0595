/*
 * live_using.c - who uses a file: every process that has it mapped as code, stale or
 * current, with the build that it really has.
 */
#include <string.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/livekinds.h"
#include "test.h"

#define LIB    "libused.so.1"
#define OTHER  "libother.so.1"
#define NOBODY "65534"

static const char *const by_name[] = {"libused.so.*", NULL};

static pid_t start_with(struct live *live, const char *name)
{
	char *path = live_path(live, name);
	pid_t pid = live_start(live, "map", path, "rx")->pid;

	free(path);
	live->opt.using_globs = by_name;
	return pid;
}

static void replace(struct live *live)
{
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
}

static void expect_current(struct live *live, pid_t pid, const char *name)
{
	live_expect(live, pid, STALE_LIB, name, STALE_CURRENT)->since_source =
		STALE_SINCE_UNKNOWN;
}

/* All bytes of a build-id are its letter. */
static void check_build(const struct stale_file *file, char build)
{
	assert_int_equal(file->build_id_len, 20);
	for (size_t i = 0; i < file->build_id_len; i++)
		assert_int_equal(file->build_id[i], build);
}

static void check_old_and_new(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	check_build(livescan_proc(report, live->wants[0].pid)->files, 'a');
	check_build(livescan_proc(report, live->wants[1].pid)->files, 'b');
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 2);
}

static void users_of_the_old_and_of_the_new_file_are_told(void **state)
{
	struct live *live = *state;
	pid_t old, new;

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	live_lib(live, OTHER, OTHER, 'a');
	old = start_with(live, LIB);
	replace(live);
	new = start_with(live, LIB);
	start_with(live, OTHER);
	live_expect(live, old, STALE_LIB, LIB, STALE_REPLACED);
	expect_current(live, new, LIB);
	livescan_assert(live);
	livescan_each(live, check_old_and_new);
}

static void check_stale_only(struct live *live, const struct stale_report *report)
{
	assert_int_equal(livescan_count(live, report).processes, 1);
}

static void without_the_question_a_current_file_is_nothing(void **state)
{
	struct live *live = *state;
	pid_t old;

	live_lib(live, LIB, LIB, 'a');
	old = start_with(live, LIB);
	replace(live);
	start_with(live, LIB);
	live->opt.using_globs = NULL;
	live_expect(live, old, STALE_LIB, LIB, STALE_REPLACED);
	livescan_assert(live);
	livescan_each(live, check_stale_only);
}

static void what_is_stale_and_does_not_match_is_not_told(void **state)
{
	struct live *live = *state;
	char *used = live_path(live, LIB);
	char *other = live_path(live, OTHER);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	live_lib(live, OTHER, OTHER, 'a');
	pid = live_start(live, "map", other, "rx", "map", used, "rx")->pid;
	start_with(live, OTHER);
	live_unlink(live, OTHER);
	free(used);
	free(other);
	expect_current(live, pid, LIB);
	livescan_assert(live);
}

static void check_both(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	assert_int_equal(livescan_proc(report, live->wants[0].pid)->nfiles, 2);
	assert_int_equal(totals.processes, 1);
	assert_int_equal(totals.files, 2);
}

static void a_process_with_the_old_and_the_new_file_tells_both(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);
	const struct live_process *process;

	live_lib(live, LIB, LIB, 'a');
	process = live_start(live, "map", path, "rx");
	replace(live);
	live_step(live, process, "map", path, "rx");
	free(path);
	live->opt.using_globs = by_name;
	live_expect(live, process->pid, STALE_LIB, LIB, STALE_REPLACED);
	expect_current(live, process->pid, LIB);
	livescan_assert(live);
	livescan_each(live, check_both);
}

static void files_are_found_by_their_path(void **state)
{
	struct live *live = *state;
	const char *globs[] = {"/no/such/*", NULL, NULL};
	char *glob = live_path(live, "a/*.so.1");
	pid_t pid;

	live_mkdir(live, "a");
	live_mkdir(live, "b");
	live_lib(live, "a/" LIB, LIB, 'a');
	live_lib(live, "b/" LIB, LIB, 'a');
	pid = start_with(live, "a/" LIB);
	start_with(live, "b/" LIB);
	globs[1] = glob;
	live->opt.using_globs = globs;
	expect_current(live, pid, "a/" LIB);
	livescan_assert(live);
	free(glob);
}

static void an_executable_is_found_by_its_name(void **state)
{
	static const char *const globs[] = {"daemon", NULL};
	struct live *live = *state;
	char *path = live_path(live, "daemon");
	pid_t current, old;

	live_program(live, "daemon", "tests/holder", 0);
	old = live_spawn(live, path, (const char *const[]){NULL})->pid;
	live_program(live, "new", "tests/holder", 'b');
	live_rename(live, "new", "daemon");
	current = live_spawn(live, path, (const char *const[]){NULL})->pid;
	free(path);
	live->opt.using_globs = globs;
	live_expect(live, old, STALE_EXE, "daemon", STALE_REPLACED);
	live_expect(live, current, STALE_EXE, "daemon", STALE_CURRENT)->since_source =
		STALE_SINCE_UNKNOWN;
	livescan_assert(live);
}

/* The kernel's mark stays with whoever had it mapped all the time. */
static void a_file_that_got_its_name_back_is_current(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = start_with(live, LIB);
	live_link(live, LIB, LIB ".dpkg-tmp");
	replace(live);
	live_rename(live, LIB ".dpkg-tmp", LIB);
	expect_current(live, pid, LIB);
	livescan_assert(live);
}

static void what_package_managers_add_to_a_name_does_not_hide_it(void **state)
{
	static const char *const globs[] = {LIB, NULL};
	struct live *live = *state;
	char *path = live_path(live, LIB ".dpkg-new");
	pid_t pid;

	live_lib(live, LIB ".dpkg-new", LIB, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	free(path);
	live_unlink(live, LIB ".dpkg-new");
	live->opt.using_globs = globs;
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	livescan_assert(live);
}

static void memory_of_such_a_name_is_no_user(void **state)
{
	static const char *const globs[] = {"*libused*", NULL};
	struct live *live = *state;

	live_start(live, "memfd", LIB);
	live->opt.using_globs = globs;
	livescan_assert(live);
}

/* Neither loads the code, also where the kernel's mark was left on it. */
static void who_only_reads_the_file_is_no_user(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);

	live_lib(live, LIB, LIB, 'a');
	live_start(live, "map", path, "r", "open", path);
	free(path);
	live->opt.using_globs = by_name;
	live->opt.kinds = KINDS_ALL;
	livescan_assert(live);
	live_link(live, LIB, LIB ".dpkg-tmp");
	replace(live);
	live_rename(live, LIB ".dpkg-tmp", LIB);
	livescan_assert(live);
}

/* Without the ioctl the file is found by its name. */
static int check_build_by(const struct live *live, enum stale_method method)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report;
	const struct stale_proc *proc;
	int differences = 0;

	opt.method = method;
	if (stale_scan(&opt, &report) < 0)
		return 1;
	proc = livecheck_find(report, live->wants[0].pid);
	if (!proc || proc->files[0].build_id_len != 20 ||
	    proc->files[0].build_id[0] != 'a') {
		print_error("  no build-id by %s\n", stale_method_name(method));
		differences++;
	}
	stale_report_free(report);
	return differences;
}

static int check_of_own_user(struct live *live)
{
	return (int)livecheck_methods(live) + check_build_by(live, STALE_METHOD_MAPS) +
	       check_build_by(live, STALE_METHOD_AUTO);
}

static void run_unprivileged(struct live *live, enum livechild_user user)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "setuid", NOBODY, "map", path, "rx")->pid;
	free(path);
	live->npids = 0;
	live_watch(live, pid);
	live->opt.using_globs = by_name;
	expect_current(live, pid, LIB);
	livechild_assert(live, user, check_of_own_user);
}

static void nobody_sees_what_its_own_processes_use(void **state)
{
	run_unprivileged(*state, LIVECHILD_PLAIN);
}

static void cap_sys_ptrace_alone_sees_what_is_used(void **state)
{
	run_unprivileged(*state, LIVECHILD_PTRACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(users_of_the_old_and_of_the_new_file_are_told),
		LIVE_TEST(without_the_question_a_current_file_is_nothing),
		LIVE_TEST(what_is_stale_and_does_not_match_is_not_told),
		LIVE_TEST(a_process_with_the_old_and_the_new_file_tells_both),
		LIVE_TEST(files_are_found_by_their_path),
		LIVE_TEST(an_executable_is_found_by_its_name),
		LIVE_TEST(a_file_that_got_its_name_back_is_current),
		LIVE_TEST(what_package_managers_add_to_a_name_does_not_hide_it),
		LIVE_TEST(memory_of_such_a_name_is_no_user),
		LIVE_TEST(who_only_reads_the_file_is_no_user),
		LIVE_TEST(nobody_sees_what_its_own_processes_use),
		LIVE_TEST(cap_sys_ptrace_alone_sees_what_is_used),
	};

	return cmocka_run_group_tests_name("using", tests, NULL, NULL);
}
