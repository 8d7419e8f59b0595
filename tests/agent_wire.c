/*
 * agent_wire.c - messages between keeper and SNMP side: what is sent arrives.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "snmp/wire.h"
#include "tests/support/reportmake.h"
#include "tests/support/reportsame.h"
#include "tests/support/wiremake.h"

static void settings_arrive_as_they_are(void **state)
{
	const struct wire_message message = wiremake_settings();
	const struct wire_settings *want = &message.settings;
	const struct wire_message got = wiremake_pass_on(&message);
	const struct wire_settings *is = &got.settings;

	(void)state;
	assert_int_equal(is->policy.why, want->policy.why);
	assert_int_equal(is->policy.scopes, want->policy.scopes);
	assert_int_equal(is->policy.kinds, want->policy.kinds);
	assert_true(is->policy.min_age == want->policy.min_age);
	assert_int_equal(is->policy.is_using, true);
	assert_int_equal(is->interval, 301);
	assert_int_equal(is->max_procs, 20001);
	assert_int_equal(is->max_files, 50001);
	assert_int_equal(is->notify, 1 << 3);
	assert_int_equal(is->watch, true);
}

static void a_report_arrives_with_all_that_is_in_it(void **state)
{
	struct stale_report *sent = wiremake_report();
	const struct wire_message message = {
		.kind = WIRE_REPORT,
		.report = {.scan = {.time = REPORTMAKE_NOW,
				    .duration_ms = 12,
				    .cut = true,
				    .again = true},
			   .report = sent},
	};
	const size_t before = wiremake_count_descriptors();
	const struct wire_message got = wiremake_pass_on(&message);

	(void)state;
	assert_true(got.report.scan.time == REPORTMAKE_NOW);
	assert_int_equal(got.report.scan.duration_ms, 12);
	assert_int_equal(got.report.scan.cut, true);
	assert_int_equal(got.report.scan.again, true);
	reportsame_assert("sent", got.report.report, sent);
	assert_int_equal(wiremake_count_descriptors(), before);
	stale_report_free(got.report.report);
	stale_report_free(sent);
}

static void a_report_of_many_processes_arrives(void **state)
{
	struct stale_report *sent = reportmake_many(2000, 4, 2);
	const struct wire_message message = {.kind = WIRE_REPORT,
					     .report = {.report = sent}};
	const struct wire_message got = wiremake_pass_on(&message);

	(void)state;
	reportsame_assert("sent", got.report.report, sent);
	stale_report_free(got.report.report);
	stale_report_free(sent);
}

static void trouble_arrives_with_its_code(void **state)
{
	static const struct {
		const char *label;
		enum wire_trouble what;
		int code;
	} rows[] = {
		{"failed", WIRE_SCAN_FAILED, EACCES},
		{"died", WIRE_SCAN_DIED, 9},
		{"hangs", WIRE_SCAN_HANGS, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct wire_message got = wiremake_pass_on(&(struct wire_message){
			.kind = WIRE_TROUBLE,
			.trouble = {.what = rows[i].what, .code = rows[i].code}});

		row_number(rows[i].label, "what", got.trouble.what, rows[i].what);
		row_number(rows[i].label, "code", got.trouble.code, rows[i].code);
	}
}

static void up_to_256_processes_that_are_gone_arrive(void **state)
{
	static const size_t numbers[] = {1, 2, WIRE_GONE_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const struct wire_message message = wiremake_gone(numbers[i]);
		const struct wire_message got = wiremake_pass_on(&message);

		assert_int_equal(got.gone.n, numbers[i]);
		for (size_t k = 0; k < numbers[i]; k++) {
			assert_int_equal(got.gone.list[k].pid, k + 1);
			assert_true(got.gone.list[k].start_ticks == UINT64_MAX - k);
		}
	}
}

static void nobody_and_too_many_that_are_gone_are_not_sent(void **state)
{
	struct wire_message message = wiremake_gone(WIRE_GONE_MAX);

	(void)state;
	message.gone.n = 0;
	assert_int_equal(wire_send(wiremake_ends[0], &message), -EINVAL);
	message.gone.n = WIRE_GONE_MAX + 1;
	assert_int_equal(wire_send(wiremake_ends[0], &message), -EINVAL);
	assert_int_equal(wire_receive(wiremake_ends[1], &message), -EAGAIN);
}

static void the_end_is_told(void **state)
{
	const struct wire_message message = wiremake_gone(1);
	struct wire_message got;

	(void)state;
	assert_int_equal(wire_receive(wiremake_ends[1], &got), -EAGAIN);
	assert_int_equal(wire_send(wiremake_ends[0], &message), 0);
	close(wiremake_ends[0]);
	wiremake_ends[0] = -1;
	assert_int_equal(wire_receive(wiremake_ends[1], &got),
			 1); /* what came before it */
	assert_int_equal(wire_receive(wiremake_ends[1], &got), 0);
}

static void who_sends_to_nobody_hears_it_and_lives(void **state)
{
	const struct wire_message message = wiremake_gone(1);

	(void)state;
	close(wiremake_ends[1]);
	wiremake_ends[1] = -1;
	assert_int_equal(wire_send(wiremake_ends[0], &message), -EPIPE);
}

static void who_does_not_read_makes_nobody_wait_and_few_reports_remain(void **state)
{
	struct stale_report *sent = wiremake_report();
	const struct wire_message message = {.kind = WIRE_REPORT,
					     .report = {.report = sent}};
	const size_t before = wiremake_count_descriptors();
	struct wire_message got;
	int n = 0, rc;

	(void)state;
	while ((rc = wire_send(wiremake_ends[0], &message)) == 0)
		n++;
	assert_int_equal(rc, -EAGAIN);
	assert_in_range(n, 2, 64);
	assert_int_equal(wiremake_count_descriptors(), before);
	assert_int_equal(wire_receive(wiremake_ends[1], &got), 1);
	stale_report_free(got.report.report);
	assert_int_equal(wire_send(wiremake_ends[0], &message), 0);
	while (wire_receive(wiremake_ends[1], &got) == 1)
		stale_report_free(got.report.report);
	stale_report_free(sent);
}

static void both_ends_are_closed_by_an_exec(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		assert_true(fcntl(wiremake_ends[i], F_GETFD) & FD_CLOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, wiremake_setup, wiremake_teardown)
		TEST(settings_arrive_as_they_are),
		TEST(a_report_arrives_with_all_that_is_in_it),
		TEST(a_report_of_many_processes_arrives),
		TEST(trouble_arrives_with_its_code),
		TEST(up_to_256_processes_that_are_gone_arrive),
		TEST(nobody_and_too_many_that_are_gone_are_not_sent),
		TEST(the_end_is_told),
		TEST(who_sends_to_nobody_hears_it_and_lives),
		TEST(who_does_not_read_makes_nobody_wait_and_few_reports_remain),
		TEST(both_ends_are_closed_by_an_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
