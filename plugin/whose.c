/*
 * whose.c - what stale processes belong to, and what renews them.
 */
#include "whose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* Docker and its kin name containers by 64 digits and show 12 of them. */
#define ID_LONG  64
#define ID_SHORT 12

struct entry {
	const struct stale_proc *proc;
	size_t position; /* in view->procs */
	bool counted;
	bool is_useless;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* NULLs first. */
static int compare_strings(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_owners(const struct stale_proc *a, const struct stale_proc *b)
{
	int rc = compare_numbers(a->scope, b->scope);

	if (rc == 0)
		rc = compare_strings(a->unit, b->unit);
	if (rc == 0)
		rc = compare_strings(a->container, b->container);
	if (rc == 0)
		rc = compare_strings(a->runtime, b->runtime);
	return rc ? rc : compare_numbers(a->owner, b->owner);
}

static int compare_keys(const struct entry *a, const struct entry *b)
{
	int rc = compare_owners(a->proc, b->proc);

	if (rc == 0)
		rc = compare_numbers(a->proc->advice, b->proc->advice);
	if (rc == 0)
		rc = a->proc->is_leftover - b->proc->is_leftover;
	if (rc == 0)
		rc = a->counted - b->counted;
	return rc ? rc : a->is_useless - b->is_useless;
}

static int compare_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int rc = compare_keys(a, b);

	return rc ? rc : compare_numbers(a->position, b->position);
}

static int compare_lists(const void *va, const void *vb)
{
	const struct owner *a = va, *b = vb;

	return compare_numbers(a->procs[0], b->procs[0]);
}

/* The same build, or the file itself: nothing newer is to be had. */
static bool is_useless(const struct stale_proc *proc)
{
	for (size_t i = 0; i < proc->nfiles; i++) {
		if (proc->files[i].why != STALE_REINSTALLED &&
		    proc->files[i].why != STALE_CURRENT)
			return false;
	}
	return true;
}

/* entries are sorted, so that each owner is one run of them. */
static void collect(struct owners *owners, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		owners->procs[i] = entries[i].position;
		if (i > 0 && compare_keys(&entries[i - 1], &entries[i]) == 0) {
			owners->list[owners->n - 1].nprocs++;
			continue;
		}
		owners->list[owners->n++] = (struct owner){
			.procs = owners->procs + i,
			.nprocs = 1,
			.counted = entries[i].counted,
			.is_useless = entries[i].is_useless,
		};
	}
	qsort(owners->list, owners->n, sizeof(*owners->list), compare_lists);
}

int owners_make(const struct view *view, struct owners *ret)
{
	struct owners owners = OWNERS_INIT;
	cleanup_free struct entry *entries = NULL;

	if (view->nprocs == 0) {
		*ret = owners;
		return 0;
	}
	entries = calloc(view->nprocs, sizeof(*entries));
	owners.list = calloc(view->nprocs, sizeof(*owners.list));
	owners.procs = calloc(view->nprocs, sizeof(*owners.procs));
	if (!entries || !owners.list || !owners.procs) {
		owners_release(&owners);
		return -ENOMEM;
	}
	for (size_t i = 0; i < view->nprocs; i++)
		entries[i] = (struct entry){
			.proc = &view->procs[i],
			.position = i,
			.counted = view_proc_counts(view, &view->procs[i]),
			.is_useless = is_useless(&view->procs[i]),
		};
	qsort(entries, view->nprocs, sizeof(*entries), compare_entries);
	collect(&owners, entries, view->nprocs);
	*ret = owners;
	return 0;
}

void owners_release(struct owners *owners)
{
	free(owners->list);
	free(owners->procs);
	*owners = (struct owners)OWNERS_INIT;
}

static const struct stale_proc *first_proc(const struct view *view,
					   const struct owner *owner)
{
	return &view->procs[owner->procs[0]];
}

static void print_user(const struct view *view, uid_t uid, struct buf *out)
{
	const char *name = uid == (uid_t)-1 ? NULL : view_user_name(view, uid);

	if (uid == (uid_t)-1)
		return;
	buf_put(out, " of user ");
	if (name)
		buf_printable(out, name, BUF_PRINTABLE);
	else
		buf_printf(out, "%u", (unsigned)uid);
}

static void print_container(const struct stale_proc *proc, struct buf *out)
{
	const char *id = proc->container;

	buf_put(out, "container ");
	if (!id)
		buf_put(out, "without a name");
	else if (strlen(id) == ID_LONG && strspn(id, "0123456789abcdef") == ID_LONG)
		buf_bytes(out, id, ID_SHORT);
	else
		buf_printable(out, id, BUF_PRINTABLE);
	if (proc->runtime) {
		buf_put(out, " (");
		buf_printable(out, proc->runtime, BUF_PRINTABLE);
		buf_put(out, ")");
	}
}

static void print_unit(const struct view *view, const struct stale_proc *proc,
		       struct buf *out)
{
	if (proc->unit)
		buf_printable(out, proc->unit, BUF_PRINTABLE);
	else
		buf_put(out,
			proc->scope == STALE_SCOPE_SESSION ? "a session" : "no unit");
	if (proc->scope != STALE_SCOPE_SYSTEM)
		print_user(view, proc->owner, out);
}

void owner_print(const struct view *view, const struct owner *owner, struct buf *out)
{
	const struct stale_proc *proc = first_proc(view, owner);
	bool is_one = owner->nprocs == 1;

	if (proc->is_leftover)
		buf_put(out, is_one ? "is left over in " : "are left over in ");
	else
		buf_put(out, is_one ? "belongs to " : "belong to ");
	if (proc->scope == STALE_SCOPE_CONTAINER)
		print_container(proc, out);
	else
		print_unit(view, proc, out);
	if (!owner->counted)
		buf_put(out, " (not counted)");
}

/* A service, and nothing in its name that a shell or systemctl takes for more. */
static bool is_plain_service(const char *unit)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789:_.@-";
	const char *type = unit ? strrchr(unit, '.') : NULL;

	return type && strcmp(type, ".service") == 0 && unit[0] != '-' &&
	       unit[strspn(unit, plain)] == '\0';
}

void owner_print_advice(const struct view *view, const struct owner *owner,
			struct buf *out)
{
	const struct stale_proc *proc = first_proc(view, owner);

	if (owner->is_useless) {
		buf_put(out, "nothing to do, that would not change its code");
		return;
	}
	switch (proc->advice) {
	case STALE_RESTART_PROCESS:
		buf_put(out, owner->nprocs == 1 ? "restart the process"
						: "restart the processes");
		break;
	case STALE_RESTART_UNIT:
		buf_printf(out, "%s%s",
			   is_plain_service(proc->unit) ? "systemctl restart " : "",
			   is_plain_service(proc->unit) ? proc->unit
							: "restart the unit");
		break;
	case STALE_RESTART_USER_UNIT:
		if (is_plain_service(proc->unit))
			buf_printf(out, "as that user, systemctl --user restart %s",
				   proc->unit);
		else
			buf_put(out, "restart the user's unit");
		break;
	case STALE_RESTART_CONTAINER:
		buf_put(out, "restart the container");
		break;
	case STALE_RELOGIN:
		buf_put(out, "log out and in again");
		break;
	case STALE_REBOOT:
		buf_put(out, "reboot");
		break;
	}
}
