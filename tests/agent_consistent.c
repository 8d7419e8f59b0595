/*
 * agent_consistent.c - what is published changes while a request is answered: a real snmpd
 * asks for one GETBULK in many pieces.
 */
#include "test.h"

#include "support/manager.h"
#include "support/rowagent.h"

#include <signal.h>

#include "support/agentd.h"
#include "support/live.h"
#include "support/published.h"
#include "support/reportmake.h"

#define SERIAL "1.1.2"
#define UID    "1.3.1.5" /* a column */

#define SNAPSHOTS 64
#define ROWS      100 /* of each */
#define ASKED     90  /* of these */
#define PERIOD_US 5000
#define REQUESTS  300

/* Each row has the number of its snapshot for a user. */
static struct snapshot *make_snapshot(uint32_t serial)
{
	struct snapshot_source source;
	struct stale_report *report;
	struct snapshot *snapshot;
	struct reportmake m;

	reportmake_init(&m);
	for (pid_t pid = 1; pid <= ROWS; pid++) {
		reportmake_proc(&m, pid, "worker")->uid = serial;
		reportmake_file(&m, "/usr/lib/libx.so.1", STALE_DELETED, 60);
	}
	report = reportmake_report(&m);
	source = published_source(report);
	source.scan.serial = serial;
	snapshot = published_make(&source);
	stale_report_free(report);
	reportmake_release(&m);
	return snapshot;
}

static int serve(char **argv)
{
	struct snapshot *list[SNAPSHOTS];
	struct rowagent agent = {.list = list, .n = SNAPSHOTS, .period_us = PERIOD_US};

	for (uint32_t i = 0; i < SNAPSHOTS; i++)
		list[i] = make_snapshot(i + 1);
	return rowagent_serve(&agent, argv);
}

struct seen {
	unsigned mixed;   /* requests with values of more than one snapshot */
	unsigned changes; /* requests with another snapshot than the one before */
	long last;
};

static void see(const struct agentd *d, const netsnmp_pdu *response, struct seen *seen)
{
	const netsnmp_variable_list *var = response->variables;
	const long serial = var ? *var->val.integer : 0;
	bool is_mixed = false;
	size_t n = 0;

	if (var)
		for (var = var->next_variable; var; var = var->next_variable, n++) {
			assert_int_equal(var->type, ASN_UNSIGNED);
			is_mixed = is_mixed || *var->val.integer != serial;
		}
	if (n != ASKED)
		agentd_fail(d, "a GETBULK brought %zu rows", n);
	seen->mixed += is_mixed;
	seen->changes += serial != seen->last;
	seen->last = serial;
}

static struct seen ask(const struct manager *m, const char *label)
{
	const struct manager_name serial = manager_name(m->d, SERIAL);
	const struct manager_name uid = manager_name(m->d, UID);
	double began = agentd_clock(), took;
	struct seen seen = {0};

	for (int i = 0; i < REQUESTS; i++) {
		netsnmp_pdu *response = manager_bulk(m, &serial, &uid, ASKED);

		if (!response)
			agentd_fail(m->d, "a GETBULK had no answer");
		see(m->d, response, &seen);
		snmp_free_pdu(response);
	}
	took = agentd_clock() - began;
	print_message("consistency: %s: %u of %d GETBULKs of %d rows are mixed; %u times "
		      "another snapshot, %.1f ms each\n",
		      label, seen.mixed, REQUESTS, ASKED, seen.changes,
		      took * 1000 / REQUESTS);
	return seen;
}

static void no_getbulk_mixes_two_snapshots(void **state)
{
	struct agentd *d = *state;
	char *self = live_built("tests/agent_consistent");
	struct seen seen;
	struct manager m;

	d->program = self;
	agentd_start_both(d, NULL);
	manager_open(&m, d);
	seen = ask(&m, "pinned");
	assert_int_equal(seen.mixed, 0);
	assert_true(seen.changes > REQUESTS / 10);
	/* Else nothing would have been seen in any case. */
	agentd_signal(d, AGENTD_AGENT, SIGUSR1);
	seen = ask(&m, "without pins");
	assert_true(seen.mixed > REQUESTS / 50);
	manager_close(&m);
	free(self);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		AGENTD_TEST(no_getbulk_mixes_two_snapshots),
	};

	if (rowagent_is_wanted(argc, argv))
		return serve(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
