/*
 * pins.c - which snapshot answers which request.
 *
 * A pin names the snapshot by a number and does not hold it; a snapshot is held from the
 * time it is replaced until its last pin is too old.  Only the current one gets new pins,
 * so those that were replaced first are also the first to go.
 */
#include "pins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A place for each transaction id, taken from its low bits.  A master counts its ids up,
 * so who loses the place to a newcomer is the request before the last thousand, which is
 * answered by now.  If it is not, it goes on with the current snapshot.
 */
#define PLACES 1024

struct pin {
	uint32_t transaction;
	uint64_t number; /* of the snapshot; 0: the place is free */
	int64_t since;   /* ms */
};

struct held {
	struct snapshot *snapshot; /* owned: one reference */
	uint64_t number;           /* from 1, in the order of publication */
	int64_t last;              /* ms; when it got its last pin */
	bool pinned;
};

struct pins {
	struct held current;
	struct held old[PINS_SNAPSHOTS_MAX]; /* the oldest first; all of them pinned */
	size_t nold;
	struct pin places[PLACES];
};

int pins_new(struct snapshot *first, struct pins **ret)
{
	struct pins *pins = calloc(1, sizeof(*pins));

	if (!pins)
		return -ENOMEM;
	pins->current = (struct held){.snapshot = first, .number = 1};
	*ret = pins;
	return 0;
}

/* The n oldest of those that were replaced. */
static void let_go(struct pins *pins, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snapshot_unref(pins->old[i].snapshot);
	pins->nold -= n;
	memmove(pins->old, pins->old + n, pins->nold * sizeof(*pins->old));
}

void pins_free(struct pins *pins)
{
	if (!pins)
		return;
	let_go(pins, pins->nold);
	snapshot_unref(pins->current.snapshot);
	free(pins);
}

void pins_publish(struct pins *pins, struct snapshot *snapshot)
{
	uint64_t number = pins->current.number + 1;

	if (!pins->current.pinned) {
		snapshot_unref(pins->current.snapshot);
	} else {
		if (pins->nold == PINS_SNAPSHOTS_MAX)
			let_go(pins, 1);
		pins->old[pins->nold++] = pins->current;
	}
	pins->current = (struct held){.snapshot = snapshot, .number = number};
}

const struct snapshot *pins_current(const struct pins *pins)
{
	return pins->current.snapshot;
}

/* NULL: it was let go. */
static const struct snapshot *find(const struct pins *pins, uint64_t number)
{
	if (pins->current.number == number)
		return pins->current.snapshot;
	for (size_t i = 0; i < pins->nold; i++)
		if (pins->old[i].number == number)
			return pins->old[i].snapshot;
	return NULL;
}

const struct snapshot *pins_get(struct pins *pins, uint32_t transaction, int64_t now_ms)
{
	struct pin *pin = &pins->places[transaction % PLACES];
	const struct snapshot *pinned = NULL;

	if (pin->transaction == transaction && now_ms - pin->since < PINS_AGE_MS)
		pinned = find(pins, pin->number);
	if (pinned)
		return pinned;
	*pin = (struct pin){.transaction = transaction,
			    .number = pins->current.number,
			    .since = now_ms};
	pins->current.last = now_ms;
	pins->current.pinned = true;
	return pins->current.snapshot;
}

int64_t pins_expire(struct pins *pins, int64_t now_ms)
{
	size_t n = 0;

	while (n < pins->nold && now_ms - pins->old[n].last >= PINS_AGE_MS)
		n++;
	let_go(pins, n);
	return pins->nold ? PINS_AGE_MS - (now_ms - pins->old[0].last) : -1;
}

void pins_forget(struct pins *pins)
{
	let_go(pins, pins->nold);
	memset(pins->places, 0, sizeof(pins->places));
	pins->current.pinned = false;
}
