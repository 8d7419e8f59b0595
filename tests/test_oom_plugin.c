/*
 * test_oom_plugin.c - every allocation of options and renderers made to fail in turn: each
 * time -ENOMEM, and nothing is lost (the sanitized run would tell of a leak).
 *
 * Linked with --wrap.
 */
#include "tests/test.h"

#include <errno.h>

#include "json.h"
#include "nagios.h"
#include "tests/support/oom.h"
#include "tests/support/parsed.h"
#include "tests/support/viewmake.h"

static int parse_lists(void *arg)
{
	static const char *const words[] = {
		"-i/a",     "-I/b",     "--library=c", "--pid=1,2",     "-w1",
		"--user=a", "--unit=b", "--process=c", "--container=d", "--why=+modified",
		NULL};
	struct parsed p;

	(void)arg;
	parsed_make(words, &p);
	parsed_release(&p);
	return p.rc;
}

/* The message is what memory is taken for. */
static int parse_mistake(void *arg)
{
	struct parsed p;

	parsed_make(arg, &p);
	parsed_release(&p);
	return p.rc == -EINVAL ? 0 : p.rc;
}

static void every_allocation_of_a_command_line_may_fail(void **state)
{
	static const char *const mistakes[][2] = {
		{"-wload=1", NULL}, {"-w2:1", NULL},
		{"--why=x", NULL},  {"--pid=1,x", NULL},
		{"x", NULL},        {"--nosuch", NULL},
		{"--kind=x", NULL}, {"--count=+user", NULL},
	};
	const char *words[2];

	(void)state;
	assert_in_range(oom_exhaust(parse_lists, NULL), 4, 100);
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		memcpy(words, mistakes[i], sizeof(words));
		assert_in_range(oom_exhaust(parse_mistake, words), 1, 100);
	}
}

struct renderer {
	struct viewmake m;
	struct verdict verdict;
	struct rules rules;
};

static int render_nagios(void *arg)
{
	struct renderer *r = arg;
	struct nagios nagios = {
		.limits = &r->rules.limits,
		.details = {3, true, true, false},
		.max_output = 2048,
	};
	struct buf out = BUF_INIT;
	int rc = nagios_render(&r->m.view, &r->verdict, &nagios, &out);

	buf_release(&out);
	return rc;
}

static int render_json(void *arg)
{
	struct renderer *r = arg;
	struct json json = {true, true};
	struct buf out = BUF_INIT;
	int rc = json_render(&r->m.view, &r->verdict, &json, &out);

	buf_release(&out);
	return rc;
}

/* Processes of two names, half of them not counted, and enough to make buffers grow. */
static void renderer_init(struct renderer *r, pid_t n)
{
	memset(r, 0, sizeof(*r));
	viewmake_init(&r->m);
	for (pid_t pid = 1; pid <= n; pid++) {
		const char *comm = pid % 3 ? "sshd" : "cron";
		struct stale_proc *proc =
			pid % 4 ? viewmake_proc(&r->m, pid, comm)
				: viewmake_unit(&r->m, pid, comm, STALE_SCOPE_SYSTEM,
						"ssh.service");

		proc->cmdline = "x\0y";
		proc->cmdline_len = 4;
		viewmake_file(&r->m, "/usr/lib/libssl.so.3",
			      pid % 2 ? STALE_DELETED : STALE_REINSTALLED, 60);
		viewmake_ignored(&r->m, pid, "/tmp/x", "rule");
	}
	viewmake_unreadable(&r->m, 99, EACCES);
	viewmake_count(&r->m);
	verdict_reach(&r->m.view, &r->rules, &r->verdict);
}

static void every_allocation_of_a_renderer_may_fail(void **state)
{
	static struct renderer r;

	(void)state;
	for (pid_t n = 0; n <= 20; n += 10) {
		renderer_init(&r, n);
		assert_in_range(oom_exhaust(render_nagios, &r), 1, 10000);
		assert_in_range(oom_exhaust(render_json, &r), 1, 20000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_of_a_command_line_may_fail),
		cmocka_unit_test(every_allocation_of_a_renderer_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
