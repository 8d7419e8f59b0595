/*
 * notify.h - what managers are to be told, and when: pure, no clock, no master.
 *
 * Compares what is so now with what was told last, so that nothing is lost that could not
 * be told at once, and nothing is told that is over.
 */
#ifndef SNMP_NOTIFY_H
#define SNMP_NOTIFY_H

#include "notification.h"
#include "snapshot.h"

#define NOTIFY_GAP_MS 300000 /* between two of a kind */

struct notify_due {
	enum mib_notification what;
	uint32_t appeared; /* processes with something that was not told of */
	uint32_t cleared;  /* processes that were told of, and are not stale any more */
};

struct notify; /* one thread */

/* Returns 0 and hands over *ret (notify_free()), or -ENOMEM. */
int notify_new(int64_t gap_ms, struct notify **ret);
void notify_free(struct notify *notify); /* NULL is a no-op */

/* What is so now.  Returns 0, or -ENOMEM with nothing changed. */
int notify_see(struct notify *notify, const struct snapshot *snapshot);

/*
 * wanted: the kinds that are sent, 1 << enum mib_notification; others count as told.  Returns
 * whether there is something to send now; it counts as told then.  To be called again
 * until there is nothing, and not at all while nobody is there to be told.
 */
bool notify_next(struct notify *notify, unsigned wanted, int64_t now_ms,
		 struct notify_due *ret);

/* Milliseconds until something may be sent that waits for its time; -1: nothing does. */
int64_t notify_wait(const struct notify *notify, unsigned wanted, int64_t now_ms);

#endif
