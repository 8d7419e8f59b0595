/*
 * notes.h - lines about the scan as a whole: what is missing, what was ignored.
 */
#ifndef PLUGIN_NOTES_H
#define PLUGIN_NOTES_H

#include "buf.h"
#include "details.h"
#include "verdict.h"

/* All add whole lines, in Nagios form. */

/* How to get a complete answer, and what could not be read. */
void notes_gaps(const struct view *view, struct buf *out);

/* How much deleted data and open files hold, where they were looked for. */
void notes_deleted(const struct view *view, struct buf *out);

/* What was ignored; the built-in rules with their reasons at -v. */
void notes_ignored(const struct view *view, const struct details *details,
		   struct buf *out);

/* The figures of the scan. */
void notes_scan(const struct view *view, struct buf *out);

#endif
