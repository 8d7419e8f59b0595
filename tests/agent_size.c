/*
 * agent_size.c - ten thousand rows: what it takes to publish, to keep and to walk them.
 */
#include "test.h"

#include "support/manager.h"
#include "support/rowagent.h"

#include <malloc.h>
#include <sched.h>

#include "snmp/mib_numbers.h"
#include "support/agentlive.h"
#include "support/published.h"
#include "support/reportmake.h"

#define ROWS         10000
#define LAST_PID     (1000 + ROWS) /* of reportmake_many() */
#define HERD         "1500" /* processes in snmpd's own table, besides those of others */
#define REPETITIONS  50
#define ROUNDS       7
#define PUBLICATIONS 20000
#define SLOWER_MOST  1.5
#define PUBLISH_NS   20000
#define BYTES_MOST   2048 /* of a row */
#define OUR_NAMES    "1.3.1.3"
#define HR_SW_RUN    ".1.3.6.1.2.1.25.4.2.1.2"

/* A number of a line of numbers: the first is 0.  0 where there is none. */
static double read_number(const char *path, int which)
{
	char line[256] = "", *rest = line;
	FILE *file = fopen(path, "re");
	double number = 0;

	if (file && fgets(line, sizeof(line), file))
		for (int i = 0; i <= which; i++)
			number = strtod(rest, &rest);
	if (file)
		fclose(file);
	return number;
}

static double resident_bytes(void)
{
	return read_number("/proc/self/statm", 1) * (double)sysconf(_SC_PAGESIZE);
}

/* Of snapshots that are ready, with a request for each. */
static long publish_ns(struct snapshot *const list[2])
{
	struct pins *pins;
	int64_t began;

	if (pins_new(snapshot_ref(list[0]), &pins) < 0)
		return -1;
	began = rowagent_clock_ns();
	for (uint32_t i = 1; i <= PUBLICATIONS; i++) {
		pins_get(pins, i, 0);
		pins_publish(pins, snapshot_ref(list[i % 2]));
	}
	began = rowagent_clock_ns() - began;
	pins_free(pins);
	return (long)(began / PUBLICATIONS);
}

/* Says what it measured, then serves. */
static int serve(char **argv)
{
	struct stale_report *report = reportmake_many(ROWS, 1, 0);
	struct snapshot_source source = published_source(report);
	struct snapshot *list[2];
	struct rowagent agent = {.list = list, .n = 2};
	double resident;
	int64_t took;

	malloc_trim(0);
	resident = resident_bytes();
	took = rowagent_clock_ns();
	list[0] = published_make(&source);
	took = rowagent_clock_ns() - took;
	malloc_trim(0);
	resident = resident_bytes() - resident;
	list[1] = published_make(&source);
	stale_report_free(report);
	printf("measured size=%zu resident=%.0f make_ns=%ld publish_ns=%ld\n",
	       snapshot_size(list[0]), resident, (long)took, publish_ns(list));
	fflush(stdout);
	return rowagent_serve(&agent, argv);
}

/*
 * Manager, snmpd and subagent on one CPU, from here on.  snmpd asks a subagent for one row
 * at a time; to wake an idle CPU for each costs what the machine, real or virtual, makes of
 * it: from half a row to two.
 */
