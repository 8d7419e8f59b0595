/*
 * test_verdict.c - from what was found to a state.
 */
#include "tests/test.h"

#include <errno.h>
#include <math.h>

#include "tests/support/viewmake.h"
#include "verdict.h"

#define DAY INT64_C(86400)

static struct range up_to(double end)
{
	return (struct range){.start = 0, .end = end, .set = true};
}

static struct rules default_rules(void)
{
	struct rules rules = {.unreadable = STATE_UNKNOWN, .timeout = STATE_UNKNOWN};

	rules.limits.warning[METRIC_PROCESSES] = up_to(0);
	return rules;
}

/* One process with one file, deleted a day ago. */
static void make_stale(struct viewmake *m)
{
	viewmake_init(m);
	viewmake_proc(m, 812, "sshd");
	viewmake_file(m, "/usr/lib/libssl.so.3", STALE_DELETED, DAY);
	viewmake_count(m);
}

static enum state judge(const struct viewmake *m, const struct rules *rules)
{
	struct verdict v;

	verdict_reach(&m->view, rules, &v);
	return v.state;
}

static void the_worst_state_wins_and_unknown_hides_nothing(void **state)
{
	static const enum state order[] = {STATE_OK, STATE_UNKNOWN, STATE_WARNING,
					   STATE_CRITICAL};

	(void)state;
	for (size_t a = 0; a < ARRAY_LEN(order); a++) {
		for (size_t b = 0; b < ARRAY_LEN(order); b++)
			row_number(state_name(order[a]), state_name(order[b]),
				   state_worst(order[a], order[b]), order[a > b ? a : b]);
	}
}

static void states_are_the_exit_codes(void **state)
{
	static const char *const names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_string_equal(state_name((enum state)i), names[i]);
}

static void words_that_are_no_state_are_refused(void **state)
{
	static const char *const rows[] = {"",  "o",   "okay",     "warn",
					   "0", "ok ", "unknown\n"};
	enum state parsed = STATE_CRITICAL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_number(rows[i], "rc", state_parse(rows[i], strlen(rows[i]), &parsed),
			   -EINVAL);
	assert_int_equal(parsed, STATE_CRITICAL);
	assert_int_equal(state_parse("wArNiNg", 7, &parsed), 0);
	assert_int_equal(parsed, STATE_WARNING);
}

static void nothing_stale_is_ok(void **state)
{
	struct rules rules = default_rules();
	struct viewmake m;
	struct verdict v;

	(void)state;
	viewmake_init(&m);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.state, STATE_OK);
	assert_int_equal(v.gap, GAP_NONE);
	assert_int_equal(v.age, 0);
}

static void one_stale_process_is_a_warning(void **state)
{
	struct rules rules = default_rules();
	struct viewmake m;
	struct verdict v;

	(void)state;
	make_stale(&m);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.state, STATE_WARNING);
	assert_int_equal(v.metric[METRIC_PROCESSES], STATE_WARNING);
	assert_int_equal(v.metric[METRIC_FILES], STATE_OK);
	assert_int_equal(v.thresholds, STATE_WARNING);
	assert_int_equal(v.age, DAY);
}

static void each_metric_has_its_own_thresholds(void **state)
{
	static const struct row {
		const char *label;
		enum metric metric;
		double warning, critical; /* NAN: none */
		enum state want;
	} rows[] = {
		{"processes, none", METRIC_PROCESSES, NAN, NAN, STATE_OK},
		{"processes, at the warning", METRIC_PROCESSES, 1, NAN, STATE_OK},
		{"processes, above the warning", METRIC_PROCESSES, 0, NAN, STATE_WARNING},
		{"processes, above both", METRIC_PROCESSES, 0, 0, STATE_CRITICAL},
		{"processes, at the critical", METRIC_PROCESSES, 0, 1, STATE_WARNING},
		{"files, above the critical", METRIC_FILES, NAN, 0, STATE_CRITICAL},
		{"files, at the warning", METRIC_FILES, 1, NAN, STATE_OK},
		{"age, at the warning", METRIC_AGE, 86400, NAN, STATE_OK},
		{"age, above the warning", METRIC_AGE, 86399, NAN, STATE_WARNING},
		{"age, above both", METRIC_AGE, 86399, 86399, STATE_CRITICAL},
	};
	struct viewmake m;

	(void)state;
	make_stale(&m);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct rules rules = {0};

		if (!isnan(r->warning))
			rules.limits.warning[r->metric] = up_to(r->warning);
		if (!isnan(r->critical))
			rules.limits.critical[r->metric] = up_to(r->critical);
		row_number(r->label, "state", judge(&m, &rules), r->want);
	}
}

