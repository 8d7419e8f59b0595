/*
 * roots.h - the roots that the processes of a scan live in, each worked out once, and
 * what is mounted there from elsewhere.
 *
 * A verdict holds for all processes of one root.  So nothing that is kept here is taken on
 * the word of a process that could lead from one root to another between two looks: a
 * root is pinned before it is named, and our own is known before the first process.
 */
#ifndef SCAN_ROOTS_H
#define SCAN_ROOTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lookup.h"
#include "mounts.h"
#include "names.h"
#include "procfs.h"
#include "table.h"

/* Processes with equal roots share one, until roots_release(). */
struct root {
	struct root *next;            /* of all */
	const struct root *next_like; /* with the same key in the table */
	struct mounts *mounts;        /* owned */
	struct name prefix; /* /proc/PID/root as we see it; owned; empty: unknown */
	/* What that is: the name alone can be forged, by a chroot into the mount namespace
	 * of somebody else.  All zero: unknown. */
	struct lookup_mark self;
	uint64_t namespace; /* inode of /proc/PID/ns/mnt; 0: unknown */
	int fd;             /* O_PATH; owned; -1: to be opened through a process */
	uint32_t id;        /* from 1; distinct for distinct roots */
	bool same_mounts;   /* in our own mount namespace */
};

struct roots {
	struct root *own;     /* NULL: it cannot be told from others by its mark alone */
	pthread_mutex_t lock; /* of what follows, and of no root in it */
	struct root *all;     /* newest first */
	struct table known;   /* by namespace, mount and inode */
	uint64_t own_namespace; /* 0: unknown */
	uint32_t n;
	struct mounts_budget budget;
	bool is_captured; /* the tree is no proc file system */
};

/* seed: see table_init().  Returns 0, or -ENOMEM, -EMFILE, -ENFILE with nothing to release. */
int roots_init(struct roots *roots, const struct procfs *fs, uint64_t seed);
void roots_release(struct roots *roots);

/*
 * The root of the process whose folder dirfd is; borrowed until roots_release().  What
 * cannot be read is left unknown.  May be called from any thread.  Returns 0; -EAGAIN
 * when the process went to another root meanwhile; -ENOMEM, -EMFILE, -ENFILE.
 */
int roots_find(struct roots *roots, int dirfd, const struct root **ret_root);

/*
 * The root by which a name is to be looked up, for a process with this root: what it
 * loaded before a chroot lies outside, and its name is one of our own root.
 */
const struct root *roots_for(const struct roots *roots, const struct root *root,
			     struct name name);

/*
 * Opens the root of a process for which roots_find() gave it, with O_PATH, and makes sure
 * that it is still this one.  Returns a descriptor that the caller owns, or -errno as
 * above, or another for what cannot be opened.
 */
int roots_open(const struct root *root, int dirfd);

/*
 * Where device comes from as the root sees it, through the process whose folder dirfd is;
 * MOUNTINFO_REMOTE where that cannot be known.  May be called from any thread.  Returns 0,
 * -ESRCH where the process has no mounts any more, or -ENOMEM, -EMFILE, -ENFILE.
 */
int roots_fs_of(const struct root *root, int dirfd, uint64_t device,
		enum mountinfo_fs *ret_fs);

#endif
