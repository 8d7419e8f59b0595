/*
 * helper_reuse.c - a PID namespace that has few numbers, which are given away again and
 * again.
 *
 *	helper_reuse DIR A... B...
 *
 * Mounts a proc file system of the namespace at DIR/proc, for those who come by the root
 * of its first process, and limits the numbers there: since Linux 6.14 a namespace has a
 * limit of its own.  All this as root of a user namespace of nobody's, so that a kernel
 * with one limit for all refuses it.  Then processes start and end all the time; the NR-th
 * calls itself "aNR" and maps the files A, or "bNR" and B.  Before that it puts what it is
 * into the table in DIR/table: struct entry, at NR modulo ENTRIES.
 *
 * Says "ready PID" of the first process, or "fail WHAT: ERRNO", and goes on until it is
 * killed; all die with its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY    65534
#define FILES_MAX 64
/* How long a process shows what it has mapped, in system calls. */
#define CALLS 3000
/* After the first turn the kernel keeps the first 300 numbers back: one is left.  It wants
 * no fewer than eight for each CPU. */
#define PID_MAX_LEAST 301

#define ENTRIES 65536
struct entry {
	uint32_t nr;
	int32_t pid;
	uint64_t start_ticks;
};

static struct entry *entries;
static int fds[FILES_MAX];
static int nfds;

static int fail(const char *what)
{
	printf("fail %s: %d\n", what, errno);
	fflush(stdout);
	return 1;
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	const bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	const int err = errno;

	close(fd);
	errno = err;
	return done;
}

/* /proc/PID/stat: after the name twenty blanks, then the start. */
static uint64_t own_start(void)
{
	char stat[512];
	const char *at;
	ssize_t n;
	int fd = open("proc/self/stat", O_RDONLY | O_CLOEXEC);

	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	stat[n] = '\0';
	at = strrchr(stat, ')');
	for (int i = 0; at && i < 20; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static void __attribute__((noreturn)) be_one(uint32_t nr)
{
	const int first = nr % 2 ? nfds / 2 : 0;
	char comm[16];

	entries[nr % ENTRIES] = (struct entry){nr, getpid(), own_start()};
	snprintf(comm, sizeof(comm), "%c%u", nr % 2 ? 'b' : 'a', nr);
	prctl(PR_SET_NAME, comm);
	for (int i = first; i < first + nfds / 2; i++)
		if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fds[i], 0) ==
		    MAP_FAILED)
			_exit(1);
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	_exit(0);
}

static bool limit_numbers(void)
{
	const long least = 8 * sysconf(_SC_NPROCESSORS_CONF) + 1;
	char digits[24];

	snprintf(digits, sizeof(digits), "%ld",
		 least < PID_MAX_LEAST ? PID_MAX_LEAST : least);
	return write_text("proc/sys/kernel/pid_max", digits);
}

/* Number 1.  One at a time: there may be no number for another. */
static int be_first(int ready)
{
	pid_t last = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return fail("proc");
	if (getpid() != 1 || !limit_numbers())
		return fail("pid_max");
	/* Saves the first turn, where the kernel has this. */
	write_text("proc/sys/kernel/ns_last_pid", "299");
	for (uint32_t nr = 1;; nr++) {
		pid_t pid = fork();

		if (pid == 0)
			be_one(nr);
		if (pid < 0)
			return fail("fork");
		waitpid(pid, NULL, 0);
		if (ready >= 0 && pid <= last && write(ready, "+", 1) == 1) {
			close(ready);
			ready = -1;
		}
		last = pid;
	}
}

/* As root there, and nobody here. */
static bool enter(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0)
		return false;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* new credentials forget it */
	return write_text("/proc/self/uid_map", "0 65534 1");
}

static bool open_files(int n, char **files)
{
	int fd = open("table", O_RDWR | O_CLOEXEC);

	entries = mmap(NULL, ENTRIES * sizeof(*entries), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);
	close(fd);
	for (nfds = 0; nfds < n && nfds < FILES_MAX; nfds++) {
		fds[nfds] = open(files[nfds], O_RDONLY | O_CLOEXEC);
		if (fds[nfds] < 0)
			return false;
	}
	return entries != MAP_FAILED;
}

int main(int argc, char **argv)
{
	int ready[2];
	char byte;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc < 4 || chdir(argv[1]) < 0 || !open_files(argc - 2, argv + 2))
		return fail("files");
	if (!enter()) {
		if (errno == ENOSPC) /* none allowed: user_namespaces(7) */
			errno = EPERM;
		return fail("enter");
	}
	if (pipe2(ready, O_CLOEXEC) < 0)
		return fail("pipe");
	pid = fork();
	if (pid == 0)
		return be_first(ready[1]);
	if (pid < 0)
		return fail("fork");
	close(ready[1]);
	/* Numbers have begun anew before anybody looks. */
	if (read(ready[0], &byte, 1) != 1)
		return 1;
	printf("ready %d\n", pid);
	fflush(stdout);
	waitpid(pid, NULL, 0);
	return 1;
}
