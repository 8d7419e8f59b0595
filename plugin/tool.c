/*
 * tool.c - runs another program where it can do no harm.
 */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "privilege.h"

#define NOBODY      65534
#define CPU_SECONDS 10
#define MEMORY_MAX  (UINT64_C(1) << 30)
#define FILES_MAX   256
#define NOT_RUN     127 /* as a shell says it */

/* In the child from here on, up to run_child(). */

/* The pipe is 1; /dev/null is 0 and 2. */
static bool set_files(int pipe_fd)
{
	/* Whatever it is now, from 3 on it is in nobody's way. */
	int fd = fcntl(pipe_fd, F_DUPFD, 3);
	int null = open("/dev/null", O_RDWR);

	if (fd < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 2) < 0 ||
	    dup2(fd, 1) < 0)
		return false;
	child_close_from(3);
	return true;
}

/*
 * Root becomes nobody.  Where it may not (it has given up its capabilities, or never had
 * them) it stays, without any capability: an exec under no_new_privs brings none back.
 */
static bool drop_privilege(void)
{
	if (geteuid() == 0 || getuid() == 0) {
		if (privilege_raise(PRIVILEGE_PACKAGES) < 0)
			return false;
		if ((setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
		     setresuid(NOBODY, NOBODY, NOBODY) < 0) &&
		    errno != EPERM)
			return false;
	}
	return privilege_drop(0) == 0;
}

static bool set_limit(int what, uint64_t value)
{
	struct rlimit limit = {(rlim_t)value, (rlim_t)value};

	/* A lower one that was set before us is as good, and cannot be raised. */
	return setrlimit((__rlimit_resource_t)what, &limit) == 0 || errno == EPERM;
}

/* Who has given up its privilege cannot kill nobody's process: it ends by itself, too, but
 * not before it is late. */
static void set_alarm(int64_t deadline_us)
{
	const int64_t left = deadline_us - child_clock_us();
	const struct itimerval timer = {
		.it_value = {.tv_sec = left > 0 ? left / 1000000 + 2 : 1},
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static _Noreturn void run_child(const char *const argv[], int pipe_fd, pid_t parent,
				int64_t deadline_us)
{
	static char locale[] = "LC_ALL=C", home[] = "HOME=/",
		    path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = {locale, home, path, NULL};

	child_reset_signals();
	set_alarm(deadline_us);
	/* To be killed with the parent is asked for last: another user forgets it. */
	if (set_files(pipe_fd) && chdir("/") == 0 && drop_privilege() &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent &&
	    set_limit(RLIMIT_CPU, CPU_SECONDS) && set_limit(RLIMIT_CORE, 0) &&
	    set_limit(RLIMIT_NOFILE, FILES_MAX) && set_limit(RLIMIT_AS, MEMORY_MAX))
		/* execve(2) does not write to them; its prototype is older than const. */
		execve(argv[0], (char *const *)(uintptr_t)argv, env);
	_exit(NOT_RUN);
}

/* In the parent from here on. */

static int left_ms(int64_t deadline_us)
{
	int64_t left = deadline_us - child_clock_us();

	if (left <= 0)
		return 0;
	return left / 1000 >= INT_MAX ? INT_MAX : (int)(left / 1000) + 1;
}

/* Takes what there is until the end of file.  Returns 0, or a negative errno. */
static int take_output(int fd, int64_t deadline_us, struct buf *out)
{
	static const size_t room = 16384;
	const size_t before = out->len;
	char bytes[16384];

	for (;;) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		int ms = left_ms(deadline_us);
		ssize_t n;

		if (ms == 0)
			return -ETIME;
		if (poll(&pfd, 1, ms) <= 0)
			continue; /* interrupted, or late: ms is 0 then */
		n = read(fd, bytes, room);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			buf_bytes(out, bytes, (size_t)n);
		if (out->error)
			return out->error;
		if (out->len - before > TOOL_OUTPUT_MAX)
			return -EFBIG;
	}
}

/* Waits for its end until the deadline.  Returns 0 and its status, or a negative errno. */
static int reap(pid_t pid, int64_t deadline_us, int *ret_status)
{
	for (;;) {
		pid_t got = waitpid(pid, ret_status, WNOHANG);

		if (got == pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (left_ms(deadline_us) == 0)
			return -ETIME;
		poll(NULL, 0, 1);
	}
}

static int supervise(pid_t pid, int fd, int64_t deadline_us, struct buf *out)
{
	int status = 0, rc = take_output(fd, deadline_us, out);

	if (rc == 0)
		rc = reap(pid, deadline_us, &status);
	if (rc < 0) {
		kill(pid, SIGKILL);
		reap(pid, child_clock_us() + CHILD_GRACE_US, &status);
		return rc;
	}
	if (!WIFEXITED(status))
		return -ECHILD;
	return WEXITSTATUS(status);
}

int tool_run(const char *const argv[], int64_t deadline_us, struct buf *out)
{
	pid_t pid, parent = getpid();
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	/* Ignored, as some callers leave it, there would be no status. */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	if (pid == 0)
		run_child(argv, fds[1], parent, deadline_us);
	rc = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (rc == 0)
		rc = supervise(pid, fds[0], deadline_us, out);
	close(fds[0]);
	return rc;
}
