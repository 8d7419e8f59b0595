/*
 * live_objects.c - what is mapped: executables, objects of the kernel that are no files,
 * and scratch code that no package ever owned.
 */
#include <stdio.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "test.h"

/* In the words of the built-in rules. */
#define TEMPORARY "temporary"
#define UNLINKED  "self-unlinked"
#define BORN      "born"

/* Starts a copy of the holder that lies at name. */
static struct live_process *start_program(struct live *live, const char *name,
					  const char *const words[])
{
	char *path = live_path(live, name);
	struct live_process *process;

	live_program(live, name, "tests/holder", 0);
	process = live_spawn(live, path, words);
	free(path);
	return process;
}

static const char *const no_words[] = {NULL};

static void a_deleted_executable_is_reported_as_such(void **state)
{
	struct live *live = *state;
	pid_t pid = start_program(live, "daemon", no_words)->pid;

	live_unlink(live, "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	live_assert(live);
}

static void a_replaced_executable_is_reported_as_such(void **state)
{
	struct live *live = *state;
	pid_t pid = start_program(live, "daemon", no_words)->pid;

	live_program(live, "daemon.dpkg-new", "tests/holder", 'b');
	live_rename(live, "daemon.dpkg-new", "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_REPLACED);
	live_assert(live);
}

static void an_executable_of_the_same_build_is_reinstalled(void **state)
{
	struct live *live = *state;
	pid_t pid = start_program(live, "daemon", no_words)->pid;

	live_program(live, "daemon.dpkg-new", "tests/holder", 0);
	live_rename(live, "daemon.dpkg-new", "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_REINSTALLED);
	live_assert(live);
}

static void an_executable_rolled_back_is_current(void **state)
{
	struct live *live = *state;

	start_program(live, "daemon", no_words);
	live_link(live, "daemon", "daemon.dpkg-tmp");
	live_program(live, "daemon.dpkg-new", "tests/holder", 'b');
	live_rename(live, "daemon.dpkg-new", "daemon");
	live_rename(live, "daemon.dpkg-tmp", "daemon");
	live_assert(live);
}

static void a_live_executable_really_named_deleted_is_current(void **state)
{
	struct live *live = *state;

	start_program(live, "daemon (deleted)", no_words);
	live_assert(live);
}

static void an_executable_with_a_hostile_name_is_reported_whole(void **state)
{
	static const char name[] = "dae\nmon \xff\033[1m|<b>; ";
	struct live *live = *state;
	pid_t pid = start_program(live, name, no_words)->pid;

	live_unlink(live, name);
	live_expect(live, pid, STALE_EXE, name, STALE_DELETED);
	live_assert(live);
}

static void remapped_text_does_not_hide_a_deleted_executable(void **state)
{
	struct live *live = *state;
	pid_t pid =
		start_program(live, "daemon", (const char *const[]){"remap-text", NULL})
			->pid;

	live_unlink(live, "daemon");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	live_assert(live);
}

static void a_deleted_executable_and_library_are_two_files(void **state)
{
	struct live *live = *state;
	char *lib = live_path(live, "libx.so.1");
	pid_t pid;

	live_lib(live, "libx.so.1", "libx.so.1", 'a');
	pid = start_program(live, "daemon", (const char *const[]){"map", lib, "rx", NULL})
		      ->pid;
	live_unlink(live, "daemon");
	live_unlink(live, "libx.so.1");
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	live_expect(live, pid, STALE_LIB, "libx.so.1", STALE_DELETED);
	free(lib);
	live_assert(live);
}

/* What an intruder leaves: counted wherever it was. */
static void run_deleted_executable_in(struct live *live, const char *folder)
{
	char name[64];
	pid_t pid;

	snprintf(name, sizeof(name), "%s/live-daemon.%d", folder, getpid());
	unlink(name);
	if (access(folder, W_OK) < 0)
		live_skip(live, "the folder is not writable");
	pid = start_program(live, name, no_words)->pid;
	live_unlink(live, name);
	live_expect(live, pid, STALE_EXE, name, STALE_DELETED);
	live_assert(live);
}

static void a_deleted_executable_in_tmp_counts(void **state)
{
	run_deleted_executable_in(*state, "/tmp");
}

static void a_deleted_executable_in_dev_shm_counts(void **state)
{
	run_deleted_executable_in(*state, "/dev/shm");
}

static void a_program_in_memory_is_no_file(void **state)
{
	live_start(*state, "exec-memfd", "runc", "comm", "runc");
	live_assert(*state);
}

static void a_program_in_memory_named_as_a_library_is_no_file(void **state)
{
	live_start(*state, "exec-memfd", "/usr/lib/libz.so.1 (deleted)");
	live_assert(*state);
}

static void memory_named_as_a_library_is_no_file(void **state)
{
	live_start(*state, "memfd", "/usr/lib/libz.so.1", "memfd", "libc.so.6");
	live_assert(*state);
}

static void executable_system_v_memory_is_no_file(void **state)
{
	live_start(*state, "sysv");
	live_assert(*state);
}

static void shared_anonymous_memory_is_no_file(void **state)
{
	live_start(*state, "zero");
	live_assert(*state);
}

static void a_file_that_never_had_a_name_is_no_file(void **state)
{
	struct live *live = *state;

	live_start(live, "tmpfile", live->dir);
	live_assert(live);
}

/* A library that is unlinked after it was mapped, made before its process. */
static void run_unlinked_library(struct live *live, const char *name, const char *rule)
{
	char *path = live_path(live, name);
	pid_t pid;

	unlink(path);
	live_lib(live, name, NULL, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	live_unlink(live, name);
	if (rule)
		live_expect_ignored(live, pid, name, rule);
	else
		live_expect(live, pid, STALE_LIB, name, STALE_DELETED);
	free(path);
	live_assert(live);
}

static void run_library_in(struct live *live, const char *folder)
{
	char name[64];

	snprintf(name, sizeof(name), "%s/live-x.%d.so", folder, getpid());
	if (access(folder, W_OK) < 0)
		live_skip(live, "the folder is not writable");
	run_unlinked_library(live, name, TEMPORARY);
}

static void a_library_unlinked_in_tmp_is_ignored(void **state)
{
	run_library_in(*state, "/tmp");
}

static void a_library_unlinked_in_var_tmp_is_ignored(void **state)
{
	run_library_in(*state, "/var/tmp");
}

static void a_library_unlinked_in_dev_shm_is_ignored(void **state)
{
	run_library_in(*state, "/dev/shm");
}

static void a_library_unlinked_in_a_folder_called_tmp_counts(void **state)
{
	struct live *live = *state;

	live_mkdir(live, "tmp");
	run_unlinked_library(live, "tmp/libx.so", NULL);
}

static void code_that_jna_unpacked_is_ignored(void **state)
{
	run_unlinked_library(*state, "jna1234567.tmp", UNLINKED);
}

static void code_that_libffi_wrote_is_ignored(void **state)
{
	run_unlinked_library(*state, "ffiAbCdEf", UNLINKED);
}

static void code_that_orc_wrote_is_ignored(void **state)
{
	run_unlinked_library(*state, "orcexec.x1Y2z3", UNLINKED);
}

static void code_that_nagios_copied_is_ignored(void **state)
{
	run_unlinked_library(*state, "nebmodAbCdEf", UNLINKED);
}

static void a_library_that_only_begins_like_scratch_counts(void **state)
{
	run_unlinked_library(*state, "ffiAbCdEf.so", NULL);
}

/* Has a process that runs already map a library that did not exist when it started. */
static pid_t map_newborn(struct live *live, const char *name)
{
	const struct live_process *process = live_start(live, "comm", "jit");
	char *path = live_path(live, name);

	live_lib(live, name, NULL, 'a');
	live_step(live, process, "map", path, "rx");
	free(path);
	return process->pid;
}

static void code_born_and_unlinked_by_its_process_is_ignored(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_need_root(live);
	pid = map_newborn(live, "libjit.so");
	live_unlink(live, "libjit.so");
	live_expect_ignored(live, pid, "libjit.so", BORN);
	live_assert(live);
}

static void code_born_in_a_process_stays_scratch_in_its_child(void **state)
{
	struct live *live = *state;
	pid_t pid, child;

	live_need_root(live);
	pid = map_newborn(live, "libjit.so");
	live_unlink(live, "libjit.so");
	live_next_tick(); /* going by the child alone it was there before */
	child = (pid_t)live_step(live, &live->processes[1], "fork");
	live_watch(live, child);
	live_expect_ignored(live, pid, "libjit.so", BORN);
	live_expect_ignored(live, child, "libjit.so", BORN);
	live_assert(live);
}

static void code_born_in_a_process_counts_where_it_was_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = map_newborn(live, "libjit.so");

	live_lib(live, "new", NULL, 'b');
	live_rename(live, "new", "libjit.so");
	live_expect(live, pid, STALE_LIB, "libjit.so", STALE_REPLACED);
	live_assert(live);
}

static void code_that_another_user_wrote_is_no_scratch(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "libjit.so");
	pid_t pid;

	live_need_root(live);
	pid = map_newborn(live, "libjit.so");
	assert_int_equal(chown(path, 1, 1), 0);
	free(path);
	live_unlink(live, "libjit.so");
	live_expect(live, pid, STALE_LIB, "libjit.so", STALE_DELETED);
	live_assert(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_deleted_executable_is_reported_as_such),
		LIVE_TEST(a_replaced_executable_is_reported_as_such),
		LIVE_TEST(an_executable_of_the_same_build_is_reinstalled),
		LIVE_TEST(an_executable_rolled_back_is_current),
		LIVE_TEST(a_live_executable_really_named_deleted_is_current),
		LIVE_TEST(an_executable_with_a_hostile_name_is_reported_whole),
		LIVE_TEST(remapped_text_does_not_hide_a_deleted_executable),
		LIVE_TEST(a_deleted_executable_and_library_are_two_files),
		LIVE_TEST(a_deleted_executable_in_tmp_counts),
		LIVE_TEST(a_deleted_executable_in_dev_shm_counts),
		LIVE_TEST(a_program_in_memory_is_no_file),
		LIVE_TEST(a_program_in_memory_named_as_a_library_is_no_file),
		LIVE_TEST(memory_named_as_a_library_is_no_file),
		LIVE_TEST(executable_system_v_memory_is_no_file),
		LIVE_TEST(shared_anonymous_memory_is_no_file),
		LIVE_TEST(a_file_that_never_had_a_name_is_no_file),
		LIVE_TEST(a_library_unlinked_in_tmp_is_ignored),
		LIVE_TEST(a_library_unlinked_in_var_tmp_is_ignored),
		LIVE_TEST(a_library_unlinked_in_dev_shm_is_ignored),
		LIVE_TEST(a_library_unlinked_in_a_folder_called_tmp_counts),
		LIVE_TEST(code_that_jna_unpacked_is_ignored),
		LIVE_TEST(code_that_libffi_wrote_is_ignored),
		LIVE_TEST(code_that_orc_wrote_is_ignored),
		LIVE_TEST(code_that_nagios_copied_is_ignored),
		LIVE_TEST(a_library_that_only_begins_like_scratch_counts),
		LIVE_TEST(code_born_and_unlinked_by_its_process_is_ignored),
		LIVE_TEST(code_born_in_a_process_stays_scratch_in_its_child),
		LIVE_TEST(code_born_in_a_process_counts_where_it_was_replaced),
		LIVE_TEST(code_that_another_user_wrote_is_no_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
