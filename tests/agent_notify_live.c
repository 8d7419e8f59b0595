/*
 * agent_notify_live.c - what really arrives at a manager, from real processes through a
 * real snmpd at snmptrapd.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentlive.h"
#include "support/crowd.h"
#include "support/procuse.h"

#define STATUS      "1.1.1.0"
#define SERIAL      "1.1.2.0"
#define COMPLETIONS "1.1.7.0"
#define FAILURES    "1.1.8.0"
#define PROCESSES   "1.2.2.0"
#define SERVICES    "1.2.3.0"
#define FILES       "1.2.6.0"
#define UNREADABLE  "1.2.10.0"
#define APPEARED    "1.6.1.0"
#define CLEARED     "1.6.2.0"

#define TRAP_CHANGED "0.1"
#define TRAP_CLEARED "0.2"
#define TRAP_TROUBLE "0.3"

#define LIB    "libold.so.1"
#define STORM  500
#define EVER_S 20

static struct crowd crowd;

/* One line of snmptrapd: "NAME = TYPE: VALUE", tabs between them.  Owned; NULL: none. */
static char *find_trap(const struct agentd *d, const char *what, unsigned *ret_count)
{
	char *log = agentd_log(d, AGENTD_TRAPD), *name = agentd_oid(d, what);
	char *found = NULL, *want;

	*ret_count = 0;
	assert_true(asprintf(&want, "= OID: %s\t", name) > 0);
	for (const char *at = log; (at = strstr(at, want)) != NULL; at++) {
		const char *line = at;

		while (line > log && line[-1] != '\n')
			line--;
		free(found);
		found = strndup(line, strcspn(line, "\n"));
		++*ret_count;
	}
	free(name);
	free(want);
	free(log);
	return found;
}

static unsigned count_traps(const struct agentd *d, const char *what)
{
	unsigned count;

	free(find_trap(d, what, &count));
	return count;
}

/* The first one; owned. */
static char *until_trap(const struct agentd *d, const char *what)
{
	double end = agentd_clock() + EVER_S;
	unsigned count;
	char *trap;

	while ((trap = find_trap(d, what, &count)) == NULL) {
		if (agentd_clock() > end)
			agentd_fail(d, "%s did not arrive", what);
		agentd_pause(0.02);
	}
	return trap;
}

struct value {
	const char *name;
	int64_t number; /* -1: any */
};

/* These objects are in a trap, in that order, and no others after them. */
static void check_trap(const struct agentd *d, const char *trap,
		       const struct value *values)
{
	const char *at = trap;

	for (; values->name; values++) {
		char *name = agentd_oid(d, values->name), *want;
		const char *number;

		assert_true(asprintf(&want, "\t%s = ", name) > 0);
		at = strstr(at, want);
		if (!at)
			agentd_fail(d, "no %s, or not in its place: %s", name, trap);
		number = strchr(at + strlen(want), ' ');
		assert_non_null(number);
		if (values->number >= 0)
			row_number(values->name, "value", strtoll(number, NULL, 10),
				   values->number);
		at = at + strlen(want);
		free(want);
		free(name);
	}
	if (strchr(at, '\t'))
		agentd_fail(d, "more than wanted:%s", strchr(at, '\t'));
}

/* It is of a snapshot after that one, and not after the one that there is now. */
static int64_t check_serial(const struct agentd *d, const char *trap, int64_t before)
{
	const char *at = strstr(trap, SERIAL " = ");
	int64_t serial;

	assert_non_null(at);
	serial = strtoll(strchr(strchr(at, ':'), ' '), NULL, 10);
	assert_in_range(serial, before + 1, agentd_number(d, SERIAL));
	return serial;
}

static void until_least(const struct agentd *d, const char *name, int64_t least)
{
	double end = agentd_clock() + EVER_S;

	while (agentd_number(d, name) < least) {
		if (agentd_clock() > end)
			agentd_fail(d, "%s is less than %" PRId64, name, least);
		agentd_pause(0.02);
	}
}

static void until_scanned(const struct agentd *d)
{
	pid_t keeper = d->daemons[AGENTD_AGENT].pid;
	double end = agentd_clock() + EVER_S;

	/* One may have begun before; the next one has not. */
	for (int n = 0; n < 2; n++) {
		int64_t faults = procuse_children(keeper);

		while (procuse_children(keeper) == faults && agentd_clock() < end)
			agentd_pause(0.02);
		assert_true(agentd_clock() < end);
	}
}

static void start_snmpd(struct agentd *d)
{
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
}

/* Also where a sanitizer would tell what it has found. */
static void end_well(struct agentd *d)
{
	int status;

	agentd_end(d, AGENTD_AGENT, SIGTERM, &status);
	assert_int_equal(status, 0);
}

