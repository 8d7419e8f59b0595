/*
 * schedule.c - when to scan, and when to look again at what was found.
 */
#include "schedule.h"

/* A scan that took t is followed by a rest of 4 t, but for what a person asks for. */
#define REST_FACTOR 4
#define REST_MAX_MS 60000

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t doubled(int64_t ms, int64_t min, int64_t max)
{
	return ms == 0 ? min : smaller(ms * 2, max);
}

void schedule_init(struct schedule *s, int64_t now, int64_t interval_ms, int64_t look_ms)
{
	*s = (struct schedule){
		.interval_ms = interval_ms,
		.look_ms = look_ms,
		.scan_due = now,
		.look_due = SCHEDULE_NEVER,
		.first_touch = SCHEDULE_NEVER,
		.hold_until = now,
	};
}

void schedule_change(struct schedule *s, int64_t now, int64_t interval_ms)
{
	s->interval_ms = interval_ms;
	schedule_ask(s, now);
}

void schedule_ask(struct schedule *s, int64_t now)
{
	s->scan_due = smaller(s->scan_due, now);
}

void schedule_touch(struct schedule *s, int64_t now)
{
	if (s->first_touch == SCHEDULE_NEVER) {
		/* It was calm for long: this is another matter. */
		if (now - s->hold_until >= SCHEDULE_HOLD_MAX_MS)
			s->hold_ms = 0;
		s->first_touch = now;
	}
	s->last_touch = now;
}

void schedule_grow(struct schedule *s, int64_t now, bool grew)
{
	if (!grew) {
		s->grow_ms = 0;
		return;
	}
	s->grow_ms = doubled(s->grow_ms, SCHEDULE_RETRY_MIN_MS, SCHEDULE_RETRY_MAX_MS);
	s->scan_due = smaller(s->scan_due, larger(now + s->grow_ms, s->hold_until));
}

static int64_t event_due(const struct schedule *s)
{
	int64_t due;

	if (s->first_touch == SCHEDULE_NEVER)
		return SCHEDULE_NEVER;
	due = smaller(s->last_touch + SCHEDULE_QUIET_MS,
		      s->first_touch + SCHEDULE_PATIENCE_MS);
	return larger(due, s->hold_until);
}

enum schedule_action schedule_next(const struct schedule *s, int64_t now,
				   int64_t *ret_due)
{
	int64_t scan = smaller(s->scan_due, event_due(s));

	*ret_due = smaller(scan, s->look_due);
	if (scan <= now)
		return SCHEDULE_SCAN;
	return s->look_due <= now ? SCHEDULE_LOOK : SCHEDULE_NOTHING;
}

void schedule_begin(struct schedule *s, int64_t now, enum schedule_action action)
{
	s->began = now;
	if (action != SCHEDULE_SCAN)
		return;
	s->by_event = s->scan_due > now;
	s->scan_due = SCHEDULE_NEVER; /* unless one is asked for meanwhile */
	s->first_touch = SCHEDULE_NEVER;
}

static void end_scan(struct schedule *s, int64_t now, enum schedule_result result,
		     int64_t rest_ms)
{
	int64_t due = larger(s->began + s->interval_ms, now + rest_ms);

	if (result == SCHEDULE_DIED) {
		s->retry_ms = doubled(s->retry_ms, SCHEDULE_RETRY_MIN_MS,
				      SCHEDULE_RETRY_MAX_MS);
		due = now + s->retry_ms;
		s->hold_until = larger(s->hold_until, due);
	} else {
		s->retry_ms = 0;
	}
	if (s->by_event && result == SCHEDULE_NEWS)
		s->hold_ms = 0;
	else if (s->by_event)
		s->hold_ms =
			doubled(s->hold_ms, SCHEDULE_HOLD_MIN_MS, SCHEDULE_HOLD_MAX_MS);
	if (s->by_event)
		s->hold_until = larger(s->hold_until, now + s->hold_ms);
	s->hold_until = larger(s->hold_until, now + rest_ms);
	s->scan_due = smaller(s->scan_due, due);
}

void schedule_end(struct schedule *s, int64_t now, enum schedule_action action,
		  enum schedule_result result, bool look)
{
	int64_t rest_ms = smaller((now - s->began) * REST_FACTOR, REST_MAX_MS);

	if (action == SCHEDULE_SCAN)
		end_scan(s, now, result, rest_ms);
	s->look_due = look ? now + larger(s->look_ms, rest_ms) : SCHEDULE_NEVER;
}
