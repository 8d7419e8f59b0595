/*
 * pkgask.c - asks the package manager of this machine.
 */
#include "pkgask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "tool.h"

#define PLACES   2
#define ARGS_MAX 5

struct question {
	const char *args[ARGS_MAX]; /* NULLs behind them, unless there are as many */
	int (*parse)(const char *s, size_t len, pkganswer_take *take, void *arg);
};

struct pkgmanager {
	const char *databases[PLACES]; /* a file that is not empty, or a folder */
	const char *commands[PLACES];
	struct question questions[PKGASK_QUESTIONS];
	int failure;     /* from this exit status on it has failed */
	bool is_pattern; /* a word may hold wildcards */
};

static const struct pkgmanager managers[] = {
	{
		.databases = {"/var/lib/dpkg/status"},
		.commands = {"/usr/bin/dpkg-query"},
		.questions = {{{"--search", "--"}, pkgparse_dpkg_search},
			      {{"--show", "--showformat", PKGPARSE_DPKG_FORMAT, "--"},
			       pkgparse_dpkg_show}},
		.failure = 2, /* 1: a path is nobody's */
		.is_pattern = true,
	},
	{
		.databases = {"/usr/lib/sysimage/rpm", "/var/lib/rpm"},
		.commands = {"/usr/bin/rpm", "/bin/rpm"},
		.questions = {{{"--query", "--file", "--queryformat", PKGPARSE_RPM_FORMAT,
				"--"},
			       pkgparse_rpm}},
		.failure = PKGASK_WORDS + 1, /* below: how many paths are nobody's */
	},
	{
		.databases = {"/var/lib/pacman/local"},
		.commands = {"/usr/bin/pacman"},
		.questions = {{{"--query", "--owns", "--"}, pkgparse_pacman}},
		.failure = 2,
	},
	{
		.databases = {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"},
		.commands = {"/sbin/apk", "/usr/bin/apk"},
		.questions = {{{"info", "--who-owns", "--"}, pkgparse_apk}},
		.failure = PKGASK_WORDS + 1,
	},
};

static const char *find_command(const struct pkgmanager *manager)
{
	for (size_t i = 0; i < PLACES && manager->commands[i]; i++) {
		if (access(manager->commands[i], X_OK) == 0)
			return manager->commands[i];
	}
	return NULL;
}

/* An empty one is that of a manager which is here for other systems' packages. */
static bool has_database(const struct pkgmanager *manager)
{
	for (size_t i = 0; i < PLACES && manager->databases[i]; i++) {
		struct stat st;

		if (stat(manager->databases[i], &st) == 0 &&
		    (S_ISDIR(st.st_mode) || st.st_size > 0))
			return true;
	}
	return false;
}

const struct pkgmanager *pkgmanager_find(void)
{
	for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
		if (has_database(&managers[i]) && find_command(&managers[i]))
			return &managers[i];
	}
	return NULL;
}

bool pkgmanager_asks_twice(const struct pkgmanager *manager)
{
	return manager->questions[PKGASK_VERSION].parse != NULL;
}

void pkgask_clear(struct pkgask *ask)
{
	for (size_t i = 0; i < ask->n; i++)
		free(ask->words[i]);
	ask->n = 0;
}

int pkgask_flush(struct pkgask *ask)
{
	const struct question *question = &ask->manager->questions[ask->question];
	const char *argv[1 + ARGS_MAX + PKGASK_WORDS + 1] = {find_command(ask->manager)};
	cleanup_buf struct buf out = BUF_INIT;
	size_t n = 1;
	int rc;

	if (ask->n == 0)
		return 0;
	for (size_t i = 0; i < ARGS_MAX && question->args[i]; i++)
		argv[n++] = question->args[i];
	for (size_t i = 0; i < ask->n; i++)
		argv[n++] = ask->words[i];
	rc = argv[0] ? tool_run(argv, ask->deadline_us, &out) : -ENOENT;
	pkgask_clear(ask);
	if (rc < 0)
		return rc;
	if (rc >= ask->manager->failure)
		return -EREMOTEIO;
	return question->parse(out.s ? out.s : "", out.len, ask->take, ask->arg);
}

int pkgask_add(struct pkgask *ask, const char *before, const char *word)
{
	char *copy = malloc(strlen(before) + 2 * strlen(word) + 1), *to;

	if (!copy)
		return -ENOMEM;
	for (to = stpcpy(copy, before); *word; word++) {
		if (ask->manager->is_pattern && strchr("*?[]\\", *word))
			*to++ = '\\';
		*to++ = *word;
	}
	*to = '\0';
	ask->words[ask->n++] = copy;
	return ask->n == PKGASK_WORDS ? pkgask_flush(ask) : 0;
}
