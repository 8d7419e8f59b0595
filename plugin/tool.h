/*
 * tool.h - runs another program where it can do no harm, and takes what it prints.
 *
 * It gets no capability and never any (no_new_privs), a clean environment, /dev/null, one
 * pipe, and limits on time, memory and output; it ends at the latest two seconds after its
 * deadline, whatever becomes of its parent.  Root becomes nobody: let PRIVILEGE_PACKAGES be permitted for
 * that, else it stays root without capabilities.  What it prints to stderr is lost.
 */
#ifndef PLUGIN_TOOL_H
#define PLUGIN_TOOL_H

#include <stdint.h>

#include "buf.h"

#define TOOL_OUTPUT_MAX (16U << 20) /* bytes */

/*
 * Runs argv[0], an absolute path, with argv (ended by NULL) until deadline_us:
 * microseconds of CLOCK_MONOTONIC.  Adds its standard output to out.  Returns its exit
 * status, 0 to 255 (127: it could not be run), or a negative errno: -ETIME when it was ended for being late, -EFBIG
 * for output beyond the limit, -ECHILD when a signal ended it, -ENOMEM, ...  Uses SIGCHLD.
 */
int tool_run(const char *const argv[], int64_t deadline_us, struct buf *out);

#endif
