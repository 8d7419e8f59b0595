/*
 * child.c - take off a child what it would inherit from whoever started us.
 */
#include "child.h"

#include <limits.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Without close_range(2), before Linux 5.9. */
#define CLOSE_MAX 65536

int64_t child_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void child_close_from(int first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)first, UINT_MAX, 0U) == 0)
		return;
#endif
	for (int fd = first; fd < CLOSE_MAX; fd++)
		close(fd);
}

void child_reset_signals(void)
{
	sigset_t none;

	/* SIGKILL, SIGSTOP and what libc keeps for itself refuse, which is fine. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
