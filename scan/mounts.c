/*
 * mounts.c - read mountinfo once for each root, within what all roots together may cost.
 *
 * Asks no file system, and keeps nothing of those that are local.
 */
#include "mounts.h"

#include <stdlib.h>
#include <string.h>

#include "procfs.h"
#include "util.h"

/* Hosts with thousands of containers have megabytes of mounts. */
#define MOUNTINFO_MAX ((size_t)64 << 20)
/* Of all roots but our own together: who makes many, with many mounts, makes the kernel
 * walk through all of them for each.  What is not read is taken for remote. */
#define MOUNTINFO_OTHERS_MAX ((size_t)8 << 20)

void mounts_budget_init(struct mounts_budget *budget)
{
	pthread_mutex_init(&budget->lock, NULL);
	budget->left = MOUNTINFO_OTHERS_MAX;
}

void mounts_init(struct mounts *mounts, struct mounts_budget *budget)
{
	*mounts = (struct mounts){.budget = budget};
	pthread_mutex_init(&mounts->lock, NULL);
}

void mounts_release(struct mounts *mounts)
{
	free(mounts->remote);
	mounts->remote = NULL;
}

static int remember_remote(struct mounts *mounts, const char *line, size_t len)
{
	struct mountinfo_line parsed;
	void *array = mounts->remote;
	int rc;

	/* A line that we cannot read tells nothing about its device. */
	if (mountinfo_line_parse(line, len, &parsed) < 0 || parsed.fs == MOUNTINFO_LOCAL)
		return 0;
	rc = util_grow(&array, &mounts->room, mounts->nremote, sizeof(parsed));
	if (rc < 0)
		return rc;
	mounts->remote = array;
	mounts->remote[mounts->nremote++] = parsed;
	return 0;
}

static int take_lines(struct mounts *mounts, const char *text, size_t len)
{
	while (len) {
		const char *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) : len;
		int rc = remember_remote(mounts, text, n);

		if (rc < 0)
			return rc;
		n += newline != NULL;
		text += n;
		len -= n;
	}
	return 0;
}

/* Reads the whole file, into a buffer twice as large until it fits; of all that is read,
 * *left is to know. */
static int mounts_load(struct mounts *mounts, int dirfd, const char *file, size_t *left)
{
	const size_t max = *left;

	for (size_t size = 64 << 10; size <= max; size *= 2) {
		cleanup_free char *buf = malloc(size);
		ssize_t n;

		if (!buf)
			return -ENOMEM;
		n = procfs_read(dirfd, file, buf, size);
		if (n < 0)
			return (int)n;
		*left -= (size_t)n < *left ? (size_t)n : *left;
		if ((size_t)n < size)
			return take_lines(mounts, buf, (size_t)n);
	}
	return -EFBIG;
}

/* Of our own root we read ourselves: a process in it may see other mounts. */
static int load_own(struct mounts *mounts)
{
	size_t left = MOUNTINFO_MAX;

	return mounts_load(mounts, -1, "/proc/self/mountinfo", &left);
}

static int load_other(struct mounts *mounts, int dirfd)
{
	int rc;

	pthread_mutex_lock(&mounts->budget->lock);
	rc = mounts_load(mounts, dirfd, "mountinfo", &mounts->budget->left);
	pthread_mutex_unlock(&mounts->budget->lock);
	return rc;
}

/* What a process at its end says, mounts_open_common() in the kernel's
 * fs/proc_namespace.c: it has no mounts any more, and others of its root do. */
static bool is_gone(int rc)
{
	return rc == -EINVAL || (rc < 0 && procfs_error_class(rc) == PROCFS_VANISHED);
}

static int compare_devices(const void *x, const void *y)
{
	const struct mountinfo_line *a = x, *b = y;

	return (a->device > b->device) - (a->device < b->device);
}

static int load_once(struct mounts *mounts, int dirfd)
{
	int rc;

	if (mounts->is_loaded)
		return 0;
	rc = mounts->budget ? load_other(mounts, dirfd) : load_own(mounts);
	if (procfs_is_fatal(rc))
		return rc;
	if (mounts->budget && is_gone(rc))
		return -ESRCH;
	/* Users have as many mounts, and names to be looked up on them, as they like. */
	if (mounts->nremote)
		qsort(mounts->remote, mounts->nremote, sizeof(*mounts->remote),
		      compare_devices);
	mounts->is_loaded = true;
	mounts->is_known = rc == 0;
	return 0;
}

int mounts_fs_of(struct mounts *mounts, int dirfd, uint64_t device,
		 enum mountinfo_fs *ret_fs)
{
	const struct mountinfo_line key = {.device = device}, *remote = NULL;
	int rc;

	pthread_mutex_lock(&mounts->lock);
	rc = load_once(mounts, dirfd);
	pthread_mutex_unlock(&mounts->lock);
	if (rc < 0)
		return rc;
	if (mounts->nremote)
		remote = bsearch(&key, mounts->remote, mounts->nremote, sizeof(key),
				 compare_devices);
	if (remote)
		*ret_fs = remote->fs;
	else
		*ret_fs = mounts->is_known ? MOUNTINFO_LOCAL : MOUNTINFO_REMOTE;
	return 0;
}
