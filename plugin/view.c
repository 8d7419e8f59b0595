/*
 * view.c - questions that more than one renderer asks.
 */
#include "view.h"

#include <string.h>

#include "packages.h"

bool view_file_counts(const struct view *view, const struct stale_proc *proc,
		      const struct stale_file *file)
{
	return stale_file_counts(proc, file, &view->policy, view->now);
}

bool view_proc_counts(const struct view *view, const struct stale_proc *proc)
{
	return stale_proc_counts(proc, &view->policy, view->now);
}

bool view_proc_is_stale(const struct stale_proc *proc)
{
	for (size_t i = 0; i < proc->nfiles; i++) {
		if (proc->files[i].why != STALE_CURRENT)
			return true;
	}
	return false;
}

bool view_is_users(const struct stale_proc *proc)
{
	switch (proc->scope) {
	case STALE_SCOPE_SYSTEM:
		return false;
	case STALE_SCOPE_CONTAINER:
		return proc->owner != (uid_t)-1 && proc->owner != 0;
	case STALE_SCOPE_NONE:
	case STALE_SCOPE_USER:
	case STALE_SCOPE_SESSION:
		break;
	}
	return proc->uid != 0;
}

int64_t view_file_age(const struct view *view, const struct stale_file *file)
{
	if (file->since_source == STALE_SINCE_UNKNOWN)
		return -1;
	return view->now > file->since ? view->now - file->since : 0;
}

const char *view_user_name(const struct view *view, uid_t uid)
{
	return view->users ? stale_users_name(view->users, uid) : NULL;
}

unsigned view_kinds(const struct view *view)
{
	return view->policy.kinds ? view->policy.kinds : STALE_KIND_CODE;
}

const char *view_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const struct package *view_package(const struct view *view, const struct stale_proc *proc,
				   const struct stale_file *file)
{
	if (proc->scope == STALE_SCOPE_CONTAINER)
		return NULL;
	return packages_of(view->packages, file->path);
}
