/*
 * monitored.c - see monitored.h.
 */
#include "monitored.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "liveplugin.h"
#include "tests/test.h"

enum livechild_user monitored_user(void)
{
	return geteuid() == 0 ? LIVECHILD_PLAIN : LIVECHILD_SAME;
}

uid_t monitored_uid(void)
{
	return geteuid() == 0 ? LIVECHILD_NOBODY : geteuid();
}

struct live_process *monitored_start(struct live *live, const char *comm,
				     const char *step, const char *file)
{
	const char *words[8] = {"setuid", "65534"};
	char *path = live_path(live, file);
	struct live_process *process;
	size_t n = geteuid() == 0 ? 2 : 0;

	live_lib(live, file, NULL, 'a');
	words[n++] = "comm";
	words[n++] = comm;
	words[n++] = step;
	words[n++] = path;
	words[n++] = strcmp(step, "map") == 0 ? "rx" : NULL;
	words[n] = NULL;
	process = live_spawn(live, NULL, words);
	free(path);
	return process;
}

struct live_process *monitored_start_stale(struct live *live, const char *comm,
					   const char *file)
{
	struct live_process *process = monitored_start(live, comm, "map", file);

	live_unlink(live, file);
	return process;
}

void monitored_only(struct live *live)
{
	if (geteuid() == 0)
		live_unwatch(live, live->processes[0].pid);
}

void monitored_make_plugins(const struct live *live)
{
	static const char by_ssh[] = "#!/bin/sh\n"
				     "while getopts C:H:t: option; do\n"
				     "	[ \"$option\" != C ] || command=$OPTARG\n"
				     "done\n"
				     "exec /bin/sh -c \"$command\"\n";

	live_mkdir(live, "plugins");
	live_program(live, "plugins/check_stale", "check_stale", 0);
	live_text(live, "plugins/check_by_ssh", by_ssh);
	assert_int_equal(fchmodat(live->dirfd, "plugins/check_by_ssh", 0755, 0), 0);
}

char *monitored_pids(const struct live *live)
{
	char *pids = liveplugin_pids(live);
	size_t skipped = strlen("--pid=");

	memmove(pids, pids + skipped, strlen(pids + skipped) + 1);
	return pids;
}
