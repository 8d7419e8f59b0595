/*
 * live_turns.c - whose turn it is: which processes of users have to wait until root's are
 * done, and that none of them is forgotten.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "scan/worker.h"
#include "support/attack.h"

#define ROOTS "libroots.so"
#define USERS "libusers.so"
#define PLAIN "libcontrol.so.1"

/* Nothing stops it. */
static const _Atomic int never;

/* A scan by one worker, one process at a time. */
struct turns {
	struct stale_options opt;
	struct procfs fs;
	struct findings *findings;
	struct roots roots;
	struct verdicts verdicts;
	struct worker worker;
};

static void turns_init(struct turns *t, const struct stale_options *opt)
{
	struct worker_shared shared = {
		.opt = &t->opt,
		.fs = &t->fs,
		.roots = &t->roots,
		.verdicts = &t->verdicts,
	};

	t->opt = *opt;
	assert_int_equal(procfs_open(NULL, &t->fs), 0);
	assert_int_equal(findings_new(&t->findings), 0);
	assert_int_equal(roots_init(&t->roots, &t->fs, 0), 0);
	verdicts_init(&t->verdicts, t->findings, 0);
	shared.findings = t->findings;
	worker_init(&t->worker, &shared, 0);
}

static void turns_release(struct turns *t)
{
	worker_release(&t->worker);
	verdicts_release(&t->verdicts);
	roots_release(&t->roots);
	findings_free(t->findings);
	procfs_release(&t->fs);
}

/* Returns whether the process was put off. */
static bool waits(struct turns *t, pid_t pid)
{
	const size_t before = t->worker.later[OWNER_USER].n;
	const size_t scanned = atomic_load(&t->findings->scanned);

	assert_int_equal(worker_scan(&t->worker, pid), 0);
	assert_int_equal(t->worker.later[OWNER_SYSTEM].n, 0);
	assert_int_equal(t->worker.later[OWNER_USER].n - before +
				 atomic_load(&t->findings->scanned) - scanned,
			 1);
	return t->worker.later[OWNER_USER].n > before;
}

static pid_t start_mapper(struct live *live, const char *uid, const char *name)
{
	char *lib = live_path(live, name);
	pid_t pid = live_start(live, "setuid", uid, "map", lib, "rx")->pid;

	free(lib);
	return pid;
}

static size_t count_found(const struct turns *t)
{
	const struct found_proc *proc = atomic_load(&t->findings->procs);
	size_t n = 0;

	for (; proc; proc = proc->next)
		n++;
	return n;
}

static void users_wait_where_there_is_something_to_judge(void **state)
{
	struct live *live = *state;
	struct turns t = {0};
	pid_t root, user, same, clean;

	live_need_root(live);
	live_lib(live, ROOTS, NULL, 'a');
	live_lib(live, USERS, NULL, 'b');
	root = start_mapper(live, "0", ROOTS);
	same = start_mapper(live, ATTACK_USER, ROOTS);
	user = start_mapper(live, ATTACK_USER, USERS);
	clean = start_mapper(live, ATTACK_USER, PLAIN);
	live_unlink(live, ROOTS);
	live_unlink(live, USERS);
	turns_init(&t, &live->opt);
	waits(&t, live->processes[0].pid); /* root's: its names are judged from now on */
	row_number("root's", "waits", waits(&t, root), 0);
	row_number("what is judged", "waits", waits(&t, same), 0);
	row_number("what is new", "waits", waits(&t, user), 1);
	row_number("nothing", "waits", waits(&t, clean), 0);
	assert_int_equal(count_found(&t), 2);
	assert_int_equal(worker_finish(&t.worker, &never), 0);
	assert_int_equal(count_found(&t), 3);
	assert_int_equal(atomic_load(&t.findings->scanned), 5);
	turns_release(&t);
}

/* To read the arguments may take as long as the user likes. */
static void users_wait_where_arguments_are_wanted(void **state)
{
	struct live *live = *state;
	struct turns t = {0};
	pid_t root, same;

	live_need_root(live);
	live->opt.want_cmdline = true;
	live_lib(live, ROOTS, NULL, 'a');
	root = start_mapper(live, "0", ROOTS);
	same = start_mapper(live, ATTACK_USER, ROOTS);
	live_unlink(live, ROOTS);
	turns_init(&t, &live->opt);
	row_number("root's", "waits", waits(&t, root), 0);
	row_number("what is judged", "waits", waits(&t, same), 1);
	assert_int_equal(worker_finish(&t.worker, &never), 0);
	assert_int_equal(count_found(&t), 2);
	turns_release(&t);
}

