/*
 * metric.c - what thresholds are set for.
 */
#include "metric.h"

#include <errno.h>
#include <string.h>

const char *metric_name(enum metric metric)
{
	switch (metric) {
	case METRIC_PROCESSES:
		return "processes";
	case METRIC_SERVICES:
		return "services";
	case METRIC_CONTAINERS:
		return "containers";
	case METRIC_SESSIONS:
		return "sessions";
	case METRIC_FILES:
		return "files";
	case METRIC_AGE:
		return "age";
	case METRIC_REBOOT:
		break;
	}
	return "reboot";
}

enum range_unit metric_unit(enum metric metric)
{
	return metric == METRIC_AGE ? RANGE_SECONDS : RANGE_NUMBER;
}

int metric_parse(const char *s, size_t len, enum metric *ret)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		const char *name = metric_name((enum metric)i);

		if (strlen(name) == len && memcmp(s, name, len) == 0) {
			*ret = (enum metric)i;
			return 0;
		}
	}
	return -EINVAL;
}
