/*
 * libs.c - files rolled up by path, under a number made of the path.
 *
 * Files are sorted by the hash of their path, then by the path: then paths that collide
 * stand side by side, in an order that does not depend on the processes.
 */
#include "libs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "worth.h"

#define INDEX_MAX UINT32_C(0x7fffffff)

struct use {
	uint32_t index; /* where the row of the path is, unless that is taken */
	size_t place;   /* in the order of the report */
	const struct stale_proc *proc;
	const struct stale_file *file;
};

static uint32_t path_index(const char *path)
{
	uint32_t hash = text_hash(path);

	hash = (hash ^ hash >> 31) & INDEX_MAX;
	return hash ? hash : 1;
}

static int compare_uses(const void *x, const void *y)
{
	const struct use *a = x, *b = y;
	int rc = (a->index > b->index) - (a->index < b->index);

	if (!rc && a->file->path != b->file->path)
		rc = strcmp(a->file->path, b->file->path);
	return rc ? rc : (a->place > b->place) - (a->place < b->place);
}

/* Returns 0 and all files, sorted (free()), or -ENOMEM. */
static int list_uses(const struct stale_report *report, struct use **ret, size_t *ret_n)
{
	size_t nprocs, n = 0, place = 0;
	const struct stale_proc *procs = stale_report_procs(report, &nprocs);
	struct use *uses;

	for (size_t p = 0; p < nprocs; p++)
		n += procs[p].nfiles;
	uses = calloc(n + 1, sizeof(*uses));
	if (!uses)
		return -ENOMEM;
	for (size_t p = 0; p < nprocs; p++) {
		for (size_t i = 0; i < procs[p].nfiles; i++, place++) {
			const struct stale_file *file = &procs[p].files[i];

			uses[place] = (struct use){.index = path_index(file->path),
						   .place = place,
						   .proc = &procs[p],
						   .file = file};
		}
	}
	qsort(uses, n, sizeof(*uses), compare_uses);
	*ret = uses;
	*ret_n = n;
	return 0;
}

static int64_t older(int64_t since, const struct stale_file *file)
{
	if (file->since_source == STALE_SINCE_UNKNOWN || file->since <= 0)
		return since;
	return !since || file->since < since ? file->since : since;
}

static void add_use(struct libs_path *path, const struct use *use, bool same_proc,
		    const struct snapshot_source *source)
{
	struct snapshot_lib *row = &path->row;
	enum worth worth;

	if (!same_proc)
		row->processes++;
	if (use->file->why < row->why)
		row->why = use->file->why;
	row->since = older(row->since, use->file);
	worth = worth_of(use->proc, stale_file_counts(use->proc, use->file,
						      &source->policy, source->now));
	if (worth < path->worth)
		path->worth = worth;
}

/* libs has room for as many paths as there are uses. */
static int roll_up(const struct use *uses, size_t n, const struct snapshot_source *source,
		   struct text_pool *pool, struct libs *libs)
{
	for (size_t i = 0; i < n; i++) {
		const struct use *use = &uses[i], *last = i ? use - 1 : NULL;
		struct libs_path *path = &libs->paths[libs->npaths];
		bool same = last && last->index == use->index &&
			    strcmp(last->file->path, use->file->path) == 0;

		if (same) {
			path--;
		} else {
			path->row.index = use->index;
			path->row.why = use->file->why;
			path->worth = WORTH_UNCOUNTED;
			if (text_pool_add(pool, use->file->path, &path->row.path) < 0)
				return -ENOMEM;
			libs->npaths++;
		}
		add_use(path, use, same && last->proc == use->proc, source);
		libs->path_of[use->place] = libs->npaths - 1;
	}
	return 0;
}

/*
 * Moves on those whose number is taken; behind the last number comes the first.  Only
 * paths behind the one that has the last number find it taken.
 */
static void settle_indexes(struct libs *libs)
{
	uint32_t last = 0, lowest = 1;
	size_t n = libs->npaths, at = 0;

	for (size_t i = 0; i < n; i++) {
		struct snapshot_lib *row = &libs->paths[i].row;

		if (row->index <= last)
			row->index = last < INDEX_MAX ? last + 1 : 0;
		if (row->index)
			last = row->index;
	}
	for (size_t i = 0; i < n; i++) {
		struct snapshot_lib *row = &libs->paths[i].row;

		if (row->index)
			continue;
		while (libs->paths[at].row.index == lowest) {
			at++;
			lowest++;
		}
		row->index = lowest++;
	}
}

static int compare_worth(const void *x, const void *y)
{
	const struct libs_path *a = *(struct libs_path *const *)x;
	const struct libs_path *b = *(struct libs_path *const *)y;
	int rc = (a->worth > b->worth) - (a->worth < b->worth);

	if (!rc)
		rc = (a->row.processes < b->row.processes) -
		     (a->row.processes > b->row.processes);
	return rc ? rc : (a > b) - (a < b);
}

static int choose_rows(struct libs *libs, size_t max)
{
	cleanup_free struct libs_path **sorted = NULL;

	if (libs->npaths > max) {
		sorted = calloc(libs->npaths, sizeof(struct libs_path *));
		if (!sorted)
			return -ENOMEM;
		for (size_t i = 0; i < libs->npaths; i++)
			sorted[i] = &libs->paths[i];
		qsort(sorted, libs->npaths, sizeof(struct libs_path *), compare_worth);
	}
	for (size_t i = 0; i < libs->npaths && i < max; i++)
		(sorted ? sorted[i] : &libs->paths[i])->has_row = true;
	return 0;
}

int libs_make(const struct snapshot_source *source, struct text_pool *pool,
	      struct libs *ret)
{
	cleanup_free struct use *uses = NULL;
	struct libs libs = {0};
	size_t n;
	int rc = list_uses(source->report, &uses, &n);

	if (rc < 0)
		return rc;
	libs.paths = calloc(n + 1, sizeof(*libs.paths));
	libs.path_of = calloc(n + 1, sizeof(*libs.path_of));
	if (!libs.paths || !libs.path_of)
		rc = -ENOMEM;
	if (rc == 0)
		rc = roll_up(uses, n, source, pool, &libs);
	if (rc == 0) {
		settle_indexes(&libs);
		rc = choose_rows(&libs, source->max_files);
	}
	if (rc < 0)
		libs_release(&libs);
	else
		*ret = libs;
	return rc;
}

void libs_release(struct libs *libs)
{
	free(libs->paths);
	free(libs->path_of);
	*libs = (struct libs){0};
}

static int compare_rows(const void *x, const void *y)
{
	const struct snapshot_lib *a = x, *b = y;

	return (a->index > b->index) - (a->index < b->index);
}

int libs_rows(const struct libs *libs, struct snapshot_lib **ret_rows, size_t *ret_n)
{
	struct snapshot_lib *rows;
	size_t n = 0;

	for (size_t i = 0; i < libs->npaths; i++)
		n += libs->paths[i].has_row;
	rows = calloc(n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < libs->npaths; i++)
		if (libs->paths[i].has_row)
			rows[n++] = libs->paths[i].row;
	qsort(rows, n, sizeof(*rows), compare_rows);
	*ret_rows = rows;
	*ret_n = n;
	return 0;
}
