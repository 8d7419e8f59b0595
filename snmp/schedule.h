/*
 * schedule.h - when to scan, and when to look again at what was found.
 *
 * Pure: is told the time and what happened, starts nothing and reads no clock.  All
 * times are milliseconds of a clock that never goes back.
 *
 * A scan is due by the interval, when it was asked for, and some time after a folder of
 * mapped code was touched.  Other users can touch such folders for ever: events that
 * bring no news make the next ones wait longer, and no kind of event makes scans of up to
 * 15 seconds take more than a fifth of the time, and longer ones more than half.
 */
#ifndef SNMP_SCHEDULE_H
#define SNMP_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_NEVER INT64_MAX

#define SCHEDULE_QUIET_MS     2000  /* no event for so long: the upgrade is over */
#define SCHEDULE_PATIENCE_MS  30000 /* after the first event, quiet or not */
#define SCHEDULE_HOLD_MIN_MS  4000  /* after an event that brought no news */
#define SCHEDULE_HOLD_MAX_MS  60000
#define SCHEDULE_RETRY_MIN_MS 1000 /* after a scan that died */
#define SCHEDULE_RETRY_MAX_MS 60000
#define SCHEDULE_LOOK_MS      15000

enum schedule_action {
	SCHEDULE_NOTHING,
	SCHEDULE_SCAN,
	SCHEDULE_LOOK, /* at the stale processes only */
};

enum schedule_result {
	SCHEDULE_NEWS,    /* another report than the one before */
	SCHEDULE_NO_NEWS, /* the same */
	SCHEDULE_BROKE,   /* failed, or was cut */
	SCHEDULE_DIED,    /* is tried again soon */
};

struct schedule {
	int64_t interval_ms;
	int64_t look_ms;
	int64_t scan_due;    /* by interval, retry, or because it was asked for */
	int64_t look_due;    /* SCHEDULE_NEVER: nothing is stale */
	int64_t first_touch; /* since the last scan began; SCHEDULE_NEVER: none */
	int64_t last_touch;
	int64_t hold_until; /* no scan for an event before that */
	int64_t hold_ms;    /* 0: the last event brought news */
	int64_t retry_ms;   /* 0: the last scan did not die */
	int64_t grow_ms;    /* 0: the folders did not grow */
	int64_t began;
	bool by_event; /* the scan that runs */
};

/* A scan is due at once. */
void schedule_init(struct schedule *s, int64_t now, int64_t interval_ms, int64_t look_ms);

/* Other settings: a scan is due at once. */
void schedule_change(struct schedule *s, int64_t now, int64_t interval_ms);

/* Scan as soon as nothing runs. */
void schedule_ask(struct schedule *s, int64_t now);

/* Folders were touched. */
void schedule_touch(struct schedule *s, int64_t now);

/* The folders watched since a scan are more than those before it, or not: what happened
 * in the new ones between scan and watch was missed. */
void schedule_grow(struct schedule *s, int64_t now, bool grew);

/* What is to be started now, while nothing runs; *ret_due: when there is something to be
 * started otherwise, SCHEDULE_NEVER or later than now. */
enum schedule_action schedule_next(const struct schedule *s, int64_t now,
				   int64_t *ret_due);

/* What schedule_next() said was started. */
void schedule_begin(struct schedule *s, int64_t now, enum schedule_action action);

/* It is over.  look: there is something to look at again. */
void schedule_end(struct schedule *s, int64_t now, enum schedule_action action,
		  enum schedule_result result, bool look);

#endif
