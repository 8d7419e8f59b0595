/*
 * view.c - questions that more than one renderer asks.
 */
#include "view.h"

#include <string.h>

bool view_file_counts(const struct view *view, const struct stale_file *file)
{
	return stale_file_counts(file, &view->policy, view->now);
}

bool view_proc_counts(const struct view *view, const struct stale_proc *proc)
{
	return stale_proc_counts(proc, &view->policy, view->now);
}

int64_t view_file_age(const struct view *view, const struct stale_file *file)
{
	if (file->since_source == STALE_SINCE_UNKNOWN)
		return -1;
	return view->now > file->since ? view->now - file->since : 0;
}

const char *view_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
