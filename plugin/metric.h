/*
 * metric.h - what thresholds are set for.
 */
#ifndef PLUGIN_METRIC_H
#define PLUGIN_METRIC_H

#include <stddef.h>

#include "range.h"

enum metric {
	METRIC_PROCESSES, /* processes with a stale file that counts */
	METRIC_FILES,     /* distinct stale files that count */
	METRIC_AGE,       /* seconds, of the oldest of them */
};
#define METRIC_COUNT 3

/* What -w and -c said. */
struct limits {
	struct range warning[METRIC_COUNT];
	struct range critical[METRIC_COUNT];
};

/* "processes" "files" "age": the words of -w and -c, and the labels of perfdata. */
const char *metric_name(enum metric metric);

enum range_unit metric_unit(enum metric metric);

/* Returns 0, -EINVAL for what is none, -ENOTSUP for one of a later version. */
int metric_parse(const char *s, size_t len, enum metric *ret);

#endif
