/*
 * agent_faults.c - stale-agentx beside a snmpd that is killed, frozen or ends with it, and
 * what it costs: descriptors, memory, lines of the log.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "snmp/mib.h"
#include "support/agentlive.h"
#include "support/crowd.h"
#include "support/procuse.h"
#include "support/sanitized.h"

#define STATUS      "1.1.1.0"
#define SERIAL      "1.1.2.0"
#define AGE         "1.1.4.0"
#define COMPLETIONS "1.1.7.0"
#define PROCESSES   "1.2.2.0"

#define RESTARTS  15
#define WARM_UPS  3
#define TOGETHER  20
#define PING_S    1.0 /* the interval that agentd.h gives */
#define SLACK_S   3.0 /* for the start of snmpd, on a busy machine */
#define FREEZE_S  20.0
#define SCANS_MIN 3      /* one each second, if the machine has time for them */
#define RSS_SLACK 524288 /* bytes; a leak of a page for each restart is less than that */
#define CROWD     1200
#define SAID_MAX  5 /* times that the log says the same in a minute */

static struct crowd crowd;

/* What snmpd itself does wrong is told, and is no fault of ours. */
static unsigned crashes;

static void end_snmpd(struct agentd *d, int signal)
{
	int status;

	agentd_end(d, AGENTD_SNMPD, signal, &status);
	if (!WIFSIGNALED(status) || WTERMSIG(status) == signal ||
	    WTERMSIG(status) == SIGTERM)
		return;
	print_message("# snmpd crashed: signal %d\n", WTERMSIG(status));
	crashes++;
}

/* Also where a sanitizer would tell what it has found.  Returns the seconds. */
static double end_well(struct agentd *d)
{
	int status;
	double took = agentd_end(d, AGENTD_AGENT, SIGTERM, &status);

	if (status != 0 || took >= 1)
		agentd_fail(d, "ended after %.2f s with status %x", took, status);
	return took;
}

/* One stale process; the number of files in its row. */
static struct live_process *start_stale(struct agentlive *both, char row[32])
{
	struct live_process *process = agentlive_start(both, "libold.so.1");

	live_unlink(both->live, "libold.so.1");
	snprintf(row, 32, "1.3.1.12.%d", process->pid);
	return process;
}

static void start(struct agentlive *both, const char *interval)
{
	agentd_start_both(both->d, (const char *const[]){both->select, interval, NULL});
	agentd_until_not(both->d, STATUS, SNAPSHOT_NEVER, 20);
}

/* Seconds from the start of snmpd until that is so.  A crash begins it anew. */
static double restart(struct agentd *d, const char *oid, int64_t value)
{
	double began, took;

	end_snmpd(d, SIGKILL);
	for (;;) {
		began = agentd_clock();
		agentd_start(d, AGENTD_SNMPD, NULL);
		/* Asked too early, it would not answer for a second. */
		agentd_until_logged(d, AGENTD_SNMPD, "NET-SNMP version", 20);
		while (agentd_number(d, oid) != value && agentd_runs(d, AGENTD_SNMPD) &&
		       agentd_clock() - began < 20)
			agentd_pause(0.02);
		took = agentd_clock() - began;
		if (agentd_runs(d, AGENTD_SNMPD))
			return took;
		end_snmpd(d, 0);
		if (crashes > RESTARTS)
			agentd_skip(d, "snmpd crashes again and again");
	}
}

/* With the fewest descriptors of some time: a scan has some, too. */
static struct procuse use_at_rest(pid_t pid)
{
	struct procuse least = procuse_of(pid);

	for (int i = 0; i < 12; i++) {
		struct procuse now = procuse_of(pid);

		if (now.descriptors <= least.descriptors)
			least = now;
		agentd_pause(0.1);
	}
	return least;
}

static void check_flat(const struct agentd *d, const char *who, const struct procuse *was,
		       const struct procuse *is)
{
	print_message("# faults: %s: %u descriptors and %" PRId64 " KiB before, %u and "
		      "%" PRId64 " KiB after %d restarts of snmpd\n",
		      who, was->descriptors, was->rss / 1024, is->descriptors,
		      is->rss / 1024, RESTARTS);
	if (is->descriptors != was->descriptors)
		agentd_fail(d, "%s: %u descriptors, were %u", who, is->descriptors,
			    was->descriptors);
	if (is_sanitized())
		return; /* what was freed is kept */
	if (is->rss > was->rss + RSS_SLACK)
		agentd_fail(d, "%s: %" PRId64 " bytes, were %" PRId64, who, is->rss,
			    was->rss);
}

/* What a line says: behind the date, to its end. */
static const char *said(const char *line, size_t *ret_len)
{
	const char *text = strchr(line, ' ');
	size_t len = strcspn(line, "\n");

	if (!text || text > line + len)
		text = line;
	*ret_len = len - (size_t)(text - line);
	return text;
}

