/*
 * test_count.c - what counts of a report, and what it adds up to, on proc trees that are
 * built here.
 */
#include "tests/test.h"

#include <stdio.h>

#include "scan/stale.h"
#include "tests/support/proctree.h"
#include "tests/support/reportmake.h"

#define NOW        1800000000
#define CODE       "1000-2000 r-xp 0 08:01 41 /l/a.so (deleted)\n"
#define MORE_CODE  "2000-3000 r-xp 0 08:01 42 /l/b.so (deleted)\n"
#define OTHER_DISK "3000-4000 r-xp 0 08:02 41 /m/a.so (deleted)\n"
#define DATA       "4000-5000 r--p 0 08:01 43 /l/a.dat (deleted)\n"
#define MORE_DATA  "5000-6000 rw-s 0 08:01 44 /l/b.dat (deleted)\n"
#define LIVE       "7000-8000 r-xp 0 08:01 45 /l/live.so\n"
#define CODE_DATA  (STALE_KIND_CODE | STALE_KIND_BIT(STALE_DATA))

#define SSH    "0::/system.slice/ssh.service\n"
#define CRON   "0::/system.slice/cron.service\n"
#define DBUS   "0::/system.slice/dbus.service\n"
#define INIT   "0::/init.scope\n"
#define LOGIN  "0::/user.slice/user-1000.slice/session-3.scope\n"
#define APP    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n"
#define OTHERS "0::/user.slice/user-7.slice/user@7.service/app.slice/a.service\n"
#define ID     "5f3a91c2d4e65f3a91c2d4e65f3a91c2d4e65f3a91c2d4e65f3a91c2d4e61234"
#define ID_2   "6f3a91c2d4e65f3a91c2d4e65f3a91c2d4e65f3a91c2d4e65f3a91c2d4e61234"
#define DOCKER "0::/system.slice/docker-" ID ".scope\n"
#define SECOND "0::/system.slice/docker-" ID_2 ".scope\n"
#define PODMAN "0::/machine.slice/libpod-" ID ".scope\n"
#define LXC    "0::/lxc.payload.web\n"

struct process {
	const char *cgroup; /* NULL: none */
	const char *maps;   /* NULL ends a list */
};

#define PROCESSES_MAX 8

/* Their PIDs are 1, 2, 3, ... */
static struct stale_report *scan(const struct process *processes,
				 const struct stale_options *opt)
{
	struct proctree tree;
	struct stale_report *report;
	char path[32];

	proctree_init(&tree);
	for (int i = 0; i < PROCESSES_MAX && processes[i].maps; i++) {
		proctree_add(&tree, i + 1, "x", processes[i].maps);
		snprintf(path, sizeof(path), "%d/cgroup", i + 1);
		if (processes[i].cgroup)
			proctree_write(&tree, path, processes[i].cgroup,
				       strlen(processes[i].cgroup));
	}
	report = proctree_scan(&tree, opt);
	proctree_release(&tree);
	return report;
}

static struct stale_totals count(const struct stale_report *report,
				 const struct stale_policy *policy)
{
	struct stale_totals totals;

	untouched_init(&totals, sizeof(totals));
	assert_int_equal(stale_report_count(report, policy, NOW, &totals), 0);
	return totals;
}

static const struct stale_policy usual = {.why = STALE_WHY_DEFAULT};

/* What a list of processes adds up to. */
static const struct owners_row {
	const char *label;
	struct process processes[PROCESSES_MAX];
	size_t counted, files, services, containers, sessions, reboot;
} owners_rows[] = {
	{"nothing is stale", {{NULL, LIVE}, {SSH, LIVE}}, 0, 0, 0, 0, 0, 0},
	{"no unit", {{NULL, LIVE}, {NULL, CODE}, {"0::/\n", CODE}}, 2, 1, 0, 0, 0, 0},
	{"two of one service",
	 {{NULL, LIVE}, {SSH, CODE}, {SSH, CODE}},
	 2,
	 1,
	 1,
	 0,
	 0,
	 0},
	{"two services",
	 {{NULL, LIVE}, {SSH, CODE}, {CRON, CODE}, {SSH, CODE}},
	 3,
	 1,
	 2,
	 0,
	 0,
	 0},
	{"one of two processes of a service",
	 {{NULL, LIVE}, {SSH, CODE}, {SSH, LIVE}},
	 1,
	 1,
	 1,
	 0,
	 0,
	 0},
	{"files of two disks",
	 {{NULL, LIVE}, {SSH, CODE OTHER_DISK MORE_CODE}, {SSH, MORE_CODE}},
	 2,
	 3,
	 1,
	 0,
	 0,
	 0},
	{"session and user's units count apart",
	 {{NULL, LIVE}, {LOGIN, CODE}, {LOGIN, CODE}, {APP, CODE}, {OTHERS, CODE}},
	 0,
	 0,
	 0,
	 0,
	 3,
	 0},
	{"containers count apart",
	 {{NULL, LIVE},
	  {DOCKER, CODE},
	  {DOCKER, CODE},
	  {SECOND, CODE},
	  {PODMAN, CODE},
	  {LXC, MORE_CODE}},
	 0,
	 0,
	 0,
	 4,
	 0,
	 0},
	{"reboot: PID 1, whatever its group", {{NULL, CODE}}, 1, 1, 0, 0, 0, 1},
	{"reboot: PID 1 as a unit", {{INIT, CODE}}, 1, 1, 1, 0, 0, 1},
	{"reboot: bus", {{NULL, LIVE}, {DBUS, CODE}, {DBUS, CODE}}, 2, 1, 1, 0, 0, 2},
	{"reboot: the container of PID 1", {{DOCKER, CODE}}, 0, 0, 0, 1, 0, 0},
};

