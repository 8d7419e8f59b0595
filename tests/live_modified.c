/*
 * live_modified.c - code that was overwritten in place while a process had it mapped.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/livekinds.h"
#include "test.h"

#define LIB    "libx.so.1"
#define HOUR   3600
#define NOBODY "65534"

static pid_t start_with_library(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	free(path);
	live->opt.want_modified = true;
	return pid;
}

/* As cp(1) does it: the inode stays. */
static void overwrite(const struct live *live, const char *name)
{
	int fd = openat(live->dirfd, name, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "new contents", 12, 4096), 12);
	close(fd);
}

/* Seconds from now; moves the ctime too, to now. */
static void set_mtime(const struct live *live, const char *name, time_t offset)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
					  {.tv_sec = time(NULL) + offset}};

	assert_int_equal(utimensat(live->dirfd, name, times, 0), 0);
}

static void expect_modified(struct live *live, pid_t pid)
{
	live->undated = false; /* by its name it is dated */
	live_expect(live, pid, STALE_LIB, LIB, STALE_MODIFIED);
}

static void an_overwritten_library_is_modified(void **state)
{
	struct live *live = *state;
	pid_t pid = start_with_library(live);

	overwrite(live, LIB);
	expect_modified(live, pid);
	livescan_assert(live);
}

static void check_date(struct live *live, const struct stale_report *report)
{
	const struct stale_file *file = livescan_proc(report, live->wants[0].pid)->files;
	struct stat st;

	assert_int_equal(fstatat(live->dirfd, LIB, &st, 0), 0);
	assert_int_equal(file->since, st.st_mtime);
	assert_true(st.st_mtime > st.st_ctime);
	assert_int_equal(livescan_count(live, report).files, 1);
}

static void the_mtime_dates_what_was_modified(void **state)
{
	struct live *live = *state;
	pid_t pid = start_with_library(live);

	overwrite(live, LIB);
	set_mtime(live, LIB, HOUR); /* unlike the ctime */
	expect_modified(live, pid);
	livescan_each(live, check_date);
}

static void nothing_is_modified_unless_that_is_asked_for(void **state)
{
	struct live *live = *state;

	start_with_library(live);
	overwrite(live, LIB);
	live->opt.want_modified = false;
	livescan_assert(live);
}

static void an_untouched_library_is_not_modified(void **state)
{
	start_with_library(*state);
	livescan_assert(*state);
}

static void a_change_before_the_start_is_none(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);

	live_lib(live, LIB, LIB, 'a');
	overwrite(live, LIB);
	live_start(live, "map", path, "rx");
	free(path);
	live->opt.want_modified = true;
	livescan_assert(live);
}

/* As tar(1) may unpack it: only the ctime tells when that was. */
static void an_mtime_of_the_future_is_no_change(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);

	live_lib(live, LIB, LIB, 'a');
	set_mtime(live, LIB, HOUR);
	live_start(live, "map", path, "rx");
	free(path);
	live->opt.want_modified = true;
	livescan_assert(live);
}

static void another_mode_is_no_change_of_contents(void **state)
{
	struct live *live = *state;
	char *path;

	start_with_library(live);
	path = live_path(live, LIB);
	assert_int_equal(chmod(path, 0755), 0);
	live_link(live, LIB, "backup");
	free(path);
	livescan_assert(live);
}

/* Whoever sets it back has the last word; touch(1) alone is no change either. */
static void an_mtime_that_was_set_back_is_believed(void **state)
{
	struct live *live = *state;

	start_with_library(live);
	overwrite(live, LIB);
	set_mtime(live, LIB, -HOUR);
	livescan_assert(live);
}

static void only_who_started_before_the_change_is_told(void **state)
{
	struct live *live = *state;
	pid_t before = start_with_library(live);
	char *path = live_path(live, LIB);

	overwrite(live, LIB);
	live_next_tick();
	live_start(live, "map", path, "rx");
	free(path);
	expect_modified(live, before);
	livescan_assert(live);
}

