/*
 * agent_snapshot.c - what is published of a report: totals, and the columns of all rows.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "tests/support/published.h"
#include "tests/support/reportmake.h"

static void text_is(const char *what, struct snapshot_text text, const char *want)
{
	row_text("text", what, text.s, text.len, want);
	assert_int_equal(text.s[text.len], '\0');
}

static void without_a_report_all_is_zero_but_the_scan(void **state)
{
	static const struct snapshot_totals none;
	struct snapshot_source source = published_source(NULL);
	struct snapshot *snapshot;

	(void)state;
	source.scan.status = SNAPSHOT_NEVER;
	snapshot = published_make(&source);
	assert_memory_equal(snapshot_totals(snapshot), &none, sizeof(none));
	assert_memory_equal(snapshot_scan(snapshot), &source.scan, sizeof(source.scan));
	assert_int_equal(published_nprocs(snapshot), 0);
	assert_int_equal(published_nfiles(snapshot), 0);
	assert_int_equal(published_nlibs(snapshot), 0);
	assert_in_range(snapshot_size(snapshot), 1, 1024);
	snapshot_unref(snapshot);
	snapshot_unref(NULL);
}

static void a_report_without_processes_has_no_rows(void **state)
{
	struct snapshot *snapshot = publish(reportmake_rows(NULL, 0));

	(void)state;
	assert_int_equal(snapshot_totals(snapshot)->scanned, 212);
	assert_int_equal(published_nprocs(snapshot), 0);
	assert_int_equal(published_nfiles(snapshot), 0);
	assert_int_equal(published_nlibs(snapshot), 0);
	snapshot_unref(snapshot);
}

static void a_process_has_every_column(void **state)
{
	struct stale_users *users = reportmake_users("alice:x:1000:1000::/:/bin/sh\n");
	struct snapshot_source source;
	struct snapshot *snapshot;
	struct stale_report *report;
	const struct snapshot_proc *row;
	struct stale_proc *proc;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	proc = reportmake_container(&m, INT32_MAX, "web", "docker", "0a1b");
	proc->unit = "docker-0a1b.scope";
	proc->exe = "/usr/sbin/web";
	proc->start_ticks = UINT64_MAX;
	proc->nfiles_left_out = 3;
	reportmake_file(&m, "/lib/a.so", STALE_REINSTALLED, 60);
	report = reportmake_report(&m);
	source = published_source(report);
	source.users = users;
	snapshot = published_make(&source);
	stale_report_free(report);
	stale_users_free(users);
	reportmake_release(&m);

	row = published_proc(snapshot, 0);
	row_number("process", "pid", row->pid, INT32_MAX);
	row_number("process", "start", row->start_ticks == UINT64_MAX, true);
	row_number("process", "started", row->started, REPORTMAKE_NOW - 864000);
	text_is("name", row->name, "web");
	text_is("executable", row->executable, "/usr/sbin/web");
	row_number("process", "uid", row->uid, 1000);
	text_is("user", row->user, "alice");
	text_is("unit", row->unit, "docker-0a1b.scope");
	text_is("container", row->container, "0a1b");
	row_number("process", "scope", row->scope, STALE_SCOPE_CONTAINER);
	row_number("process", "counted", row->counted, false);
	row_number("process", "why", row->why, STALE_WHY_BIT(STALE_REINSTALLED));
	row_number("process", "files", row->files, 4);
	row_number("process", "since", row->since, REPORTMAKE_NOW - 60);
	row_number("process", "advice", row->advice, STALE_RESTART_CONTAINER);
	row_number("totals", "unpublished", snapshot_totals(snapshot)->unpublished, 3);
	snapshot_unref(snapshot);
}

static void what_is_unknown_is_empty(void **state)
{
	struct stale_proc *proc;
	struct stale_file *file;
	struct snapshot *snapshot;
	const struct snapshot_proc *row;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	proc = reportmake_proc(&m, 1, "");
	proc->started = -5;
	file = reportmake_file(&m, "/lib/a.so", STALE_DELETED, 60);
	file->since = -60; /* the clock of the file system was wrong */
	snapshot = publish(reportmake_report(&m));
	reportmake_release(&m);

	row = published_proc(snapshot, 0);
	row_number("process", "started", row->started, 0);
	row_number("process", "since", row->since, 0);
	text_is("name", row->name, "");
	text_is("executable", row->executable, "");
	text_is("user", row->user, "");
	text_is("unit", row->unit, "");
	text_is("container", row->container, "");
	row_number("file", "since", published_file(snapshot, 0)->since, 0);
	text_is("successor", published_file(snapshot, 0)->successor, "");
	row_number("library", "since", published_lib(snapshot, "/lib/a.so")->since, 0);
	row_number("totals", "oldest", snapshot_totals(snapshot)->oldest, 0);
	snapshot_unref(snapshot);
}

