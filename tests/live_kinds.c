/*
 * live_kinds.c - more than code: deleted files that are mapped as data or held open, and
 * what they are told to be.  What they add up to, with less privilege, and while they
 * change: live_descriptors.c.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livekinds.h"
#include "test.h"

#define LIB "libx.so.1"
#define LOG "app.log"

/* Has somebody map LOG, and removes it. */
static void run_deleted_data(struct live *live, bool is_shared)
{
	const struct live_process *process = live_start(live, "comm", "mapper");
	char *path = livekinds_file(live, LOG, 20000);
	int64_t bytes = livescan_bytes(live, LOG);

	if (is_shared)
		live_step(live, process, "map-shared", path);
	else
		live_step(live, process, "map", path, "r");
	free(path);
	live_unlink(live, LOG);
	live->opt.kinds = KINDS_ALL;
	livekinds_expect_data(live, process->pid, LOG, STALE_DELETED, bytes);
	livescan_assert(live);
}

static void a_deleted_file_mapped_for_reading_is_data(void **state)
{
	run_deleted_data(*state, false);
}

static void a_deleted_file_mapped_shared_and_writable_is_data(void **state)
{
	run_deleted_data(*state, true);
}

static void a_replaced_data_file_is_replaced_whatever_its_build(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	live_lib(live, "new", LIB, 'a');
	pid = live_start(live, "map", path, "r")->pid;
	live->opt.kinds = KINDS_ALL;
	livekinds_expect_data(live, pid, LIB, STALE_REPLACED, livescan_bytes(live, LIB));
	live_rename(live, "new", LIB);
	free(path);
	livescan_assert(live);
}

static void live_data_and_live_descriptors_are_nothing(void **state)
{
	struct live *live = *state;
	char *path = livekinds_file(live, LOG, 20000);

	live_start(live, "map", path, "r", "map-shared", path, "open", path);
	free(path);
	live->opt.kinds = KINDS_ALL;
	livescan_assert(live);
}

static void data_and_descriptors_are_not_looked_at_by_default(void **state)
{
	struct live *live = *state;
	char *path = livekinds_file(live, LOG, 20000);

	live_start(live, "map", path, "r", "map-shared", path, "open", path);
	free(path);
	live_unlink(live, LOG);
	livescan_assert(live);
}

/* As every library is: its headers and data first, then its code. */
static pid_t start_with_library(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "map", path, "r", "map", path, "rx", "map", path, "r")
		      ->pid;
	free(path);
	live_unlink(live, LIB);
	return pid;
}

static void what_is_mapped_as_code_too_is_code(void **state)
{
	struct live *live = *state;
	pid_t pid = start_with_library(live);

	live->opt.kinds = KINDS_ALL;
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	livescan_assert(live);
}

static void what_is_mapped_as_code_too_is_no_data(void **state)
{
	struct live *live = *state;

	start_with_library(live);
	live->opt.kinds = KIND_DATA;
	livescan_assert(live);
}

static void an_executable_is_no_data(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "daemon");
	pid_t pid;

	live_program(live, "daemon", "tests/holder", 0);
	pid = live_spawn(live, path, (const char *const[]){NULL})->pid;
	free(path);
	live_unlink(live, "daemon");
	live->opt.kinds = KIND_DATA;
	livescan_assert(live);
	live->opt.kinds = KINDS_ALL;
	live_expect(live, pid, STALE_EXE, "daemon", STALE_DELETED);
	livescan_assert(live);
}

/* Two words each for what is done to a file that is held open: FROM TO, or FROM alone. */
struct rotation {
	const char *name;
	const char *rename[2];
	const char *unlink;
	const char *create;
	const char *renamed_over; /* by another file */
	enum stale_why why;       /* STALE_CURRENT: not told at all */
	const char *path;
};

static struct rotation rotations[] = {
	{"a_deleted_log_that_is_held_open_is_deleted",
	 {NULL, NULL},
	 LOG,
	 NULL,
	 NULL,
	 STALE_DELETED,
	 LOG},
	{"a_log_that_was_moved_aside_is_still_on_disk",
	 {LOG, LOG ".1"},
	 NULL,
	 LOG,
	 NULL,
	 STALE_CURRENT,
	 NULL},
	{"a_log_that_was_moved_aside_and_removed_is_deleted",
	 {LOG, LOG ".1"},
	 LOG ".1",
	 LOG,
	 NULL,
	 STALE_DELETED,
	 LOG ".1"},
	{"a_log_that_was_removed_and_made_anew_is_replaced",
	 {NULL, NULL},
	 LOG,
	 LOG,
	 NULL,
	 STALE_REPLACED,
	 LOG},
	{"a_log_that_another_was_moved_over_is_replaced",
	 {NULL, NULL},
	 NULL,
	 NULL,
	 LOG,
	 STALE_REPLACED,
	 LOG},
};

