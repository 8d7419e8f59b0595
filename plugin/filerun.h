/*
 * filerun.h - writes the file of -o where it may hang, with the privilege that it needs.
 *
 * Its folder may be on a file system that answers nothing any more, and whoever waits for
 * the first line is not to wait for that.
 */
#ifndef PLUGIN_FILERUN_H
#define PLUGIN_FILERUN_H

#include <stdint.h>

#include "options.h"

/*
 * Replaces the file in a child, which has until deadline_us (child_clock_us()), and a
 * second at the least.  This process has given up all privilege then.  Returns 0; or a
 * negative errno with the reason, in Nagios form, added to error.
 */
int filerun_write(const struct options *opt, const struct buf *bytes, int64_t deadline_us,
		  struct buf *error);

#endif
