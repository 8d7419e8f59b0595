/*
 * roots.c - find or remember the root and the mounts of a process.
 *
 * Looks no path up.  A mount namespace of its own makes a process no container: many
 * services have one (PrivateTmp).
 *
 * A process in our own root costs one statx(2): as long as we are there its mark is of no
 * other folder, and all that a verdict needs of it is taken from ourselves, so that
 * it does not matter in which mount namespace the process is.
 */
#include "roots.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

/* Hosts with thousands of containers have megabytes of mounts. */
#define MOUNTINFO_MAX ((size_t)64 << 20)
/* Of all roots but our own together: who makes many, with many mounts, makes the kernel
 * walk through all of them for each.  What is not read is taken for remote. */
#define MOUNTINFO_OTHERS_MAX ((size_t)8 << 20)

static uint64_t namespace_of(int dirfd, const char *name)
{
	struct stat st;

	/* The device is that of nsfs, the same for all. */
	return fstatat(dirfd, name, &st, 0) < 0 ? 0 : (uint64_t)st.st_ino;
}

static bool is_fatal(int rc)
{
	return rc < 0 && procfs_error_class(rc) == PROCFS_FATAL;
}

/* What a process tells of its root. */
struct root_key {
	struct name prefix; /* empty: not asked for yet, or unknown */
	uint64_t namespace;
	struct lookup_mark self;
};

static void root_free(struct root *root)
{
	util_close(&root->fd);
	if (root->mounts)
		free(root->mounts->remote);
	free(root->mounts);
	free(root);
}

/* Returns a root that nobody knows of yet; NULL: out of memory. */
static struct root *root_new(struct roots *roots, const struct root_key *key)
{
	const struct name prefix = key->prefix;
	struct root *root = calloc(1, sizeof(*root) + prefix.len);
	char *copy;

	if (!root)
		return NULL;
	root->fd = -1;
	root->mounts = calloc(1, sizeof(*root->mounts));
	if (!root->mounts) {
		free(root);
		return NULL;
	}
	pthread_mutex_init(&root->mounts->lock, NULL);
	root->mounts->left = &roots->mountinfo_left;
	copy = (char *)(root + 1);
	memcpy(copy, prefix.s, prefix.len);
	root->prefix = (struct name){copy, prefix.len};
	root->self = key->self;
	root->namespace = key->namespace;
	root->same_mounts = key->namespace && key->namespace == roots->own_namespace;
	root->id = ++roots->n;
	root->next = roots->all;
	roots->all = root;
	return root;
}

/* The name of a root by its O_PATH descriptor, which stays what it is. */
static void name_pinned(int fd, char buf[static PATH_MAX], struct name *ret)
{
	char link[sizeof("/proc/thread-self/fd/") + 3 * sizeof(int)];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	n = procfs_readlink(AT_FDCWD, link, buf, PATH_MAX);
	*ret = (struct name){buf, n > 0 ? (size_t)n : 0};
}

/* Before Linux 5.8 another mount of the same folder would have the same mark. */
static int own_root_init(struct roots *roots)
{
	struct root_key key = {.prefix = {"/", 1}, .namespace = roots->own_namespace};
	cleanup_close int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -errno : lookup_mark(fd, "", &key.self);

	if (rc < 0 || !key.self.mount || !key.namespace)
		return is_fatal(rc) ? rc : 0;
	roots->own = root_new(roots, &key);
	if (!roots->own)
		return -ENOMEM;
	roots->own->fd = take_fd(&fd);
	roots->own->mounts->left = NULL;
	return 0;
}

int roots_init(struct roots *roots, const struct procfs *fs, uint64_t seed)
{
	int rc;

	*roots = (struct roots){.is_captured = !fs->is_proc};
	atomic_init(&roots->mountinfo_left, MOUNTINFO_OTHERS_MAX);
	/* Not of fs: that may be the tree of another PID namespace. */
	roots->own_namespace = namespace_of(-1, "/proc/self/ns/mnt");
	table_init(&roots->known, seed);
	pthread_mutex_init(&roots->lock, NULL);
	rc = roots->is_captured ? 0 : own_root_init(roots);
	if (rc < 0)
		roots_release(roots);
	return rc;
}

