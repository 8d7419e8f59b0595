/*
 * merge.c - a report with processes taken out of it, or with those of an older one.
 *
 * Looks at nothing but the reports, and leaves both as they are.
 */
#include <string.h>

#include "report.h"
#include "util.h"

/* What the new report will hold; borrowed strings and files in arrays of our own. */
struct parts {
	struct stale_proc *procs; /* owned, as all below */
	size_t nprocs;
	struct stale_ignored *ignored;
	size_t nignored;
	struct stale_unreadable *unreadable;
	size_t nunreadable;
};

static void parts_release(struct parts *parts)
{
	free(parts->procs);
	free(parts->ignored);
	free(parts->unreadable);
}

/* Room for all of both reports; b may be NULL. */
static int parts_init(struct parts *parts, const struct stale_report *a,
		      const struct stale_report *b)
{
	const size_t nprocs = a->nprocs + (b ? b->nprocs : 0);
	const size_t nignored = a->nignored + (b ? b->nignored : 0);

	*parts = (struct parts){0};
	parts->procs = calloc(nprocs + 1, sizeof(*parts->procs));
	parts->ignored = calloc(nignored + 1, sizeof(*parts->ignored));
	parts->unreadable = calloc(a->nunreadable + 1, sizeof(*parts->unreadable));
	return parts->procs && parts->ignored && parts->unreadable ? 0 : -ENOMEM;
}

static int parts_make(const struct parts *parts, const struct stale_scan_info *info,
		      struct stale_report **ret_report)
{
	const struct stale_contents contents = {
		.info = *info,
		.procs = parts->procs,
		.nprocs = parts->nprocs,
		.ignored = parts->ignored,
		.nignored = parts->nignored,
		.unreadable = parts->unreadable,
		.nunreadable = parts->nunreadable,
	};

	return stale_report_make(&contents, ret_report);
}

static int compare_pids(const void *x, const void *y)
{
	const pid_t *a = x;
	const pid_t *b = y;

	return (*a > *b) - (*a < *b);
}

static int compare_with_proc(const void *key, const void *element)
{
	return compare_pids(key, &((const struct stale_proc *)element)->pid);
}

static const struct stale_proc *find_proc(const struct stale_report *report, pid_t pid)
{
	return bsearch(&pid, report->procs, report->nprocs, sizeof(*report->procs),
		       compare_with_proc);
}

static int compare_identities(const void *x, const void *y)
{
	const struct stale_identity *a = x;
	const struct stale_identity *b = y;
	int rc = compare_pids(&a->pid, &b->pid);

	return rc ? rc
		  : (a->start_ticks > b->start_ticks) - (a->start_ticks < b->start_ticks);
}

/* Sorted. */
struct gone {
	struct stale_identity *list; /* owned */
	size_t n;
};

/* Is the process that the report has under this pid, if any, one of those gone? */
static bool is_gone(const struct gone *gone, const struct stale_proc *proc)
{
	struct stale_identity key = {0};

	if (!proc)
		return false;
	key.pid = proc->pid;
	key.start_ticks = proc->start_ticks;
	return bsearch(&key, gone->list, gone->n, sizeof(key), compare_identities);
}

static void leave_out(struct parts *parts, const struct stale_report *from,
		      const struct gone *gone)
{
	for (size_t i = 0; i < from->nprocs; i++)
		if (!is_gone(gone, &from->procs[i]))
			parts->procs[parts->nprocs++] = from->procs[i];
	for (size_t i = 0; i < from->nignored; i++)
		if (!is_gone(gone, find_proc(from, from->ignored[i].pid)))
			parts->ignored[parts->nignored++] = from->ignored[i];
	for (size_t i = 0; i < from->nunreadable; i++)
		if (!is_gone(gone, find_proc(from, from->unreadable[i].pid)))
			parts->unreadable[parts->nunreadable++] = from->unreadable[i];
}

int stale_report_without(const struct stale_report *report,
			 const struct stale_identity *gone, size_t ngone,
			 struct stale_report **ret_report)
{
	__attribute__((cleanup(parts_release))) struct parts parts;
	cleanup_free struct stale_identity *list = calloc(ngone + 1, sizeof(*list));
	int rc = parts_init(&parts, report, NULL);

	if (rc < 0 || !list)
		return -ENOMEM;
	for (size_t i = 0; i < ngone; i++)
		list[i] = gone[i];
	qsort(list, ngone, sizeof(*list), compare_identities);
	leave_out(&parts, report, &(struct gone){list, ngone});
	return parts_make(&parts, &report->info, ret_report);
}

/* The processes that a report says anything of. */
struct told {
	pid_t *pids; /* owned; sorted */
	size_t n;
};

static void told_release(struct told *told)
{
	free(told->pids);
}

static int told_init(struct told *told, const struct stale_report *report)
{
	told->n = 0;
	told->pids = calloc(report->nprocs + report->nignored + report->nunreadable + 1,
			    sizeof(*told->pids));
	if (!told->pids)
		return -ENOMEM;
	for (size_t i = 0; i < report->nprocs; i++)
		told->pids[told->n++] = report->procs[i].pid;
	for (size_t i = 0; i < report->nignored; i++)
		told->pids[told->n++] = report->ignored[i].pid;
	for (size_t i = 0; i < report->nunreadable; i++)
		told->pids[told->n++] = report->unreadable[i].pid;
	qsort(told->pids, told->n, sizeof(*told->pids), compare_pids);
	return 0;
}

