/*
 * agent_notify.c - what managers are told, and when: snapshots made by hand, and a clock
 * that only the test moves.
 */
#include "test.h"

#include "snmp/notify.h"
#include "support/published.h"
#include "support/reportmake.h"

#define GAP INT64_C(300000)
#define ALL (1U << MIB_CHANGED | 1U << MIB_CLEARED | 1U << MIB_SCAN_TROUBLE)

/* "812 /lib/a" is a process with a deleted file that counts; "-812 /lib/a" one whose file
 * does not. */
struct seen {
	int pid;
	const char *path;
};

static void see(struct notify *notify, enum snapshot_status status,
		const struct seen *seen, size_t n)
{
	struct snapshot_source source;
	struct stale_report *report;
	struct snapshot *snapshot;
	struct reportmake m;

	reportmake_init(&m);
	for (size_t i = 0; i < n; i++) {
		int pid = abs(seen[i].pid);

		if (i == 0 || abs(seen[i - 1].pid) != pid)
			reportmake_proc(&m, pid, "x");
		reportmake_file(&m, seen[i].path,
				seen[i].pid > 0 ? STALE_DELETED : STALE_REINSTALLED, 1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	source = published_source(report);
	source.scan.status = status;
	snapshot = published_make(&source);
	assert_int_equal(notify_see(notify, snapshot), 0);
	snapshot_unref(snapshot);
	stale_report_free(report);
}

/* One thing that happens; then what is due. */
struct event {
	const char *label;
	int64_t now_ms;
	enum snapshot_status status;
	struct seen seen[4]; /* ended by pid 0 */
	bool away;           /* there is no master */
	struct notify_due due[2];
	int64_t wait;
};

static size_t count_seen(const struct seen *seen)
{
	size_t n = 0;

	while (n < 4 && seen[n].pid)
		n++;
	return n;
}

static void row_due(const char *label, const struct notify_due *got,
		    const struct notify_due *want)
{
	row_number(label, "what", got->what, want->what);
	row_number(label, "appeared", got->appeared, want->appeared);
	row_number(label, "cleared", got->cleared, want->cleared);
}

static void play(const struct event *events, size_t n, unsigned wanted)
{
	struct notify *notify;

	assert_int_equal(notify_new(GAP, &notify), 0);
	for (size_t i = 0; i < n; i++) {
		const struct event *e = &events[i];

		see(notify, e->status, e->seen, count_seen(e->seen));
		if (e->away)
			continue;
		for (size_t j = 0; j < 2; j++) {
			struct notify_due due = {0};

			if (!notify_next(notify, wanted, e->now_ms, &due))
				due = (struct notify_due){0};
			row_due(e->label, &due, &e->due[j]);
		}
		row_number(e->label, "wait", notify_wait(notify, wanted, e->now_ms),
			   e->wait);
	}
	notify_free(notify);
}

#define CHANGED(appeared, cleared)                                                       \
	{                                                                                \
		MIB_CHANGED, appeared, cleared                                           \
	}
#define CLEARED(cleared)                                                                 \
	{                                                                                \
		MIB_CLEARED, 0, cleared                                                  \
	}
#define TROUBLE                                                                          \
	{                                                                                \
		MIB_SCAN_TROUBLE, 0, 0                                                   \
	}
#define OK SNAPSHOT_COMPLETE

static void nothing_is_told_while_nothing_counts(void **state)
{
	static const struct event events[] = {
		{"before a scan", 0, SNAPSHOT_NEVER, .wait = -1},
		{"nothing stale", 1, OK, .wait = -1},
		{"what does not count", 2, OK, {{-7, "/lib/a"}}, .wait = -1},
		{"gone", 3, OK, .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void what_appeared_is_told_once(void **state)
{
	static const struct event events[] = {
		{"two processes",
		 10,
		 OK,
		 {{7, "/lib/a"}, {7, "/lib/b"}, {8, "/lib/a"}},
		 .due = {CHANGED(2, 0)},
		 .wait = -1},
		{"the same",
		 11,
		 OK,
		 {{7, "/lib/a"}, {7, "/lib/b"}, {8, "/lib/a"}},
		 .wait = -1},
		{"long after", 10 * GAP, OK, {{7, "/lib/a"}, {8, "/lib/a"}}, .wait = -1},
		{"and back", 11 * GAP, OK, {{7, "/lib/a"}, {7, "/lib/b"}}, .wait = -1},
		{"one more file of a process",
		 12 * GAP,
		 OK,
		 {{7, "/lib/a"}, {7, "/lib/c"}},
		 .due = {CHANGED(1, 1)},
		 .wait = -1},
		{"begins to count",
		 14 * GAP,
		 OK,
		 {{7, "/lib/a"}, {9, "/lib/x"}, {-10, "/lib/x"}},
		 .due = {CHANGED(1, 0)},
		 .wait = -1},
		{"the other one does, too",
		 16 * GAP,
		 OK,
		 {{7, "/lib/a"}, {9, "/lib/x"}, {10, "/lib/x"}},
		 .due = {CHANGED(1, 0)},
		 .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void changes_are_gathered_until_their_time_comes(void **state)
{
	static const struct event events[] = {
		{"first", 1000, OK, {{7, "/lib/a"}}, .due = {CHANGED(1, 0)}, .wait = -1},
		{"too early",
		 2000,
		 OK,
		 {{7, "/lib/a"}, {8, "/lib/a"}},
		 .wait = GAP - 1000},
		{"one is gone",
		 3000,
		 OK,
		 {{8, "/lib/a"}, {9, "/lib/a"}},
		 .wait = GAP - 2000},
		{"not yet", GAP + 999, OK, {{8, "/lib/a"}, {9, "/lib/a"}}, .wait = 1},
		{"now",
		 GAP + 1000,
		 OK,
		 {{8, "/lib/a"}, {9, "/lib/a"}},
		 .due = {CHANGED(2, 1)},
		 .wait = -1},
		{"came and went",
		 GAP + 2000,
		 OK,
		 {{8, "/lib/a"}, {10, "/lib/a"}},
		 .wait = GAP - 1000},
		{"nothing left of it", GAP + 3000, OK, {{8, "/lib/a"}}, .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void zero_is_told_once_and_at_once(void **state)
{
	static const struct event events[] = {
		{"two",
		 1000,
		 OK,
		 {{7, "/lib/a"}, {7, "/lib/b"}, {8, "/lib/a"}},
		 .due = {CHANGED(2, 0)},
		 .wait = -1},
		{"one left", 2000, OK, {{8, "/lib/a"}}, .wait = -1},
		{"none", 3000, OK, .due = {CLEARED(2)}, .wait = -1},
		{"still none", 4000, OK, .wait = -1},
		{"again", 5000, OK, {{9, "/lib/a"}}, .wait = GAP - 4000},
		{"none that was told of", 6000, OK, .wait = -1},
		{"only what does not count", 2 * GAP, OK, {{-9, "/lib/a"}}, .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void trouble_is_told_when_it_begins(void **state)
{
	static const struct event events[] = {
		{"never", 0, SNAPSHOT_NEVER, .wait = -1},
		{"partial", 1000, SNAPSHOT_PARTIAL, .due = {TROUBLE}, .wait = -1},
		{"failed then", 2000, SNAPSHOT_FAILED, .wait = -1},
		{"well", 3000, OK, .wait = -1},
		{"too early", 4000, SNAPSHOT_FAILED, .wait = GAP - 3000},
		{"well again", 5000, OK, .wait = -1},
		{"once more", 6000, SNAPSHOT_FAILED, .wait = GAP - 5000},
		{"now", GAP + 1000, SNAPSHOT_FAILED, .due = {TROUBLE}, .wait = -1},
		{"goes on", 9 * GAP, SNAPSHOT_FAILED, .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void both_are_told_one_after_the_other(void **state)
{
	static const struct event events[] = {
		{"both",
		 0,
		 SNAPSHOT_PARTIAL,
		 {{7, "/lib/a"}},
		 .due = {CHANGED(1, 0), TROUBLE},
		 .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void what_was_not_told_while_the_master_was_away_is_told_after_it(void **state)
{
	static const struct event events[] = {
		{"away", 0, OK, {{7, "/lib/a"}}, .away = true},
		{"away, more",
		 1,
		 SNAPSHOT_FAILED,
		 {{7, "/lib/a"}, {8, "/lib/a"}},
		 .away = true},
		{"back",
		 2,
		 SNAPSHOT_FAILED,
		 {{7, "/lib/a"}, {8, "/lib/a"}},
		 .due = {CHANGED(2, 0), TROUBLE},
		 .wait = -1},
		{"cleared while away", 3, OK, .away = true},
		{"told after it", 4, OK, .due = {CLEARED(2)}, .wait = -1},
		{"came", 5 * GAP, OK, {{9, "/lib/a"}}, .away = true},
		{"and went", 6 * GAP, OK, .away = true},
		{"nothing to tell", 7 * GAP, OK, .wait = -1},
	};

	(void)state;
	play(events, ARRAY_LEN(events), ALL);
}

static void what_is_not_wanted_is_not_told(void **state)
{
	static const struct event nothing[] = {
		{"all of it", 0, SNAPSHOT_FAILED, {{7, "/lib/a"}}, .wait = -1},
		{"cleared", 1, OK, .wait = -1},
	};
	static const struct event cleared[] = {
		{"change", 0, SNAPSHOT_FAILED, {{7, "/lib/a"}}, .wait = -1},
		{"cleared", 1, OK, .due = {CLEARED(1)}, .wait = -1},
	};
	static const struct event changed[] = {
		{"change",
		 0,
		 SNAPSHOT_FAILED,
		 {{7, "/lib/a"}},
		 .due = {CHANGED(1, 0)},
		 .wait = -1},
		{"cleared", 1, OK, .wait = -1},
		{"again", GAP, OK, {{7, "/lib/a"}}, .due = {CHANGED(1, 0)}, .wait = -1},
	};

	(void)state;
	play(nothing, ARRAY_LEN(nothing), 0);
	play(cleared, ARRAY_LEN(cleared), 1U << MIB_CLEARED);
	play(changed, ARRAY_LEN(changed), 1U << MIB_CHANGED);
}

/* The same number, started later: another process. */
static void a_reused_pid_is_another_process(void **state)
{
	struct notify *notify;
	struct notify_due due;

	(void)state;
	assert_int_equal(notify_new(0, &notify), 0);
	for (uint64_t start = 100; start < 103; start++) {
		struct stale_report *report;
		struct snapshot *snapshot;
		struct reportmake m;

		reportmake_init(&m);
		reportmake_proc(&m, 7, "x")->start_ticks = start;
		reportmake_file(&m, "/lib/a", STALE_DELETED, 1);
		report = reportmake_report(&m);
		reportmake_release(&m);
		snapshot = publish(report);
		assert_int_equal(notify_see(notify, snapshot), 0);
		snapshot_unref(snapshot);
		assert_true(notify_next(notify, ALL, 0, &due));
		row_number("reused", "appeared", due.appeared, 1);
		row_number("reused", "cleared", due.cleared, start > 100);
		assert_false(notify_next(notify, ALL, 0, &due));
	}
	notify_free(notify);
}

static void a_storm_makes_one(void **state)
{
	struct notify *notify;
	struct notify_due due;
	struct snapshot *snapshot = publish(reportmake_many(500, 2, 1));

	(void)state;
	assert_int_equal(notify_new(GAP, &notify), 0);
	assert_int_equal(notify_see(notify, snapshot), 0);
	assert_true(notify_next(notify, ALL, 0, &due));
	assert_int_equal(due.what, MIB_CHANGED);
	assert_int_equal(due.appeared, 500);
	assert_false(notify_next(notify, ALL, 0, &due));
	snapshot_unref(snapshot);
	notify_free(notify);
	notify_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told_while_nothing_counts),
		cmocka_unit_test(what_appeared_is_told_once),
		cmocka_unit_test(changes_are_gathered_until_their_time_comes),
		cmocka_unit_test(zero_is_told_once_and_at_once),
		cmocka_unit_test(trouble_is_told_when_it_begins),
		cmocka_unit_test(both_are_told_one_after_the_other),
		cmocka_unit_test(
			what_was_not_told_while_the_master_was_away_is_told_after_it),
		cmocka_unit_test(what_is_not_wanted_is_not_told),
		cmocka_unit_test(a_reused_pid_is_another_process),
		cmocka_unit_test(a_storm_makes_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
