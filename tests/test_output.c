/*
 * test_output.c - a file is replaced as a whole or not at all.
 */
#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"

#define NOBODY 65534

static char dir[64];
static char message[256];

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_output.XXXXXX");
	memset(message, 0, sizeof(message));
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;

	(void)state;
	while (folder && (entry = readdir(folder)))
		unlinkat(dirfd(folder), entry->d_name,
			 entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	if (folder)
		closedir(folder);
	return rmdir(dir);
}

static const char *in_dir(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int put(const char *name, const char *text)
{
	return output_write(in_dir(name), text, strlen(text), message, sizeof(message));
}

static void expect_text(const char *name, const char *want)
{
	char text[256] = "";
	int fd = open(in_dir(name), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	close(fd);
	assert_string_equal(text, want);
}

/* Nothing but these is in the folder: no temporary file was left. */
static void expect_names(size_t want)
{
	DIR *folder = opendir(dir);
	size_t n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	assert_int_equal(n, want + 2);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(in_dir(name), &st), 0);
	return st.st_mode;
}

static void a_new_file_is_readable_whatever_the_umask(void **state)
{
	mode_t before = umask(077);

	(void)state;
	assert_int_equal(put("x.prom", "one\n"), 0);
	umask(0);
	assert_int_equal(put("y.prom", "two\n"), 0);
	umask(before);
	expect_text("x.prom", "one\n");
	expect_text("y.prom", "two\n");
	assert_int_equal(mode_of("x.prom"), S_IFREG | 0644);
	assert_int_equal(mode_of("y.prom"), S_IFREG | 0644);
	expect_names(2);
}

/* Who has the old file open goes on reading the old one. */
static void an_old_file_is_replaced_and_not_written_to(void **state)
{
	char text[16] = "";
	int fd;

	(void)state;
	assert_int_equal(put("x.prom", "old\n"), 0);
	assert_int_equal(chmod(in_dir("x.prom"), 0600), 0);
	fd = open(in_dir("x.prom"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(put("x.prom", "new\n"), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 4);
	close(fd);
	assert_string_equal(text, "old\n");
	expect_text("x.prom", "new\n");
	assert_int_equal(mode_of("x.prom"), S_IFREG | 0644);
	expect_names(1);
}

static void nothing_is_a_file_too(void **state)
{
	(void)state;
	assert_int_equal(put("x", ""), 0);
	expect_text("x", "");
}

static void a_name_without_a_folder_is_in_the_current_one(void **state)
{
	int cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(output_write("x", "1", 1, message, sizeof(message)), 0);
	assert_int_equal(fchdir(cwd), 0);
	close(cwd);
	expect_text("x", "1");
	expect_names(1);
}

static void the_longest_name_still_has_a_temporary_one(void **state)
{
	char name[NAME_MAX + 2];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[NAME_MAX] = '\0';
	assert_int_equal(put(name, "1"), 0);
	expect_text(name, "1");
	name[NAME_MAX] = 'x';
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(put(name, "1"), -ENAMETOOLONG);
	expect_names(1);
}

static void what_is_no_regular_file_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_dir("folder"), 0755), 0);
	assert_int_equal(put("folder", "1"), -EISDIR);
	assert_non_null(strstr(message, "folder': Is a directory, name a file"));
	assert_int_equal(put("folder/", "1"), -EISDIR);
	assert_int_equal(put("folder/..", "1"), -EISDIR);
	assert_int_equal(put(".", "1"), -EISDIR);
	assert_int_equal(mkfifo(in_dir("pipe"), 0644), 0);
	assert_int_equal(put("pipe", "1"), -EEXIST);
	assert_int_equal(symlink("/etc/passwd", in_dir("link")), 0);
	assert_int_equal(put("link", "1"), -EEXIST);
	assert_true(S_ISLNK(mode_of("link")));
	assert_true(S_ISFIFO(mode_of("pipe")));
	assert_non_null(strstr(message, "name a regular file"));
	expect_names(3);
}

static void a_missing_folder_is_told(void **state)
{
	char want[PATH_MAX + 100];

	(void)state;
	assert_int_equal(put("no/x.prom", "1"), -ENOENT);
	snprintf(want, sizeof(want),
		 "cannot write '%s': No such file or directory, make the folder first",
		 in_dir("no/x.prom"));
	assert_string_equal(message, want);
	assert_int_equal(output_write("", "1", 1, message, sizeof(message)), -EISDIR);
}

