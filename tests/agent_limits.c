/*
 * agent_limits.c - snapshots of many processes: which of them have rows, and what it costs.
 */
#include "tests/test.h"

#include <stdio.h>
#include <time.h>

#include "tests/support/published.h"
#include "tests/support/reportmake.h"

/* Odd pids count, and of their two files the second. */
static struct stale_report *make_half_counted(size_t nprocs)
{
	struct stale_report *report;
	struct reportmake m;

	reportmake_init(&m);
	for (size_t p = 1; p <= nprocs; p++) {
		reportmake_proc(&m, (pid_t)p, "x");
		reportmake_file(&m, "/lib/a", STALE_REINSTALLED, 1);
		reportmake_file(&m, "/lib/b", p % 2 ? STALE_DELETED : STALE_MODIFIED, 1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void list_pids(const struct snapshot *snapshot, char *out)
{
	size_t n;
	const struct snapshot_proc *procs = snapshot_procs(snapshot, &n);

	*out = '\0';
	for (size_t i = 0; i < n; i++)
		out += sprintf(out, "%s%" PRIu32, i ? " " : "", procs[i].pid);
}

static void list_files(const struct snapshot *snapshot, char *out)
{
	size_t n;
	const struct snapshot_file *files = snapshot_files(snapshot, &n);

	*out = '\0';
	for (size_t i = 0; i < n; i++)
		out += sprintf(out, "%s%" PRIu32 ".%" PRIu32, i ? " " : "", files[i].pid,
			       files[i].n);
}

static void what_counts_has_a_row_before_what_does_not(void **state)
{
	static const struct {
		const char *label;
		size_t max_procs, max_files;
		const char *procs, *files;
		uint32_t unpublished;
	} cases[] = {
		{"all fit", 6, 12, "1 2 3 4 5 6",
		 "1.1 1.2 2.1 2.2 3.1 3.2 4.1 4.2 5.1 5.2 6.1 6.2", 0},
		{"one process too many", 5, 12, "1 2 3 4 5",
		 "1.1 1.2 2.1 2.2 3.1 3.2 4.1 4.2 5.1 5.2", 3},
		{"room for some that do not count", 4, 12, "1 2 3 5",
		 "1.1 1.2 2.1 2.2 3.1 3.2 5.1 5.2", 6},
		{"room for those that count", 3, 12, "1 3 5", "1.1 1.2 3.1 3.2 5.1 5.2",
		 9},
		{"no room for all that count", 2, 12, "1 3", "1.1 1.2 3.1 3.2", 12},
		{"no processes", 0, 12, "", "", 18},
		{"one file too many", 6, 11, "1 2 3 4 5 6",
		 "1.1 1.2 2.1 2.2 3.1 3.2 4.1 4.2 5.1 5.2 6.1", 1},
		{"room for some files that do not count", 6, 4, "1 2 3 4 5 6",
		 "1.1 1.2 3.2 5.2", 8},
		{"room for files that count", 6, 3, "1 2 3 4 5 6", "1.2 3.2 5.2", 9},
		{"no room for all files that count", 6, 2, "1 2 3 4 5 6", "1.2 3.2", 10},
		{"no files", 6, 0, "1 2 3 4 5 6", "", 12},
		{"files of processes without a row take no room", 1, 2, "1", "1.1 1.2",
		 15},
		{"nothing", 0, 0, "", "", 18},
		{"no limit", SIZE_MAX, SIZE_MAX, "1 2 3 4 5 6",
		 "1.1 1.2 2.1 2.2 3.1 3.2 4.1 4.2 5.1 5.2 6.1 6.2", 0},
	};
	struct stale_report *report = make_half_counted(6);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct snapshot_source source = published_source(report);
		struct snapshot *snapshot;
		char got[200];

		source.max_procs = cases[i].max_procs;
		source.max_files = cases[i].max_files;
		snapshot = published_make(&source);
		list_pids(snapshot, got);
		row_text(cases[i].label, "processes", got, strlen(got), cases[i].procs);
		list_files(snapshot, got);
		row_text(cases[i].label, "files", got, strlen(got), cases[i].files);
		row_number(cases[i].label, "unpublished",
			   snapshot_totals(snapshot)->unpublished, cases[i].unpublished);
		row_number(cases[i].label, "counted processes",
			   snapshot_totals(snapshot)->processes, 3);
		snapshot_unref(snapshot);
	}
	stale_report_free(report);
}

/* Their pids are lower, and what they have counts as well. */
static void users_push_no_row_of_roots_out(void **state)
{
	struct snapshot_source source;
	struct stale_report *report;
	struct snapshot *snapshot;
	struct reportmake m;
	char got[200];
	size_t n;

	(void)state;
	reportmake_init(&m);
	for (pid_t pid = 1; pid <= 6; pid++) {
		reportmake_proc(&m, pid, "x")->uid = pid == 6 ? 0 : 1000;
		reportmake_file(&m, pid == 6 ? "/lib/roots" : "/lib/users", STALE_DELETED,
				1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	source = published_source(report);
	source.max_procs = 2;
	source.max_files = 1;
	snapshot = published_make(&source);
	list_pids(snapshot, got);
	assert_string_equal(got, "1 6");
	list_files(snapshot, got);
	assert_string_equal(got, "6.1");
	assert_string_equal(snapshot_libs(snapshot, &n)->path.s, "/lib/roots");
	assert_int_equal(n, 1);
	snapshot_unref(snapshot);
	stale_report_free(report);
}

static void the_size_is_that_of_rows_and_texts(void **state)
{
	struct snapshot *snapshot = publish(reportmake_many(1000, 0, 3));
	size_t n, want = 1000 * sizeof(struct snapshot_proc) +
			 3000 * sizeof(struct snapshot_file) +
			 3000 * sizeof(struct snapshot_lib);
	const struct snapshot_lib *libs = snapshot_libs(snapshot, &n);

	(void)state;
	assert_int_equal(n, 3000);
	for (size_t i = 0; i < n; i++)
		want += libs[i].path.len + 1;
	assert_in_range(snapshot_size(snapshot), want, want + want / 4);
	snapshot_unref(snapshot);
}

/* CPU time in microseconds, the best of three. */
static int64_t time_to_make(const struct snapshot_source *source)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 3; i++) {
		struct timespec from, to;
		int64_t took;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		snapshot_unref(published_make(source));
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		took = (to.tv_sec - from.tv_sec) * INT64_C(1000000) +
		       (to.tv_nsec - from.tv_nsec) / 1000;
		if (took < best)
			best = took;
	}
	return best;
}

static int64_t measure(const char *label, size_t nprocs, size_t common, size_t own)
{
	struct stale_report *report = reportmake_many(nprocs, common, own);
	struct snapshot_source source = published_source(report);
	struct snapshot *snapshot = published_make(&source);
	int64_t took = time_to_make(&source);
	size_t rows = published_nprocs(snapshot) + published_nfiles(snapshot);

	print_message("%s: %zu processes, %zu files, %zu libraries: %" PRId64
		      " us, %zu bytes, %zu for each row\n",
		      label, published_nprocs(snapshot), published_nfiles(snapshot),
		      published_nlibs(snapshot), took, snapshot_size(snapshot),
		      snapshot_size(snapshot) / rows);
	assert_int_equal(snapshot_totals(snapshot)->unpublished, 0);
	snapshot_unref(snapshot);
	stale_report_free(report);
	return took;
}

/* Eight times as many rows took 64 times as long if any of it were quadratic. */
static void time_grows_as_the_rows_do(void **state)
{
	int64_t few = measure("libraries in common", 2500, 3, 0);
	int64_t many = measure("libraries in common", 20000, 3, 0);

	(void)state;
	assert_true(many < 24 * few);
	few = measure("libraries of their own", 2500, 0, 3);
	many = measure("libraries of their own", 20000, 0, 3);
	assert_true(many < 24 * few);
}

static void equal_texts_are_kept_once(void **state)
{
	const size_t nprocs = 10000;
	struct snapshot *snapshot = publish(reportmake_many(nprocs, 3, 0));
	size_t structs = nprocs * (sizeof(struct snapshot_proc) +
				   3 * sizeof(struct snapshot_file));
	const struct snapshot_file *row = published_file(snapshot, 0);

	(void)state;
	assert_int_equal(published_nlibs(snapshot), 3);
	assert_in_range(snapshot_size(snapshot) - structs, 1, 5 * nprocs);
	assert_ptr_equal(row->path.s, published_file(snapshot, 3 * nprocs - 3)->path.s);
	assert_ptr_equal(row->path.s, published_lib(snapshot, row->path.s)->path.s);
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_counts_has_a_row_before_what_does_not),
		cmocka_unit_test(users_push_no_row_of_roots_out),
		cmocka_unit_test(equal_texts_are_kept_once),
		cmocka_unit_test(the_size_is_that_of_rows_and_texts),
		cmocka_unit_test(time_grows_as_the_rows_do),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
