/*
 * figures.h - what the daemons use, at each pause of a soak, and whether that stays as it
 * was.
 *
 * Memory is compared by medians of several pauses: a malloc keeps what the largest table so
 * far took, and the tables are never the same.  All else is compared exactly.
 */
#ifndef SOAK_FIGURES_H
#define SOAK_FIGURES_H

#include "tests/support/agentd.h"

enum figures_who {
	FIGURES_KEEPER,
	FIGURES_SIDE,
	FIGURES_SNMPD,
};
#define FIGURES_COUNT 3

#define FIGURES_SAMPLES 3 /* pauses for a median */

/*
 * By how much the median may grow, in KiB.  It grows by up to 430 where the largest table
 * comes after the warm-up, and stands still from then on.  What is kept by mistake for
 * each scan is more than that where it is 10 KiB, in two minutes, or half a KiB, in 20:
 * the report of one stale process is as much.
 */
#define FIGURES_GROWTH_KIB 512

struct sample {
	int64_t rss, pss; /* KiB */
	int64_t descriptors;
	int64_t threads;
};

struct figures {
	struct agentd *d; /* borrowed */
	pid_t pids[FIGURES_COUNT];
	/* Those behind the warm-up, and the last ones. */
	struct sample first[FIGURES_COUNT][FIGURES_SAMPLES];
	struct sample last[FIGURES_COUNT][FIGURES_SAMPLES];
	int64_t rss[FIGURES_COUNT]; /* at the last pause */
	size_t n;                   /* pauses */
	size_t nr;                  /* of those behind the warm-up */
	double cpu;                 /* seconds, of the daemon before */
	double began;
};

void figures_init(struct figures *figures, struct agentd *d);

/*
 * Takes a sample between two scans, within half a minute.  rows: processes that are
 * watched, each by a descriptor.  Fails the test where processes, threads or descriptors
 * are not as many as they were after the warm-up, or there is always a scan.  is_warm:
 * the warm-up is over.
 */
void figures_take(struct figures *figures, size_t rows, bool is_warm);

/* The memory of one of them at the last pause, RSS in KiB. */
int64_t figures_rss(const struct figures *figures, enum figures_who who);

/* Prints all, and returns whether memory is flat. */
bool figures_print(const struct figures *figures);

#endif
