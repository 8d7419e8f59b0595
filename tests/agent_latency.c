/*
 * agent_latency.c - what a scan does to who asks meanwhile: one of many processes, and one
 * that never comes to its end.
 */
#include "test.h"

#include "support/livefuse.h"
#include "support/manager.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/agentlive.h"

#define STATUS      "1.1.1.0"
#define AGE         "1.1.4.0"
#define COMPLETIONS "1.1.7.0"
#define SCANNED     "1.2.1.0"

#define HERD    "2000"
#define SCANS   9
#define SAMPLES 65536 /* at most */
#define ENOUGH  1000
#define EVER_S  20

#define SLOWER_MOST 3
#define MS_NOISE    1 /* below that, it is who else uses the machine that differs */
#define MS_MOST     50
#define END_S       1

struct samples {
	double ms[SAMPLES];
	size_t n;
	/* Since they were made 0: */
	size_t taken;
	double slowest; /* ms */
};

/* Has the keeper a child that scans, besides its SNMP side? */
static bool is_scanning(const struct agentd *d)
{
	const pid_t keeper = d->daemons[AGENTD_AGENT].pid;
	char path[64], children[256], *rest = children;
	ssize_t len;
	size_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", keeper, keeper);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		agentd_skip(d, "the kernel does not tell children");
	len = read(fd, children, sizeof(children) - 1);
	close(fd);
	children[len > 0 ? len : 0] = '\0';
	while (strtol(rest, &rest, 10) > 0)
		n++;
	return n > 1;
}

/*
 * One GET, as long as it takes.  Kept where a scan ran when it was asked or when it was
 * answered; or not, where those without one are wanted.  Returns how many scans there were.
 */
static int64_t sample(const struct manager *m, bool scanning, struct samples *samples)
{
	static struct manager_name name;
	int64_t scans;
	bool before;
	double ms;

	agentd_pause(0.001); /* leaves the CPU to those who are measured */
	before = is_scanning(m->d);
	if (name.len == 0)
		name = manager_name(m->d, COMPLETIONS);
	ms = agentd_clock();
	scans = manager_get(m, &name);
	ms = (agentd_clock() - ms) * 1000;
	if (scans < 0)
		agentd_fail(m->d, "a GET had no answer");
	if ((before || is_scanning(m->d)) != scanning)
		return scans;
	samples->taken++;
	if (ms > samples->slowest)
		samples->slowest = ms;
	if (samples->n < SAMPLES)
		samples->ms[samples->n++] = ms;
	return scans;
}

