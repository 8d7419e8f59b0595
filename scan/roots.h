/*
 * roots.h - the roots and mount namespaces that the processes of a scan live in, each
 * worked out once.
 */
#ifndef SCAN_ROOTS_H
#define SCAN_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lookup.h"
#include "mountinfo.h"
#include "names.h"
#include "procfs.h"
#include "table.h"

/* What one mount namespace has mounted from elsewhere. */
struct mounts {
	struct mounts *next;
	uint64_t namespace; /* inode of /proc/PID/ns/mnt; 0: unknown */
	bool is_loaded;
	bool is_known;                 /* false: mountinfo could not be read */
	struct mountinfo_line *remote; /* owned; none of them MOUNTINFO_LOCAL */
	size_t nremote;
	size_t room;
};

/* Processes with equal roots share one, until roots_release(). */
struct root {
	struct root *next;
	struct mounts *mounts;
	struct name prefix; /* /proc/PID/root as we see it; owned; empty: unknown */
	/* What that is: the name alone can be forged, by a chroot into the mount namespace
	 * of somebody else. */
	struct lookup_stat self;
	uint32_t id;      /* from 1; distinct for distinct roots */
	bool same_mounts; /* in our own mount namespace */
};

struct roots {
	struct root *all; /* newest first */
	struct mounts *mounts;
	struct root *last;      /* of the process before: most are alike */
	uint64_t own_namespace; /* 0: unknown */
	uint32_t n;
	bool is_captured; /* the tree is no proc file system */
};

void roots_init(struct roots *roots, const struct procfs *fs);
void roots_release(struct roots *roots);

/*
 * The root of the process whose folder dirfd is; borrowed until roots_release().  What
 * cannot be read is left unknown.  Returns 0 or -ENOMEM.
 */
int roots_find(struct roots *roots, int dirfd, const struct root **ret_root);

/*
 * Where device comes from in the mount namespace of the process, whose folder dirfd is;
 * MOUNTINFO_REMOTE where that cannot be known.  Returns 0, or -ENOMEM, -EMFILE, -ENFILE.
 */
int roots_fs_of(const struct root *root, int dirfd, uint64_t device,
		enum mountinfo_fs *ret_fs);

#endif
