/*
 * report.c - from findings to a report.
 *
 * Reads nothing but the findings, and decides nothing about them.
 */
#include "report.h"

#include <string.h>

#include "uses.h"
#include "util.h"

void stale_report_free(struct stale_report *report)
{
	free(report);
}

static struct report_sizes measure(const struct uses *uses,
				   const struct found_error *errors)
{
	const struct found_proc *last = NULL;
	struct report_sizes n = {0};

	for (size_t i = 0; i < uses->n; i++) {
		const struct use *u = &uses->list[i];

		if (u->is_dropped)
			continue;
		if (u->rule) {
			n.ignored++;
			continue;
		}
		n.files++;
		n.procs += u->proc != last;
		last = u->proc;
	}
	for (; errors; errors = errors->next)
		n.unreadable++;
	return n;
}

static void put_file(struct stale_report *r, const struct use *u)
{
	const struct found_file *found = u->file;

	r->files[r->nfiles++] = (struct stale_file){
		.path = found->path,
		.successor = found->successor,
		.build_id = found->build_id_len ? found->build_id : NULL,
		.build_id_len = found->build_id_len,
		.device = found->device,
		.inode = found->inode,
		.since = found->since,
		.bytes = found->bytes,
		.fd = u->fd,
		.since_source = found->since_source,
		.id = u->id,
		.kind = found->kind,
		.why = found->why,
	};
}

static void put_proc(struct stale_report *r, const struct uses *uses,
		     const struct found_proc *found)
{
	r->procs[r->nprocs++] = (struct stale_proc){
		.nfiles_left_out = found->nfiles_left_out,
		.comm = found->comm,
		.exe = found->exe,
		.cmdline = found->cmdline,
		.cmdline_len = found->cmdline_len,
		.start_ticks = found->start_ticks,
		.started = uses_start_ns(uses, found) / 1000000000,
		.pid = found->pid,
		.ppid = found->ppid,
		.uid = found->uid,
		.scope = found->scope,
		.unit = found->unit,
		.runtime = found->runtime,
		.container = found->container,
		.owner = found->owner,
		.is_leftover = found->is_leftover,
		.advice = found->advice,
	};
}

static void put_uses(struct stale_report *r, const struct uses *uses)
{
	const struct found_proc *last = NULL;

	for (size_t i = 0; i < uses->n; i++) {
		const struct use *u = &uses->list[i];

		if (u->is_dropped)
			continue;
		if (u->rule) {
			r->ignored[r->nignored++] = (struct stale_ignored){
				.path = u->file->path,
				.rule = u->rule,
				.pid = u->proc->pid,
			};
			continue;
		}
		if (u->proc != last)
			put_proc(r, uses, u->proc);
		last = u->proc;
		put_file(r, u);
		r->procs[r->nprocs - 1].nfiles++;
	}
}

static int compare_unreadable(const void *x, const void *y)
{
	const struct stale_unreadable *a = x;
	const struct stale_unreadable *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static void put_errors(struct stale_report *r, const struct found_error *errors)
{
	for (; errors; errors = errors->next)
		r->unreadable[r->nunreadable++] =
			(struct stale_unreadable){errors->pid, errors->error};
	qsort(r->unreadable, r->nunreadable, sizeof(*r->unreadable), compare_unreadable);
}

/* The others go on when one hangs, and are at nothing when it is all that is left. */
static pid_t read_at(const struct findings *found)
{
	pid_t lowest = 0;

	for (size_t i = 0; i < FINDINGS_WORKERS; i++) {
		pid_t at = atomic_load(&found->at[i]);

		if (at && (!lowest || at < lowest))
			lowest = at;
	}
	return lowest;
}

static struct stale_scan_info read_info(const struct findings *found)
{
	struct stale_scan_info info = {
		.listed = atomic_load(&found->listed),
		.scanned = atomic_load(&found->scanned),
		.vanished = atomic_load(&found->vanished),
		.denied = atomic_load(&found->denied),
		.failed = atomic_load(&found->failed),
		.kernel_threads = atomic_load(&found->kernel_threads),
		.unselected = atomic_load(&found->unselected),
		.method = (enum stale_method)atomic_load(&found->method),
		.proc_fs = atomic_load(&found->proc_fs),
		.hidden = atomic_load(&found->hidden),
		.finished = atomic_load(&found->finished),
		.at = read_at(found),
		.error = atomic_load(&found->error),
	};
	info.seen = info.scanned + info.vanished + info.denied + info.failed;
	return info;
}

int report_freeze(const struct findings *findings, const struct stale_options *opt,
		  struct stale_report **ret_report)
{
	/* First of all: what says that the scan is over must not be younger than the lists. */
	const struct stale_scan_info info = read_info(findings);
	const struct found_error *errors = atomic_load(&findings->errors);
	__attribute__((cleanup(uses_release))) struct uses uses = {0};
	cleanup_report struct stale_report *report = NULL;
	struct report_sizes sizes;
	int rc = uses_collect(findings, opt, &uses);

	if (rc < 0)
		return rc;
	sizes = measure(&uses, errors);
	report = report_new(&sizes);
	if (!report)
		return -ENOMEM;
	report->info = info;
	put_uses(report, &uses);
	put_errors(report, errors);
	rc = report_own_strings(&report);
	if (rc == 0)
		*ret_report = take_ptr(&report);
	return rc;
}

const struct stale_scan_info *stale_report_info(const struct stale_report *report)
{
	return &report->info;
}

const struct stale_proc *stale_report_procs(const struct stale_report *report,
					    size_t *ret_n)
{
	*ret_n = report->nprocs;
	return report->nprocs ? report->procs : NULL;
}

const struct stale_ignored *stale_report_ignored(const struct stale_report *report,
						 size_t *ret_n)
{
	*ret_n = report->nignored;
	return report->nignored ? report->ignored : NULL;
}

const struct stale_unreadable *stale_report_unreadable(const struct stale_report *report,
						       size_t *ret_n)
{
	*ret_n = report->nunreadable;
	return report->nunreadable ? report->unreadable : NULL;
}