static void users_wait_where_there_is_much_to_read(void **state)
{
	struct live *live = *state;
	struct turns t = {0};
	char *lib;
	pid_t few, many;

	live_need_root(live);
	lib = live_path(live, PLAIN);
	few = attack_start(live, "many", lib, "500")->pid;
	many = attack_start(live, "many", lib, "1500")->pid;
	free(lib);
	turns_init(&t, &live->opt);
	waits(&t, live->processes[0].pid);
	row_number("few", "waits", waits(&t, few), 0);
	row_number("many", "waits", waits(&t, many), 1);
	assert_int_equal(worker_finish(&t.worker, &never), 0);
	assert_int_equal(atomic_load(&t.findings->scanned), 3);
	turns_release(&t);
}

/* A library of the system that every test program has, and the holder has not. */
static char *find_systems(const struct live *live)
{
	static const char *const folders[] = {"/usr/lib/x86_64-linux-gnu", "/usr/lib64",
					      "/usr/lib/aarch64-linux-gnu", "/usr/lib"};
	struct stat root, st;
	char name[128], path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		snprintf(name, sizeof(name), "%s/libcmocka.so.0", folders[i]);
		if (realpath(name, path) && stat(path, &st) == 0 &&
		    stat("/", &root) == 0 && st.st_dev == root.st_dev)
			return strdup(path);
	}
	live_skip(live, "no libcmocka.so.0 below /usr on the device of /");
}

static void users_wait_for_no_file_of_the_system(void **state)
{
	struct live *live = *state;
	struct turns t = {0};
	pid_t user, copied;
	char *lib;

	live_need_root(live);
	lib = find_systems(live);
	live_copy(live, lib, "libcmocka.so.0.0.0");
	user = live_start(live, "setuid", ATTACK_USER, "map", lib, "rx")->pid;
	copied = start_mapper(live, ATTACK_USER, "libcmocka.so.0.0.0");
	turns_init(&t, &live->opt);
	waits(&t, live->processes[0].pid);
	row_number("the system's", "waits", waits(&t, user), 0);
	row_number("his own", "waits", waits(&t, copied), 1);
	turns_release(&t);
	free(lib);
}

/* A user's process with something to judge: put off. */
static void put_one_off(struct turns *t, struct live *live)
{
	pid_t user;

	live_need_root(live);
	live_lib(live, USERS, NULL, 'b');
	user = start_mapper(live, ATTACK_USER, USERS);
	live_unlink(live, USERS);
	turns_init(t, &live->opt);
	row_number("what is new", "waits", waits(t, user), 1);
}

static void users_get_half_of_the_room(void **state)
{
	struct turns t = {0};

	put_one_off(&t, *state);
	atomic_store(&t.findings->used, t.findings->size / 2 + 4096);
	assert_int_equal(worker_finish(&t.worker, &never), 0);
	assert_int_equal(count_found(&t), 0);
	assert_int_equal(atomic_load(&t.findings->scanned), 0);
	assert_int_equal(atomic_load(&t.findings->failed), 1);
	assert_int_equal(atomic_load(&t.findings->error), ENOBUFS);
	atomic_store(&t.findings->used, t.findings->size / 2);
	assert_int_equal(worker_finish(&t.worker, &never), 0);
	assert_int_equal(count_found(&t), 1);
	turns_release(&t);
}

static void nobody_has_a_turn_after_an_error(void **state)
{
	const _Atomic int error = -ENOMEM;
	struct turns t = {0};

	put_one_off(&t, *state);
	assert_int_equal(worker_finish(&t.worker, &error), 0);
	assert_int_equal(atomic_load(&t.findings->scanned), 0);
	assert_int_equal(worker_finish(&t.worker, &never), 0);
	assert_int_equal(atomic_load(&t.findings->scanned), 1);
	turns_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(users_wait_where_there_is_something_to_judge),
		LIVE_TEST(users_wait_for_no_file_of_the_system),
		LIVE_TEST(users_wait_where_arguments_are_wanted),
		LIVE_TEST(users_wait_where_there_is_much_to_read),
		LIVE_TEST(users_get_half_of_the_room),
		LIVE_TEST(nobody_has_a_turn_after_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
