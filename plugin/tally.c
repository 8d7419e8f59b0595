/*
 * tally.c - processes counted by a label, the largest numbers first.
 */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* Items with the same label and reason: one run of them. */
struct run {
	const struct tally_item *items;
	size_t n;
	size_t nprocs;
	bool is_other;
	bool is_users; /* all of them */
};

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_labels(const struct tally_item *a, const struct tally_item *b)
{
	int rc = memcmp(a->s, b->s, a->len < b->len ? a->len : b->len);

	if (rc == 0)
		rc = compare_numbers(a->len, b->len);
	return rc ? rc : strcmp(a->tail, b->tail);
}

static int compare_kinds(const struct tally_item *a, const struct tally_item *b)
{
	int rc = compare_labels(a, b);

	return rc ? rc : compare_numbers(a->why, b->why);
}

static int compare_items(const void *va, const void *vb)
{
	const struct tally_item *a = va, *b = vb;
	int rc = compare_kinds(a, b);

	return rc ? rc : compare_numbers(a->proc, b->proc);
}

static int compare_runs(const void *va, const void *vb)
{
	const struct run *a = va, *b = vb;
	int rc = a->is_other - b->is_other;

	if (rc == 0)
		rc = compare_numbers(b->nprocs, a->nprocs);
	return rc ? rc : compare_kinds(a->items, b->items);
}

/* Nobody is to push others out of the rows. */
static int compare_worth(const void *va, const void *vb)
{
	const struct run *a = va, *b = vb;
	int rc = a->is_other - b->is_other;

	if (rc == 0)
		rc = a->is_users - b->is_users;
	return rc ? rc : compare_runs(a, b);
}

/* Items are sorted.  Returns how many runs there are. */
static size_t find_runs(const struct tally_item *items, size_t n, struct run *runs)
{
	const struct tally_item other = {TALLY_OTHER, strlen(TALLY_OTHER), "", 0, 0,
					 false};
	size_t nruns = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || compare_kinds(&items[i - 1], &items[i]) != 0)
			runs[nruns++] = (struct run){
				.items = &items[i],
				.is_other = compare_labels(&items[i], &other) == 0,
				.is_users = true,
			};
		runs[nruns - 1].nprocs +=
			runs[nruns - 1].n == 0 || items[i - 1].proc != items[i].proc;
		runs[nruns - 1].is_users &= items[i].is_users;
		runs[nruns - 1].n++;
	}
	return nruns;
}

/* All of them under one label, which then are counted again: a process may be in more
 * than one of the runs, and is to be counted once. */
static size_t take_others(const struct run *runs, size_t nruns, struct tally_item *others)
{
	size_t n = 0;

	for (size_t r = 0; r < nruns; r++) {
		for (size_t i = 0; i < runs[r].n; i++, n++) {
			others[n] = runs[r].items[i];
			others[n].s = TALLY_OTHER;
			others[n].len = strlen(TALLY_OTHER);
			others[n].tail = "";
		}
	}
	qsort(others, n, sizeof(*others), compare_items);
	return n;
}

static size_t put_rows(const struct run *runs, size_t n, struct tally_row *rows)
{
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct tally_row){runs[i].items[0], runs[i].nprocs};
	return n;
}

int tally_make(struct tally_item *items, size_t n, size_t max, struct tally_row *ret_rows,
	       size_t *ret_n)
{
	cleanup_free struct run *runs = calloc(n + 1, sizeof(*runs));
	cleanup_free struct tally_item *others = calloc(n + 1, sizeof(*others));
	size_t nruns, top = 0, rows, nothers;

	if (!runs || !others)
		return -ENOMEM;
	if (n > 0)
		qsort(items, n, sizeof(*items), compare_items);
	nruns = find_runs(items, n, runs);
	qsort(runs, nruns, sizeof(*runs), compare_worth);
	while (top < nruns && top < max)
		top++;
	qsort(runs, top, sizeof(*runs), compare_runs);
	rows = put_rows(runs, top, ret_rows);
	nothers = take_others(runs + top, nruns - top, others);
	/* By reason only, so that there are no more than there are reasons. */
	nruns = find_runs(others, nothers, runs);
	*ret_n = rows + put_rows(runs, nruns, ret_rows + rows);
	return 0;
}
