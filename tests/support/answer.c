/*
 * answer.c - a view made by hand and what check_stale prints of it for Nagios.
 */
#include "answer.h"

#include <string.h>

#include "golden.h"
#include "grammar.h"
#include "tests/test.h"

void answer_begin(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	viewmake_init(&answer->m);
	answer->rules.unreadable = STATE_UNKNOWN;
	answer->rules.timeout = STATE_UNKNOWN;
	answer->rules.limits.warning[METRIC_PROCESSES].set = true;
	answer->nagios.limits = &answer->rules.limits;
	answer->nagios.max_output = 4096;
}

void answer_render(struct answer *answer, const char *label)
{
	char why[128] = "";
	int rc;

	buf_release(&answer->out);
	viewmake_count(&answer->m);
	verdict_reach(&answer->m.view, &answer->rules, &answer->verdict);
	rc = nagios_render(&answer->m.view, &answer->verdict, &answer->nagios,
			   &answer->out);
	row_number(label, "rc", rc, 0);
	rc = grammar_check(answer->out.s, answer->out.len, answer->nagios.max_output, why,
			   sizeof(why));
	if (rc < 0)
		print_error("%s: %s in\n%s\n", label, why, answer->out.s);
	assert_int_equal(rc, 0);
}

void answer_expect_head(struct answer *answer, const char *want)
{
	const char *bar;

	answer_render(answer, want);
	bar = strchr(answer->out.s, '|');
	row_text(want, "head", answer->out.s, (size_t)(bar - answer->out.s) - 1, want);
}

void answer_expect_golden(struct answer *answer, const char *name)
{
	answer_render(answer, name);
	assert_int_equal(golden_check(name, answer->out.s, answer->out.len), 0);
}

void answer_add_sshd(struct answer *answer)
{
	static const pid_t pids[] = {812, 977};

	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		struct stale_file *file;

		viewmake_proc(&answer->m, pids[i], "sshd")->exe = "/usr/sbin/sshd";
		file = viewmake_file(&answer->m,
				     "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
				     STALE_REPLACED, 93600);
		file->successor = file->path;
		viewmake_file(&answer->m, "/usr/lib/x86_64-linux-gnu/libssl.so.3",
			      STALE_REPLACED, 93600);
	}
}
