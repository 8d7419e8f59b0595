/*
 * helper_storm.c - a PID namespace in which processes come and go all the time.
 *
 *	helper_storm DIR RATE STALE CONTROL
 *
 * Mounts a proc file system of the namespace at DIR/proc, for those who come by the root
 * of its first process.  Number 2 there maps STALE, number 3 CONTROL, both for good.  Then
 * up to RATE processes a second are started; some end at once, some in the next 40 ms,
 * having STALE mapped or not, and some leave a child behind.  DIR/forks begins with a counter of
 * them, 64 bits.  Says "ready PID" of the first process, or "fail WHAT: ERRNO", and goes
 * on until it is killed; all die with its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Who ended and was not waited for yet, and who runs. */
#define PENDING_MAX 256

static _Atomic uint64_t *forks;
static int stale_fd, control_fd;

static int fail(const char *what)
{
	printf("fail %s: %d\n", what, errno);
	fflush(stdout);
	return 1;
}

static bool map(int fd)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}

static bool start_keeper(int fd)
{
	pid_t pid = fork();

	if (pid == 0 && map(fd))
		for (;;)
			pause();
	if (pid == 0)
		_exit(1);
	return pid > 0;
}

static void __attribute__((noreturn)) be_one(unsigned nr)
{
	const long life_ns = (nr % 41) * 1000000L;

	if (nr % 4 == 1)
		map(stale_fd);
	if (nr % 4 == 3 && fork() == 0)
		atomic_fetch_add(forks, 1);
	if (nr % 3)
		nanosleep(&(struct timespec){.tv_nsec = life_ns}, NULL);
	_exit(0);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Each is due at its time; what could not be had in time is not made up for. */
static int storm(long rate, int ready)
{
	long long last = now_ms();
	unsigned pending = 0, nr = 0;

	if (write(ready, "+", 1) != 1)
		return 1;
	for (;;) {
		const long long now = now_ms();

		for (long long due = (now - last) * rate / 1000;
		     due > 0 && pending < PENDING_MAX; due--, pending++) {
			pid_t pid = fork();

			if (pid == 0)
				be_one(nr);
			if (pid < 0)
				return 1;
			atomic_fetch_add(forks, 1);
			nr++;
		}
		last = now;
		nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
		/* Also those whose parents have ended: more than were started here. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			pending -= pending > 0;
	}
}

/* Number 1. */
static int be_first(long rate, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return fail("proc");
	if (getpid() != 1 || !start_keeper(stale_fd) || !start_keeper(control_fd))
		return fail("keepers");
	return storm(rate, ready);
}

int main(int argc, char **argv)
{
	int fd, ready[2];
	char byte;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 5 || chdir(argv[1]) < 0)
		return fail("cd");
	fd = open("forks", O_RDWR | O_CLOEXEC);
	stale_fd = open(argv[3], O_RDONLY | O_CLOEXEC);
	control_fd = open(argv[4], O_RDONLY | O_CLOEXEC);
	forks = mmap(NULL, sizeof(*forks), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (stale_fd < 0 || control_fd < 0 || forks == MAP_FAILED)
		return fail("files");
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail("unshare");
	if (pipe2(ready, O_CLOEXEC) < 0)
		return fail("pipe");
	pid = fork();
	if (pid == 0)
		return be_first(strtol(argv[2], NULL, 10), ready[1]);
	if (pid < 0)
		return fail("fork");
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return 1;
	printf("ready %d\n", pid);
	fflush(stdout);
	waitpid(pid, NULL, 0);
	return 1;
}