static void start(struct agentlive *both, const char *interval, const char *notify)
{
	struct agentd *d = both->d;

	agentd_start(d, AGENTD_TRAPD, NULL);
	agentd_wait(d, AGENTD_TRAPD);
	start_snmpd(d);
	agentd_start(d, AGENTD_AGENT,
		     (const char *const[]){both->select, interval, notify, NULL});
	agentd_wait(d, AGENTD_AGENT);
	/* The folders are watched when the scan after the first is over. */
	until_least(d, COMPLETIONS, 2);
}

static void replace(const struct agentlive *both, const char *name)
{
	live_lib(both->live, "new", NULL, 'b');
	live_rename(both->live, "new", name);
}

static void a_change_and_its_end_arrive_with_their_objects(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *process = agentlive_start(both, LIB);
	int64_t serial;
	char *trap;

	start(both, "--interval=3600", "--notify=all");
	serial = agentd_number(d, SERIAL);
	replace(both, LIB);
	trap = until_trap(d, TRAP_CHANGED);
	check_trap(d, trap,
		   (const struct value[]){{SERIAL, -1},
					  {PROCESSES, 1},
					  {SERVICES, agentd_number(d, SERVICES)},
					  {FILES, 1},
					  {APPEARED, 1},
					  {CLEARED, 0},
					  {0}});
	serial = check_serial(d, trap, serial);
	free(trap);
	live_stop(both->live, process);
	trap = until_trap(d, TRAP_CLEARED);
	check_trap(d, trap, (const struct value[]){{SERIAL, -1}, {CLEARED, 1}, {0}});
	check_serial(d, trap, serial);
	free(trap);
	assert_int_equal(count_traps(d, TRAP_CHANGED), 1);
	assert_int_equal(count_traps(d, TRAP_CLEARED), 1);
	assert_int_equal(count_traps(d, TRAP_TROUBLE), 0);
	end_well(d);
}

static void a_storm_of_processes_is_told_once(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	char *path = live_path(both->live, LIB), *trap;
	double began;

	live_lib(both->live, LIB, NULL, 'a');
	crowd_start(&crowd, STORM, both->name, path);
	start(both, "--interval=3600", "--notify=all");
	began = agentd_clock();
	replace(both, LIB);
	trap = until_trap(d, TRAP_CHANGED);
	print_message("# notify: %d processes became stale at once: told after %.2f s\n",
		      STORM, agentd_clock() - began);
	check_trap(d, trap,
		   (const struct value[]){{SERIAL, -1},
					  {PROCESSES, STORM},
					  {SERVICES, -1},
					  {FILES, 1},
					  {APPEARED, STORM},
					  {CLEARED, 0},
					  {0}});
	free(trap);
	crowd_end(&crowd);
	trap = until_trap(d, TRAP_CLEARED);
	check_trap(d, trap, (const struct value[]){{SERIAL, -1}, {CLEARED, STORM}, {0}});
	free(trap);
	assert_int_equal(count_traps(d, TRAP_CHANGED), 1);
	assert_int_equal(count_traps(d, TRAP_CLEARED), 1);
	free(path);
	end_well(d);
}

static void nothing_is_told_unless_it_is_asked_for(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *process = agentlive_start(both, LIB);

	start(both, "--interval=3600", NULL);
	replace(both, LIB);
	agentd_until(d, PROCESSES, 1, EVER_S);
	live_stop(both->live, process);
	agentd_until(d, PROCESSES, 0, EVER_S);
	/* snmpd's own word that it ends comes after all that it was given to tell. */
	agentd_end(d, AGENTD_SNMPD, SIGTERM, NULL);
	agentd_until_logged(d, AGENTD_TRAPD, "= OID: .1.3.6.1.4.1.8072.4.0.2", EVER_S);
	assert_int_equal(count_traps(d, TRAP_CHANGED), 0);
	assert_int_equal(count_traps(d, TRAP_CLEARED), 0);
	assert_int_equal(count_traps(d, TRAP_TROUBLE), 0);
	end_well(d);
}

static void what_happened_while_the_master_was_away_is_told_after_it(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *process = agentlive_start(both, LIB);
	char *trap;

	start(both, "--interval=1", "--notify=all");
	agentd_end(d, AGENTD_SNMPD, SIGKILL, NULL);
	replace(both, LIB);
	until_scanned(d);
	assert_int_equal(count_traps(d, TRAP_CHANGED), 0);
	start_snmpd(d);
	trap = until_trap(d, TRAP_CHANGED);
	check_trap(d, trap,
		   (const struct value[]){{SERIAL, -1},
					  {PROCESSES, 1},
					  {SERVICES, -1},
					  {FILES, 1},
					  {APPEARED, 1},
					  {CLEARED, 0},
					  {0}});
	free(trap);
	agentd_end(d, AGENTD_SNMPD, SIGKILL, NULL);
	live_stop(both->live, process);
	until_scanned(d);
	start_snmpd(d);
	trap = until_trap(d, TRAP_CLEARED);
	check_trap(d, trap, (const struct value[]){{SERIAL, -1}, {CLEARED, 1}, {0}});
	free(trap);
	assert_int_equal(count_traps(d, TRAP_CHANGED), 1);
	assert_int_equal(count_traps(d, TRAP_CLEARED), 1);
	end_well(d);
}

