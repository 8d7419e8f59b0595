/*
 * group.c - stale processes put together for people.
 */
#include "group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

struct entry {
	const char *key;
	size_t proc; /* position in view->procs */
	bool counted;
};

struct name {
	const char *s;
	enum stale_kind kind;
};

static const char *group_key(const struct stale_proc *proc)
{
	return proc->comm;
}

static int compare_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int rc;

	if (a->counted != b->counted)
		return a->counted ? -1 : 1;
	rc = strcmp(a->key, b->key);
	if (rc)
		return rc;
	return (a->proc > b->proc) - (a->proc < b->proc);
}

static int compare_groups(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;

	if (a->counted != b->counted)
		return a->counted ? -1 : 1;
	if (a->nprocs != b->nprocs)
		return a->nprocs > b->nprocs ? -1 : 1;
	return strcmp(a->name, b->name);
}

static bool same_group(const struct group *group, const struct entry *entry)
{
	return group->counted == entry->counted && strcmp(group->name, entry->key) == 0;
}

/* entries are sorted, so that each group is one run of them. */
static void collect(struct groups *groups, const struct entry *entries, size_t n)
{
	struct group *last = NULL;

	for (size_t i = 0; i < n; i++) {
		groups->procs[i] = entries[i].proc;
		if (last && same_group(last, &entries[i])) {
			last->nprocs++;
			continue;
		}
		last = &groups->list[groups->n++];
		*last = (struct group){
			.name = entries[i].key,
			.procs = groups->procs + i,
			.nprocs = 1,
			.counted = entries[i].counted,
		};
		groups->ncounted += last->counted ? 1 : 0;
	}
}

int groups_make(const struct view *view, struct groups *ret)
{
	struct groups groups = GROUPS_INIT;
	cleanup_free struct entry *entries = NULL;

	if (view->nprocs == 0) {
		*ret = groups;
		return 0;
	}
	entries = calloc(view->nprocs, sizeof(*entries));
	groups.list = calloc(view->nprocs, sizeof(*groups.list));
	groups.procs = calloc(view->nprocs, sizeof(*groups.procs));
	if (!entries || !groups.list || !groups.procs) {
		groups_release(&groups);
		return -ENOMEM;
	}
	for (size_t i = 0; i < view->nprocs; i++)
		entries[i] = (struct entry){
			.key = group_key(&view->procs[i]),
			.proc = i,
			.counted = view_proc_counts(view, &view->procs[i]),
		};
	qsort(entries, view->nprocs, sizeof(*entries), compare_entries);
	collect(&groups, entries, view->nprocs);
	qsort(groups.list, groups.n, sizeof(*groups.list), compare_groups);
	*ret = groups;
	return 0;
}

void groups_release(struct groups *groups)
{
	free(groups->list);
	free(groups->procs);
	*groups = (struct groups)GROUPS_INIT;
}

static int compare_names(const void *va, const void *vb)
{
	const struct name *a = va, *b = vb;

	if (a->kind != b->kind)
		return a->kind == STALE_EXE ? -1 : 1;
	return strcmp(a->s, b->s);
}

static bool is_of_group(const struct group *group, const struct view *view,
			const struct stale_file *file)
{
	return !group->counted || view_file_counts(view, file);
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

		if (!is_of_group(group, view, file))
			continue;
		names[n++] = (struct name){view_basename(file->path), file->kind};
		summary->why |= STALE_WHY_BIT(file->why);
		if (age > summary->age)
			summary->age = age;
	}
	return n;
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
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && compare_names(&names[i - 1], &names[i]) == 0)
			continue;
		summary.names[summary.nnames++] = names[i].s;
	}
	*ret = summary;
	return 0;
}

void group_summary_release(struct group_summary *summary)
{
	free(summary->names);
	*summary = (struct group_summary){.age = -1};
}
