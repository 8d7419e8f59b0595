/*
 * pool.c - see pool.h.
 */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/live.h"
#include "tests/test.h"

#define ANSWER_MS 30000
#define WORDS_MAX 64

void pool_init(struct pool *pool)
{
	*pool = (struct pool){0};
}

/* A line without its newline; nothing where it does not come. */
static void read_line(int fd, char *line, size_t size)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	while (n < size - 1 && poll(&pfd, 1, ANSWER_MS) == 1 &&
	       read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
}

/* "ready 4242", "ok 4243", "fail map: 2" */
static long read_answer(int fd)
{
	char line[256];
	const char *number;
	long n;

	read_line(fd, line, sizeof(line));
	number = strrchr(line, ' ');
	if (!number)
		return -EPROTO;
	n = strtol(number, NULL, 10);
	if (strncmp(line, "ready ", 6) == 0 || strncmp(line, "ok ", 3) == 0)
		return n;
	return n > 0 ? -n : -EPROTO;
}

static _Noreturn void run(const char *const words[], int in, int out)
{
	char *argv[WORDS_MAX] = {live_built("tests/holder")};

	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	for (size_t n = 0; n < WORDS_MAX - 2 && words[n]; n++)
		argv[n + 1] = strdup(words[n]);
	execv(argv[0], argv);
	dprintf(STDOUT_FILENO, "fail exec: %d\n", errno);
	_exit(127);
}

static bool has_own_pids(enum pool_space space)
{
	return space == POOL_PIDS || space == POOL_CONTAINER;
}

/* Returns its PID or -errno. */
static pid_t spawn(struct member *member, const char *const words[])
{
	const unsigned long flags = has_own_pids(member->space) ? CLONE_NEWPID : 0;
	int to[2], from[2];
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0UL, 0UL, 0UL, 0UL);
	if (pid < 0)
		pid = -errno;
	if (pid == 0)
		run(words, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	member->input = to[1];
	member->output = from[0];
	return pid;
}

static void forget(struct pool *pool, struct member *member)
{
	close(member->input);
	close(member->output);
	*member = (struct member){0};
	pool->n--;
}

int pool_start(struct pool *pool, enum pool_space space, const char *const words[],
	       struct member **ret)
{
	struct member *member = pool->members;
	pid_t pid;
	long r;

	if (pool->n == POOL_MAX)
		return -ENOSPC;
	while (member->pid)
		member++;
	*member = (struct member){.space = space};
	pid = spawn(member, words);
	pool->n++;
	if (pid < 0) {
		forget(pool, member);
		return pid;
	}
	member->pid = pid;
	r = read_answer(member->output);
	if (r < 0) {
		pool_end(pool, member, true);
		return (int)r;
	}
	*ret = member;
	return 0;
}

long pool_tell(const struct member *member, const char *const words[])
{
	for (size_t i = 0; words[i]; i++) {
		size_t len = strlen(words[i]) + 1;

		if (write(member->input, words[i], len) != (ssize_t)len)
			return -EPIPE;
	}
	return read_answer(member->output);
}

void pool_end(struct pool *pool, struct member *member, bool kills)
{
	pid_t pid = member->pid;

	if (kills)
		kill(pid, SIGKILL); /* the PID is its own until we wait for it */
	forget(pool, member);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

void pool_end_all(struct pool *pool)
{
	for (size_t i = 0; i < POOL_MAX; i++)
		if (pool->members[i].pid)
			pool_end(pool, &pool->members[i], true);
}

static bool is_known(const struct pool *pool, const pid_t *others, pid_t pid)
{
	for (; *others; others++)
		if (*others == pid)
			return true;
	for (size_t i = 0; i < POOL_MAX; i++)
		if (pool->members[i].pid == pid)
			return true;
	return false;
}

/* "812 977 ": our children, whoever bore them. */
static void read_children(char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, size - 1);
	assert_true(n >= 0 && (size_t)n < size - 1);
	text[n] = '\0';
	close(fd);
}

bool pool_reap(const struct pool *pool, const pid_t *others)
{
	char children[8192], *rest = children;
	bool is_clean = true;
	pid_t pid;

	read_children(children, sizeof(children));
	while ((pid = (pid_t)strtol(rest, &rest, 10)) > 0)
		if (!is_known(pool, others, pid) && waitpid(pid, NULL, WNOHANG) == 0)
			is_clean = false;
	return is_clean;
}
