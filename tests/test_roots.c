/*
 * test_roots.c - roots and mounts, told apart and worked out once.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
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

/* A process in a live tree: its root is target. */
static int start(struct proctree *tree, const char *target)
{
	proctree_init(tree);
	proctree_link(tree, "root", target);
	return folder_of(tree);
}

static const struct root *find(struct roots *roots, int fd)
{
	const struct root *root = NULL;

	assert_int_equal(roots_find(roots, fd, &root), 0);
	return root;
}

static void roots_are_told_apart_by_what_they_are(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const struct root *found[2];
	struct proctree trees[2];
	struct roots roots;

	(void)state;
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		int fd = start(&trees[i], ".");

		found[i] = find(&roots, fd);
		row_text("tree", "prefix", found[i]->prefix.s, found[i]->prefix.len,
			 trees[i].path);
		assert_ptr_equal(find(&roots, fd), found[i]);
		assert_false(found[i]->same_mounts);
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_LEN(trees); i++)
		proctree_release(&trees[i]);
	assert_int_not_equal(found[0]->id, found[1]->id);
	roots_release(&roots);
}

/* The same folder, for a process in another mount namespace, is another root. */
static void roots_are_told_apart_by_their_namespace(void **state)
{
	const struct procfs fs = {.is_proc = true};
	struct proctree jail, trees[2];
	const struct root *found[2];
	struct roots roots;

	(void)state;
	proctree_init(&jail);
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		int fd = start(&trees[i], jail.path);

		proctree_mkdir(&trees[i], "ns");
		proctree_write(&trees[i], "ns/mnt", "", 0);
		found[i] = find(&roots, fd);
		assert_ptr_equal(find(&roots, fd), found[i]);
		close(fd);
	}
	assert_int_not_equal(found[0]->id, found[1]->id);
	assert_int_not_equal(found[0]->namespace, found[1]->namespace);
	assert_true(lookup_mark_is(&found[0]->self, &found[1]->self));
	for (size_t i = 0; i < ARRAY_LEN(trees); i++)
		proctree_release(&trees[i]);
	proctree_release(&jail);
	roots_release(&roots);
}

/*
 * A process in another mount namespace may have our root, and then say of its mounts what
 * it likes; as the first of a scan it would say it for all.
 */
