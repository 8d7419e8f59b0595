/*
 * test_owner.c - which processes a selection names, what renews a process, and which are
 * left over.  On real control groups: live_cgroup.c.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "scan/leftover.h"
#include "tests/support/proctree.h"

#define NAME(literal)                                                                    \
	{                                                                                \
		literal, sizeof(literal) - 1                                             \
	}

static const struct pidstat sshd = {.comm = "sshd", .comm_len = 4, .pid = 812, .ppid = 1};
static const struct cgroup_owner of_ssh = {
	.scope = STALE_SCOPE_SYSTEM, .unit = NAME("ssh.service"), .uid = (uid_t)-1};
static const struct cgroup_owner of_docker = {.scope = STALE_SCOPE_CONTAINER,
					      .runtime = "docker",
					      .id = NAME("5f3a91c2d4e6"),
					      .uid = (uid_t)-1};
static const struct cgroup_owner of_nobody = {.uid = (uid_t)-1};

static void units_match_with_or_without_service(void **state)
{
	const struct {
		const char *glob, *unit;
		bool want;
	} rows[] = {
		{"ssh.service", "ssh.service", true},
		{"ssh", "ssh.service", true},
		{"s?h", "ssh.service", true},
		{"getty@*", "getty@tty1.service", true},
		{"getty@tty1", "getty@tty1.service", true},
		{"*", "ssh.service", true},
		{"sshd", "ssh.service", false},
		{"ssh.socket", "ssh.service", false},
		{"SSH", "ssh.service", false},
		{"session-3", "session-3.scope", false},
		{"session-3.scope", "session-3.scope", true},
		{"", "ssh.service", false},
		{"", ".service", true},
		{"a\\\\x2db", "a\\x2db.service", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_number(rows[i].glob, rows[i].unit,
			   owner_unit_matches(rows[i].glob, rows[i].unit), rows[i].want);
}

static void the_longest_name_of_a_unit_is_matched_whole(void **state)
{
	char unit[NAME_MAX + 16];

	(void)state;
	memset(unit, 'a', sizeof(unit));
	snprintf(unit + NAME_MAX - 8, 9, ".service");
	assert_true(owner_unit_matches("*a", unit));
	assert_false(owner_unit_matches("*b", unit));
	/* Longer than any name: only as it is. */
	memset(unit, 'a', sizeof(unit));
	snprintf(unit + NAME_MAX + 7, 9, ".service");
	assert_false(owner_unit_matches("*a", unit));
	assert_true(owner_unit_matches("*a.service", unit));
}

static const uid_t root_and_bin[] = {0, 2};
static const char *const sshd_or_cron[] = {"cron", "ssh?", NULL};
static const char *const ssh_unit[] = {"ssh", NULL};
static const char *const other_unit[] = {"cron", "sshd", NULL};
static const char *const any[] = {"*", NULL};
static const char *const none[] = {NULL};
static const char *const by_id[] = {"5f3a*", NULL};

