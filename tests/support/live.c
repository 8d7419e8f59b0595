/*
 * live.c - the folder, the processes and the expectations of a case; see live.h.  What
 * is done to its files is in livefiles.c.
 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "livefiles.h"
#include "tests/test.h"

/* Births of files come from a clock that stands still for up to 10 ms, starts of
 * processes are counted in ticks of 10 ms. */
#define TICK_NS 20000000L

const char *live_build_dir(void)
{
	static char dir[PATH_MAX];
	const char *given = getenv("STALE_BUILD");
	ssize_t n;

	if (given && *given == '/')
		return given;
	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1); /* BUILD/tests/live_x */
	for (int i = 0; n > 0 && i < 2; i++)
		*strrchr(dir, '/') = '\0';
	return dir;
}

char *live_built(const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", live_build_dir(), name) > 0);
	return path;
}

char *live_path(const struct live *live, const char *name)
{
	char *path;

	live_need_dir(live);
	assert_true(asprintf(&path, "%s%s%s", *name == '/' ? "" : live->dir,
			     *name == '/' ? "" : "/", name) > 0);
	return path;
}

void live_skip(const struct live *live, const char *reason)
{
	printf("# skip %s: %s\n", live->name, reason);
	fflush(stdout);
	skip();
	abort(); /* not reached */
}

void live_need_dir(const struct live *live)
{
	if (live->dirfd < 0)
		live_skip(live, "every folder that can be written to is for scratch");
}

static bool has_capability(unsigned nr)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	return syscall(SYS_capget, &head, data) == 0 &&
	       (data[nr / 32].effective & (1U << nr % 32));
}

bool live_sees_old_inodes(void)
{
	return has_capability(CAP_SYS_ADMIN) || has_capability(CAP_CHECKPOINT_RESTORE);
}

void live_need_root(const struct live *live)
{
	if (geteuid() != 0 || !has_capability(CAP_SYS_ADMIN) ||
	    !has_capability(CAP_SYS_PTRACE))
		live_skip(live, "needs root");
}