static bool is_told(const struct told *told, pid_t pid)
{
	return bsearch(&pid, told->pids, told->n, sizeof(pid), compare_pids);
}

/* Both lists ascend; so does what comes of them. */
static void join_procs(struct parts *parts, const struct stale_report *report,
		       const struct stale_report *older, const struct told *told)
{
	size_t i = 0;

	for (size_t k = 0; k < older->nprocs; k++) {
		const struct stale_proc *proc = &older->procs[k];

		while (i < report->nprocs && report->procs[i].pid < proc->pid)
			parts->procs[parts->nprocs++] = report->procs[i++];
		if (!is_told(told, proc->pid))
			parts->procs[parts->nprocs++] = *proc;
	}
	while (i < report->nprocs)
		parts->procs[parts->nprocs++] = report->procs[i++];
}

/* The same, of the processes that came from the older report. */
static void join_ignored(struct parts *parts, const struct stale_report *report,
			 const struct stale_report *older, const struct told *told)
{
	size_t i = 0;

	for (size_t k = 0; k < older->nignored; k++) {
		const struct stale_ignored *ignored = &older->ignored[k];

		while (i < report->nignored && report->ignored[i].pid < ignored->pid)
			parts->ignored[parts->nignored++] = report->ignored[i++];
		if (find_proc(older, ignored->pid) && !is_told(told, ignored->pid))
			parts->ignored[parts->nignored++] = *ignored;
	}
	while (i < report->nignored)
		parts->ignored[parts->nignored++] = report->ignored[i++];
}

/* A file of the joined report, to be numbered. */
struct numbered {
	struct stale_file *file;
	bool is_older; /* its number means something in the older report only */
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Two reports know nothing of each other's roots: the path stands for them. */
static int compare_files(const struct stale_file *a, const struct stale_file *b)
{
	int rc = compare_numbers(a->device, b->device);

	if (!rc)
		rc = compare_numbers(a->inode, b->inode);
	/* Most share the string. */
	if (!rc && a->path != b->path)
		rc = strcmp(a->path, b->path);
	return rc;
}

/* Of equal files, those of the report itself come first. */
static int compare_numbered(const void *x, const void *y)
{
	const struct numbered *a = x;
	const struct numbered *b = y;
	int rc = compare_files(a->file, b->file);

	if (!rc)
		rc = a->is_older - b->is_older;
	return rc ? rc : compare_numbers(a->file->id, b->file->id);
}

/* Returns the first number that the report itself does not use. */
static uint32_t collect_files(const struct stale_report *joined,
			      const struct stale_report *report, struct numbered *files)
{
	uint32_t next = 0;
	size_t n = 0;

	for (size_t p = 0; p < joined->nprocs; p++) {
		const bool is_older = !find_proc(report, joined->procs[p].pid);

		for (size_t i = 0; i < joined->procs[p].nfiles; i++, n++) {
			files[n] = (struct numbered){&joined->files[n], is_older};
			if (!is_older && files[n].file->id >= next)
				next = files[n].file->id + 1;
		}
	}
	return next;
}

/* The numbers of the report stay; files of older processes get those of equal ones. */
static int renumber(struct stale_report *joined, const struct stale_report *report)
{
	cleanup_free struct numbered *files =
		calloc(joined->nfiles + 1, sizeof(struct numbered));
	uint32_t next, before = 0;

	if (!files)
		return -ENOMEM;
	next = collect_files(joined, report, files);
	qsort(files, joined->nfiles, sizeof(struct numbered), compare_numbered);
	for (size_t i = 0; i < joined->nfiles; i++) {
		const struct numbered *last = i ? &files[i - 1] : NULL;
		const uint32_t id = files[i].file->id;

		if (last && compare_files(last->file, files[i].file) != 0)
			last = NULL;
		if (files[i].is_older) {
			const bool is_same = last && (!last->is_older || before == id);

			files[i].file->id = is_same ? last->file->id : next++;
		}
		before = id;
	}
	return 0;
}

int stale_report_with(const struct stale_report *report, const struct stale_report *older,
		      struct stale_report **ret_report)
{
	__attribute__((cleanup(parts_release))) struct parts parts;
	__attribute__((cleanup(told_release))) struct told told = {0};
	cleanup_report struct stale_report *joined = NULL;
	int rc = parts_init(&parts, report, older);

	if (rc == 0)
		rc = told_init(&told, report);
	if (rc < 0)
		return rc;
	join_procs(&parts, report, older, &told);
	join_ignored(&parts, report, older, &told);
	for (size_t i = 0; i < report->nunreadable; i++)
		parts.unreadable[parts.nunreadable++] = report->unreadable[i];
	rc = parts_make(&parts, &report->info, &joined);
	if (rc == 0)
		rc = renumber(joined, report);
	if (rc == 0)
		*ret_report = take_ptr(&joined);
	return rc;
}
