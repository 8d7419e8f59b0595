/*
 * lookup.c - walk a path below a process's root, stat and reopen what is there.
 *
 * Decides nothing about staleness.  Does not cache: the caller asks once per file.
 */
#include "lookup.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "util.h"

/* Linux 6.8, linux/stat.h; answered instead of STATX_MNT_ID by a kernel that knows it. */
#define STATX_MOUNT_FOREVER 0x4000U

/* Racing renames make RESOLVE_IN_ROOT give up on "..": openat2(2), EAGAIN. */
#define OPENAT2_TRIES 8

/* Seconds, in the year 2115: nanoseconds of two such times may be subtracted. */
#define FAR INT64_C(4600000000)

/* Of a file: their bytes are an int64_t. */
#define BLOCKS_MAX (INT64_MAX / 512)

/* No file system is asked this: what answers EPERM may be a server of files, too. */
static bool has_openat2(const struct open_how *how)
{
	return syscall(SYS_openat2, -1, ".", how, sizeof(*how)) >= 0 ||
	       (errno != ENOSYS && errno != EPERM);
}

/*
 * One step: a path shorter than PATH_MAX, with symbolic links resolved as if dirfd were
 * the root.  Before Linux 5.6, or in a sandbox that knows no openat2, absolute links are
 * resolved in our root instead: names from the kernel hold no links, so that only a link
 * put in their place since then is followed wrongly, and either way it is another file.
 */
static int open_step(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int rc = -EAGAIN;

	for (int i = 0; i < OPENAT2_TRIES && (rc == -EAGAIN || rc == -EINTR); i++) {
		rc = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
		if (rc < 0)
			rc = -errno;
	}
	if ((rc == -ENOSYS || rc == -EPERM) && !has_openat2(&how)) {
		rc = openat(dirfd, path, O_PATH | O_CLOEXEC | flags);
		if (rc < 0)
			rc = -errno;
	}
	return rc;
}

/* The longest beginning of rest that ends before a '/' and fits into PATH_MAX. */
static size_t step_len(struct name rest)
{
	size_t len = rest.len;

	if (len < PATH_MAX)
		return len;
	for (len = PATH_MAX - 1; len && rest.s[len] != '/'; len--)
		;
	return len;
}

/* Walks rest, which begins with '/' or is empty, below dirfd: in pieces, since a process
 * can map a file whose path is longer than PATH_MAX. */
static int open_below(int dirfd, struct name rest, int flags)
{
	cleanup_close int at = -1;
	char buf[PATH_MAX];

	for (;;) {
		size_t len;
		int fd;

		while (rest.len && rest.s[0] == '/')
			rest = (struct name){rest.s + 1, rest.len - 1};
		len = step_len(rest);
		if (rest.len && !len)
			return -ENAMETOOLONG;
		memcpy(buf, rest.s, len);
		buf[len] = '\0';
		fd = open_step(at < 0 ? dirfd : at, len ? buf : ".",
			       len < rest.len ? O_DIRECTORY : flags);
		if (fd < 0 || len == rest.len)
			return fd;
		util_close(&at);
		at = fd;
		rest = (struct name){rest.s + len, rest.len - len};
	}
}

static int open_path(const struct lookup_root *root, struct name path, int flags)
{
	cleanup_close int own = -1;
	struct name rest;

	if (root->rootfd >= 0 && name_strip_root(path, root->prefix, &rest))
		return open_below(root->rootfd, rest, flags);
	/* Loaded before a chroot: the name is one of our own root. */
	if (!root->same_mounts || !path.len || path.s[0] != '/')
		return -EXDEV;
	own = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (own < 0)
		return -errno;
	return open_below(own, path, flags);
}

int lookup_open(const struct lookup_root *root, struct name path)
{
	return open_path(root, path, 0);
}

int lookup_open_link(const struct lookup_root *root, struct name path)
{
	return open_path(root, path, O_NOFOLLOW);
}

/*
 * File systems of the kernel, by linux/magic.h: their files are regular by mode, but to
 * read one may take messages from whom they are for, or do anything else.  1, 0 or -errno.
 */
static int is_of_kernel(int fd)
{
	static const uint32_t magics[] = {
		0x9fa0,     /* proc: kmsg */
		0x62656572, /* sysfs */
		0x74726163, /* tracefs: trace_pipe */
		0x64626720, /* debugfs */
		0x73636673, /* securityfs */
		0x0027e0eb, /* cgroup */
		0x63677270, /* cgroup2 */
		0xcafe4a11, /* bpf */
		0x62656570, /* configfs */
		0xde5e81e4, /* efivarfs */
		0x6165676c, /* pstore */
		0xf97cff8c, /* selinux */
		0x43415d53, /* smack */
		0x42494e4d, /* binfmt_misc */
		0x07655821, /* resctrl */
		0x19800202, /* mqueue */
		0x6e736673, /* nsfs */
	};
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if ((uint32_t)st.f_type == magics[i])
			return 1;
	return 0;
}

int lookup_reopen(int pathfd)
{
	char name[sizeof("/proc/thread-self/fd/") + 3 * sizeof(int)];
	struct lookup_stat st;
	int rc = lookup_stat(pathfd, "", &st);
	int fd;

	if (rc < 0)
		return rc;
	rc = S_ISREG(st.mode) ? is_of_kernel(pathfd) : 1;
	if (rc)
		return rc < 0 ? rc : -EINVAL;
	snprintf(name, sizeof(name), "/proc/thread-self/fd/%d", pathfd);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

/* Owners set times as they like, and servers tell what they like: what is too far away is
 * as far as it can be. */
static int64_t nanoseconds(const struct statx_timestamp *t)
{
	if (t->tv_sec > FAR)
		return FAR * 1000000000;
	if (t->tv_sec < -FAR)
		return -FAR * 1000000000;
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* statx(2): stx_blocks. */
static int64_t block_bytes(uint64_t blocks)
{
	return blocks > BLOCKS_MAX ? BLOCKS_MAX * 512 : (int64_t)blocks * 512;
}

int lookup_stat(int dirfd, const char *name, struct lookup_stat *ret)
{
	const unsigned want = STATX_TYPE | STATX_NLINK | STATX_UID | STATX_INO |
			      STATX_CTIME | STATX_BLOCKS | STATX_MTIME | STATX_BTIME;
	struct statx stx;

	if (statx(dirfd, name, AT_EMPTY_PATH | AT_NO_AUTOMOUNT, want, &stx) < 0)
		return -errno;
	*ret = (struct lookup_stat){
		.device = (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
		.inode = stx.stx_ino,
		.birth_ns =
			(stx.stx_mask & STATX_BTIME) ? nanoseconds(&stx.stx_btime) : 0,
		.ctime_ns = nanoseconds(&stx.stx_ctime),
		.mtime_ns = nanoseconds(&stx.stx_mtime),
		.bytes = block_bytes(stx.stx_blocks),
		.nlink = stx.stx_nlink,
		.uid = stx.stx_uid,
		.mode = stx.stx_mode,
	};
	return 0;
}

int lookup_mark(int dirfd, const char *name, struct lookup_mark *ret)
{
	const unsigned mount = STATX_MNT_ID | STATX_MOUNT_FOREVER;
	struct statx stx;

	if (statx(dirfd, name, AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_INO | mount, &stx) < 0)
		return -errno;
	*ret = (struct lookup_mark){
		.mount = (stx.stx_mask & mount) ? stx.stx_mnt_id : 0,
		.device = (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
		.inode = stx.stx_ino,
	};
	return 0;
}