static void our_own_root_is_taken_from_ourselves(void **state)
{
	static const char mountinfo[] = "22 21 0:4242 / /home rw - nfs4 filer:/home rw\n";
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	struct proctree tree;
	struct roots roots;
	enum mountinfo_fs kind;
	int fd = start(&tree, "/");

	(void)state;
	proctree_mkdir(&tree, "ns");
	proctree_write(&tree, "ns/mnt", "", 0);
	proctree_write(&tree, "mountinfo", mountinfo, sizeof(mountinfo) - 1);
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	root = find(&roots, fd);
	assert_ptr_equal(root, roots.own);
	assert_int_equal(root->id, 1);
	assert_true(root->same_mounts);
	assert_true(root->fd >= 0);
	assert_int_equal(roots_fs_of(root, fd, 4242, &kind), 0);
	assert_int_equal(kind, MOUNTINFO_LOCAL);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

/* Else what is found in one root would be told of another. */
static void root_that_is_left_between_two_looks_is_not_opened(void **state)
{
	static const char *const targets[] = {"b", "/"};
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	struct proctree tree;
	struct roots roots;
	char path[128];
	int opened, fd = start(&tree, "a");

	(void)state;
	proctree_mkdir(&tree, "a");
	proctree_mkdir(&tree, "b");
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	root = find(&roots, fd);
	opened = roots_open(root, fd);
	assert_true(opened >= 0);
	close(opened);
	snprintf(path, sizeof(path), "%s/root", tree.path);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		assert_int_equal(unlink(path), 0);
		proctree_link(&tree, "root", targets[i]);
		row_number(targets[i], "opened", roots_open(root, fd), -EAGAIN);
	}
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

/* One process that ends while it is named must not take the name from all others. */
static void root_that_cannot_be_named_is_not_remembered_by_its_mark(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	struct proctree tree;
	struct roots roots;
	int fd = start(&tree, "file");

	(void)state;
	proctree_write(&tree, "file", "", 0); /* not to be opened as a folder */
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	root = find(&roots, fd);
	assert_int_equal(root->prefix.len, 0);
	assert_int_equal(root->self.inode, 0);
	assert_int_equal(root->namespace, 0);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

#define CROWD 200

struct crowd {
	struct roots roots;
	int fds[CROWD];
	uint32_t ids[2][CROWD];
};

struct visitor {
	struct crowd *crowd;
	uint32_t *ids;
};

static void *visit_all(void *arg)
{
	struct visitor *v = arg;

	for (size_t i = 0; i < CROWD; i++) {
		const struct root *root;
		enum mountinfo_fs kind;

		if (roots_find(&v->crowd->roots, v->crowd->fds[i], &root) == 0 &&
		    roots_fs_of(root, v->crowd->fds[i], 1, &kind) == 0)
			v->ids[i] = root->id;
	}
	return NULL;
}

static void two_threads_find_the_same_roots(void **state)
{
	const struct procfs fs = {.is_proc = true};
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	struct visitor visitors[2] = {{crowd, crowd->ids[0]}, {crowd, crowd->ids[1]}};
	struct proctree trees[CROWD];
	pthread_t thread;

	(void)state;
	for (size_t i = 0; i < CROWD; i++) {
		crowd->fds[i] = start(&trees[i], i % 10 ? "." : "/");
		proctree_write(&trees[i], "mountinfo", "", 0);
	}
	assert_int_equal(roots_init(&crowd->roots, &fs, 4711), 0);
	assert_int_equal(pthread_create(&thread, NULL, visit_all, &visitors[0]), 0);
	visit_all(&visitors[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < CROWD; i++) {
		row_number(trees[i].path, "id", crowd->ids[0][i], crowd->ids[1][i]);
		assert_true(crowd->ids[0][i] >= 1 && crowd->ids[0][i] <= CROWD);
		close(crowd->fds[i]);
		proctree_release(&trees[i]);
	}
	roots_release(&crowd->roots);
	free(crowd);
}

static void own_process_is_in_our_own_mounts(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	struct roots roots;
	int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
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
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
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
		"23 21 0:43 / /mnt rw - fuse.sshfs host: rw\n"
		"24 21 0:7 / /share rw - cifs //host/share rw";
	const struct procfs fs = {.is_proc = true};
	struct proctree tree;
	struct roots roots;
	int fd;

	(void)state;
	proctree_init(&tree);
	proctree_link(&tree, "root", ".");
	proctree_write(&tree, "mountinfo", mountinfo, sizeof(mountinfo) - 1);
	fd = folder_of(&tree);
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	assert_int_equal(fs_of(&roots, fd, UINT64_C(8) << 32 | 1), MOUNTINFO_LOCAL);
	assert_int_equal(fs_of(&roots, fd, 42), MOUNTINFO_NFS);
	assert_int_equal(fs_of(&roots, fd, 43), MOUNTINFO_REMOTE);
	assert_int_equal(fs_of(&roots, fd, 44), MOUNTINFO_LOCAL);
	assert_int_equal(fs_of(&roots, fd, 7), MOUNTINFO_REMOTE);
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
	proctree_link(&tree, "root", ".");
	proctree_mkdir(&tree, "mountinfo");
	fd = folder_of(&tree);
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	assert_int_equal(fs_of(&roots, fd, 42), MOUNTINFO_REMOTE);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

static void process_at_its_end_says_nothing_of_the_mounts_of_others(void **state)
{
	const struct procfs fs = {.is_proc = true};
	const struct root *root;
	enum mountinfo_fs kind;
	struct proctree tree;
	struct roots roots;
	int fd;

	(void)state;
	proctree_init(&tree);
	proctree_link(&tree, "root", ".");
	fd = folder_of(&tree);
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	assert_int_equal(roots_find(&roots, fd, &root), 0);
	assert_int_equal(roots_fs_of(root, fd, 42, &kind), -ESRCH);
	proctree_write(&tree, "mountinfo", "", 0);
	assert_int_equal(fs_of(&roots, fd, 42), MOUNTINFO_LOCAL);
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
	proctree_link(&tree, "root", ".");
	proctree_write(&tree, "mountinfo", text, len);
	free(text);
	assert_true(len > 64 << 10);
	fd = folder_of(&tree);
	assert_int_equal(roots_init(&roots, &fs, 4711), 0);
	assert_int_equal(fs_of(&roots, fd, 77), MOUNTINFO_REMOTE);
	close(fd);
	roots_release(&roots);
	proctree_release(&tree);
}

/* Else who makes many roots, with many mounts, would make a scan last for ever. */
static void mounts_of_many_roots_are_read_up_to_a_limit(void **state)
{
	static const enum mountinfo_fs want[] = {MOUNTINFO_LOCAL, MOUNTINFO_LOCAL,
						 MOUNTINFO_REMOTE};
	const size_t size = 1536 << 10;
	const struct procfs fs = {.is_proc = true};
	struct proctree trees[ARRAY_LEN(want)];
	char *mountinfo = malloc(size);
	struct roots roots;

	(void)state;
	assert_non_null(mountinfo);
	memset(mountinfo, 'x', size);
	assert_int_equal(roots_init(&roots, &fs, 1), 0);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		int fd;

		proctree_init(&trees[i]);
		proctree_link(&trees[i], "root", ".");
		proctree_write(&trees[i], "mountinfo", mountinfo, size);
		fd = folder_of(&trees[i]);
		row_number("root", "file system", fs_of(&roots, fd, 8), want[i]);
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		proctree_release(&trees[i]);
	roots_release(&roots);
	free(mountinfo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_of_many_roots_are_read_up_to_a_limit),
		cmocka_unit_test(equal_roots_share_one_and_others_do_not),
		cmocka_unit_test(roots_are_told_apart_by_what_they_are),
		cmocka_unit_test(roots_are_told_apart_by_their_namespace),
		cmocka_unit_test(our_own_root_is_taken_from_ourselves),
		cmocka_unit_test(root_that_is_left_between_two_looks_is_not_opened),
		cmocka_unit_test(root_that_cannot_be_named_is_not_remembered_by_its_mark),
		cmocka_unit_test(two_threads_find_the_same_roots),
		cmocka_unit_test(own_process_is_in_our_own_mounts),
		cmocka_unit_test(root_that_cannot_be_read_is_unknown),
		cmocka_unit_test(mounts_tell_what_comes_from_other_hosts),
		cmocka_unit_test(device_is_taken_for_remote_while_mounts_are_unknown),
		cmocka_unit_test(process_at_its_end_says_nothing_of_the_mounts_of_others),
		cmocka_unit_test(mounts_beyond_the_first_buffer_are_read),
	};

	return cmocka_run_group_tests_name("roots", tests, NULL, NULL);
}