static void all_who_started_before_the_change_are_told(void **state)
{
	struct live *live = *state;
	pid_t first = start_with_library(live);
	char *path = live_path(live, LIB);
	pid_t second = live_start(live, "map", path, "rx")->pid;

	overwrite(live, LIB);
	live_next_tick();
	live_start(live, "map", path, "rx");
	free(path);
	expect_modified(live, first);
	expect_modified(live, second);
	livescan_assert(live);
}

static void what_was_modified_and_deleted_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_with_library(live);

	overwrite(live, LIB);
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	livescan_assert(live);
}

static void what_was_modified_and_replaced_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = start_with_library(live);

	overwrite(live, LIB);
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_REPLACED);
	livescan_assert(live);
}

static void a_file_in_the_place_of_another_that_moved_is_not_looked_at(void **state)
{
	struct live *live = *state;

	start_with_library(live);
	live_rename(live, LIB, "elsewhere");
	live_lib(live, LIB, LIB, 'b');
	overwrite(live, LIB);
	livescan_assert(live);
}

/* The name leads elsewhere, but nothing was lost: the kernel sets no mark. */
static void a_file_mounted_over_another_is_not_looked_at(void **state)
{
	struct live *live = *state;

	live_own_mounts(live);
	start_with_library(live);
	live_lib(live, "other", LIB, 'b');
	overwrite(live, "other");
	live_mount(live, NULL, LIB, "other");
	livescan_assert(live);
}

static void a_name_with_a_newline_is_found(void **state)
{
	static const char name[] = "lib\nx.so";
	struct live *live = *state;
	char *path = live_path(live, name);
	pid_t pid;

	live_lib(live, name, NULL, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	free(path);
	overwrite(live, name);
	live->opt.want_modified = true;
	live->undated = false;
	live_expect(live, pid, STALE_LIB, name, STALE_MODIFIED);
	livescan_assert(live);
}

static void data_and_descriptors_that_are_written_to_are_not_told(void **state)
{
	struct live *live = *state;
	char *path = livekinds_file(live, "app.dat", 20000);

	live_start(live, "map", path, "r", "map-shared", path, "open", path);
	free(path);
	overwrite(live, "app.dat");
	live->opt.want_modified = true;
	live->opt.kinds = KINDS_ALL;
	livescan_assert(live);
}

static int check_methods(struct live *live)
{
	return (int)livecheck_methods(live);
}

static void nobody_sees_what_was_modified(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);
	pid_t pid;

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "setuid", NOBODY, "map", path, "rx")->pid;
	free(path);
	overwrite(live, LIB);
	live->npids = 0;
	live_watch(live, pid);
	live->opt.want_modified = true;
	expect_modified(live, pid);
	livechild_assert(live, LIVECHILD_PLAIN, check_methods);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(an_overwritten_library_is_modified),
		LIVE_TEST(the_mtime_dates_what_was_modified),
		LIVE_TEST(nothing_is_modified_unless_that_is_asked_for),
		LIVE_TEST(an_untouched_library_is_not_modified),
		LIVE_TEST(a_change_before_the_start_is_none),
		LIVE_TEST(an_mtime_of_the_future_is_no_change),
		LIVE_TEST(another_mode_is_no_change_of_contents),
		LIVE_TEST(an_mtime_that_was_set_back_is_believed),
		LIVE_TEST(only_who_started_before_the_change_is_told),
		LIVE_TEST(all_who_started_before_the_change_are_told),
		LIVE_TEST(what_was_modified_and_deleted_is_deleted),
		LIVE_TEST(what_was_modified_and_replaced_is_replaced),
		LIVE_TEST(a_file_in_the_place_of_another_that_moved_is_not_looked_at),
		LIVE_TEST(a_file_mounted_over_another_is_not_looked_at),
		LIVE_TEST(a_name_with_a_newline_is_found),
		LIVE_TEST(data_and_descriptors_that_are_written_to_are_not_told),
		LIVE_TEST(nobody_sees_what_was_modified),
	};

	return cmocka_run_group_tests_name("modified", tests, NULL, NULL);
}
