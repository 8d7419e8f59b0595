/*
 * live_attacks_forge.c - a local user cannot make the check report another process's file:
 * what he shows under root's names stays his own, and changes nothing of what is told of
 * root's processes.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/livescan.h"
#include "test.h"

#define USER 65534
/* In both folders: the user deletes the first, root the second. */
#define GONE "gone.so"
#define LIVE "live.so"

struct forged {
	pid_t attacker, current, stale; /* the last two are root's */
	char *over, *folder;            /* owned; root's and the user's */
};

static char *make_folder(struct live *live, const char *name, uid_t uid)
{
	static const char *const libs[] = {GONE, LIVE};
	char *path = live_path(live, name);

	live_mkdir(live, name);
	for (size_t i = 0; i < ARRAY_LEN(libs); i++) {
		char lib[64];

		snprintf(lib, sizeof(lib), "%s/%s", name, libs[i]);
		live_lib(live, lib, NULL, 'a');
	}
	assert_int_equal(chown(path, uid, uid), 0);
	return path;
}

static pid_t start_roots(struct live *live, const char *name)
{
	char *lib = live_path(live, name);
	pid_t pid = live_start(live, "map", lib, "rx")->pid;

	free(lib);
	return pid;
}

static struct forged start_forged(struct live *live)
{
	char *helper = live_built("tests/helper_attacks");
	struct live_process *attacker;
	struct forged forged;

	live_need_root(live);
	forged.over = make_folder(live, "roots", 0);
	forged.folder = make_folder(live, "users", USER);
	attacker = live_spawn(live, helper,
			      (const char *const[]){"65534", "names", forged.over,
						    forged.folder, GONE, LIVE, NULL});
	attacker->endless = true;
	forged.attacker = attacker->pid;
	forged.current = start_roots(live, "roots/" GONE);
	forged.stale = start_roots(live, "roots/" LIVE);
	live_unlink(live, "roots/" LIVE);
	free(helper);
	return forged;
}

static void forged_release(struct forged *forged)
{
	free(forged->over);
	free(forged->folder);
}

/* Its root is ours, and its mounts are not. */
static void expect_root_of_host(pid_t pid)
{
	char path[64], root[PATH_MAX];
	struct stat ours, theirs;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	n = readlink(path, root, sizeof(root));
	assert_true(n == 1 && root[0] == '/');
	assert_int_equal(stat(path, &theirs), 0);
	assert_int_equal(stat("/", &ours), 0);
	assert_true(ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	assert_int_equal(stat(path, &theirs), 0);
	assert_int_equal(stat("/proc/self/ns/mnt", &ours), 0);
	assert_true(ours.st_ino != theirs.st_ino);
}

static void look(struct live *live, const struct stale_report *report,
		 const struct forged *forged)
{
	const struct stale_proc *proc = livecheck_find(report, forged->attacker);
	char *gone = live_path(live, "roots/" GONE),
	     *lost = live_path(live, "roots/" LIVE);

	/* The name is root's, the process is not: that is the attack. */
	assert_non_null(proc);
	assert_int_equal(proc->uid, USER);
	assert_int_equal(proc->nfiles, 1);
	assert_string_equal(proc->files[0].path, gone);
	/* Root's file of that name is live; the other is gone, whoever shows one. */
	assert_null(livecheck_find(report, forged->current));
	proc = livecheck_find(report, forged->stale);
	assert_non_null(proc);
	assert_int_equal(proc->nfiles, 1);
	assert_string_equal(proc->files[0].path, lost);
	assert_int_equal(proc->files[0].why, STALE_DELETED);
	assert_int_equal(proc->uid, 0);
	free(gone);
	free(lost);
}

static void a_file_under_the_name_of_roots_is_the_users(void **state)
{
	static const enum stale_method methods[] = {STALE_METHOD_AUTO, STALE_METHOD_MAPS};
	struct live *live = *state;
	struct forged forged = start_forged(live);

	expect_root_of_host(forged.attacker);
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		struct stale_report *report = livescan(live, methods[i]);

		look(live, report, &forged);
		stale_report_free(report);
	}
	forged_release(&forged);
}

/* What a process calls itself is shown; who asks for root's does not get it. */
static void a_process_under_the_name_of_roots_is_the_users(void **state)
{
	static const uid_t root = 0;
	struct live *live = *state;
	struct stale_report *report;
	const struct stale_proc *proc;
	char *lib, *exe;
	pid_t pid;

	live_need_root(live);
	lib = live_path(live, GONE);
	exe = live_path(live, "sshd");
	live_lib(live, GONE, NULL, 'a');
	live_program(live, "sshd", "tests/holder", 0);
	pid = live_spawn(live, exe,
			 (const char *const[]){"setuid", "65534", "comm", "sshd", "map",
					       lib, "rx", NULL})
		      ->pid;
	live_unlink(live, GONE);
	report = livescan(live, STALE_METHOD_AUTO);
	proc = livescan_proc(report, pid);
	assert_string_equal(proc->comm, "sshd");
	assert_int_equal(proc->uid, USER);
	stale_report_free(report);
	live->opt.select = (struct stale_selection){.uids = &root, .nuids = 1};
	report = livescan(live, STALE_METHOD_AUTO);
	assert_null(livecheck_find(report, pid));
	assert_int_equal(stale_report_info(report)->scanned, 1); /* the control */
	stale_report_free(report);
	free(lib);
	free(exe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_file_under_the_name_of_roots_is_the_users),
		LIVE_TEST(a_process_under_the_name_of_roots_is_the_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
