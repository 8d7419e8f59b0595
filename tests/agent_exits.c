/*
 * agent_exits.c - the ends of processes, as the kernel tells them: children of the test.
 */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/exits.h"
#include "snmp/log.h"
#include "support/reportmake.h"

#define MANY 300

static struct stale_identity children[MANY];
static size_t nchildren;

/* 4242 (agent_exits) S 4241 ... 580139 ...: field 22. */
static uint64_t start_of(pid_t pid)
{
	char path[32], stat[1024] = "";
	const char *field = stat;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(stat, sizeof(stat), file));
	fclose(file);
	for (int i = 1; i < 22; i++)
		field = strchr(field, ' ') + 1;
	return strtoull(field, NULL, 10);
}

static void start(size_t n)
{
	assert_true(nchildren + n <= MANY);
	for (; n > 0; n--) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		children[nchildren++] =
			(struct stale_identity){.pid = pid, .start_ticks = start_of(pid)};
	}
}

static void end(size_t i)
{
	assert_int_equal(kill(children[i].pid, SIGKILL), 0);
	assert_int_equal(waitpid(children[i].pid, NULL, 0), children[i].pid);
	children[i].pid = -1;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < nchildren; i++)
		if (children[i].pid > 0)
			end(i);
	nchildren = 0;
	return 0;
}

/* Of children from first to last, without last. */
static struct stale_report *report_of(const struct stale_identity *list, size_t n)
{
	struct stale_report *report;
	struct reportmake m;

