/*
 * live_dropped.c - who holds which capability, and when, as others see it: the scan while
 * it hangs, its parent then and while it answers, and a package tool.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/granted.h"
#include "support/livefuse.h"
#include "test.h"

#define LIB     "libx.so.1"
#define SECONDS 10 /* for something to happen */

struct row {
	const char *label;
	const char *caps; /* of the file; NULL: none */
	enum livechild_user user;
	unsigned scan; /* bits: which of GRANTED_ALL the scan is to have */
	mode_t mode;   /* of the file; 0: the usual one */
};

static const struct row rows[] = {
	{"permitted", GRANTED_ALL, LIVECHILD_PLAIN, 7, 0},
	{"permitted and effective",
	 "cap_sys_ptrace,cap_dac_read_search,cap_checkpoint_restore=ep", LIVECHILD_PLAIN,
	 7, 0},
	{"more than is needed", "all=p", LIVECHILD_PLAIN, 7, 0},
	{"one", GRANTED_PTRACE, LIVECHILD_PLAIN, 1, 0},
	{"none", NULL, LIVECHILD_PLAIN, 0, 0},
	{"ambient", NULL, LIVECHILD_PTRACE, 1, 0},
	{"set-uid", NULL, LIVECHILD_PLAIN, 7, 04755},
	{"root, set-gid", NULL, LIVECHILD_SAME, 7, 02755},
	{"root", NULL, LIVECHILD_SAME, 7, 0},
};

static unsigned long long mask_of(unsigned scan)
{
	static const int caps[] = {CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH,
				   CAP_CHECKPOINT_RESTORE};
	unsigned long long mask = 0;

	for (size_t i = 0; i < ARRAY_LEN(caps); i++)
		if (scan & 1U << i)
			mask |= 1ULL << caps[i];
	return mask;
}

/* A plugin that is on its way. */
struct run {
	char *program, *pids;
	pid_t pid;
	int out; /* what it answers */
};

static void run_init(struct live *live, const struct row *row, struct run *ret)
{
	char name[32];

	snprintf(name, sizeof(name), "plugin%td", row - rows);
	ret->program = granted_copy(live, name, row->caps);
	/* Of another group, or it would change nothing. */
	if (row->mode & S_ISGID)
		assert_int_equal(chown(ret->program, 0, LIVECHILD_NOBODY), 0);
	if (row->mode)
		assert_int_equal(chmod(ret->program, row->mode), 0);
	ret->pids = liveplugin_pids(live);
}

static void run_release(struct run *run)
{
	assert_int_equal(unlink(run->program), 0);
	free(run->program);
	free(run->pids);
}

/* Its child may be stuck in the kernel, and then ends with what it waits for. */
static void run_end(struct run *run)
{
	kill(run->pid, SIGKILL);
	assert_int_equal(waitpid(run->pid, NULL, 0), run->pid);
	close(run->out);
	run_release(run);
}

/* A process whose library is on a file system that answers no more. */
static void start_hang(struct live *live)
{
	char *lib = live_path(live, LIVEFUSE_FILE);

	livefuse_start(live, NULL, NULL);
	live_start(live, "map", lib, "rx");
	live_start(live, "setuid", "65534", "map", lib, "rx");
	live_unlink(live, LIVEFUSE_FILE);
	free(lib);
}

static void run_start(const struct row *row, struct run *run)
{
	const struct granted_way way = {.user = row->user};
	const char *const words[] = {run->pids, "-t60", NULL};
	int out[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	run->pid = granted_start(run->program, words, &way, out[1], NULL);
	close(out[1]);
	run->out = out[0];
}

/* The first line of a file of /proc/PID; "" where there is none. */
static void read_proc(pid_t pid, const char *name, char *line, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	line[0] = '\0';
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(line, (int)size, file))
		line[0] = '\0';
	fclose(file);
}

/* The first child of a process; 0: none. */
static pid_t child_of(pid_t pid)
{
	char name[64], line[256];

	snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	read_proc(pid, name, line, sizeof(line));
	return (pid_t)strtol(line, NULL, 10);
}

/* Stopped in the kernel, in this call with this first argument: "1 0x1 0x55d0...". */
static bool is_in_call(pid_t pid, long nr, unsigned long arg)
{
	char line[512], *end;

	read_proc(pid, "syscall", line, sizeof(line));
	return strtol(line, &end, 10) == nr && end != line &&
	       strtoul(end, NULL, 16) == arg;
}

