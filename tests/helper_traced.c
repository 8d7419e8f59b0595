/*
 * helper_traced.c - processes that are held in the middle of something.
 *
 *	helper_traced held FILE     stopped by a tracer
 *	helper_traced call FILE     stopped by it on the way into a system call
 *	helper_traced exit FILE     stopped by it on the way out of this world
 *	helper_traced exec PROGRAM  stopped by it right after it became PROGRAM
 *	helper_traced vfork FILE    not traced: waits for a child that has its memory, and
 *	                            that answers each word with "ok PID", its own
 *
 * FILE is mapped executable.  Says "ready PID" of who is held, or "fail WHAT: ERRNO"; ends
 * with its standard input or its parent, and who is held with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *word, long number)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s %ld\n", word, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static int fail(const char *what)
{
	char word[32];

	snprintf(word, sizeof(word), "fail %s:", what);
	say(word, errno);
	return 1;
}

static bool map_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED;
}

static void __attribute__((noreturn)) be_traced(const char *mode, char *path)
{
	char *argv[] = {path, NULL};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (strcmp(mode, "exec") != 0 && !map_file(path))
		_exit(1);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	kill(getpid(), SIGSTOP);
	if (strcmp(mode, "exec") == 0)
		execv(path, argv);
	else if (strcmp(mode, "exit") != 0)
		pause();
	_exit(0);
}

/* Has it run until it is where it is to be held. */
static bool hold(const char *mode, pid_t pid)
{
	const int options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(long)options) < 0)
		return false;
	if (strcmp(mode, "held") == 0)
		return true;
	if (ptrace(strcmp(mode, "call") == 0 ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
		   NULL) < 0)
		return false;
	return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status);
}

static int trace(const char *mode, char *path)
{
	pid_t pid = fork();
	char c;

	if (pid == 0)
		be_traced(mode, path);
	if (pid < 0 || !hold(mode, pid))
		return fail("trace");
	say("ready", pid);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	/* Who is stopped on his way out is not woken by that. */
	kill(pid, SIGKILL);
	do
		ptrace(PTRACE_CONT, pid, NULL, NULL);
	while (waitpid(pid, NULL, 0) == pid);
	return 0;
}

/* With the memory of who waits for it. */
static void __attribute__((noreturn)) be_waited_for(pid_t parent)
{
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	say("ready", parent);
	while (read(STDIN_FILENO, &c, 1) > 0)
		if (c == '\0')
			say("ok", getpid());
	_exit(0);
}

/* That the child does more than execute something is what is wanted here. */
static int wait_for_child(const char *path)
{
	const pid_t own = getpid();

	if (!map_file(path))
		return fail("map");
	if (vfork() == 0) /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
		be_waited_for(own); /* NOLINT(clang-analyzer-unix.Vfork) */
	return 0;
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "vfork") == 0)
		return wait_for_child(argv[2]);
	return trace(argv[1], argv[2]);
}
