/*
 * attack.c - see attack.h.
 */
#include "attack.h"

#include <errno.h>
#include <unistd.h>

#include "tests/test.h"

char *attack_folder(struct live *live, const char *name)
{
	char *path;

	live_need_root(live);
	live_mkdir(live, name);
	path = live_path(live, name);
	assert_int_equal(chown(path, LIVECHILD_NOBODY, LIVECHILD_NOBODY), 0);
	return path;
}

struct live_process *attack_start(struct live *live, const char *mode, const char *first,
				  const char *second)
{
	char *helper = live_built("tests/helper_attacks");
	struct live_process *process =
		live_spawn(live, helper,
			   (const char *const[]){ATTACK_USER, mode, first, second, NULL});

	process->endless = true;
	free(helper);
	return process;
}

static void start_server(struct live *live)
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
	assert_int_equal(setenv("FUSE_USER", ATTACK_USER, 1), 0);
	server = live_spawn(live, helper, (const char *const[]){path, NULL});
	unsetenv("FUSE_USER");
	server->endless = true;
	live_unwatch(live, server->pid);
	free(helper);
}

/* After which the server is silent; the user alone may do it. */
static int remove_file(struct live *live)
{
	return unlinkat(live->dirfd, "fs/lib.so", 0) < 0 ? -errno : 0;
}

void attack_with_dead_file(struct live *live)
{
	char *path;

	live_need_root(live);
	start_server(live);
	path = live_path(live, "fs/lib.so");
	live_start(live, "setuid", ATTACK_USER, "map", path, "rx");
	livechild_assert(live, LIVECHILD_PLAIN, remove_file);
	free(path);
}
