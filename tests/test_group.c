/*
 * test_group.c - stale processes put together for people.
 */
#include "tests/test.h"

#include "group.h"
#include "tests/support/viewmake.h"

static void add(struct viewmake *m, pid_t pid, const char *comm, enum stale_why why)
{
	viewmake_proc(m, pid, comm);
	viewmake_file(m, "/usr/lib/libc.so.6", why, 60);
}

static void groups_come_most_affected_first_then_by_name(void **state)
{
	static const struct row {
		const char *name;
		size_t nprocs;
		bool counted;
	} want[] = {
		{"nginx", 3, true}, {"cron", 2, true},  {"sshd", 2, true},
		{"atd", 1, true},   {"bash", 3, false}, {"cron", 1, false},
	};
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	add(&m, 1, "sshd", STALE_DELETED);
	add(&m, 2, "nginx", STALE_DELETED);
	add(&m, 3, "bash", STALE_REINSTALLED);
	add(&m, 4, "cron", STALE_DELETED);
	add(&m, 5, "nginx", STALE_DELETED);
	add(&m, 6, "atd", STALE_DELETED);
	add(&m, 7, "bash", STALE_REINSTALLED);
	add(&m, 8, "cron", STALE_REINSTALLED);
	add(&m, 9, "nginx", STALE_DELETED);
	add(&m, 10, "cron", STALE_DELETED);
	add(&m, 11, "sshd", STALE_DELETED);
	add(&m, 12, "bash", STALE_REINSTALLED);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.n, ARRAY_LEN(want));
	assert_int_equal(groups.ncounted, 4);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		row_text(want[i].name, "name", groups.list[i].name,
			 strlen(groups.list[i].name), want[i].name);
		row_number(want[i].name, "processes", groups.list[i].nprocs,
			   want[i].nprocs);
		row_number(want[i].name, "counted", groups.list[i].counted,
			   want[i].counted);
	}
	/* cron: 4 and 10, in this order */
	assert_int_equal(m.procs[groups.list[1].procs[0]].pid, 4);
	assert_int_equal(m.procs[groups.list[1].procs[1]].pid, 10);
	groups_release(&groups);
}

static void one_name_makes_two_groups_where_some_do_not_count(void **state)
{
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	add(&m, 1, "sshd", STALE_REINSTALLED);
	add(&m, 2, "sshd", STALE_DELETED);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.n, 2);
	assert_int_equal(groups.ncounted, 1);
	assert_int_equal(m.procs[groups.list[0].procs[0]].pid, 2);
	assert_int_equal(m.procs[groups.list[1].procs[0]].pid, 1);
	groups_release(&groups);
}

static void nothing_stale_makes_no_group(void **state)
{
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.n, 0);
	assert_int_equal(groups.ncounted, 0);
	groups_release(&groups);
}

static void a_counted_group_is_summed_up_from_what_counts(void **state)
{
	struct group_summary summary;
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	viewmake_proc(&m, 1, "sshd");
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_REINSTALLED, 9000);
	viewmake_file(&m, "/usr/lib/libssl.so.3", STALE_REPLACED, 60);
	viewmake_file(&m, "/usr/sbin/sshd", STALE_DELETED, 70)->kind = STALE_EXE;
	viewmake_proc(&m, 2, "sshd");
	viewmake_file(&m, "/opt/lib/libssl.so.3", STALE_REPLACED, -1);
	viewmake_file(&m, "/usr/lib/libc.so.6", STALE_REPLACED, 80);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.n, 1);
	assert_int_equal(group_summarize(&groups.list[0], &m.view, &summary), 0);
	assert_int_equal(summary.nnames, 3);
	assert_string_equal(summary.names[0], "sshd");
	assert_string_equal(summary.names[1], "libc.so.6");
	assert_string_equal(summary.names[2], "libssl.so.3");
	assert_int_equal(summary.why,
			 STALE_WHY_BIT(STALE_REPLACED) | STALE_WHY_BIT(STALE_DELETED));
	assert_int_equal(summary.age, 80);
	group_summary_release(&summary);
	groups_release(&groups);
}

static void a_group_that_does_not_count_is_summed_up_from_all_it_has(void **state)
{
	struct group_summary summary;
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	m.view.policy.min_age = 3600;
	viewmake_proc(&m, 1, "sshd");
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_REINSTALLED, 9000);
	viewmake_file(&m, "/usr/lib/libssl.so.3", STALE_REPLACED, 60);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.ncounted, 0);
	assert_int_equal(group_summarize(&groups.list[0], &m.view, &summary), 0);
	assert_int_equal(summary.nnames, 2);
	assert_int_equal(summary.age, 9000);
	group_summary_release(&summary);
	groups_release(&groups);
}

static void a_group_without_a_date_has_no_age(void **state)
{
	struct group_summary summary;
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	viewmake_proc(&m, 1, "sshd");
	viewmake_file(&m, "libz.so.1", STALE_DELETED, -1);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(group_summarize(&groups.list[0], &m.view, &summary), 0);
	assert_int_equal(summary.age, -1);
	assert_string_equal(summary.names[0], "libz.so.1");
	group_summary_release(&summary);
	groups_release(&groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_come_most_affected_first_then_by_name),
		cmocka_unit_test(one_name_makes_two_groups_where_some_do_not_count),
		cmocka_unit_test(nothing_stale_makes_no_group),
		cmocka_unit_test(a_counted_group_is_summed_up_from_what_counts),
		cmocka_unit_test(
			a_group_that_does_not_count_is_summed_up_from_all_it_has),
		cmocka_unit_test(a_group_without_a_date_has_no_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
