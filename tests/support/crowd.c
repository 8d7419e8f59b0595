/*
 * crowd.c - see crowd.h.
 */
#include "crowd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/* Without descriptors of the test: who waits for the end of one would wait for this. */
static _Noreturn void be_one(const char *name, const char *path, int ready)
{
	const void *at = MAP_FAILED;
	int fd;

	if (dup2(ready, STDIN_FILENO) < 0 ||
	    syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0U) < 0)
		_exit(1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close(fd);
	prctl(PR_SET_NAME, name);
	if (write(STDIN_FILENO, at == MAP_FAILED ? "-" : "+", 1) != 1)
		_exit(1);
	close(STDIN_FILENO);
	for (;;)
		pause();
}

static pid_t start_one(const char *name, const char *path, const int ready[2])
{
	const pid_t parent = getpid();
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		be_one(name, path, ready[1]);
	}
	return pid;
}

void crowd_start(struct crowd *crowd, size_t n, const char *name, const char *path)
{
	int ready[2];
	char byte;

	*crowd = (struct crowd){.pids = calloc(n, sizeof(pid_t))};
	assert_non_null(crowd->pids);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	while (crowd->n < n)
		crowd->pids[crowd->n++] = start_one(name, path, ready);
	close(ready[1]);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(read(ready[0], &byte, 1), 1);
		assert_int_equal(byte, '+');
	}
	close(ready[0]);
}

void crowd_end(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->n; i++)
		kill(crowd->pids[i], SIGKILL); /* ours until we wait for it */
	for (size_t i = 0; i < crowd->n; i++)
		waitpid(crowd->pids[i], NULL, 0);
	free(crowd->pids);
	*crowd = (struct crowd){0};
}
