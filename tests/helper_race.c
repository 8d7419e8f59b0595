/*
 * helper_race.c - processes that a scan races against.
 *
 *	helper_race exec          executes itself again and again; same PID, same start
 *	helper_race swap OTHER    executes OTHER, then itself, and so on
 *	helper_race churn         starts children that end at once
 *	helper_race recycle A... B...  one PID, again and again another process: one that
 *	                          calls itself "a" and maps the first half of the files,
 *	                          one that calls itself "b" and maps the second
 *	helper_race files A B     has both open, and a lower descriptor that is A, B, or
 *	                          closed, again and again
 *	helper_race roots A B LIB maps LIB, then has the root A, then B, and so on
 *
 * Says "ready PID" ("recycle": the PID that is used again) or "fail WHAT: ERRNO" and goes
 * on until it is killed; it dies with its parent, its children die with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a child of "recycle" shows what it has mapped, in system calls. */
#define CHILD_CALLS 2000
#define MAX_FILES   64

static void say(const char *word, const char *what, long number)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s %s%ld\n", word, what, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static int fail(const char *what)
{
	say("fail", what, errno);
	return 1;
}

static int exec_again(const char *name)
{
	char self[] = "/proc/self/exe";
	char word[] = "again";
	char *argv[] = {self, word, NULL};

	if (strcmp(name, "exec") == 0)
		say("ready", "", getpid());
	execv(self, argv);
	return 1;
}

static int swap_again(char **argv)
{
	/* By descriptors: one of the two may have no name any more. */
	int fd = (int)strtol(argv[2], NULL, 10);
	char *next[] = {argv[0], argv[1], argv[3], argv[2], NULL};

	fexecve(fd, next, environ);
	return fail("swap: ");
}

static int swap(char **argv)
{
	char fds[2][16];
	char word[] = "swapped";
	char *next[] = {argv[0], word, fds[0], fds[1], NULL};

	snprintf(fds[0], sizeof(fds[0]), "%d", open(argv[2], O_RDONLY));
	snprintf(fds[1], sizeof(fds[1]), "%d", open("/proc/self/exe", O_RDONLY));
	say("ready", "", getpid());
	return swap_again(next);
}

static int churn(void)
{
	say("ready", "", getpid());
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			return 1;
		waitpid(pid, NULL, 0);
	}
}

static int files(const char *a, const char *b)
{
	int fds[2] = {open(a, O_RDONLY | O_CLOEXEC), open(b, O_RDONLY | O_CLOEXEC)};
	int low = fcntl(0, F_DUPFD_CLOEXEC, 0);

	for (int i = 0; i < 2; i++)
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, low + 10);
	if (fds[0] < 0 || fds[1] < 0 || low < 0)
		return fail("open: ");
	say("ready", "", getpid());
	for (;;) {
		dup2(fds[0], low);
		dup2(fds[1], low);
		close(low);
	}
}

static int roots(char **argv)
{
	int dirs[2] = {open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		       open(argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	int lib = open(argv[4], O_RDONLY | O_CLOEXEC);

	if (dirs[0] < 0 || dirs[1] < 0 ||
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, lib, 0) == MAP_FAILED)
		return fail("roots: ");
	for (unsigned i = 0;; i++) {
		if (fchdir(dirs[i % 2]) < 0 || chroot(".") < 0)
			return fail("chroot: ");
		if (i == 1)
			say("ready", "", getpid());
	}
}

static void be_child(const char *comm, const int *fds, int n)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, comm);
	for (int i = 0; i < n; i++)
		if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fds[i], 0) ==
		    MAP_FAILED)
			_exit(1);
	for (int i = 0; i < CHILD_CALLS; i++)
		syscall(SYS_getppid);
	_exit(0);
}

static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int recycle(char **files, int n)
{
	int fds[MAX_FILES];
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	for (int i = 0; i < n; i++) {
		fds[i] = open(files[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0 || pid < 0)
			return fail("recycle: ");
	}
	waitpid(pid, NULL, 0);
	for (unsigned i = 0;; i++) {
		pid_t child = fork_as(pid);

		if (child == 0)
			be_child(i % 2 ? "b" : "a", &fds[i % 2 ? n / 2 : 0], n / 2);
		if (child < 0 && errno != EEXIST) /* another process has it just now */
			return fail("clone3: ");
		if (child > 0)
			waitpid(child, NULL, 0);
		if (i == 0)
			say("ready", "", pid);
	}
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc == 2 && (strcmp(argv[1], "exec") == 0 || strcmp(argv[1], "again") == 0))
		return exec_again(argv[1]);
	if (argc == 3 && strcmp(argv[1], "swap") == 0)
		return swap(argv);
	if (argc == 4 && strcmp(argv[1], "swapped") == 0)
		return swap_again(argv);
	if (argc == 2 && strcmp(argv[1], "churn") == 0)
		return churn();
	if (argc == 4 && strcmp(argv[1], "files") == 0)
		return files(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "roots") == 0)
		return roots(argv);
	if (argc >= 4 && argc <= MAX_FILES + 2 && strcmp(argv[1], "recycle") == 0)
		return recycle(argv + 2, argc - 2);
	return 2;
}
