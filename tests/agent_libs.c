/*
 * agent_libs.c - the table of libraries: one row for each path, under a number that stays.
 */
#include "tests/test.h"

#include <stdio.h>

#include "tests/support/published.h"
#include "tests/support/reportmake.h"

#define LAST UINT32_C(0x7fffffff)

/* 32-bit FNV-1a, and the way back. */
#define FNV_START UINT32_C(2166136261)
#define FNV_PRIME UINT32_C(16777619)

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
#define TRIPLES (UINT32_C(1) << 18)

static uint32_t hash_on(uint32_t hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * FNV_PRIME;
	return hash;
}

static uint32_t unhash(uint32_t hash, const char *s)
{
	uint32_t inverse = FNV_PRIME;

	for (int i = 0; i < 5; i++)
		inverse *= 2 - FNV_PRIME * inverse;
	for (size_t i = strlen(s); i-- > 0;)
		hash = (hash * inverse) ^ (unsigned char)s[i];
	return hash;
}

static void triple(uint32_t number, char out[4])
{
	for (int i = 0; i < 3; i++, number /= 64)
		out[i] = LETTERS[number % 64];
	out[3] = '\0';
}

struct half {
	uint32_t hash;
	uint32_t number;
};

static int compare_halves(const void *x, const void *y)
{
	const struct half *a = x, *b = y;

	return (a->hash > b->hash) - (a->hash < b->hash);
}

/* A path that begins with prefix and has that hash: from both ends to the middle. */
static void forge(const char *prefix, uint32_t hash, char *out)
{
	struct half *halves = calloc(TRIPLES, sizeof(*halves));
	const struct half *found = NULL;
	char head[4], tail[4] = "";

	assert_non_null(halves);
	for (uint32_t i = 0; i < TRIPLES; i++) {
		triple(i, head);
		halves[i] = (struct half){hash_on(hash_on(FNV_START, prefix), head), i};
	}
	qsort(halves, TRIPLES, sizeof(*halves), compare_halves);
	for (uint32_t i = 0; !found && i < TRIPLES; i++) {
		struct half key = {0};

		triple(i, tail);
		key.hash = unhash(hash, tail);
		found = bsearch(&key, halves, TRIPLES, sizeof(key), compare_halves);
	}
	assert_non_null(found);
	triple(found->number, head);
	sprintf(out, "%s%s%s", prefix, head, tail);
	free(halves);
	assert_int_equal(hash_on(FNV_START, out), hash);
}

static void files_of_one_path_are_one_row(void **state)
{
	static const struct reportmake_row rows[] = {
		{1, "one", NULL, "/lib/a", STALE_MODIFIED, -1},
		{1, "one", NULL, "/lib/b", STALE_DELETED, -1},
		{2, "two", NULL, "/lib/a", STALE_REPLACED, 300},
		{3, "three", NULL, "/lib/a", STALE_SUPERSEDED, 500},
		{3, "three", NULL, "/lib/a", STALE_SUPERSEDED, 400},
	};
	struct snapshot *snapshot = publish(reportmake_rows(rows, ARRAY_LEN(rows)));
	const struct snapshot_lib *row = published_lib(snapshot, "/lib/a");

	(void)state;
	assert_int_equal(published_nlibs(snapshot), 2);
	row_number("/lib/a", "why", row->why, STALE_REPLACED);
	row_number("/lib/a", "processes", row->processes, 3);
	row_number("/lib/a", "since", row->since, REPORTMAKE_NOW - 500);
	row = published_lib(snapshot, "/lib/b");
	row_number("/lib/b", "why", row->why, STALE_DELETED);
	row_number("/lib/b", "processes", row->processes, 1);
	row_number("/lib/b", "since", row->since, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct snapshot_file *file = published_file(snapshot, i);

		row_text("file", "path", file->path.s, file->path.len, rows[i].path);
		row_number("file", "library", file->library,
			   published_lib(snapshot, rows[i].path)->index);
	}
	snapshot_unref(snapshot);
}

