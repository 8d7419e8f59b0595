/*
 * compare.c - see compare.h.
 */
#include "compare.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/cells.h"
#include "tests/test.h"

#define SCAN_OBJECTS 9 /* they tell of the scan itself */

static void print_missing(const struct cells *here, const struct cells *there,
			  const char *what, unsigned *differences)
{
	for (size_t i = 0; i < here->n; i++) {
		if (cells_find(there, here->list[i].oid))
			continue;
		print_error("%s: %s %s\n", here->list[i].oid,
			    here->list[i].bytes ? here->list[i].bytes : "", what);
		++*differences;
	}
}

static unsigned count_differences(const struct cells *got, const struct cells *want,
				  int64_t from)
{
	unsigned differences = 0;

	for (size_t i = 0; i < got->n && i < want->n; i++)
		if (strcmp(got->list[i].oid, want->list[i].oid) != 0 ||
		    !cell_is(&got->list[i], &want->list[i], from))
			differences++;
	if (got->n == want->n && differences == 0)
		return 0;
	differences = 0;
	print_missing(got, want, "is told, and the fresh scan has it not", &differences);
	print_missing(want, got, "is not told", &differences);
	for (size_t i = 0; i < got->n; i++) {
		const struct cell *wanted = cells_find(want, got->list[i].oid);

		differences += wanted && !cell_is(&got->list[i], wanted, from);
	}
	return differences ? differences : 1;
}

/* By one column. */
static size_t count_rows(const struct agentd *d, const struct cells *cells)
{
	char *files = agentd_oid(d, "1.3.1.12.");
	size_t n = 0;

	for (size_t i = 0; i < cells->n; i++)
		n += strncmp(cells->list[i].oid, files, strlen(files)) == 0;
	free(files);
	return n;
}

unsigned compare_once(struct compare *compare, const struct agentd *d, const char *select)
{
	char *all = agentd_oid(d, "1");
	const int64_t from = (int64_t)time(NULL);
	struct cells got, want, tables;
	unsigned differences;

	cells_ask(d, (const char *const[]){"snmpbulkwalk", "-Cr50", NULL},
		  (const char *const[]){all, NULL}, &got);
	cells_wanted(d, select, &want);
	assert_true(got.n >= SCAN_OBJECTS);
	tables = (struct cells){.list = got.list + SCAN_OBJECTS,
				.n = got.n - SCAN_OBJECTS};
	differences = count_differences(&tables, &want, from);
	compare->comparisons++;
	compare->objects += want.n;
	compare->rows = count_rows(d, &got);
	if (want.n > compare->objects_max)
		compare->objects_max = want.n;
	if (compare->rows > compare->rows_max)
		compare->rows_max = compare->rows;
	cells_release(&got);
	cells_release(&want);
	free(all);
	return differences;
}
