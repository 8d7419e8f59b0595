/*
 * live_hostile_roots.c - processes whose root is not what its name says: renamed, removed,
 * behind a symbolic link that leads to itself, on a file system that was unmounted, or of
 * another mount namespace than the process.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "test.h"

#define LIB  "libx.so.1"
#define JAIL "jail/" LIB

/* Where it is for who has his root in "jail". */
static const char at_top[] = "/" LIB;
static const char in_tmp[] = "/tmp/" LIB;

/* A process that has its root in "jail" and maps a library there. */
static pid_t start_in_jail(struct live *live)
{
	char *jail = live_path(live, "jail");
	pid_t pid;

	live_lib(live, JAIL, LIB, 'a');
	pid = live_start(live, "chroot", jail, "map", at_top, "rx")->pid;
	free(jail);
	return pid;
}

static pid_t start_in_folder(struct live *live)
{
	live_need_root(live);
	live_mkdir(live, "jail");
	return start_in_jail(live);
}

/* "jail" is a link to itself then, and the root has another name. */
static pid_t start_then_loop(struct live *live)
{
	pid_t pid = start_in_folder(live);

	live_rename(live, "jail", "aside");
	live_symlink(live, "jail", "jail");
	return pid;
}

static void a_live_library_in_a_root_behind_a_loop_is_current(void **state)
{
	start_then_loop(*state);
	live_assert(*state);
}

static void a_library_in_a_root_behind_a_loop_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_then_loop(live);

	live_unlink(live, "aside/" LIB);
	live_expect(live, pid, STALE_LIB, "aside/" LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_in_a_root_behind_a_loop_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = start_then_loop(live);

	live_lib(live, "aside/new", LIB, 'b');
	live_rename(live, "aside/new", "aside/" LIB);
	live_expect(live, pid, STALE_LIB, "aside/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_library_in_a_removed_root_behind_a_loop_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_in_folder(live);

	live_unlink(live, JAIL);
	assert_int_equal(unlinkat(live->dirfd, "jail", AT_REMOVEDIR), 0);
	live_symlink(live, "jail", "jail");
	live_expect(live, pid, STALE_LIB, JAIL, STALE_DELETED);
	live_assert(live);
}

/* What took its place cannot be looked up. */
static void a_library_whose_name_is_a_loop_now_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_in_folder(live);

	live_unlink(live, JAIL);
	live_symlink(live, "other", JAIL);
	live_symlink(live, LIB, "jail/other");
	live_expect(live, pid, STALE_LIB, JAIL, STALE_DELETED);
	live_assert(live);
}

/* A process in a root on a tmpfs that is nowhere in the tree of mounts any more; files in
 * it are named by outside(). */
static pid_t start_then_detach(struct live *live, const char *type)
{
	pid_t pid;

	live_own_mounts(live);
	live_mkdir(live, "jail");
	live_mkdir(live, "bound");
	live_mount(live, type, "jail", type ? NULL : "bound");
	pid = start_in_jail(live);
	assert_int_equal(umount2(live->mounts[0], MNT_DETACH), 0);
	return pid;
}

/* A path in the root of a process, owned by the caller. */
static char *outside(pid_t pid, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "/proc/%d/root/%s", pid, name) > 0);
	return path;
}

static void replace_in(const struct live *live, pid_t pid, const char *name)
{
	char *new = outside(pid, "new"), *old = outside(pid, name);

	live_lib(live, new, LIB, 'b');
	live_rename(live, new, old);
	free(new);
	free(old);
}

static void unlink_in(const struct live *live, pid_t pid, const char *name)
{
	char *path = outside(pid, name);

	live_unlink(live, path);
	free(path);
}

static void a_live_library_in_a_detached_root_is_current(void **state)
{
	start_then_detach(*state, "tmpfs");
	live_assert(*state);
}

static void a_library_in_a_detached_root_is_deleted(void **state)
{
	struct live *live = *state;
	pid_t pid = start_then_detach(live, "tmpfs");

	unlink_in(live, pid, LIB);
	live_expect(live, pid, STALE_LIB, "/" LIB, STALE_DELETED);
	live_assert(live);
}

static void a_library_in_a_detached_root_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = start_then_detach(live, "tmpfs");

	replace_in(live, pid, LIB);
	live_expect(live, pid, STALE_LIB, "/" LIB, STALE_REPLACED);
	live_assert(live);
}

static void a_library_in_a_detached_bind_mount_is_replaced(void **state)
{
	struct live *live = *state;
	pid_t pid = start_then_detach(live, NULL);

	replace_in(live, pid, LIB);
	live_expect(live, pid, STALE_LIB, "/" LIB, STALE_REPLACED);
	live_assert(live);
}

