/*
 * live_cgroup.c - whose a process is: real processes in real control groups, laid out as
 * systemd and those who run containers do it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "scan/leftover.h"
#include "support/livecgroup.h"
#include "support/livecheck.h"
#include "support/livescan.h"
#include "support/proctree.h"
#include "test.h"

#define LIB "libx.so.1"

/* "%" and "&" as in livecgroup.h. */
struct cgroup_row {
	const char *name;
	const char *group;
	enum stale_scope scope;
	const char *unit;
	const char *runtime;
	const char *container;
	bool has_owner; /* whose number is our PID */
	enum stale_advice advice;
};

#define POD  "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%.slice/"
#define USER "user.slice/user-%.slice/user@%.service/"

static struct cgroup_row rows[] = {
	{"a_service_is_to_be_restarted", "system.slice/stale-%.service",
	 STALE_SCOPE_SYSTEM, "stale-%.service", NULL, NULL, false, STALE_RESTART_UNIT},
	{"an_instance_below_nested_slices_is_a_service",
	 "system.slice/system-stale.slice/system-stale-a%.slice/stale@tty%.service",
	 STALE_SCOPE_SYSTEM, "stale@tty%.service", NULL, NULL, false, STALE_RESTART_UNIT},
	{"a_unit_keeps_the_escapes_of_its_name", "system.slice/stale\\x2da%.service",
	 STALE_SCOPE_SYSTEM, "stale\\x2da%.service", NULL, NULL, false,
	 STALE_RESTART_UNIT},
	{"a_group_below_its_service_is_the_service",
	 "system.slice/stale-%.service/worker/1", STALE_SCOPE_SYSTEM, "stale-%.service",
	 NULL, NULL, false, STALE_RESTART_UNIT},
	{"a_system_scope_cannot_be_restarted", "system.slice/stale-%.scope",
	 STALE_SCOPE_SYSTEM, "stale-%.scope", NULL, NULL, false, STALE_RESTART_PROCESS},
	{"the_bus_is_renewed_by_a_reboot",
	 "system.slice/system-stale%.slice/dbus.service", STALE_SCOPE_SYSTEM,
	 "dbus.service", NULL, NULL, false, STALE_REBOOT},
	{"a_slice_alone_is_no_unit", "system.slice/system-stale%.slice", STALE_SCOPE_NONE,
	 NULL, NULL, NULL, false, STALE_RESTART_PROCESS},
	{"a_folder_of_any_other_name_is_no_unit", "stale-%/a.service.d", STALE_SCOPE_NONE,
	 NULL, NULL, NULL, false, STALE_RESTART_PROCESS},
	{"a_unit_of_a_user_is_the_users", USER "app.slice/stale-%.service",
	 STALE_SCOPE_USER, "stale-%.service", NULL, NULL, true, STALE_RESTART_USER_UNIT},
	{"a_scope_of_a_user_cannot_be_restarted", USER "app.slice/app-stale-%.scope",
	 STALE_SCOPE_USER, "app-stale-%.scope", NULL, NULL, true, STALE_RESTART_PROCESS},
	{"the_manager_of_a_user_is_renewed_by_a_new_login", USER "init.scope",
	 STALE_SCOPE_USER, "user@%.service", NULL, NULL, true, STALE_RELOGIN},
	{"a_users_dbus_needs_no_reboot", USER "app.slice/dbus.service", STALE_SCOPE_USER,
	 "dbus.service", NULL, NULL, true, STALE_RESTART_USER_UNIT},
	{"a_session_is_renewed_by_a_new_login", "user.slice/user-%.slice/session-%.scope",
	 STALE_SCOPE_SESSION, "session-%.scope", NULL, NULL, true, STALE_RELOGIN},
	{"docker_below_systemd_is_a_container", "system.slice/docker-&.scope",
	 STALE_SCOPE_CONTAINER, NULL, "docker", "&", false, STALE_RESTART_CONTAINER},
	{"docker_by_itself_is_a_container", "docker/&", STALE_SCOPE_CONTAINER, NULL,
	 "docker", "&", false, STALE_RESTART_CONTAINER},
	{"systemd_inside_of_docker_is_the_containers",
	 "system.slice/docker-&.scope/system.slice/nginx.service", STALE_SCOPE_CONTAINER,
	 NULL, "docker", "&", false, STALE_RESTART_CONTAINER},
	{"a_pod_of_containerd_is_a_container", POD "cri-containerd-&.scope",
	 STALE_SCOPE_CONTAINER, NULL, "containerd", "&", false, STALE_RESTART_CONTAINER},
	{"a_pod_of_cri_o_is_a_container", POD "crio-&.scope", STALE_SCOPE_CONTAINER, NULL,
	 "cri-o", "&", false, STALE_RESTART_CONTAINER},
	{"a_pod_by_itself_is_a_container", "kubepods/burstable/pod%/&",
	 STALE_SCOPE_CONTAINER, NULL, "kubepods", "&", false, STALE_RESTART_CONTAINER},
	{"podman_of_a_user_is_that_users_container",
	 USER "user.slice/libpod-&.scope/container", STALE_SCOPE_CONTAINER, NULL,
	 "podman", "&", true, STALE_RESTART_CONTAINER},
	{"what_watches_podman_is_no_container", "machine.slice/libpod-conmon-&.scope",
	 STALE_SCOPE_SYSTEM, "libpod-conmon-&.scope", NULL, NULL, false,
	 STALE_RESTART_PROCESS},
	{"lxc_is_a_container", "lxc.payload.stale%/init.scope", STALE_SCOPE_CONTAINER,
	 NULL, "lxc", "stale%", false, STALE_RESTART_CONTAINER},
	{"nspawn_is_a_container", "machine.slice/machine-stale%.scope/payload",
	 STALE_SCOPE_CONTAINER, NULL, "systemd-nspawn", "stale%", false,
	 STALE_RESTART_CONTAINER},
	{"what_watches_nspawn_is_no_container",
	 "machine.slice/machine-stale%.scope/supervisor", STALE_SCOPE_SYSTEM,
	 "machine-stale%.scope", NULL, NULL, false, STALE_RESTART_PROCESS},
};

