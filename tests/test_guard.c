/*
 * test_guard.c - work that hangs, dies or fails in a child, and what its parent tells.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guard.h"

#define SECOND INT64_C(1000000) /* microseconds */
#define LONG   (60 * SECOND)

/* Work of the child alone. */
static int run(int (*child)(void *arg), void *arg, int64_t timeout_us,
	       const struct guard_tick *tick, struct guard_result *ret)
{
	const struct guard_work work = {.child = child, .arg = arg};

	return guard_run(&work, timeout_us, tick, ret);
}

static int return_arg(void *arg)
{
	return *(int *)arg;
}

/* Ignores what it can, and hangs. */
static int hang(void *arg)
{
	(void)arg;
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
	while (pause() < 0) {
	}
	return 0;
}

static int die(void *arg)
{
	raise(*(int *)arg);
	return 0;
}

static int write_shared(void *arg)
{
	*(volatile int *)arg = 4711;
	return hang(NULL);
}

static void the_result_of_the_work_comes_back(void **state)
{
	static const int rows[] = {0, -ENOENT, -ENOMEM, -ENOTSUP, -ESRCH, -EREMOTEIO};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct guard_result result = {.rc = 1};
		int rc = rows[i];

		assert_int_equal(run(return_arg, &rc, LONG, NULL, &result), 0);
		row_number("work", "rc", result.rc, rows[i]);
		row_number("work", "signal", result.signal, 0);
		row_number("work", "timed out", result.timed_out, 0);
		row_number("work", "took no time", result.elapsed_us <= 0, 0);
		row_number("work", "took too long", result.elapsed_us > 10 * SECOND, 0);
	}
}

static void the_signal_that_ended_the_work_comes_back(void **state)
{
	static const int rows[] = {SIGKILL, SIGTERM, SIGUSR1};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct guard_result result;
		int sig = rows[i];

		assert_int_equal(run(die, &sig, LONG, NULL, &result), 0);
		row_number("work", "signal", result.signal, rows[i]);
		row_number("work", "rc", result.rc, 0);
		row_number("work", "timed out", result.timed_out, 0);
	}
}