static void use_one_cpu(const struct agentd *d)
{
	cpu_set_t cpus;
	int first = 0;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		agentd_fail(d, "the CPUs are not told: %s", strerror(errno));
	while (!CPU_ISSET(first, &cpus))
		first++;
	CPU_ZERO(&cpus);
	CPU_SET(first, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		agentd_fail(d, "CPU %d cannot be chosen: %s", first, strerror(errno));
}

/* Returns what it started, for free(). */
static char *start(const struct agentlive *both)
{
	char *self;

	agentlive_need_speed(both);
	self = live_built("tests/agent_size");
	both->d->program = self;
	agentd_start_both(both->d, NULL);
	return self;
}

/* "measured size=2112080 ..." */
static double measured(const struct agentd *d, const char *log, const char *name)
{
	const char *at = strstr(log, name);

	if (!at)
		agentd_fail(d, "%s was not measured", name);
	return strtod(at + strlen(name), NULL);
}

static void to_publish_is_to_swap_a_pointer(void **state)
{
	struct agentlive *both = *state;
	char *self = start(both), *log;
	double size, resident, make_ns, swap_ns;

	log = agentd_log(both->d, AGENTD_AGENT);
	size = measured(both->d, log, " size=");
	resident = measured(both->d, log, " resident=");
	make_ns = measured(both->d, log, " make_ns=");
	swap_ns = measured(both->d, log, " publish_ns=");
	print_message(
		"size: %d rows: a snapshot of %.0f bytes (%.0f of a row), %.0f of a row "
		"resident; made in %.2f ms, published in %.2f us\n",
		ROWS, size, size / ROWS, resident / ROWS, make_ns / 1e6, swap_ns / 1e3);
	assert_true(swap_ns > 0 && swap_ns < PUBLISH_NS);
	assert_true(swap_ns < make_ns / 20);
	assert_true(size > ROWS && size < ROWS * BYTES_MOST);
	assert_true(resident > ROWS && resident < ROWS * BYTES_MOST);
	free(log);
	free(self);
}

/* How a walk of one column went. */
struct walk {
	struct manager_name column, at;
	size_t rows;
	bool is_over;
};

static bool is_within(const struct walk *w, const netsnmp_variable_list *var)
{
	return var->type == ASN_OCTET_STR && var->name_length > w->column.len &&
	       memcmp(var->name, w->column.o, w->column.len * sizeof(oid)) == 0;
}

static void walk_on(const struct manager *m, struct walk *w)
{
	netsnmp_pdu *response = manager_bulk(m, NULL, &w->at, REPETITIONS);
	const netsnmp_variable_list *var;

	if (!response)
		agentd_fail(m->d, "a GETBULK had no answer");
	for (var = response->variables; var && is_within(w, var);
	     var = var->next_variable) {
		w->at.len = var->name_length;
		memcpy(w->at.o, var->name, var->name_length * sizeof(oid));
		w->rows++;
	}
	w->is_over = var != NULL;
	snmp_free_pdu(response);
}

/* CPU time that a process of one thread has used: nanoseconds. */
static double cpu_ns(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	return read_number(path, 0);
}

static double cpu_of_all(const struct agentd *d)
{
	return cpu_ns(getpid()) + cpu_ns(d->daemons[AGENTD_SNMPD].pid) +
	       cpu_ns(d->daemons[AGENTD_AGENT].pid);
}

/* Microseconds for a row: by the clock, and of the CPU, who ever used it. */
struct cost {
	double wall, cpu;
	size_t rows;
};

/* To its end; from: behind that index, 0: all of it. */
static struct cost walk(const struct manager *m, const char *column, oid from)
{
	struct walk w = {.column = manager_name(m->d, column)};
	double cpu = cpu_of_all(m->d), began = agentd_clock();
	struct cost cost;

	w.at = w.column;
	if (from)
		w.at.o[w.at.len++] = from;
	while (!w.is_over)
		walk_on(m, &w);
	cost.rows = w.rows;
	cost.wall = (agentd_clock() - began) * 1e6 / (double)w.rows;
	cost.cpu = (cpu_of_all(m->d) - cpu) / 1e3 / (double)w.rows;
	return cost;
}

static void start_herd(const struct agentlive *both)
{
	char *herd = live_built("tests/bench/herd");
	const struct live_process *process =
		live_spawn(both->live, herd, (const char *const[]){"clean", HERD, NULL});

	live_unwatch(both->live, process->pid); /* it says another number than its own */
	free(herd);
}

/* The least of several: what others use of the machine only adds to it. */
static void keep_least(struct cost *least, const struct cost *cost)
{
	if (least->rows == 0 || cost->wall < least->wall)
		least->wall = cost->wall;
	if (least->rows == 0 || cost->cpu < least->cpu)
		least->cpu = cost->cpu;
	least->rows = cost->rows;
}

struct costs {
	struct cost ours;
	struct cost its;  /* where snmpd has to look at the processes for it */
	struct cost kept; /* again, from what it has kept for half a minute */
};

static void measure(const struct agentlive *both, const struct manager *m,
		    struct costs *ret)
{
	struct cost its, kept, ours;

	/* What it has kept is gone with it. */
	agentd_end(both->d, AGENTD_SNMPD, SIGTERM, NULL);
	agentd_start(both->d, AGENTD_SNMPD, NULL);
	agentd_wait(both->d, AGENTD_SNMPD);
	agentd_wait(both->d, AGENTD_AGENT);
	its = walk(m, HR_SW_RUN, 0);
	/* As many rows, the last ones: whoever searches from the front is slow there. */
	ours = walk(m, OUR_NAMES, its.rows < ROWS ? LAST_PID - its.rows : 0);
	kept = walk(m, HR_SW_RUN, 0);
	keep_least(&ret->its, &its);
	keep_least(&ret->ours, &ours);
	keep_least(&ret->kept, &kept);
}

static void say_cost(const char *what, const struct cost *cost, const struct cost *ours)
{
	print_message(
		"size: a row of %s: %.1f us, %.1f us of CPU; ours are %.2f and %.2f "
		"times as much\n",
		what, cost->wall, cost->cpu, ours->wall / cost->wall,
		ours->cpu / cost->cpu);
}

/*
 * snmpd looks at all processes for its own table, and keeps what it found for half a
 * minute: who asks less often waits for that each time, and is who is compared with.  What
 * it has kept it answers from its own memory, without asking another process for each row:
 * that is told, and no subagent can be as fast.
 */
static void a_column_is_walked_as_fast_as_one_of_snmpd(void **state)
{
	struct agentlive *both = *state;
	struct costs all = {0};
	struct manager m;
	char *self;

	use_one_cpu(both->d);
	self = start(both);
	start_herd(both);
	manager_open(&m, both->d);
	assert_int_equal(walk(&m, OUR_NAMES, 0).rows, ROWS);
	for (int i = 0; i < ROUNDS; i++)
		measure(both, &m, &all);
	print_message("size: a row of ours, of %d, by bulk: %.1f us, %.1f us of CPU\n",
		      ROWS, all.ours.wall, all.ours.cpu);
	say_cost("hrSWRunName", &all.its, &all.ours);
	say_cost("hrSWRunName that snmpd has kept", &all.kept, &all.ours);
	assert_true(all.its.rows > strtoul(HERD, NULL, 10));
	/* Of CPU, snmpd's and ours: the clock on the wall goes by what else runs here. */
	assert_true(all.ours.cpu < all.its.cpu * SLOWER_MOST);
	manager_close(&m);
	free(self);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(to_publish_is_to_swap_a_pointer),
		AGENTLIVE_TEST(a_column_is_walked_as_fast_as_one_of_snmpd),
	};

	if (rowagent_is_wanted(argc, argv))
		return serve(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
