/*
 * found.h - the first line's account of what was found, names first.
 *
 * What is known of all of it stands behind the names and has a fixed shape; the names
 * take the room that is left, so that nobody's name pushes out what the scan missed.
 */
#ifndef PLUGIN_FOUND_H
#define PLUGIN_FOUND_H

#include "buf.h"
#include "group.h"
#include "verdict.h"

/*
 * Adds "ssh (2 processes): libssl.so.3, oldest 1d 2h" to out, which is a line of its own:
 * at most HEADLINE_MAX bytes in all.  At least one group counts.  Returns 0, or -ENOMEM.
 */
int found_render(const struct view *view, const struct verdict *verdict,
		 const struct groups *groups, struct buf *out);

/* Adds ", 2 need a reboot", where that metric alerts. */
void found_reboot(const struct view *view, const struct verdict *verdict,
		  struct buf *out);

#endif