static void work_that_hangs_is_over_at_the_deadline(void **state)
{
	struct guard_result result;

	(void)state;
	assert_int_equal(run(hang, NULL, SECOND / 10, NULL, &result), 0);
	assert_true(result.timed_out);
	assert_int_equal(result.signal, 0);
	assert_true(result.elapsed_us >= SECOND / 10);
	assert_true(result.elapsed_us < 10 * SECOND);
	/* killed, and reaped */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void what_was_shared_before_is_there_after_a_hang(void **state)
{
	int *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct guard_result result;

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(run(write_shared, shared, SECOND / 2, NULL, &result), 0);
	assert_true(result.timed_out);
	assert_int_equal(*shared, 4711);
	munmap(shared, sizeof(*shared));
}

/* 0 to 2 are /dev/null; nothing else is open, near or far. */
static int look_for_descriptors(void *arg)
{
	int fd = *(int *)arg;

	for (int other = 3; other < 1024; other++) {
		if (fcntl(other, F_GETFD) >= 0)
			return -EEXIST;
	}
	return fcntl(fd, F_GETFD) >= 0 ? -EEXIST : 0;
}

static void the_child_holds_none_of_our_descriptors(void **state)
{
	struct guard_result result;
	int high;

	(void)state;
	high = fcntl(STDIN_FILENO, F_DUPFD, 900);
	assert_true(high >= 900);
	assert_int_equal(run(look_for_descriptors, &high, LONG, NULL, &result), 0);
	assert_int_equal(result.rc, 0);
	close(high);
}

static int say_something(void *arg)
{
	(void)arg;
	return write(STDOUT_FILENO, "x", 1) == 1 && write(STDERR_FILENO, "x", 1) == 1
		       ? 0
		       : -EIO;
}

static void what_the_child_prints_goes_nowhere(void **state)
{
	struct guard_result result;
	int ends[2], saved = dup(STDOUT_FILENO);
	struct pollfd pfd;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	assert_int_equal(run(say_something, NULL, LONG, NULL, &result), 0);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_int_equal(result.rc, 0);
	pfd = (struct pollfd){.fd = ends[0], .events = POLLIN};
	assert_int_equal(poll(&pfd, 1, 0), 0);
	close(ends[0]);
	close(ends[1]);
}

static int look_at_signals(void *arg)
{
	struct sigaction action;
	sigset_t mask;

	(void)arg;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int sig = 1; sig < NSIG; sig++) {
		if (sigismember(&mask, sig) == 1)
			return -EBUSY;
		if (sigaction(sig, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			return -EEXIST;
	}
	return 0;
}

static void the_child_has_default_signals_and_none_blocked(void **state)
{
	struct guard_result result;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	assert_int_equal(run(look_at_signals, NULL, LONG, NULL, &result), 0);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(result.rc, 0);
}

static void callers_that_ignore_SIGCHLD_get_a_result_too(void **state)
{
	struct guard_result result;
	int rc = -ESRCH;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(run(return_arg, &rc, LONG, NULL, &result), 0);
	assert_int_equal(result.rc, -ESRCH);
	assert_false(result.timed_out);
}

static void signals_are_blocked_afterwards_as_they_were_before(void **state)
{
	struct guard_result result;
	sigset_t before, after;
	int rc = 0;

	(void)state;
	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_int_equal(run(return_arg, &rc, LONG, NULL, &result), 0);
	sigprocmask(SIG_BLOCK, NULL, &after);
	for (int sig = 1; sig < NSIG; sig++)
		row_number("signal", "blocked", sigismember(&after, sig),
			   sigismember(&before, sig));
}

/* Another child of ours that ends does not end the wait. */
static void another_child_is_not_taken_for_ours(void **state)
{
	struct guard_result result;
	pid_t other = fork();

	(void)state;
	if (other == 0)
		_exit(7);
	assert_int_equal(run(hang, NULL, SECOND / 5, NULL, &result), 0);
	assert_true(result.timed_out);
	assert_int_equal(result.rc, 0);
	assert_int_equal(waitpid(other, NULL, 0), other);
}

static int tell_pid_and_hang(void *arg)
{
	*(volatile int *)arg = (int)syscall(SYS_getpid);
	return hang(NULL);
}

/* The parent of the guarded child; does not come back. */
static void guard_forever(int *shared)
{
	struct guard_result result;

	run(tell_pid_and_hang, shared, LONG, NULL, &result);
	_exit(0);
}

/* NRPE kills a plugin that takes too long: its child must not stay. */
static void the_child_is_killed_with_its_parent(void **state)
{
	volatile int *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec pause_ns = {.tv_nsec = 1000000};
	pid_t parent;
	int status;

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	/* The orphan becomes a child of ours: then waiting for it tells how it ended. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0)
		guard_forever((int *)(uintptr_t)shared);
	while (*shared == 0)
		nanosleep(&pause_ns, NULL);
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(waitpid(*shared, &status, 0), *shared);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	munmap((void *)(uintptr_t)shared, sizeof(*shared));
}

struct both {
	int *shared;  /* what the child wrote */
	int rc;       /* what the parent is to return */
	pid_t parent; /* who did; 0: nobody */
};

static int write_and_hang(void *arg)
{
	return write_shared(((struct both *)arg)->shared);
}

static int note_pid(void *arg)
{
	struct both *both = arg;

	both->parent = getpid();
	return both->rc;
}

/* The child would hang for a minute. */
static void a_parent_that_cannot_go_on_ends_it_all(void **state)
{
	int *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct both both = {.shared = shared, .rc = -EPERM};
	const struct guard_work work = {write_and_hang, note_pid, &both};
	struct guard_result result;

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	untouched_init(&result, sizeof(result));
	assert_int_equal(guard_run(&work, LONG, NULL, &result), -EPERM);
	assert_true(untouched(&result, sizeof(result)));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and reaped */
	both.rc = 0;
	assert_int_equal(guard_run(&work, SECOND / 5, NULL, &result), 0);
	assert_true(result.timed_out);
	assert_int_equal(both.parent, getpid());
	assert_int_equal(*shared, 4711);
	munmap(shared, sizeof(*shared));
}

static void count(void *arg)
{
	++*(int *)arg;
}

static void what_is_to_be_done_while_waiting_is_done_again_and_again(void **state)
{
	int ticks = 0, none = 0, rc = 0;
	const struct guard_tick tick = {count, &ticks, SECOND / 20};
	const struct guard_tick late = {count, &none, LONG};
	struct guard_result result;

	(void)state;
	assert_int_equal(run(hang, NULL, SECOND / 2, &tick, &result), 0);
	assert_true(result.timed_out);
	assert_in_range(ticks, 2, 10);
	assert_int_equal(run(return_arg, &rc, LONG, &late, &result), 0);
	assert_int_equal(none, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_result_of_the_work_comes_back),
		cmocka_unit_test(the_signal_that_ended_the_work_comes_back),
		cmocka_unit_test(work_that_hangs_is_over_at_the_deadline),
		cmocka_unit_test(what_was_shared_before_is_there_after_a_hang),
		cmocka_unit_test(the_child_holds_none_of_our_descriptors),
		cmocka_unit_test(what_the_child_prints_goes_nowhere),
		cmocka_unit_test(the_child_has_default_signals_and_none_blocked),
		cmocka_unit_test(callers_that_ignore_SIGCHLD_get_a_result_too),
		cmocka_unit_test(signals_are_blocked_afterwards_as_they_were_before),
		cmocka_unit_test(another_child_is_not_taken_for_ours),
		cmocka_unit_test(the_child_is_killed_with_its_parent),
		cmocka_unit_test(a_parent_that_cannot_go_on_ends_it_all),
		cmocka_unit_test(
			what_is_to_be_done_while_waiting_is_done_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
