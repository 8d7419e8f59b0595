/*
 * agentdask.c - what is asked of the daemons of agentd.h: through the tools of Net-SNMP,
 * in their logs, in /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agentd.h"
#include "live.h"
#include "tests/test.h"

#define WORDS_MAX 128

double agentd_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void agentd_pause(double seconds)
{
	poll(NULL, 0, (int)(seconds * 1000));
}

static void set_environment(const struct agentd *d)
{
	const char *src = getenv("STALE_SRC");
	char *conf = agentd_path(d, "tools");
	char *mibs;

	if (asprintf(&mibs, "%s/snmp", src ? src : ".") < 0)
		_exit(126);
	setenv("SNMPCONFPATH", conf, 1);
	setenv("SNMP_PERSISTENT_DIR", conf, 1);
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", mibs, 1);
}

static void run_tool(const struct agentd *d, const char *const words[], int out)
{
	char *argv[WORDS_MAX];
	size_t n = 0;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	set_environment(d);
	for (; n < WORDS_MAX - 1 && words[n]; n++)
		argv[n] = strdup(words[n]);
	argv[n] = NULL;
	execvp(argv[0], argv);
	_exit(127);
}

/* Reads until its end, or until the time is up.  Returns whether it came to its end. */
static bool read_all(int fd, double end, struct agentd_answer *ret)
{
	size_t room = 65536;

	ret->len = 0;
	ret->out = malloc(room);
	assert_non_null(ret->out);
	for (;;) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		double left = end - agentd_clock();
		ssize_t n;

		ret->out[ret->len] = '\0';
		if (left <= 0 || poll(&pfd, 1, (int)(left * 1000) + 1) <= 0)
			return false;
		n = read(fd, ret->out + ret->len, room - ret->len - 1);
		if (n <= 0)
			return true;
		ret->len += (size_t)n;
		if (ret->len + 1 < room)
			continue;
		room *= 2;
		ret->out = realloc(ret->out, room);
		assert_non_null(ret->out);
	}
}

void agentd_run(const struct agentd *d, const char *const words[], double seconds,
		struct agentd_answer *ret)
{
	double began = agentd_clock();
	int out[2], status;
	bool ended;
	pid_t pid;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_tool(d, words, out[1]);
	close(out[1]);
	ended = read_all(out[0], began + seconds, ret);
	close(out[0]);
	if (!ended)
		kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ret->status = ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	ret->seconds = agentd_clock() - began;
	if (ret->status == 127)
		agentd_skip(d, "no tools of Net-SNMP");
}

void agentd_answer_release(struct agentd_answer *answer)
{
	free(answer->out);
	answer->out = NULL;
}

char *agentd_oid(const struct agentd *d, const char *oid)
{
	char *full;

	assert_true(asprintf(&full, "%s%s%s", *oid == '.' ? "" : d->base,
			     *oid == '.' ? "" : ".", oid) > 0);
	return full;
}

char *agentd_get(const struct agentd *d, const char *oid)
{
	char *full = agentd_oid(d, oid);
	const char *const words[] = {"snmpget", "-v2c",     "-cpublic", "-t1", "-r0",
				     "-Oqv",    d->address, full,       NULL};
	struct agentd_answer answer;

	agentd_run(d, words, 3, &answer);
	free(full);
	if (answer.len > 0 && answer.out[answer.len - 1] == '\n')
		answer.out[--answer.len] = '\0';
	if (answer.status == 0 && strncmp(answer.out, "No Such ", 8) != 0)
		return answer.out;
	agentd_answer_release(&answer);
	return NULL;
}

int64_t agentd_number(const struct agentd *d, const char *oid)
{
	char *value = agentd_get(d, oid);
	int64_t number = value ? strtoll(value, NULL, 10) : -1;

	free(value);
	return number;
}

static double until(const struct agentd *d, const char *oid, int64_t value, bool is,
		    double seconds)
{
	double began = agentd_clock(), took;
	int64_t got;

	do {
		got = agentd_number(d, oid);
		took = agentd_clock() - began;
		if ((got == value) == is)
			return took;
		agentd_pause(0.02);
	} while (took < seconds);
	agentd_fail(d, "%s is %" PRId64 " for %.1f s, expected %s%" PRId64, oid, got,
		    took, is ? "" : "other than ", value);
}

double agentd_until(const struct agentd *d, const char *oid, int64_t value,
		    double seconds)
{
	return until(d, oid, value, true, seconds);
}

double agentd_until_not(const struct agentd *d, const char *oid, int64_t value,
			double seconds)
{
	return until(d, oid, value, false, seconds);
}

/* Up to size - 1 bytes, ended by NUL; nothing where there is no such file. */
static void read_some(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* All of a file; nothing where there is none.  NULs become blanks. */
static char *read_file(const char *path, size_t skip)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + skip + 1);
	ssize_t n = fd < 0 ? 0 : pread(fd, text + skip, (size_t)size, 0);

	assert_non_null(text);
	for (ssize_t i = 0; i < n; i++)
		if (text[skip + (size_t)i] == '\0')
			text[skip + (size_t)i] = ' ';
	if (fd >= 0)
		close(fd);
	return text;
}

char *agentd_log(const struct agentd *d, enum agentd_who who)
{
	char name[16];
	char *path, *output, *text, *more;
	size_t len;

	snprintf(name, sizeof(name), "log.%d", (int)who);
	path = agentd_path(d, name);
	output = agentd_path(d, "output");
	more = who == AGENTD_AGENT ? read_file(output, 0) : strdup("");
	len = strlen(more);
	text = read_file(path, len);
	memcpy(text, more, len);
	free(path);
	free(output);
	free(more);
	return text;
}

void agentd_until_logged(const struct agentd *d, enum agentd_who who, const char *text,
			 double seconds)
{
	double end = agentd_clock() + seconds;
	bool found = false;

	while (!found) {
		char *log = agentd_log(d, who);

		found = strstr(log, text) != NULL;
		free(log);
		if (!found && agentd_clock() > end)
			agentd_fail(d, "\"%s\" was not logged", text);
		if (!found)
			agentd_pause(0.02);
	}
}

static bool is_called(long pid, const char *name)
{
	char path[64], comm[32];

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	read_some(path, comm, sizeof(comm));
	return strncmp(comm, name, strlen(name)) == 0;
}

pid_t agentd_snmp_side(const struct agentd *d)
{
	pid_t keeper = d->daemons[AGENTD_AGENT].pid;
	char path[64], children[4096];
	char *rest = children;
	pid_t found = 0;
	long pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", keeper, keeper);
	read_some(path, children, sizeof(children));
	while ((pid = strtol(rest, &rest, 10)) > 0)
		if (is_called(pid, "stale-snmp"))
			found = (pid_t)pid;
	return found;
}
