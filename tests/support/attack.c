/*
 * attack.c - see attack.h.
 */
#include "attack.h"

#include <errno.h>
#include <unistd.h>

#include "livefuse.h"
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
	assert_int_equal(setenv("FUSE_USER", ATTACK_USER, 1), 0);
	livefuse_start(live, NULL, NULL);
	unsetenv("FUSE_USER");
}

/* After which the server is silent; the user alone may do it. */
static int remove_file(struct live *live)
{
	return unlinkat(live->dirfd, LIVEFUSE_FILE, 0) < 0 ? -errno : 0;
}

void attack_with_dead_file(struct live *live)
{
	char *path;

	live_need_root(live);
	start_server(live);
	path = live_path(live, LIVEFUSE_FILE);
	live_start(live, "setuid", ATTACK_USER, "map", path, "rx");
	livechild_assert(live, LIVECHILD_PLAIN, remove_file);
	free(path);
}
