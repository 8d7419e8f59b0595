/*
 * test_tool.c - another program gets no privilege, no descriptor, no environment and no
 * more time or room than it was given.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "tests/support/livechild.h"
#include "tool.h"

#define SECOND INT64_C(1000000)

static struct buf out;

static int teardown(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static int run_for(int64_t us, const char *script)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	buf_release(&out);
	return tool_run(argv, child_clock_us() + us, &out);
}

static int run(const char *script)
{
	return run_for(20 * SECOND, script);
}

static const char *text(void)
{
	return out.s ? out.s : "";
}

static void output_and_status_come_back(void **state)
{
	(void)state;
	assert_int_equal(run("echo a; echo b; exit 7"), 7);
	assert_string_equal(text(), "a\nb\n");
	assert_int_equal(run(":"), 0);
	assert_string_equal(text(), "");
}

static void what_it_says_to_stderr_is_lost(void **state)
{
	(void)state;
	assert_int_equal(run("echo a >&2; cat; ls -l /proc/self/fd/0 /proc/self/fd/2"),
			 0);
	assert_non_null(strstr(text(), "0 -> /dev/null"));
	assert_non_null(strstr(text(), "2 -> /dev/null"));
	assert_null(strstr(text(), "a\n"));
}

static void its_environment_is_ours_in_nothing(void **state)
{
	const char *const argv[] = {"/usr/bin/env", NULL};

	(void)state;
	setenv("LD_PRELOAD_X", "evil", 1);
	setenv("DPKG_ADMINDIR", "/nowhere", 1);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	assert_int_equal(tool_run(argv, child_clock_us() + 20 * SECOND, &out), 0);
	unsetenv("LD_PRELOAD_X");
	unsetenv("DPKG_ADMINDIR");
	unsetenv("LC_ALL");
	assert_string_equal(text(), "LC_ALL=C\nHOME=/\n"
				    "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
}

static void it_has_none_of_our_descriptors(void **state)
{
	int fd = open("/etc/passwd", O_RDONLY); /* without O_CLOEXEC */
	int high = fcntl(fd, F_DUPFD, 900);

	(void)state;
	assert_true(fd > 2 && high >= 900);
	/* The loop itself holds none: 3 and on would be what was left open. */
	assert_int_equal(run("for f in /proc/self/fd/*; do echo ${f##*/}; done"), 0);
	close(fd);
	close(high);
	assert_null(strstr(text(), "900"));
	assert_true(out.len <= strlen("0\n1\n2\n3\n"));
}

static void it_begins_in_the_root(void **state)
{
	(void)state;
	assert_int_equal(run("pwd"), 0);
	assert_string_equal(text(), "/\n");
}

static void expect_status(const char *line)
{
	if (!strstr(text(), line))
		fail_msg("no \"%s\" in\n%s", line, text());
}

static void expect_no_privilege(void)
{
	expect_status("CapInh:\t0000000000000000\n");
	expect_status("CapPrm:\t0000000000000000\n");
	expect_status("CapEff:\t0000000000000000\n");
	expect_status("CapAmb:\t0000000000000000\n");
	expect_status("NoNewPrivs:\t1\n");
}

static void it_has_no_privilege(void **state)
{
	static const gid_t groups[] = {7, 8};

	(void)state;
	if (geteuid() == 0)
		assert_int_equal(setgroups(2, groups), 0);
	assert_int_equal(run("exec /bin/cat /proc/self/status"), 0);
	expect_no_privilege();
	if (geteuid() == 0) {
		setgroups(0, NULL);
		expect_status("\nUid:\t65534\t65534\t65534\t65534\n");
		expect_status("\nGid:\t65534\t65534\t65534\t65534\n");
		expect_status("\nGroups:\t \n");
	}
}