static const struct selection_row {
	const char *label;
	struct stale_selection select;
	const struct cgroup_owner *owner;
	uid_t uid;
	bool want;
} selection_rows[] = {
	{"nothing excludes nothing", {0}, &of_nobody, 7, true},
	{"uid", {.uids = root_and_bin, .nuids = 2}, &of_ssh, 2, true},
	{"another uid", {.uids = root_and_bin, .nuids = 2}, &of_ssh, 1, false},
	{"uid of no list", {.uids = root_and_bin, .nuids = 0}, &of_ssh, 1, true},
	{"process", {.processes = sshd_or_cron}, &of_nobody, 0, true},
	{"another process", {.processes = other_unit + 2}, &of_nobody, 0, false},
	{"an empty list names nobody", {.processes = none}, &of_ssh, 0, false},
	{"unit", {.units = ssh_unit}, &of_ssh, 0, true},
	{"another unit", {.units = other_unit}, &of_ssh, 0, false},
	{"a unit where there is none", {.units = any}, &of_nobody, 0, false},
	{"a unit, for a container", {.units = any}, &of_docker, 0, false},
	{"container", {.containers = by_id}, &of_docker, 0, true},
	{"a container where there is none", {.containers = any}, &of_ssh, 0, false},
	{"scope", {.scopes = STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM)}, &of_ssh, 0, true},
	{"another scope",
	 {.scopes = STALE_SCOPE_BIT(STALE_SCOPE_USER) |
		    STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER)},
	 &of_ssh,
	 0,
	 false},
	{"scope of none", {.scopes = STALE_SCOPE_BIT(0)}, &of_nobody, 0, true},
	{"all of them",
	 {.uids = root_and_bin,
	  .nuids = 2,
	  .processes = sshd_or_cron,
	  .units = ssh_unit,
	  .scopes = STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM)},
	 &of_ssh,
	 0,
	 true},
	{"all but one",
	 {.uids = root_and_bin, .nuids = 2, .processes = sshd_or_cron, .units = ssh_unit},
	 &of_ssh,
	 1,
	 false},
};

static void a_process_is_selected_by_all_that_is_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(selection_rows); i++) {
		const struct selection_row *row = &selection_rows[i];

		row_number(row->label, "selected",
			   owner_is_selected(&row->select, &sshd, row->uid, row->owner),
			   row->want);
	}
}

static void any_criterion_makes_a_selection(void **state)
{
	(void)state;
	assert_false(owner_selects(&(struct stale_selection){0}));
	assert_false(owner_selects(&(struct stale_selection){.uids = root_and_bin}));
	assert_true(owner_selects(
		&(struct stale_selection){.uids = root_and_bin, .nuids = 1}));
	assert_true(owner_selects(&(struct stale_selection){.processes = any}));
	assert_true(owner_selects(&(struct stale_selection){.units = any}));
	assert_true(owner_selects(&(struct stale_selection){.containers = any}));
	assert_true(owner_selects(&(struct stale_selection){.scopes = 1}));
}

static void names_are_compared_whole_and_not_beyond(void **state)
{
	const char *const globs[] = {"ssh", NULL};
	const struct stale_selection select = {.processes = globs};
	struct pidstat stat = sshd;

	(void)state;
	assert_false(owner_is_selected(&select, &stat, 0, &of_nobody));
	stat.comm_len = 3; /* "sshd" in the buffer, "ssh" the name */
	assert_true(owner_is_selected(&select, &stat, 0, &of_nobody));
	stat.comm_len = 0;
	assert_false(owner_is_selected(&select, &stat, 0, &of_nobody));
}

