/*
 * test_roots.c - roots and mounts, told apart and worked out once.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "scan/roots.h"
#include "tests/support/proctree.h"

static int folder_of(const struct proctree *tree)
{
	return open(tree->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void equal_roots_share_one_and_others_do_not(void **state)
{
	const char *const targets[] = {"/", "/srv/jail", "/", "/srv/jail2"};
	const uint32_t ids[] = {1, 2, 1, 3};
	const struct procfs fs = {.is_proc = false};
	struct roots roots;

	(void)state;
	roots_init(&roots, &fs);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		const struct root *root;
		struct proctree tree;
		int fd;

		proctree_init(&tree);
		proctree_link(&tree, "root", targets[i]);
		fd = folder_of(&tree);
		assert_int_equal(roots_find(&roots, fd, &root), 0);
		row_number(targets[i], "id", root->id, ids[i]);
		row_text(targets[i], "prefix", root->prefix.s, root->prefix.len,
			 targets[i]);
		assert_false(root->same_mounts);
		close(fd);
		proctree_release(&tree);
	}
	roots_release(&roots);
}

/* By a chroot into the mount namespace of another, a process gives its root any name. */
static void roots_of_one_name_are_told_apart_by_what_they_are(void **state)
{
	const struct procfs fs = {.is_proc = true};
	struct proctree trees[2];
	uint32_t ids[2] = {0, 0};
	struct roots roots;

	(void)state;
	roots_init(&roots, &fs);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const struct root *root;
		int fd;

		proctree_init(&trees[i]);
		proctree_link(&trees[i], "root", ".");
		fd = folder_of(&trees[i]);
		assert_int_equal(roots_find(&roots, fd, &root), 0);
		assert_int_equal(root->prefix.len, 1);
		ids[i] = root->id;
		assert_int_equal(roots_find(&roots, fd, &root), 0);
		assert_int_equal(root->id, ids[i]);
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_LEN(trees); i++)
		proctree_release(&trees[i]);
	assert_int_not_equal(ids[0], ids[1]);
	roots_release(&roots);
}

static void own_process_is_in_our_own_mounts(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	struct roots roots;
	int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	roots_init(&roots, &fs);
	assert_int_equal(roots_find(&roots, fd, &root), 0);
	assert_true(root->same_mounts);
	assert_int_equal(root->prefix.len, 1);
	assert_int_equal(root->prefix.s[0], '/');
	close(fd);
	roots_release(&roots);
}

static void root_that_cannot_be_read_is_unknown(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	struct proctree tree;
	struct roots roots;
	int fd;

	(void)state;
	proctree_init(&tree);
	fd = folder_of(&tree);
	roots_init(&roots, &fs);
	assert_int_equal(roots_find(&roots, fd, &root), 0);
	assert_int_equal(root->prefix.len, 0);
	assert_false(root->same_mounts);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

static enum mountinfo_fs fs_of(struct roots *roots, int fd, uint64_t device)
{
	const struct root *root;
	enum mountinfo_fs fs;

	assert_int_equal(roots_find(roots, fd, &root), 0);
	assert_int_equal(roots_fs_of(root, fd, device, &fs), 0);
	return fs;
}

static void mounts_tell_what_comes_from_other_hosts(void **state)
{
	static const char mountinfo[] =
		"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		"garbage\n"
		"22 21 0:42 / /home rw shared:1 - nfs4 filer:/home rw\n"
		"23 21 0:43 / /mnt rw - fuse.sshfs host: rw";
	const struct procfs fs = {.is_proc = true};
	struct proctree tree;
	struct roots roots;
	int fd;

	(void)state;
	proctree_init(&tree);
	proctree_link(&tree, "root", "/");
	proctree_write(&tree, "mountinfo", mountinfo, sizeof(mountinfo) - 1);
	fd = folder_of(&tree);
	roots_init(&roots, &fs);
	assert_int_equal(fs_of(&roots, fd, UINT64_C(8) << 32 | 1), MOUNTINFO_LOCAL);
	assert_int_equal(fs_of(&roots, fd, 42), MOUNTINFO_NFS);
	assert_int_equal(fs_of(&roots, fd, 43), MOUNTINFO_REMOTE);
	assert_int_equal(fs_of(&roots, fd, 44), MOUNTINFO_LOCAL);
	/* Read once: what is there later is not seen in this scan. */
	proctree_write(&tree, "mountinfo", "", 0);
	assert_int_equal(fs_of(&roots, fd, 42), MOUNTINFO_NFS);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

static void device_is_taken_for_remote_while_mounts_are_unknown(void **state)
{
	const struct procfs fs = {.is_proc = true};
	struct proctree tree;
	struct roots roots;
	int fd;

	(void)state;
	proctree_init(&tree);
	proctree_link(&tree, "root", "/");
	fd = folder_of(&tree);
	roots_init(&roots, &fs);
	assert_int_equal(fs_of(&roots, fd, 42), MOUNTINFO_REMOTE);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

static void mounts_beyond_the_first_buffer_are_read(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const size_t lines = 4000;
	char *text = malloc(lines * 60 + 100);
	struct proctree tree;
	struct roots roots;
	size_t len = 0;
	int fd;

	(void)state;
	for (size_t i = 0; i < lines; i++)
		len += (size_t)sprintf(text + len, "%zu 1 8:1 / /m%zu rw - ext4 x rw\n",
				       i, i);
	len += (size_t)sprintf(text + len, "1 1 0:77 / /last rw - cifs x rw\n");
	proctree_init(&tree);
	proctree_link(&tree, "root", "/");
	proctree_write(&tree, "mountinfo", text, len);
	free(text);
	assert_true(len > 64 << 10);
	fd = folder_of(&tree);
	roots_init(&roots, &fs);
	assert_int_equal(fs_of(&roots, fd, 77), MOUNTINFO_REMOTE);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_roots_share_one_and_others_do_not),
		cmocka_unit_test(roots_of_one_name_are_told_apart_by_what_they_are),
		cmocka_unit_test(own_process_is_in_our_own_mounts),
		cmocka_unit_test(root_that_cannot_be_read_is_unknown),
		cmocka_unit_test(mounts_tell_what_comes_from_other_hosts),
		cmocka_unit_test(device_is_taken_for_remote_while_mounts_are_unknown),
		cmocka_unit_test(mounts_beyond_the_first_buffer_are_read),
	};

	return cmocka_run_group_tests_name("roots", tests, NULL, NULL);
}
