/*
 * agent_oom.c - every allocation for a snapshot and for pins made to fail in
 * turn: each time -ENOMEM, the result untouched, nothing lost (the sanitized
 * run would tell of a leak).
 */
#include "tests/test.h"

#include "snmp/pins.h"
#include "tests/support/oom.h"
#include "tests/support/published.h"
#include "tests/support/reportmake.h"

static int make_snapshot(void *arg)
{
	struct snapshot *snapshot = NULL;
	int rc = snapshot_make(arg, &snapshot);

	if (rc < 0)
		assert_null(snapshot);
	snapshot_unref(snapshot);
	return rc;
}

static void every_allocation_for_a_snapshot_may_fail(void **state)
{
	struct stale_report *report = reportmake_many(100, 2, 5);
	struct snapshot_source source = published_source(report);

	(void)state;
	assert_in_range(oom_exhaust(make_snapshot, &source), 12, 100);
	source.max_files = 7; /* rows have to be chosen */
	assert_in_range(oom_exhaust(make_snapshot, &source), 12, 100);
	source.report = NULL;
	assert_int_equal(oom_exhaust(make_snapshot, &source), 1);
	stale_report_free(report);
}

static int make_pins(void *arg)
{
	struct pins *pins = NULL;
	int rc = pins_new(snapshot_ref(arg), &pins);

	if (rc < 0) {
		assert_null(pins);
		snapshot_unref(arg);
	}
	pins_free(pins);
	return rc;
}

static void without_pins_the_snapshot_stays_the_callers(void **state)
{
	const struct snapshot_source source = published_source(NULL);
	struct snapshot *snapshot = published_make(&source);

	(void)state;
	assert_int_equal(oom_exhaust(make_pins, snapshot), 1);
	assert_int_equal(snapshot_scan(snapshot)->serial, 77);
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_for_a_snapshot_may_fail),
		cmocka_unit_test(without_pins_the_snapshot_stays_the_callers),
	};

	return cmocka_run_group_tests_name("out of memory, agent", tests, NULL, NULL);
}