static void run_rotation(void **state)
{
	struct live *live = *state;
	const struct rotation *row = live->row;
	char *path = livekinds_file(live, LOG, 50000);
	const int64_t bytes = livescan_bytes(live, LOG);
	const struct live_process *process = live_start(live, "comm", "daemon");
	const int fd = (int)live_step(live, process, "open", path);

	if (row->rename[0])
		live_rename(live, row->rename[0], row->rename[1]);
	if (row->unlink)
		live_unlink(live, row->unlink);
	if (row->create)
		live_text(live, row->create, "new\n");
	if (row->renamed_over) {
		live_text(live, "new", "new\n");
		live_rename(live, "new", row->renamed_over);
	}
	live->opt.kinds = KINDS_ALL;
	if (row->why != STALE_CURRENT)
		livekinds_expect_fd(live, process->pid, row->path, row->why,
				    &(struct livekinds_open){fd, bytes});
	free(path);
	livescan_assert(live);
}

/* A write moves the ctime, too: it tells no more when the name was lost. */
static void run_log_that_is_written_to(struct live *live, bool is_replaced)
{
	char *path = livekinds_file(live, LOG, 5000);
	const int64_t bytes = livescan_bytes(live, LOG);
	const struct live_process *process = live_start(live, "comm", "daemon");
	const int fd = (int)live_step(live, process, "open", path);
	int own = open(path, O_WRONLY | O_CLOEXEC);
	struct live_want *want;

	live_unlink(live, LOG);
	if (is_replaced)
		live_text(live, LOG, "new\n");
	live_next_tick();
	assert_int_equal(write(own, "line\n", 5), 5);
	live->opt.kinds = KIND_FD;
	want = livekinds_expect_fd(live, process->pid, LOG,
				   is_replaced ? STALE_REPLACED : STALE_DELETED,
				   &(struct livekinds_open){fd, bytes});
	want->since_source =
		is_replaced ? STALE_SINCE_SUCCESSOR_BIRTH : STALE_SINCE_UNKNOWN;
	livescan_assert(live);
	close(own);
	free(path);
}

static void a_deleted_log_that_is_still_written_to_is_undated(void **state)
{
	run_log_that_is_written_to(*state, false);
}

static void a_replaced_log_that_is_still_written_to_is_dated_by_the_new_one(void **state)
{
	run_log_that_is_written_to(*state, true);
}

static void a_jar_that_was_upgraded_under_its_jvm_is_replaced(void **state)
{
	struct live *live = *state;
	char *jar = livekinds_file(live, "app.jar", 100000);
	const int64_t bytes = livescan_bytes(live, "app.jar");
	const struct live_process *jvm = live_start(live, "comm", "java");
	const int fd = (int)live_step(live, jvm, "open", jar);

	live_text(live, "app.jar.dpkg-new", "PK");
	live_rename(live, "app.jar.dpkg-new", "app.jar");
	live->opt.kinds = KIND_FD;
	livekinds_expect_fd(live, jvm->pid, "app.jar", STALE_REPLACED,
			    &(struct livekinds_open){fd, bytes});
	free(jar);
	livescan_assert(live);
}

static void two_descriptors_of_a_file_are_one_entry_with_the_lowest(void **state)
{
	struct live *live = *state;
	char *path = livekinds_file(live, LOG, 5000);
	const int64_t bytes = livescan_bytes(live, LOG);
	const struct live_process *process = live_start(live, "comm", "daemon");
	const int fd = (int)live_step(live, process, "open", path);

	assert_true(live_step(live, process, "open", path) > fd);
	assert_true(live_step(live, process, "open", path) > fd);
	live_unlink(live, LOG);
	live->opt.kinds = KINDS_ALL;
	livekinds_expect_fd(live, process->pid, LOG, STALE_DELETED,
			    &(struct livekinds_open){fd, bytes});
	free(path);
	livescan_assert(live);
}

static void each_process_has_its_own_descriptor_of_a_file(void **state)
{
	struct live *live = *state;
	char *path = livekinds_file(live, LOG, 5000);
	const int64_t bytes = livescan_bytes(live, LOG);
	const struct live_process *a = live_start(live, "open", "/dev/null");
	const struct live_process *b = live_start(live, "comm", "daemon");
	const int fd_a = (int)live_step(live, a, "open", path);
	const int fd_b = (int)live_step(live, b, "open", path);

	assert_true(fd_a > fd_b);
	live_unlink(live, LOG);
	live->opt.kinds = KIND_FD;
	livekinds_expect_fd(live, a->pid, LOG, STALE_DELETED,
			    &(struct livekinds_open){fd_a, bytes});
	livekinds_expect_fd(live, b->pid, LOG, STALE_DELETED,
			    &(struct livekinds_open){fd_b, bytes});
	free(path);
	livescan_assert(live);
}

