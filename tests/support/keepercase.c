/*
 * keepercase.c - see keepercase.h.
 */
#include "keepercase.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"

const char *keepercase_row(pid_t pid, const char *why)
{
	static char text[64];

	snprintf(text, sizeof(text), " %d:" KEEPERCASE_LIB ":%s ", (int)pid, why);
	return text;
}

struct live_process *keepercase_holder(struct live *live)
{
	char *lib = live_path(live, KEEPERCASE_LIB);
	struct live_process *holder;

	live_lib(live, KEEPERCASE_LIB, NULL, 'a');
	holder = live_start(live, "map", lib, "rx");
	free(lib);
	return holder;
}

struct live_process *keepercase_stale(struct live *live)
{
	struct live_process *holder = keepercase_holder(live);

	live_unlink(live, KEEPERCASE_LIB);
	return holder;
}

void keepercase_replace(const struct live *live)
{
	live_lib(live, "new", NULL, 'b');
	live_rename(live, "new", KEEPERCASE_LIB);
}

void keepercase_end(struct keeperrun *run)
{
	const int64_t start = keeperrun_clock();

	keeperrun_signal(run, SIGTERM);
	assert_int_equal(keeperrun_wait(run, KEEPERCASE_SOON), 0);
	assert_in_range(keeperrun_clock() - start, 0, 999);
	keeperrun_release(run);
}

unsigned long long keepercase_status(const struct keeperrun *run, const char *name)
{
	char path[32], text[8192];
	const char *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)run->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	at = strstr(text, name);
	assert_non_null(at);
	return strtoull(at + strlen(name), NULL, 16);
}
