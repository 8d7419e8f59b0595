/*
 * helper_reexec.c - a daemon that goes on as the program that is at its path by now.
 *
 *	helper_reexec
 *
 * To be started by an absolute path.  Says "ready PID", then executes itself for each word
 * that it gets, so that it says so again; the end of its input ends it.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char line[32], byte;
	int n = snprintf(line, sizeof(line), "ready %d\n", getpid());

	(void)argc;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		return 1;
	while (read(STDIN_FILENO, &byte, 1) == 1)
		if (byte == '\0')
			execv(argv[0], argv);
	return 0;
}