static void totals_are_told_by_owner(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(owners_rows); i++) {
		const struct owners_row *row = &owners_rows[i];
		struct stale_report *report = scan(row->processes, NULL);
		const struct stale_totals totals = count(report, &usual);

		row_number(row->label, "processes", totals.processes, row->counted);
		row_number(row->label, "files", totals.files, row->files);
		row_number(row->label, "services", totals.services, row->services);
		row_number(row->label, "containers", totals.containers, row->containers);
		row_number(row->label, "sessions", totals.sessions, row->sessions);
		row_number(row->label, "reboot", totals.reboot, row->reboot);
		row_number(row->label, "undated", totals.undated, row->files);
		row_number(row->label, "oldest", totals.oldest, 0);
		row_number(row->label, "data", totals.data_files + totals.fd_files, 0);
		stale_report_free(report);
	}
}

static void scopes_choose_what_counts_and_change_no_other_total(void **state)
{
	const struct process processes[PROCESSES_MAX] = {
		{NULL, LIVE}, {NULL, CODE},       {SSH, CODE},          {APP, CODE},
		{APP, CODE},  {LOGIN, MORE_CODE}, {DOCKER, OTHER_DISK},
	};
	const struct {
		const char *label;
		unsigned scopes;
		size_t counted, files;
	} rows[] = {
		{"usual", 0, 2, 1},
		{"none", STALE_SCOPE_BIT(STALE_SCOPE_NONE), 1, 1},
		{"system", STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM), 1, 1},
		{"user", STALE_SCOPE_BIT(STALE_SCOPE_USER), 2, 1},
		{"session", STALE_SCOPE_BIT(STALE_SCOPE_SESSION), 1, 1},
		{"container", STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER), 1, 1},
		{"all", (1U << STALE_SCOPE_COUNT) - 1, 6, 3},
	};
	struct stale_report *report = scan(processes, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct stale_policy policy = {.why = STALE_WHY_DEFAULT,
						    .scopes = rows[i].scopes};
		const struct stale_totals totals = count(report, &policy);

		row_number(rows[i].label, "processes", totals.processes, rows[i].counted);
		row_number(rows[i].label, "files", totals.files, rows[i].files);
		row_number(rows[i].label, "services", totals.services, 1);
		row_number(rows[i].label, "sessions", totals.sessions, 2);
		row_number(rows[i].label, "containers", totals.containers, 1);
	}
	stale_report_free(report);
}

static void data_is_never_mixed_into_code(void **state)
{
	const struct process processes[PROCESSES_MAX] = {
		{NULL, LIVE},
		{NULL, CODE DATA},
		{SSH, DATA MORE_DATA},
		{DOCKER, DATA},
	};
	const struct stale_options opt = {.kinds = CODE_DATA};
	const struct stale_policy policy = {.why = STALE_WHY_DEFAULT, .kinds = CODE_DATA};
	struct stale_report *report = scan(processes, &opt);
	const struct stale_totals totals = count(report, &policy);
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	(void)state;
	assert_int_equal(n, 3);
	assert_int_equal(totals.processes, 1);
	assert_int_equal(totals.files, 1);
	assert_int_equal(totals.services, 0);
	assert_int_equal(totals.containers, 0);
	/* Each once, in whatever scope it is. */
	assert_int_equal(totals.data_files, 2);
	assert_int_equal(totals.fd_files, 0);
	assert_int_equal(totals.fd_bytes, 0);
	assert_true(stale_proc_counts(&procs[0], &policy, NOW));
	assert_false(stale_proc_counts(&procs[1], &policy, NOW));
	/* Where the caller says nothing of kinds, code is what counts. */
	assert_int_equal(count(report, &usual).processes, 1);
	stale_report_free(report);
}

