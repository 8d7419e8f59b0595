/*
 * watches.h - the folders of mapped code: has anything been put in, taken out, renamed?
 *
 * A path may hang, so it is the worker that looks the folders up and adds the watches;
 * they stay with the inotify instance, which is the keeper's.  That something happened is
 * all that is told, never what.  Folders of scratch are not watched: everyone writes
 * there, and what is deleted there is no upgrade.
 */
#ifndef SNMP_WATCHES_H
#define SNMP_WATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WATCHES_MAX 8192

struct watches_set; /* in memory that keeper and worker share */

struct watches {
	int fd;          /* inotify instance in use; -1: none */
	uint64_t *known; /* what it watches: hashes, ascending; owned */
	size_t nknown;
	uint64_t seed;              /* of the hashes */
	struct watches_set *shared; /* owned */
	int next;                   /* instance for the worker; -1: none */
	bool is_broken;             /* a watch is gone: all are to be made anew */
};

/* What became of the watches. */
enum watches_change {
	WATCHES_SAME,
	WATCHES_FEWER, /* some are gone, none came */
	WATCHES_GREW,
};

/* Returns 0 or -ENOMEM.  Release with watches_release(). */
int watches_init(struct watches *watches);
void watches_release(struct watches *watches);

/* Watches nothing any more. */
void watches_forget(struct watches *watches);

/* Before the worker is forked: an instance for it.  Returns 0; -EMFILE: the user's
 * instances run out; or another -errno. */
int watches_prepare(struct watches *watches);

/*
 * In the worker: watches the folders of the list in the new instance, if they are not
 * those watched already.  Those that cannot be watched are left out.  Returns 0; -ENOSPC:
 * the user's watches run out; or -ENOMEM.
 */
int watches_watch(const struct watches *watches, const char *const *list, size_t n);

/* After the worker has done so: uses the new instance where the set has changed.  Returns
 * 0 and *ret, or -ENOMEM. */
int watches_adopt(struct watches *watches, enum watches_change *ret);

/* Instead: lets go of the new instance. */
void watches_cancel(struct watches *watches);

/* Takes the events in fd.  Returns whether there were any. */
bool watches_drain(struct watches *watches);

/* Pure: a folder where scratch is put. */
bool watches_is_scratch(const char *path);

#endif