static void check_text(const char *what, const char *got, const char *pattern)
{
	char *want = pattern ? livecgroup_name(pattern) : NULL;

	row_text(what, "of the process", got, got ? strlen(got) : 0, want);
	free(want);
}

/* A process that has LIB mapped, in that group, together with the control. */
static pid_t start_in(struct live *live, const char *group)
{
	char *path = live_path(live, LIB);
	pid_t pid = live_start(live, "map", path, "rx")->pid;

	free(path);
	livecgroup_enter(live, live->processes[0].pid, group);
	livecgroup_enter(live, pid, group);
	return pid;
}

static void check_totals(const struct cgroup_row *row, const struct stale_totals *got)
{
	const bool is_session =
		row->scope == STALE_SCOPE_USER || row->scope == STALE_SCOPE_SESSION;
	const bool counts =
		row->scope == STALE_SCOPE_SYSTEM || row->scope == STALE_SCOPE_NONE;

	row_number(row->name, "processes", got->processes, counts);
	row_number(row->name, "files", got->files, counts);
	row_number(row->name, "services", got->services,
		   row->scope == STALE_SCOPE_SYSTEM);
	row_number(row->name, "sessions", got->sessions, is_session);
	row_number(row->name, "containers", got->containers,
		   row->scope == STALE_SCOPE_CONTAINER);
	row_number(row->name, "reboot", got->reboot, row->advice == STALE_REBOOT);
}

