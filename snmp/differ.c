/*
 * differ.c - what one report says that another does not.
 */
#include "differ.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool files_differ(const struct stale_proc *a, const struct stale_proc *b)
{
	if (a->nfiles != b->nfiles)
		return true;
	for (size_t i = 0; i < a->nfiles; i++) {
		const struct stale_file *x = &a->files[i];
		const struct stale_file *y = &b->files[i];

		if (x->inode != y->inode || x->why != y->why ||
		    strcmp(x->path, y->path) != 0)
			return true;
	}
	return false;
}

static bool procs_differ(const struct stale_proc *a, const struct stale_proc *b)
{
	return a->pid != b->pid || a->start_ticks != b->start_ticks || files_differ(a, b);
}

static const struct stale_proc *procs_of(const struct stale_report *report, size_t *ret_n)
{
	*ret_n = 0;
	return report ? stale_report_procs(report, ret_n) : NULL;
}

bool differ_reports(const struct stale_report *a, const struct stale_report *b)
{
	size_t na, nb;
	const struct stale_proc *x = procs_of(a, &na);
	const struct stale_proc *y = procs_of(b, &nb);

	if (na != nb)
		return true;
	for (size_t i = 0; i < na; i++)
		if (procs_differ(&x[i], &y[i]))
			return true;
	return false;
}

/* Could every process be told as stale, unreadable, or none of both? */
static bool is_telling(const struct stale_report *look)
{
	const struct stale_scan_info *info = stale_report_info(look);
	size_t nunreadable;

	stale_report_unreadable(look, &nunreadable);
	if (info->denied + info->failed != nunreadable)
		return false;
	/* ESRCH: all of them have ended. */
	return info->finished ? info->error == 0 : info->error == ESRCH;
}

static int compare_proc(const void *key, const void *elem)
{
	const pid_t *pid = key;
	const struct stale_proc *proc = elem;

	return (*pid > proc->pid) - (*pid < proc->pid);
}

static int compare_unreadable(const void *key, const void *elem)
{
	const pid_t *pid = key;
	const struct stale_unreadable *unreadable = elem;

	return (*pid > unreadable->pid) - (*pid < unreadable->pid);
}

static const struct stale_proc *find_proc(const struct stale_report *look, pid_t pid)
{
	size_t n;
	const struct stale_proc *procs = stale_report_procs(look, &n);

	return n ? bsearch(&pid, procs, n, sizeof(*procs), compare_proc) : NULL;
}

static bool is_unreadable(const struct stale_report *look, pid_t pid)
{
	size_t n;
	const struct stale_unreadable *list = stale_report_unreadable(look, &n);

	return n && bsearch(&pid, list, n, sizeof(*list), compare_unreadable);
}

int differ_look(const struct stale_report *report, const struct stale_report *look,
		struct differ_look *ret)
{
	struct differ_look found = {0};
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	if (!is_telling(look))
		return -EAGAIN;
	found.gone = calloc(n + 1, sizeof(*found.gone));
	if (!found.gone)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct stale_proc *proc = &procs[i];
		const struct stale_proc *now = find_proc(look, proc->pid);

		if (now && procs_differ(proc, now))
			found.is_new = true;
		if (now ? now->start_ticks == proc->start_ticks
			: is_unreadable(look, proc->pid))
			continue;
		found.gone[found.ngone++] =
			(struct stale_identity){proc->pid, proc->start_ticks};
	}
	*ret = found;
	return 0;
}
