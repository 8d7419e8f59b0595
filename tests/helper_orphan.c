/*
 * helper_orphan.c - a process that has lost its parent.
 *
 *	helper_orphan FILE
 *
 * Maps FILE executable, says "ready PID" when somebody else has become its parent, and
 * ends with its standard input.  It has no terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void say(const char *text, long number)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s%ld\n", text, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

int main(int argc, char **argv)
{
	const pid_t parent = getpid();
	pid_t pid = fork();
	char c;
	int fd;

	if (argc != 2 || pid != 0)
		return pid < 0 || argc != 2;
	while (getppid() == parent)
		sched_yield();
	setsid();
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED) {
		say("fail map: ", errno);
		return 1;
	}
	say("ready ", getpid());
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
