/*
 * livecgroup.c - see livecgroup.h.
 */
#include "livecgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/cgroup.h"
#include "tests/test.h"

#define GROUPS_MAX 64
/* How long a process that has ended may be seen in its group, in attempts. */
#define TRIES_MAX 100000

static char *groups[GROUPS_MAX]; /* that we have made; owned */
static size_t ngroups;

/* 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw */
static bool find_hierarchy(char *at, size_t size)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096];
	bool found = false;

	while (!found && mounts && fgets(line, sizeof(line), mounts)) {
		char point[PATH_MAX];

		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*d %*d %*s / %4095s", point) == 1 &&
			(size_t)snprintf(at, size, "%s", point) < size;
	}
	if (mounts)
		fclose(mounts);
	return found;
}

/* Without the line of the hierarchy that we move processes in. */
static bool other_hierarchies_tell(void)
{
	FILE *own = fopen("/proc/self/cgroup", "re");
	struct cgroup_owner owner;
	char text[4096];
	char line[1024];
	size_t len = 0;

	while (own && fgets(line, sizeof(line), own))
		if (strncmp(line, "0::", 3) != 0 && len + strlen(line) < sizeof(text))
			len += (size_t)sprintf(text + len, "%s", line);
	if (own)
		fclose(own);
	return len && cgroup_parse(text, len, &owner) == 0 &&
	       owner.scope != STALE_SCOPE_NONE;
}

/* Of the test: children of it ask for the same names. */
static int tag(void)
{
	static int pid;

	if (!pid)
		pid = getpid();
	return pid;
}

char *livecgroup_name(const char *pattern)
{
	char name[PATH_MAX];
	size_t n = 0;

	for (; *pattern; pattern++) {
		assert_true(n < sizeof(name) - 80);
		if (*pattern == '%')
			n += (size_t)sprintf(name + n, "%d", tag());
		else if (*pattern == '&')
			n += (size_t)sprintf(name + n, "%064d", tag());
		else
			name[n++] = *pattern;
	}
	name[n] = '\0';
	return strdup(name);
}

static void must(const struct live *live, int r)
{
	if (r >= 0)
		return;
	if (errno == EACCES || errno == EPERM || errno == EROFS)
		live_skip(live, "control groups cannot be written to");
	fail_msg("control group: %s", strerror(errno));
}

static void make_group(const struct live *live, const char *path)
{
	int r = mkdir(path, 0755);

	if (r < 0 && errno == EEXIST)
		return;
	must(live, r);
	assert_true(ngroups < GROUPS_MAX);
	groups[ngroups++] = strdup(path);
}

void livecgroup_enter(struct live *live, pid_t pid, const char *pattern)
{
	char path[2 * PATH_MAX];
	char *name = livecgroup_name(pattern);
	size_t len;
	int fd;

	live_need_root(live);
	if (!find_hierarchy(path, PATH_MAX))
		live_skip(live, "there is no hierarchy of version 2");
	if (other_hierarchies_tell())
		live_skip(live, "another hierarchy says whose a process is");
	for (const char *at = name; at; at = strchr(at + 1, '/')) {
		len = strlen(path);
		snprintf(path + len, sizeof(path) - len, "/%.*s",
			 (int)strcspn(at + (*at == '/'), "/"), at + (*at == '/'));
		make_group(live, path);
	}
	len = strlen(path);
	snprintf(path + len, sizeof(path) - len, "/cgroup.procs");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(live, fd);
	must(live, dprintf(fd, "%d\n", (int)pid));
	close(fd);
	free(name);
}

int livecgroup_teardown(void **state)
{
	int failed = live_teardown(state);

	/* One that we do not wait for, because init does, may not have ended yet. */
	while (ngroups > 0) {
		int r = rmdir(groups[--ngroups]);

		for (int i = 0; r < 0 && errno == EBUSY && i < TRIES_MAX; i++) {
			sched_yield();
			r = rmdir(groups[ngroups]);
		}
		if (r < 0) {
			print_error("rmdir %s: %s\n", groups[ngroups], strerror(errno));
			failed = -1;
		}
		free(groups[ngroups]);
	}
	return failed;
}