static void data_alone_counts_as_code_does(void **state)
{
	const struct process processes[PROCESSES_MAX] = {
		{NULL, LIVE},
		{NULL, CODE DATA},
		{SSH, DATA MORE_DATA},
		{DOCKER, DATA},
	};
	const struct stale_options opt = {.kinds = STALE_KIND_BIT(STALE_DATA)};
	const struct stale_policy policy = {.why = STALE_WHY_DEFAULT, .kinds = opt.kinds};
	struct stale_report *report = scan(processes, &opt);
	const struct stale_totals totals = count(report, &policy);

	(void)state;
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 2);
	assert_int_equal(totals.services, 1);
	assert_int_equal(totals.containers, 1);
	assert_int_equal(totals.data_files, 2);
	stale_report_free(report);
}

/* The links of a captured tree lead out of it, to whatever this machine has there. */
static void descriptors_of_a_captured_tree_are_told_by_name(void **state)
{
	const struct stale_options opt = {.kinds = STALE_KIND_CODE |
						   STALE_KIND_BIT(STALE_FD)};
	struct proctree tree;
	struct stale_report *report;
	const struct stale_proc *proc;
	struct stale_totals totals;

	(void)state;
	proctree_init(&tree);
	proctree_add(&tree, 10, "daemon", LIVE);
	proctree_mkdir(&tree, "10/fd");
	proctree_link(&tree, "10/fd/0", "/dev/null");
	proctree_link(&tree, "10/fd/1", "socket:[4242]");
	proctree_link(&tree, "10/fd/3", "/var/log/a.log (deleted)");
	proctree_link(&tree, "10/fd/4", "/var/log/a.log (deleted)");
	proctree_link(&tree, "10/fd/5", "/var/log/b.log (deleted)");
	proctree_link(&tree, "10/fd/6", "/memfd:x (deleted)");
	proctree_add(&tree, 11, "nofd", CODE);
	report = proctree_scan(&tree, &opt);
	assert_int_equal(stale_report_info(report)->scanned, 2);
	proc = stale_report_procs(report, &(size_t){0});
	assert_int_equal(proc[0].pid, 10);
	assert_int_equal(proc[0].nfiles, 2);
	assert_string_equal(proc[0].files[0].path, "/var/log/a.log");
	assert_int_equal(proc[0].files[0].fd, 3);
	assert_string_equal(proc[0].files[1].path, "/var/log/b.log");
	assert_int_equal(proc[0].files[1].fd, 5);
	assert_int_equal(proc[0].files[1].why, STALE_DELETED);
	assert_int_equal(proc[0].files[1].bytes, -1);
	assert_int_equal(proc[1].pid, 11);
	totals = count(report, &usual);
	assert_int_equal(totals.fd_files, 2);
	assert_int_equal(totals.fd_bytes, 0);
	assert_int_equal(totals.processes, 1);
	stale_report_free(report);
	proctree_release(&tree);
}

static void only_the_reasons_of_the_policy_count(void **state)
{
	const struct process processes[PROCESSES_MAX] = {{NULL, LIVE}, {SSH, CODE}};
	const struct stale_policy deleted = {.why = STALE_WHY_BIT(STALE_DELETED)};
	const struct stale_policy others = {.why = ~STALE_WHY_BIT(STALE_DELETED)};
	struct stale_report *report = scan(processes, NULL);
	const struct stale_proc *proc = proctree_only_proc(report);

	(void)state;
	assert_true(stale_file_counts(proc, &proc->files[0], &deleted, NOW));
	assert_true(stale_proc_counts(proc, &deleted, NOW));
	assert_int_equal(count(report, &deleted).services, 1);
	assert_false(stale_file_counts(proc, &proc->files[0], &others, NOW));
	assert_false(stale_proc_counts(proc, &others, NOW));
	assert_int_equal(count(report, &others).processes, 0);
	assert_int_equal(count(report, &others).services, 0);
	stale_report_free(report);
}