static void check_row(struct live *live, const struct stale_report *report)
{
	const struct cgroup_row *row = live->row;
	const struct stale_totals totals = livescan_count(live, report);
	const struct stale_proc *proc = livescan_proc(report, live->wants[0].pid);
	const uid_t owner = row->has_owner ? (uid_t)getpid() : (uid_t)-1;

	row_number(row->name, "scope", proc->scope, row->scope);
	check_text("unit", proc->unit, row->unit);
	check_text("runtime", proc->runtime, row->runtime);
	check_text("container", proc->container, row->container);
	row_number(row->name, "owner", proc->owner, owner);
	row_number(row->name, "left over", proc->is_leftover, false);
	row_number(row->name, "advice", proc->advice, row->advice);
	check_totals(row, &totals);
}

static void run_row(void **state)
{
	struct live *live = *state;
	const struct cgroup_row *row = live->row;
	pid_t pid;

	live_lib(live, LIB, LIB, 'a');
	pid = start_in(live, row->group);
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	livescan_assert(live);
	livescan_each(live, check_row);
}

static void expect_deleted(struct live *live, pid_t pid)
{
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
}

static void check_one_service_of_two(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	assert_int_equal(totals.processes, 3);
	assert_int_equal(totals.files, 1);
	assert_int_equal(totals.services, 2);
}

static void processes_of_one_service_are_one_service(void **state)
{
	struct live *live = *state;

	live_lib(live, LIB, LIB, 'a');
	expect_deleted(live, start_in(live, "system.slice/stale-a%.service"));
	expect_deleted(live, start_in(live, "system.slice/stale-b%.service"));
	expect_deleted(live, start_in(live, "system.slice/stale-a%.service/worker"));
	live_unlink(live, LIB);
	livescan_assert(live);
	livescan_each(live, check_one_service_of_two);
}

static void check_service_and_container(struct live *live,
					const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);
	const struct stale_proc *outside = livescan_proc(report, live->wants[0].pid);
	const struct stale_proc *inside = livescan_proc(report, live->wants[1].pid);

	assert_int_equal(outside->scope, STALE_SCOPE_SYSTEM);
	assert_null(outside->container);
	check_text("unit", outside->unit, "stale-%.service");
	assert_int_equal(inside->scope, STALE_SCOPE_CONTAINER);
	assert_null(inside->unit);
	check_text("container", inside->container, "&");
	assert_int_equal(totals.processes, 1);
	assert_int_equal(totals.services, 1);
	assert_int_equal(totals.containers, 1);
}

static void a_container_is_not_counted_to_the_service_that_runs_it(void **state)
{
	struct live *live = *state;

	live_lib(live, LIB, LIB, 'a');
	expect_deleted(live, start_in(live, "system.slice/stale-%.service"));
	expect_deleted(live,
		       start_in(live, "system.slice/stale-%.service/libpod-payload-&"));
	live_unlink(live, LIB);
	livescan_assert(live);
	livescan_each(live, check_service_and_container);
}

static void check_units_of_users(struct live *live, const struct stale_report *report)
{
	const struct stale_totals totals = livescan_count(live, report);

	assert_int_equal(totals.sessions, 3);
	assert_int_equal(totals.services, 0);
	assert_int_equal(totals.processes, 0);
}

static void units_of_one_name_of_two_users_are_two(void **state)
{
	struct live *live = *state;

	live_lib(live, LIB, LIB, 'a');
	expect_deleted(live, start_in(live, "user.slice/user-1%.slice/user@1%.service/"
					    "app.slice/stale.service"));
	expect_deleted(live, start_in(live, "user.slice/user-2%.slice/user@2%.service/"
					    "app.slice/stale.service"));
	expect_deleted(live, start_in(live, "user.slice/user-2%.slice/session-%.scope"));
	live_unlink(live, LIB);
	livescan_assert(live);
	livescan_each(live, check_units_of_users);
}

