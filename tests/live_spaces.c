/*
 * live_spaces.c - processes in namespaces of their own: a private /tmp, files that exist
 * only inside, overlayfs as containers have it, user namespaces.
 *
 * Each has a first process that makes the space and stays clean in it; its files are
 * written through /proc/PID/root, and then a second process joins and maps one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "test.h"

#define LIB "libx.so.1"

/* The path that name (below the folder of the case) has in a space, seen from outside.
 * Owned by the caller. */
static char *within(const struct live *live, const struct live_process *space,
		    const char *name)
{
	char *path;

	assert_true(asprintf(&path, "/proc/%d/root%s/%s", space->pid, live->dir, name) >
		    0);
	return path;
}

static void lib_within(const struct live *live, const struct live_process *space,
		       const char *name, char build)
{
	char *path = within(live, space, name);

	live_lib(live, path, LIB, build);
	free(path);
}

static void unlink_within(const struct live *live, const struct live_process *space,
			  const char *name)
{
	char *path = within(live, space, name);

	live_unlink(live, path);
	free(path);
}

static void rename_within(const struct live *live, const struct live_process *space,
			  const char *from, const char *to)
{
	char *old = within(live, space, from);
	char *new = within(live, space, to);

	live_rename(live, old, new);
	free(old);
	free(new);
}

/* A process that joins a space and maps name (absolute, or below our folder). */
static pid_t join(struct live *live, const struct live_process *space, const char *name)
{
	char *path = live_path(live, name);
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", space->pid);
	pid = live_start(live, "join", number, "map", path, "rx")->pid;
	free(path);
	return pid;
}

static struct live_process *space_with_private_tmp(struct live *live)
{
	live_need_root(live);
	return live_start(live, "mntns", "mount", "tmpfs", "/tmp", "");
}

static void a_live_library_beside_a_private_tmp_is_current(void **state)
{
	struct live *live = *state;

	live_lib(live, LIB, LIB, 'a');
	join(live, space_with_private_tmp(live), LIB);
	live_assert(live);
}

static void a_library_beside_a_private_tmp_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = join(live, space_with_private_tmp(live), LIB);
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_beside_a_private_tmp_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	live_lib(live, "new", LIB, 'b');
	pid = join(live, space_with_private_tmp(live), LIB);
	live_rename(live, "new", LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_REPLACED);
	live_assert(live);
}

/* Makes /tmp/NAME in a private /tmp; returns the path from outside, owned. */
static char *lib_in_private_tmp(const struct live *live, const struct live_process *space)
{
	char *path;

	assert_true(asprintf(&path, "/proc/%d/root/tmp/" LIB, space->pid) > 0);
	live_lib(live, path, LIB, 'a');
	return path;
}

static void a_live_library_in_a_private_tmp_is_current(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_private_tmp(live);

	free(lib_in_private_tmp(live, space));
	join(live, space, "/tmp/" LIB);
	live_assert(live);
}

static void a_library_unlinked_in_a_private_tmp_is_ignored(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_private_tmp(live);
	char *path = lib_in_private_tmp(live, space);
	pid_t pid = join(live, space, "/tmp/" LIB);

	live_unlink(live, path);
	live_expect_ignored(live, pid, "/tmp/" LIB, "temporary");
	free(path);
	live_assert(live);
}

/* A file system at "inside" that only the space has; outside it is an empty folder. */
static struct live_process *space_with_inside(struct live *live)
{
	char *inside = live_path(live, "inside");
	struct live_process *space;

	live_need_root(live);
	live_mkdir(live, "inside");
	space = live_start(live, "mntns", "mount", "tmpfs", inside, "");
	lib_within(live, space, "inside/" LIB, 'a');
	free(inside);
	return space;
}

static void a_live_library_that_exists_only_inside_is_current(void **state)
{
	struct live *live = *state;

	join(live, space_with_inside(live), "inside/" LIB);
	live_assert(live);
}

