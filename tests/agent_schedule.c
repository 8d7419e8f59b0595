/*
 * agent_schedule.c - when scans and looks are due, by the clock of each row.
 */
#include "tests/test.h"

#include <stdio.h>

#include "snmp/schedule.h"

#define INTERVAL 300000
#define LOOK     15000

enum verb {
	STOP,
	DUE,    /* action, when */
	TOUCH,  /* folders */
	ASK,    /* for a scan */
	CHANGE, /* the interval */
	GREW,   /* the folders */
	STAYED,
	BEGIN, /* action */
	END,   /* action, result; nothing is stale */
	STALE, /* the same, and something is */
};

struct step {
	enum verb verb;
	int64_t now;
	int what;
	int64_t value;
};

/* A scan that brings no news and takes no time. */
#define SCAN(at)                                                                         \
	{BEGIN, at, SCHEDULE_SCAN, 0},                                                   \
	{                                                                                \
		END, at, SCHEDULE_SCAN, SCHEDULE_NO_NEWS                                 \
	}
#define SCAN_NEWS(at)                                                                    \
	{BEGIN, at, SCHEDULE_SCAN, 0},                                                   \
	{                                                                                \
		END, at, SCHEDULE_SCAN, SCHEDULE_NEWS                                    \
	}
#define DIES(at)                                                                         \
	{BEGIN, at, SCHEDULE_SCAN, 0},                                                   \
	{                                                                                \
		END, at, SCHEDULE_SCAN, SCHEDULE_DIED                                    \
	}
/* Nothing now, something then. */
#define WAITS(at, until)                                                                 \
	{                                                                                \
		DUE, at, SCHEDULE_NOTHING, until                                         \
	}
#define SCANS(at)                                                                        \
	{                                                                                \
		DUE, at, SCHEDULE_SCAN, at                                               \
	}
#define LOOKS(at)                                                                        \
	{                                                                                \
		DUE, at, SCHEDULE_LOOK, at                                               \
	}

#define STEPS 40