static unsigned count_said(const char *log, const char *text, size_t len)
{
	unsigned n = 0;

	for (const char *line = log; *line; line += strspn(line, "\n")) {
		size_t other_len;
		const char *other = said(line, &other_len);

		n += other_len == len && memcmp(other, text, len) == 0;
		line += strcspn(line, "\n");
	}
	return n;
}

/* No line more often than in so many seconds it may be. */
static void check_log(const struct agentd *d, double seconds)
{
	unsigned most = SAID_MAX * (1 + (unsigned)(seconds / 60) + 1), lines = 0;
	char *log = agentd_log(d, AGENTD_AGENT);

	for (const char *line = log; *line; line += strspn(line, "\n"), lines++) {
		size_t len;
		const char *text = said(line, &len);

		if (count_said(log, text, len) > most)
			agentd_fail(d, "logged more than %u times in %.0f s:%.*s", most,
				    seconds, (int)len, text);
		line += strcspn(line, "\n");
	}
	print_message("# faults: %u lines in the log after %.0f s\n", lines, seconds);
	free(log);
}

static void rows_are_back_after_each_restart_and_nothing_grows(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	double began = agentd_clock(), worst = 0, sum = 0;
	struct procuse was[2], is[2];
	pid_t side, keeper;
	char row[32];

	start_stale(both, row);
	start(both, "--interval=2");
	side = agentd_snmp_side(d);
	keeper = d->daemons[AGENTD_AGENT].pid;
	for (int i = 0; i < WARM_UPS + RESTARTS; i++) {
		double took = restart(d, row, 1);

		if (i < WARM_UPS)
			continue;
		sum += took;
		worst = took > worst ? took : worst;
		if (i > WARM_UPS)
			continue;
		was[0] = use_at_rest(keeper);
		was[1] = use_at_rest(side);
	}
	print_message("# faults: rows back after a restart: mean %.2f s, worst %.2f s\n",
		      sum / RESTARTS, worst);
	assert_int_equal(agentd_snmp_side(d), side); /* the same, not another one */
	is[0] = use_at_rest(keeper);
	is[1] = use_at_rest(side);
	check_flat(d, "keeper", &was[0], &is[0]);
	check_flat(d, "SNMP side", &was[1], &is[1]);
	check_log(d, agentd_clock() - began);
	if (worst > PING_S + SLACK_S)
		agentd_fail(d, "back after %.2f s", worst);
	end_well(d);
}

static void scans_go_on_while_snmpd_is_frozen(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	pid_t keeper, side;
	int64_t scans, children;
	double took;
	char row[32];

	start(both, "--interval=1");
	keeper = d->daemons[AGENTD_AGENT].pid;
	side = agentd_snmp_side(d);
	scans = agentd_number(d, COMPLETIONS);
	children = procuse_children(keeper);
	agentd_signal(d, AGENTD_SNMPD, SIGSTOP);
	start_stale(both, row);
	/* What is looked at is how it gets over that time. */
	agentd_pause(FREEZE_S);
	assert_true(procuse_children(keeper) > children);
	agentd_signal(d, AGENTD_SNMPD, SIGCONT);
	took = agentd_until(d, row, 1, 10);
	scans = agentd_number(d, COMPLETIONS) - scans;
	print_message("# faults: snmpd frozen for %.0f s: %" PRId64 " scans meanwhile, "
		      "rows after %.2f s\n",
		      FREEZE_S, scans, took);
	assert_true(scans >= SCANS_MIN);
	assert_int_equal(agentd_snmp_side(d), side);
	check_log(d, FREEZE_S);
	end_well(d);
}

static void until_scans(const struct agentd *d, int n)
{
	pid_t keeper = d->daemons[AGENTD_AGENT].pid;
	double end = agentd_clock() + 60;

	for (int64_t last = procuse_children(keeper); n > 0; agentd_pause(0.02)) {
		int64_t now = procuse_children(keeper);

		n -= now != last;
		last = now;
		if (agentd_clock() > end)
			agentd_fail(d, "no scans for %d more", n);
	}
}

static void the_keeper_goes_on_while_the_snmp_side_is_frozen(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	int64_t before;
	char row[32];
	double took;
	pid_t side;

	start(both, "--interval=1");
	side = agentd_snmp_side(d);
	before = agentd_number(d, PROCESSES);
	assert_int_equal(kill(side, SIGSTOP), 0);
	start_stale(both, row);
	until_scans(d, SCANS_MIN);
	assert_int_equal(agentd_number(d, PROCESSES), -1);
	assert_int_equal(kill(side, SIGCONT), 0);
	took = agentd_until(d, row, 1, 5);
	assert_int_equal(agentd_number(d, PROCESSES), before + 1);
	assert_int_equal(agentd_snmp_side(d), side);
	print_message("# faults: SNMP side frozen for %d scans: rows after %.2f s\n",
		      SCANS_MIN, took);
	end_well(d);
}

