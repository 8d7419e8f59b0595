/*
 * summary.c - what the files of a group have in common.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "group.h"

struct name {
	const char *s;
	int64_t bytes;
	uint32_t id;
	bool is_exe;
};

static int compare_names(const void *va, const void *vb)
{
	const struct name *a = va, *b = vb;
	int rc;

	if (a->is_exe != b->is_exe)
		return a->is_exe ? -1 : 1;
	rc = strcmp(a->s, b->s);
	return rc ? rc : (a->id > b->id) - (a->id < b->id);
}

static bool is_of_group(const struct group *group, const struct view *view,
			const struct stale_proc *proc, const struct stale_file *file)
{
	return !group->counted || view_file_counts(view, proc, file);
}

static size_t count_files(const struct group *group, const struct view *view)
{
	size_t n = 0;

	for (size_t i = 0; i < group->nprocs; i++)
		n += view->procs[group->procs[i]].nfiles;
	return n;
}

/* Takes what is needed of the files of one process; returns how many names there are. */
static size_t take_files(const struct group *group, const struct view *view,
			 const struct stale_proc *proc, struct name *names,
			 struct group_summary *summary)
{
	size_t n = 0;

	for (size_t i = 0; i < proc->nfiles; i++) {
		const struct stale_file *file = &proc->files[i];
		int64_t age = view_file_age(view, file);

		if (!is_of_group(group, view, proc, file))
			continue;
		names[n++] = (struct name){
			.s = view_basename(file->path),
			.bytes = file->bytes,
			.id = file->id,
			.is_exe = file->kind == STALE_EXE,
		};
		summary->why |= STALE_WHY_BIT(file->why);
		summary->kinds |= STALE_KIND_BIT(file->kind);
		if (age > summary->age)
			summary->age = age;
	}
	return n;
}

/* names are sorted: the same file once, and the same name once. */
static void take_names(const struct name *names, size_t n, struct group_summary *summary)
{
	for (size_t i = 0; i < n; i++) {
		const struct name *last = i > 0 ? &names[i - 1] : NULL;

		if (last && compare_names(last, &names[i]) == 0)
			continue;
		if (names[i].bytes > 0)
			summary->bytes += names[i].bytes;
		if (last && last->is_exe == names[i].is_exe &&
		    strcmp(last->s, names[i].s) == 0)
			continue;
		summary->names[summary->nnames++] = names[i].s;
	}
}

int group_summarize(const struct group *group, const struct view *view,
		    struct group_summary *ret)
{
	struct group_summary summary = {.age = -1};
	size_t room = count_files(group, view), n = 0;
	cleanup_free struct name *names = calloc(room, sizeof(*names));

	summary.names = calloc(room, sizeof(*summary.names));
	if (!names || !summary.names) {
		group_summary_release(&summary);
		return -ENOMEM;
	}
	for (size_t i = 0; i < group->nprocs; i++)
		n += take_files(group, view, &view->procs[group->procs[i]], names + n,
				&summary);
	qsort(names, n, sizeof(*names), compare_names);
	take_names(names, n, &summary);
	*ret = summary;
	return 0;
}

void group_summary_release(struct group_summary *summary)
{
	free(summary->names);
	*summary = (struct group_summary){.age = -1};
}
