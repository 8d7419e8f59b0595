/*
 * figures.c - see figures.h.
 */
#include "figures.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/procuse.h"
#include "tests/support/sanitized.h"
#include "tests/test.h"

#define REST_S      30
#define PROCESSES   2  /* at rest: the keeper and the SNMP side */
#define FIELD_COMM  2  /* proc(5), of /proc/PID/stat */
#define FIELD_UTIME 14 /* user, system, both of children that were waited for */

static const char *const names[] = {
	[FIGURES_KEEPER] = "keeper",
	[FIGURES_SIDE] = "SNMP side",
	[FIGURES_SNMPD] = "snmpd",
};

static void read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
}

/* "Rss:     4096 kB"; -1: there is no such line. */
static int64_t number_in(pid_t pid, const char *file, const char *key)
{
	char text[8192];
	const char *at;

	read_file(pid, file, text, sizeof(text));
	at = strstr(text, key);
	return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

static unsigned count_processes(const struct figures *figures)
{
	const pid_t keeper = figures->pids[FIGURES_KEEPER];
	char name[64], children[4096], *rest = children;
	unsigned n = 1;

	snprintf(name, sizeof(name), "task/%d/children", keeper);
	read_file(keeper, name, children, sizeof(children));
	while (strtol(rest, &rest, 10) > 0)
		n++;
	return n;
}

/* User and system time in seconds, that of ended children, too. */
static double cpu_of(pid_t pid)
{
	char stat[1024], *field;
	int64_t ticks = 0;

	read_file(pid, "stat", stat, sizeof(stat));
	field = strrchr(stat, ')');
	for (int i = FIELD_COMM + 1; field && i <= FIELD_UTIME; i++)
		field = strchr(field + 1, ' ');
	for (int i = 0; field && i < 4; i++)
		ticks += strtoll(field, &field, 10);
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double cpu_of_daemon(const struct figures *figures)
{
	return cpu_of(figures->pids[FIGURES_KEEPER]) +
	       cpu_of(figures->pids[FIGURES_SIDE]);
}

static struct sample sample_of(pid_t pid)
{
	return (struct sample){
		.rss = number_in(pid, "smaps_rollup", "\nRss:"),
		.pss = number_in(pid, "smaps_rollup", "\nPss:"),
		.descriptors = procuse_of(pid).descriptors,
		.threads = number_in(pid, "status", "\nThreads:"),
	};
}

void figures_init(struct figures *figures, struct agentd *d)
{
	*figures = (struct figures){
		.d = d,
		.pids = {[FIGURES_KEEPER] = d->daemons[AGENTD_AGENT].pid,
			 [FIGURES_SIDE] = agentd_snmp_side(d),
			 [FIGURES_SNMPD] = d->daemons[AGENTD_SNMPD].pid},
		.began = agentd_clock(),
	};
	assert_true(figures->pids[FIGURES_SIDE] > 0);
	figures->cpu = cpu_of_daemon(figures);
}

/* One moment.  Returns whether there was no scan in it. */
static bool sample_all(const struct figures *figures, size_t rows,
		       struct sample samples[FIGURES_COUNT])
{
	const pid_t keeper = figures->pids[FIGURES_KEEPER];
	const int64_t children = procuse_children(keeper);
	const unsigned before = count_processes(figures);

	for (int who = 0; who < FIGURES_COUNT; who++)
		samples[who] = sample_of(figures->pids[who]);
	samples[FIGURES_SIDE].descriptors -= (int64_t)rows;
	return before == PROCESSES && count_processes(figures) == PROCESSES &&
	       procuse_children(keeper) == children;
}

static bool is_same(const struct figures *figures, int who, const struct sample *is)
{
	const struct sample *was = &figures->first[who][0];

	return figures->nr == 0 ||
	       (is->descriptors == was->descriptors && is->threads == was->threads);
}

static void fail_changed(const struct figures *figures, int who, const struct sample *is)
{
	const struct sample *was = &figures->first[who][0];

	if (is_same(figures, who, is))
		return;
	agentd_fail(figures->d,
		    "%s: %" PRId64 " descriptors and %" PRId64 " threads, were %" PRId64
		    " and %" PRId64,
		    names[who], is->descriptors, is->threads, was->descriptors,
		    was->threads);
}

/*
 * What is published just now takes a descriptor more, until the old one is given up: two
 * looks must show the same.
 */
static void sample_at_rest(const struct figures *figures, size_t rows,
			   struct sample samples[FIGURES_COUNT])
{
	const double end = agentd_clock() + REST_S;
	struct sample before[FIGURES_COUNT];

	while (agentd_clock() < end) {
		bool is_rest = sample_all(figures, rows, before);

		agentd_pause(0.05);
		is_rest = sample_all(figures, rows, samples) && is_rest;
		for (int who = 0; who < FIGURES_COUNT; who++)
			is_rest = is_rest && is_same(figures, who, &samples[who]) &&
				  before[who].descriptors == samples[who].descriptors;
		if (is_rest)
			return;
	}
	for (int who = 0; who < FIGURES_COUNT; who++)
		fail_changed(figures, who, &samples[who]);
	agentd_fail(figures->d, "%u processes of the daemon, never %d for long",
		    count_processes(figures), PROCESSES);
}

void figures_take(struct figures *figures, size_t rows, bool is_warm)
{
	struct sample samples[FIGURES_COUNT];
	const size_t nr = figures->nr;

	sample_at_rest(figures, rows, samples);
	figures->n++;
	for (int who = 0; who < FIGURES_COUNT; who++) {
		if (nr < FIGURES_SAMPLES)
			figures->first[who][nr] = samples[who];
		figures->last[who][nr % FIGURES_SAMPLES] = samples[who];
		figures->rss[who] = samples[who].rss;
	}
	figures->nr += is_warm;
}

int64_t figures_rss(const struct figures *figures, enum figures_who who)
{
	return figures->rss[who];
}

static int compare_numbers(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* Of the first n: the memory of them. */
static struct sample median(const struct sample *samples, size_t n)
{
	struct sample middle = samples[0];
	int64_t rss[FIGURES_SAMPLES] = {0}, pss[FIGURES_SAMPLES] = {0};

	for (size_t i = 0; i < n; i++) {
		rss[i] = samples[i].rss;
		pss[i] = samples[i].pss;
	}
	qsort(rss, n, sizeof(rss[0]), compare_numbers);
	qsort(pss, n, sizeof(pss[0]), compare_numbers);
	middle.rss = rss[n / 2];
	middle.pss = pss[n / 2];
	return middle;
}

static bool print_one(const struct figures *figures, int who, size_t n)
{
	const struct sample first = median(figures->first[who], n);
	const struct sample last = median(figures->last[who], n);

	print_message("soak: %-9s  RSS %6" PRId64 " %6" PRId64 " %6" PRId64
		      "   PSS %6" PRId64 " %6" PRId64 "   descriptors %3" PRId64
		      " %3" PRId64 "   threads %" PRId64 " %" PRId64 "\n",
		      names[who], first.rss, last.rss,
		      number_in(figures->pids[who], "status", "\nVmHWM:"), first.pss,
		      last.pss, first.descriptors, last.descriptors, first.threads,
		      last.threads);
	if (is_sanitized()) /* what was freed is kept */
		return true;
	if (last.rss <= first.rss + FIGURES_GROWTH_KIB)
		return true;
	print_error("%s: grew by more than %d KiB\n", names[who], FIGURES_GROWTH_KIB);
	return false;
}

bool figures_print(const struct figures *figures)
{
	const double cpu = cpu_of_daemon(figures) - figures->cpu;
	const double wall = agentd_clock() - figures->began;
	size_t n = figures->nr;
	bool is_flat = true;

	print_message(
		"soak: CPU of the daemon, with its scans: %.1f s in %.0f s, %.2f %%\n",
		cpu, wall, 100 * cpu / wall);
	print_message("soak: processes of the daemon: %d at each of %zu pauses\n",
		      PROCESSES, figures->n);
	if (n == 0)
		return true;
	if (n > FIGURES_SAMPLES)
		n = FIGURES_SAMPLES;
	print_message(
		"soak: KiB, begin and end are medians: RSS begin, end, peak; PSS begin, "
		"end; the rest begin, end\n");
	for (int who = 0; who < FIGURES_COUNT; who++)
		is_flat &= print_one(figures, who, n);
	return is_flat;
}
