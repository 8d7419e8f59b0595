/*
 * live_chroot.c - processes with another root, and files whose place in the tree of mounts
 * changes under a process in our own mount namespace.
 */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "support/livecheck.h"
#include "support/livescan.h"
#include "test.h"

#define LIB "libx.so.1"

/* A process that maps a library of ours, then changes its root to "jail". */
static pid_t start_then_jail(struct live *live, const char *lib)
{
	char *path = live_path(live, lib);
	char *jail = live_path(live, "jail");
	pid_t pid;

	live_need_root(live);
	live_lib(live, lib, LIB, 'a');
	pid = live_start(live, "map", path, "rx", "chroot", jail)->pid;
	free(path);
	free(jail);
	return pid;
}

/* A process that changes its root to "jail", then maps a library in there. */
static pid_t start_in_jail(struct live *live, const char *lib)
{
	char *jail = live_path(live, "jail");
	char *outside;
	pid_t pid;

	live_need_root(live);
	assert_true(asprintf(&outside, "jail%s", lib) > 0);
	live_lib(live, outside, LIB, 'a');
	pid = live_start(live, "chroot", jail, "map", lib, "rx")->pid;
	free(outside);
	free(jail);
	return pid;
}

static void replace(struct live *live, const char *lib)
{
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", lib);
}

static void a_live_library_loaded_before_a_chroot_is_current(void **state)
{
	live_mkdir(*state, "jail");
	start_then_jail(*state, LIB);
	live_assert(*state);
}

