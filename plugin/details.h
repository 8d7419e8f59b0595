/*
 * details.h - the lines after the first: what -v, -vv, -vvv and --show-ignored add.
 */
#ifndef PLUGIN_DETAILS_H
#define PLUGIN_DETAILS_H

#include <stdbool.h>

#include "buf.h"
#include "group.h"
#include "verdict.h"

#define DETAILS_ITEMS      10  /* names or pids on one line */
#define DETAILS_NAME_BYTES 64  /* of a name */
#define DETAILS_PATH_BYTES 255 /* of a path or a command line */

struct details {
	int verbose; /* 1: groups, 2: processes and files, 3: the scan */
	bool show_ignored;
	bool show_args;
	bool no_default_ignores; /* the built-in rules were off */
};

/*
 * Adds whole lines, in Nagios form.  view counts the scopes of verdict_scopes(), as it did
 * for groups_make().  Returns 0, or -ENOMEM.
 */
int details_render(const struct view *view, const struct verdict *verdict,
		   const struct groups *groups, const struct details *details,
		   struct buf *out);

/* Adds " and N more" for a list of n of which DETAILS_ITEMS were printed. */
void details_more(struct buf *out, size_t n);

#endif
