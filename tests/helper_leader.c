/*
 * helper_leader.c - a process whose leader has ended while another thread runs.
 *
 *	helper_leader FILE
 *
 * Maps FILE executable, says "ready PID" when the leader is a zombie, and ends with its
 * standard input or its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void say(const char *text, long number)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s%ld\n", text, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

/* /proc/PID/stat: 4242 (helper_leader) Z 4241 ... */
static bool leader_is_zombie(void)
{
	char path[64], stat[512];
	const char *after;
	ssize_t n;
	int fd;

	/* Not "self": that is the thread group, but "task" tells one thread. */
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (n <= 0)
		return false;
	stat[n] = '\0';
	after = strrchr(stat, ')');
	return after && after[1] && after[2] == 'Z';
}

static void *second_thread(void *arg)
{
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* each thread has its own */
	while (!leader_is_zombie())
		sched_yield();
	say("ready ", getpid());
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	_exit(0);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 2)
		return 2;
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ||
	    pthread_create(&thread, NULL, second_thread, NULL) != 0) {
		say("fail map: ", errno);
		return 1;
	}
	syscall(SYS_exit, 0); /* the leader alone */
	return 0;
}
