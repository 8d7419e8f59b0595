/*
 * lists.c - bare lists, one item a line.
 */
#include "lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

int lists_render_pids(const struct view *view, struct buf *out)
{
	for (size_t i = 0; i < view->nprocs; i++)
		buf_printf(out, "%d\n", (int)view->procs[i].pid);
	return out->error;
}

static int compare_names(const void *va, const void *vb)
{
	return strcmp(*(const char *const *)va, *(const char *const *)vb);
}

int lists_render_names(const struct view *view, struct buf *out)
{
	cleanup_free const char **names = NULL;

	if (view->nprocs == 0)
		return out->error;
	names = calloc(view->nprocs, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < view->nprocs; i++)
		names[i] = view->procs[i].comm;
	qsort(names, view->nprocs, sizeof(*names), compare_names);
	for (size_t i = 0; i < view->nprocs; i++) {
		if (i > 0 && strcmp(names[i - 1], names[i]) == 0)
			continue;
		buf_printable(out, names[i], BUF_PRINTABLE);
		buf_put(out, "\n");
	}
	return out->error;
}
