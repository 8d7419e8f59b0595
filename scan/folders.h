/*
 * folders.h - the folders that this host's mapped code lies in, for whoever wants to hear
 * of changes there.
 *
 * Of processes in our own root and mount namespace only: the folders of others are not
 * where we would look for them.  Looks no path up: a folder may be gone.
 */
#ifndef SCAN_FOLDERS_H
#define SCAN_FOLDERS_H

#include "judge.h"
#include "lookup.h"
#include "table.h"

/* Other users choose how many there are: what comes later is left out. */
#define FOLDERS_MAX 8192

struct folders {
	char **list; /* owned, as each in it */
	size_t n;
	size_t room;
	/* By device, hash and length: what was looked at; with NO_DEVICE: is listed. */
	struct table seen;
	struct lookup_mark own_root; /* inode 0: unknown */
	/* Of the process before: most are alike.  Borrowed from the scan. */
	const struct root *last;
	bool last_is_ours;
};

/* seed: see table_init().  Returns 0, or -ENOMEM; there is nothing to release then. */
int folders_init(struct folders *folders, uint64_t seed);
void folders_release(struct folders *folders);

/*
 * To be called when the scan is over: forgets what is borrowed from it, and what only the
 * collecting needs.
 */
void folders_finish(struct folders *folders);

/*
 * Lists the folder of an executable mapping, if it is one of this host and new.  Returns
 * 0, -ESRCH where the process is at its end, or -ENOMEM, -EMFILE, -ENFILE.
 */
int folders_take(struct folders *folders, const struct judge_process *process,
		 const struct mapping *mapping);

#endif
