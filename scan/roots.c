/*
 * roots.c - find or remember the root of a process.
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
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

/* Returns 0 and the number, 0 for unknown; or a fatal error. */
static int namespace_of(int dirfd, const char *name, uint64_t *ret)
{
	struct stat st;
	int rc = fstatat(dirfd, name, &st, 0) < 0 ? -errno : 0;

	if (procfs_is_fatal(rc))
		return rc;
	/* The device is that of nsfs, the same for all. */
	*ret = rc < 0 ? 0 : (uint64_t)st.st_ino;
	return 0;
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
	mounts_release(root->mounts);
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
	mounts_init(root->mounts, &roots->budget);
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

/* The name of a root by its O_PATH descriptor, which stays what it is; empty: unknown.
 * Returns 0 or a fatal error. */
static int name_pinned(int fd, char buf[static PATH_MAX], struct name *ret)
{
	char link[sizeof("/proc/thread-self/fd/") + 3 * sizeof(int)];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	n = procfs_readlink(AT_FDCWD, link, buf, PATH_MAX);
	*ret = (struct name){buf, n > 0 ? (size_t)n : 0};
	return procfs_is_fatal((int)n) ? (int)n : 0;
}

/* Before Linux 5.8 another mount of the same folder would have the same mark. */
static int own_root_init(struct roots *roots)
{
	struct root_key key = {.prefix = {"/", 1}, .namespace = roots->own_namespace};
	cleanup_close int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -errno : lookup_mark(fd, "", &key.self);

	if (rc < 0 || !key.self.mount || !key.namespace)
		return procfs_is_fatal(rc) ? rc : 0;
	roots->own = root_new(roots, &key);
	if (!roots->own)
		return -ENOMEM;
	roots->own->fd = take_fd(&fd);
	roots->own->mounts->budget = NULL;
	return 0;
}

int roots_init(struct roots *roots, const struct procfs *fs, uint64_t seed)
{
	int rc;

	*roots = (struct roots){.is_captured = !fs->is_proc};
	mounts_budget_init(&roots->budget);
	table_init(&roots->known, seed);
	pthread_mutex_init(&roots->lock, NULL);
	/* Not of fs: that may be the tree of another PID namespace. */
	rc = namespace_of(-1, "/proc/self/ns/mnt", &roots->own_namespace);
	if (rc == 0 && !roots->is_captured)
		rc = own_root_init(roots);
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
 * it was before and after it is asked.  Returns 0, -EAGAIN or a fatal error. */
static int name_asked(int dirfd, const struct lookup_mark *self,
		      char buf[static PATH_MAX], struct name *ret)
{
	ssize_t n = procfs_readlink(dirfd, "root", buf, PATH_MAX);
	struct lookup_mark again;
	int rc = n < 0 && procfs_is_fatal((int)n) ? (int)n
						  : lookup_mark(dirfd, "root", &again);

	if (procfs_is_fatal(rc))
		return rc;
	if (rc < 0 || !lookup_mark_is(&again, self))
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
	int rc = 0;

	if (fd == -EAGAIN || procfs_is_fatal(fd))
		return fd;
	if (fd >= 0)
		rc = name_pinned(fd, buf, &key->prefix);
	if (rc == 0 && fd >= 0 && !key->prefix.len)
		rc = name_asked(dirfd, &wanted.self, buf, &key->prefix);
	if (rc < 0)
		return rc;
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

	if (procfs_is_fatal((int)n))
		return (int)n;
	return find_other(roots, dirfd, key, ret_root);
}

int roots_find(struct roots *roots, int dirfd, const struct root **ret_root)
{
	struct root_key key = {.prefix = {"", 0}};
	int rc;

	if (roots->is_captured)
		return find_captured(roots, dirfd, ret_root);
	rc = lookup_mark(dirfd, "root", &key.self);
	if (procfs_is_fatal(rc))
		return rc;
	if (roots->own && lookup_mark_is(&key.self, &roots->own->self)) {
		*ret_root = roots->own;
		return 0;
	}
	/* What cannot be told is another root than all that can. */
	if (rc == 0) {
		rc = namespace_of(dirfd, "ns/mnt", &key.namespace);
		if (rc < 0)
			return rc;
	}
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

int roots_fs_of(const struct root *root, int dirfd, uint64_t device,
		enum mountinfo_fs *ret_fs)
{
	return mounts_fs_of(root->mounts, dirfd, device, ret_fs);
}