	reportmake_init(&m);
	for (size_t i = 0; i < n; i++) {
		reportmake_proc(&m, list[i].pid, "x")->start_ticks = list[i].start_ticks;
		reportmake_file(&m, "/lib/a", STALE_DELETED, 1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void watch(struct exits *exits, const struct stale_identity *list, size_t n)
{
	struct stale_report *report = report_of(list, n);

	assert_int_equal(exits_watch(exits, report), 0);
	stale_report_free(report);
}

static struct exits *make(size_t max)
{
	struct exits *exits;

	assert_int_equal(exits_new(max, &exits), 0);
	return exits;
}

static bool is_readable(const struct exits *exits, int ms)
{
	struct pollfd pfd = {.fd = exits_fd(exits), .events = POLLIN};

	return poll(&pfd, 1, ms) == 1;
}

/* Reads until so many have ended, and says how many times it is told of each. */
static void take(struct exits *exits, size_t n, struct stale_identity *ret)
{
	size_t got = 0;

	while (got < n) {
		const struct stale_identity *list;
		size_t more;

		assert_true(is_readable(exits, 5000));
		exits_read(exits);
		more = exits_take(exits, &list);
		assert_true(got + more <= n);
		if (more)
			memcpy(ret + got, list, more * sizeof(*list));
		got += more;
	}
	assert_false(is_readable(exits, 0));
}

static void row_identity(const char *label, const struct stale_identity *got,
			 const struct stale_identity *want)
{
	row_number(label, "pid", got->pid, want->pid);
	row_number(label, "start", got->start_ticks, want->start_ticks);
}

static void an_end_is_told_once_and_at_once(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	const struct stale_identity *list;
	struct stale_identity gone, ended;

	(void)state;
	start(3);
	watch(exits, children, 3);
	assert_int_equal(exits_count(exits), 3);
	assert_int_equal(exits_take(exits, &list), 0);
	assert_false(is_readable(exits, 0));
	ended = children[1];
	end(1);
	take(exits, 1, &gone);
	row_identity("ended", &gone, &ended);
	assert_int_equal(exits_take(exits, &list), 0);
	assert_int_equal(exits_count(exits), 2);
	exits_free(exits);
	exits_free(NULL);
}

static void a_zombie_has_ended(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	struct stale_identity gone;

	(void)state;
	start(1);
	watch(exits, children, 1);
	assert_int_equal(kill(children[0].pid, SIGKILL), 0);
	take(exits, 1, &gone); /* not waited for yet */
	row_identity("zombie", &gone, &children[0]);
	exits_free(exits);
}

static void one_that_has_ended_before_is_told(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	const struct stale_identity *list;
	struct stale_identity ended;

	(void)state;
	start(2);
	ended = children[0];
	{
		struct stale_report *report = report_of(children, 2);

		end(0);
		assert_int_equal(exits_watch(exits, report), 0);
		stale_report_free(report);
	}
	assert_int_equal(exits_take(exits, &list), 1);
	row_identity("ended before", list, &ended);
	assert_int_equal(exits_count(exits), 1);
	exits_free(exits);
}

/* The number was given to another process: that one is not to be waited for. */
static void a_reused_pid_has_ended(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	const struct stale_identity *list;
	struct stale_identity before;

	(void)state;
	start(1);
	before = children[0];
	before.start_ticks--;
	watch(exits, &before, 1);
	assert_int_equal(exits_take(exits, &list), 1);
	row_identity("reused", list, &before);
	assert_int_equal(exits_count(exits), 0);
	/* The same, while the other one is watched. */
	watch(exits, children, 1);
	assert_int_equal(exits_count(exits), 1);
	watch(exits, &before, 1);
	assert_int_equal(exits_take(exits, &list), 1);
	row_identity("reused while watched", list, &before);
	assert_int_equal(exits_count(exits), 0);
	exits_free(exits);
}

static size_t count_descriptors(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 8192; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void only_what_is_in_the_report_is_watched(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	size_t before = count_descriptors();

	(void)state;
	start(6);
	watch(exits, children, 4);
	assert_int_equal(count_descriptors(), before + 4);
	watch(exits, children + 2, 4); /* two stay, two go, two come */
	assert_int_equal(exits_count(exits), 4);
	assert_int_equal(count_descriptors(), before + 4);
	end(0);
	assert_false(is_readable(exits, 0));
	end(3);
	assert_true(is_readable(exits, 5000));
	assert_int_equal(exits_watch(exits, NULL), 0);
	assert_int_equal(exits_count(exits), 0);
	assert_int_equal(count_descriptors(), before);
	exits_free(exits);
}

static void what_is_not_taken_yet_is_not_lost(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	const struct stale_identity *list;

	(void)state;
	start(3);
	watch(exits, children, 3);
	end(0);
	assert_true(is_readable(exits, 5000));
	exits_read(exits);
	watch(exits, children + 1, 2);
	end(1);
	assert_true(is_readable(exits, 5000));
	exits_read(exits);
	assert_int_equal(exits_take(exits, &list), 2);
	exits_free(exits);
}

static void many_end_together(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	struct stale_identity gone[MANY];

	(void)state;
	start(MANY);
	watch(exits, children, MANY);
	assert_int_equal(exits_count(exits), MANY);
	for (size_t i = 0; i < MANY; i++)
		end(i);
	take(exits, MANY, gone);
	assert_int_equal(exits_count(exits), 0);
	exits_free(exits);
}

static void there_is_a_limit(void **state)
{
	struct exits *exits = make(5);
	struct stale_identity gone[5];

	(void)state;
	start(8);
	watch(exits, children, 8);
	assert_int_equal(exits_count(exits), 5);
	watch(exits, children, 8);
	assert_int_equal(exits_count(exits), 5);
	for (size_t i = 0; i < 5; i++)
		end(i); /* pids ascend, unless they have begun anew */
	take(exits, 5, gone);
	watch(exits, children + 5, 3);
	assert_int_equal(exits_count(exits), 3);
	exits_free(exits);
}

static void descriptors_are_left_for_others(void **state)
{
	struct rlimit limit, low;
	struct exits *exits;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	low.rlim_cur = low.rlim_max = 1024 + 128 + 3;
	if (fork() == 0) { /* the hard limit does not come back */
		int wrong;

		start(8);
		wrong = setrlimit(RLIMIT_NOFILE, &low) != 0 ||
			exits_new(EXITS_MAX, &exits) != 0;
		if (!wrong) {
			watch(exits, children, 8);
			wrong = exits_count(exits) != 3;
			exits_free(exits);
		}
		teardown(state);
		_exit(wrong);
	} else {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

static void low_descriptors_are_left_to_select(void **state)
{
	struct exits *exits = make(EXITS_MAX);
	size_t before = 0, after = 0;

	(void)state;
	for (int fd = 0; fd < 1024; fd++)
		before += fcntl(fd, F_GETFD) >= 0;
	start(4);
	watch(exits, children, 4);
	for (int fd = 0; fd < 1024; fd++)
		after += fcntl(fd, F_GETFD) >= 0;
	assert_int_equal(after, before);
	exits_free(exits);
}

static int group_setup(void **state)
{
	const char *wrong;

	(void)state;
	return log_parse("n", &wrong);
}

#define EXITS_TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXITS_TEST(an_end_is_told_once_and_at_once),
		EXITS_TEST(a_zombie_has_ended),
		EXITS_TEST(one_that_has_ended_before_is_told),
		EXITS_TEST(a_reused_pid_has_ended),
		EXITS_TEST(only_what_is_in_the_report_is_watched),
		EXITS_TEST(what_is_not_taken_yet_is_not_lost),
		EXITS_TEST(many_end_together),
		EXITS_TEST(there_is_a_limit),
		EXITS_TEST(descriptors_are_left_for_others),
		EXITS_TEST(low_descriptors_are_left_to_select),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
