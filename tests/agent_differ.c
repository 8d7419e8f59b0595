/*
 * agent_differ.c - what a report says that another does not, and what a second look shows.
 */
#include "tests/test.h"

#include <errno.h>

#include "snmp/differ.h"
#include "tests/support/reportmake.h"

#define A "/usr/lib/liba.so.1"
#define B "/usr/lib/libb.so.1"

#define ROWS 4

/* pid 0: no more */
struct rows {
	struct reportmake_row list[ROWS];
};

static struct stale_report *report_of(const struct rows *rows)
{
	size_t n = 0;

	while (n < ROWS && rows->list[n].pid)
		n++;
	return reportmake_rows(rows->list, n);
}

#define ROW(pid, path, why)                                                              \
	{                                                                                \
		pid, "x", NULL, path, STALE_##why, 60                                    \
	}

static const struct {
	const char *label;
	struct rows a, b;
	bool differ;
} pairs[] = {
	{"nothing and nothing", {{{0}}}, {{{0}}}, false},
	{"the same",
	 {{ROW(1, A, DELETED), ROW(2, B, REPLACED)}},
	 {{ROW(1, A, DELETED), ROW(2, B, REPLACED)}},
	 false},
	{"one more process",
	 {{ROW(1, A, DELETED)}},
	 {{ROW(1, A, DELETED), ROW(2, B, REPLACED)}},
	 true},
	{"another process", {{ROW(1, A, DELETED)}}, {{ROW(2, A, DELETED)}}, true},
	{"one more file",
	 {{ROW(1, A, DELETED)}},
	 {{ROW(1, A, DELETED), ROW(1, B, DELETED)}},
	 true},
	{"another file", {{ROW(1, A, DELETED)}}, {{ROW(1, B, DELETED)}}, true},
	{"another why", {{ROW(1, A, DELETED)}}, {{ROW(1, A, REPLACED)}}, true},
};

static void reports_differ_in_processes_and_their_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct stale_report *a = report_of(&pairs[i].a);
		struct stale_report *b = report_of(&pairs[i].b);

		row_number(pairs[i].label, "differ", differ_reports(a, b),
			   pairs[i].differ);
		row_number(pairs[i].label, "the other way", differ_reports(b, a),
			   pairs[i].differ);
		stale_report_free(a);
		stale_report_free(b);
	}
}

static void no_report_is_as_an_empty_one(void **state)
{
	const struct rows none = {{{0}}}, some = {{ROW(1, A, DELETED)}};
	struct stale_report *a = report_of(&none), *b = report_of(&some);

	(void)state;
	assert_false(differ_reports(NULL, a));
	assert_true(differ_reports(NULL, b));
	stale_report_free(a);
	stale_report_free(b);
}

/* Of process 7, with one change. */
static struct stale_report *process_seven(uint64_t start_ticks, uint64_t inode)
{
	struct stale_report *report;
	struct reportmake m;

	reportmake_init(&m);
	reportmake_proc(&m, 7, "x")->start_ticks = start_ticks;
	reportmake_file(&m, A, STALE_DELETED, 60)->inode = inode;
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void another_start_or_inode_is_a_difference(void **state)
{
	struct stale_report *base = process_seven(100, 5);
	struct stale_report *same = process_seven(100, 5);
	struct stale_report *start = process_seven(101, 5);
	struct stale_report *inode = process_seven(100, 6);

	(void)state;
	assert_false(differ_reports(base, same));
	assert_true(differ_reports(base, start));
	assert_true(differ_reports(base, inode));
	stale_report_free(base);
	stale_report_free(same);
	stale_report_free(start);
	stale_report_free(inode);
}

static struct differ_look look_at(const struct stale_report *report,
				  struct stale_report *look)
{
	struct differ_look found;

	assert_int_equal(differ_look(report, look, &found), 0);
	stale_report_free(look);
	return found;
}

static void a_recycled_pid_is_gone_and_new(void **state)
{
	struct stale_report *report = process_seven(100, 5);
	struct differ_look found = look_at(report, process_seven(101, 5));

	(void)state;
	assert_int_equal(found.ngone, 1);
	assert_int_equal(found.gone[0].pid, 7);
	assert_true(found.gone[0].start_ticks == 100);
	assert_true(found.is_new);
	free(found.gone);
	stale_report_free(report);
}

static void other_files_of_a_process_are_new_and_it_is_not_gone(void **state)
{
	struct stale_report *report = process_seven(100, 5);
	struct differ_look found = look_at(report, process_seven(100, 6));

	(void)state;
	assert_int_equal(found.ngone, 0);
	assert_true(found.is_new);
	free(found.gone);
	stale_report_free(report);
}

/* Processes 1 to 4 were stale. */
static struct stale_report *four(void)
{
	return report_of(&(struct rows){{ROW(1, A, DELETED), ROW(2, A, DELETED),
					 ROW(3, A, DELETED), ROW(4, A, DELETED)}});
}

static void who_is_neither_stale_nor_unreadable_is_gone(void **state)
{
	struct stale_report *report = four();
	struct differ_look found;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	reportmake_proc(&m, 2, "x");
	reportmake_file(&m, A, STALE_DELETED, 60);
	reportmake_unreadable(&m, 3, EACCES);
	found = look_at(report, reportmake_report(&m));
	reportmake_release(&m);
	assert_int_equal(found.ngone, 2);
	assert_int_equal(found.gone[0].pid, 1);
	assert_int_equal(found.gone[1].pid, 4);
	assert_false(found.is_new);
	free(found.gone);
	stale_report_free(report);
}

static const struct {
	const char *label;
	bool finished;
	int error;
	size_t denied; /* that are not in the list */
	int result;
} ends[] = {
	{"to its end", true, 0, 0, 0},
	{"cut", false, 0, 0, -EAGAIN},
	{"out of memory", false, ENOMEM, 0, -EAGAIN},
	{"out of room", true, ENOBUFS, 0, -EAGAIN},
	{"all have ended", false, ESRCH, 0, 0},
	{"one is unreadable, nobody knows who", true, 0, 1, -EAGAIN},
};

static void a_look_that_cannot_tell_changes_nothing(void **state)
{
	struct stale_report *report = four();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct differ_look found;
		struct stale_report *look;
		struct reportmake m;

		reportmake_init(&m);
		m.info.finished = ends[i].finished;
		m.info.error = ends[i].error;
		m.info.denied += ends[i].denied;
		m.info.scanned -= ends[i].denied;
		look = reportmake_report(&m);
		reportmake_release(&m);
		untouched_init(&found, sizeof(found));
		row_number(ends[i].label, "result", differ_look(report, look, &found),
			   ends[i].result);
		if (ends[i].result == 0) {
			row_number(ends[i].label, "gone", found.ngone, 4);
			free(found.gone);
		} else {
			assert_true(untouched(&found, sizeof(found)));
		}
		stale_report_free(look);
	}
	stale_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_differ_in_processes_and_their_files),
		cmocka_unit_test(no_report_is_as_an_empty_one),
		cmocka_unit_test(another_start_or_inode_is_a_difference),
		cmocka_unit_test(a_recycled_pid_is_gone_and_new),
		cmocka_unit_test(other_files_of_a_process_are_new_and_it_is_not_gone),
		cmocka_unit_test(who_is_neither_stale_nor_unreadable_is_gone),
		cmocka_unit_test(a_look_that_cannot_tell_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