void roots_release(struct roots *roots)
{
	struct root *root;

	while ((root = roots->all)) {
		roots->all = root->next;
		root_free(root);
	}
	roots->own = NULL;
	table_release(&roots->known);
}

int roots_open(const struct root *root, int dirfd)
{
	cleanup_close int fd = openat(dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct lookup_mark mark;
	int rc = fd < 0 ? -errno : lookup_mark(fd, "", &mark);

	if (rc < 0)
		return rc;
	return lookup_mark_is(&mark, &root->self) ? take_fd(&fd) : -EAGAIN;
}

/* The same where there is no /proc of our own, by what the process says: it must be where
 * it was before and after it is asked.  Returns 0 or -EAGAIN. */
static int name_asked(int dirfd, const struct lookup_mark *self,
		      char buf[static PATH_MAX], struct name *ret)
{
	ssize_t n = procfs_readlink(dirfd, "root", buf, PATH_MAX);
	struct lookup_mark again;

	if (lookup_mark(dirfd, "root", &again) < 0 || !lookup_mark_is(&again, self))
		return -EAGAIN;
	*ret = (struct name){buf, n > 0 ? (size_t)n : 0};
	return 0;
}

/*
 * Names the root that the mark was taken of; where that fails, a known mark without a name
 * would be all that others in that root get, so that nothing is known then.  Returns 0,
 * -EAGAIN or a fatal error.
 */
static int name_root(int dirfd, struct root_key *key, char buf[static PATH_MAX])
{
	const struct root wanted = {.self = key->self};
	cleanup_close int fd = roots_open(&wanted, dirfd);

	if (fd == -EAGAIN || is_fatal(fd))
		return fd;
	if (fd >= 0)
		name_pinned(fd, buf, &key->prefix);
	if (fd >= 0 && !key->prefix.len) {
		int rc = name_asked(dirfd, &wanted.self, buf, &key->prefix);

		if (rc < 0)
			return rc;
	}
	if (!key->prefix.len)
		*key = (struct root_key){.prefix = {"", 0}};
	return 0;
}

/* A mark with a number of its mount says it all; else the name helps. */
static struct table_key table_key_of(const struct roots *roots,
				     const struct root_key *key)
{
	const struct name *prefix = &key->prefix;

	return (struct table_key){
		.a = key->namespace,
		.b = key->self.mount,
		.c = key->self.mount
			     ? key->self.inode
			     : table_hash(roots->known.seed, prefix->s, prefix->len),
	};
}

static bool root_is(const struct root *root, const struct root_key *key)
{
	return root->namespace == key->namespace &&
	       lookup_mark_is(&root->self, &key->self) &&
	       (key->self.mount ||
		(root->prefix.len == key->prefix.len &&
		 memcmp(root->prefix.s, key->prefix.s, key->prefix.len) == 0));
}

/* NULL: it is not known. */
static const struct root *find_known(const struct roots *roots,
				     const struct root_key *key)
{
	const struct table_key at = table_key_of(roots, key);
	const struct table_slot *slot = table_find(&roots->known, &at);
	const struct root *root = slot ? slot->value : NULL;

	while (root && !root_is(root, key))
		root = root->next_like;
	return root;
}

static int add_known(struct roots *roots, const struct root_key *key,
		     const struct root **ret_root)
{
	const struct table_key at = table_key_of(roots, key);
	struct table_slot *slot = table_find(&roots->known, &at);
	struct root *root = root_new(roots, key);

	if (!root)
		return -ENOMEM;
	*ret_root = root;
	if (!slot)
		return table_add(&roots->known, &at, root, &slot);
	/* Two folders of one mount with one number: subvolumes of btrfs. */
	root->next_like = slot->value;
	slot->value = root;
	return 0;
}

/* For a root that is not our own.  Returns as roots_find(). */
static int find_other(struct roots *roots, int dirfd, struct root_key key,
		      const struct root **ret_root)
{
	const struct root *root = NULL;
	char buf[PATH_MAX];
	int rc = 0;

	if (key.self.mount) {
		pthread_mutex_lock(&roots->lock);
		root = find_known(roots, &key);
		pthread_mutex_unlock(&roots->lock);
	}
	if (!root && key.self.inode)
		rc = name_root(dirfd, &key, buf);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&roots->lock);
	if (!root)
		root = find_known(roots, &key);
	if (!root)
		rc = add_known(roots, &key, &root);
	pthread_mutex_unlock(&roots->lock);
	if (rc == 0)
		*ret_root = root;
	return rc;
}

