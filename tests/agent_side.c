/*
 * agent_side.c - the SNMP side alone, below a real snmpd: the test is its keeper, and says
 * what was found.
 */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/agent.h"
#include "snmp/log.h"
#include "snmp/mib.h"
#include "snmp/wire.h"
#include "support/agentd.h"
#include "support/reportmake.h"
#include "support/sidealone.h"

#define STATUS      "1.1.1.0"
#define SERIAL      "1.1.2.0"
#define COMPLETIONS "1.1.7.0"
#define FAILURES    "1.1.8.0"
#define PROCESSES   "1.2.2.0"
#define CHILDREN    8

static struct stale_identity children[CHILDREN]; /* that are stale; pid 0: none */

static void end_child(size_t i)
{
	assert_int_equal(kill(children[i].pid, SIGKILL), 0);
	waitpid(children[i].pid, NULL, 0);
	children[i].pid = 0;
}

static void end_side(struct side *side)
{
	for (size_t i = 0; i < CHILDREN; i++)
		if (children[i].pid)
			end_child(i);
	side_end(side);
}

static void what_is_told_is_answered(void **state)
{
	struct side side;
	const struct wire_message gone = {
		.kind = WIRE_GONE,
		.gone = {.list = {{101, 100}, {103, 99}}, .n = 2},
	};
	const struct wire_message trouble = {
		.kind = WIRE_TROUBLE,
		.trouble = {.what = WIRE_SCAN_HANGS},
	};
	int64_t serial;

	side_start(&side, *state);
	side_tell_settings(&side, false, 0);
	agentd_until(side.d, STATUS, SNAPSHOT_NEVER, 10);
	side_tell_report(&side, side_report(100, 4));
	agentd_until(side.d, PROCESSES, 4, 2);
	assert_int_equal(agentd_number(side.d, STATUS), SNAPSHOT_COMPLETE);
	serial = agentd_number(side.d, SERIAL);
	side_tell(&side, &gone);
	agentd_until(side.d, PROCESSES, 3, 1); /* 103 is another one */
	assert_int_equal(agentd_number(side.d, SERIAL), serial + 1);
	assert_int_equal(agentd_number(side.d, COMPLETIONS), 1);
	side_tell(&side, &trouble);
	agentd_until(side.d, STATUS, SNAPSHOT_FAILED, 1);
	assert_int_equal(agentd_number(side.d, FAILURES), 1);
	assert_int_equal(agentd_number(side.d, PROCESSES), 3);
	side_tell_report(&side, side_report(100, 2));
	agentd_until(side.d, STATUS, SNAPSHOT_COMPLETE, 1);
	assert_int_equal(agentd_number(side.d, PROCESSES), 2);
	end_side(&side);
}

/* What executes another program is not stale for a moment, and keeps its identity. */
static void a_process_that_is_told_again_after_it_was_gone_is_shown(void **state)
{
	const struct wire_message gone = {
		.kind = WIRE_GONE,
		.gone = {.list = {{101, 100}}, .n = 1},
	};
	struct side side;

	side_start(&side, *state);
	side_tell_settings(&side, false, 0);
	agentd_until(side.d, STATUS, SNAPSHOT_NEVER, 10);
	side_tell_report(&side, side_report(100, 4));
	agentd_until(side.d, COMPLETIONS, 1, 2);
	side_tell(&side, &gone);
	side_tell_report(&side, side_report(100, 4));
	agentd_until(side.d, COMPLETIONS, 2, 2);
	assert_int_equal(agentd_number(side.d, PROCESSES), 4);
	end_side(&side);
}

static void garbage_counts_as_a_failure_and_is_not_the_end(void **state)
{
	static const char garbage[] = "this is no message";
	struct side side;

	side_start(&side, *state);
	side_tell_settings(&side, false, 0);
	side_tell_report(&side, side_report(100, 1));
	agentd_until(side.d, PROCESSES, 1, 10);
	assert_true(send(side.wire, garbage, sizeof(garbage), 0) > 0);
	agentd_until(side.d, FAILURES, 1, 1);
	agentd_until_logged(side.d, AGENTD_AGENT, "a message of the keeper is lost", 1);
	assert_int_equal(agentd_number(side.d, PROCESSES), 1);
	side_tell_report(&side, side_report(100, 2));
	agentd_until(side.d, PROCESSES, 2, 1);
	end_side(&side);
}

static void it_ends_with_the_wire_and_with_a_signal(void **state)
{
	struct side side;

	side_start(&side, *state);
	side_tell_settings(&side, false, 0);
	agentd_until(side.d, STATUS, SNAPSHOT_NEVER, 10);
	assert_int_equal(kill(side.pid, SIGHUP), 0); /* the keeper's */
	agentd_until(side.d, STATUS, SNAPSHOT_NEVER, 1);
	assert_int_equal(kill(side.pid, SIGTERM), 0);
	assert_int_equal(side_wait(&side), 0);
	close(side.wire);
}

