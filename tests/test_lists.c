/*
 * test_lists.c - PIDs for xargs, names for sort.
 */
#include "tests/test.h"

#include "lists.h"
#include "tests/support/viewmake.h"

static struct viewmake m;
static struct buf out;

static void add(pid_t pid, const char *comm)
{
	viewmake_proc(&m, pid, comm);
	viewmake_file(&m, "/a", STALE_DELETED, 1);
}

static void expect(int (*render)(const struct view *, struct buf *), const char *want)
{
	buf_release(&out);
	assert_int_equal(render(&m.view, &out), 0);
	assert_string_equal(out.s ? out.s : "", want);
	buf_release(&out);
}

static void nothing_found_prints_nothing(void **state)
{
	(void)state;
	viewmake_init(&m);
	expect(lists_render_pids, "");
	expect(lists_render_names, "");
}

static void names_are_distinct_and_sorted_whatever_they_hold(void **state)
{
	(void)state;
	viewmake_init(&m);
	add(1, "sshd");
	add(2, "a\nb");
	add(3, "\xff");
	add(4, "sshd");
	add(5, "");
	add(6, "Xorg");
	add(7, "a b");
	expect(lists_render_names, "\nXorg\na\\nb\na b\nsshd\n\\xff\n");
}

static void pids_ascend_one_a_line(void **state)
{
	(void)state;
	viewmake_init(&m);
	add(999, "x");
	add(1000, "x");
	add(4194304, "y");
	expect(lists_render_pids, "999\n1000\n4194304\n");
}

static void what_does_not_count_is_listed_too(void **state)
{
	(void)state;
	viewmake_init(&m);
	add(1, "x");
	m.files[0].why = STALE_REINSTALLED;
	expect(lists_render_pids, "1\n");
	expect(lists_render_names, "x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_distinct_and_sorted_whatever_they_hold),
		cmocka_unit_test(nothing_found_prints_nothing),
		cmocka_unit_test(pids_ascend_one_a_line),
		cmocka_unit_test(what_does_not_count_is_listed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