/* Whether its process has a row, or it counts, or not. */
static void every_path_of_the_report_has_a_row(void **state)
{
	static const struct reportmake_row rows[] = {
		{1, "one", NULL, "/lib/a", STALE_DELETED, 1},
		{2, "two", NULL, "/lib/b", STALE_DELETED, 1},
		{3, "three", NULL, "/lib/c", STALE_MODIFIED, 1},
	};
	struct stale_report *report = reportmake_rows(rows, ARRAY_LEN(rows));
	struct snapshot_source source = published_source(report);
	struct snapshot *snapshot;

	(void)state;
	source.max_procs = 1;
	snapshot = published_make(&source);
	assert_int_equal(published_nprocs(snapshot), 1);
	assert_int_equal(published_nlibs(snapshot), 3);
	snapshot_unref(snapshot);
	stale_report_free(report);
}

static void rows_ascend_by_an_index_made_of_the_path(void **state)
{
	struct snapshot *snapshot = publish(reportmake_many(3, 2, 200));
	size_t n;
	const struct snapshot_lib *libs = snapshot_libs(snapshot, &n);

	(void)state;
	assert_int_equal(n, 602);
	for (size_t i = 0; i < n; i++) {
		uint32_t hash = hash_on(FNV_START, libs[i].path.s);

		if (hash > LAST) /* the highest bit goes into the lowest */
			hash = (hash - LAST - 1) ^ 1;
		row_number(libs[i].path.s, "index", libs[i].index, hash);
		assert_true(i == 0 || libs[i - 1].index < libs[i].index);
	}
	snapshot_unref(snapshot);
}

/* Of the bytes: the texts of these two are the same. */
static void paths_that_are_cut_alike_have_rows_of_their_own(void **state)
{
	struct snapshot *snapshot;
	struct reportmake m;
	char end[300];
	size_t n;
	const struct snapshot_lib *libs;

	(void)state;
	memset(end, 'e', sizeof(end));
	end[sizeof(end) - 1] = '\0';
	reportmake_init(&m);
	reportmake_proc(&m, 1, "x");
	reportmake_file(&m, reportmake_text(&m, "/a/%s", end), STALE_DELETED, 1);
	reportmake_file(&m, reportmake_text(&m, "/b/%s", end), STALE_DELETED, 1);
	snapshot = publish(reportmake_report(&m));
	reportmake_release(&m);
	libs = snapshot_libs(snapshot, &n);
	assert_int_equal(n, 2);
	assert_string_equal(libs[0].path.s, libs[1].path.s);
	assert_true(libs[0].index < libs[1].index);
	snapshot_unref(snapshot);
}

#define FORGED 5

struct forged {
	const char *label;
	size_t n;
	uint32_t hashes[FORGED]; /* of paths in the order of their bytes */
	uint32_t want[FORGED];
};

/* Process i has path i, or, turned round, the last but i. */
static void forged_paths_have_indexes(const struct forged *c, char paths[][16],
				      bool turned)
{
	struct snapshot *snapshot;
	struct reportmake m;
	uint32_t last = 0;
	size_t n;
	const struct snapshot_lib *libs;

	reportmake_init(&m);
	for (size_t i = 0; i < c->n; i++) {
		reportmake_proc(&m, (pid_t)i + 1, "x");
		reportmake_file(&m, paths[turned ? c->n - 1 - i : i], STALE_DELETED, 1);
	}
	snapshot = publish(reportmake_report(&m));
	reportmake_release(&m);
	libs = snapshot_libs(snapshot, &n);
	row_number(c->label, "rows", n, c->n);
	for (size_t i = 0; i < n; last = libs[i++].index)
		assert_true(libs[i].index > last && libs[i].index <= LAST);
	for (size_t i = 0; i < n; i++)
		row_number(c->label, paths[i], published_lib(snapshot, paths[i])->index,
			   c->want[i]);
	snapshot_unref(snapshot);
}

