/*
 * count.c - what counts, out of what a report shows, and the words for it.
 *
 * The only place that compares a time with the clock, which the caller brings.
 */
#include "stale.h"

#include <string.h>

#include "util.h"

/* What was counted of a file already. */
enum { COUNTED = 1, COUNTED_DATA = 2, COUNTED_FD = 4 };

static bool is_code(const struct stale_file *file)
{
	return STALE_KIND_BIT(file->kind) & STALE_KIND_CODE;
}

/* Data and descriptors stand in for code only where no code was looked for. */
static bool is_counted_kind(const struct stale_file *file,
			    const struct stale_policy *policy)
{
	return is_code(file) || (policy->kinds && !(policy->kinds & STALE_KIND_CODE));
}

/* Whatever the scope of its process is. */
static bool counts_somewhere(const struct stale_file *file,
			     const struct stale_policy *policy, int64_t now)
{
	int64_t age;

	if (!is_counted_kind(file, policy))
		return false;
	if (policy->is_using)
		return true;
	if (!(policy->why & STALE_WHY_BIT(file->why)))
		return false;
	/* Of the future is as young as can be: the clock may have been set back. */
	age = now > file->since ? now - file->since : 0;
	return file->since_source == STALE_SINCE_UNKNOWN || age >= policy->min_age;
}

static bool is_counted_scope(const struct stale_proc *proc,
			     const struct stale_policy *policy)
{
	const unsigned scopes = policy->scopes ? policy->scopes : STALE_SCOPE_DEFAULT;

	return scopes & STALE_SCOPE_BIT(proc->scope);
}

bool stale_file_counts(const struct stale_proc *proc, const struct stale_file *file,
		       const struct stale_policy *policy, int64_t now)
{
	return is_counted_scope(proc, policy) && counts_somewhere(file, policy, now);
}

static bool has_file_that_counts(const struct stale_proc *proc,
				 const struct stale_policy *policy, int64_t now)
{
	for (size_t i = 0; i < proc->nfiles; i++)
		if (counts_somewhere(&proc->files[i], policy, now))
			return true;
	return false;
}

bool stale_proc_counts(const struct stale_proc *proc, const struct stale_policy *policy,
		       int64_t now)
{
	return is_counted_scope(proc, policy) && has_file_that_counts(proc, policy, now);
}

static void count_dated(const struct stale_file *file, struct stale_totals *totals)
{
	totals->files++;
	if (file->since_source == STALE_SINCE_UNKNOWN)
		totals->undated++;
	else if (!totals->oldest || file->since < totals->oldest)
		totals->oldest = file->since;
}

/* Data and descriptors, each file once, whether it counts or not. */
static void count_kind(const struct stale_file *file, uint8_t *done,
		       struct stale_totals *totals)
{
	if (file->kind == STALE_DATA && !(*done & COUNTED_DATA)) {
		*done |= COUNTED_DATA;
		totals->data_files++;
	}
	if (file->kind == STALE_FD && !(*done & COUNTED_FD)) {
		*done |= COUNTED_FD;
		totals->fd_files++;
		if (file->bytes > 0 &&
		    __builtin_add_overflow(totals->fd_bytes, file->bytes,
					   &totals->fd_bytes))
			totals->fd_bytes = INT64_MAX;
	}
}

static size_t count_ids(const struct stale_proc *procs, size_t n)
{
	size_t ids = 0;

	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < procs[p].nfiles; i++)
			if (procs[p].files[i].id >= ids)
				ids = (size_t)procs[p].files[i].id + 1;
	return ids;
}

static int count_files(const struct stale_proc *procs, size_t n,
		       const struct stale_policy *policy, int64_t now,
		       struct stale_totals *totals)
{
	cleanup_free uint8_t *done = calloc(count_ids(procs, n) + 1, sizeof(*done));

	if (!done)
		return -ENOMEM;
	for (size_t p = 0; p < n; p++) {
		for (size_t i = 0; i < procs[p].nfiles; i++) {
			const struct stale_file *file = &procs[p].files[i];

			count_kind(file, &done[file->id], totals);
			if (done[file->id] & COUNTED ||
			    !stale_file_counts(&procs[p], file, policy, now))
				continue;
			done[file->id] |= COUNTED;
			count_dated(file, totals);
		}
	}
	return 0;
}

static int compare_strings(const char *x, const char *y)
{
	return strcmp(x ? x : "", y ? y : "");
}

