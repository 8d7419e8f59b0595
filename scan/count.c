/*
 * count.c - what counts, out of what a report shows, and the words for it.
 *
 * The only place that compares a time with the clock, which the caller brings.
 */
#include "stale.h"

#include "util.h"

bool stale_file_counts(const struct stale_file *file, const struct stale_policy *policy,
		       int64_t now)
{
	if (!(policy->why & STALE_WHY_BIT(file->why)))
		return false;
	return file->since_source == STALE_SINCE_UNKNOWN ||
	       now - file->since >= policy->min_age;
}

bool stale_proc_counts(const struct stale_proc *proc, const struct stale_policy *policy,
		       int64_t now)
{
	for (size_t i = 0; i < proc->nfiles; i++)
		if (stale_file_counts(&proc->files[i], policy, now))
			return true;
	return false;
}

static void count_file(const struct stale_file *file, struct stale_totals *totals)
{
	totals->files++;
	if (file->since_source == STALE_SINCE_UNKNOWN)
		totals->undated++;
	else if (!totals->oldest || file->since < totals->oldest)
		totals->oldest = file->since;
}

static uint32_t count_ids(const struct stale_proc *procs, size_t n)
{
	uint32_t ids = 0;

	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < procs[p].nfiles; i++)
			if (procs[p].files[i].id >= ids)
				ids = procs[p].files[i].id + 1;
	return ids;
}

int stale_report_count(const struct stale_report *report,
		       const struct stale_policy *policy, int64_t now,
		       struct stale_totals *ret_totals)
{
	struct stale_totals totals = {0};
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);
	cleanup_free bool *is_counted =
		calloc((size_t)count_ids(procs, n) + 1, sizeof(*is_counted));

	if (!is_counted)
		return -ENOMEM;
	for (size_t p = 0; p < n; p++) {
		totals.processes += stale_proc_counts(&procs[p], policy, now);
		for (size_t i = 0; i < procs[p].nfiles; i++) {
			const struct stale_file *file = &procs[p].files[i];

			if (is_counted[file->id] || !stale_file_counts(file, policy, now))
				continue;
			is_counted[file->id] = true;
			count_file(file, &totals);
		}
	}
	*ret_totals = totals;
	return 0;
}

const char *stale_why_name(enum stale_why why)
{
	static const char *const names[STALE_WHY_COUNT] = {
		[STALE_DELETED] = "deleted",
		[STALE_REPLACED] = "replaced",
		[STALE_SUPERSEDED] = "superseded",
		[STALE_REINSTALLED] = "reinstalled",
	};

	return names[why];
}

const char *stale_kind_name(enum stale_kind kind)
{
	return kind == STALE_EXE ? "exe" : "lib";
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