static void an_unknown_age_is_unknown_to_an_age_threshold_at_most(void **state)
{
	static const struct row {
		const char *label;
		int64_t dated; /* age of a second file; 0: there is none */
		double warning;
		enum state want;
		int64_t age;
	} rows[] = {
		{"nothing dated", 0, 7 * DAY, STATE_UNKNOWN, -1},
		{"the dated one is young", DAY, 7 * DAY, STATE_UNKNOWN, DAY},
		{"the dated one is old", 8 * DAY, 7 * DAY, STATE_WARNING, 8 * DAY},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct rules rules = {0};
		struct viewmake m;
		struct verdict v;

		viewmake_init(&m);
		viewmake_proc(&m, 1, "a");
		viewmake_file(&m, "/a", STALE_DELETED, -1);
		if (r->dated)
			viewmake_file(&m, "/b", STALE_DELETED, r->dated);
		viewmake_count(&m);
		rules.limits.warning[METRIC_AGE] = up_to(r->warning);
		verdict_reach(&m.view, &rules, &v);
		row_number(r->label, "state", v.state, r->want);
		row_number(r->label, "age", v.age, r->age);
		rules = (struct rules){0};
		row_number(r->label, "without thresholds", judge(&m, &rules), STATE_OK);
	}
}

static void an_age_below_a_lower_end_alerts_when_nothing_is_stale(void **state)
{
	struct rules rules = {0};
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	rules.limits.critical[METRIC_AGE] =
		(struct range){.start = 1, .end = INFINITY, .set = true};
	assert_int_equal(judge(&m, &rules), STATE_CRITICAL);
}

static void a_clock_that_went_back_makes_no_negative_age(void **state)
{
	struct rules rules = default_rules();
	struct viewmake m;
	struct verdict v;

	(void)state;
	make_stale(&m);
	m.view.now = VIEWMAKE_NOW - 2 * DAY;
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.age, 0);
}

static void what_does_not_count_raises_no_alarm(void **state)
{
	struct rules rules = default_rules();
	struct viewmake m;
	struct verdict v;

	(void)state;
	viewmake_init(&m);
	viewmake_proc(&m, 1, "a");
	viewmake_file(&m, "/a", STALE_REINSTALLED, DAY);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.state, STATE_OK);
	assert_int_equal(v.age, 0);
}