/* 4242 (helper_orphan) S 1 4242 ... */
static bool is_orphan(pid_t pid)
{
	char path[64];
	char text[512] = "";
	const char *after;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	after = strrchr(text, ')');
	return after && strncmp(after + 3, " 1 ", 3) == 0;
}

/* The same, but nobody's child, and without a terminal. */
static pid_t start_orphan_in(struct live *live, const char *group)
{
	char *path = live_path(live, LIB);
	char *helper = live_built("tests/helper_orphan");
	pid_t pid = live_spawn(live, helper, (const char *const[]){path, NULL})->pid;

	free(path);
	free(helper);
	if (!is_orphan(pid))
		live_skip(live, "orphans do not go to PID 1 here");
	livecgroup_enter(live, pid, group);
	return pid;
}

static void check_leftover_and_session(struct live *live,
				       const struct stale_report *report)
{
	const struct stale_proc *left = livescan_proc(report, live->wants[0].pid);
	const struct stale_proc *of_session = livescan_proc(report, live->wants[1].pid);

	assert_int_equal(left->ppid, 1);
	assert_true(left->is_leftover);
	assert_int_equal(left->scope, STALE_SCOPE_SESSION);
	assert_int_equal(left->advice, STALE_RESTART_PROCESS);
	assert_false(of_session->is_leftover);
	assert_int_equal(of_session->advice, STALE_RELOGIN);
}

static void an_orphan_is_left_over_in_its_session(void **state)
{
	struct live *live = *state;

	live_lib(live, LIB, LIB, 'a');
	expect_deleted(live, start_orphan_in(live, "user.slice/user-%.slice/"
						   "session-%.scope"));
	expect_deleted(live, start_in(live, "user.slice/user-%.slice/session-%.scope"));
	live_unlink(live, LIB);
	livescan_assert(live);
	livescan_each(live, check_leftover_and_session);
}

static void check_no_leftover(struct live *live, const struct stale_report *report)
{
	for (size_t i = 0; i < live->nwants; i++) {
		const struct stale_proc *proc = livescan_proc(report, live->wants[i].pid);

		assert_int_equal(proc->ppid, 1);
		assert_false(proc->is_leftover);
		assert_int_equal(proc->advice, STALE_RESTART_UNIT);
	}
}

static void main_processes_that_start_together_are_no_leftovers(void **state)
{
	struct live *live = *state;

	live_lib(live, LIB, LIB, 'a');
	expect_deleted(live, start_orphan_in(live, "system.slice/stale-%.service"));
	expect_deleted(live, start_orphan_in(live, "system.slice/stale-%.service"));
	live_unlink(live, LIB);
	livescan_assert(live);
	livescan_each(live, check_no_leftover);
}

/* The real group has members; when they have started, the built tree says. */
struct group_scene {
	struct owner owner;
	struct proctree tree;
	struct procfs fs;
	struct leftovers leftovers;
};

struct other {
	const char *label;
	int ppid;
	uint64_t start;
	unsigned uid;
	bool want;
};

static struct group_scene *start_group(void)
{
	struct group_scene *s = calloc(1, sizeof(*s));
	char *group = livecgroup_name("system.slice/stale-%.service");
	struct owner *owner = &s->owner;

