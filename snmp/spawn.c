/*
 * spawn.c - what a child takes off that it would inherit, before its own work.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without close_range(2), before Linux 5.9. */
#define CLOSE_MAX 65536

int spawn_tie(pid_t parent, int signal)
{
	if (prctl(PR_SET_PDEATHSIG, signal) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ECANCELED;
}

void spawn_reset_signals(void)
{
	sigset_t none;

	/* SIGKILL, SIGSTOP and what libc keeps for itself refuse, which is fine. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Both included. */
static void close_range_of(unsigned first, unsigned last)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, last, 0U) == 0)
		return;
#endif
	for (unsigned fd = first; fd <= last && fd < CLOSE_MAX; fd++)
		close((int)fd);
}

/* The lowest to keep from first on; -1: none. */
static int next_kept(const int *keep, size_t n, unsigned first)
{
	int next = -1;

	for (size_t i = 0; i < n; i++)
		if (keep[i] >= 0 && (unsigned)keep[i] >= first &&
		    (next < 0 || keep[i] < next))
			next = keep[i];
	return next;
}

void spawn_close_but(const int *keep, size_t n)
{
	unsigned first = STDERR_FILENO + 1;
	int kept;

	while ((kept = next_kept(keep, n, first)) >= 0) {
		if ((unsigned)kept > first)
			close_range_of(first, (unsigned)kept - 1);
		first = (unsigned)kept + 1;
	}
	close_range_of(first, UINT_MAX);
}

int spawn_null(void)
{
	int fd = open("/dev/null", O_RDWR);
	int rc = 0;

	if (fd < 0)
		return -errno;
	for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++)
		if (fd != to && dup2(fd, to) < 0)
			rc = -errno;
	if (fd > STDERR_FILENO)
		close(fd);
	return rc;
}
