/*
 * granted.c - see granted.h.
 */
#include "granted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

char *granted_copy(struct live *live, const char *name, const char *caps)
{
	cap_t wanted;
	char *path;

	live_need_root(live);
	path = live_path(live, name);
	live_program(live, name, "check_stale", 0);
	wanted = cap_from_text(caps ? caps : "=");
	assert_non_null(wanted);
	if (caps && cap_set_file(path, wanted) < 0)
		live_skip(live, strerror(errno));
	cap_free(wanted);
	return path;
}

static void exec_as(const char *program, const char *const words[],
		    const struct granted_way *way)
{
	char *argv[64] = {way->no_name ? NULL : strdup(program)};
	size_t n = 1;

	for (; !way->no_name && n < ARRAY_LEN(argv) - 1 && words[n - 1]; n++)
		argv[n] = strdup(words[n - 1]);
	/* A sanitizer would look for leaks as a tracer does, which it may not. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	if (way->before && way->before() < 0)
		_exit(126);
	if (livechild_become(way->user) == 0)
		execv(program, argv);
	_exit(127);
}

pid_t granted_start(const char *program, const char *const words[],
		    const struct granted_way *way, int out, int *ret_err)
{
	int err = memfd_create("stderr", MFD_CLOEXEC);
	pid_t pid;

	assert_true(err >= 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
			_exit(126);
		exec_as(program, words, way);
	}
	if (ret_err)
		*ret_err = err;
	else
		close(err);
	return pid;
}

/* All until end of file, ended by NUL: it writes none. */
static char *read_all(int fd, size_t *ret_len)
{
	FILE *file = fdopen(fd, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t n;

	assert_non_null(file);
	n = getdelim(&text, &room, '\0', file);
	if (n < 0) {
		free(text);
		text = strdup("");
	}
	assert_non_null(text);
	*ret_len = n < 0 ? 0 : (size_t)n;
	fclose(file);
	return text;
}

void granted_run(const char *program, const char *const words[],
		 const struct granted_way *way, struct liveplugin_answer *ret)
{
	int out[2], err, status;
	struct stat st;
	pid_t pid;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = granted_start(program, words, way, out[1], &err);
	close(out[1]);
	ret->out = read_all(out[0], &ret->len);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	assert_int_equal(fstat(err, &st), 0);
	ret->nerr = (size_t)st.st_size;
	ret->seconds = 0;
	close(err);
}

/* The value of a line "CapEff:\t0000000000000000"; or 0. */
static unsigned long long value_of(const char *line, const char *key, int base)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) == 0 ? strtoull(line + len, NULL, base) : 0;
}

/* The second of four numbers. */
static unsigned effective_uid(const char *s)
{
	char *end;

	(void)strtoul(s, &end, 10);
	return (unsigned)strtoul(end, NULL, 10);
}

bool granted_read_status(const char *path, struct granted_status *ret)
{
	struct granted_status status = {.uid = (unsigned)-1};
	FILE *file = fopen(path, "re");
	char line[4096];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		status.inheritable |= value_of(line, "CapInh:", 16);
		status.permitted |= value_of(line, "CapPrm:", 16);
		status.effective |= value_of(line, "CapEff:", 16);
		status.bounding |= value_of(line, "CapBnd:", 16);
		status.ambient |= value_of(line, "CapAmb:", 16);
		status.no_new_privs |= (int)value_of(line, "NoNewPrivs:", 10);
		if (strncmp(line, "Uid:", 4) == 0)
			status.uid = effective_uid(line + 4);
	}
	fclose(file);
	*ret = status;
	return status.uid != (unsigned)-1;
}

bool granted_status_of(pid_t pid, struct granted_status *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return granted_read_status(path, ret);
}

unsigned long long granted_all(void)
{
	return 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_DAC_READ_SEARCH |
	       1ULL << CAP_CHECKPOINT_RESTORE;
}

void granted_expect_none(const char *whose, const struct granted_status *status)
{
	row_number(whose, "CapInh", status->inheritable, 0);
	row_number(whose, "CapPrm", status->permitted, 0);
	row_number(whose, "CapEff", status->effective, 0);
	row_number(whose, "CapAmb", status->ambient, 0);
	row_number(whose, "NoNewPrivs", status->no_new_privs, 1);
}
