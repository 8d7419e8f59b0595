/*
 * agent_pins.c - which snapshot answers which request, and how long one is kept.
 *
 * The snapshots are our own, so that it is seen when the last reference goes: pins know
 * nothing else of them.
 */
#include "tests/test.h"

#include "snmp/pins.h"

struct snapshot {
	uint32_t serial;
};

static size_t alive;

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	assert_true(alive > 0);
	alive--;
	free(snapshot);
}

static struct snapshot *make(uint32_t serial)
{
	struct snapshot *snapshot = malloc(sizeof(*snapshot));

	assert_non_null(snapshot);
	snapshot->serial = serial;
	alive++;
	return snapshot;
}

static struct pins *pins_made(uint32_t serial)
{
	struct pins *pins = NULL;

	assert_int_equal(pins_new(make(serial), &pins), 0);
	return pins;
}

static uint32_t get(struct pins *pins, uint32_t transaction, int64_t now_ms)
{
	return pins_get(pins, transaction, now_ms)->serial;
}

/* Nothing is left. */
static void end(struct pins *pins)
{
	pins_free(pins);
	assert_int_equal(alive, 0);
}

static void new_requests_get_the_current_snapshot(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	assert_int_equal(pins_current(pins)->serial, 1);
	assert_int_equal(get(pins, 0, 0), 1);
	pins_publish(pins, make(2));
	assert_int_equal(pins_current(pins)->serial, 2);
	assert_int_equal(get(pins, 1, 0), 2);
	assert_int_equal(get(pins, UINT32_MAX, 0), 2);
	end(pins);
	pins_free(NULL);
}

static void a_request_is_answered_from_one_snapshot(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	for (uint32_t i = 1; i <= 20; i++) {
		for (uint32_t k = 1; k <= i; k++)
			row_number("piece", "serial", get(pins, k, i), k);
		pins_publish(pins, make(i + 1));
		pins_expire(pins, i);
	}
	end(pins);
}

static void a_thousand_requests_at_once_keep_their_snapshot(void **state)
{
	const uint32_t first = UINT32_MAX - 500;
	struct pins *pins = pins_made(1);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		get(pins, first + i, 0);
	pins_publish(pins, make(2));
	for (uint32_t i = 0; i < 1000; i++)
		row_number("request", "serial", get(pins, first + i, 1), 1);
	end(pins);
}

static void any_request_may_lose_its_place_but_gets_an_answer(void **state)
{
	const uint32_t many = 100000;
	struct pins *pins = pins_made(1);

	(void)state;
	for (uint32_t i = 0; i < many; i++)
		get(pins, i, 0);
	pins_publish(pins, make(2));
	assert_int_equal(get(pins, many - 1, 0), 1);
	assert_int_equal(get(pins, 0, 0), 2);
	assert_int_equal(get(pins, 0, 0), 2);
	assert_int_equal(alive, 2);
	end(pins);
}

