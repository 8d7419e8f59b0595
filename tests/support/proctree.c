/*
 * proctree.c - writes the few files of a proc tree that the core reads.
 */
#include "proctree.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

void proctree_init(struct proctree *tree)
{
	snprintf(tree->path, sizeof(tree->path), "/tmp/proctree.XXXXXX");
	assert_non_null(mkdtemp(tree->path));
}

/* rm(1), because paths may be longer than what nftw(3) can walk. */
void proctree_release(struct proctree *tree)
{
	pid_t child = fork();

	if (child == 0) {
		execlp("rm", "rm", "-rf", tree->path, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void full_path(const struct proctree *tree, const char *path, char full[256])
{
	assert_in_range(snprintf(full, 256, "%s/%s", tree->path, path), 1, 255);
}

void proctree_write(const struct proctree *tree, const char *path, const void *bytes,
		    size_t len)
{
	char full[256];
	int fd;

	full_path(tree, path, full);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

void proctree_mkdir(const struct proctree *tree, const char *path)
{
	char full[256];

	full_path(tree, path, full);
	assert_int_equal(mkdir(full, 0755), 0);
}

void proctree_link(const struct proctree *tree, const char *path, const char *target)
{
	char full[256];

	full_path(tree, path, full);
	assert_int_equal(symlink(target, full), 0);
}

void proctree_add(const struct proctree *tree, pid_t pid, const char *comm,
		  const char *maps)
{
	char path[256];
	char text[512];
	int n;

	snprintf(path, sizeof(path), "%s/%d", tree->path, (int)pid);
	assert_int_equal(mkdir(path, 0755), 0);
	n = snprintf(text, sizeof(text),
		     "%d (%s) S 1 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n",
		     (int)pid, comm);
	snprintf(path, sizeof(path), "%d/stat", (int)pid);
	proctree_write(tree, path, text, (size_t)n);
	n = snprintf(text, sizeof(text), "Name:\tx\nTgid:\t%d\nUid:\t7\t1000\t8\t9\n",
		     (int)pid);
	snprintf(path, sizeof(path), "%d/status", (int)pid);
	proctree_write(tree, path, text, (size_t)n);
	snprintf(path, sizeof(path), "%d/maps", (int)pid);
	if (maps)
		proctree_write(tree, path, maps, strlen(maps));
}

struct stale_report *proctree_scan(const struct proctree *tree,
				   const struct stale_options *opt)
{
	struct stale_options own = opt ? *opt : (struct stale_options){0};
	struct stale_report *report = NULL;

	own.proc_root = tree->path;
	assert_int_equal(stale_scan(&own, &report), 0);
	return report;
}

const struct stale_proc *proctree_only_proc(const struct stale_report *report)
{
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	assert_int_equal(n, 1);
	return procs;
}
