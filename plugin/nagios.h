/*
 * nagios.h - the output a monitoring core reads: one line with performance data, then
 * details.  Pure.
 */
#ifndef PLUGIN_NAGIOS_H
#define PLUGIN_NAGIOS_H

#include "buf.h"
#include "details.h"
#include "metric.h"
#include "verdict.h"

/* Fewest bytes that hold the longest first line with thresholds that people write. */
#define NAGIOS_OUTPUT_MIN 512
#define NAGIOS_OUTPUT_MAX 1048576

struct nagios {
	const struct limits *limits; /* for the performance data */
	struct details details;
	size_t max_output; /* bytes, the last newline included */
};

/*
 * Adds the whole output, at most max_output bytes: lines that do not fit become
 * "... and N more"; only the first is whole whatever its length.  Returns 0, or -ENOMEM.
 */
int nagios_render(const struct view *view, const struct verdict *verdict,
		  const struct nagios *nagios, struct buf *out);

#endif