static uid_t user_of(const struct row *row)
{
	return row->user == LIVECHILD_SAME ? 0 : LIVECHILD_NOBODY;
}

/* Both are where they stay: it waits for the child, which hangs. */
static pid_t wait_for_hang(const struct row *row, const struct run *run)
{
	const unsigned long long mask = mask_of(row->scan);
	const time_t end = time(NULL) + SECONDS;

	while (time(NULL) < end) {
		struct granted_status of_parent, of_child;
		pid_t child = child_of(run->pid);

		if (child > 0 && granted_status_of(run->pid, &of_parent) &&
		    granted_status_of(child, &of_child) && of_parent.no_new_privs &&
		    of_child.no_new_privs && of_child.effective == mask &&
		    !of_parent.permitted && of_parent.uid == user_of(row))
			return child;
		sched_yield();
	}
	fail_msg("%s: the scan has not what it needs, or its parent keeps privilege",
		 row->label);
	return 0;
}

static void expect_no_answer_yet(const struct run *run)
{
	struct pollfd pfd = {.fd = run->out, .events = POLLIN};

	assert_int_equal(poll(&pfd, 1, 0), 0);
}

static void only_the_scan_has_privilege_and_only_what_it_needs(void **state)
{
	struct live *live = *state;

	start_hang(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const unsigned long long mask = mask_of(rows[i].scan);
		struct granted_status of_parent, of_child;
		struct run run;
		pid_t child;

		run_init(live, &rows[i], &run);
		run_start(&rows[i], &run);
		child = wait_for_hang(&rows[i], &run);
		assert_true(granted_status_of(child, &of_child));
		assert_true(granted_status_of(run.pid, &of_parent));
		expect_no_answer_yet(&run);
		row_number(rows[i].label, "CapPrm of the scan", of_child.permitted, mask);
		row_number(rows[i].label, "CapInh of the scan", of_child.inheritable, 0);
		row_number(rows[i].label, "CapAmb of the scan", of_child.ambient, 0);
		granted_expect_none(rows[i].label, &of_parent);
		row_number(rows[i].label, "user", of_parent.uid, user_of(&rows[i]));
		if (rows[i].user == LIVECHILD_SAME)
			row_number(rows[i].label, "CapBnd", of_parent.bounding, 0);
		run_end(&run);
	}
}

/* Bits: in which ways somebody may look into a process. */
static int look_into(pid_t pid)
{
	char path[64], byte;
	struct iovec to = {&byte, 1}, from = {&byte, 1};
	int found = 0, fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	found |= fd >= 0 ? 1 : 0;
	if (fd >= 0)
		close(fd);
	found |= process_vm_readv(pid, &to, 1, &from, 1, 0) == 1 || errno == EFAULT ? 2
										    : 0;
	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	found |= access(path, R_OK) == 0 ? 4 : 0;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	found |= readlink(path, &byte, 1) == 1 ? 8 : 0;
	found |= ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? 16 : 0;
	return found;
}

/* What nobody, without privilege, finds. */
static int nobody_looks_into(pid_t pid)
{
	pid_t looker = fork();
	int status;

	assert_true(looker >= 0);
	if (looker == 0)
		_exit(livechild_become(LIVECHILD_PLAIN) < 0 ? 99 : look_into(pid));
	assert_int_equal(waitpid(looker, &status, 0), looker);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void its_user_cannot_look_into_it(void **state)
{
	struct live *live = *state;
	pid_t child, control;
	struct run run;
	int found;

	start_hang(live);
	control = live_start(live, "setuid", "65534")->pid;
	found = nobody_looks_into(control);
	if (found == 0)
		live_skip(live, "nobody may not even look into its own processes");
	run_init(live, &rows[0], &run);
	run_start(&rows[0], &run);
	child = wait_for_hang(&rows[0], &run);
	row_number("the scan", "can be seen", nobody_looks_into(child), 0);
	row_number("its parent", "can be seen", nobody_looks_into(run.pid), 0);
	run_end(&run);
}

/* A pipe that takes nothing more: who writes to it waits. */
static int make_full_pipe(int *ret_read)
{
	static const char bytes[4096];
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(ends[1], bytes, sizeof(bytes)) > 0) {
	}
	assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
	*ret_read = ends[0];
	return ends[1];
}