/* Its own /tmp is scratch, whatever else is called so. */
static void scratch_in_a_detached_root_is_ignored(void **state)
{
	struct live *live = *state;
	char *jail = live_path(live, "jail");
	pid_t pid;

	live_own_mounts(live);
	live_mkdir(live, "jail");
	live_mount(live, "tmpfs", "jail", NULL);
	live_mkdir(live, "jail/tmp");
	live_lib(live, "jail/tmp/" LIB, LIB, 'a');
	pid = live_start(live, "chroot", jail, "map", in_tmp, "rx")->pid;
	assert_int_equal(umount2(live->mounts[0], MNT_DETACH), 0);
	unlink_in(live, pid, "tmp/" LIB);
	live_expect_ignored(live, pid, "/tmp/" LIB, "temporary");
	free(jail);
	live_assert(live);
}

/* A mount namespace of its own with a tmpfs in "inside", where LIB is. */
static struct live_process *start_space(struct live *live)
{
	char *inside = live_path(live, "inside");
	struct live_process *space;
	char *path;

	live_need_root(live);
	live_mkdir(live, "inside");
	space = live_start(live, "mntns", "mount", "tmpfs", inside, "");
	assert_true(asprintf(&path, "/proc/%d/root%s/" LIB, space->pid, inside) > 0);
	live_lib(live, path, LIB, 'a');
	free(path);
	free(inside);
	return space;
}

/* "inside/LIB" in that namespace, seen by all.  Owned by the caller. */
static char *in_space(const struct live *live, const struct live_process *space,
		      const char *name)
{
	char *path;

	assert_true(asprintf(&path, "/proc/%d/root%s/inside/%s", space->pid, live->dir,
			     name) > 0);
	return path;
}

static void unlink_inside(const struct live *live, const struct live_process *space)
{
	char *path = in_space(live, space, LIB);

	live_unlink(live, path);
	free(path);
}

static void replace_inside(const struct live *live, const struct live_process *space)
{
	char *new = in_space(live, space, "new"), *old = in_space(live, space, LIB);

	live_lib(live, new, LIB, 'b');
	live_rename(live, new, old);
	free(new);
	free(old);
}

/* In our mount namespace, with the root of the space. */
static pid_t start_in_root_of(struct live *live, const struct live_process *space)
{
	char *lib = live_path(live, "inside/" LIB);
	char *root;
	pid_t pid;

	assert_true(asprintf(&root, "/proc/%d/root", space->pid) > 0);
	pid = live_start(live, "chroot", root, "map", lib, "rx")->pid;
	free(root);
	free(lib);
	return pid;
}

/* In the space, as all that is in there. */
static pid_t start_in_space(struct live *live, const struct live_process *space)
{
	char *lib = live_path(live, "inside/" LIB);
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", space->pid);
	pid = live_start(live, "join", number, "map", lib, "rx")->pid;
	free(lib);
	return pid;
}

/* In a mount namespace of its own, with our root. */
static pid_t start_with_our_root(struct live *live, const char *lib)
{
	char *helper = live_built("tests/helper_hostile");
	char *holder = live_built("tests/holder");
	pid_t pid = live_spawn(live, helper,
			       (const char *const[]){"own-root", holder, "map", lib, "rx",
						     NULL})
			    ->pid;

	free(helper);
	free(holder);
	return pid;
}

static ino_t namespace_of(const char *process)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", process);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static uint64_t root_of(const char *process)
{
	char path[64];
	struct statx stx;

	snprintf(path, sizeof(path), "/proc/%s/root", process);
	assert_int_equal(statx(AT_FDCWD, path, 0, STATX_MNT_ID, &stx), 0);
	return (stx.stx_mask & STATX_MNT_ID) ? stx.stx_mnt_id : 0;
}

/* Else the attack is none. */
static void check_place(pid_t pid, bool is_our_namespace, bool is_our_root)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	row_number("place", "is in our namespace",
		   namespace_of(number) == namespace_of("self"), is_our_namespace);
	row_number("place", "has our root", root_of(number) == root_of("self"),
		   is_our_root);
}

static void a_live_library_in_the_root_of_another_namespace_is_current(void **state)
{
	struct live *live = *state;

	check_place(start_in_root_of(live, start_space(live)), true, false);
	live_assert(live);
}

static void a_library_in_the_root_of_another_namespace_is_replaced(void **state)
{
	struct live *live = *state;
	const struct live_process *space = start_space(live);
	pid_t pid = start_in_root_of(live, space);

	replace_inside(live, space);
	live_expect(live, pid, STALE_LIB, "inside/" LIB, STALE_REPLACED);
	live_assert(live);
}