/* The name is all that a captured tree has. */
static int find_captured(struct roots *roots, int dirfd, const struct root **ret_root)
{
	char buf[PATH_MAX];
	ssize_t n = procfs_readlink(dirfd, "root", buf, sizeof(buf));
	struct root_key key = {.prefix = {buf, n > 0 ? (size_t)n : 0}};

	return find_other(roots, dirfd, key, ret_root);
}

int roots_find(struct roots *roots, int dirfd, const struct root **ret_root)
{
	struct root_key key = {.prefix = {"", 0}};
	int rc;

	if (roots->is_captured)
		return find_captured(roots, dirfd, ret_root);
	rc = lookup_mark(dirfd, "root", &key.self);
	if (is_fatal(rc))
		return rc;
	if (roots->own && lookup_mark_is(&key.self, &roots->own->self)) {
		*ret_root = roots->own;
		return 0;
	}
	/* What cannot be told is another root than all that can. */
	if (rc == 0)
		key.namespace = namespace_of(dirfd, "ns/mnt");
	return find_other(roots, dirfd, key, ret_root);
}

const struct root *roots_for(const struct roots *roots, const struct root *root,
			     struct name name)
{
	struct name rest;

	if (root == roots->own || !roots->own || !root->same_mounts)
		return root;
	if (!name_begins(name, "/") || name_strip_root(name, root->prefix, &rest))
		return root;
	return roots->own;
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

/* NULL: there is no limit. */
static void spend(_Atomic size_t *left, size_t n)
{
	size_t before = left ? atomic_load(left) : 0;

	while (left &&
	       !atomic_compare_exchange_weak(left, &before, before > n ? before - n : 0))
		;
}

/* Reads the whole file, into a buffer twice as large until it fits. */
static int mounts_load(struct mounts *mounts, int dirfd, const char *file)
{
	const size_t max = mounts->left ? atomic_load(mounts->left) : MOUNTINFO_MAX;

	for (size_t size = 64 << 10; size <= max; size *= 2) {
		cleanup_free char *buf = malloc(size);
		ssize_t n;

		if (!buf)
			return -ENOMEM;
		n = procfs_read(dirfd, file, buf, size);
		if (n < 0)
			return (int)n;
		spend(mounts->left, (size_t)n);
		if ((size_t)n < size)
			return take_lines(mounts, buf, (size_t)n);
	}
	return -EFBIG;
}

/* Of our own root we read ourselves: a process in it may see other mounts. */
static int load_once(const struct root *root, int dirfd)
{
	struct mounts *mounts = root->mounts;
	int rc;

	if (mounts->is_loaded)
		return 0;
	rc = mounts_load(mounts, dirfd,
			 root->fd >= 0 ? "/proc/self/mountinfo" : "mountinfo");
	if (is_fatal(rc))
		return rc;
	mounts->is_loaded = true;
	mounts->is_known = rc == 0;
	return 0;
}

int roots_fs_of(const struct root *root, int dirfd, uint64_t device,
		enum mountinfo_fs *ret_fs)
{
	struct mounts *mounts = root->mounts;
	int rc;

	pthread_mutex_lock(&mounts->lock);
	rc = load_once(root, dirfd);
	pthread_mutex_unlock(&mounts->lock);
	if (rc < 0)
		return rc;
	*ret_fs = mounts->is_known ? MOUNTINFO_LOCAL : MOUNTINFO_REMOTE;
	for (size_t i = 0; i < mounts->nremote; i++)
		if (mounts->remote[i].device == device)
			*ret_fs = mounts->remote[i].fs;
	return 0;
}
