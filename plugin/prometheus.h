/*
 * prometheus.h - metrics for the textfile collector of Prometheus' node exporter.  Pure.
 *
 * All are gauges.  No label holds a path, a PID, the id of a container or the name of
 * anything transient: each value of a label is a time series that somebody stores.
 */
#ifndef PLUGIN_PROMETHEUS_H
#define PLUGIN_PROMETHEUS_H

#include "buf.h"
#include "verdict.h"

/* Both return 0, or -ENOMEM. */

/* A scan that ended in an error (GAP_ERROR) is told as prometheus_render_failure() does. */
int prometheus_render(const struct view *view, const struct verdict *verdict,
		      struct buf *out);

/* For a scan of which there is nothing to tell. */
int prometheus_render_failure(struct buf *out);

#endif