/* Both are of one root, but for the mount namespace. */
static void a_file_of_ours_is_no_successor_in_the_root_of_another_namespace(void **state)
{
	struct live *live = *state;
	const struct live_process *space = start_space(live);
	pid_t pid = start_in_root_of(live, space);

	live_expect(live, pid, STALE_LIB, "inside/" LIB, STALE_DELETED);
	live_expect(live, start_in_space(live, space), STALE_LIB, "inside/" LIB,
		    STALE_DELETED);
	live_lib(live, "inside/" LIB, LIB, 'b');
	unlink_inside(live, space);
	live_assert(live);
}

/* Both have their root in "jail", in the mounts of the space; but what the other has mapped
 * before is outside of it, and none of ours. */
static void who_has_a_root_in_another_namespace_decides_nothing_there(void **state)
{
	struct live *live = *state;
	const struct live_process *space = start_space(live);
	char *lib = live_path(live, "inside/" LIB), *jail = live_path(live, "jail");
	char *root, number[16];
	pid_t attacker, pid;

	live_mkdir(live, "jail");
	assert_true(asprintf(&root, "/proc/%d/root%s", space->pid, jail) > 0);
	attacker = live_start(live, "chroot", root)->pid;
	check_place(attacker, true, false);
	snprintf(number, sizeof(number), "%d", space->pid);
	pid = live_start(live, "join", number, "map", lib, "rx", "chroot", jail)->pid;
	live_lib(live, "inside/" LIB, LIB, 'b');
	unlink_inside(live, space);
	live_expect(live, pid, STALE_LIB, "inside/" LIB, STALE_DELETED);
	free(root);
	free(jail);
	free(lib);
	live_assert(live);
}

static void a_live_library_of_our_root_in_another_namespace_is_current(void **state)
{
	struct live *live = *state;
	char *lib = live_path(live, LIB);

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	check_place(start_with_our_root(live, lib), false, true);
	free(lib);
	live_assert(live);
}

static void a_library_of_our_root_in_another_namespace_is_replaced(void **state)
{
	struct live *live = *state;
	char *lib = live_path(live, LIB);
	pid_t pid;

	live_need_root(live);
	live_lib(live, LIB, LIB, 'a');
	pid = start_with_our_root(live, lib);
	free(lib);
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_REPLACED);
	live_assert(live);
}

/* The file of the space, taken out of it by one who has our root: looked up there it would
 * be replaced by what we put in its place, also for those to whom it is deleted. */
static void who_has_our_root_decides_nothing_for_another_namespace(void **state)
{
	struct live *live = *state;
	const struct live_process *space = start_space(live);
	char *lib = in_space(live, space, LIB);
	pid_t attacker = start_with_our_root(live, lib);

	free(lib);
	check_place(attacker, false, true);
	live_expect(live, attacker, STALE_LIB, "inside/" LIB, STALE_REPLACED);
	live_expect(live, start_in_space(live, space), STALE_LIB, "inside/" LIB,
		    STALE_DELETED);
	live_lib(live, "inside/" LIB, LIB, 'b');
	unlink_inside(live, space);
	live_assert(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_live_library_in_a_root_behind_a_loop_is_current),
		LIVE_TEST(a_library_in_a_root_behind_a_loop_is_deleted),
		LIVE_TEST(a_library_in_a_root_behind_a_loop_is_replaced),
		LIVE_TEST(a_library_in_a_removed_root_behind_a_loop_is_deleted),
		LIVE_TEST(a_library_whose_name_is_a_loop_now_is_deleted),
		LIVE_TEST(a_live_library_in_the_root_of_another_namespace_is_current),
		LIVE_TEST(a_library_in_the_root_of_another_namespace_is_replaced),
		LIVE_TEST(
			a_file_of_ours_is_no_successor_in_the_root_of_another_namespace),
		LIVE_TEST(who_has_a_root_in_another_namespace_decides_nothing_there),
		LIVE_TEST(a_live_library_of_our_root_in_another_namespace_is_current),
		LIVE_TEST(a_library_of_our_root_in_another_namespace_is_replaced),
		LIVE_TEST(who_has_our_root_decides_nothing_for_another_namespace),
		LIVE_TEST(a_live_library_in_a_detached_root_is_current),
		LIVE_TEST(a_library_in_a_detached_root_is_deleted),
		LIVE_TEST(a_library_in_a_detached_root_is_replaced),
		LIVE_TEST(a_library_in_a_detached_bind_mount_is_replaced),
		LIVE_TEST(scratch_in_a_detached_root_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
