/*
 * live_hostile_states.c - processes that are held in the middle of something, or that are
 * root only where they say so themselves.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/liveplugin.h"
#include "support/livescan.h"
#include "test.h"

#define LIB    "libx.so.1"
#define NOBODY "65534"

static pid_t start_stale(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_lib(live, LIB, NULL, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	free(path);
	return pid;
}

/* The second letter behind the name: /proc/PID/stat. */
static char state_of(pid_t pid)
{
	char path[64], stat[512];
	const char *after;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	assert_true(n > 0);
	stat[n] = '\0';
	after = strrchr(stat, ')');
	assert_non_null(after);
	return after[2];
}

static void a_stopped_process_is_read(void **state)
{
	struct live *live = *state;
	pid_t pid = start_stale(live);

	/* It does not hear that its input ends. */
	live->processes[live->nprocesses - 1].endless = true;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	assert_int_equal(state_of(pid), 'T');
	live_assert(live);
}

struct held_row {
	const char *name;
	const char *mode;
	bool is_exe; /* what is stale */
	char state;
};

static void a_held_process_is_read(void **state)
{
	struct live *live = *state;
	const struct held_row *row = live->row;
	const char *file = row->is_exe ? "daemon" : LIB;
	char *helper = live_built("tests/helper_traced");
	char *path = live_path(live, file);
	pid_t pid;

	if (row->is_exe)
		live_program(live, file, "tests/holder", 0);
	else
		live_lib(live, file, NULL, 'a');
	pid = live_spawn(live, helper, (const char *const[]){row->mode, path, NULL})->pid;
	row_number(row->name, "state", state_of(pid), row->state);
	live_assert(live); /* nothing is stale yet */
	live_unlink(live, file);
	live_expect(live, pid, row->is_exe ? STALE_EXE : STALE_LIB, file, STALE_DELETED);
	live_assert(live);
	free(helper);
	free(path);
}

static void both_are_read_while_one_waits_for_its_vfork(void **state)
{
	struct live *live = *state;
	char *helper = live_built("tests/helper_traced");
	char *path = live_path(live, LIB);
	const struct live_process *process;
	pid_t child;

	live_lib(live, LIB, NULL, 'a');
	process = live_spawn(live, helper, (const char *const[]){"vfork", path, NULL});
	child = (pid_t)live_step(live, process, "who");
	assert_int_not_equal(child, process->pid);
	assert_int_equal(state_of(process->pid), 'D');
	live_watch(live, child);
	live_unlink(live, LIB);
	live_expect(live, process->pid, STALE_LIB, LIB, STALE_DELETED);
	live_expect(live, child, STALE_LIB, LIB, STALE_DELETED);
	live_assert(live);
	free(helper);
	free(path);
}

/* nobody, who is root in a user namespace of his own. */
static pid_t start_claiming_root(struct live *live)
{
	char *path = live_path(live, LIB);
	pid_t pid;

	live_need_root(live);
	live_lib(live, LIB, NULL, 'a');
	pid = live_start(live, "setuid", NOBODY, "userns", "map", path, "rx")->pid;
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	free(path);
	return pid;
}

static void check_uid(struct live *live, const struct stale_report *report)
{
	assert_int_equal(livescan_proc(report, live->wants[0].pid)->uid,
			 LIVECHILD_NOBODY);
}

static void who_claims_to_be_root_is_told_as_who_he_is(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;
	char *pids;

	start_claiming_root(live);
	live_assert(live);
	livescan_each(live, check_uid);
	pids = liveplugin_pids(live);
	liveplugin_run(NULL, (const char *const[]){pids, "-fjson", NULL}, &answer);
	assert_int_equal(answer.status, 1);
	assert_non_null(strstr(answer.out, "\"uid\":" NOBODY ","));
	assert_null(strstr(answer.out, "\"uid\":0,"));
	assert_non_null(strstr(answer.out, "\"complete\":true"));
	assert_non_null(strstr(answer.out, "\"privileged\":true"));
	liveplugin_release(&answer);
	free(pids);
}

static void who_claims_to_be_root_is_selected_as_who_he_is(void **state)
{
	static const char *const users[] = {"--user=root", "--user=" NOBODY};
	struct live *live = *state;
	char *pids;

	start_claiming_root(live);
	pids = liveplugin_pids(live);
	for (size_t i = 0; i < ARRAY_LEN(users); i++) {
		struct liveplugin_answer answer;

		liveplugin_run(NULL, (const char *const[]){pids, users[i], NULL},
			       &answer);
		row_number(users[i], "exit", answer.status, (int)i);
		liveplugin_release(&answer);
	}
	free(pids);
}

/* In the child: root in a user namespace of nobody.  Returns 0 or 1. */
static int claim_root(void)
{
	int fd;

	if (livechild_become(LIVECHILD_PLAIN) < 0 || unshare(CLONE_NEWUSER) < 0)
		return 1;
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (write(fd, "0 " NOBODY " 1", 9) != 9)
		return 1;
	close(fd);
	return geteuid() != 0;
}

/* What it prints goes to the pipe. */
static void check_as_root_of_nobody(const char *pids, int out)
{
	char *program = live_built("check_stale");
	char *const argv[] = {program, (char *)(uintptr_t)pids, (char[]){"-v"}, NULL};

	if (claim_root())
		_exit(77);
	dup2(out, STDOUT_FILENO);
	execv(program, argv);
	_exit(126);
}

/* Its capabilities are good for its own namespace alone. */
static void who_claims_to_be_root_cannot_look_at_others(void **state)
{
	struct live *live = *state;
	char out[4096] = "", *pids;
	int fds[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t child;

	live_need_root(live);
	start_stale(live);
	pids = liveplugin_pids(live);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		check_as_root_of_nobody(pids, fds[1]);
	close(fds[1]);
	while ((got = read(fds[0], out + n, sizeof(out) - 1 - n)) > 0)
		n += (size_t)got;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		live_skip(live, "nobody may not have a user namespace");
	if (WEXITSTATUS(status) != 3 || strncmp(out, "STALE UNKNOWN", 13) != 0 ||
	    !strstr(out, "processes=0;") || !strstr(out, "unreadable=2;") ||
	    strstr(out, LIB))
		fail_msg("exit %d: %s", WEXITSTATUS(status), out);
	free(pids);
}

int main(void)
{
	static struct held_row rows[] = {
		{"a_traced_process_is_read", "held", false, 't'},
		{"a_process_stopped_in_a_system_call_is_read", "call", false, 't'},
		{"a_process_stopped_on_its_way_out_is_read", "exit", false, 't'},
		{"a_process_stopped_in_execve_is_read", "exec", true, 't'},
	};
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_stopped_process_is_read),
		LIVE_ROW(a_held_process_is_read, &rows[0]),
		LIVE_ROW(a_held_process_is_read, &rows[1]),
		LIVE_ROW(a_held_process_is_read, &rows[2]),
		LIVE_ROW(a_held_process_is_read, &rows[3]),
		LIVE_TEST(both_are_read_while_one_waits_for_its_vfork),
		LIVE_TEST(who_claims_to_be_root_is_told_as_who_he_is),
		LIVE_TEST(who_claims_to_be_root_is_selected_as_who_he_is),
		LIVE_TEST(who_claims_to_be_root_cannot_look_at_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
