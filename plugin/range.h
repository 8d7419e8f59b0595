/*
 * range.h - thresholds as the Monitoring Plugins guideline defines them.
 *
 * "10" is 0 to 10, "10:" from 10 on, "~:10" up to 10, "10:20", "@10:20"; end points are
 * inside.  A value outside alerts; with '@' one inside.  Stricter than most plugins:
 * whatever is not such a range is refused, never read as zero.
 */
#ifndef PLUGIN_RANGE_H
#define PLUGIN_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct range {
	double start; /* -INFINITY: no lower end */
	double end;   /* INFINITY: no upper end */
	bool inside;  /* '@' */
	bool set;     /* false: no threshold, never alerts */
};

enum range_unit {
	RANGE_NUMBER,  /* end points such as 10, 0.5, -3; at most 15 digits */
	RANGE_SECONDS, /* end points such as 7d, see stale_parse_duration() */
};

/*
 * Returns 0, or -EINVAL with *ret_reason set to a few words (static) about what is
 * wrong.
 */
int range_parse(const char *s, size_t len, enum range_unit unit, struct range *ret,
		const char **ret_reason);

bool range_alerts(const struct range *range, double value);

/* Adds the range in plain numbers (7d as 604800); nothing when it is not set. */
void range_print(struct buf *t, const struct range *range);

#endif