static void files_stand_in_the_order_of_the_report(void **state)
{
	struct stale_file *file;
	struct snapshot *snapshot;
	const struct snapshot_file *row;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	reportmake_proc(&m, 20, "late");
	reportmake_file(&m, "/lib/b.so", STALE_DELETED, -1);
	reportmake_proc(&m, 10, "early");
	reportmake_file(&m, "/lib/c.so", STALE_REINSTALLED, 7);
	file = reportmake_file(&m, "/bin/early", STALE_REPLACED, 8);
	file->kind = STALE_EXE;
	file->successor = "/bin/new";
	snapshot = publish(reportmake_report(&m));
	reportmake_release(&m);

	assert_int_equal(published_nfiles(snapshot), 3);
	row = published_file(snapshot, 0);
	row_number("first", "pid", row->pid, 10);
	row_number("first", "n", row->n, 1);
	text_is("path", row->path, "/bin/early");
	row_number("first", "kind", row->kind, STALE_EXE);
	row_number("first", "why", row->why, STALE_REPLACED);
	row_number("first", "since", row->since, REPORTMAKE_NOW - 8);
	text_is("successor", row->successor, "/bin/new");
	row_number("first", "counted", row->counted, true);
	row_number("first", "library", row->library,
		   published_lib(snapshot, "/bin/early")->index);
	row = published_file(snapshot, 1);
	row_number("second", "pid", row->pid, 10);
	row_number("second", "n", row->n, 2);
	row_number("second", "kind", row->kind, STALE_LIB);
	row_number("second", "counted", row->counted, false);
	row_number("second", "library", row->library,
		   published_lib(snapshot, "/lib/c.so")->index);
	row = published_file(snapshot, 2);
	row_number("third", "pid", row->pid, 20);
	row_number("third", "n", row->n, 1);
	row_number("third", "since", row->since, 0);
	snapshot_unref(snapshot);
}

static void a_process_is_as_old_as_its_oldest_file_that_counts(void **state)
{
	static const struct reportmake_row rows[] = {
		{1, "counted", NULL, "/a", STALE_REINSTALLED, 900},
		{1, "counted", NULL, "/b", STALE_DELETED, 100},
		{1, "counted", NULL, "/c", STALE_REPLACED, 200},
		{2, "other", NULL, "/a", STALE_REINSTALLED, 900},
		{2, "other", NULL, "/d", STALE_MODIFIED, 950},
		{3, "undated", NULL, "/a", STALE_REINSTALLED, 900},
		{3, "undated", NULL, "/e", STALE_DELETED, -1},
	};
	static const struct {
		const char *label;
		int64_t since;
		unsigned why;
		bool counted;
	} want[] = {
		{"counted", REPORTMAKE_NOW - 200,
		 STALE_WHY_BIT(STALE_REINSTALLED) | STALE_WHY_BIT(STALE_DELETED) |
			 STALE_WHY_BIT(STALE_REPLACED),
		 true},
		{"other", REPORTMAKE_NOW - 950,
		 STALE_WHY_BIT(STALE_REINSTALLED) | STALE_WHY_BIT(STALE_MODIFIED), false},
		{"undated", 0,
		 STALE_WHY_BIT(STALE_REINSTALLED) | STALE_WHY_BIT(STALE_DELETED), true},
	};
	struct snapshot *snapshot = publish(reportmake_rows(rows, ARRAY_LEN(rows)));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct snapshot_proc *row = published_proc(snapshot, i);

		row_text(want[i].label, "name", row->name.s, row->name.len,
			 want[i].label);
		row_number(want[i].label, "since", row->since, want[i].since);
		row_number(want[i].label, "why", row->why, want[i].why);
		row_number(want[i].label, "counted", row->counted, want[i].counted);
	}
	row_number("totals", "oldest", snapshot_totals(snapshot)->oldest,
		   REPORTMAKE_NOW - 200);
	snapshot_unref(snapshot);
}

