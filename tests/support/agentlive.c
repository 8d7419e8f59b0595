/*
 * agentlive.c - see agentlive.h.
 */
#include "agentlive.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sanitized.h"
#include "tests/test.h"

int agentlive_setup(void **state)
{
	const struct agentd_row *row = *state;
	struct agentlive *both = calloc(1, sizeof(*both));
	void *part = *state;

	assert_non_null(both);
	both->row.name = row->name;
	snprintf(both->name, sizeof(both->name), "al%d", getpid());
	snprintf(both->select, sizeof(both->select), "--process=%s", both->name);
	assert_int_equal(agentd_setup(&part), 0);
	both->d = part;
	part = &both->row;
	assert_int_equal(live_setup(&part), 0);
	both->live = part;
	/* The control is looked at, too. */
	if (both->live->nprocesses > 0)
		live_step(both->live, &both->live->processes[0], "comm", both->name);
	*state = both;
	return 0;
}

int agentlive_teardown(void **state)
{
	struct agentlive *both = *state;
	void *part = both->d;

	agentd_teardown(&part);
	part = both->live;
	live_teardown(&part);
	free(both);
	return 0;
}

struct live_process *agentlive_start(struct agentlive *both, const char *library)
{
	char *path = live_path(both->live, library);
	struct live_process *process;

	live_lib(both->live, library, NULL, 'a');
	process = live_start(both->live, "comm", both->name, "map", path, "rx");
	free(path);
	return process;
}

void agentlive_need_speed(const struct agentlive *both)
{
	if (is_sanitized())
		agentd_skip(both->d,
			    "built with a sanitizer: there is nothing to measure");
}
