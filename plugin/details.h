/*
 * details.h - the lines after the first: what -v, -vv, -vvv and --show-ignored add.
 */
#ifndef PLUGIN_DETAILS_H
#define PLUGIN_DETAILS_H

#include "buf.h"
#include "group.h"
#include "verdict.h"

struct details {
	int verbose; /* 1: groups, 2: processes and files, 3: the scan */
	bool show_ignored;
	bool show_args;
};

/* Adds whole lines, in Nagios form.  Returns 0, or -ENOMEM. */
int details_render(const struct view *view, const struct verdict *verdict,
		   const struct groups *groups, const struct details *details,
		   struct buf *out);

#endif
