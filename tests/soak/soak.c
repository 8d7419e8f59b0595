/*
 * soak.c - stale-agentx for a long time, on a machine where processes start, are upgraded,
 * execute themselves anew, end, and are containers.
 *
 *	SOAK_SECONDS=1200 SOAK_SEED=42 soak
 *
 * It scans each second below a real snmpd.  After some events all holds still, until a
 * scan that began then is published: the tables must equal what a fresh check_stale says,
 * and what the daemon uses must be what it was.  Meanwhile every request is answered.
 * Figures are printed at the end.
 */
#include "tests/test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "asked.h"
#include "compare.h"
#include "figures.h"
#include "load.h"
#include "snmp/mib.h"
#include "tests/support/scene.h"

#define SECONDS       120
#define ROUND_EVENTS  150 /* between two pauses */
#define WARM_UP       6   /* a sixth of the time */
#define LAST_TURNS    2
#define EVENT_MS      100 /* at most, before the next one */
#define REAP_S        30
#define PROGRESS_S    60
#define CHANGED_S     300 /* between two staleChanged, at least */
#define NOTIFICATIONS 3

static struct soak {
	struct scene scene;
	char name[16];   /* how the names of all processes begin that are looked at */
	char select[32]; /* "--process=NAME*" */
	uint64_t seed;
	struct load load;
	struct asked asked;
	struct compare compare;
	struct figures figures;
	double began, seconds;
} soak;

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	char *end;
	uint64_t number;

	if (!text || !*text)
		return otherwise;
	number = strtoull(text, &end, 10);
	if (*end)
		fail_msg("%s=%s is no number", name, text);
	return number;
}

static int setup(void **state)
{
	if (scene_setup(state) < 0)
		return -1;
	soak.scene = *(struct scene *)*state;
	free(*state);
	*state = &soak;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = malloc(sizeof(*scene));

	assert_non_null(scene);
	*scene = soak.scene;
	pool_end_all(&soak.load.pool);
	if (soak.asked.session)
		asked_close(&soak.asked);
	*state = scene;
	return scene_teardown(state);
}

static void start_daemons(void)
{
	struct agentd *d = soak.scene.d;

	agentd_start(d, AGENTD_TRAPD, NULL);
	agentd_wait(d, AGENTD_TRAPD);
	agentd_start_both(d, (const char *const[]){soak.select, "--interval=1",
						   "--notify=all", NULL});
	asked_open(&soak.asked, d);
	figures_init(&soak.figures, d);
	/* A process of ours that is killed is no reason to end. */
	signal(SIGPIPE, SIG_IGN);
}

static void begin(void)
{
	struct live *live = soak.scene.live;

	live_need_root(live);
	live_need_dir(live);
	snprintf(soak.name, sizeof(soak.name), "sk%d", getpid());
	snprintf(soak.select, sizeof(soak.select), "--process=%s*", soak.name);
	soak.seed = number_from("SOAK_SEED", (uint64_t)time(NULL));
	print_message("soak: SOAK_SEED=%" PRIu64 "\n", soak.seed);
	/* What a member leaves behind when it is killed comes to us. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	live_step(live, &live->processes[0], "comm", soak.name);
	load_init(&soak.load, live, soak.name, soak.seed);
	start_daemons();
	soak.began = agentd_clock();
}

/* No process is on its way out any more. */
static void settle(void)
{
	const struct agentd *d = soak.scene.d;
	const pid_t others[] = {
		soak.scene.live->processes[0].pid, d->daemons[AGENTD_SNMPD].pid,
		d->daemons[AGENTD_TRAPD].pid, d->daemons[AGENTD_AGENT].pid, 0};
	const double end = agentd_clock() + REAP_S;

	while (!pool_reap(&soak.load.pool, others)) {
		if (agentd_clock() > end)
			agentd_fail(d, "killed processes do not end");
		agentd_pause(0.01);
	}
}

static void pause_and_compare(void)
{
	unsigned differences;

	settle();
	asked_until_scanned(&soak.asked);
	differences = compare_once(&soak.compare, soak.scene.d, soak.select);
	if (differences)
		agentd_fail(soak.scene.d,
			    "%u differences after %.0f s, SOAK_SEED=%" PRIu64,
			    differences, agentd_clock() - soak.began, soak.seed);
	figures_take(&soak.figures, soak.compare.rows,
		     agentd_clock() - soak.began > soak.seconds / WARM_UP);
}

/* Its last events change what is known to be published. */
static void run_round(void)
{
	for (int i = 0; i < ROUND_EVENTS; i++) {
		load_turn(&soak.load);
		asked_once(&soak.asked);
		agentd_pause(load_random(&soak.load, EVENT_MS) / 1e3);
	}
	asked_until_scanned(&soak.asked);
	for (int i = 0; i < LAST_TURNS; i++)
		load_turn_each(&soak.load);
}

static void print_progress(double *next)
{
	const double now = agentd_clock() - soak.began;

	if (now < *next)
		return;
	*next += PROGRESS_S;
	print_message("soak: %5.0f s: %" PRIu64 " comparisons, %" PRId64
		      " scans, %zu processes, %zu stale, RSS %" PRId64 " and %" PRId64
		      " KiB\n",
		      now, soak.compare.comparisons, soak.asked.last.completions,
		      soak.load.pool.n, soak.compare.rows,
		      figures_rss(&soak.figures, FIGURES_KEEPER),
		      figures_rss(&soak.figures, FIGURES_SIDE));
}

static void print_events(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; load_event_name(i); i++) {
		print_message("soak: %8" PRIu64 " %s\n", soak.load.happened[i],
			      load_event_name(i));
		sum += soak.load.happened[i];
	}
	print_message("soak: %8" PRIu64 " events; %" PRIu64 " steps were refused\n", sum,
		      soak.load.refused);
}

