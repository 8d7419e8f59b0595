/*
 * rows.c - the rows of processes and of their files.
 *
 * They are chosen by their worth, and keep their order.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worth.h"

/* How many rows there are still to be had; or how many are wanted. */
struct budget {
	size_t of[WORTHS];
};

struct maker {
	const struct snapshot_source *source;
	const struct libs *libs;
	struct text_pool *pool;
	const struct stale_proc *procs;
	size_t nprocs;
	size_t place; /* of the first file of the next process, in the order of the report */
	struct budget budget; /* of files */
	struct rows *rows;    /* being filled */
};

static struct budget budget_make(struct budget wanted, size_t max)
{
	for (size_t i = 0; i < WORTHS; i++) {
		if (wanted.of[i] > max)
			wanted.of[i] = max;
		max -= wanted.of[i];
	}
	return wanted;
}

static size_t budget_all(const struct budget *budget)
{
	size_t all = 0;

	for (size_t i = 0; i < WORTHS; i++)
		all += budget->of[i];
	return all;
}

static bool budget_take(struct budget *budget, enum worth worth)
{
	if (!budget->of[worth])
		return false;
	budget->of[worth]--;
	return true;
}

static uint32_t clamp(size_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static bool file_counts(const struct maker *m, const struct stale_proc *proc,
			const struct stale_file *file)
{
	return stale_file_counts(proc, file, &m->source->policy, m->source->now);
}

static bool proc_counts(const struct maker *m, const struct stale_proc *proc)
{
	return stale_proc_counts(proc, &m->source->policy, m->source->now);
}

static enum worth proc_worth(const struct maker *m, const struct stale_proc *proc)
{
	return worth_of(proc, proc_counts(m, proc));
}

static enum worth file_worth(const struct maker *m, const struct stale_proc *proc,
			     const struct stale_file *file)
{
	return worth_of(proc, file_counts(m, proc, file));
}

static int64_t file_since(const struct stale_file *file)
{
	bool known = file->since_source != STALE_SINCE_UNKNOWN && file->since > 0;

	return known ? file->since : 0;
}

/* Of a process that counts, only files that count can make it old. */
static void fill_files_of(const struct maker *m, const struct stale_proc *proc,
			  struct snapshot_proc *row)
{
	row->files = clamp(proc->nfiles + proc->nfiles_left_out);
	for (size_t i = 0; i < proc->nfiles; i++) {
		const struct stale_file *file = &proc->files[i];
		int64_t since = file_since(file);

		row->why |= STALE_WHY_BIT(file->why);
		if (!since || (row->counted && !file_counts(m, proc, file)))
			continue;
		if (!row->since || since < row->since)
			row->since = since;
	}
}

static int fill_proc(const struct maker *m, const struct stale_proc *proc,
		     struct snapshot_proc *row)
{
	const struct stale_users *users = m->source->users;
	const char *user = users ? stale_users_name(users, proc->uid) : NULL;

	*row = (struct snapshot_proc){
		.pid = (uint32_t)proc->pid,
		.start_ticks = proc->start_ticks,
		.started = proc->started > 0 ? proc->started : 0,
		.uid = proc->uid,
		.scope = proc->scope,
		.counted = proc_counts(m, proc),
		.advice = proc->advice,
	};
	fill_files_of(m, proc, row);
	if (text_pool_add(m->pool, proc->comm, &row->name) < 0 ||
	    text_pool_add(m->pool, proc->exe, &row->executable) < 0 ||
	    text_pool_add(m->pool, user, &row->user) < 0 ||
	    text_pool_add(m->pool, proc->unit, &row->unit) < 0 ||
	    text_pool_add(m->pool, proc->container, &row->container) < 0)
		return -ENOMEM;
	return 0;
}

static int fill_file(const struct maker *m, const struct stale_proc *proc, size_t i,
		     struct snapshot_file *row)
{
	const struct stale_file *file = &proc->files[i];
	const struct libs_path *path = &m->libs->paths[m->libs->path_of[m->place + i]];

	*row = (struct snapshot_file){
		.pid = (uint32_t)proc->pid,
		.n = clamp(i + 1),
		.path = path->row.path,
		.kind = file->kind,
		.why = file->why,
		.since = file_since(file),
		.library = path->has_row ? path->row.index : 0,
		.counted = file_counts(m, proc, file),
	};
	return text_pool_add(m->pool, file->successor, &row->successor);
}

/* A process that has a row, and its files. */
static int add_proc(struct maker *m, const struct stale_proc *proc)
{
	int rc = fill_proc(m, proc, &m->rows->procs[m->rows->nprocs]);

	if (rc < 0)
		return rc;
	m->rows->nprocs++;
	for (size_t i = 0; i < proc->nfiles; i++) {
		if (!budget_take(&m->budget, file_worth(m, proc, &proc->files[i])))
			continue;
		rc = fill_file(m, proc, i, &m->rows->files[m->rows->nfiles]);
		if (rc < 0)
			return rc;
		m->rows->nfiles++;
	}
	return 0;
}

static struct budget budget_procs(const struct maker *m)
{
	struct budget wanted = {{0}};

	for (size_t p = 0; p < m->nprocs; p++)
		wanted.of[proc_worth(m, &m->procs[p])]++;
	return budget_make(wanted, m->source->max_procs);
}

/* procs: the budget of processes, so that it is the same ones. */
static struct budget budget_files(const struct maker *m, struct budget procs)
{
	struct budget wanted = {{0}};

	for (size_t p = 0; p < m->nprocs; p++) {
		const struct stale_proc *proc = &m->procs[p];

		if (!budget_take(&procs, proc_worth(m, proc)))
			continue;
		for (size_t i = 0; i < proc->nfiles; i++)
			wanted.of[file_worth(m, proc, &proc->files[i])]++;
	}
	return budget_make(wanted, m->source->max_files);
}

static int add_procs(struct maker *m, struct budget procs)
{
	size_t all = m->nprocs;

	for (size_t p = 0; p < m->nprocs; p++) {
		const struct stale_proc *proc = &m->procs[p];

		all += proc->nfiles + proc->nfiles_left_out;
		if (budget_take(&procs, proc_worth(m, proc)) && add_proc(m, proc) < 0)
			return -ENOMEM;
		m->place += proc->nfiles;
	}
	m->rows->unpublished = all - m->rows->nprocs - m->rows->nfiles;
	return 0;
}

int rows_make(const struct snapshot_source *source, const struct libs *libs,
	      struct text_pool *pool, struct rows *ret)
{
	struct rows rows = {0};
	struct maker m = {.source = source, .libs = libs, .pool = pool, .rows = &rows};
	struct budget procs;
	int rc = -ENOMEM;

	m.procs = stale_report_procs(source->report, &m.nprocs);
	procs = budget_procs(&m);
	m.budget = budget_files(&m, procs);
	rows.procs = calloc(budget_all(&procs) + 1, sizeof(*rows.procs));
	rows.files = calloc(budget_all(&m.budget) + 1, sizeof(*rows.files));
	if (rows.procs && rows.files)
		rc = add_procs(&m, procs);
	if (rc < 0)
		rows_release(&rows);
	else
		*ret = rows;
	return rc;
}

void rows_release(struct rows *rows)
{
	free(rows->procs);
	free(rows->files);
	*rows = (struct rows){0};
}
