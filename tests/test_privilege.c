/*
 * test_privilege.c - what is given up is gone, and what is kept is for one duty only.
 *
 * Each case in a child: what it gives up it would not get back.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privilege.h"
#include "tests/support/granted.h"

#define BIT(cap) (1ULL << (cap))
#define FILES    (BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER))
#define USERS    (BIT(CAP_SETUID) | BIT(CAP_SETGID))
#define EVERY    (PRIVILEGE_SCAN | PRIVILEGE_OPTIONS | PRIVILEGE_PACKAGES | PRIVILEGE_FILE)

/* In the child; a difference ends it. */
static void expect(const char *label, unsigned long long permitted,
		   unsigned long long effective)
{
	struct granted_status status;

	if (!granted_status_of(getpid(), &status) ||
	    !row_number_is(label, "CapPrm", (int64_t)status.permitted,
			   (int64_t)permitted) ||
	    !row_number_is(label, "CapEff", (int64_t)status.effective,
			   (int64_t)effective) ||
	    !row_number_is(label, "CapInh", (int64_t)status.inheritable, 0) ||
	    !row_number_is(label, "CapAmb", (int64_t)status.ambient, 0))
		_exit(1);
}

static void must(int rc)
{
	if (rc < 0)
		_exit(2);
}

/* Runs it in a child that is root; skips where this is none. */
static void in_child(const char *name, void (*f)(void))
{
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		print_message("# skip %s: not root\n", name);
		skip();
	}
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void start_as_root(void)
{
	must(privilege_start());
	expect("start", granted_all() | FILES | USERS | BIT(CAP_SETPCAP),
	       BIT(CAP_DAC_READ_SEARCH));
}

static void root_begins_with_what_its_duties_need(void **state)
{
	(void)state;
	in_child(__func__, start_as_root);
}

static void scan(void)
{
	must(privilege_start());
	must(privilege_raise(PRIVILEGE_SCAN));
	expect("scan", granted_all(), granted_all());
	if (privilege_effective() != PRIVILEGE_ALL)
		_exit(3);
	must(privilege_raise(EVERY));
	expect("scan, more", granted_all(), granted_all());
	must(privilege_drop(EVERY));
	expect("scan, over", granted_all(), 0);
	if (privilege_effective() != 0)
		_exit(3);
}

static void who_scans_has_nothing_else(void **state)
{
	(void)state;
	in_child(__func__, scan);
}

/* Of a container, or on a kernel that has no better ones. */
static void scan_the_old_way(void)
{
	static const cap_value_t gone[] = {CAP_DAC_READ_SEARCH, CAP_CHECKPOINT_RESTORE};
	const unsigned long long rest =
		BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_SYS_ADMIN);
	cap_t caps = cap_get_proc();

	if (!caps || cap_set_flag(caps, CAP_EFFECTIVE, 2, gone, CAP_CLEAR) < 0 ||
	    cap_set_flag(caps, CAP_PERMITTED, 2, gone, CAP_CLEAR) < 0)
		_exit(2);
	must(cap_set_proc(caps));
	cap_free(caps);
	must(privilege_start());
	expect("old, start", rest | FILES | USERS | BIT(CAP_SETPCAP),
	       BIT(CAP_DAC_OVERRIDE));
	must(privilege_raise(PRIVILEGE_SCAN));
	expect("old, scan", rest, rest);
	if (privilege_effective() != PRIVILEGE_ALL)
		_exit(3);
}

static void root_without_the_new_ones_scans_with_the_old(void **state)
{
	(void)state;
	in_child(__func__, scan_the_old_way);
}

static void give_up_step_by_step(void)
{
	struct granted_status status;

	must(privilege_start());
	must(privilege_drop(PRIVILEGE_PACKAGES | PRIVILEGE_FILE));
	expect("two duties", USERS | FILES, 0);
	must(privilege_drop(PRIVILEGE_FILE));
	expect("one duty", FILES, 0);
	must(privilege_raise(PRIVILEGE_FILE));
	expect("at work", FILES, FILES);
	must(privilege_drop(0));
	expect("no duty", 0, 0);
	must(privilege_raise(EVERY));
	expect("nothing comes back", 0, 0);
	if (!granted_status_of(getpid(), &status) || status.bounding ||
	    !status.no_new_privs)
		_exit(4);
}

static void what_is_given_up_is_gone(void **state)
{
	(void)state;
	in_child(__func__, give_up_step_by_step);
}

/* As a set-uid copy begins. */
static void drop_in_set_uid_copy(void)
{
	uid_t uid[3];
	gid_t gid[3];

	must(setresgid(65534, 0, 0));
	must(setresuid(65534, 0, 0));
	must(privilege_drop(0));
	must(getresuid(&uid[0], &uid[1], &uid[2]));
	must(getresgid(&gid[0], &gid[1], &gid[2]));
	for (int i = 0; i < 3; i++)
		if (uid[i] != 65534 || gid[i] != 65534)
			_exit(5);
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0)
		_exit(6);
	expect("set-uid", 0, 0);
}

static void a_set_uid_copy_becomes_its_user(void **state)
{
	(void)state;
	in_child(__func__, drop_in_set_uid_copy);
}

/* Capabilities that a service gives to what it executes go no further. */
static void drop_ambient(void)
{
	must(livechild_become(LIVECHILD_PTRACE));
	must(privilege_start());
	expect("ambient, start", BIT(CAP_SYS_PTRACE), 0);
	must(privilege_raise(PRIVILEGE_SCAN));
	expect("ambient, scan", BIT(CAP_SYS_PTRACE), BIT(CAP_SYS_PTRACE));
	if (privilege_effective() != PRIVILEGE_PTRACE)
		_exit(3);
}

static void what_a_service_gives_goes_no_further(void **state)
{
	(void)state;
	in_child(__func__, drop_ambient);
}

static void look(void)
{
	struct privilege before = privilege_look(), after;

	if (!before.is_root || before.granted || before.no_new_privs || before.bounded)
		_exit(1);
	must(privilege_start());
	must(privilege_drop(0));
	after = privilege_look();
	if (!after.no_new_privs || !after.bounded)
		_exit(2);
}

static void what_stands_in_the_way_is_seen(void **state)
{
	(void)state;
	in_child(__func__, look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_begins_with_what_its_duties_need),
		cmocka_unit_test(who_scans_has_nothing_else),
		cmocka_unit_test(root_without_the_new_ones_scans_with_the_old),
		cmocka_unit_test(what_is_given_up_is_gone),
		cmocka_unit_test(a_set_uid_copy_becomes_its_user),
		cmocka_unit_test(what_a_service_gives_goes_no_further),
		cmocka_unit_test(what_stands_in_the_way_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
