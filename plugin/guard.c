/*
 * guard.c - runs what may hang in the kernel in a child.
 */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"

/* Takes 0 to 2, which are free: else the next file opened would be stdin.  Returns 0 or
 * -errno. */
static int open_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd < 0 || dup(fd) < 0 || dup(fd) < 0 ? -errno : 0;
}

static _Noreturn void run_child(const struct guard_work *work, pid_t parent)
{
	int rc;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(ECANCELED); /* the parent ended before it could be tied to it */
	child_reset_signals();
	child_close_from(0);
	rc = open_null();
	if (rc == 0)
		rc = work->child(work->arg);
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

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Reaps pid until the deadline.  Returns 0 and its status, -ETIME, or -ECHILD. */
static int reap(pid_t pid, int64_t deadline_us, const struct guard_tick *tick,
		int *ret_status)
{
	int64_t next_us = tick ? child_clock_us() + tick->every_us : INT64_MAX;

	for (;;) {
		int64_t now = child_clock_us(), left = deadline_us - now;
		pid_t got = waitpid(pid, ret_status, WNOHANG);

		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (left <= 0)
			return -ETIME;
		if (tick && now >= next_us) {
			tick->call(tick->arg);
			next_us = now + tick->every_us;
		}
		wait_signal(smaller(left, next_us - now));
	}
}

static void watch_child(pid_t pid, int64_t deadline_us, const struct guard_tick *tick,
			struct guard_result *ret)
{
	int status, rc = reap(pid, deadline_us, tick, &status);

	if (rc == -ETIME) {
		ret->timed_out = true;
		kill(pid, SIGKILL);
		reap(pid, child_clock_us() + CHILD_GRACE_US, NULL, &status);
	} else if (rc < 0) {
		ret->rc = rc;
	} else if (WIFSIGNALED(status)) {
		ret->signal = WTERMSIG(status);
	} else {
		ret->rc = -WEXITSTATUS(status);
	}
}

/* What the parent does once the child is there; if it cannot, there is to be no child. */
static int go_on(const struct guard_work *work, pid_t pid)
{
	int status, rc = work->parent ? work->parent(work->arg) : 0;

	if (rc < 0) {
		kill(pid, SIGKILL);
		reap(pid, child_clock_us() + CHILD_GRACE_US, NULL, &status);
	}
	return rc;
}

int guard_run(const struct guard_work *work, int64_t timeout_us,
	      const struct guard_tick *tick, struct guard_result *ret)
{
	struct guard_result result = {0};
	int64_t start = child_clock_us();
	sigset_t child, before;
	pid_t parent = getpid(), pid;
	int rc;

	/* Blocked it stays pending, also when it comes before we wait for it; ignored, as
	 * some callers leave it, it would not come and there would be no status. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	pid = fork();
	if (pid == 0)
		run_child(work, parent);
	rc = pid < 0 ? -errno : go_on(work, pid);
	if (rc == 0) {
		watch_child(pid, start + timeout_us, tick, &result);
		result.elapsed_us = child_clock_us() - start;
		*ret = result;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