static void a_message_is_printable_and_keeps_its_size(void **state)
{
	(void)state;
	assert_int_equal(put("a\nb|c\033/x", "1"), -ENOENT);
	assert_non_null(strstr(message, "/a\\nb\\x7cc\\x1b/x'"));
	memset(message, 'm', sizeof(message));
	assert_int_equal(output_write("/no/x", "1", 1, message, 20), -ENOENT);
	assert_string_equal(message, "cannot write '/no/x");
	assert_int_equal(message[20], 'm');
	/* No escape is cut in two. */
	assert_int_equal(output_write("/no\n/x", "1", 1, message, 19), -ENOENT);
	assert_string_equal(message, "cannot write '/no");
	assert_int_equal(output_write("/no/x", "1", 1, NULL, 0), -ENOENT);
}

/* 4096 bytes fit, 8192 do not: a full file system looks the same. */
static int write_too_much(void)
{
	static const char bytes[8192] = {0};
	struct rlimit limit = {4096, 4096};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGXFSZ, &ignore, NULL);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return 1;
	return output_write(in_dir("x.prom"), bytes, sizeof(bytes), message,
			    sizeof(message)) == -EFBIG
		       ? 0
		       : 2;
}

/* As a user who may not write to the folder. */
static int write_as_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return 1;
	if (put("x.prom", "new\n") != -EACCES)
		return 2;
	return strstr(message, "write access to the folder") ? 0 : 3;
}

static int run_in_child(int (*f)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(f());
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void a_write_that_fails_leaves_the_old_file(void **state)
{
	(void)state;
	assert_int_equal(put("x.prom", "old\n"), 0);
	assert_int_equal(run_in_child(write_too_much), 0);
	expect_text("x.prom", "old\n");
	expect_names(1);
}

static void a_folder_of_others_is_told(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("# skip a_folder_of_others_is_told: not root\n");
		skip();
	}
	assert_int_equal(put("x.prom", "old\n"), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(run_in_child(write_as_nobody), 0);
	expect_text("x.prom", "old\n");
	expect_names(1);
}

static void a_folder_is_reached_through_links(void **state)
{
	static const struct {
		const char *target, *name;
		int rc;
	} rows[] = {
		{"folder", "near", 0},    {"./folder//", "odd", 0},
		{"near/", "twice", 0},    {"gone", "nowhere", -ENOENT},
		{"loop", "loop", -ELOOP}, {"x.prom", "file", -ENOTDIR},
	};
	char name[32], target[PATH_MAX];

	(void)state;
	assert_int_equal(mkdir(in_dir("folder"), 0755), 0);
	assert_int_equal(put("x.prom", "old\n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(symlink(rows[i].target, in_dir(rows[i].name)), 0);
		snprintf(name, sizeof(name), "%s/x.prom", rows[i].name);
		row_number(rows[i].name, "result", put(name, rows[i].name), rows[i].rc);
		if (rows[i].rc == 0)
			expect_text("folder/x.prom", rows[i].name);
	}
	snprintf(target, sizeof(target), "%s/folder", dir);
	assert_int_equal(symlink(target, in_dir("whole")), 0);
	assert_int_equal(put("whole/../folder/./x.prom", "whole"), 0);
	expect_text("folder/x.prom", "whole");
	assert_int_equal(unlink(in_dir("folder/x.prom")), 0);
}

/* Else the user would choose where root writes. */
static void no_link_of_another_user_leads_to_the_folder(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("# skip no_link_of_another_user_leads_to_the_folder: not "
			      "root\n");
		skip();
	}
	assert_int_equal(mkdir(in_dir("folder"), 0755), 0);
	assert_int_equal(symlink("folder", in_dir("roots")), 0);
	assert_int_equal(symlink("folder", in_dir("users")), 0);
	assert_int_equal(symlink("users", in_dir("both")), 0);
	assert_int_equal(lchown(in_dir("users"), NOBODY, NOBODY), 0);
	assert_int_equal(put("users/x.prom", "1"), -ELOOP);
	assert_non_null(strstr(message, "links of other users are not followed"));
	assert_int_equal(put("both/x.prom", "1"), -ELOOP);
	assert_int_equal(access(in_dir("folder/x.prom"), F_OK), -1);
	assert_int_equal(put("roots/x.prom", "1"), 0);
	expect_text("folder/x.prom", "1");
	assert_int_equal(unlink(in_dir("folder/x.prom")), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_is_readable_whatever_the_umask),
		TEST(an_old_file_is_replaced_and_not_written_to),
		TEST(nothing_is_a_file_too),
		TEST(a_name_without_a_folder_is_in_the_current_one),
		TEST(the_longest_name_still_has_a_temporary_one),
		TEST(what_is_no_regular_file_is_left_alone),
		TEST(a_missing_folder_is_told),
		TEST(a_message_is_printable_and_keeps_its_size),
		TEST(a_write_that_fails_leaves_the_old_file),
		TEST(a_folder_of_others_is_told),
		TEST(a_folder_is_reached_through_links),
		TEST(no_link_of_another_user_leads_to_the_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
