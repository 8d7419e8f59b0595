/*
 * pins.h - which snapshot answers which request.
 *
 * One SNMP request reaches a subagent in many pieces, which share a transaction id.  All
 * of them are to be answered from one snapshot, also when a newer one was published in
 * between.
 */
#ifndef SNMP_PINS_H
#define SNMP_PINS_H

#include "snapshot.h"

#define PINS_AGE_MS        10000 /* a request that takes longer is nobody's any more */
#define PINS_SNAPSHOTS_MAX 32    /* old ones that are kept for requests */

struct pins; /* one thread */

/* Returns 0 and hands over *ret (pins_free()), which takes over the reference; or -ENOMEM,
 * and the reference stays the caller's. */
int pins_new(struct snapshot *first, struct pins **ret);
void pins_free(struct pins *pins); /* NULL is a no-op */

/*
 * What answers new requests from now on; takes over the reference.  The one before is kept
 * while a request may ask for it; of more than PINS_SNAPSHOTS_MAX, the oldest are let go,
 * and their requests go on with the current one.
 */
void pins_publish(struct pins *pins, struct snapshot *snapshot);

/* Borrowed until the next call that changes pins. */
const struct snapshot *pins_current(const struct pins *pins);

/*
 * The snapshot of a request; the current one if it is new, or its first piece came
 * PINS_AGE_MS ago or more.  now_ms: of a clock that never goes back, not negative.
 * Borrowed as above.
 */
const struct snapshot *pins_get(struct pins *pins, uint32_t transaction, int64_t now_ms);

/* Lets go of what is too old.  Returns milliseconds until there is more to do, -1: none. */
int64_t pins_expire(struct pins *pins, int64_t now_ms);

/* Of all requests: their master is gone, and the next one counts anew. */
void pins_forget(struct pins *pins);

#endif
