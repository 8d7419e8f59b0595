/*
 * usage.h - what the plugin says about itself, in at most 80 columns.
 */
#ifndef PLUGIN_USAGE_H
#define PLUGIN_USAGE_H

#include "buf.h"

#define USAGE_COLUMNS     80
#define USAGE_ERROR_LINES 23 /* the guideline's limit after a usage error */

void usage_help(struct buf *out);
void usage_version(struct buf *out);

/* What only a reboot renews, a line for each: pattern of units, and the reason. */
void usage_reboot_list(struct buf *out);

/* "STALE UNKNOWN - message" and a short usage.  message is printable, one line. */
void usage_error(struct buf *out, const char *message);

#endif