static void after_ten_seconds_a_request_is_a_new_one(void **state)
{
	static const struct {
		const char *label;
		int64_t before; /* ms; of a piece before the next snapshot, and of others */
		int64_t after;
		int64_t then;
		uint32_t want;
	} cases[] = {
		{"at once", 0, 0, 0, 1},
		{"just before", 0, 0, PINS_AGE_MS - 1, 1},
		{"just then", 0, 0, PINS_AGE_MS, 2},
		{"long after", 0, 0, INT64_C(1000) * PINS_AGE_MS, 2},
		{"its first piece counts", 0, PINS_AGE_MS - 1, PINS_AGE_MS, 2},
		{"and not its second", 5000, 5000, PINS_AGE_MS, 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const int64_t start = INT64_C(1) << 40;
		struct pins *pins = pins_made(1);

		get(pins, 7, start);
		get(pins, 7, start + cases[i].before);
		pins_publish(pins, make(2));
		get(pins, 7, start + cases[i].after);
		row_number(cases[i].label, "serial", get(pins, 7, start + cases[i].then),
			   cases[i].want);
		end(pins);
	}
}

static void an_id_may_come_again_after_it_expired(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	get(pins, 7, 0);
	pins_publish(pins, make(2));
	pins_expire(pins, PINS_AGE_MS);
	assert_int_equal(get(pins, 7, PINS_AGE_MS), 2);
	pins_publish(pins, make(3));
	assert_int_equal(get(pins, 7, 2 * PINS_AGE_MS - 1), 2);
	assert_int_equal(get(pins, 7, INT64_C(2) * PINS_AGE_MS), 3);
	end(pins);
}

static void old_snapshots_go_when_their_last_request_is_too_old(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	assert_int_equal(pins_expire(pins, 0), -1);
	get(pins, 1, 0);
	get(pins, 2, 3000);
	assert_int_equal(pins_expire(pins, 3000), -1);
	pins_publish(pins, make(2));
	get(pins, 3, 5000);
	get(pins, 1, 6000); /* of the first snapshot, which it does not prolong */
	pins_publish(pins, make(3));
	assert_int_equal(alive, 3);
	assert_int_equal(pins_expire(pins, 6000), 7000);
	assert_int_equal(pins_expire(pins, 12999), 1);
	assert_int_equal(alive, 3);
	assert_int_equal(pins_expire(pins, 13000), 2000);
	assert_int_equal(alive, 2);
	assert_int_equal(pins_expire(pins, 15000), -1);
	assert_int_equal(alive, 1);
	assert_int_equal(pins_current(pins)->serial, 3);
	end(pins);
}

static void a_snapshot_that_nobody_asked_for_goes_at_once(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	get(pins, 7, 0);
	for (uint32_t i = 2; i <= 1000; i++)
		pins_publish(pins, make(i));
	assert_int_equal(alive, 2);
	assert_int_equal(get(pins, 7, 1), 1);
	end(pins);
}

static void of_too_many_snapshots_the_oldest_go_first(void **state)
{
	const uint32_t published = PINS_SNAPSHOTS_MAX + 10;
	struct pins *pins = pins_made(1);

	(void)state;
	for (uint32_t i = 1; i <= published; i++) {
		get(pins, i, i);
		pins_publish(pins, make(i + 1));
		assert_in_range(alive, 1, PINS_SNAPSHOTS_MAX + 1);
	}
	assert_int_equal(alive, PINS_SNAPSHOTS_MAX + 1);
	for (uint32_t i = 1; i <= published; i++)
		row_number("request", "serial", get(pins, i, published),
			   i <= published - PINS_SNAPSHOTS_MAX ? published + 1 : i);
	assert_int_equal(pins_expire(pins, published + PINS_AGE_MS), -1);
	assert_int_equal(alive, 1);
	end(pins);
}

static void forgotten_requests_begin_anew(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	get(pins, 7, 0);
	pins_publish(pins, make(2));
	get(pins, 8, 0);
	pins_forget(pins);
	assert_int_equal(alive, 1);
	assert_int_equal(pins_expire(pins, 0), -1);
	assert_int_equal(get(pins, 7, 1), 2);
	pins_forget(pins);
	pins_publish(pins, make(3));
	assert_int_equal(alive, 1);
	assert_int_equal(get(pins, 7, 2), 3);
	end(pins);
}

/* What it had been answered from was the current one, and still is. */
static void a_request_that_goes_on_after_that_is_pinned_again(void **state)
{
	struct pins *pins = pins_made(1);

	(void)state;
	get(pins, 7, 0);
	pins_forget(pins);
	assert_int_equal(get(pins, 7, 1), 1);
	pins_publish(pins, make(2));
	assert_int_equal(get(pins, 7, 2), 1);
	end(pins);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_requests_get_the_current_snapshot),
		cmocka_unit_test(a_request_is_answered_from_one_snapshot),
		cmocka_unit_test(a_thousand_requests_at_once_keep_their_snapshot),
		cmocka_unit_test(any_request_may_lose_its_place_but_gets_an_answer),
		cmocka_unit_test(after_ten_seconds_a_request_is_a_new_one),
		cmocka_unit_test(an_id_may_come_again_after_it_expired),
		cmocka_unit_test(old_snapshots_go_when_their_last_request_is_too_old),
		cmocka_unit_test(a_snapshot_that_nobody_asked_for_goes_at_once),
		cmocka_unit_test(of_too_many_snapshots_the_oldest_go_first),
		cmocka_unit_test(forgotten_requests_begin_anew),
		cmocka_unit_test(a_request_that_goes_on_after_that_is_pinned_again),
	};

	return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
