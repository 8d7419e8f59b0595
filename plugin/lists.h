/*
 * lists.h - bare lists for other programs, one item a line.  Pure.
 *
 * Of every process of the view, also of those that do not count.
 */
#ifndef PLUGIN_LISTS_H
#define PLUGIN_LISTS_H

#include "buf.h"
#include "view.h"

/* Both return 0, or -ENOMEM. */

/* PIDs, ascending. */
int lists_render_pids(const struct view *view, struct buf *out);

/* Distinct command names (comm) in printable form, as strcmp() sorts. */
int lists_render_names(const struct view *view, struct buf *out);

#endif
