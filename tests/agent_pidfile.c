/*
 * agent_pidfile.c - one daemon at a time, and a file that says which.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/pidfile.h"

static char dir[] = "/tmp/agent_pidfile.XXXXXX";
static char path[64];
static char message[256];

static int setup(void **state)
{
	(void)state;
	memset(dir + strlen(dir) - 6, 'X', 6);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pid", dir);
	message[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(dir);
	return 0;
}

static int create(struct pidfile *ret)
{
	return pidfile_create(path, ret, message, sizeof(message));
}

static const char *contents(void)
{
	static char text[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static void the_number_is_written_and_the_file_removed(void **state)
{
	struct pidfile pidfile = PIDFILE_INIT;
	char want[16];

	(void)state;
	snprintf(want, sizeof(want), "%d\n", (int)getpid());
	assert_int_equal(create(&pidfile), 0);
	assert_string_equal(contents(), want);
	assert_int_equal(fcntl(pidfile.fd, F_GETFD), FD_CLOEXEC);
	pidfile_remove(&pidfile);
	assert_int_equal(access(path, F_OK), -1);
	pidfile_remove(&pidfile); /* again: nothing */
}

/* Returns what pidfile_create() says in another process; 0 to 255, positive. */
static int create_elsewhere(void)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct pidfile pidfile;
		char want[128];
		int rc;

		untouched_init(&pidfile, sizeof(pidfile));
		rc = create(&pidfile);
		snprintf(want, sizeof(want), "already runs as %d (%s)", (int)getppid(),
			 path);
		if (rc == -EBUSY &&
		    (strcmp(message, want) != 0 || !untouched(&pidfile, sizeof(pidfile))))
			_exit(255);
		_exit(-rc);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_second_one_is_refused_and_told_who_runs(void **state)
{
	struct pidfile pidfile;

	(void)state;
	assert_int_equal(create(&pidfile), 0);
	assert_int_equal(create_elsewhere(), EBUSY);
	pidfile_remove(&pidfile);
	assert_int_equal(create_elsewhere(), 0);
}

/* Whoever may read a file that a crash left behind may lock it for reading. */
static void a_lock_of_a_reader_keeps_nobody_from_starting(void **state)
{
	struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	struct pidfile pidfile;
	int fd;

	(void)state;
	assert_int_equal(create(&pidfile), 0);
	close(pidfile.fd); /* without its removal, as a crash does */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETLK, &whole), 0);
	assert_int_equal(create_elsewhere(), 0);
	close(fd);
}

static void a_file_left_behind_is_taken(void **state)
{
	struct pidfile pidfile;
	char want[16];
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	fputs("4194303 and much more than that\n", file);
	fclose(file);
	snprintf(want, sizeof(want), "%d\n", (int)getpid());
	assert_int_equal(create(&pidfile), 0);
	assert_string_equal(contents(), want);
	pidfile_remove(&pidfile);
}

/* A worker that hangs in the kernel must not keep the next daemon from its start. */
static void a_child_that_lives_on_does_not_hold_the_lock(void **state)
{
	struct pidfile pidfile;
	int wait[2];
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(wait, O_CLOEXEC), 0);
	assert_int_equal(create(&pidfile), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(wait[1]);
		_exit(read(wait[0], &c, 1) != 0); /* with the descriptor still open */
	}
	pidfile_remove(&pidfile);
	assert_int_equal(create_elsewhere(), 0);
	close(wait[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(wait[0]);
}

static void links_and_other_things_are_refused(void **state)
{
	struct pidfile pidfile;
	char target[64];

	(void)state;
	untouched_init(&pidfile, sizeof(pidfile));
	snprintf(target, sizeof(target), "%.40s/target", dir);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(create(&pidfile), -ELOOP);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(create(&pidfile), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(create(&pidfile), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_true(untouched(&pidfile, sizeof(pidfile)));
	assert_non_null(strstr(message, path));
}

static void a_missing_folder_is_told(void **state)
{
	struct pidfile pidfile;

	(void)state;
	snprintf(path, sizeof(path), "%s/none/pid", dir);
	assert_int_equal(create(&pidfile), -ENOENT);
	assert_non_null(strstr(message, "No such file"));
}

static void another_file_of_the_name_is_left_alone(void **state)
{
	struct pidfile pidfile;
	FILE *file;

	(void)state;
	assert_int_equal(create(&pidfile), 0);
	assert_int_equal(unlink(path), 0);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("1\n", file);
	fclose(file);
	pidfile_remove(&pidfile);
	assert_string_equal(contents(), "1\n");
}

/* Fills it to the last byte, and one file more: there is no room for a page. */
static void fill(void)
{
	static const char page[4096];
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s/full", dir);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
}

/* In a child, for its mounts.  0: as it should be, 1: not, 2: not allowed to try. */
static int try_full_disk(void)
{
	struct pidfile pidfile = PIDFILE_INIT;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=4k") < 0)
		return 2;
	fill();
	return create(&pidfile) != -ENOSPC || pidfile.fd != -1 ||
	       !strstr(message, "No space left") || access(path, F_OK) == 0;
}

static void a_full_disk_is_an_error_and_leaves_no_file(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_full_disk());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2) {
		print_message("# skip a_full_disk_is_an_error_and_leaves_no_file: "
			      "no mounts of our own\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define PIDFILE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIDFILE_TEST(the_number_is_written_and_the_file_removed),
		PIDFILE_TEST(a_second_one_is_refused_and_told_who_runs),
		PIDFILE_TEST(a_lock_of_a_reader_keeps_nobody_from_starting),
		PIDFILE_TEST(a_file_left_behind_is_taken),
		PIDFILE_TEST(a_child_that_lives_on_does_not_hold_the_lock),
		PIDFILE_TEST(links_and_other_things_are_refused),
		PIDFILE_TEST(a_missing_folder_is_told),
		PIDFILE_TEST(another_file_of_the_name_is_left_alone),
		PIDFILE_TEST(a_full_disk_is_an_error_and_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
