/*
 * guard.c - runs what may hang in the kernel in a child.
 */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a killed child gets to end, so that it leaves no zombie behind. */
#define GRACE_US 50000
/* Without close_range(2), before Linux 5.9. */
#define CLOSE_MAX 65536

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void close_all(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 0U, UINT_MAX, 0U) == 0)
		return;
#endif
	for (int fd = 0; fd < CLOSE_MAX; fd++)
		close(fd);
}

/* Returns whether 0 to 2 are taken: else the next file opened would be stdin. */
static bool open_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd == 0 && dup(fd) == 1 && dup(fd) == 2;
}

static void reset_signals(void)
{
	sigset_t none;

	/* SIGKILL, SIGSTOP and what libc keeps for itself refuse, which is fine. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_child(int (*work)(void *arg), void *arg, pid_t parent)
{
	int rc;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(ECANCELED); /* the parent ended before it could be tied to it */
	reset_signals();
	close_all();
	rc = open_null() ? work(arg) : -ENODEV;
	_exit(rc < 0 ? -rc : 0); /* an errno fits into an exit status */
}

/* Waits for SIGCHLD, which is blocked; may return early. */
static void wait_signal(int64_t left_us)
{
	struct timespec ts = {
		.tv_sec = left_us / 1000000,
		.tv_nsec = left_us % 1000000 * 1000,
	};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &ts);
}

/* Reaps pid until the deadline.  Returns 0 and its status, -ETIME, or -ECHILD. */
static int reap(pid_t pid, int64_t deadline_us, int *ret_status)
{
	for (;;) {
		int64_t left = deadline_us - now_us();
		pid_t got = waitpid(pid, ret_status, WNOHANG);

		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (left <= 0)
			return -ETIME;
		wait_signal(left);
	}
}

static void watch_child(pid_t pid, int64_t deadline_us, struct guard_result *ret)
{
	int status, rc = reap(pid, deadline_us, &status);

	if (rc == -ETIME) {
		ret->timed_out = true;
		kill(pid, SIGKILL);
		reap(pid, now_us() + GRACE_US, &status);
	} else if (rc < 0) {
		ret->rc = rc;
	} else if (WIFSIGNALED(status)) {
		ret->signal = WTERMSIG(status);
	} else {
		ret->rc = -WEXITSTATUS(status);
	}
}

int guard_run(int (*work)(void *arg), void *arg, int64_t timeout_us,
	      struct guard_result *ret)
{
	struct guard_result result = {0};
	int64_t start = now_us();
	sigset_t child, before;
	pid_t parent = getpid(), pid;

	/* Blocked it stays pending, also when it comes before we wait for it; ignored, as
	 * some callers leave it, it would not come and there would be no status. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	pid = fork();
	if (pid == 0)
		run_child(work, arg, parent);
	if (pid < 0) {
		int rc = -errno;

		sigprocmask(SIG_SETMASK, &before, NULL);
		return rc;
	}
	watch_child(pid, start + timeout_us, &result);
	result.elapsed_us = now_us() - start;
	sigprocmask(SIG_SETMASK, &before, NULL);
	*ret = result;
	return 0;
}