static void wait_for_write(const struct live *live, pid_t pid)
{
	const time_t end = time(NULL) + SECONDS;

	if (access("/proc/self/syscall", R_OK) < 0)
		live_skip(live, "no /proc/PID/syscall");
	while (time(NULL) < end) {
		if (is_in_call(pid, SYS_write, STDOUT_FILENO))
			return;
		sched_yield();
	}
	fail_msg("it does not answer");
}

static void start_stale(struct live *live)
{
	char *lib = live_path(live, LIB);

	live_lib(live, LIB, LIB, 'a');
	live_start(live, "map", lib, "rx");
	live_unlink(live, LIB);
	free(lib);
}

/* Stopped in its answer with these words behind the PIDs. */
static void expect_none_in_answer(struct live *live, const struct row *row,
				  const char *const more[2])
{
	const struct granted_way way = {.user = row->user};
	const char *words[4] = {NULL, more[0], more[1], NULL};
	struct granted_status status;
	struct run run;
	int full;

	run_init(live, row, &run);
	words[0] = run.pids;
	full = make_full_pipe(&run.out);
	run.pid = granted_start(run.program, words, &way, full, NULL);
	close(full);
	wait_for_write(live, run.pid);
	assert_true(granted_status_of(run.pid, &status));
	granted_expect_none(row->label, &status);
	if (row->user == LIVECHILD_SAME)
		row_number(row->label, "CapBnd", status.bounding, 0);
	run_end(&run);
}

static void who_answers_has_no_privilege(void **state)
{
	static const char *const words[][2] = {{"-v"}, {"--packages"}, {"-V"}, {"--bad"}};
	struct live *live = *state;

	live_need_root(live);
	start_stale(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			expect_none_in_answer(live, &rows[i], words[k]);
}

static void root_has_none_after_a_file_was_written(void **state)
{
	struct live *live = *state;
	const char *words[2] = {"-fjson", NULL};
	char *option;

	live_need_root(live);
	start_stale(live);
	assert_true(asprintf(&option, "-o%s/out", live->dir) > 0);
	words[1] = option;
	expect_none_in_answer(live, &rows[ARRAY_LEN(rows) - 1], words);
	live_unlink(live, "out");
	free(option);
}

/* In our own mounts: every package tool of this machine tells what it may do instead. */
static void mount_tools(struct live *live)
{
	static const char *const tools[] = {"/usr/bin/dpkg-query", "/usr/bin/rpm",
					    "/usr/bin/pacman", "/sbin/apk"};
	char *script, *path, *told;

	live_own_mounts(live);
	path = live_path(live, "tool");
	told = live_path(live, "told");
	live_text(live, "told", "");
	assert_int_equal(chmod(told, 0666), 0);
	assert_true(asprintf(&script, "#!/bin/sh\nexec cat /proc/self/status >%s\n",
			     told) > 0);
	live_text(live, "tool", script);
	assert_int_equal(chmod(path, 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (access(tools[i], X_OK) == 0)
			live_mount(live, NULL, tools[i], "tool");
	free(script);
	free(path);
	free(told);
}

static void a_package_tool_has_no_privilege(void **state)
{
	struct live *live = *state;
	char *told;

	live_need_root(live);
	told = live_path(live, "told");
	start_stale(live);
	mount_tools(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct granted_way way = {.user = rows[i].user};
		struct liveplugin_answer answer;
		struct granted_status status;
		struct run run;

		run_init(live, &rows[i], &run);
		assert_int_equal(truncate(told, 0), 0);
		granted_run(run.program,
			    (const char *const[]){run.pids, "--packages", "-v", NULL},
			    &way, &answer);
		if (strstr(answer.out, "No database of "))
			live_skip(live, "no package manager that is known");
		/* Who sees nothing stale has nothing to ask. */
		if (rows[i].scan) {
			if (!granted_read_status(told, &status))
				fail_msg("%s: %s", rows[i].label, answer.out);
			granted_expect_none(rows[i].label, &status);
			row_number(rows[i].label, "user", status.uid, LIVECHILD_NOBODY);
		}
		liveplugin_release(&answer);
		run_release(&run);
	}
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(only_the_scan_has_privilege_and_only_what_it_needs),
		LIVE_TEST(its_user_cannot_look_into_it),
		LIVE_TEST(who_answers_has_no_privilege),
		LIVE_TEST(root_has_none_after_a_file_was_written),
		LIVE_TEST(a_package_tool_has_no_privilege),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
