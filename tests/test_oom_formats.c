/*
 * test_oom_formats.c - every allocation of the further formats, of the question for
 * packages and of the writing of a file made to fail in turn: each time -ENOMEM, and
 * nothing is lost (the sanitized run would tell of a leak).
 *
 * Linked with --wrap.
 */
#include "tests/test.h"

#include <errno.h>
#include <unistd.h>

#include "child.h"
#include "human.h"
#include "lists.h"
#include "machine.h"
#include "output.h"
#include "packages.h"
#include "prometheus.h"
#include "tests/support/oom.h"
#include "tests/support/viewmake.h"
#include "tool.h"

static struct viewmake m;
static struct verdict verdict;

static int render_human(void *arg)
{
	const struct human human = {.verbose = 1, .width = 80, .colour = true};
	struct buf out = BUF_INIT;
	int rc = human_render(&m.view, &verdict, &human, &out);

	(void)arg;
	buf_release(&out);
	return rc;
}

static int render_prometheus(void *arg)
{
	struct buf out = BUF_INIT;
	int rc = prometheus_render(&m.view, &verdict, &out);

	(void)arg;
	buf_release(&out);
	return rc;
}

static int render_view(int (*render)(const struct view *view, struct buf *out))
{
	struct buf out = BUF_INIT;
	int rc = render(&m.view, &out);

	buf_release(&out);
	return rc;
}

static int render_machine(void *arg)
{
	(void)arg;
	return render_view(machine_render);
}

static int render_pids(void *arg)
{
	(void)arg;
	return render_view(lists_render_pids);
}

static int render_names(void *arg)
{
	(void)arg;
	return render_view(lists_render_names);
}

/* Enough to make buffers grow. */
static void make_view(pid_t n)
{
	const struct rules rules = {.unreadable = STATE_UNKNOWN};

	memset(&m, 0, sizeof(m));
	viewmake_init(&m);
	for (pid_t pid = 1; pid <= n; pid++) {
		struct stale_proc *proc =
			viewmake_unit(&m, pid, pid % 3 ? "sshd" : "cron",
				      STALE_SCOPE_SYSTEM, "ssh.service");

		proc->cmdline = pid % 2 ? "x\0y" : "";
		proc->cmdline_len = pid % 2 ? 4 : 0;
		viewmake_file(&m, "/usr/lib/libssl.so.3",
			      pid % 2 ? STALE_DELETED : STALE_REINSTALLED, 60);
	}
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &verdict);
}

static void every_allocation_of_a_format_may_fail(void **state)
{
	static int (*const steps[])(void *arg) = {render_human, render_prometheus,
						  render_machine, render_pids,
						  render_names};

	(void)state;
	for (pid_t n = 0; n <= 20; n += 10) {
		make_view(n);
		for (size_t i = 0; i < ARRAY_LEN(steps); i++)
			assert_in_range(oom_exhaust(steps[i], NULL), n ? 1 : 0, 10000);
	}
}

static int find_packages(void *arg)
{
	static const char *const paths[] = {"/bin/sh", "/usr/bin/dpkg", "/bin/ls",
					    "/nonexistent"};
	struct packages *packages = NULL;
	int rc = packages_find(paths, ARRAY_LEN(paths), child_clock_us() + 60000000,
			       &packages);

	(void)arg;
	if (rc < 0)
		assert_null(packages);
	packages_free(packages);
	return rc;
}

static void every_allocation_of_a_question_for_packages_may_fail(void **state)
{
	(void)state;
	assert_in_range(oom_exhaust(find_packages, NULL), 5, 1000);
}

static int write_file(void *arg)
{
	char message[64];

	return output_write(arg, "x", 1, message, sizeof(message));
}

static void every_allocation_of_writing_a_file_may_fail(void **state)
{
	char path[] = "/tmp/test_oom_formats.XXXXXX";
	int fd = mkstemp(path);
	long n;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	n = oom_exhaust(write_file, path);
	unlink(path);
	assert_in_range(n, 2, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_of_a_format_may_fail),
		cmocka_unit_test(every_allocation_of_a_question_for_packages_may_fail),
		cmocka_unit_test(every_allocation_of_writing_a_file_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
