/*
 * test_alloc.c - what a scan allocates goes by what is stale, not by how many processes run.
 */
#include "tests/test.h"

#include <limits.h>
#include <stdio.h>

#include "tests/support/oom.h"
#include "tests/support/proctree.h"

/* A list that grows by doubling may be met, nothing else. */
#define GROWTH_MOST 8

#define LIVE  "1000-2000 r-xp 0 08:01 77 /usr/lib/libc.so.6\n"
#define STALE "3000-4000 r-xp 0 08:01 78 /usr/lib/libz.so.1 (deleted)\n"

static void fill(const struct proctree *tree, pid_t first, pid_t n, const char *maps)
{
	for (pid_t pid = first; pid < first + n; pid++)
		proctree_add(tree, pid, "x", maps);
}

/* Calls to the allocator from our own code. */
static long allocations_of(const struct proctree *tree, struct stale_scan_info *ret)
{
	struct stale_report *report;
	long n;

	oom_countdown = LONG_MAX;
	report = proctree_scan(tree, NULL);
	n = LONG_MAX - oom_countdown;
	oom_countdown = -1;
	*ret = *stale_report_info(report);
	stale_report_free(report);
	return n;
}

static void clean_processes_are_scanned_without_an_allocation_for_each(void **state)
{
	struct proctree tree;
	struct stale_scan_info info;
	long few, many;

	(void)state;
	proctree_init(&tree);
	fill(&tree, 1, 50, LIVE);
	fill(&tree, 5000, 1, STALE);
	few = allocations_of(&tree, &info);
	assert_int_equal(info.scanned, 51);
	fill(&tree, 51, 450, LIVE);
	many = allocations_of(&tree, &info);
	assert_int_equal(info.scanned, 501);
	assert_true(few > 0);
	assert_in_range(many - few, 0, GROWTH_MOST);
	proctree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			clean_processes_are_scanned_without_an_allocation_for_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
