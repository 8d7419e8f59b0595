/*
 * measure.c - runs a program and tells what it took.
 *
 *	measure PROGRAM [ARGUMENT]...
 *
 * Prints "CPU WALL PEAK STATUS": seconds, seconds, KiB of the largest process, exit code.
 * What the program prints is thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static _Noreturn void run(char **argv)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double begun = now();
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: measure PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	pid = fork();
	if (pid == 0)
		run(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		fprintf(stderr, "measure: %s\n", strerror(errno));
		return 1;
	}
	printf("%.6f %.6f %ld %d\n",
	       seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), now() - begun,
	       usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