/* Equal for processes of one unit, session or container. */
static int compare_owners(const void *x, const void *y)
{
	const struct stale_proc *a = *(const struct stale_proc *const *)x;
	const struct stale_proc *b = *(const struct stale_proc *const *)y;
	int rc = (a->scope > b->scope) - (a->scope < b->scope);

	if (!rc)
		rc = compare_strings(a->runtime, b->runtime);
	if (!rc)
		rc = compare_strings(a->container, b->container);
	if (!rc)
		rc = compare_strings(a->unit, b->unit);
	/* Two users may have units of the same name, or containers of any. */
	if (!rc && (a->scope == STALE_SCOPE_USER || a->scope == STALE_SCOPE_CONTAINER))
		rc = (a->owner > b->owner) - (a->owner < b->owner);
	return rc;
}

static void count_owner(const struct stale_proc *proc, struct stale_totals *totals)
{
	switch (proc->scope) {
	case STALE_SCOPE_SYSTEM:
		totals->services++;
		break;
	case STALE_SCOPE_USER:
	case STALE_SCOPE_SESSION:
		totals->sessions++;
		break;
	case STALE_SCOPE_CONTAINER:
		totals->containers++;
		break;
	case STALE_SCOPE_NONE:
		break;
	}
}

static int count_owners(const struct stale_proc *procs, size_t n,
			const struct stale_policy *policy, int64_t now,
			struct stale_totals *totals)
{
	cleanup_free const struct stale_proc **sorted =
		calloc(n + 1, sizeof(const struct stale_proc *));
	size_t found = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t p = 0; p < n; p++) {
		if (!has_file_that_counts(&procs[p], policy, now))
			continue;
		sorted[found++] = &procs[p];
		totals->processes += is_counted_scope(&procs[p], policy);
		totals->reboot += procs[p].advice == STALE_REBOOT;
	}
	qsort(sorted, found, sizeof(const struct stale_proc *), compare_owners);
	for (size_t i = 0; i < found; i++)
		if (i == 0 || compare_owners(&sorted[i - 1], &sorted[i]) != 0)
			count_owner(sorted[i], totals);
	return 0;
}

int stale_report_count(const struct stale_report *report,
		       const struct stale_policy *policy, int64_t now,
		       struct stale_totals *ret_totals)
{
	struct stale_totals totals = {0};
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);
	int rc = count_files(procs, n, policy, now, &totals);

	if (rc == 0)
		rc = count_owners(procs, n, policy, now, &totals);
	if (rc == 0)
		*ret_totals = totals;
	return rc;
}

const char *stale_why_name(enum stale_why why)
{
	static const char *const names[STALE_WHY_COUNT] = {
		[STALE_DELETED] = "deleted",       [STALE_REPLACED] = "replaced",
		[STALE_SUPERSEDED] = "superseded", [STALE_REINSTALLED] = "reinstalled",
		[STALE_MODIFIED] = "modified",     [STALE_CURRENT] = "current",
	};

	return names[why];
}

const char *stale_kind_name(enum stale_kind kind)
{
	static const char *const names[STALE_KIND_COUNT] = {
		[STALE_EXE] = "exe",
		[STALE_LIB] = "lib",
		[STALE_DATA] = "data",
		[STALE_FD] = "fd",
	};

	return names[kind];
}

const char *stale_scope_name(enum stale_scope scope)
{
	static const char *const names[STALE_SCOPE_COUNT] = {
		[STALE_SCOPE_NONE] = "none",           [STALE_SCOPE_SYSTEM] = "system",
		[STALE_SCOPE_USER] = "user",           [STALE_SCOPE_SESSION] = "session",
		[STALE_SCOPE_CONTAINER] = "container",
	};

	return names[scope];
}

const char *stale_advice_name(enum stale_advice advice)
{
	static const char *const names[STALE_ADVICE_COUNT] = {
		[STALE_RESTART_PROCESS] = "restart-process",
		[STALE_RESTART_UNIT] = "restart-unit",
		[STALE_RESTART_USER_UNIT] = "restart-user-unit",
		[STALE_RESTART_CONTAINER] = "restart-container",
		[STALE_RELOGIN] = "relogin",
		[STALE_REBOOT] = "reboot",
	};

	return names[advice];
}

const char *stale_since_name(enum stale_since since)
{
	static const char *const names[] = {
		[STALE_SINCE_UNKNOWN] = NULL,
		[STALE_SINCE_OLD_INODE] = "old-inode",
		[STALE_SINCE_SUCCESSOR_BIRTH] = "successor-birth",
		[STALE_SINCE_SUCCESSOR_CHANGE] = "successor-change",
	};

	return names[since];
}

const char *stale_method_name(enum stale_method method)
{
	static const char *const names[] = {
		[STALE_METHOD_AUTO] = "auto",
		[STALE_METHOD_PROCMAP_QUERY] = "procmap_query",
		[STALE_METHOD_MAPS] = "maps",
	};

	return names[method];
}