/* 4242 (agent_side) S 4241 ... 580139 ...: field 22. */
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

static void start_children(void)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		children[i].pid = pid;
		children[i].start_ticks = start_of(pid);
	}
}

static struct stale_report *report_of_children(void)
{
	struct stale_report *report;
	struct reportmake m;

	reportmake_init(&m);
	for (size_t i = 0; i < CHILDREN; i++) {
		reportmake_proc(&m, children[i].pid, "x")->start_ticks =
			children[i].start_ticks;
		reportmake_file(&m, "/lib/a", STALE_DELETED, 1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void processes_that_end_leave_at_once_and_together(void **state)
{
	struct side side;
	int64_t serial;
	double took;

	side_start(&side, *state);
	start_children();
	side_tell_settings(&side, true, 0);
	side_tell_report(&side, report_of_children());
	agentd_until(side.d, PROCESSES, CHILDREN, 10);
	serial = agentd_number(side.d, SERIAL);
	for (size_t i = 0; i < 5; i++)
		end_child(i);
	took = agentd_until(side.d, PROCESSES, CHILDREN - 5, 1);
	print_message("# gone from the table after %.3f s\n", took);
	assert_int_equal(agentd_number(side.d, SERIAL), serial + 1);
	end_child(5);
	agentd_until(side.d, PROCESSES, CHILDREN - 6, 1);
	assert_int_equal(agentd_number(side.d, SERIAL), serial + 2);
	end_side(&side);
}

/* Between the scan and its report. */
static void processes_that_have_ended_are_never_shown(void **state)
{
	struct stale_report *report;
	struct side side;
	int64_t serial;

	side_start(&side, *state);
	start_children();
	side_tell_settings(&side, true, 0);
	agentd_until(side.d, STATUS, SNAPSHOT_NEVER, 10);
	serial = agentd_number(side.d, SERIAL);
	report = report_of_children();
	end_child(0);
	end_child(7);
	side_tell_report(&side, report);
	agentd_until_not(side.d, STATUS, SNAPSHOT_NEVER, 2);
	assert_int_equal(agentd_number(side.d, PROCESSES), CHILDREN - 2);
	assert_int_equal(agentd_number(side.d, SERIAL), serial + 1);
	end_side(&side);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* As snmptrapd writes the value of snmpTrapOID.0; more objects follow on the line. */
static char *trap_text(const struct agentd *d, const char *oid)
{
	char *full = agentd_oid(d, oid), *text;

	assert_true(asprintf(&text, "= OID: %s\t", full) > 0);
	free(full);
	return text;
}

static void row_traps(const struct agentd *d, const char *label, const char *oid,
		      unsigned want)
{
	char *log = agentd_log(d, AGENTD_TRAPD), *text = trap_text(d, oid);

	row_number(label, oid, count(log, text), want);
	free(text);
	free(log);
}

static void until_trap(const struct agentd *d, const char *oid)
{
	char *text = trap_text(d, oid);

	agentd_until_logged(d, AGENTD_TRAPD, text, 5);
	free(text);
}

static void managers_are_told_once_and_also_after_the_master_was_away(void **state)
{
	const uint32_t all = 1U << MIB_CHANGED | 1U << MIB_CLEARED;
	struct agentd *d = *state;
	struct side side;

	agentd_start(d, AGENTD_TRAPD, NULL);
	agentd_wait(d, AGENTD_TRAPD);
	side_start(&side, d);
	side_tell_settings(&side, false, all);
	agentd_until(d, STATUS, SNAPSHOT_NEVER, 10);
	side_tell_report(&side, side_report(100, 500));
	until_trap(d, "0.1");
	side_tell_report(&side, side_report(100, 501)); /* too early to be told */
	agentd_until(d, PROCESSES, 501, 2);
	row_traps(d, "a storm", "0.1", 1);
	agentd_end(d, AGENTD_SNMPD, SIGKILL, NULL);
	side_tell_report(&side, side_report(100, 0));
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	until_trap(d, "0.2");
	row_traps(d, "cleared", "0.2", 1);
	row_traps(d, "changed", "0.1", 1);
	end_side(&side);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTD_TEST(what_is_told_is_answered),
		AGENTD_TEST(a_process_that_is_told_again_after_it_was_gone_is_shown),
		AGENTD_TEST(garbage_counts_as_a_failure_and_is_not_the_end),
		AGENTD_TEST(it_ends_with_the_wire_and_with_a_signal),
		AGENTD_TEST(processes_that_end_leave_at_once_and_together),
		AGENTD_TEST(processes_that_have_ended_are_never_shown),
		AGENTD_TEST(managers_are_told_once_and_also_after_the_master_was_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
