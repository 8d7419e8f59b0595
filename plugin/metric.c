/*
 * metric.c - what thresholds are set for.
 */
#include "metric.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

const char *metric_name(enum metric metric)
{
	switch (metric) {
	case METRIC_PROCESSES:
		return "processes";
	case METRIC_FILES:
		return "files";
	case METRIC_AGE:
		break;
	}
	return "age";
}

enum range_unit metric_unit(enum metric metric)
{
	return metric == METRIC_AGE ? RANGE_SECONDS : RANGE_NUMBER;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

int metric_parse(const char *s, size_t len, enum metric *ret)
{
	static const char *const later[] = {"services", "containers", "sessions",
					    "reboot"};

	for (int i = 0; i < METRIC_COUNT; i++) {
		if (is_word(s, len, metric_name((enum metric)i))) {
			*ret = (enum metric)i;
			return 0;
		}
	}
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (is_word(s, len, later[i]))
			return -ENOTSUP;
	}
	return -EINVAL;
}
