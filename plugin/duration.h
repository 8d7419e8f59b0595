/*
 * duration.h - spans and points of time, for people and for programs.
 */
#ifndef PLUGIN_DURATION_H
#define PLUGIN_DURATION_H

#include <stdint.h>

#include "buf.h"

/* Adds the two largest units: "1d 2h", "9d", "5m", "45s".  Below zero is "0s". */
void duration_print(struct buf *t, int64_t seconds);

/* Adds a point in time, in seconds since the epoch, as RFC 3339 in UTC. */
void timestamp_print(struct buf *t, int64_t time);

#endif
