/*
 * test_lookup.c - where names lead, within a root that is not ours.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/lookup.h"
#include "tests/support/proctree.h"

#define NAME(s) ((struct name){(s), strlen(s)})

/* A folder that plays the root of a process: /lib/real, and links to it. */
static struct proctree jail;

static int setup(void **state)
{
	char path[256];

	(void)state;
	proctree_init(&jail);
	snprintf(path, sizeof(path), "%s/lib", jail.path);
	mkdir(path, 0755);
	proctree_write(&jail, "lib/real", "x", 1);
	proctree_link(&jail, "lib/absolute", "/lib/real");
	proctree_link(&jail, "lib/relative", "../lib/real");
	proctree_link(&jail, "lib/escape", "../../../../lib/real");
	proctree_link(&jail, "lib/loop", "loop");
	proctree_link(&jail, "lib/gone", "/lib/nothing");
	proctree_link(&jail, "lib/magic", "/proc/self/exe");
	snprintf(path, sizeof(path), "%s/lib/fifo", jail.path);
	return mkfifo(path, 0600);
}

static int teardown(void **state)
{
	(void)state;
	proctree_release(&jail);
	return 0;
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static uint64_t jail_inode(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", jail.path, path);
	return inode_of(full);
}

/* The inode that a name leads to, or -errno. */
static int64_t leads_to(const struct lookup_root *root, const char *path)
{
	struct lookup_stat st;
	int fd = lookup_open(root, NAME(path));
	int rc;

	if (fd < 0)
		return fd;
	rc = lookup_stat(fd, "", &st);
	close(fd);
	return rc < 0 ? rc : (int64_t)st.inode;
}

static void names_are_resolved_within_the_root(void **state)
{
	const struct row {
		const char *path;
		int error; /* 0: leads to the real file */
	} rows[] = {
		{"/jail/lib/real", 0},          {"/jail/lib/absolute", 0},
		{"/jail/lib/relative", 0},      {"/jail/lib/escape", 0},
		{"/jail//lib///real", 0},       {"/jail/lib/gone", -ENOENT},
		{"/jail/lib/nothing", -ENOENT}, {"/jail/lib/real/below", -ENOTDIR},
		{"/jail/lib/loop", -ELOOP},     {"/jail/lib/magic", -ENOENT},
		{"/jailor/lib/real", -EXDEV},   {"/lib/real", -EXDEV},
	};
	const struct lookup_root root = {
		.prefix = NAME("/jail"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_number(rows[i].path, "leads to", leads_to(&root, rows[i].path),
			   rows[i].error ? rows[i].error
					 : (int64_t)jail_inode("/lib/real"));
	close(root.rootfd);
}

static void path_outside_of_the_root_is_one_of_ours_in_the_same_mounts(void **state)
{
	struct lookup_root root = {
		.prefix = NAME("/jail"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.same_mounts = true,
	};

	(void)state;
	assert_int_equal(leads_to(&root, "/etc/passwd"), inode_of("/etc/passwd"));
	assert_int_equal(leads_to(&root, "etc/passwd"), -EXDEV);
	root.same_mounts = false;
	assert_int_equal(leads_to(&root, "/etc/passwd"), -EXDEV);
	close(root.rootfd);
	/* An unknown root: only with same_mounts could the name mean anything. */
	root.rootfd = -1;
	assert_int_equal(leads_to(&root, "/jail/lib/real"), -EXDEV);
}

static void link_itself_is_opened_on_request(void **state)
{
	const struct lookup_root root = {
		.prefix = NAME("/"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	struct lookup_stat st;
	int fd = lookup_open_link(&root, NAME("/lib/absolute"));

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(lookup_stat(fd, "", &st), 0);
	assert_true(S_ISLNK(st.mode));
	close(fd);
	close(root.rootfd);
}

/* A chain of folders deeper than PATH_MAX, with a file at its end. */
static size_t make_deep(char *path)
{
	char name[201];
	size_t len = 0;
	int at = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'd', 200);
	name[200] = '\0';
	for (int i = 0; i < 30; i++) {
		int next;

		assert_int_equal(mkdirat(at, name, 0755), 0);
		next = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(at);
		at = next;
		len += (size_t)sprintf(path + len, "/%s", name);
	}
	close(openat(at, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	close(at);
	return len + (size_t)sprintf(path + len, "/file");
}

static void path_longer_than_path_max_is_walked(void **state)
{
	char path[30 * 201 + 8];
	const struct lookup_root root = {
		.prefix = NAME("/"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	size_t len = make_deep(path);

	(void)state;
	assert_true(len > 4096);
	assert_true(leads_to(&root, path) > 0);
	path[len - 1] = 'X';
	assert_int_equal(leads_to(&root, path), -ENOENT);
	close(root.rootfd);
}

static void one_component_longer_than_path_max_is_refused(void **state)
{
	char path[6000];
	const struct lookup_root root = {
		.prefix = NAME("/"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(leads_to(&root, path), -ENAMETOOLONG);
	close(root.rootfd);
}

static void only_regular_files_are_opened_for_reading(void **state)
{
	const struct lookup_root root = {
		.prefix = NAME("/"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	int file = lookup_open(&root, NAME("/lib/real"));
	int fifo = lookup_open(&root, NAME("/lib/fifo"));
	int folder = lookup_open(&root, NAME("/lib"));
	int fd = lookup_reopen(file);
	char byte = 0;

	(void)state;
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(lookup_reopen(fifo), -EINVAL);
	assert_int_equal(lookup_reopen(folder), -EINVAL);
	close(fd);
	close(file);
	close(fifo);
	close(folder);
	close(root.rootfd);
}

static void files_of_the_kernel_are_not_read(void **state)
{
	const struct lookup_root root = {
		.prefix = NAME("/"),
		.rootfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	int version = lookup_open(&root, NAME("/proc/version"));

	(void)state;
	assert_true(version >= 0);
	assert_int_equal(lookup_reopen(version), -EINVAL);
	close(version);
	close(root.rootfd);
}

/* From here on openat2 fails with error, as on old kernels and in some sandboxes. */
static int forbid_openat2(unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {ARRAY_LEN(filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void kernel_without_openat2_still_finds_plain_names(void **state)
{
	const unsigned errors[] = {ENOSYS, EPERM};
	const struct lookup_root root = {
		.prefix = NAME("/"),
		.rootfd = open(jail.path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	const int64_t want = (int64_t)jail_inode("/lib/real");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			_exit(forbid_openat2(errors[i]) < 0              ? 2
			      : leads_to(&root, "/lib/relative") != want ? 3
			      : leads_to(&root, "/lib/x") != -ENOENT     ? 4
									 : 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		row_number("child", "status", status, 0);
	}
	close(root.rootfd);
}

static void stat_tells_birth_change_and_links(void **state)
{
	struct lookup_stat st;
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/lib/real", jail.path);
	assert_int_equal(lookup_stat(-1, path, &st), 0);
	assert_int_equal(st.inode, inode_of(path));
	assert_true(S_ISREG(st.mode));
	assert_int_equal(st.nlink, 1);
	assert_int_equal(st.uid, geteuid());
	assert_true(st.ctime_ns > INT64_C(1700000000) * 1000000000);
	assert_true(st.birth_ns == 0 || st.birth_ns <= st.ctime_ns);
	assert_int_equal(lookup_stat(-1, "/does/not/exist", &st), -ENOENT);
	snprintf(path, sizeof(path), "%s/lib/gone", jail.path);
	assert_int_equal(lookup_stat(-1, path, &st), -ENOENT);
}

/* Its owner may say so of a file, and nanoseconds have no room for it. */
static void times_too_far_for_nanoseconds_are_as_far_as_can_be(void **state)
{
	const int64_t century_ns = INT64_C(3153600000) * 1000000000;
	const struct timespec far[2] = {{.tv_sec = INT64_C(14000000000)},
					{.tv_sec = INT64_C(14000000000)}};
	struct lookup_stat st;
	struct stat kept;
	char path[300];

	(void)state;
	proctree_write(&jail, "lib/future", "x", 1);
	snprintf(path, sizeof(path), "%s/lib/future", jail.path);
	assert_int_equal(utimensat(AT_FDCWD, path, far, 0), 0);
	assert_int_equal(stat(path, &kept), 0);
	if (kept.st_mtim.tv_sec != far[1].tv_sec) {
		print_message("# skip %s: the file system keeps no such time\n",
			      __func__);
		skip();
	}
	assert_int_equal(lookup_stat(-1, path, &st), 0);
	assert_true(st.mtime_ns > century_ns);
	/* One may be taken from the other. */
	assert_true(st.mtime_ns <= INT64_MAX / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_resolved_within_the_root),
		cmocka_unit_test(
			path_outside_of_the_root_is_one_of_ours_in_the_same_mounts),
		cmocka_unit_test(link_itself_is_opened_on_request),
		cmocka_unit_test(path_longer_than_path_max_is_walked),
		cmocka_unit_test(one_component_longer_than_path_max_is_refused),
		cmocka_unit_test(only_regular_files_are_opened_for_reading),
		cmocka_unit_test(files_of_the_kernel_are_not_read),
		cmocka_unit_test(kernel_without_openat2_still_finds_plain_names),
		cmocka_unit_test(stat_tells_birth_change_and_links),
		cmocka_unit_test(times_too_far_for_nanoseconds_are_as_far_as_can_be),
	};

	return cmocka_run_group_tests_name("lookup", tests, setup, teardown);
}
