/*
 * agent_publish.c - what becomes of what the SNMP side hears: reports made by hand.
 */
#include "test.h"

#include "snmp/publish.h"
#include "support/published.h"
#include "support/reportmake.h"

#define NOW REPORTMAKE_NOW

static const struct wire_settings settings = {
	.policy = {.why = STALE_WHY_DEFAULT},
	.interval = 300,
	.max_procs = PUBLISHED_LIMIT,
	.max_files = PUBLISHED_LIMIT,
};

static struct publish start(const struct wire_settings *with)
{
	struct publish told;

	assert_int_equal(publish_init(with, NULL, NOW, &told), 0);
	return told;
}

static const struct snapshot *current(const struct publish *told)
{
	return pins_current(told->pins);
}

/* A process for each pid, ended by 0; with ages of their files. */
static struct stale_report *report_of(const pid_t *pids, const int64_t *ages)
{
	struct stale_report *report;
	struct reportmake m;

	reportmake_init(&m);
	for (size_t i = 0; pids[i]; i++) {
		reportmake_proc(&m, pids[i], "x")->start_ticks = (uint64_t)pids[i] * 10;
		reportmake_file(&m, "/lib/a", STALE_DELETED, ages ? ages[i] : 1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void hear(struct publish *told, const pid_t *pids, const int64_t *ages)
{
	const struct wire_scan scan = {.time = NOW, .duration_ms = 12};

	assert_int_equal(publish_report(told, &scan, report_of(pids, ages), NOW), 0);
}

static void before_a_scan_there_is_none(void **state)
{
	struct publish told = start(&settings);
	const struct snapshot_scan *scan = snapshot_scan(current(&told));

	(void)state;
	row_number("first", "status", scan->status, SNAPSHOT_NEVER);
	row_number("first", "serial", scan->serial, NOW);
	row_number("first", "started", scan->started, NOW);
	row_number("first", "time", scan->time, 0);
	row_number("first", "interval", scan->interval, 300);
	row_number("first", "rows", published_nprocs(current(&told)), 0);
	publish_release(&told);
}

static void a_report_is_published_with_the_numbers_of_its_scan(void **state)
{
	struct publish told = start(&settings);
	const struct wire_scan heard = {.time = NOW - 3, .duration_ms = 1234};
	const struct snapshot_scan *scan;

	(void)state;
	assert_int_equal(
		publish_report(&told, &heard, report_of((pid_t[]){7, 8, 0}, NULL), NOW),
		0);
	scan = snapshot_scan(current(&told));
	row_number("report", "status", scan->status, SNAPSHOT_COMPLETE);
	row_number("report", "serial", scan->serial, NOW + 1);
	row_number("report", "time", scan->time, NOW - 3);
	row_number("report", "duration", scan->duration_ms, 1234);
	row_number("report", "completions", scan->completions, 1);
	row_number("report", "failures", scan->failures, 0);
	row_number("report", "started", scan->started, NOW);
	row_number("report", "rows", published_nprocs(current(&told)), 2);
	publish_release(&told);
}

static void a_scan_that_could_not_see_all_is_partial(void **state)
{
	static const struct {
		const char *label;
		struct stale_scan_info more; /* beside a complete scan */
		bool unfinished, cut;
		enum snapshot_status status;
	} cases[] = {
		{"complete", .status = SNAPSHOT_COMPLETE},
		{"some vanished", {.vanished = 3}, .status = SNAPSHOT_COMPLETE},
		{"one denied", {.denied = 1}, .status = SNAPSHOT_PARTIAL},
		{"one failed", {.failed = 1}, .status = SNAPSHOT_PARTIAL},
		{"hidden", {.hidden = true}, .status = SNAPSHOT_PARTIAL},
		{"an error", {.error = 105}, .status = SNAPSHOT_PARTIAL},
		{"not finished", .unfinished = true, .status = SNAPSHOT_PARTIAL},
		{"cut", .cut = true, .status = SNAPSHOT_PARTIAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct stale_scan_info *more = &cases[i].more;
		struct publish told = start(&settings);
		const struct wire_scan scan = {.time = NOW, .cut = cases[i].cut};
		struct stale_report *report;
		struct reportmake m;

		reportmake_init(&m);
		m.info.vanished += more->vanished;
		m.info.denied += more->denied;
		m.info.failed += more->failed;
		m.info.seen += more->vanished + more->denied + more->failed;
		m.info.listed += more->vanished + more->denied + more->failed;
		m.info.hidden = more->hidden;
		m.info.error = more->error;
		m.info.finished = !cases[i].unfinished;
		report = reportmake_report(&m);
		reportmake_release(&m);
		assert_int_equal(publish_report(&told, &scan, report, NOW), 0);
		row_number(cases[i].label, "status",
			   snapshot_scan(current(&told))->status, cases[i].status);
		row_number(cases[i].label, "completions",
			   snapshot_scan(current(&told))->completions, 1);
		publish_release(&told);
	}
}

static void trouble_keeps_the_rows_and_their_time(void **state)
{
	struct publish told = start(&settings);
	const struct snapshot_scan *scan;

	(void)state;
	hear(&told, (pid_t[]){7, 8, 0}, NULL);
	assert_int_equal(publish_trouble(&told, NOW + 100), 0);
	scan = snapshot_scan(current(&told));
	row_number("trouble", "status", scan->status, SNAPSHOT_FAILED);
	row_number("trouble", "serial", scan->serial, NOW + 2);
	row_number("trouble", "time", scan->time, NOW);
	row_number("trouble", "duration", scan->duration_ms, 12);
	row_number("trouble", "completions", scan->completions, 1);
	row_number("trouble", "failures", scan->failures, 1);
	row_number("trouble", "rows", published_nprocs(current(&told)), 2);
	hear(&told, (pid_t[]){7, 0}, NULL);
	scan = snapshot_scan(current(&told));
	row_number("well again", "status", scan->status, SNAPSHOT_COMPLETE);
	row_number("well again", "completions", scan->completions, 2);
	row_number("well again", "failures", scan->failures, 1);
	publish_release(&told);
}

/* It lacks processes that are gone, which are no news of a scan. */
static void a_report_sent_again_changes_the_rows_alone(void **state)
{
	const struct wire_scan again = {
		.time = NOW + 9, .duration_ms = 99, .again = true};
	struct publish told = start(&settings);
	const struct snapshot_scan *scan;

	(void)state;
	hear(&told, (pid_t[]){7, 8, 0}, NULL);
	assert_int_equal(publish_trouble(&told, NOW + 100), 0);
	assert_int_equal(publish_report(&told, &again, report_of((pid_t[]){7, 0}, NULL),
					NOW + 101),
			 0);
	scan = snapshot_scan(current(&told));
	row_number("again", "rows", published_nprocs(current(&told)), 1);
	row_number("again", "status", scan->status, SNAPSHOT_FAILED);
	row_number("again", "time", scan->time, NOW);
	row_number("again", "duration", scan->duration_ms, 12);
	row_number("again", "completions", scan->completions, 1);
	row_number("again", "failures", scan->failures, 1);
	publish_release(&told);
}

static void trouble_before_any_report_is_published_too(void **state)
{
	struct publish told = start(&settings);

	(void)state;
	assert_int_equal(publish_trouble(&told, NOW), 0);
	row_number("trouble", "status", snapshot_scan(current(&told))->status,
		   SNAPSHOT_FAILED);
	publish_release(&told);
}

static void what_ended_leaves_the_rows_without_a_scan(void **state)
{
	static const struct stale_identity gone[] = {{8, 80}, {9, 91}, {77, 770}};
	struct publish told = start(&settings);

	(void)state;
	hear(&told, (pid_t[]){7, 8, 9, 0}, NULL);
	assert_int_equal(publish_without(&told, gone, ARRAY_LEN(gone), NOW), 0);
	row_number("gone", "rows", published_nprocs(current(&told)), 2);
	row_number("gone", "first", published_proc(current(&told), 0)->pid, 7);
	/* The number is the same, the process is another one. */
	row_number("gone", "second", published_proc(current(&told), 1)->pid, 9);
	row_number("gone", "serial", snapshot_scan(current(&told))->serial, NOW + 2);
	row_number("gone", "completions", snapshot_scan(current(&told))->completions, 1);
	row_number("gone", "status", snapshot_scan(current(&told))->status,
		   SNAPSHOT_COMPLETE);
	publish_release(&told);
}

static void nothing_is_published_where_nothing_changes(void **state)
{
	static const struct stale_identity gone[] = {{8, 81}};
	struct publish told = start(&settings);

	(void)state;
	assert_int_equal(publish_without(&told, gone, ARRAY_LEN(gone), NOW), 0);
	row_number("no report", "serial", snapshot_scan(current(&told))->serial, NOW);
	hear(&told, (pid_t[]){7, 8, 0}, NULL);
	assert_int_equal(publish_without(&told, gone, ARRAY_LEN(gone), NOW), 0);
	assert_int_equal(publish_due(&told, NOW + 100000), 0);
	row_number("nothing", "serial", snapshot_scan(current(&told))->serial, NOW + 1);
	publish_release(&told);
}

static void counted_at(struct publish *told, const char *label, int64_t now,
		       size_t processes, int64_t next)
{
	assert_int_equal(publish_due(told, now), 0);
	row_number(label, "counted", snapshot_totals(current(told))->processes,
		   processes);
	row_number(label, "next", told->next ? told->next - NOW : 0, next);
}

static void files_count_from_the_second_on_at_which_they_are_old_enough(void **state)
{
	struct wire_settings with = settings;
	struct publish told;
	uint32_t serial;

	(void)state;
	with.policy.min_age = 60;
	told = start(&with);
	hear(&told, (pid_t[]){7, 8, 9, 10, 0}, (int64_t[]){10, 60, 40, -1});
	counted_at(&told, "at first", NOW, 2, 20); /* the undated one counts */
	serial = snapshot_scan(current(&told))->serial;
	counted_at(&told, "just before", NOW + 19, 2, 20);
	row_number("just before", "serial", snapshot_scan(current(&told))->serial,
		   serial);
	counted_at(&told, "of age", NOW + 20, 3, 50);
	row_number("of age", "serial", snapshot_scan(current(&told))->serial, serial + 1);
	counted_at(&told, "the last one", NOW + 50, 4, 0);
	counted_at(&told, "no more", NOW + 5000, 4, 0);
	row_number("no more", "serial", snapshot_scan(current(&told))->serial,
		   serial + 2);
	publish_release(&told);
}

/* What never counts, however old it gets, is no reason to do anything. */
static void what_does_not_count_does_not_come_of_age(void **state)
{
	struct wire_settings with = settings;
	struct publish told;

	(void)state;
	with.policy.min_age = 60;
	with.policy.why = STALE_WHY_BIT(STALE_REPLACED);
	told = start(&with);
	hear(&told, (pid_t[]){7, 0}, (int64_t[]){10});
	row_number("not counted", "next", told.next, 0);
	publish_release(&told);
}

static void other_settings_are_published_at_once(void **state)
{
	struct publish told = start(&settings);
	struct wire_settings other = settings;

	(void)state;
	hear(&told, (pid_t[]){7, 8, 0}, NULL);
	other.interval = 60;
	other.max_procs = 1;
	other.policy.min_age = 1000;
	assert_int_equal(publish_settings(&told, &other, NOW), 0);
	row_number("other", "interval", snapshot_scan(current(&told))->interval, 60);
	row_number("other", "rows", published_nprocs(current(&told)), 1);
	row_number("other", "counted", snapshot_totals(current(&told))->processes, 0);
	row_number("other", "serial", snapshot_scan(current(&told))->serial, NOW + 2);
	publish_release(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_a_scan_there_is_none),
		cmocka_unit_test(a_report_is_published_with_the_numbers_of_its_scan),
		cmocka_unit_test(a_scan_that_could_not_see_all_is_partial),
		cmocka_unit_test(trouble_keeps_the_rows_and_their_time),
		cmocka_unit_test(a_report_sent_again_changes_the_rows_alone),
		cmocka_unit_test(trouble_before_any_report_is_published_too),
		cmocka_unit_test(what_ended_leaves_the_rows_without_a_scan),
		cmocka_unit_test(nothing_is_published_where_nothing_changes),
		cmocka_unit_test(
			files_count_from_the_second_on_at_which_they_are_old_enough),
		cmocka_unit_test(what_does_not_count_does_not_come_of_age),
		cmocka_unit_test(other_settings_are_published_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
