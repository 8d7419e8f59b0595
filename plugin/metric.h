/*
 * metric.h - what thresholds are set for.
 */
#ifndef PLUGIN_METRIC_H
#define PLUGIN_METRIC_H

#include <stddef.h>

#include "range.h"

/* In the order of the performance data. */
enum metric {
	METRIC_PROCESSES,  /* processes with a stale file that counts */
	METRIC_SERVICES,   /* distinct system units of stale processes */
	METRIC_CONTAINERS, /* distinct containers of such */
	METRIC_SESSIONS,   /* distinct user units and session scopes of such */
	METRIC_FILES,      /* distinct stale files that count */
	METRIC_AGE,        /* seconds, of the oldest of them */
	METRIC_REBOOT,     /* stale processes that only a reboot renews */
};
#define METRIC_COUNT 7

/* What -w and -c said. */
struct limits {
	struct range warning[METRIC_COUNT];
	struct range critical[METRIC_COUNT];
};

/* "processes" "services" ...: the words of -w and -c, and the labels of perfdata. */
const char *metric_name(enum metric metric);

enum range_unit metric_unit(enum metric metric);

/* Returns 0, or -EINVAL for what is none. */
int metric_parse(const char *s, size_t len, enum metric *ret);

#endif
