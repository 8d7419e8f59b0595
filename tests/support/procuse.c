/*
 * procuse.c - see procuse.h.
 */
#include "procuse.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"

#define FIELD_COMM    2
#define FIELD_CMINFLT 11 /* proc(5), of /proc/PID/stat */

static void read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, size - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
}

static void count_descriptors(pid_t pid, struct procuse *use)
{
	const struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	use->highest = -1;
	while ((entry = readdir(dir)) != NULL) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (*entry->d_name == '.')
			continue;
		use->descriptors++;
		if (fd > use->highest)
			use->highest = fd;
	}
	closedir(dir);
}

struct procuse procuse_of(pid_t pid)
{
	struct procuse use = {0};
	char statm[256], *second;

	count_descriptors(pid, &use);
	read_file(pid, "statm", statm, sizeof(statm));
	second = strchr(statm, ' ');
	assert_non_null(second);
	use.rss = strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE);
	return use;
}

int64_t procuse_children(pid_t pid)
{
	char stat[1024];
	const char *field;

	read_file(pid, "stat", stat, sizeof(stat));
	field = strrchr(stat, ')');
	for (int i = FIELD_COMM; field && i < FIELD_CMINFLT; i++)
		field = strchr(field + 1, ' ');
	assert_non_null(field);
	return strtoll(field, NULL, 10);
}