static void a_library_loaded_before_a_chroot_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_then_jail(live, LIB);
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_loaded_before_a_chroot_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_then_jail(live, LIB);
	replace(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_library_loaded_before_a_chroot_and_rolled_back_is_current(void **state)
{
	struct live *live = *state;

	live_mkdir(live, "jail");
	start_then_jail(live, LIB);
	live_link(live, LIB, "aside");
	replace(live, LIB);
	live_rename(live, "aside", LIB);
	live_assert(live);
}

static void a_library_loaded_before_a_chroot_is_superseded(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_then_jail(live, LIB);
	live_rename(live, LIB, LIB ".old");
	live_lib(live, LIB, LIB, 'b');
	live_expect(live, pid, STALE_LIB, LIB ".old", STALE_SUPERSEDED);
	live_assert(live);
}

/* Makes all folders of dir below "jail". */
static void make_folders_in_jail(const struct live *live, const char *dir)
{
	char *path;

	assert_true(asprintf(&path, "jail%s", dir) > 0);
	for (char *slash = strchr(path + 5, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		live_mkdir(live, path);
		*slash = '/';
	}
	live_mkdir(live, path);
	free(path);
}

/* Else each of a thousand chroots would have all files looked up anew. */
static void a_library_loaded_before_a_chroot_is_one_file_with_that_of_others(void **state)
{
	struct live *live = *state;
	const struct stale_proc *in, *out;
	struct stale_report *report;
	char *path = live_path(live, LIB);
	pid_t inside, outside;

	live_mkdir(live, "jail");
	inside = start_then_jail(live, LIB);
	outside = live_start(live, "map", path, "rx")->pid;
	free(path);
	replace(live, LIB);
	report = livescan(live, STALE_METHOD_AUTO);
	in = livescan_proc(report, inside);
	out = livescan_proc(report, outside);
	assert_int_equal(in->files[0].id, out->files[0].id);
	assert_int_equal(livescan_count(live, report).files, 1);
	stale_report_free(report);
}

static void a_file_of_the_same_path_in_the_chroot_is_no_successor(void **state)
{
	struct live *live = *state;
	char *decoy;
	pid_t pid;

	live_mkdir(live, "jail");
	make_folders_in_jail(live, live->dir);
	assert_true(asprintf(&decoy, "jail%s/" LIB, live->dir) > 0);
	live_lib(live, decoy, LIB, 'b');
	free(decoy);
	pid = start_then_jail(live, LIB);
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	live_assert(live);
}

static void a_folder_that_only_begins_like_the_root_is_outside_of_it(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	live_mkdir(live, "jail2");
	pid = start_then_jail(live, "jail2/" LIB);
	replace(live, "jail2/" LIB);
	live_expect(live, pid, STALE_LIB, "jail2/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_live_library_in_a_chroot_is_current(void **state)
{
	live_mkdir(*state, "jail");
	start_in_jail(*state, "/" LIB);
	live_assert(*state);
}

static void a_library_in_a_chroot_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_in_jail(live, "/" LIB);
	live_unlink(live, "jail/" LIB);
	live_expect(live, pid, STALE_LIB, "jail/" LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_in_a_chroot_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_in_jail(live, "/" LIB);
	replace(live, "jail/" LIB);
	live_expect(live, pid, STALE_LIB, "jail/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_library_in_a_chroot_is_superseded(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_in_jail(live, "/" LIB);
	live_rename(live, "jail/" LIB, "jail/" LIB ".old");
	live_lib(live, "jail/" LIB, LIB, 'b');
	live_expect(live, pid, STALE_LIB, "jail/" LIB ".old", STALE_SUPERSEDED);
	live_assert(live);
}

static void an_absolute_soname_link_is_followed_within_the_chroot(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	pid = start_in_jail(live, "/" LIB ".2");
	live_lib(live, "jail/" LIB ".3", LIB, 'b');
	live_symlink(live, "/" LIB ".3", "jail/" LIB);
	live_expect(live, pid, STALE_LIB, "jail/" LIB ".2", STALE_SUPERSEDED);
	live_assert(live);
}

static void scratch_is_told_relative_to_the_root_of_its_process(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_mkdir(live, "jail");
	live_mkdir(live, "jail/tmp");
	pid = start_in_jail(live, "/tmp/" LIB);
	live_unlink(live, "jail/tmp/" LIB);
	live_expect_ignored(live, pid, "jail/tmp/" LIB, "temporary");
	live_assert(live);
}

/* A process that maps mnt/LIB from a tmpfs in our own mount namespace. */
static pid_t start_on_mount(struct live *live)
{
	char *path = live_path(live, "mnt/" LIB);
	pid_t pid;

	live_own_mounts(live);
	live_mkdir(live, "mnt");
	live_mount(live, "tmpfs", "mnt", NULL);
	live_lib(live, "mnt/" LIB, LIB, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	free(path);
	return pid;
}

static void a_library_on_a_lazily_unmounted_file_system_is_current(void **state)
{
	struct live *live = *state;

	start_on_mount(live);
	assert_int_equal(umount2(live->mounts[0], MNT_DETACH), 0);
	live_assert(live);
}

static void
a_library_deleted_before_its_file_system_was_unmounted_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_on_mount(live);

	live_unlink(live, "mnt/" LIB);
	assert_int_equal(umount2(live->mounts[0], MNT_DETACH), 0);
	live_expect(live, pid, STALE_LIB, "/" LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_on_a_mounted_file_system_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = start_on_mount(live);

	live_lib(live, "mnt/new", LIB, 'b');
	live_rename(live, "mnt/new", "mnt/" LIB);
	live_expect(live, pid, STALE_LIB, "mnt/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_library_under_a_later_bind_mount_is_current(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB);

	live_own_mounts(live);
	live_lib(live, LIB, LIB, 'a');
	live_lib(live, "other", LIB, 'b');
	live_start(live, "map", path, "rx");
	live_mount(live, NULL, LIB, "other");
	free(path);
	live_assert(live);
}

static void a_library_is_not_judged_by_what_is_mounted_over_it(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, LIB ".2");

	live_own_mounts(live);
	live_lib(live, LIB ".2", LIB, 'a');
	live_copy(live, LIB ".2", LIB); /* the same build */
	live_lib(live, "other", LIB, 'b');
	live_start(live, "map", path, "rx");
	live_mount(live, NULL, LIB ".2", "other");
	free(path);
	live_assert(live);
}

static void a_library_in_a_folder_under_a_later_mount_is_current(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "d/" LIB);

	live_own_mounts(live);
	live_mkdir(live, "d");
	live_lib(live, "d/" LIB, LIB, 'a');
	live_start(live, "map", path, "rx");
	live_mount(live, "tmpfs", "d", NULL);
	free(path);
	live_assert(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_live_library_loaded_before_a_chroot_is_current),
		LIVE_TEST(a_library_loaded_before_a_chroot_is_deleted),
		LIVE_TEST(a_library_loaded_before_a_chroot_is_replaced),
		LIVE_TEST(a_library_loaded_before_a_chroot_and_rolled_back_is_current),
		LIVE_TEST(a_library_loaded_before_a_chroot_is_superseded),
		LIVE_TEST(
			a_library_loaded_before_a_chroot_is_one_file_with_that_of_others),
		LIVE_TEST(a_file_of_the_same_path_in_the_chroot_is_no_successor),
		LIVE_TEST(a_folder_that_only_begins_like_the_root_is_outside_of_it),
		LIVE_TEST(a_live_library_in_a_chroot_is_current),
		LIVE_TEST(a_library_in_a_chroot_is_deleted),
		LIVE_TEST(a_library_in_a_chroot_is_replaced),
		LIVE_TEST(a_library_in_a_chroot_is_superseded),
		LIVE_TEST(an_absolute_soname_link_is_followed_within_the_chroot),
		LIVE_TEST(scratch_is_told_relative_to_the_root_of_its_process),
		LIVE_TEST(a_library_on_a_lazily_unmounted_file_system_is_current),
		LIVE_TEST(
			a_library_deleted_before_its_file_system_was_unmounted_is_deleted),
		LIVE_TEST(a_library_on_a_mounted_file_system_is_replaced),
		LIVE_TEST(a_library_under_a_later_bind_mount_is_current),
		LIVE_TEST(a_library_is_not_judged_by_what_is_mounted_over_it),
		LIVE_TEST(a_library_in_a_folder_under_a_later_mount_is_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
