/*
 * differ.h - what one report says that another does not.
 *
 * Pure.  Two files are the same when path, inode and why are equal.
 */
#ifndef SNMP_DIFFER_H
#define SNMP_DIFFER_H

#include "stale.h"

/* Do they tell of other processes, or of other files of them?  NULL: an empty one. */
bool differ_reports(const struct stale_report *a, const struct stale_report *b);

/* What a second look at the processes of a report shows. */
struct differ_look {
	struct stale_identity *gone; /* owned: free() */
	size_t ngone;
	bool is_new; /* some of it is not in the report: scan again */
};

/*
 * Those of report that are neither in look nor unreadable there are gone.  Returns 0,
 * -EAGAIN where the look did not come to its end or cannot tell, or -ENOMEM.
 */
int differ_look(const struct stale_report *report, const struct stale_report *look,
		struct differ_look *ret);

#endif