void live_own_mounts(struct live *live)
{
	static bool done;

	live_need_root(live);
	if (done)
		return;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		live_skip(live, strerror(errno));
	close(live->dirfd); /* it is one of the mounts that we have left */
	live->dirfd = open(live->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(live->dirfd >= 0);
	done = true;
}

void live_next_tick(void)
{
	struct timespec now, until;

	/* Waits for the clock itself, not for somebody to become ready. */
	clock_gettime(CLOCK_BOOTTIME, &until);
	until.tv_nsec += TICK_NS;
	do {
		clock_gettime(CLOCK_BOOTTIME, &now);
		sched_yield();
	} while ((now.tv_sec - until.tv_sec) * 1000000000L + now.tv_nsec < until.tv_nsec);
}

/* A line without its newline. */
static void read_line(int fd, char *line, size_t size)
{
	size_t n = 0;

	while (n < size - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
}

/* "ready 4242", "ok 4243": the number; else -1 with the errno that it tells. */
static long read_answer(int fd)
{
	char line[256];
	const char *number;

	read_line(fd, line, sizeof(line));
	number = strrchr(line, ' ');
	if (number && (strncmp(line, "ready ", 6) == 0 || strncmp(line, "ok ", 3) == 0))
		return strtol(number, NULL, 10);
	print_error("holder says \"%s\"\n", line);
	errno = number ? (int)strtol(number, NULL, 10) : EPROTO;
	return -1;
}

/* What a machine may lack or refuse; anything else is a fault. */
static void answer_was_no(const struct live *live)
{
	int err = errno;

	if (err == EPERM || err == EACCES || err == ENOSYS || err == EOPNOTSUPP ||
	    err == ENODEV)
		live_skip(live, strerror(err));
	fail_msg("a step failed: %s", strerror(err));
}

static void run_program(const char *program, const char *const words[], int in, int out)
{
	char *argv[256];
	size_t n = 0;

	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	argv[n++] = strdup(program);
	while (n < 255 && words[n - 1]) {
		argv[n] = strdup(words[n - 1]);
		n++;
	}
	argv[n] = NULL;
	execv(program, argv);
	dprintf(STDOUT_FILENO, "fail exec: %d\n", errno);
	_exit(127);
}

void live_watch(struct live *live, pid_t pid)
{
	assert_true(live->npids < LIVE_MAX);
	live->pids[live->npids++] = pid;
}

void live_unwatch(struct live *live, pid_t pid)
{
	for (size_t i = 0; i < live->npids; i++)
		if (live->pids[i] == pid)
			live->pids[i] = live->pids[--live->npids];
}

static pid_t spawn(const char *program, const char *const words[], int *ret_to,
		   int *ret_from)
{
	int to[2], from[2];
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_program(program, words, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	*ret_to = to[1];
	*ret_from = from[0];
	return pid;
}

struct live_process *live_spawn(struct live *live, const char *program,
				const char *const words[])
{
	char *holder = live_built("tests/holder");
	struct live_process *process = &live->processes[live->nprocesses];
	long pid;

	assert_true(live->nprocesses < LIVE_MAX);
	live_need_dir(live);
	if (live->nprocesses) /* files were made before it ... */
		live_next_tick();
	process->child = spawn(program ? program : holder, words, &process->input,
			       &process->output);
	live->nprocesses++;
	pid = read_answer(process->output);
	free(holder);
	if (pid < 0)
		answer_was_no(live);
	if (live->nprocesses > 1) /* ... and change after it */
		live_next_tick();
	process->pid = (pid_t)pid;
	live_watch(live, process->pid);
	return process;
}

long live_tell(const struct live *live, const struct live_process *process,
	       const char *const words[])
{
	long r;

	for (size_t i = 0; words[i]; i++) {
		size_t len = strlen(words[i]) + 1;

		assert_true(write(process->input, words[i], len) == (ssize_t)len);
	}
	r = read_answer(process->output);
	if (r < 0)
		answer_was_no(live);
	return r;
}

void live_stop(struct live *live, struct live_process *process)
{
	if (process->child <= 0)
		return;
	close(process->input);
	close(process->output);
	if (process->endless) /* the PID is its own until we wait for it */
		kill(process->child, SIGKILL);
	waitpid(process->child, NULL, 0);
	live_unwatch(live, process->pid);
	process->child = 0;
}

struct live_want *live_expect(struct live *live, pid_t pid, enum stale_kind kind,
			      const char *name, enum stale_why why)
{
	struct live_want *want = &live->wants[live->nwants++];

	assert_true(live->nwants <= LIVE_MAX);
	*want = (struct live_want){
		.pid = pid,
		.kind = kind,
		.why = why,
		.path = live_path(live, name),
		.since_source = why == STALE_SUPERSEDED ? STALE_SINCE_SUCCESSOR_CHANGE
							: STALE_SINCE_OLD_INODE,
		.fd = -1,
		.bytes = -1,
	};
	return want;
}

void live_expect_ignored(struct live *live, pid_t pid, const char *name, const char *rule)
{
	live_expect(live, pid, STALE_LIB, name, STALE_DELETED)->rule = rule;
}

int live_setup(void **state)
{
	const struct live_row *row = *state;
	struct live *live = calloc(1, sizeof(*live));
	char *control;

	assert_non_null(live);
	live->name = row->name;
	live->row = row;
	live->began = time(NULL);
	live->undated =
		!has_capability(CAP_SYS_ADMIN) && !has_capability(CAP_CHECKPOINT_RESTORE);
	live->dirfd = -1;
	*state = live;
	if (!livefiles_make_dir(live->dir))
		return 0;
	live->dirfd = open(live->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(live->dirfd >= 0);
	live_lib(live, "libcontrol.so.1", "libcontrol.so.1", 'c');
	control = live_path(live, "libcontrol.so.1");
	live_start(live, "comm", "control", "map", control, "rx");
	free(control);
	return 0;
}

int live_teardown(void **state)
{
	struct live *live = *state;

	for (size_t i = live->nprocesses; i-- > 0;)
		live_stop(live, &live->processes[i]);
	for (size_t i = live->nmounts; i-- > 0;)
		umount2(live->mounts[i], MNT_DETACH);
	if (live->dirfd >= 0)
		livefiles_remove_dir(live->dir);
	for (size_t i = 0; i < live->nwants; i++)
		free(live->wants[i].path);
	for (size_t i = 0; i < live->nmounts; i++)
		free(live->mounts[i]);
	close(live->dirfd);
	free(live);
	return 0;
}
