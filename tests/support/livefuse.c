/*
 * livefuse.c - see livefuse.h.
 */
#include "livefuse.h"

#include <stdlib.h>
#include <unistd.h>

struct live_process *livefuse_start(struct live *live, const char *file,
				    const char *numbers)
{
	char *helper, *path;
	struct live_process *server;

	live_own_mounts(live);
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		live_skip(live, "no /dev/fuse");
	live_mkdir(live, "fs");
	helper = live_built("tests/helper_fuse");
	path = live_path(live, "fs");
	live->mounts[live->nmounts++] = path;
	server = live_spawn(live, helper,
			    (const char *const[]){path, file, numbers, NULL});
	server->endless = true;
	live_unwatch(live, server->pid);
	free(helper);
	return server;
}
