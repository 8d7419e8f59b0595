/*
 * uses.c - list, sort and number the uses of files; drop what is told twice.
 */
#include "uses.h"

#include <string.h>

#include "pidstat.h"
#include "rules.h"
#include "util.h"

void uses_release(struct uses *uses)
{
	free(uses->list);
	uses->list = NULL;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Files without an inode number, of captured trees, are told apart by their paths. */
static int compare_files(const struct found_file *a, const struct found_file *b)
{
	int rc = compare_numbers(a->root, b->root);

	if (!rc)
		rc = compare_numbers(a->device, b->device);
	if (!rc)
		rc = compare_numbers(a->inode, b->inode);
	if (!rc && !a->inode)
		rc = strcmp(a->path, b->path);
	return rc;
}

static int compare_pids(const struct use *a, const struct use *b)
{
	return compare_numbers((uint64_t)a->proc->pid, (uint64_t)b->proc->pid);
}

/* Are these verdicts on one question? */
static int compare_questions(const struct found_file *a, const struct found_file *b)
{
	int rc = compare_files(a, b);

	if (!rc)
		rc = compare_numbers(a->kind, b->kind);
	return rc ? rc : strcmp(a->path, b->path);
}

/*
 * By question, then what is true of all, then by process, in the order in which one worker
 * alone judges; then by mapping, since two names of one file may have been answered
 * differently.
 */
static int compare_by_question(const void *x, const void *y)
{
	const struct use *a = x;
	const struct use *b = y;
	int rc = compare_questions(a->file, b->file);

	if (!rc)
		rc = a->file->is_fleeting - b->file->is_fleeting;
	if (!rc)
		rc = compare_numbers(a->proc->rank, b->proc->rank);
	if (!rc)
		rc = compare_pids(a, b);
	return rc ? rc : compare_numbers(a->id, b->id);
}

/* By file, then by the start of the process: the first of a file is its earliest. */
static int compare_by_file(const void *x, const void *y)
{
	const struct use *a = x;
	const struct use *b = y;
	int rc = compare_files(a->file, b->file);

	if (!rc)
		rc = compare_numbers(a->proc->start_ticks, b->proc->start_ticks);
	return rc ? rc : compare_pids(a, b);
}

/* By process, path, inode, and the executable before the same file as a library.  No two
 * are left alike: they would come in the order that qsort(3) and the workers chose. */
static int compare_by_proc(const void *x, const void *y)
{
	const struct use *a = x;
	const struct use *b = y;
	int rc = compare_pids(a, b);

	if (!rc)
		rc = strcmp(a->file->path, b->file->path);
	if (!rc)
		rc = compare_numbers(a->file->inode, b->file->inode);
	if (!rc)
		rc = compare_numbers(a->file->kind, b->file->kind);
	if (!rc)
		rc = compare_numbers(a->file->device, b->file->device);
	return rc ? rc : (a->fd > b->fd) - (a->fd < b->fd);
}

static bool is_same_file(const struct use *a, const struct use *b)
{
	return compare_files(a->file, b->file) == 0;
}

/* The list may grow at its head while we look: take one look. */
static int collect(struct uses *uses, const struct findings *findings)
{
	const struct found_proc *head = atomic_load(&findings->procs);
	size_t n = 0;

	for (const struct found_proc *p = head; p; p = p->next)
		n += p->nfiles;
	uses->list = calloc(n ? n : 1, sizeof(*uses->list));
	if (!uses->list)
		return -ENOMEM;
	for (const struct found_proc *p = head; p; p = p->next)
		for (size_t i = 0; i < p->nfiles; i++)
			uses->list[uses->n++] = (struct use){
				.proc = p,
				.file = p->files[i].file,
				.fd = p->files[i].fd,
				.id = (uint32_t)i,
			};
	return 0;
}

int64_t uses_start_ns(const struct uses *uses, const struct found_proc *proc)
{
	return pidstat_start_ns(uses->boot_ns, proc->start_ticks);
}

/*
 * The latest one: only what was certainly born later is scratch.  A library may be copied
 * and its program started within one tick.
 */
static int64_t start_latest_ns(const struct uses *uses, const struct found_proc *proc)
{
	const int64_t start_ns = uses_start_ns(uses, proc);

	return start_ns ? start_ns + uses->boot_slack_ns + PIDSTAT_TICK_NS : 0;
}

/* Numbers the files and applies the rules; needs and keeps the order by file. */
static void rule(struct uses *uses, const struct stale_options *opt)
{
	uint32_t nids = 0;
	const struct use *first = NULL;

	for (size_t i = 0; i < uses->n; i++) {
		struct use *u = &uses->list[i];
		struct rules_first early;

		if (!first || !is_same_file(first, u)) {
			first = u;
			nids++;
		}
		early = (struct rules_first){start_latest_ns(uses, first->proc),
					     first->proc->uid};
		u->id = nids - 1;
		u->is_dropped = !rules_is_wanted(opt, u->file);
		u->rule = rules_match(opt, u->file, u->proc, &early);
	}
}

/*
 * Each worker of a scan came to verdicts of its own, by the evidence of the first process
 * that it read.  That of the very first process is what one worker alone would have
 * said of all.  Needs the order by question.
 */
static void agree(struct uses *uses)
{
	const struct found_file *first = NULL;

	for (size_t i = 0; i < uses->n; i++) {
		struct use *u = &uses->list[i];

		if (!first || compare_questions(first, u->file) != 0)
			first = u->file;
		u->file = first;
	}
}

/*
 * Roots are numbered as they come, and with them the files: number these again, in the
 * order of what is told.  Returns 0 or -ENOMEM.
 */
static int number(struct uses *uses)
{
	uint32_t *ids =
		calloc(uses->n ? uses->n : 1, sizeof(*ids)); /* from 1; by the old */
	uint32_t n = 0;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < uses->n; i++) {
		uint32_t *id = &ids[uses->list[i].id];

		if (!*id)
			*id = ++n;
		uses->list[i].id = *id - 1;
	}
	free(ids);
	return 0;
}

/* Both are mappings of one file, of which one entry is enough. */
static bool is_double(const struct use *a, const struct use *b)
{
	return a->proc == b->proc && is_same_file(a, b) && a->file->kind != STALE_FD &&
	       b->file->kind != STALE_FD && strcmp(a->file->path, b->file->path) == 0;
}

/*
 * The executable may be mapped as a library too, and what is code is no data.  Needs the
 * order by process, in which the kinds of a file follow each other.
 */
static void drop_doubles(struct uses *uses)
{
	const struct use *kept = NULL;

	for (size_t i = 0; i < uses->n; i++) {
		struct use *u = &uses->list[i];

		if (kept && is_double(kept, u))
			u->is_dropped = true;
		else
			kept = u;
	}
}

int uses_collect(const struct findings *findings, const struct stale_options *opt,
		 struct uses *ret)
{
	struct uses uses = {
		.boot_ns = atomic_load(&findings->boot_ns),
		.boot_slack_ns = atomic_load(&findings->boot_slack_ns),
	};
	int rc = collect(&uses, findings);

	if (rc < 0)
		return rc;
	qsort(uses.list, uses.n, sizeof(*uses.list), compare_by_question);
	agree(&uses);
	qsort(uses.list, uses.n, sizeof(*uses.list), compare_by_file);
	rule(&uses, opt);
	qsort(uses.list, uses.n, sizeof(*uses.list), compare_by_proc);
	drop_doubles(&uses);
	rc = number(&uses);
	if (rc < 0) {
		uses_release(&uses);
		return rc;
	}
	*ret = uses;
	return 0;
}