static void a_frozen_snmp_side_does_not_delay_the_end(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	double took;
	pid_t side;

	start(both, "--interval=1");
	side = agentd_snmp_side(d);
	assert_int_equal(kill(side, SIGSTOP), 0);
	took = end_well(d);
	print_message("# faults: SNMP side frozen: ended after %.2f s\n", took);
	assert_int_equal(kill(side, 0), -1); /* the keeper has waited for it */
}

static void until_aged(const struct agentd *d, int64_t seconds)
{
	double end = agentd_clock() + 20;

	while (agentd_number(d, AGE) < seconds) {
		if (agentd_clock() > end)
			agentd_fail(d, "there are new scans");
		agentd_pause(0.1);
	}
}

static void answers_go_on_while_the_keeper_is_frozen(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *process;
	int64_t scans;
	char row[32];

	process = start_stale(both, row);
	start(both, "--interval=1");
	agentd_until(d, row, 1, 10);
	agentd_signal(d, AGENTD_AGENT, SIGSTOP);
	until_aged(d, 3); /* nothing new for so many seconds */
	scans = agentd_number(d, COMPLETIONS);
	assert_int_equal(agentd_number(d, row), 1);
	live_stop(both->live, process);
	agentd_until(d, row, -1, 5);
	assert_int_equal(agentd_number(d, COMPLETIONS), scans);
	agentd_signal(d, AGENTD_AGENT, SIGCONT);
	agentd_until_not(d, COMPLETIONS, scans, 10);
	end_well(d);
}

static void until_watched(const struct agentd *d)
{
	double end = agentd_clock() + 30;
	pid_t side;

	while ((side = agentd_snmp_side(d)) == 0 ||
	       procuse_of(side).descriptors <= CROWD) {
		if (agentd_clock() > end)
			agentd_fail(d, "not all processes are watched");
		agentd_pause(0.02);
	}
}

/* More descriptors than select(2) can have, all of them in use. */
static void it_comes_back_with_over_a_thousand_processes_watched(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	char *path = live_path(both->live, "libcrowd.so.1");
	struct procuse use;
	double took;

	live_lib(both->live, "libcrowd.so.1", NULL, 'a');
	crowd_start(&crowd, CROWD, both->name, path);
	live_unlink(both->live, "libcrowd.so.1");
	/* Its connection is opened when all the others are. */
	agentd_start(d, AGENTD_AGENT,
		     (const char *const[]){both->select, "--interval=3600", NULL});
	until_watched(d);
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_until(d, PROCESSES, CROWD, 30);
	use = use_at_rest(agentd_snmp_side(d));
	print_message("# faults: %u descriptors, the highest is %d\n", use.descriptors,
		      use.highest);
	assert_true(use.highest > 1024);
	took = restart(d, PROCESSES, CROWD);
	print_message("# faults: %d processes watched: back after %.2f s\n", CROWD, took);
	assert_true(took < PING_S + SLACK_S);
	assert_int_equal(use_at_rest(agentd_snmp_side(d)).descriptors, use.descriptors);
	crowd_end(&crowd);
	agentd_until(d, PROCESSES, 0, 5);
	end_well(d);
	free(path);
}

static void both_may_be_stopped_at_once(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	double worst = 0;

	for (int i = 0; i < TOGETHER; i++) {
		double took;
		int status;

		agentd_start_both(d, (const char *const[]){both->select, NULL});
		agentd_signal(d, i % 2 ? AGENTD_SNMPD : AGENTD_AGENT, SIGTERM);
		agentd_signal(d, i % 2 ? AGENTD_AGENT : AGENTD_SNMPD, SIGTERM);
		took = agentd_end(d, AGENTD_AGENT, 0, &status);
		worst = took > worst ? took : worst;
		if (status != 0 || took >= 1)
			agentd_fail(d, "time %d: status %x after %.2f s", i, status,
				    took);
		end_snmpd(d, 0);
	}
	print_message("# faults: both stopped at once %d times: worst %.2f s, snmpd "
		      "crashed %u times\n",
		      TOGETHER, worst, crashes);
}

static int teardown(void **state)
{
	crowd_end(&crowd);
	return agentlive_teardown(state);
}

int main(void)
{
	struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(rows_are_back_after_each_restart_and_nothing_grows),
		AGENTLIVE_TEST(scans_go_on_while_snmpd_is_frozen),
		AGENTLIVE_TEST(the_keeper_goes_on_while_the_snmp_side_is_frozen),
		AGENTLIVE_TEST(a_frozen_snmp_side_does_not_delay_the_end),
		AGENTLIVE_TEST(answers_go_on_while_the_keeper_is_frozen),
		AGENTLIVE_TEST(it_comes_back_with_over_a_thousand_processes_watched),
		AGENTLIVE_TEST(both_may_be_stopped_at_once),
	};

	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tests[i].teardown_func = teardown;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