static void paths_that_collide_have_the_same_indexes_each_time(void **state)
{
	static const struct forged cases[] = {
		{"a number of its own", 1, {5}, {5}},
		{"the highest bit is folded", 1, {0x80000004}, {5}},
		{"no zero", 1, {0}, {1}},
		{"no zero by folding", 1, {0x80000001}, {1}},
		{"two of a kind", 2, {5, 5}, {5, 6}},
		{"two by folding", 2, {0x80000004, 5}, {5, 6}},
		{"zero and one", 2, {0, 1}, {1, 2}},
		{"one and zero", 2, {1, 0}, {1, 2}},
		{"one moves on another", 3, {6, 5, 5}, {7, 5, 6}},
		{"two on two", 4, {6, 5, 6, 5}, {7, 5, 8, 6}},
		{"a gap is taken", 4, {5, 5, 7, 5}, {5, 6, 8, 7}},
		{"behind the last comes the first", 2, {LAST, LAST}, {LAST, 1}},
		{"the first is taken", 3, {LAST, 1, LAST}, {LAST, 1, 2}},
		{"the last but one", 3, {LAST - 1, LAST - 1, LAST}, {LAST - 1, LAST, 1}},
		{"gaps at the start", 5, {LAST, LAST, LAST, 1, 3}, {LAST, 2, 4, 1, 3}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char paths[FORGED][16], prefix[8];

		for (size_t k = 0; k < cases[i].n; k++) {
			snprintf(prefix, sizeof(prefix), "/%c/", (char)('a' + k));
			forge(prefix, cases[i].hashes[k], paths[k]);
		}
		forged_paths_have_indexes(&cases[i], paths, false);
		forged_paths_have_indexes(&cases[i], paths, true);
	}
}

static void list_libs(const struct snapshot *snapshot, char *out)
{
	static const char *const paths[] = {"/a", "/b", "/c", "/d", "/e"};
	size_t n;
	const struct snapshot_lib *libs = snapshot_libs(snapshot, &n);

	for (size_t p = 0; p < ARRAY_LEN(paths); p++)
		for (size_t i = 0; i < n; i++)
			if (strcmp(libs[i].path.s, paths[p]) == 0)
				*out++ = paths[p][1];
	*out = '\0';
}

/* What a file says of its library is there. */
static void every_library_of_a_file_has_a_row(const struct snapshot *snapshot)
{
	size_t nfiles, nlibs;
	const struct snapshot_file *files = snapshot_files(snapshot, &nfiles);
	const struct snapshot_lib *libs = snapshot_libs(snapshot, &nlibs);

	for (size_t i = 0; i < nfiles; i++) {
		uint32_t want = 0;

		for (size_t k = 0; k < nlibs; k++)
			if (strcmp(libs[k].path.s, files[i].path.s) == 0)
				want = libs[k].index;
		row_number(files[i].path.s, "library", files[i].library, want);
	}
}

static void of_too_many_paths_those_that_count_for_many_come_first(void **state)
{
	static const struct reportmake_row rows[] = {
		{1, "x", NULL, "/a", STALE_MODIFIED, 1},
		{1, "x", NULL, "/b", STALE_DELETED, 1},
		{1, "x", NULL, "/c", STALE_DELETED, 1},
		{2, "x", NULL, "/a", STALE_MODIFIED, 1},
		{2, "x", NULL, "/c", STALE_DELETED, 1},
		{2, "x", NULL, "/d", STALE_MODIFIED, 1},
		{3, "x", NULL, "/a", STALE_MODIFIED, 1},
		{3, "x", NULL, "/c", STALE_MODIFIED, 1},
		{3, "x", NULL, "/e", STALE_MODIFIED, 1},
		{4, "x", NULL, "/e", STALE_MODIFIED, 1},
	};
	static const char *const want[] = {"",     "c",     "bc",   "abc",
					   "abce", "abcde", "abcde"};
	struct stale_report *report = reportmake_rows(rows, ARRAY_LEN(rows));

	(void)state;
	for (size_t max = 0; max < ARRAY_LEN(want); max++) {
		struct snapshot_source source = published_source(report);
		struct snapshot *snapshot;
		char got[8], label[16];

		source.max_files = max;
		snapshot = published_make(&source);
		snprintf(label, sizeof(label), "%zu", max);
		list_libs(snapshot, got);
		row_text(label, "libraries", got, strlen(got), want[max]);
		every_library_of_a_file_has_a_row(snapshot);
		snapshot_unref(snapshot);
	}
	stale_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_one_path_are_one_row),
		cmocka_unit_test(every_path_of_the_report_has_a_row),
		cmocka_unit_test(rows_ascend_by_an_index_made_of_the_path),
		cmocka_unit_test(paths_that_are_cut_alike_have_rows_of_their_own),
		cmocka_unit_test(paths_that_collide_have_the_same_indexes_each_time),
		cmocka_unit_test(of_too_many_paths_those_that_count_for_many_come_first),
	};

	return cmocka_run_group_tests_name("libraries", tests, NULL, NULL);
}
