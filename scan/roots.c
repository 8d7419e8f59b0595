/*
 * roots.c - find or remember the root and the mounts of a process.
 *
 * Looks no path up.  A mount namespace of its own makes a process no container: many
 * services have one (PrivateTmp).
 */
#include "roots.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

/* Hosts with thousands of containers have megabytes of mounts. */
#define MOUNTINFO_MAX ((size_t)64 << 20)

static uint64_t namespace_of(int dirfd, const char *name)
{
	struct stat st;

	/* The device is that of nsfs, the same for all. */
	return fstatat(dirfd, name, &st, 0) < 0 ? 0 : (uint64_t)st.st_ino;
}

void roots_init(struct roots *roots, const struct procfs *fs)
{
	*roots = (struct roots){.is_captured = !fs->is_proc};
	/* Not of fs: that may be the tree of another PID namespace. */
	roots->own_namespace = namespace_of(-1, "/proc/self/ns/mnt");
}

void roots_release(struct roots *roots)
{
	struct root *root;
	struct mounts *mounts;

	while ((root = roots->all)) {
		roots->all = root->next;
		free(root);
	}
	while ((mounts = roots->mounts)) {
		roots->mounts = mounts->next;
		free(mounts->remote);
		free(mounts);
	}
}

static struct mounts *mounts_find(struct roots *roots, uint64_t namespace)
{
	struct mounts *mounts = roots->mounts;

	while (mounts && mounts->namespace != namespace)
		mounts = mounts->next;
	if (mounts)
		return mounts;
	mounts = calloc(1, sizeof(*mounts));
	if (!mounts)
		return NULL;
	mounts->namespace = namespace;
	mounts->next = roots->mounts;
	roots->mounts = mounts;
	return mounts;
}

/* What a process tells of its root. */
struct root_key {
	struct name prefix;
	uint64_t namespace;
	struct lookup_stat self;
};

static bool root_is(const struct root *root, const struct root_key *key)
{
	return root->mounts->namespace == key->namespace &&
	       root->self.device == key->self.device &&
	       root->self.inode == key->self.inode &&
	       root->self.mount == key->self.mount &&
	       root->prefix.len == key->prefix.len &&
	       memcmp(root->prefix.s, key->prefix.s, key->prefix.len) == 0;
}

static struct root *root_new(struct roots *roots, const struct root_key *key)
{
	const struct name prefix = key->prefix;
	const uint64_t namespace = key->namespace;
	struct mounts *mounts = mounts_find(roots, namespace);
	struct root *root = mounts ? calloc(1, sizeof(*root) + prefix.len) : NULL;
	char *copy;

	if (!root)
		return NULL;
	copy = (char *)(root + 1);
	memcpy(copy, prefix.s, prefix.len);
	root->prefix = (struct name){copy, prefix.len};
	root->mounts = mounts;
	root->self = key->self;
	root->same_mounts = namespace && namespace == roots->own_namespace;
	root->id = ++roots->n;
	root->next = roots->all;
	roots->all = root;
	return root;
}

int roots_find(struct roots *roots, int dirfd, const struct root **ret_root)
{
	char buf[PATH_MAX];
	struct root_key key = {.prefix = {buf, 0}};
	struct root *root = roots->last;
	ssize_t n = procfs_readlink(dirfd, "root", buf, sizeof(buf));

	if (n > 0)
		key.prefix.len = (size_t)n;
	if (n > 0 && !roots->is_captured) {
		key.namespace = namespace_of(dirfd, "ns/mnt");
		/* What cannot be told is another root than all that can. */
		if (lookup_stat(dirfd, "root", &key.self) < 0)
			key.prefix.len = 0;
	}
	if (!root || !root_is(root, &key))
		for (root = roots->all; root && !root_is(root, &key);)
			root = root->next;
	if (!root)
		root = root_new(roots, &key);
	if (!root)
		return -ENOMEM;
	roots->last = root;
	*ret_root = root;
	return 0;
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

/* Reads the whole file, into a buffer twice as large until it fits. */
static int mounts_load(struct mounts *mounts, int dirfd)
{
	for (size_t size = 64 << 10; size <= MOUNTINFO_MAX; size *= 2) {
		cleanup_free char *buf = malloc(size);
		ssize_t n;

		if (!buf)
			return -ENOMEM;
		n = procfs_read(dirfd, "mountinfo", buf, size);
		if (n < 0)
			return (int)n;
		if ((size_t)n < size)
			return take_lines(mounts, buf, (size_t)n);
	}
	return -EFBIG;
}

int roots_fs_of(const struct root *root, int dirfd, uint64_t device,
		enum mountinfo_fs *ret_fs)
{
	struct mounts *mounts = root->mounts;

	if (!mounts->is_loaded) {
		int rc = mounts_load(mounts, dirfd);

		if (rc < 0 && procfs_error_class(rc) == PROCFS_FATAL)
			return rc;
		mounts->is_loaded = true;
		mounts->is_known = rc == 0;
	}
	*ret_fs = mounts->is_known ? MOUNTINFO_LOCAL : MOUNTINFO_REMOTE;
	for (size_t i = 0; i < mounts->nremote; i++)
		if (mounts->remote[i].device == device)
			*ret_fs = mounts->remote[i].fs;
	return 0;
}