static void an_incomplete_scan_is_as_bad_as_the_rules_say(void **state)
{
	static const struct row {
		const char *label;
		size_t denied, failed;
		bool hidden, timed_out;
		int error, signal;
		enum state unreadable, timeout;
		enum state want;
		enum gap gap;
	} rows[] = {
		{"denied", 1, 0, false, false, 0, 0, STATE_UNKNOWN, STATE_OK,
		 STATE_UNKNOWN, GAP_UNREADABLE},
		{"failed", 0, 1, false, false, 0, 0, STATE_UNKNOWN, STATE_OK,
		 STATE_UNKNOWN, GAP_UNREADABLE},
		{"denied, as critical", 1, 0, false, false, 0, 0, STATE_CRITICAL,
		 STATE_OK, STATE_CRITICAL, GAP_UNREADABLE},
		{"denied, allowed", 1, 1, false, false, 0, 0, STATE_OK, STATE_OK,
		 STATE_OK, GAP_UNREADABLE},
		{"timed out", 0, 0, false, true, 0, 0, STATE_OK, STATE_UNKNOWN,
		 STATE_UNKNOWN, GAP_TIMEOUT},
		{"timed out, as warning", 0, 0, false, true, 0, 0, STATE_OK,
		 STATE_WARNING, STATE_WARNING, GAP_TIMEOUT},
		{"timed out and denied", 1, 0, false, true, 0, 0, STATE_CRITICAL,
		 STATE_WARNING, STATE_CRITICAL, GAP_TIMEOUT},
		{"hidden, whatever the rules say", 0, 0, true, false, 0, 0, STATE_OK,
		 STATE_OK, STATE_UNKNOWN, GAP_HIDDEN},
		{"hidden and denied", 1, 0, true, false, 0, 0, STATE_WARNING, STATE_OK,
		 STATE_WARNING, GAP_HIDDEN},
		{"out of descriptors, whatever the rules say", 0, 0, false, false, EMFILE,
		 0, STATE_OK, STATE_OK, STATE_UNKNOWN, GAP_ERROR},
		{"died", 0, 0, false, false, 0, 11, STATE_OK, STATE_OK, STATE_UNKNOWN,
		 GAP_ERROR},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct rules rules = default_rules();
		struct viewmake m;
		struct verdict v;

		rules.unreadable = r->unreadable;
		rules.timeout = r->timeout;
		viewmake_init(&m);
		m.info.denied = r->denied;
		m.info.failed = r->failed;
		m.info.hidden = r->hidden;
		m.info.finished = !r->timed_out;
		m.view.timed_out = r->timed_out;
		m.view.error = r->error;
		m.view.signal = r->signal;
		verdict_reach(&m.view, &rules, &v);
		row_number(r->label, "state", v.state, r->want);
		row_number(r->label, "gap", v.gap, r->gap);
		row_number(r->label, "thresholds", v.thresholds, STATE_OK);
	}
}

static void a_scan_that_just_stopped_is_an_error(void **state)
{
	struct rules rules = {0};
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	m.info.finished = false;
	assert_int_equal(judge(&m, &rules), STATE_UNKNOWN);
	viewmake_init(&m);
	m.info.error = ENOMEM;
	assert_int_equal(judge(&m, &rules), STATE_UNKNOWN);
}

static void vanished_processes_leave_a_scan_complete(void **state)
{
	struct rules rules = default_rules();
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	m.info.vanished = 5;
	m.info.seen += 5;
	assert_int_equal(judge(&m, &rules), STATE_OK);
}

static void an_incomplete_scan_does_not_hide_what_was_found(void **state)
{
	struct rules rules = default_rules();
	struct viewmake m;
	struct verdict v;

	(void)state;
	make_stale(&m);
	viewmake_unreadable(&m, 1, EACCES);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.state, STATE_WARNING);
	assert_int_equal(v.gap, GAP_UNREADABLE);
}