static const struct row {
	const char *name;
	struct step steps[STEPS];
} rows[] = {
	{"the_first_scan_is_due_at_once", {SCANS(0)}},
	{"a_scan_is_due_when_the_interval_is_over_since_the_last_one_began",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {END, 100, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  WAITS(100, INTERVAL),
	  WAITS(INTERVAL - 1, INTERVAL),
	  SCANS(INTERVAL)}},
	{"a_scan_that_takes_long_is_followed_by_a_rest",
	 {{CHANGE, 0, 0, 1000},
	  {BEGIN, 0, SCHEDULE_SCAN, 0},
	  {END, 500, SCHEDULE_SCAN, SCHEDULE_NO_NEWS},
	  WAITS(500, 2500)}},
	{"the_rest_is_never_longer_than_a_minute",
	 {{CHANGE, 0, 0, 1000},
	  {BEGIN, 0, SCHEDULE_SCAN, 0},
	  {END, 50000, SCHEDULE_SCAN, SCHEDULE_BROKE},
	  WAITS(50000, 110000)}},
	{"a_scan_that_failed_is_tried_again_after_the_interval",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {END, 10, SCHEDULE_SCAN, SCHEDULE_BROKE},
	  WAITS(10, INTERVAL)}},
	{"another_interval_begins_with_a_scan",
	 {SCAN(0), {CHANGE, 100, 0, 60000}, SCANS(100), SCAN(100), WAITS(100, 60100)}},
	{"what_is_asked_for_during_a_scan_is_due_after_it",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {ASK, 50, 0, 0},
	  {END, 100, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  {DUE, 100, SCHEDULE_SCAN, 50}}},

	{"stale_processes_are_looked_at_again",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {STALE, 100, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  WAITS(100, 100 + LOOK),
	  LOOKS(100 + LOOK),
	  {BEGIN, 100 + LOOK, SCHEDULE_LOOK, 0},
	  {STALE, 200 + LOOK, SCHEDULE_LOOK, SCHEDULE_BROKE},
	  WAITS(200 + LOOK, 200 + 2 * LOOK)}},
	{"nothing_is_looked_at_when_nothing_is_stale_any_more",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {STALE, 0, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  {BEGIN, LOOK, SCHEDULE_LOOK, 0},
	  {END, LOOK, SCHEDULE_LOOK, SCHEDULE_BROKE},
	  WAITS(LOOK, INTERVAL)}},
	{"a_look_that_takes_long_is_followed_by_a_rest",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {STALE, 0, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  {BEGIN, LOOK, SCHEDULE_LOOK, 0},
	  {STALE, LOOK + 10000, SCHEDULE_LOOK, SCHEDULE_BROKE},
	  WAITS(LOOK + 10000, LOOK + 50000)}},
	{"looks_put_no_scan_off",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {STALE, 0, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  {BEGIN, LOOK, SCHEDULE_LOOK, 0},
	  {TOUCH, LOOK, 0, 0},
	  {STALE, LOOK + 10, SCHEDULE_LOOK, SCHEDULE_BROKE},
	  WAITS(LOOK + 10, LOOK + 2000),
	  {BEGIN, LOOK + 2000, SCHEDULE_SCAN, 0},
	  {END, LOOK + 2000, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  WAITS(LOOK + 2000, LOOK + 2000 + INTERVAL)}},
	{"where_both_are_due_it_is_the_scan",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {STALE, 0, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  {ASK, LOOK, 0, 0},
	  SCANS(LOOK)}},

	{"a_touch_is_followed_by_a_scan_when_it_is_quiet",
	 {SCAN(0), {TOUCH, 10000, 0, 0}, WAITS(10000, 12000), SCANS(12000)}},
	{"every_touch_puts_the_scan_off",
	 {SCAN(0), {TOUCH, 10000, 0, 0}, {TOUCH, 11999, 0, 0}, WAITS(12000, 13999)}},
	{"touches_put_a_scan_off_for_half_a_minute_at_most",
	 {SCAN(0),
	  {TOUCH, 10000, 0, 0},
	  {TOUCH, 20000, 0, 0},
	  {TOUCH, 39500, 0, 0},
	  WAITS(39500, 40000)}},
	{"a_scan_deals_with_what_was_touched_before_it",
	 {SCAN(0), {TOUCH, 1000, 0, 0}, SCAN_NEWS(3000), WAITS(3000, 3000 + INTERVAL)}},
	{"what_is_touched_during_a_scan_is_for_the_next",
	 {{BEGIN, 0, SCHEDULE_SCAN, 0},
	  {TOUCH, 50, 0, 0},
	  {END, 100, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  WAITS(100, 2050)}},
	{"touches_without_news_make_the_next_wait_ever_longer",
	 {SCAN(0),
	  {TOUCH, 1000, 0, 0},
	  SCAN(3000),
	  {TOUCH, 3001, 0, 0},
	  WAITS(3001, 7000),
	  SCAN(7000),
	  {TOUCH, 7001, 0, 0},
	  WAITS(7001, 15000),
	  SCAN(15000),
	  {TOUCH, 15001, 0, 0},
	  WAITS(15001, 31000),
	  SCAN(31000),
	  {TOUCH, 31001, 0, 0},
	  WAITS(31001, 63000),
	  SCAN(63000),
	  {TOUCH, 63001, 0, 0},
	  WAITS(63001, 123000),
	  SCAN(123000),
	  {TOUCH, 123001, 0, 0},
	  WAITS(123001, 183000)}},
	{"news_end_the_longer_wait",
	 {SCAN(0),
	  {TOUCH, 1000, 0, 0},
	  SCAN(3000),
	  {TOUCH, 3001, 0, 0},
	  SCAN(7000),
	  {TOUCH, 7001, 0, 0},
	  SCAN_NEWS(15000),
	  {TOUCH, 15001, 0, 0},
	  WAITS(15001, 17001),
	  SCAN(17001),
	  {TOUCH, 17002, 0, 0},
	  WAITS(17002, 21001)}},
	{"a_minute_of_calm_ends_the_longer_wait",
	 {SCAN(0),
	  {TOUCH, 1000, 0, 0},
	  SCAN(3000),
	  {TOUCH, 3001, 0, 0},
	  SCAN(7000),
	  {TOUCH, 75000, 0, 0},
	  SCAN(77000),
	  {TOUCH, 77001, 0, 0},
	  WAITS(77001, 81000)}},
	{"a_scan_by_the_interval_makes_no_event_wait",
	 {SCAN(0),
	  {TOUCH, INTERVAL, 0, 0},
	  SCAN(INTERVAL),
	  {TOUCH, INTERVAL + 1, 0, 0},
	  WAITS(INTERVAL + 1, INTERVAL + 2001)}},
	{"events_with_news_leave_four_fifths_of_the_time_to_others",
	 {SCAN(0),
	  {TOUCH, 1000, 0, 0},
	  {BEGIN, 3000, SCHEDULE_SCAN, 0},
	  {END, 6000, SCHEDULE_SCAN, SCHEDULE_NEWS},
	  {TOUCH, 6001, 0, 0},
	  WAITS(6001, 18000)}},

	{"a_scan_that_died_is_tried_again_later_each_time",
	 {DIES(0), WAITS(0, 1000), DIES(1000), WAITS(1000, 3000), DIES(3000),
	  WAITS(3000, 7000), DIES(7000), WAITS(7000, 15000), DIES(15000),
	  WAITS(15000, 31000), DIES(31000), WAITS(31000, 63000), DIES(63000),
	  WAITS(63000, 123000), DIES(123000), WAITS(123000, 183000)}},
	{"a_scan_that_succeeds_ends_the_longer_wait",
	 {DIES(0), DIES(1000), SCAN(3000), WAITS(3000, 303000), DIES(303000),
	  WAITS(303000, 304000)}},
	{"a_touch_is_no_way_around_the_wait_after_a_death",
	 {DIES(0), DIES(1000), DIES(3000), {TOUCH, 3001, 0, 0}, WAITS(3001, 7000)}},

	{"folders_that_grew_are_scanned_once_more",
	 {SCAN(0),
	  {GREW, 0, 0, 0},
	  WAITS(0, 1000),
	  SCAN(1000),
	  {STAYED, 1000, 0, 0},
	  WAITS(1000, 301000)}},
	{"folders_that_grow_for_ever_are_scanned_ever_later",
	 {SCAN(0),
	  {GREW, 0, 0, 0},
	  SCAN(1000),
	  {GREW, 1000, 0, 0},
	  WAITS(1000, 3000),
	  SCAN(3000),
	  {GREW, 3000, 0, 0},
	  WAITS(3000, 7000),
	  SCAN(7000),
	  {STAYED, 7000, 0, 0},
	  SCAN(307000),
	  {GREW, 307000, 0, 0},
	  WAITS(307000, 308000)}},
	{"the_scan_after_folders_grew_makes_no_event_wait",
	 {SCAN(0), {GREW, 0, 0, 0}, SCAN(1000), {TOUCH, 1001, 0, 0}, WAITS(1001, 3001)}},
};

static void check_due(const struct row *row, const struct schedule *s,
		      const struct step *step, size_t i)
{
	char label[128];
	int64_t due;
	enum schedule_action action = schedule_next(s, step->now, &due);

	snprintf(label, sizeof(label), "%s, step %zu", row->name, i);
	row_number(label, "action", action, step->what);
	row_number(label, "due", due, step->value);
}

static void take_step(struct schedule *s, const struct step *step)
{
	switch (step->verb) {
	case STOP:
	case DUE:
		break;
	case TOUCH:
		schedule_touch(s, step->now);
		break;
	case ASK:
		schedule_ask(s, step->now);
		break;
	case CHANGE:
		schedule_change(s, step->now, step->value);
		break;
	case GREW:
	case STAYED:
		schedule_grow(s, step->now, step->verb == GREW);
		break;
	case BEGIN:
		schedule_begin(s, step->now, (enum schedule_action)step->what);
		break;
	case END:
	case STALE:
		schedule_end(s, step->now, (enum schedule_action)step->what,
			     (enum schedule_result)step->value, step->verb == STALE);
		break;
	}
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct schedule s;

	schedule_init(&s, 0, INTERVAL, LOOK);
	for (size_t i = 0; i < STEPS && row->steps[i].verb != STOP; i++) {
		if (row->steps[i].verb == DUE)
			check_due(row, &s, &row->steps[i], i);
		take_step(&s, &row->steps[i]);
	}
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows)];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] =
			(struct CMUnitTest){.name = rows[i].name,
					    .test_func = run_row,
					    .initial_state = (void *)(uintptr_t)&rows[i]};
	return _cmocka_run_group_tests("agent_schedule", tests, ARRAY_LEN(tests), NULL,
				       NULL);
}