static void a_library_that_existed_only_inside_is_deleted(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_inside(live);
	pid_t pid = join(live, space, "inside/" LIB);

	unlink_within(live, space, "inside/" LIB);
	live_expect(live, pid, STALE_LIB, "inside/" LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_that_existed_only_inside_is_replaced(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_inside(live);
	pid_t pid = join(live, space, "inside/" LIB);

	lib_within(live, space, "inside/new", 'b');
	rename_within(live, space, "inside/new", "inside/" LIB);
	live_expect(live, pid, STALE_LIB, "inside/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_library_inside_that_was_rolled_back_is_current(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_inside(live);
	char *old = within(live, space, "inside/" LIB);
	char *aside = within(live, space, "inside/aside");

	join(live, space, "inside/" LIB);
	live_link(live, old, aside);
	live_unlink(live, old);
	live_rename(live, aside, old);
	free(old);
	free(aside);
	live_assert(live);
}

static void a_library_inside_is_superseded(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_inside(live);
	pid_t pid = join(live, space, "inside/" LIB);

	rename_within(live, space, "inside/" LIB, "inside/" LIB ".old");
	lib_within(live, space, "inside/" LIB, 'b');
	live_expect(live, pid, STALE_LIB, "inside/" LIB ".old", STALE_SUPERSEDED);
	live_assert(live);
}

static void a_file_of_the_same_path_outside_is_no_successor(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_inside(live);
	pid_t pid = join(live, space, "inside/" LIB);

	live_lib(live, "inside/" LIB, LIB, 'b'); /* on our side of the mount */
	unlink_within(live, space, "inside/" LIB);
	live_expect(live, pid, STALE_LIB, "inside/" LIB, STALE_DELETED);
	live_assert(live);
}

/* An overlay at ov/merged with a library in its lower layer, which may be on a file
 * system of its own: then the devices in maps and of stat(2) are not the same. */
static struct live_process *space_with_layers(struct live *live, const char *lib,
					      bool is_split)
{
	static const char *const folders[] = {"ov/lower", "ov/upper", "ov/work",
					      "ov/merged"};
	struct live_process *space;
	char *ov = live_path(live, "ov");
	char *lower = live_path(live, "ov/lower");
	char *merged = live_path(live, "ov/merged");
	char *options;

	live_need_root(live);
	live_mkdir(live, "ov");
	space = live_start(live, "mntns", "mount", "tmpfs", ov, "");
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = within(live, space, folders[i]);

		live_mkdir(live, path);
		free(path);
	}
	if (is_split)
		live_step(live, space, "mount", "tmpfs", lower, "");
	lib_within(live, space, lib, 'a');
	assert_true(asprintf(&options,
			     "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work", ov,
			     ov, ov) > 0);
	live_step(live, space, "mount", "overlay", merged, options);
	free(options);
	free(merged);
	free(lower);
	free(ov);
	return space;
}

static struct live_process *space_with_overlay(struct live *live)
{
	return space_with_layers(live, "ov/lower/" LIB, false);
}

/* Opening for writing copies a file of the lower layer up. */
static void copy_up(const struct live *live, const struct live_process *space)
{
	char *path = within(live, space, "ov/merged/" LIB);
	char *upper = within(live, space, "ov/upper/" LIB);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(access(upper, F_OK), 0);
	free(path);
	free(upper);
}

static void a_live_library_on_overlayfs_is_current(void **state)
{
	struct live *live = *state;

	join(live, space_with_overlay(live), "ov/merged/" LIB);
	live_assert(live);
}

static void a_library_under_a_whiteout_is_deleted(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_overlay(live);
	pid_t pid = join(live, space, "ov/merged/" LIB);

	unlink_within(live, space, "ov/merged/" LIB);
	/* The inode of the lower layer is left alone, so that nothing tells the time. */
	live_expect(live, pid, STALE_LIB, "ov/merged/" LIB, STALE_DELETED)->since_source =
		STALE_SINCE_UNKNOWN;
	live_assert(live);
}

static void a_library_on_overlayfs_is_replaced(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_overlay(live);
	pid_t pid = join(live, space, "ov/merged/" LIB);

	lib_within(live, space, "ov/merged/new", 'b');
	rename_within(live, space, "ov/merged/new", "ov/merged/" LIB);
	live_expect(live, pid, STALE_LIB, "ov/merged/" LIB, STALE_REPLACED)
		->since_source = STALE_SINCE_SUCCESSOR_BIRTH;
	live_assert(live);
}

static void a_library_that_was_copied_up_is_current(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_overlay(live);

	join(live, space, "ov/merged/" LIB);
	copy_up(live, space);
	live_assert(live);
}

static void a_library_that_was_copied_up_and_removed_is_deleted(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_overlay(live);
	pid_t pid = join(live, space, "ov/merged/" LIB);

	copy_up(live, space);
	unlink_within(live, space, "ov/merged/" LIB);
	live_expect(live, pid, STALE_LIB, "ov/merged/" LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_of_the_upper_layer_is_replaced(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_overlay(live);
	pid_t pid;

	copy_up(live, space);
	pid = join(live, space, "ov/merged/" LIB);
	lib_within(live, space, "ov/merged/new", 'b');
	rename_within(live, space, "ov/merged/new", "ov/merged/" LIB);
	live_expect(live, pid, STALE_LIB, "ov/merged/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_live_file_named_deleted_is_current_whatever_its_device(void **state)
{
	struct live *live = *state;

	join(live, space_with_layers(live, "ov/lower/" LIB " (deleted)", true),
	     "ov/merged/" LIB " (deleted)");
	live_assert(live);
}

static void a_library_of_a_lower_layer_of_its_own_is_deleted(void **state)
{
	struct live *live = *state;
	const struct live_process *space = space_with_layers(live, "ov/lower/" LIB, true);
	pid_t pid = join(live, space, "ov/merged/" LIB);

	unlink_within(live, space, "ov/merged/" LIB);
	live_expect(live, pid, STALE_LIB, "ov/merged/" LIB, STALE_DELETED)->since_source =
		STALE_SINCE_UNKNOWN;
	live_assert(live);
}

static pid_t start_in_user_namespace(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = live_start(live, "userns", "map", path, "rx")->pid;
	free(path);
	return pid;
}

static void a_live_library_in_a_user_namespace_is_current(void **state)
{
	start_in_user_namespace(*state);
	live_assert(*state);
}

static void a_library_in_a_user_namespace_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_in_user_namespace(live);

	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_in_a_user_namespace_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = start_in_user_namespace(live);

	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_REPLACED);
	live_assert(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_live_library_beside_a_private_tmp_is_current),
		LIVE_TEST(a_library_beside_a_private_tmp_is_deleted),
		LIVE_TEST(a_library_beside_a_private_tmp_is_replaced),
		LIVE_TEST(a_live_library_in_a_private_tmp_is_current),
		LIVE_TEST(a_library_unlinked_in_a_private_tmp_is_ignored),
		LIVE_TEST(a_live_library_that_exists_only_inside_is_current),
		LIVE_TEST(a_library_that_existed_only_inside_is_deleted),
		LIVE_TEST(a_library_that_existed_only_inside_is_replaced),
		LIVE_TEST(a_library_inside_that_was_rolled_back_is_current),
		LIVE_TEST(a_library_inside_is_superseded),
		LIVE_TEST(a_file_of_the_same_path_outside_is_no_successor),
		LIVE_TEST(a_live_library_on_overlayfs_is_current),
		LIVE_TEST(a_library_under_a_whiteout_is_deleted),
		LIVE_TEST(a_library_on_overlayfs_is_replaced),
		LIVE_TEST(a_library_that_was_copied_up_is_current),
		LIVE_TEST(a_library_that_was_copied_up_and_removed_is_deleted),
		LIVE_TEST(a_library_of_the_upper_layer_is_replaced),
		LIVE_TEST(a_live_file_named_deleted_is_current_whatever_its_device),
		LIVE_TEST(a_library_of_a_lower_layer_of_its_own_is_deleted),
		LIVE_TEST(a_live_library_in_a_user_namespace_is_current),
		LIVE_TEST(a_library_in_a_user_namespace_is_deleted),
		LIVE_TEST(a_library_in_a_user_namespace_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
