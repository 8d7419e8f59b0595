/*
 * group.c - stale processes put together for people.
 */
#include "group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cleanup.h"

#define ID_SHOWN 12 /* digits of the id of a container, as docker shows them */
#define ID_MIN   32 /* what has as many is an id, not a name that somebody gave */

struct entry {
	const struct stale_proc *proc;
	size_t at; /* position in view->procs */
	enum group_class class;
	bool counted;
};

static enum group_class group_class(const struct stale_proc *proc)
{
	if (proc->scope == STALE_SCOPE_CONTAINER && proc->container)
		return GROUP_CONTAINER;
	if (!proc->unit)
		return GROUP_PROGRAM;
	switch (proc->scope) {
	case STALE_SCOPE_SYSTEM:
		return GROUP_SERVICE;
	case STALE_SCOPE_USER:
	case STALE_SCOPE_SESSION:
		return GROUP_SESSION;
	case STALE_SCOPE_CONTAINER:
	case STALE_SCOPE_NONE:
		break;
	}
	return GROUP_PROGRAM;
}

const char *group_noun(enum group_class class, size_t n)
{
	static const char *const nouns[GROUP_CLASS_COUNT][2] = {
		[GROUP_SERVICE] = {"service", "services"},
		[GROUP_CONTAINER] = {"container", "containers"},
		[GROUP_SESSION] = {"session", "sessions"},
		[GROUP_PROGRAM] = {"program", "programs"},
	};

	return nouns[class][n != 1];
}

/* NULL sorts first. */
static int compare_strings(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_containers(const struct stale_proc *a, const struct stale_proc *b)
{
	int rc = compare_strings(a->runtime, b->runtime);

	if (rc == 0)
		rc = strcmp(a->container, b->container);
	/* Below their own manager users may name one as they like. */
	return rc ? rc : (a->owner > b->owner) - (a->owner < b->owner);
}

/* 0: the same group, if both count or both do not. */
static int compare_owners(const struct entry *a, const struct entry *b)
{
	const struct stale_proc *pa = a->proc, *pb = b->proc;

	if (a->class != b->class)
		return (a->class > b->class) - (a->class < b->class);
	switch (a->class) {
	case GROUP_SERVICE:
		return strcmp(pa->unit, pb->unit);
	case GROUP_CONTAINER:
		return compare_containers(pa, pb);
	case GROUP_SESSION:
		if (pa->owner != pb->owner)
			return (pa->owner > pb->owner) - (pa->owner < pb->owner);
		return strcmp(pa->unit, pb->unit);
	case GROUP_PROGRAM:
		break;
	}
	return strcmp(pa->comm, pb->comm);
}

static int compare_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int rc;

	if (a->counted != b->counted)
		return a->counted ? -1 : 1;
	rc = compare_owners(a, b);
	if (rc == 0)
		rc = strcmp(a->proc->comm, b->proc->comm);
	if (rc == 0)
		rc = view_is_users(a->proc) - view_is_users(b->proc);
	return rc ? rc : (a->at > b->at) - (a->at < b->at);
}

/* The class and the title tell groups of the same name apart, the first process those
 * of which the title was cut. */
static int compare_groups(const void *va, const void *vb)
{
	const struct group *a = va, *b = vb;
	int rc;

	if (a->counted != b->counted)
		return a->counted ? -1 : 1;
	if (a->is_users != b->is_users)
		return a->is_users ? 1 : -1;
	if (a->nprocs != b->nprocs)
		return a->nprocs > b->nprocs ? -1 : 1;
	rc = strcmp(a->name, b->name);
	if (rc == 0)
		rc = (a->class > b->class) - (a->class < b->class);
	if (rc == 0)
		rc = compare_strings(a->title, b->title);
	return rc ? rc : (a->procs[0] > b->procs[0]) - (a->procs[0] < b->procs[0]);
}

/* An id of hexadecimal digits is cut, a name is not. */
static void add_container(const struct stale_proc *proc, struct buf *out)
{
	size_t len = strlen(proc->container);
	bool is_id = len >= ID_MIN && strspn(proc->container, "0123456789abcdef") == len;

	buf_put(out, proc->runtime ? proc->runtime : "container");
	buf_put(out, " ");
	buf_bytes(out, proc->container, is_id ? ID_SHOWN : len);
}

static void add_owner(const struct view *view, const struct stale_proc *proc,
		      struct buf *out)
{
	const char *user;