/* Five minutes between two of a kind: what came meanwhile and is over is not told. */
static void a_second_change_waits_and_the_end_is_told_at_once(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *first = agentlive_start(both, LIB);
	struct live_process *second = agentlive_start(both, "libother.so.1");
	char *trap;

	start(both, "--interval=1", "--notify=all");
	live_unlink(both->live, LIB);
	free(until_trap(d, TRAP_CHANGED));
	live_unlink(both->live, "libother.so.1");
	agentd_until(d, PROCESSES, 2, EVER_S);
	live_stop(both->live, first);
	agentd_until(d, PROCESSES, 1, EVER_S);
	live_stop(both->live, second);
	trap = until_trap(d, TRAP_CLEARED);
	check_trap(d, trap, (const struct value[]){{SERIAL, -1}, {CLEARED, 1}, {0}});
	free(trap);
	assert_int_equal(count_traps(d, TRAP_CHANGED), 1);
	assert_int_equal(count_traps(d, TRAP_CLEARED), 1);
	end_well(d);
}

static void a_scan_that_fails_is_told_once(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *process = agentlive_start(both, LIB);
	char option[PATH_MAX + 32];
	char *trap;

	live_mkdir(both->live, "none");
	live_symlink(both->live, "/proc", "proc");
	live_unlink(both->live, LIB);
	snprintf(option, sizeof(option), "--proc-root=%s/proc", both->live->dir);
	agentd_start(d, AGENTD_TRAPD, NULL);
	agentd_wait(d, AGENTD_TRAPD);
	agentd_start_both(d, (const char *const[]){both->select, option, "--interval=1",
						   "--notify=all", NULL});
	free(until_trap(d, TRAP_CHANGED));
	for (int i = 0; i < 2; i++) { /* the second time is too soon */
		live_rename(both->live, "proc", "real");
		live_rename(both->live, "none", "proc");
		agentd_until(d, STATUS, SNAPSHOT_FAILED, EVER_S);
		trap = until_trap(d, TRAP_TROUBLE);
		live_rename(both->live, "proc", "none");
		live_rename(both->live, "real", "proc");
		agentd_until(d, STATUS, SNAPSHOT_COMPLETE, EVER_S);
		if (i == 0)
			check_trap(d, trap,
				   (const struct value[]){{STATUS, SNAPSHOT_FAILED},
							  {SERIAL, -1},
							  {"1.1.4.0", -1},
							  {FAILURES, -1},
							  {UNREADABLE, 0},
							  {0}});
		free(trap);
	}
	live_stop(both->live, process);
	free(until_trap(d, TRAP_CLEARED));
	assert_int_equal(count_traps(d, TRAP_TROUBLE), 1);
	end_well(d);
}

/* Not even root may read the first process of some machines. */
static void a_scan_that_sees_not_all_is_told(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	char *trap;

	agentd_start(d, AGENTD_TRAPD, NULL);
	agentd_wait(d, AGENTD_TRAPD);
	agentd_start_both(d, (const char *const[]){"--pid=1", "--interval=3600",
						   "--notify=trouble", NULL});
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, EVER_S);
	if (agentd_number(d, STATUS) == SNAPSHOT_COMPLETE)
		agentd_skip(d, "the first process can be read here");
	trap = until_trap(d, TRAP_TROUBLE);
	check_trap(d, trap,
		   (const struct value[]){{STATUS, SNAPSHOT_PARTIAL},
					  {SERIAL, -1},
					  {"1.1.4.0", -1},
					  {FAILURES, 0},
					  {UNREADABLE, 1},
					  {0}});
	free(trap);
	end_well(d);
}

static int teardown(void **state)
{
	crowd_end(&crowd);
	return agentlive_teardown(state);
}

int main(void)
{
	struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(a_change_and_its_end_arrive_with_their_objects),
		AGENTLIVE_TEST(a_storm_of_processes_is_told_once),
		AGENTLIVE_TEST(nothing_is_told_unless_it_is_asked_for),
		AGENTLIVE_TEST(what_happened_while_the_master_was_away_is_told_after_it),
		AGENTLIVE_TEST(a_second_change_waits_and_the_end_is_told_at_once),
		AGENTLIVE_TEST(a_scan_that_fails_is_told_once),
		AGENTLIVE_TEST(a_scan_that_sees_not_all_is_told),
	};

	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tests[i].teardown_func = teardown;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