/* In a child: root that has given up all capabilities, as check_stale does. */
static int run_without_capabilities(void)
{
	cap_t none = cap_init();

	if (!none || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || cap_set_proc(none) < 0)
		return 1;
	cap_free(none);
	if (run("exec /bin/cat /proc/self/status") != 0)
		return 2;
	return strstr(text(), "CapEff:\t0000000000000000\n") &&
			       strstr(text(), "CapPrm:\t0000000000000000\n")
		       ? 0
		       : 3;
}

/* In a child: nobody with a capability that would go on to what is run. */
static int run_with_ambient_capability(void)
{
	if (livechild_become(LIVECHILD_PTRACE) < 0)
		return 77;
	if (run("exec /bin/cat /proc/self/status") != 0)
		return 2;
	return strstr(text(), "CapEff:\t0000000000000000\n") &&
			       strstr(text(), "CapAmb:\t0000000000000000\n")
		       ? 0
		       : 3;
}

static void a_capability_that_would_be_inherited_is_not(void **state)
{
	int status = -1;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(run_with_ambient_capability());
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# skip %s: not root\n", __func__);
		skip();
	}
	assert_int_equal(status, 0);
}

static void root_without_capabilities_gets_none_back(void **state)
{
	int status = -1;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(run_without_capabilities());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void who_is_late_is_ended(void **state)
{
	const int64_t start = child_clock_us();

	(void)state;
	assert_int_equal(run_for(SECOND / 5, "echo a; exec /bin/sleep 1000"), -ETIME);
	assert_in_range(child_clock_us() - start, SECOND / 5, 10 * SECOND);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and reaped */
	/* The same when it has closed its output. */
	assert_int_equal(run_for(SECOND / 5, "exec >&-; exec /bin/sleep 1000"), -ETIME);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	/* That it ends by itself, too, is not to come first. */
	assert_int_equal(run_for(SECOND, "exec /bin/sleep 1000"), -ETIME);
}

static void it_is_not_even_waited_for_when_time_is_over(void **state)
{
	(void)state;
	assert_int_equal(run_for(-SECOND, "exec /bin/sleep 1000"), -ETIME);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void who_never_ends_to_talk_is_ended(void **state)
{
	(void)state;
	assert_int_equal(run("exec /usr/bin/yes"), -EFBIG);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_signal_is_no_status(void **state)
{
	(void)state;
	assert_int_equal(run("kill -9 $$"), -ECHILD);
}

static void what_is_not_there_is_127(void **state)
{
	const char *const argv[] = {"/nonexistent/dpkg-query", NULL};

	(void)state;
	assert_int_equal(tool_run(argv, child_clock_us() + 20 * SECOND, &out), 127);
}

/* A caller may have left it so; then there would be no status to be had. */
static void an_ignored_SIGCHLD_does_not_matter(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(run("exit 3"), 3);
}

static void it_does_not_inherit_blocked_signals(void **state)
{
	sigset_t all, before;

	(void)state;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	assert_int_equal(run("exec /bin/cat /proc/self/status"), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	expect_status("SigBlk:\t0000000000000000\n");
	/* posix_spawn(3) of glibc, which make uses, leaves its own two signals ignored. */
	if (!strstr(text(), "SigIgn:\t0000000180000000\n"))
		expect_status("SigIgn:\t0000000000000000\n");
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(output_and_status_come_back),
		TEST(what_it_says_to_stderr_is_lost),
		TEST(its_environment_is_ours_in_nothing),
		TEST(it_has_none_of_our_descriptors),
		TEST(it_begins_in_the_root),
		TEST(it_has_no_privilege),
		TEST(root_without_capabilities_gets_none_back),
		TEST(a_capability_that_would_be_inherited_is_not),
		TEST(who_is_late_is_ended),
		TEST(it_is_not_even_waited_for_when_time_is_over),
		TEST(who_never_ends_to_talk_is_ended),
		TEST(a_signal_is_no_status),
		TEST(what_is_not_there_is_127),
		TEST(an_ignored_SIGCHLD_does_not_matter),
		TEST(it_does_not_inherit_blocked_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
