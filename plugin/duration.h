/*
 * duration.h - spans of time as people write them: "90s", "15m", "1d", "2w".
 */
#ifndef PLUGIN_DURATION_H
#define PLUGIN_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define DURATION_MAX INT64_C(3153600000) /* seconds; a hundred years */

/*
 * Parses digits and one unit of s, m, h, d, w (none: seconds).  Returns 0, -EINVAL, or
 * -ERANGE beyond DURATION_MAX.
 */
int duration_parse(const char *s, size_t len, int64_t *ret_seconds);

/* Adds the two largest units: "1d 2h", "9d", "5m", "45s".  Below zero is "0s". */
void duration_print(struct buf *t, int64_t seconds);

/* Adds a point in time, in seconds since the epoch, as RFC 3339 in UTC. */
void timestamp_print(struct buf *t, int64_t time);

#endif