/* A file as a report may hold it; only what decides is filled in. */
static void young_files_do_not_count_and_undated_ones_do(void **state)
{
	const struct {
		const char *label;
		enum stale_since source;
		int64_t since, min_age;
		bool want;
	} rows[] = {
		{"old enough", STALE_SINCE_OLD_INODE, NOW - 60, 60, true},
		{"too young", STALE_SINCE_OLD_INODE, NOW - 59, 60, false},
		{"too young by its successor", STALE_SINCE_SUCCESSOR_BIRTH, NOW - 1, 60,
		 false},
		{"of the future", STALE_SINCE_OLD_INODE, NOW + 5, 60, false},
		{"of the future, any age", STALE_SINCE_OLD_INODE, NOW + 5, 0, true},
		{"just now, any age", STALE_SINCE_OLD_INODE, NOW, 0, true},
		{"undated", STALE_SINCE_UNKNOWN, 0, 60, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct stale_file file = {.kind = STALE_LIB,
						.why = STALE_REPLACED,
						.since = rows[i].since,
						.since_source = rows[i].source};
		const struct stale_proc proc = {.files = &file, .nfiles = 1};
		const struct stale_policy policy = {.why = STALE_WHY_DEFAULT,
						    .min_age = rows[i].min_age};

		row_number(rows[i].label, "counts",
			   stale_file_counts(&proc, &file, &policy, NOW), rows[i].want);
		row_number(rows[i].label, "its process counts",
			   stale_proc_counts(&proc, &policy, NOW), rows[i].want);
	}
}

static void users_count_whatever_they_have(void **state)
{
	static const char *const globs[] = {"*.so", NULL};
	const struct process processes[PROCESSES_MAX] = {
		{NULL, LIVE}, {SSH, LIVE MORE_CODE}, {DOCKER, LIVE}, {CRON, DATA}};
	const struct stale_options opt = {.using_globs = globs};
	const struct stale_policy policy = {.is_using = true, .min_age = 3600};
	struct stale_report *report = scan(processes, &opt);
	struct stale_totals totals = count(report, &policy);

	(void)state;
	assert_int_equal(totals.processes, 2);
	assert_int_equal(totals.files, 2);
	assert_int_equal(totals.services, 1);
	assert_int_equal(totals.containers, 1);
	/* A current file is nothing that counts without that question. */
	totals = count(report, &usual);
	assert_int_equal(totals.processes, 1);
	assert_int_equal(totals.files, 1);
	assert_int_equal(totals.containers, 0);
	stale_report_free(report);
}

static void words_are_those_of_the_design(void **state)
{
	static const char *const scopes[] = {"none", "system", "user", "session",
					     "container"};
	static const char *const advice[] = {"restart-process",   "restart-unit",
					     "restart-user-unit", "restart-container",
					     "relogin",           "reboot"};
	static const char *const kinds[] = {"exe", "lib", "data", "fd"};

	(void)state;
	for (unsigned i = 0; i < STALE_SCOPE_COUNT; i++)
		assert_string_equal(stale_scope_name(i), scopes[i]);
	for (unsigned i = 0; i < STALE_ADVICE_COUNT; i++)
		assert_string_equal(stale_advice_name(i), advice[i]);
	for (unsigned i = 0; i < STALE_KIND_COUNT; i++)
		assert_string_equal(stale_kind_name(i), kinds[i]);
	assert_string_equal(stale_why_name(STALE_MODIFIED), "modified");
	assert_string_equal(stale_why_name(STALE_CURRENT), "current");
}

/* Each file may claim as much as there can be. */
static void bytes_beyond_all_numbers_are_the_most_there_can_be(void **state)
{
	struct reportmake m;
	struct stale_report *report;

	(void)state;
	reportmake_init(&m);
	reportmake_proc(&m, 10, "x");
	for (int i = 0; i < 2; i++) {
		struct stale_file *file =
			reportmake_file(&m, i ? "/a" : "/b", STALE_DELETED, 60);

		file->kind = STALE_FD;
		file->bytes = INT64_MAX;
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	assert_int_equal(count(report, &usual).fd_files, 2);
	assert_int_equal(count(report, &usual).fd_bytes, INT64_MAX);
	stale_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_are_told_by_owner),
		cmocka_unit_test(scopes_choose_what_counts_and_change_no_other_total),
		cmocka_unit_test(data_is_never_mixed_into_code),
		cmocka_unit_test(data_alone_counts_as_code_does),
		cmocka_unit_test(descriptors_of_a_captured_tree_are_told_by_name),
		cmocka_unit_test(only_the_reasons_of_the_policy_count),
		cmocka_unit_test(young_files_do_not_count_and_undated_ones_do),
		cmocka_unit_test(users_count_whatever_they_have),
		cmocka_unit_test(words_are_those_of_the_design),
		cmocka_unit_test(bytes_beyond_all_numbers_are_the_most_there_can_be),
	};

	return cmocka_run_group_tests_name("count", tests, NULL, NULL);
}