static void totals_are_those_of_the_report(void **state)
{
	struct snapshot_source source;
	const struct snapshot_totals *got;
	struct stale_totals want;
	struct stale_report *report;
	struct snapshot *snapshot;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	reportmake_unit(&m, 1, "init", STALE_SCOPE_SYSTEM, "init.scope")->advice =
		STALE_REBOOT;
	reportmake_file(&m, "/lib/a", STALE_DELETED, 500);
	reportmake_unit(&m, 2, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	reportmake_file(&m, "/lib/a", STALE_DELETED, 500);
	reportmake_file(&m, "/lib/b", STALE_DELETED, -1);
	reportmake_unit(&m, 3, "bash", STALE_SCOPE_SESSION, "session-1.scope");
	reportmake_file(&m, "/lib/c", STALE_DELETED, 900);
	reportmake_container(&m, 4, "web", "docker", "1");
	reportmake_file(&m, "/lib/d", STALE_DELETED, 9000);
	reportmake_container(&m, 5, "web", "docker", "2");
	reportmake_file(&m, "/lib/d", STALE_DELETED, 9000);
	reportmake_container(&m, 6, "web", "docker", "3");
	reportmake_file(&m, "/lib/d", STALE_DELETED, 9000);
	reportmake_ignored(&m, 9, "/x", "rule");
	reportmake_ignored(&m, 9, "/y", "rule");
	reportmake_unreadable(&m, 7, EACCES);
	reportmake_unreadable(&m, 8, EACCES);
	reportmake_unreadable(&m, 11, EIO);
	report = reportmake_report(&m);
	reportmake_release(&m);
	source = published_source(report);
	assert_int_equal(stale_report_count(report, &source.policy, source.now, &want),
			 0);
	snapshot = publish(report);

	got = snapshot_totals(snapshot);
	row_number("totals", "scanned", got->scanned, 209);
	row_number("totals", "processes", got->processes, want.processes);
	row_number("totals", "services", got->services, want.services);
	row_number("totals", "containers", got->containers, want.containers);
	row_number("totals", "sessions", got->sessions, want.sessions);
	row_number("totals", "files", got->files, want.files);
	row_number("totals", "oldest", got->oldest, want.oldest);
	row_number("totals", "undated", got->undated, want.undated);
	row_number("totals", "reboot", got->reboot, want.reboot);
	row_number("totals", "unreadable", got->unreadable, 3);
	row_number("totals", "ignored", got->ignored, 2);
	row_number("totals", "unpublished", got->unpublished, 0);
	assert_int_equal(want.containers, 3);
	snapshot_unref(snapshot);
}

static void numbers_too_large_for_a_column_are_the_largest(void **state)
{
	struct snapshot *snapshot;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	m.info.scanned = (size_t)UINT32_MAX + 5;
	m.info.denied = UINT32_MAX;
	m.info.failed = 1;
	reportmake_proc(&m, 1, "x")->nfiles_left_out = (size_t)UINT32_MAX * 2 + 5;
	reportmake_file(&m, "/lib/a", STALE_DELETED, 1);
	snapshot = publish(reportmake_report(&m));
	reportmake_release(&m);
	row_number("totals", "scanned", snapshot_totals(snapshot)->scanned, UINT32_MAX);
	row_number("totals", "unreadable", snapshot_totals(snapshot)->unreadable,
		   UINT32_MAX);
	row_number("totals", "unpublished", snapshot_totals(snapshot)->unpublished,
		   UINT32_MAX);
	row_number("process", "files", published_proc(snapshot, 0)->files, UINT32_MAX);
	snapshot_unref(snapshot);
}

static void a_snapshot_lives_as_long_as_its_last_reference(void **state)
{
	static const struct reportmake_row row = {1,        "x",           NULL,
						  "/lib/a", STALE_DELETED, 1};
	struct snapshot *snapshot = publish(reportmake_rows(&row, 1));
	struct snapshot *again = snapshot_ref(snapshot);

	(void)state;
	assert_ptr_equal(again, snapshot);
	snapshot_unref(snapshot);
	text_is("path", published_file(again, 0)->path, "/lib/a");
	snapshot_unref(again);
}

static void every_text_of_a_row_is_cut(void **state)
{
	char name[400], want[SNAPSHOT_TEXT_MAX + 1];
	struct stale_proc *proc;
	struct snapshot *snapshot;
	struct stale_users *users;
	struct snapshot_source source;
	struct stale_report *report;
	struct reportmake m;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	memcpy(want, "...", 3);
	memset(want + 3, 'n', sizeof(want) - 4);
	want[sizeof(want) - 1] = '\0';
	reportmake_init(&m);
	proc = reportmake_container(&m, 1, name, "docker", name);
	proc->unit = name;
	proc->exe = name;
	reportmake_file(&m, name, STALE_DELETED, 1)->successor = name;
	report = reportmake_report(&m);
	users = reportmake_users(reportmake_text(&m, "%s:x:1000:1000::/:\n", name));
	source = published_source(report);
	source.users = users;
	snapshot = published_make(&source);
	stale_report_free(report);
	stale_users_free(users);
	reportmake_release(&m);

	text_is("name", published_proc(snapshot, 0)->name, want);
	text_is("executable", published_proc(snapshot, 0)->executable, want);
	text_is("user", published_proc(snapshot, 0)->user, want);
	text_is("unit", published_proc(snapshot, 0)->unit, want);
	text_is("container", published_proc(snapshot, 0)->container, want);
	text_is("path", published_file(snapshot, 0)->path, want);
	text_is("successor", published_file(snapshot, 0)->successor, want);
	assert_non_null(published_lib(snapshot, want));
	snapshot_unref(snapshot);
}

static void no_text_is_taken_for_another(void **state)
{
	struct snapshot *snapshot;
	struct reportmake m;

	(void)state;
	reportmake_init(&m);
	for (int p = 1; p <= 5000; p++) {
		struct stale_proc *proc =
			reportmake_proc(&m, p, reportmake_text(&m, "c%d", p));

		proc->exe = reportmake_text(&m, "/bin/c%d", p);
		proc->unit = reportmake_text(&m, "c%d.service", p % 7);
		reportmake_file(&m, reportmake_text(&m, "/lib/%d", p), STALE_DELETED, 1)
			->successor = reportmake_text(&m, "/usr/lib/%d", p);
	}
	snapshot = publish(reportmake_report(&m));
	for (size_t i = 0; i < m.nprocs; i++) {
		const struct snapshot_proc *row = published_proc(snapshot, i);

		text_is("name", row->name, m.procs[i].comm);
		text_is("executable", row->executable, m.procs[i].exe);
		text_is("unit", row->unit, m.procs[i].unit);
		text_is("path", published_file(snapshot, i)->path,
			reportmake_text(&m, "/lib/%zu", i + 1));
		text_is("successor", published_file(snapshot, i)->successor,
			reportmake_text(&m, "/usr/lib/%zu", i + 1));
	}
	reportmake_release(&m);
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_report_all_is_zero_but_the_scan),
		cmocka_unit_test(a_report_without_processes_has_no_rows),
		cmocka_unit_test(a_process_has_every_column),
		cmocka_unit_test(what_is_unknown_is_empty),
		cmocka_unit_test(files_stand_in_the_order_of_the_report),
		cmocka_unit_test(a_process_is_as_old_as_its_oldest_file_that_counts),
		cmocka_unit_test(totals_are_those_of_the_report),
		cmocka_unit_test(numbers_too_large_for_a_column_are_the_largest),
		cmocka_unit_test(a_snapshot_lives_as_long_as_its_last_reference),
		cmocka_unit_test(every_text_of_a_row_is_cut),
		cmocka_unit_test(no_text_is_taken_for_another),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
