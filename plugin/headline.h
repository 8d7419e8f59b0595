/*
 * headline.h - the one line that is read on a phone: state, names first, what is missing.
 */
#ifndef PLUGIN_HEADLINE_H
#define PLUGIN_HEADLINE_H

#include "buf.h"
#include "group.h"
#include "verdict.h"

#define HEADLINE_MAX 119 /* bytes; with the blank before '|' 120 */

/*
 * Adds "STALE STATE - ..." without performance data and newline, in Nagios form.
 * view counts the scopes of verdict_scopes(), as it did for groups_make().  Returns 0, or
 * -ENOMEM.
 */
int headline_render(const struct view *view, const struct verdict *verdict,
		    const struct groups *groups, struct buf *out);

/* Adds ", incomplete: ...", if it is. */
void headline_gap(const struct view *view, const struct verdict *verdict,
		  struct buf *out);

/* Adds what ended the scan early: "Cannot allocate memory", "killed by signal 11". */
void headline_error(const struct view *view, struct buf *out);

#endif