static void each_number_of_the_totals_has_its_metric(void **state)
{
	static const struct row {
		const char *name;
		enum metric metric;
		size_t offset;
	} rows[] = {
		{"processes", METRIC_PROCESSES, offsetof(struct stale_totals, processes)},
		{"services", METRIC_SERVICES, offsetof(struct stale_totals, services)},
		{"containers", METRIC_CONTAINERS,
		 offsetof(struct stale_totals, containers)},
		{"sessions", METRIC_SESSIONS, offsetof(struct stale_totals, sessions)},
		{"files", METRIC_FILES, offsetof(struct stale_totals, files)},
		{"reboot", METRIC_REBOOT, offsetof(struct stale_totals, reboot)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rules rules = {0};
		struct viewmake m;
		struct verdict v;

		assert_string_equal(metric_name(rows[i].metric), rows[i].name);
		viewmake_init(&m);
		m.view.nprocs = 7; /* of which none is looked at */
		*(size_t *)((char *)&m.view.totals + rows[i].offset) = 7;
		rules.limits.warning[rows[i].metric] = up_to(7);
		verdict_reach(&m.view, &rules, &v);
		row_number(rows[i].name, "at the warning", v.state, STATE_OK);
		row_number(rows[i].name, "value",
			   (int64_t)verdict_value(&m.view, &v, rows[i].metric), 7);
		rules.limits.critical[rows[i].metric] = up_to(6);
		row_number(rows[i].name, "above the critical", judge(&m, &rules),
			   STATE_CRITICAL);
	}
}

static void the_state_is_about_what_counts_and_what_alerts(void **state)
{
	static const struct row {
		enum metric metric;
		unsigned adds;
	} rows[] = {
		{METRIC_PROCESSES, 0},
		{METRIC_SERVICES, STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM)},
		{METRIC_CONTAINERS, STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER)},
		{METRIC_SESSIONS, STALE_SCOPE_BIT(STALE_SCOPE_USER) |
					  STALE_SCOPE_BIT(STALE_SCOPE_SESSION)},
		{METRIC_REBOOT, 0},
	};
	const unsigned none = STALE_SCOPE_BIT(STALE_SCOPE_NONE);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewmake m;
		struct verdict v = {0};

		viewmake_init(&m);
		m.view.policy.scopes = none;
		v.metric[rows[i].metric] = STATE_WARNING;
		row_number(metric_name(rows[i].metric), "scopes",
			   verdict_scopes(&m.view, &v), none | rows[i].adds);
		m.view.policy.scopes = 0;
		row_number(metric_name(rows[i].metric), "scopes, by default",
			   verdict_scopes(&m.view, &v),
			   STALE_SCOPE_DEFAULT | rows[i].adds);
	}
}

static void of_what_is_used_only_what_is_stale_has_an_age(void **state)
{
	struct rules rules = {0};
	struct viewmake m;
	struct verdict v;

	(void)state;
	viewmake_init(&m);
	m.view.policy.is_using = true;
	rules.limits.warning[METRIC_AGE] = up_to(7 * DAY);
	rules.limits.warning[METRIC_PROCESSES] = up_to(1);
	viewmake_proc(&m, 1, "a");
	viewmake_file(&m, "/a", STALE_CURRENT, -1);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.state, STATE_OK);
	assert_int_equal(v.age, 0);
	viewmake_proc(&m, 2, "b");
	viewmake_file(&m, "/a", STALE_CURRENT, -1);
	viewmake_file(&m, "/b", STALE_DELETED, DAY);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.state, STATE_WARNING); /* two users */
	assert_int_equal(v.metric[METRIC_AGE], STATE_OK);
	assert_int_equal(v.age, DAY);
	viewmake_file(&m, "/c", STALE_DELETED, -1);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &v);
	assert_int_equal(v.metric[METRIC_AGE], STATE_UNKNOWN);
	assert_int_equal(v.age, DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_state_wins_and_unknown_hides_nothing),
		cmocka_unit_test(states_are_the_exit_codes),
		cmocka_unit_test(words_that_are_no_state_are_refused),
		cmocka_unit_test(nothing_stale_is_ok),
		cmocka_unit_test(one_stale_process_is_a_warning),
		cmocka_unit_test(each_metric_has_its_own_thresholds),
		cmocka_unit_test(an_unknown_age_is_unknown_to_an_age_threshold_at_most),
		cmocka_unit_test(an_age_below_a_lower_end_alerts_when_nothing_is_stale),
		cmocka_unit_test(a_clock_that_went_back_makes_no_negative_age),
		cmocka_unit_test(what_does_not_count_raises_no_alarm),
		cmocka_unit_test(an_incomplete_scan_is_as_bad_as_the_rules_say),
		cmocka_unit_test(a_scan_that_just_stopped_is_an_error),
		cmocka_unit_test(vanished_processes_leave_a_scan_complete),
		cmocka_unit_test(an_incomplete_scan_does_not_hide_what_was_found),
		cmocka_unit_test(each_number_of_the_totals_has_its_metric),
		cmocka_unit_test(the_state_is_about_what_counts_and_what_alerts),
		cmocka_unit_test(of_what_is_used_only_what_is_stale_has_an_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