static const struct advice_row {
	const char *label;
	const char *unit;
	enum stale_scope scope;
	pid_t pid;
	bool is_leftover;
	enum stale_advice want;
} advice_rows[] = {
	{"service", "ssh.service", STALE_SCOPE_SYSTEM, 812, false, STALE_RESTART_UNIT},
	{"left over in a service", "ssh.service", STALE_SCOPE_SYSTEM, 812, true,
	 STALE_RESTART_PROCESS},
	{"socket", "a.socket", STALE_SCOPE_SYSTEM, 812, false, STALE_RESTART_UNIT},
	{"scope", "run-r1.scope", STALE_SCOPE_SYSTEM, 812, false, STALE_RESTART_PROCESS},
	{"bus", "dbus.service", STALE_SCOPE_SYSTEM, 812, false, STALE_REBOOT},
	{"bus, left over", "dbus.service", STALE_SCOPE_SYSTEM, 812, true, STALE_REBOOT},
	{"the other bus", "dbus-broker.service", STALE_SCOPE_SYSTEM, 812, false,
	 STALE_REBOOT},
	{"logind", "systemd-logind.service", STALE_SCOPE_SYSTEM, 812, false,
	 STALE_REBOOT},
	{"called almost like the bus", "dbus-x.service", STALE_SCOPE_SYSTEM, 812, false,
	 STALE_RESTART_UNIT},
	{"the manager", "init.scope", STALE_SCOPE_SYSTEM, 1, false, STALE_REBOOT},
	{"PID 1 in a service", "a.service", STALE_SCOPE_SYSTEM, 1, false, STALE_REBOOT},
	{"PID 1 without groups", "", STALE_SCOPE_NONE, 1, false, STALE_REBOOT},
	{"no unit", "", STALE_SCOPE_NONE, 812, false, STALE_RESTART_PROCESS},
	{"session", "session-3.scope", STALE_SCOPE_SESSION, 812, false, STALE_RELOGIN},
	{"left over in a session", "session-3.scope", STALE_SCOPE_SESSION, 812, true,
	 STALE_RESTART_PROCESS},
	{"user's service", "a.service", STALE_SCOPE_USER, 812, false,
	 STALE_RESTART_USER_UNIT},
	{"user's bus", "dbus.service", STALE_SCOPE_USER, 812, false,
	 STALE_RESTART_USER_UNIT},
	{"user's scope", "app-x.scope", STALE_SCOPE_USER, 812, false,
	 STALE_RESTART_PROCESS},
	{"user's manager", "user@1000.service", STALE_SCOPE_USER, 812, false,
	 STALE_RELOGIN},
	{"container", "", STALE_SCOPE_CONTAINER, 812, false, STALE_RESTART_CONTAINER},
	{"PID 1, in a container", "", STALE_SCOPE_CONTAINER, 1, false,
	 STALE_RESTART_CONTAINER},
};

static void each_owner_has_its_advice(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(advice_rows); i++) {
		const struct advice_row *row = &advice_rows[i];
		const struct cgroup_owner owner = {
			.scope = row->scope,
			.unit = {row->unit, strlen(row->unit)},
		};
		const struct pidstat stat = {.pid = row->pid};

		row_number(row->label, "advice",
			   owner_advise(&owner, &stat, row->is_leftover), row->want);
	}
}

static void units_for_a_reboot_are_listed_with_reasons(void **state)
{
	size_t n;
	const struct stale_reboot_unit *units = stale_reboot_units(&n);

	(void)state;
	assert_true(n >= 3);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(strchr(units[i].unit, '.'));
		assert_true(strlen(units[i].reason) > 10);
	}
}

static const struct leftover_row {
	const char *label;
	const char *cgroup;
	pid_t pid, ppid;
	bool has_tty;
	bool want;
} leftover_rows[] = {
	{"orphan of a session", "0::/user.slice/user-1000.slice/session-3.scope\n", 812,
	 1, false, true},
	{"child in a session", "0::/user.slice/user-1000.slice/session-3.scope\n", 812,
	 700, false, false},
	{"on a terminal", "0::/user.slice/user-1000.slice/session-3.scope\n", 812, 1,
	 true, false},
	{"PID 1 in a session", "0::/user.slice/user-1000.slice/session-3.scope\n", 1, 1,
	 false, false},
	{"user's unit",
	 "0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n", 812, 1,
	 false, false},
	{"unit whose group is gone", "0::/system.slice/stale-no-such-unit.service\n", 812,
	 1, false, false},
	{"no unit", "0::/\n", 812, 1, false, false},
	{"container", "0::/lxc.payload.web\n", 812, 1, false, false},
	{"no groups", "", 812, 1, false, false},
};

