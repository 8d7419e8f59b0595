/*
 * machine.c - one line for each command line, as lib_users -m prints it.
 */
#include "machine.h"

#include "cmdline.h"

static int add_group(const struct view *view, const struct cmdgroup *group,
		     struct buf *out)
{
	int rc;

	cmdgroup_print_pids(view, group, out);
	buf_put(out, ";");
	rc = cmdgroup_print_files(view, group, out);
	buf_put(out, ";");
	buf_put(out, group->text);
	buf_put(out, "\n");
	return rc;
}

int machine_render(const struct view *view, struct buf *out)
{
	cleanup_cmdgroups struct cmdgroups groups = CMDGROUPS_INIT;
	int rc = cmdgroups_make(view, &groups);

	for (size_t i = 0; rc == 0 && i < groups.n; i++)
		rc = add_group(view, &groups.list[i], out);
	return rc < 0 ? rc : out->error;
}
