/*
 * agent_outbox.c - what the SNMP side is told again, and what cannot be told.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "snmp/outbox.h"
#include "support/reportmake.h"

#define PROCS ((size_t)8 * WIRE_GONE_MAX)

static const struct wire_scan scan = {.time = REPORTMAKE_NOW, .duration_ms = 12};

struct both {
	struct outbox box;
	int end; /* of the SNMP side */
};

/* The kind of the next message, 0: there is none; and is it a report sent before? */
static unsigned hear_more(const struct both *both, bool *ret_again)
{
	struct wire_message message;
	int rc = wire_receive(both->end, &message);

	if (rc == -EAGAIN)
		return 0;
	assert_int_equal(rc, 1);
	*ret_again = message.kind == WIRE_REPORT && message.report.scan.again;
	if (message.kind == WIRE_REPORT)
		stale_report_free(message.report.report);
	return message.kind;
}

static unsigned hear(const struct both *both)
{
	bool again;

	return hear_more(both, &again);
}

static void connect_one(struct both *both)
{
	int ends[2];

	assert_int_equal(wire_open(ends), 0);
	both->end = ends[1];
	outbox_connect(&both->box, ends[0]);
	assert_int_equal(hear(both), WIRE_SETTINGS);
}

static void connect_another(struct both *both)
{
	outbox_disconnect(&both->box);
	close(both->end);
	connect_one(both);
}

static void start(struct both *both)
{
	outbox_init(&both->box);
	outbox_set_settings(&both->box, &(struct wire_settings){.interval = 300});
	connect_one(both);
}

static void end(struct both *both)
{
	outbox_release(&both->box);
	close(both->end);
}

static struct stale_report *make_report(void)
{
	struct reportmake m;
	struct stale_report *report;

	reportmake_init(&m);
	for (pid_t pid = 1; pid <= (pid_t)PROCS; pid++) {
		reportmake_proc(&m, pid, "x");
		reportmake_file(&m, "/usr/lib/liba.so.1", STALE_DELETED, 60);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void set_file_size(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_report_that_cannot_be_told_is_trouble(void **state)
{
	struct both both;

	(void)state;
	start(&both);
	signal(SIGXFSZ, SIG_IGN);
	set_file_size(4096);
	outbox_set_report(&both.box, make_report(), &scan);
	set_file_size(RLIM_INFINITY);
	assert_int_equal(hear(&both), WIRE_TROUBLE);
	assert_int_equal(hear(&both), 0);
	assert_int_equal(both.box.code, EFBIG);
	end(&both);
}

/* Else the report would say that there was a scan, and that it went well. */
static void a_report_that_is_sent_again_says_so(void **state)
{
	struct stale_identity *gone = calloc(PROCS, sizeof(*gone));
	unsigned reports = 0, others = 0;
	const struct stale_proc *procs;
	struct both both;
	bool again;
	size_t n;

	(void)state;
	assert_non_null(gone);
	start(&both);
	outbox_set_report(&both.box, make_report(), &scan);
	outbox_set_trouble(&both.box, WIRE_SCAN_DIED, SIGSEGV);
	assert_int_equal(hear(&both), WIRE_REPORT);
	assert_int_equal(hear(&both), WIRE_TROUBLE);
	procs = stale_report_procs(both.box.report, &n);
	for (size_t i = 0; i < n; i++)
		gone[i] = (struct stale_identity){procs[i].pid, procs[i].start_ticks};
	assert_int_equal(outbox_remove(&both.box, gone, n), 0);
	assert_true(outbox_waits(&both.box)); /* more than the wire holds */
	while (outbox_waits(&both.box)) {
		while (hear(&both) != 0)
			others++;
		outbox_flush(&both.box);
	}
	assert_true(others > 0);
	while (hear_more(&both, &again) == WIRE_REPORT) {
		assert_true(again);
		reports++;
	}
	assert_int_equal(reports, 1);
	/* Who starts anew has not heard of it. */
	connect_another(&both);
	assert_int_equal(hear_more(&both, &again), WIRE_REPORT);
	assert_false(again);
	assert_int_equal(hear(&both), WIRE_TROUBLE);
	end(&both);
	free(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_that_cannot_be_told_is_trouble),
		cmocka_unit_test(a_report_that_is_sent_again_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