static void orphans_of_sessions_are_left_over(void **state)
{
	struct owner *owner = calloc(1, sizeof(*owner));
	struct procfs fs = {.is_proc = true};
	struct leftovers leftovers;
	struct proctree tree;

	(void)state;
	proctree_init(&tree);
	fs.fd = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	leftovers_init(&leftovers, &fs, 4711);
	for (size_t i = 0; i < ARRAY_LEN(leftover_rows); i++) {
		const struct leftover_row *row = &leftover_rows[i];
		const struct pidstat stat = {
			.pid = row->pid, .ppid = row->ppid, .has_tty = row->has_tty};

		owner->cgroup = of_nobody;
		owner->len = (size_t)sprintf(owner->buf, "%s", row->cgroup);
		if (owner->len)
			assert_int_equal(
				cgroup_parse(owner->buf, owner->len, &owner->cgroup), 0);
		row_number(row->label, "left over",
			   leftovers_has(&leftovers, owner, &stat, 1000), row->want);
	}
	leftovers_release(&leftovers);
	close(fs.fd);
	proctree_release(&tree);
	free(owner);
}

/* Of a process whose folder holds this; text NULL: no such file. */
static int read_owner(const char *text, struct owner *ret)
{
	struct proctree tree;
	int rc, fd;

	proctree_init(&tree);
	if (text)
		proctree_write(&tree, "cgroup", text, strlen(text));
	fd = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = owner_read(fd, ret);
	close(fd);
	proctree_release(&tree);
	return rc;
}

static void an_owner_that_cannot_be_told_is_none(void **state)
{
	static const char *const texts[] = {
		NULL, "", "garbage", "0::", "\n\n", "0::/system.slice/ssh.service"};
	struct owner *owner = malloc(sizeof(*owner));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		memset(owner, 0xa5, sizeof(*owner));
		row_number(texts[i], "result", read_owner(texts[i], owner), 0);
		row_number(texts[i], "scope", owner->cgroup.scope, STALE_SCOPE_NONE);
		row_number(texts[i], "unit", (int64_t)owner->cgroup.unit.len, 0);
		row_number(texts[i], "owner", owner->cgroup.uid, (uid_t)-1);
	}
	assert_int_equal(read_owner("0::/system.slice/ssh.service\n", owner), 0);
	assert_int_equal(owner->cgroup.scope, STALE_SCOPE_SYSTEM);
	row_text("a whole line", "unit", owner->cgroup.unit.s, owner->cgroup.unit.len,
		 "ssh.service");
	free(owner);
}

static void root_comes_before_system_units_and_these_before_users(void **state)
{
	static const struct {
		enum stale_scope scope;
		uid_t uid;
		enum owner_rank want;
	} rows[] = {
		{STALE_SCOPE_NONE, 0, OWNER_ROOT},
		{STALE_SCOPE_NONE, 1000, OWNER_USER},
		{STALE_SCOPE_SYSTEM, 0, OWNER_ROOT},
		{STALE_SCOPE_SYSTEM, 1000, OWNER_SYSTEM}, /* a job of cron */
		{STALE_SCOPE_USER, 1000, OWNER_USER},
		{STALE_SCOPE_SESSION, 1000, OWNER_USER},
		{STALE_SCOPE_SESSION, 0, OWNER_ROOT}, /* sudo */
		{STALE_SCOPE_CONTAINER, 0, OWNER_USER},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct cgroup_owner owner = {.scope = rows[i].scope};

		row_number(stale_scope_name(rows[i].scope), "rank",
			   owner_rank(rows[i].uid, &owner), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_match_with_or_without_service),
		cmocka_unit_test(the_longest_name_of_a_unit_is_matched_whole),
		cmocka_unit_test(a_process_is_selected_by_all_that_is_asked_for),
		cmocka_unit_test(any_criterion_makes_a_selection),
		cmocka_unit_test(names_are_compared_whole_and_not_beyond),
		cmocka_unit_test(each_owner_has_its_advice),
		cmocka_unit_test(units_for_a_reboot_are_listed_with_reasons),
		cmocka_unit_test(orphans_of_sessions_are_left_over),
		cmocka_unit_test(an_owner_that_cannot_be_told_is_none),
		cmocka_unit_test(root_comes_before_system_units_and_these_before_users),
	};

	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
