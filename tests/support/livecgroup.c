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
#define ROOM       8192 /* of a path: twice PATH_MAX */
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

/* Those whose names are ours alone; others share slices with us, and with whoever runs. */
static bool is_ours(const char *path)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", tag());
	return strstr(path, number) != NULL;
}

/* Where nobody manages slices, whoever of the tests is the last one removes them. */
static bool is_managed(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static bool is_noted(const char *path)
{
	for (size_t i = 0; i < ngroups; i++)
		if (strcmp(groups[i], path) == 0)
			return true;
	return false;
}

static int make_group(const char *path)
{
	const bool is_made = mkdir(path, 0755) == 0;

	if (!is_made && errno != EEXIST)
		return -errno;
	if (is_noted(path) || (!is_made && is_managed()))
		return 0;
	assert_true(ngroups < GROUPS_MAX);
	groups[ngroups++] = strdup(path);
	return 0;
}

/* Makes those that are missing, and adds the name to the path. */
static int make_groups(char path[ROOM], const char *name)
{
	int r = 0;

	for (const char *at = name; at && r == 0; at = strchr(at + 1, '/')) {
		size_t len = strlen(path);

		snprintf(path + len, ROOM - len, "/%.*s",
			 (int)strcspn(at + (*at == '/'), "/"), at + (*at == '/'));
		r = make_group(path);
	}
	return r;
}

static int enter(const char *path, pid_t pid)
{
	char procs[ROOM + 16];
	int fd, r;

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	fd = open(procs, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = dprintf(fd, "%d\n", (int)pid) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int livecgroup_try(pid_t pid, const char *pattern)
{
	char path[ROOM] = "";
	char *name = livecgroup_name(pattern);
	int r = -ENOENT;

	/* Another program may have removed a slice between two of our steps. */
	for (int i = 0; i < TRIES_MAX && r == -ENOENT; i++) {
		if (!find_hierarchy(path, PATH_MAX))
			r = -ENODEV;
		else if (other_hierarchies_tell())
			r = -EXDEV;
		else
			r = make_groups(path, name);
	}
	free(name);
	return r < 0 ? r : enter(path, pid);
}

void livecgroup_enter(struct live *live, pid_t pid, const char *pattern)
{
	int r;

	live_need_root(live);
	r = livecgroup_try(pid, pattern);
	if (r == -ENODEV)
		live_skip(live, "there is no hierarchy of version 2");
	if (r == -EXDEV)
		live_skip(live, "another hierarchy says whose a process is");
	if (r == -EACCES || r == -EPERM || r == -EROFS)
		live_skip(live, "control groups cannot be written to");
	if (r < 0)
		fail_msg("control group: %s", strerror(-r));
}

/* One that we do not wait for, because init does, may not have ended yet. */
static int remove_group(const char *path)
{
	int r = rmdir(path);

	for (int i = 0; is_ours(path) && r < 0 && errno == EBUSY && i < TRIES_MAX; i++) {
		sched_yield();
		r = rmdir(path);
	}
	if (r == 0 || !is_ours(path))
		return 0;
	print_error("rmdir %s: %s\n", path, strerror(errno));
	return -1;
}

int livecgroup_teardown(void **state)
{
	int failed = live_teardown(state);

	while (ngroups > 0) {
		if (remove_group(groups[--ngroups]) < 0)
			failed = -1;
		free(groups[ngroups]);
	}
	return failed;
}