static void bytes_are_those_on_disk_and_not_the_length(void **state)
{
	struct live *live = *state;
	char *path = livekinds_file(live, LOG, 5000);
	const struct live_process *process = live_start(live, "comm", "daemon");
	const int fd = (int)live_step(live, process, "open", path);
	int64_t bytes;

	assert_int_equal(truncate(path, (off_t)1 << 30), 0);
	bytes = livescan_bytes(live, LOG);
	assert_true(bytes < 1 << 20);
	live_unlink(live, LOG);
	live->opt.kinds = KIND_FD;
	livekinds_expect_fd(live, process->pid, LOG, STALE_DELETED,
			    &(struct livekinds_open){fd, bytes});
	free(path);
	livescan_assert(live);
}

static void what_is_no_regular_file_is_nothing(void **state)
{
	struct live *live = *state;
	char *helper = live_built("tests/helper_files");

	live_spawn(live, helper, (const char *const[]){live->dir, NULL});
	free(helper);
	live->opt.kinds = KINDS_ALL;
	livescan_assert(live);
}

/* The leader is a zombie: its own folder of descriptors is empty. */
static void descriptors_of_a_process_whose_leader_has_ended_are_seen(void **state)
{
	struct live *live = *state;
	char *helper = live_built("tests/helper_leader");
	char *path = live_path(live, LIB);
	int64_t bytes;
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	bytes = livescan_bytes(live, LIB);
	pid = live_spawn(live, helper, (const char *const[]){path, NULL})->pid;
	live_unlink(live, LIB);
	free(helper);
	free(path);
	live->opt.kinds = KINDS_ALL;
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	livekinds_expect_fd(live, pid, LIB, STALE_DELETED,
			    &(struct livekinds_open){3, bytes});
	livescan_assert(live);
}

/* Default rules are for code that was unpacked; what takes up space does so anywhere. */
static void data_and_descriptors_in_tmp_are_not_ignored(void **state)
{
	struct live *live = *state;
	const struct live_process *process = live_start(live, "comm", "daemon");
	char name[64];
	int64_t bytes;
	char *path;
	int fd;

	snprintf(name, sizeof(name), "/tmp/live-kinds.%d.tmp", getpid());
	unlink(name);
	path = livekinds_file(live, name, 5000);
	bytes = livescan_bytes(live, name);
	live_step(live, process, "map", path, "r");
	fd = (int)live_step(live, process, "open", path);
	live_unlink(live, name);
	live->opt.kinds = KINDS_ALL;
	livekinds_expect_data(live, process->pid, name, STALE_DELETED, bytes);
	livekinds_expect_fd(live, process->pid, name, STALE_DELETED,
			    &(struct livekinds_open){fd, bytes});
	free(path);
	livescan_assert(live);
}

static void rules_of_the_caller_apply_to_descriptors(void **state)
{
	const struct stale_rule rule = {STALE_RULE_PATH, "*.log", "caller's"};
	struct live *live = *state;
	char *path = livekinds_file(live, LOG, 5000);
	pid_t pid = live_start(live, "open", path)->pid;

	live_unlink(live, LOG);
	live->opt.kinds = KIND_FD;
	live->opt.ignore = &rule;
	live->opt.nignore = 1;
	live_expect_ignored(live, pid, LOG, "caller's");
	free(path);
	livescan_assert(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_deleted_file_mapped_for_reading_is_data),
		LIVE_TEST(a_deleted_file_mapped_shared_and_writable_is_data),
		LIVE_TEST(a_replaced_data_file_is_replaced_whatever_its_build),
		LIVE_TEST(live_data_and_live_descriptors_are_nothing),
		LIVE_TEST(data_and_descriptors_are_not_looked_at_by_default),
		LIVE_TEST(what_is_mapped_as_code_too_is_code),
		LIVE_TEST(what_is_mapped_as_code_too_is_no_data),
		LIVE_TEST(an_executable_is_no_data),
		LIVE_TEST(a_deleted_log_that_is_still_written_to_is_undated),
		LIVE_TEST(
			a_replaced_log_that_is_still_written_to_is_dated_by_the_new_one),
		LIVE_TEST(a_jar_that_was_upgraded_under_its_jvm_is_replaced),
		LIVE_TEST(two_descriptors_of_a_file_are_one_entry_with_the_lowest),
		LIVE_TEST(each_process_has_its_own_descriptor_of_a_file),
		LIVE_TEST(bytes_are_those_on_disk_and_not_the_length),
		LIVE_TEST(what_is_no_regular_file_is_nothing),
		LIVE_TEST(descriptors_of_a_process_whose_leader_has_ended_are_seen),
		LIVE_TEST(data_and_descriptors_in_tmp_are_not_ignored),
		LIVE_TEST(rules_of_the_caller_apply_to_descriptors),
	};
	struct CMUnitTest rows[ARRAY_LEN(rotations)];
	int failed = cmocka_run_group_tests_name("kinds", tests, NULL, NULL);

	for (size_t i = 0; i < ARRAY_LEN(rotations); i++)
		rows[i] = (struct CMUnitTest)LIVE_ROW(run_rotation, &rotations[i]);
	return failed + cmocka_run_group_tests_name("rotations", rows, NULL, NULL);
}