	if (proc->owner == (uid_t)-1)
		return;
	user = view_user_name(view, proc->owner);
	if (user)
		buf_printf(out, " of %s", user);
	else
		buf_printf(out, " of user %u", (unsigned)proc->owner);
}

/* short_form: without ".service". */
static void add_unit(const struct view *view, const struct stale_proc *proc,
		     bool short_form, struct buf *out)
{
	static const char service[] = ".service";
	size_t len = strlen(proc->unit), tail = sizeof(service) - 1;

	if (short_form && len > tail && strcmp(proc->unit + len - tail, service) == 0)
		len -= tail;
	buf_bytes(out, proc->unit, len);
	if (group_class(proc) == GROUP_SESSION)
		add_owner(view, proc, out);
}

/* Owned by the caller; NULL: out of memory. */
static char *make_name(const struct view *view, const struct stale_proc *proc,
		       bool short_form)
{
	struct buf name = BUF_INIT;

	switch (group_class(proc)) {
	case GROUP_SERVICE:
	case GROUP_SESSION:
		add_unit(view, proc, short_form, &name);
		break;
	case GROUP_CONTAINER:
		add_container(proc, &name);
		break;
	case GROUP_PROGRAM:
		buf_put(&name, proc->comm);
		break;
	}
	if (name.error)
		buf_release(&name);
	return name.s;
}

static int group_init(const struct view *view, const struct entry *entry,
		      const size_t *procs, struct group *group)
{
	*group = (struct group){
		.class = entry->class,
		.name = make_name(view, entry->proc, true),
		.procs = procs,
		.nprocs = 1,
		.counted = entry->counted,
		.is_users = view_is_users(entry->proc),
	};
	if (entry->class != GROUP_PROGRAM)
		group->title = make_name(view, entry->proc, false);
	if (!group->name || (entry->class != GROUP_PROGRAM && !group->title))
		return -ENOMEM;
	return 0;
}

/* entries are sorted, so that each group is one run of them. */
static int collect(const struct view *view, const struct entry *entries,
		   struct groups *groups)
{
	struct group *last = NULL;

	for (size_t i = 0; i < view->nprocs; i++) {
		groups->procs[i] = entries[i].at;
		if (last && last->counted == entries[i].counted &&
		    compare_owners(&entries[i - 1], &entries[i]) == 0) {
			last->nprocs++;
			last->is_users &= view_is_users(entries[i].proc);
			continue;
		}
		last = &groups->list[groups->n++];
		if (group_init(view, &entries[i], groups->procs + i, last) < 0)
			return -ENOMEM;
		groups->ncounted += last->counted ? 1 : 0;
	}
	return 0;
}

/* Returns owned entries, or NULL: out of memory. */
static struct entry *make_entries(const struct view *view)
{
	struct entry *entries = calloc(view->nprocs, sizeof(*entries));

	if (!entries)
		return NULL;
	for (size_t i = 0; i < view->nprocs; i++)
		entries[i] = (struct entry){
			.proc = &view->procs[i],
			.at = i,
			.class = group_class(&view->procs[i]),
			.counted = view_proc_counts(view, &view->procs[i]),
		};
	qsort(entries, view->nprocs, sizeof(*entries), compare_entries);
	return entries;
}

int groups_make(const struct view *view, struct groups *ret)
{
	struct groups groups = GROUPS_INIT;
	cleanup_free struct entry *entries = NULL;

	if (view->nprocs == 0) {
		*ret = groups;
		return 0;
	}
	entries = make_entries(view);
	groups.list = calloc(view->nprocs, sizeof(*groups.list));
	groups.procs = calloc(view->nprocs, sizeof(*groups.procs));
	if (!entries || !groups.list || !groups.procs ||
	    collect(view, entries, &groups) < 0) {
		groups_release(&groups);
		return -ENOMEM;
	}
	qsort(groups.list, groups.n, sizeof(*groups.list), compare_groups);
	*ret = groups;
	return 0;
}

void groups_release(struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		free(groups->list[i].name);
		free(groups->list[i].title);
	}
	free(groups->list);
	free(groups->procs);
	*groups = (struct groups)GROUPS_INIT;
}

struct group_tally groups_tally(const struct groups *groups, enum group_class class,
				bool counted)
{
	struct group_tally tally = {0};

	for (size_t i = 0; i < groups->n; i++) {
		const struct group *group = &groups->list[i];

		if (group->class != class || group->counted != counted)
			continue;
		tally.groups++;
		tally.procs += group->nprocs;
	}
	return tally;
}
