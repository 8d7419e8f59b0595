/*
 * mounts.h - what is mounted below a root from elsewhere, where a look-up may have to wait
 * for somebody.
 *
 * Users make mounts in namespaces of their own, and the kernel walks through all of them
 * for who reads them: what is read has a limit, and what is not read is taken for remote.
 */
#ifndef SCAN_MOUNTS_H
#define SCAN_MOUNTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mountinfo.h"

/* What may be read of the mounts of all roots but our own.  Who reads holds the lock, or
 * as many workers would each read so much. */
struct mounts_budget {
	pthread_mutex_t lock;
	size_t left; /* bytes */
};

/* Of one root. */
struct mounts {
	pthread_mutex_t lock;
	bool is_loaded;
	bool is_known;                 /* false: mountinfo could not be read */
	struct mountinfo_line *remote; /* owned; by device; none is MOUNTINFO_LOCAL */
	size_t nremote;
	size_t room;
	struct mounts_budget *budget; /* borrowed; NULL: our own root has none */
};

void mounts_budget_init(struct mounts_budget *budget);

/* Neither reads or allocates anything. */
void mounts_init(struct mounts *mounts, struct mounts_budget *budget);
void mounts_release(struct mounts *mounts);

/*
 * Where device comes from, by the mountinfo of the process whose folder dirfd is, or by
 * our own where there is no budget.  MOUNTINFO_REMOTE where that cannot be known.  May be
 * called from any thread.  Returns 0; -ESRCH when the process is gone, which tells nothing
 * of the others in that root; or -ENOMEM, -EMFILE, -ENFILE.
 */
int mounts_fs_of(struct mounts *mounts, int dirfd, uint64_t device,
		 enum mountinfo_fs *ret_fs);

#endif
