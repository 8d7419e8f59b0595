/*
 * agent_watches.c - which changes to a folder of code are heard, and which are not.
 */
#include "support/live.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/watches.h"

#define LIB "libx.so.1"

/* As it goes round a scan: prepared by one process, filled by its child, used by the
 * first.  Returns what watches_watch() did. */
static int watch_in_child(struct watches *watches, const char *const *list, size_t n)
{
	int status;
	pid_t pid;

	assert_int_equal(watches_prepare(watches), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(-watches_watch(watches, list, n));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static enum watches_change watch(struct watches *watches, const char *const *list,
				 size_t n)
{
	enum watches_change change;

	assert_int_equal(watch_in_child(watches, list, n), 0);
	assert_int_equal(watches_adopt(watches, &change), 0);
	assert_true(watches->fd >= 0);
	assert_int_equal(watches->next, -1);
	return change;
}

/* What is done to a folder. */
static void nothing(struct live *live)
{
	(void)live;
}

static void rename_over(struct live *live)
{
	live_lib(live, "new", LIB, 'b'); /* in the folder above */
	live_rename(live, "new", "d/" LIB);
}

static void rename_away(struct live *live)
{
	live_rename(live, "d/" LIB, "old");
}

static void rename_inside(struct live *live)
{
	live_rename(live, "d/" LIB, "d/old");
}

static void remove_lib(struct live *live)
{
	live_unlink(live, "d/" LIB);
}

static void add_link(struct live *live)
{
	live_symlink(live, LIB, "d/libx.so");
}

static void add_hard_link(struct live *live)
{
	live_link(live, "d/" LIB, "d/libx.so.1.dpkg-tmp");
}

static void move_folder(struct live *live)
{
	live_rename(live, "d", "e");
}

static void read_all(struct live *live)
{
	char *path = live_path(live, "d/" LIB);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char byte;
	void *at;

	assert_true(fd >= 0);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(fstat(fd, &st), 0);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	assert_true(at != MAP_FAILED);
	munmap(at, (size_t)st.st_size);
	close(fd);
	free(path);
}

static void write_into(struct live *live)
{
	char *path = live_path(live, "d/" LIB);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	free(path);
}

static void change_mode(struct live *live)
{
	char *path = live_path(live, "d/" LIB);

	assert_int_equal(chmod(path, 0700), 0);
	free(path);
}

static void change_elsewhere(struct live *live)
{
	live_text(live, "other", "");
	live_unlink(live, "other");
}

static struct change_row {
	const char *name;
	void (*change)(struct live *live);
	bool is_heard;
} rows[] = {
	{"an_untouched_folder_is_silent", nothing, false},
	{"a_rename_over_the_library_is_heard", rename_over, true},
	{"a_rename_out_of_the_folder_is_heard", rename_away, true},
	{"a_rename_inside_the_folder_is_heard", rename_inside, true},
	{"an_unlink_is_heard", remove_lib, true},
	{"a_new_symbolic_link_is_heard", add_link, true},
	{"a_new_hard_link_is_heard", add_hard_link, true},
	{"a_folder_that_moves_is_heard", move_folder, true},
	{"reading_and_running_is_silent", read_all, false},
	{"writing_into_a_file_is_silent", write_into, false},
	{"a_change_of_mode_is_silent", change_mode, false},
	{"what_happens_in_another_folder_is_silent", change_elsewhere, false},
};

static void run_row(void **state)
{
	struct live *live = *state;
	const struct change_row *row = live->row;
	struct watches watches;
	char *dir = live_path(live, "d");

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "d");
	live_lib(live, "d/" LIB, LIB, 'a');
	assert_int_equal(watch(&watches, (const char *const[]){dir}, 1), WATCHES_GREW);
	assert_false(watches_drain(&watches));
	row->change(live);
	row_number(row->name, "heard", watches_drain(&watches), row->is_heard);
	assert_false(watches_drain(&watches));
	watches_release(&watches);
	free(dir);
}

static void the_same_folders_keep_the_watches(void **state)
{
	struct live *live = *state;
	struct watches watches;
	char *a = live_path(live, "a"), *b = live_path(live, "b");
	int fd;

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	live_mkdir(live, "b");
	watch(&watches, (const char *const[]){a, b}, 2);
	fd = watches.fd;
	live_text(live, "a/x", "");
	assert_int_equal(watch(&watches, (const char *const[]){b, a}, 2), WATCHES_SAME);
	assert_int_equal(watches.fd, fd);
	assert_true(watches_drain(&watches)); /* what was heard is not lost */
	watches_release(&watches);
	free(a);
	free(b);
}

static void other_folders_get_other_watches(void **state)
{
	struct live *live = *state;
	struct watches watches;
	char *a = live_path(live, "a"), *b = live_path(live, "b");

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	live_mkdir(live, "b");
	assert_int_equal(watch(&watches, NULL, 0), WATCHES_FEWER);
	assert_int_equal(watch(&watches, (const char *const[]){a, b}, 2), WATCHES_GREW);
	assert_int_equal(watch(&watches, (const char *const[]){a}, 1), WATCHES_FEWER);
	live_text(live, "b/x", "");
	assert_false(watches_drain(&watches));
	assert_int_equal(watch(&watches, (const char *const[]){b}, 1), WATCHES_GREW);
	live_text(live, "a/x", "");
	assert_false(watches_drain(&watches));
	live_text(live, "b/y", "");
	assert_true(watches_drain(&watches));
	watches_release(&watches);
	free(a);
	free(b);
}

/* The inode may have the same number again. */
static void a_folder_that_is_made_anew_is_watched_anew(void **state)
{
	struct live *live = *state;
	struct watches watches;
	char *a = live_path(live, "a");

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	watch(&watches, (const char *const[]){a}, 1);
	assert_int_equal(rmdir(a), 0);
	live_mkdir(live, "a");
	assert_true(watches_drain(&watches));
	assert_int_equal(watch(&watches, (const char *const[]){a}, 1), WATCHES_GREW);
	live_text(live, "a/x", "");
	assert_true(watches_drain(&watches));
	assert_int_equal(watch(&watches, (const char *const[]){a}, 1), WATCHES_SAME);
	watches_release(&watches);
	free(a);
}

static void another_folder_by_the_same_name_is_watched_anew(void **state)
{
	struct live *live = *state;
	struct watches watches;
	char *a = live_path(live, "a");

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	watch(&watches, (const char *const[]){a}, 1);
	live_rename(live, "a", "old");
	live_mkdir(live, "a");
	assert_int_equal(watch(&watches, (const char *const[]){a}, 1), WATCHES_GREW);
	live_text(live, "a/x", "");
	assert_true(watches_drain(&watches));
	watches_release(&watches);
	free(a);
}

/* The child decides; what we hear meanwhile must not make us take what it left empty. */
static void a_watch_that_is_lost_during_the_scan_is_renewed_by_the_next(void **state)
{
	struct live *live = *state;
	struct watches watches;
	enum watches_change change;
	char *a = live_path(live, "a"), *b = live_path(live, "b");
	const char *const list[] = {a, b};

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	live_mkdir(live, "b");
	watch(&watches, list, 2);
	assert_int_equal(watch_in_child(&watches, list, 2), 0);
	assert_int_equal(rmdir(b), 0);
	live_mkdir(live, "b");
	assert_true(watches_drain(&watches));
	assert_int_equal(watches_adopt(&watches, &change), 0);
	assert_int_equal(change, WATCHES_SAME);
	live_text(live, "a/x", "");
	assert_true(watches_drain(&watches));
	assert_int_equal(watch(&watches, list, 2), WATCHES_GREW);
	live_text(live, "b/x", "");
	assert_true(watches_drain(&watches));
	watches_release(&watches);
	free(a);
	free(b);
}

static void what_is_no_folder_is_left_out(void **state)
{
	struct live *live = *state;
	struct watches watches;
	char *gone = live_path(live, "gone"), *file = live_path(live, "file");
	char *link = live_path(live, "link"), *a = live_path(live, "a");
	char scratch[] = "/tmp/agent_watches.XXXXXX";

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	live_mkdir(live, "target");
	live_text(live, "file", "");
	live_symlink(live, "target", "link");
	assert_non_null(mkdtemp(scratch));
	watch(&watches, (const char *const[]){gone, file, link, scratch, a}, 5);
	assert_int_equal(watches.nknown, 1);
	assert_int_equal(rmdir(scratch), 0);
	live_text(live, "target/x", "");
	assert_false(watches_drain(&watches));
	live_text(live, "a/x", "");
	assert_true(watches_drain(&watches));
	watches_release(&watches);
	free(gone);
	free(file);
	free(link);
	free(a);
}

static void more_events_than_fit_are_heard(void **state)
{
	struct live *live = *state;
	struct watches watches;
	char *a = live_path(live, "a"), *x = live_path(live, "a/x");

	assert_int_equal(watches_init(&watches), 0);
	live_mkdir(live, "a");
	watch(&watches, (const char *const[]){a}, 1);
	for (int i = 0; i < 20000; i++) {
		int fd = open(x, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

		assert_true(fd >= 0);
		close(fd);
		assert_int_equal(unlink(x), 0);
	}
	assert_true(watches_drain(&watches));
	while (watches_drain(&watches))
		;
	live_text(live, "a/y", "");
	assert_true(watches_drain(&watches));
	watches_release(&watches);
	free(a);
	free(x);
}

static void limit(const char *what, const char *value)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/user/%s", what);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		_exit(100);
	close(fd);
}

/* In a user namespace of its own, whose limits are its own, too. */
static int run_out(const char *what, const char *value, const char *const *list, size_t n)
{
	struct watches watches;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int rc;

		if (unshare(CLONE_NEWUSER) < 0 || watches_init(&watches) < 0)
			_exit(100);
		limit(what, value);
		rc = watches_prepare(&watches);
		_exit(rc < 0 ? -rc : -watches_watch(&watches, list, n));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void watches_and_instances_that_run_out_are_told(void **state)
{
	struct live *live = *state;
	char *a = live_path(live, "a"), *b = live_path(live, "b");
	const char *const list[] = {a, b};
	int enough;

	live_mkdir(live, "a");
	live_mkdir(live, "b");
	enough = run_out("max_inotify_watches", "2", list, 2);
	if (enough == 100)
		live_skip(live, "no user namespaces");
	assert_int_equal(enough, 0);
	assert_int_equal(run_out("max_inotify_watches", "1", list, 2), ENOSPC);
	assert_int_equal(run_out("max_inotify_instances", "0", list, 2), EMFILE);
	free(a);
	free(b);
}

static void folders_of_scratch_are_told_by_their_path(void **state)
{
	static const struct {
		const char *path;
		bool is_scratch;
	} paths[] = {
		{"/tmp", true},
		{"/tmp/x", true},
		{"/tmpx", false},
		{"/var/tmp/a/b", true},
		{"/var/tmp.old", false},
		{"/var", false},
		{"/dev/shm", true},
		{"/dev", false},
		{"/run/user/1000", true},
		{"/var/run/x", true},
		{"/usr/lib", false},
		{"/home/tmp", false},
		{"/", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		row_number(paths[i].path, "scratch", watches_is_scratch(paths[i].path),
			   paths[i].is_scratch);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		LIVE_TEST(the_same_folders_keep_the_watches),
		LIVE_TEST(other_folders_get_other_watches),
		LIVE_TEST(a_folder_that_is_made_anew_is_watched_anew),
		LIVE_TEST(another_folder_by_the_same_name_is_watched_anew),
		LIVE_TEST(a_watch_that_is_lost_during_the_scan_is_renewed_by_the_next),
		LIVE_TEST(what_is_no_folder_is_left_out),
		LIVE_TEST(more_events_than_fit_are_heard),
		LIVE_TEST(watches_and_instances_that_run_out_are_told),
		LIVE_TEST(folders_of_scratch_are_told_by_their_path),
	};
	struct CMUnitTest tests[ARRAY_LEN(rows) + ARRAY_LEN(others)];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] = (struct CMUnitTest)LIVE_ROW(run_row, &rows[i]);
	memcpy(tests + ARRAY_LEN(rows), others, sizeof(others));
	return _cmocka_run_group_tests("agent_watches", tests, ARRAY_LEN(tests), NULL,
				       NULL);
}