	owner->len = (size_t)sprintf(owner->buf, "7:cpu:/\n0::/%s\n", group);
	assert_int_equal(cgroup_parse(owner->buf, owner->len, &owner->cgroup), 0);
	proctree_init(&s->tree);
	s->fs.fd = open(s->tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->fs.is_proc = true;
	leftovers_init(&s->leftovers, &s->fs, 4711);
	free(group);
	return s;
}

static void end_group(struct group_scene *s)
{
	leftovers_release(&s->leftovers);
	close(s->fs.fd);
	proctree_release(&s->tree);
	free(s);
}

static void write_main(const struct group_scene *s, pid_t pid, const struct other *other)
{
	char path[64], text[256];
	int n;

	snprintf(path, sizeof(path), "%d/status", (int)pid);
	n = snprintf(text, sizeof(text), "Tgid:\t%d\nUid:\t7\t%u\t8\t9\n", (int)pid,
		     other->uid);
	proctree_write(&s->tree, path, text, (size_t)n);
	snprintf(path, sizeof(path), "%d/stat", (int)pid);
	n = snprintf(text, sizeof(text),
		     "%d (main) S %d 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 %llu 0\n",
		     (int)pid, other->ppid, (unsigned long long)other->start);
	proctree_write(&s->tree, path, text, (size_t)n);
}

/* Of an orphan of user 1000 that started at tick 1000. */
static int is_left_over(struct live *live, struct group_scene *s)
{
	const struct pidstat stat = {
		.pid = live->processes[0].pid, .ppid = 1, .start_ticks = 1000};

	return leftovers_has(&s->leftovers, &s->owner, &stat, 1000);
}

static int is_leftover_beside(struct live *live, pid_t pid, const struct other *other)
{
	struct group_scene *s = start_group();
	int is_leftover;

	proctree_add(&s->tree, pid, "main", NULL);
	write_main(s, pid, other);
	is_leftover = is_left_over(live, s);
	end_group(s);
	return is_leftover;
}

/* Else who has thousands of orphans in one has each of them looked at for each. */
static void a_service_is_asked_once_for_its_processes(void **state)
{
	struct live *live = *state;
	const struct other younger = {.ppid = 1, .start = 1501};
	const struct other older = {.ppid = 1, .start = 1500};
	pid_t other = live_start(live, "comm", "main")->pid;
	struct group_scene *s;

	livecgroup_enter(live, live->processes[0].pid, "system.slice/stale-%.service");
	livecgroup_enter(live, other, "system.slice/stale-%.service");
	s = start_group();
	proctree_add(&s->tree, other, "main", NULL);
	write_main(s, other, &older);
	assert_int_equal(is_left_over(live, s), 0);
	write_main(s, other, &younger);
	assert_int_equal(is_left_over(live, s), 0);
	leftovers_release(&s->leftovers);
	assert_int_equal(is_left_over(live, s), 1);
	end_group(s);
}

static void a_service_that_went_on_without_it_leaves_an_orphan_over(void **state)
{
	static const struct other others[] = {
		{"a main process that is 5 s younger", 1, 1501, 0, true},
		{"a main process that is younger by less", 1, 1500, 0, false},
		{"a main process that is older", 1, 100, 0, false},
		{"a younger child", 42, 9000, 0, false},
		{"a younger one of the same user", 1, 9000, 1000, true},
		{"a younger one of another user", 1, 9000, 1001, false},
	};
	struct live *live = *state;
	pid_t other = live_start(live, "comm", "main")->pid;

	livecgroup_enter(live, live->processes[0].pid, "system.slice/stale-%.service");
	livecgroup_enter(live, other, "system.slice/stale-%.service");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		row_number(others[i].label, "left over",
			   is_leftover_beside(live, other, &others[i]), others[i].want);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows)];
	const struct CMUnitTest more[] = {
		LIVECGROUP_TEST(processes_of_one_service_are_one_service),
		LIVECGROUP_TEST(a_container_is_not_counted_to_the_service_that_runs_it),
		LIVECGROUP_TEST(units_of_one_name_of_two_users_are_two),
		LIVECGROUP_TEST(an_orphan_is_left_over_in_its_session),
		LIVECGROUP_TEST(main_processes_that_start_together_are_no_leftovers),
		LIVECGROUP_TEST(a_service_that_went_on_without_it_leaves_an_orphan_over),
		LIVECGROUP_TEST(a_service_is_asked_once_for_its_processes),
	};
	int failed;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] = (struct CMUnitTest)LIVECGROUP_ROW(run_row, &rows[i]);
	failed = cmocka_run_group_tests_name("groups", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("services", more, NULL, NULL);
}
