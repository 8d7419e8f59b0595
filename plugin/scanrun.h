/*
 * scanrun.h - runs a scan where it may hang, with the privilege that it needs.
 *
 * That is a child: there, and only there, what was granted becomes effective.  As soon as
 * it is there this process gives its own privilege up, whatever becomes of the scan.
 */
#ifndef PLUGIN_SCANRUN_H
#define PLUGIN_SCANRUN_H

#include "guard.h"
#include "options.h"
#include "privilege.h"

struct scanrun {
	struct guard_result guard;
	struct privilege privilege; /* what the child did not have */
};

/*
 * Returns 0 and how it went; what it found is in the scanner.  Or a negative errno: there
 * was no scan, and error tells why where privilege was the reason.
 */
int scanrun_make(const struct options *opt, struct stale_scanner *scanner,
		 struct scanrun *ret, struct buf *error);

#endif
