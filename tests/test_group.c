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

/* Processes of every scope; names and units of several owners are the same. */
static void make_owners(struct viewmake *m)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";

	viewmake_init(m);
	viewmake_users(m, "alice:x:1000:1000::/:/bin/sh\n");
	m->view.policy.scopes = (1U << STALE_SCOPE_COUNT) - 1;
	viewmake_unit(m, 1, "e", STALE_SCOPE_USER, "e.service");
	viewmake_unit(m, 2, "e", STALE_SCOPE_USER, "e.service")->owner = 2000;
	viewmake_unit(m, 3, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	viewmake_unit(m, 4, "cron", STALE_SCOPE_SESSION, "session-1.scope");
	viewmake_proc(m, 5, "cron");
	viewmake_unit(m, 6, "cron", STALE_SCOPE_SYSTEM, "session-1.scope");
	viewmake_unit(m, 7, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	viewmake_proc(m, 8, "ssh");
	viewmake_unit(m, 9, "sftp", STALE_SCOPE_SYSTEM, "ssh.service");
	viewmake_container(m, 10, "a", "docker", id);
	viewmake_container(m, 11, "b", "docker", id);
	viewmake_container(m, 12, "a", "docker", "web-0123456789abcdef01234567");
	for (size_t i = 0; i < m->view.nprocs; i++)
		m->procs[i].files = viewmake_file(m, "/x", STALE_DELETED, 60);
	for (size_t i = 0; i < m->view.nprocs; i++)
		m->procs[i].nfiles = 1;
}

static void what_is_restarted_together_is_one_group(void **state)
{
	static const struct row {
		enum group_class class;
		const char *name, *title;
		pid_t pids[3];
	} want[] = {
		{GROUP_SERVICE, "ssh", "ssh.service", {9, 3, 7}}, /* by comm, then pid */
		{GROUP_CONTAINER, "docker 0123456789ab", "docker 0123456789ab", {10, 11}},
		{GROUP_CONTAINER,
		 "docker web-0123456789abcdef01234567",
		 "docker web-0123456789abcdef01234567",
		 {12}},
		{GROUP_SERVICE, "session-1.scope", "session-1.scope", {6}},
		{GROUP_PROGRAM, "cron", NULL, {5}}, /* what users may have follows */
		{GROUP_SESSION, "e of alice", "e.service of alice", {1}},
		{GROUP_SESSION, "e of user 2000", "e.service of user 2000", {2}},
		{GROUP_SESSION,
		 "session-1.scope of alice",
		 "session-1.scope of alice",
		 {4}},
		{GROUP_PROGRAM, "ssh", NULL, {8}},
	};
	struct groups groups;
	struct viewmake m;

	(void)state;
	make_owners(&m);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.n, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct group *group = &groups.list[i];

		row_number(want[i].name, "class", group->class, want[i].class);
		assert_string_equal(group->name, want[i].name);
		row_text(want[i].name, "title", group->title,
			 group->title ? strlen(group->title) : 0, want[i].title);
		for (size_t k = 0; k < group->nprocs; k++)
			row_number(want[i].name, "pid", m.procs[group->procs[k]].pid,
				   want[i].pids[k]);
		row_number(want[i].name, "all",
			   group->nprocs == 3 || want[i].pids[group->nprocs] == 0, 1);
	}
	assert_int_equal(groups_tally(&groups, GROUP_CONTAINER, true).groups, 2);
	assert_int_equal(groups_tally(&groups, GROUP_CONTAINER, true).procs, 3);
	assert_int_equal(groups_tally(&groups, GROUP_CONTAINER, false).groups, 0);
	groups_release(&groups);
	viewmake_release(&m);
}

static void what_users_start_comes_after_all_others(void **state)
{
	static const struct row {
		enum stale_scope scope;
		uid_t uid, owner;
		bool is_users;
	} rows[] = {
		{STALE_SCOPE_NONE, 0, (uid_t)-1, false},
		{STALE_SCOPE_NONE, 1000, (uid_t)-1, true},
		{STALE_SCOPE_SYSTEM, 33, (uid_t)-1, false},
		{STALE_SCOPE_USER, 1000, 1000, true},
		{STALE_SCOPE_SESSION, 1000, 1000, true},
		{STALE_SCOPE_SESSION, 0, 1000, false}, /* sudo */
		{STALE_SCOPE_CONTAINER, 1000, (uid_t)-1, false},
		{STALE_SCOPE_CONTAINER, 0, 1000, true}, /* without root's help */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct groups groups;
		struct viewmake m;
		struct stale_proc *proc;

		viewmake_init(&m);
		m.view.policy.scopes = (1U << STALE_SCOPE_COUNT) - 1;
		for (pid_t pid = 1; pid <= 2; pid++) { /* many of a user's */
			viewmake_unit(&m, pid, "a", STALE_SCOPE_SESSION, "a.scope");
			viewmake_file(&m, "/x", STALE_DELETED, 60);
		}
		proc = viewmake_unit(&m, 3, "z", rows[i].scope, "z.service");
		proc->uid = rows[i].uid;
		proc->owner = rows[i].owner;
		proc->container = rows[i].scope == STALE_SCOPE_CONTAINER ? "z" : NULL;
		viewmake_file(&m, "/x", STALE_DELETED, 60);
		assert_int_equal(groups_make(&m.view, &groups), 0);
		row_number(stale_scope_name(rows[i].scope), "users' comes first",
			   groups.list[0].nprocs == 2, rows[i].is_users);
		groups_release(&groups);
		viewmake_release(&m);
	}
}

static void a_container_of_the_same_name_is_another_users(void **state)
{
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	m.view.policy.scopes = (1U << STALE_SCOPE_COUNT) - 1;
	viewmake_container(&m, 1, "postgres", "docker", "db");
	viewmake_file(&m, "/x", STALE_DELETED, 60);
	viewmake_container(&m, 2, "evil", "docker", "db")->owner = 1000;
	viewmake_file(&m, "/x", STALE_DELETED, 60);
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(groups.n, 2);
	groups_release(&groups);
	viewmake_release(&m);
}

static void a_file_held_by_two_processes_takes_its_room_once(void **state)
{
	static const struct row {
		const char *path;
		int64_t bytes;
	} rows[] = {{"/a/log", 4096}, {"/b/log", 8192}, {"/a/log", 4096}, {"/c", -1}};
	struct group_summary summary;
	struct groups groups;
	struct viewmake m;

	(void)state;
	viewmake_init(&m);
	m.view.policy.kinds = STALE_KIND_BIT(STALE_FD);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_file *file;

		viewmake_proc(&m, (pid_t)i + 1, "x");
		file = viewmake_file(&m, rows[i].path, STALE_DELETED, 60);
		file->kind = STALE_FD;
		file->bytes = rows[i].bytes;
	}
	assert_int_equal(groups_make(&m.view, &groups), 0);
	assert_int_equal(group_summarize(&groups.list[0], &m.view, &summary), 0);
	assert_int_equal(summary.bytes, 4096 + 8192);
	assert_int_equal(summary.nnames, 2);
	assert_int_equal(summary.kinds, STALE_KIND_BIT(STALE_FD));
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
		cmocka_unit_test(what_is_restarted_together_is_one_group),
		cmocka_unit_test(what_users_start_comes_after_all_others),
		cmocka_unit_test(a_container_of_the_same_name_is_another_users),
		cmocka_unit_test(a_file_held_by_two_processes_takes_its_room_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
