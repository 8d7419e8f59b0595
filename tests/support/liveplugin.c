/*
 * liveplugin.c - see liveplugin.h.
 */
#include "liveplugin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grammar.h"
#include "tests/test.h"

#define MAX_OUT 4096U /* the default of --max-output */

static void exec_plugin(const char *program, const char *const words[], int out, int err)
{
	char *argv[256];
	size_t n = 0;

	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	argv[n++] = strdup(program);
	while (n < 255 && words[n - 1]) {
		argv[n] = strdup(words[n - 1]);
		n++;
	}
	argv[n] = NULL;
	execv(program, argv);
	_exit(127);
}

/* All until end of file, ended by NUL. */
static char *read_all(int fd, size_t *ret_len)
{
	size_t room = 65536, len = 0;
	char *buf = malloc(room);
	char *bigger;
	ssize_t n;

	assert_non_null(buf);
	while ((n = read(fd, buf + len, room - len - 1)) > 0) {
		len += (size_t)n;
		if (len + 1 < room)
			continue;
		room *= 2;
		bigger = realloc(buf, room);
		assert_non_null(bigger);
		buf = bigger;
	}
	buf[len] = '\0';
	*ret_len = len;
	return buf;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void liveplugin_run_as(enum livechild_user user, const char *program,
		       const char *const words[], struct liveplugin_answer *ret)
{
	char *built = live_built("check_stale");
	int err = memfd_create("stderr", MFD_CLOEXEC);
	double began = seconds_now();
	struct stat st;
	int out[2], status;
	pid_t pid;

	assert_true(err >= 0 && pipe2(out, O_CLOEXEC) == 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0 && livechild_become(user) == 0)
		exec_plugin(program ? program : built, words, out[1], err);
	if (pid == 0)
		_exit(126);
	close(out[1]);
	ret->out = read_all(out[0], &ret->len);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ret->seconds = seconds_now() - began;
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	assert_int_equal(fstat(err, &st), 0);
	ret->nerr = (size_t)st.st_size;
	close(out[0]);
	close(err);
	free(built);
}

void liveplugin_run(const char *program, const char *const words[],
		    struct liveplugin_answer *ret)
{
	liveplugin_run_as(LIVECHILD_SAME, program, words, ret);
}

void liveplugin_release(struct liveplugin_answer *answer)
{
	free(answer->out);
}

char *liveplugin_pids(const struct live *live)
{
	size_t room = 16 + 12 * live->npids;
	char *option = malloc(room);
	int n;

	assert_non_null(option);
	n = sprintf(option, "--pid=");
	for (size_t i = 0; i < live->npids; i++)
		n += sprintf(option + n, "%s%d", i ? "," : "", live->pids[i]);
	return option;
}

/* WARNING when something counts, else OK. */
static int wanted_status(const struct live *live)
{
	for (size_t i = 0; i < live->nwants; i++)
		if (!live->wants[i].rule &&
		    (STALE_WHY_BIT(live->wants[i].why) & STALE_WHY_DEFAULT))
			return 1;
	return 0;
}

static unsigned check_format(const struct live *live, const char *pids,
			     const char *const more[3])
{
	const char *const words[] = {pids, more[0], more[1], more[2], NULL};
	struct liveplugin_answer answer;
	char why[256] = "";
	unsigned differences = 0;

	liveplugin_run(NULL, words, &answer);
	if (answer.status != wanted_status(live))
		differences++;
	if (answer.nerr)
		differences++;
	if (more[0] && strcmp(more[0], "--format=nagios") == 0 &&
	    grammar_check(answer.out, answer.len, MAX_OUT, why, sizeof(why)) != 0)
		differences++;
	if (differences)
		print_error("  check_stale %s: exit %d, wanted %d, %zu bytes of stderr, "
			    "%s\n%s\n",
			    more[0], answer.status, wanted_status(live), answer.nerr, why,
			    answer.out);
	liveplugin_release(&answer);
	return differences;
}

unsigned liveplugin_check(const struct live *live)
{
	static const char *const formats[][3] = {
		{"--format=nagios"},
		{"--format=nagios", "-v", "--show-ignored"},
		{"--format=nagios", "-vvv", "--show-args"},
		{"--format=json", "--show-ignored", "--show-args"},
	};
	char *pids = liveplugin_pids(live);
	unsigned differences = 0;

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		differences += check_format(live, pids, formats[i]);
	free(pids);
	return differences;
}