static void print_work(void)
{
	const struct asked *asked = &soak.asked;
	const struct compare *compare = &soak.compare;

	print_message("soak: %.0f s, %" PRId64 " scans, %" PRId64
		      " failed, the longest %.2f s\n",
		      agentd_clock() - soak.began, asked->last.completions,
		      asked->last.failures, asked->duration_max);
	print_message(
		"soak: %" PRIu64 " comparisons of %" PRIu64
		" objects, at most %zu at once, of %zu stale processes: no difference\n",
		compare->comparisons, compare->objects, compare->objects_max,
		compare->rows_max);
	print_message("soak: %" PRIu64 " requests, %" PRIu64
		      " not answered within 2 s, the slowest answer %.0f ms, %" PRIu64
		      " of a partial scan\n",
		      asked->requests, asked->unanswered, asked->slowest * 1e3,
		      asked->partial);
}

static unsigned count_notifications(const char *log, unsigned which)
{
	char *name, *want;
	unsigned n = 0;

	assert_true(asprintf(&name, "0.%u", which) > 0);
	want = agentd_oid(soak.scene.d, name);
	free(name);
	assert_true(asprintf(&name, "= OID: %s\t", want) > 0);
	for (const char *at = log; (at = strstr(at, name)) != NULL; at++)
		n++;
	free(name);
	free(want);
	return n;
}

/* As often as it is promised, and no trouble where there was none. */
static bool check_notifications(void)
{
	const unsigned most = 2 + (unsigned)((agentd_clock() - soak.began) / CHANGED_S);
	char *log = agentd_log(soak.scene.d, AGENTD_TRAPD);
	unsigned n[NOTIFICATIONS];

	for (unsigned i = 0; i < NOTIFICATIONS; i++)
		n[i] = count_notifications(log, i + 1);
	free(log);
	print_message("soak: notifications: %u changed, %u cleared, %u trouble\n", n[0],
		      n[1], n[2]);
	return n[0] >= 1 && n[0] <= most && n[1] >= 1 && n[1] <= n[0] &&
	       (n[2] == 0 || soak.asked.partial > 0);
}

/* Nothing is left of all that when all of them have ended. */
static void end_all(void)
{
	size_t rows = soak.compare.rows_max;

	pool_end_all(&soak.load.pool);
	pause_and_compare();
	assert_int_equal(soak.compare.rows, 0);
	assert_true(rows > 0);
}

static void the_tables_equal_a_fresh_scan_at_every_pause(void **state)
{
	double next = PROGRESS_S;
	bool is_flat, is_told;
	int status;

	(void)state;
	soak.seconds = (double)number_from("SOAK_SECONDS", SECONDS);
	begin();
	do {
		run_round();
		pause_and_compare();
		print_progress(&next);
	} while (agentd_clock() - soak.began < soak.seconds);
	end_all();
	print_events();
	print_work();
	is_flat = figures_print(&soak.figures);
	is_told = check_notifications();
	agentd_end(soak.scene.d, AGENTD_AGENT, SIGTERM, &status);
	assert_int_equal(status, 0);
	assert_true(is_flat);
	assert_true(is_told);
}

int main(void)
{
	static struct agentd_row row = {"soak", AGENTD_WORDS(STALE_MIB_BASE)};
	const struct CMUnitTest tests[] = {
		{"the_tables_equal_a_fresh_scan_at_every_pause",
		 the_tables_equal_a_fresh_scan_at_every_pause, setup, teardown, &row},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