static int compare(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

static void begin(struct samples *samples)
{
	samples->taken = 0;
	samples->slowest = 0;
}

static void sort(double *list, size_t n)
{
	qsort(list, n, sizeof(*list), compare);
}

static double at(const struct samples *samples, unsigned percent)
{
	return samples->ms[(samples->n - 1) * percent / 100];
}

static void sort_and_say(const char *what, struct samples *samples)
{
	sort(samples->ms, samples->n);
	print_message(
		"latency: %s: %zu GETs: median %.2f ms, 95 of 100 below %.2f ms, 99 "
		"below %.2f ms, all below %.2f ms\n",
		what, samples->n, at(samples, 50), at(samples, 95), at(samples, 99),
		at(samples, 100));
}

static void check(const struct agentd *d, const char *what, struct samples *during,
		  struct samples *without)
{
	sort_and_say("without a scan", without);
	sort_and_say(what, during);
	print_message("latency: %s: %.2f times at the median, %.2f at 95 of 100\n", what,
		      at(during, 50) / at(without, 50), at(during, 95) / at(without, 95));
	if (at(during, 50) > SLOWER_MOST * at(without, 50) && at(during, 50) > MS_NOISE)
		agentd_fail(d, "%s: a GET takes longer than without", what);
	if (at(during, 95) > MS_MOST)
		agentd_fail(d, "%s: a GET takes too long", what);
}

static void start(const struct agentlive *both, const char *select, const char *timeout,
		  struct manager *m)
{
	const char *words[] = {select, timeout, "--interval=3600", "--no-watch", NULL};

	agentd_start_both(both->d, words);
	manager_open(m, both->d);
	manager_until_least(m, COMPLETIONS, 1, EVER_S);
}

static void start_herd(const struct agentlive *both)
{
	char *herd = live_built("tests/bench/herd");
	const struct live_process *process =
		live_spawn(both->live, herd, (const char *const[]){"clean", HERD, NULL});

	live_unwatch(both->live, process->pid); /* it says another number than its own */
	free(herd);
}

/* From the time that it is asked for until it is over. */
static void sample_a_scan(const struct manager *m, struct samples *during)
{
	const int64_t scans = manager_number(m, COMPLETIONS);
	double end = agentd_clock() + EVER_S;

	begin(during);
	agentd_signal(m->d, AGENTD_AGENT, SIGHUP);
	while (sample(m, true, during) == scans || is_scanning(m->d))
		if (agentd_clock() > end)
			agentd_fail(m->d, "there was no scan");
}

/*
 * Both in turn, so that what else the machine does is the same for both.  Who is kept
 * waiting by a scan is so once for each: so it is the slowest of each that is looked at,
 * too.
 */
static void a_scan_of_many_processes_delays_nobody(void **state)
{
	static struct samples during, without;
	struct agentlive *both = *state;
	double slowest[2][SCANS];
	struct manager m;

	start_herd(both);
	start(both, "--process=herd", "--timeout=60", &m);
	assert_true(manager_number(&m, SCANNED) >= strtol(HERD, NULL, 10));
	for (size_t i = 0; i < SCANS; i++) {
		sample_a_scan(&m, &during);
		slowest[0][i] = during.slowest;
		begin(&without);
		while (without.taken < during.taken)
			sample(&m, false, &without);
		slowest[1][i] = without.slowest;
	}
	sort(slowest[0], SCANS);
	sort(slowest[1], SCANS);
	print_message(
		"latency: the slowest GET during each of %d scans: median %.2f ms; of "
		"as many without one: %.2f ms\n",
		SCANS, slowest[0][SCANS / 2], slowest[1][SCANS / 2]);
	check(both->d, "during a scan of " HERD " processes", &during, &without);
	assert_true(slowest[0][SCANS / 2] < MS_MOST ||
		    slowest[0][SCANS / 2] < SLOWER_MOST * slowest[1][SCANS / 2]);
	manager_close(&m);
}

/* A process whose code is on a file system that will not answer any more, and one that is
 * looked at before it. */
static struct live_process *start_dead_end(struct agentlive *both)
{
	struct live *live = both->live;
	struct live_process *server = livefuse_start(live, NULL, NULL), *stuck;
	char *library = live_path(live, LIVEFUSE_FILE);

	stuck = live_start(live, "comm", both->name, "map", library, "rx");
	assert_true(stuck->pid > 0);
	free(library);
	return server;
}

/* Asks for more scans until no more are begun, because all of them hang. */
static double until_none_is_begun(const struct manager *m)
{
	double began = agentd_clock();

	while (manager_number(m, STATUS) != SNAPSHOT_FAILED) {
		if (agentd_clock() > began + EVER_S)
			agentd_fail(m->d, "it does not tell that scans hang");
		agentd_signal(m->d, AGENTD_AGENT, SIGHUP);
		agentd_pause(0.1);
	}
	return agentd_clock() - began;
}

static void a_scan_that_hangs_delays_nobody(void **state)
{
	struct agentlive *both = *state;
	struct live_process *server = start_dead_end(both);
	static struct samples during, without;
	int64_t age;
	int status;
	double took;
	struct manager m;

	start(both, both->select, "--timeout=3", &m);
	assert_int_equal(manager_number(&m, STATUS), SNAPSHOT_COMPLETE);
	while (without.n < ENOUGH)
		sample(&m, false, &without);
	live_unlink(both->live, LIVEFUSE_FILE); /* from now on there is no answer */
	agentd_signal(both->d, AGENTD_AGENT, SIGHUP);
	took = agentd_clock();
	while (during.n < ENOUGH && agentd_clock() < took + EVER_S)
		sample(&m, true, &during);
	check(both->d, "while a scan hangs", &during, &without);
	manager_until(&m, STATUS, SNAPSHOT_PARTIAL, EVER_S);
	print_message("latency: that a scan hangs is told after %.1f s of 3\n",
		      agentd_clock() - took);
	print_message("latency: that no scan can be made is told %.1f s after that\n",
		      until_none_is_begun(&m));
	age = manager_number(&m, AGE);
	manager_until_least(&m, AGE, age + 2, EVER_S);
	assert_int_equal(manager_number(&m, STATUS), SNAPSHOT_FAILED);
	took = agentd_end(both->d, AGENTD_AGENT, SIGTERM, &status);
	print_message("latency: with scans that hang it ends after %.2f s\n", took);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(took < END_S);
	live_stop(both->live, server); /* else the scans can never end */
	manager_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(a_scan_of_many_processes_delays_nobody),
		AGENTLIVE_TEST(a_scan_that_hangs_delays_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
