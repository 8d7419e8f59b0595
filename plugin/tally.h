/*
 * tally.h - processes counted by a label, the largest numbers first.  Pure.
 *
 * Beyond a limit everything is counted as TALLY_OTHER, one number for each reason; what
 * calls itself so is counted there, too, so that no label comes twice.
 */
#ifndef PLUGIN_TALLY_H
#define PLUGIN_TALLY_H

#include "view.h"

#define TALLY_OTHER "_other"

/* That a process has something of this label.  The label is s and then tail. */
struct tally_item {
	const char *s; /* borrowed; not ended by NUL */
	size_t len;
	const char *tail; /* borrowed */
	enum stale_why why;
	size_t proc;   /* anything that tells processes apart */
	bool is_users; /* as view_is_users() says */
};

struct tally_row {
	struct tally_item item; /* of one of the processes */
	size_t nprocs;          /* distinct, >= 1 */
};

/* Room for the rows of a limit. */
#define TALLY_ROWS(max) ((max) + STALE_WHY_COUNT)

/*
 * Counts n items, which it sorts, to at most max rows and then the others by reason.  A
 * row that is not all users' comes before those that are, when there are too many.
 * Returns 0 and *ret_n, or -ENOMEM.
 */
int tally_make(struct tally_item *items, size_t n, size_t max, struct tally_row *ret_rows,
	       size_t *ret_n);

/* An item of this label.  Both strings are borrowed. */
static inline struct tally_item tally_item_make(const char *s, size_t len,
						const char *tail)
{
	return (struct tally_item){.s = s, .len = len, .tail = tail};
}

#endif
