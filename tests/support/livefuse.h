/*
 * livefuse.h - a file system of a live test that goes dead: tests/helper_fuse.c serves it.
 */
#ifndef TESTS_LIVEFUSE_H
#define TESTS_LIVEFUSE_H

#include "live.h"

#define LIVEFUSE_FILE "fs/lib.so" /* when it is removed, nothing is answered any more */

/*
 * Mounts it as "fs" of the case, in a mount namespace of this program; skips where that is
 * not allowed, or there is no FUSE.  file, numbers: see there; NULL.  Returns the server,
 * which is not scanned.
 */
struct live_process *livefuse_start(struct live *live, const char *file,
				    const char *numbers);

#endif
