/*
 * lookup.h - where a name from /proc/PID/maps leads, for the process that has it mapped.
 *
 * Names are relative to the reader's root, not to the process's; what is found is found
 * in the process's root.  Only paths are walked: nothing is opened for reading but
 * regular files.
 */
#ifndef SCAN_LOOKUP_H
#define SCAN_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "names.h"

/* The view of the file system that a process has. */
struct lookup_root {
	struct name prefix; /* /proc/PID/root as the reader sees it; borrowed */
	int rootfd;         /* O_PATH of /proc/PID/root; borrowed; -1: not to be had */
	bool same_mounts;   /* the process is in the reader's mount namespace */
};

/*
 * Opens what path leads to, with O_PATH.  Returns a descriptor that the caller owns, or
 *   -ENOENT, -ENOTDIR, -ELOOP: the name leads nowhere;
 *   -ENOMEM, -EMFILE, -ENFILE: an error of the scan;
 *   anything else: not known (no access, dead server, a path outside of the root that
 *   only another mount namespace knows: -EXDEV).
 */
int lookup_open(const struct lookup_root *root, struct name path);

/* The same for the name itself, where it is a symbolic link. */
int lookup_open_link(const struct lookup_root *root, struct name path);

/*
 * Opens a regular file, known by an O_PATH descriptor, for reading.  Never opens a device,
 * FIFO or file of the kernel (proc, sysfs, ...), of which opening or reading may do
 * something: who owns a mapped file chooses what its name leads to now.  Returns a descriptor that the caller owns, or
 * -errno.
 */
int lookup_reopen(int pathfd);

/* statx(2) of a file, in the fields that verdicts need. */
struct lookup_stat {
	uint64_t device; /* major << 32 | minor */
	uint64_t inode;
	int64_t birth_ns; /* since the epoch; 0: the file system keeps none */
	int64_t ctime_ns; /* since the epoch */
	int64_t mtime_ns; /* since the epoch */
	int64_t bytes;    /* on disk */
	uint32_t nlink;
	uid_t uid;
	mode_t mode;
};

/*
 * Of what dirfd and name lead to, links followed; of what dirfd is open on where name is
 * "".  Returns 0 or -errno.
 */
int lookup_stat(int dirfd, const char *name, struct lookup_stat *ret);

/* What tells a folder, reached by a mount, from all others. */
struct lookup_mark {
	uint64_t mount; /* its number, of no other since the boot; before Linux 6.8: of no
			 * other mount while it is there; 0: Linux before 5.8 */
	uint64_t device; /* major << 32 | minor */
	uint64_t inode;
};

/* As lookup_stat(), and without a word to the server of a network file system. */
int lookup_mark(int dirfd, const char *name, struct lookup_mark *ret);

static inline bool lookup_mark_is(const struct lookup_mark *a,
				  const struct lookup_mark *b)
{
	return a->mount == b->mount && a->device == b->device && a->inode == b->inode;
}

#endif
