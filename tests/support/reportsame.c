/*
 * reportsame.c - compare reports, member by member.
 */
#include "tests/support/reportsame.h"

#include "tests/test.h"

static void same_text(const char *label, const char *what, const char *got,
		      const char *want)
{
	row_text(label, what, got, got ? strlen(got) : 0, want);
}

static void same_bytes(const char *label, const void *got, const void *want, size_t len)
{
	row_number(label, "is there", got != NULL, want != NULL);
	if (len)
		row_number(label, "difference", memcmp(got, want, len), 0);
}

static void same_file(const char *label, const struct stale_file *got,
		      const struct stale_file *want)
{
	same_text(label, "path", got->path, want->path);
	same_text(label, "successor", got->successor, want->successor);
	row_number(label, "length of build-id", got->build_id_len, want->build_id_len);
	same_bytes(label, got->build_id, want->build_id, want->build_id_len);
	row_number(label, "device", got->device, want->device);
	row_number(label, "inode", got->inode, want->inode);
	row_number(label, "since", got->since, want->since);
	row_number(label, "bytes", got->bytes, want->bytes);
	row_number(label, "fd", got->fd, want->fd);
	row_number(label, "id", got->id, want->id);
	row_number(label, "source", got->since_source, want->since_source);
	row_number(label, "kind", got->kind, want->kind);
	row_number(label, "why", got->why, want->why);
}

static void same_owner(const char *label, const struct stale_proc *got,
		       const struct stale_proc *want)
{
	row_number(label, "scope", got->scope, want->scope);
	same_text(label, "unit", got->unit, want->unit);
	same_text(label, "runtime", got->runtime, want->runtime);
	same_text(label, "container", got->container, want->container);
	row_number(label, "owner", got->owner, want->owner);
	row_number(label, "leftover", got->is_leftover, want->is_leftover);
	row_number(label, "advice", got->advice, want->advice);
}

void reportsame_proc(const char *label, const struct stale_proc *got,
		     const struct stale_proc *want)
{
	row_number(label, "files", got->nfiles, want->nfiles);
	row_number(label, "left out", got->nfiles_left_out, want->nfiles_left_out);
	same_text(label, "comm", got->comm, want->comm);
	same_text(label, "exe", got->exe, want->exe);
	row_number(label, "length of arguments", got->cmdline_len, want->cmdline_len);
	same_bytes(label, got->cmdline, want->cmdline, want->cmdline_len);
	row_number(label, "start", got->start_ticks, want->start_ticks);
	row_number(label, "started", got->started, want->started);
	row_number(label, "pid", got->pid, want->pid);
	row_number(label, "ppid", got->ppid, want->ppid);
	row_number(label, "uid", got->uid, want->uid);
	same_owner(label, got, want);
	for (size_t i = 0; i < want->nfiles; i++)
		same_file(label, &got->files[i], &want->files[i]);
}

void reportsame_info(const char *label, const struct stale_scan_info *got,
		     const struct stale_scan_info *want)
{
	row_number(label, "listed", got->listed, want->listed);
	row_number(label, "seen", got->seen, want->seen);
	row_number(label, "scanned", got->scanned, want->scanned);
	row_number(label, "vanished", got->vanished, want->vanished);
	row_number(label, "denied", got->denied, want->denied);
	row_number(label, "failed", got->failed, want->failed);
	row_number(label, "kernel threads", got->kernel_threads, want->kernel_threads);
	row_number(label, "unselected", got->unselected, want->unselected);
	row_number(label, "method", got->method, want->method);
	row_number(label, "proc_fs", got->proc_fs, want->proc_fs);
	row_number(label, "hidden", got->hidden, want->hidden);
	row_number(label, "finished", got->finished, want->finished);
	row_number(label, "at", got->at, want->at);
	row_number(label, "error", got->error, want->error);
}

static void same_ignored(const char *label, const struct stale_report *got,
			 const struct stale_report *want)
{
	size_t n;
	size_t nwant;
	const struct stale_ignored *a = stale_report_ignored(got, &n);
	const struct stale_ignored *b = stale_report_ignored(want, &nwant);

	row_number(label, "ignored", n, nwant);
	for (size_t i = 0; i < n; i++) {
		same_text(label, "ignored path", a[i].path, b[i].path);
		same_text(label, "rule", a[i].rule, b[i].rule);
		row_number(label, "ignored pid", a[i].pid, b[i].pid);
	}
}

static void same_unreadable(const char *label, const struct stale_report *got,
			    const struct stale_report *want)
{
	size_t n;
	size_t nwant;
	const struct stale_unreadable *a = stale_report_unreadable(got, &n);
	const struct stale_unreadable *b = stale_report_unreadable(want, &nwant);

	row_number(label, "unreadable", n, nwant);
	for (size_t i = 0; i < n; i++) {
		row_number(label, "unreadable pid", a[i].pid, b[i].pid);
		row_number(label, "error", a[i].error, b[i].error);
	}
}

void reportsame_assert(const char *label, const struct stale_report *got,
		       const struct stale_report *want)
{
	size_t n;
	size_t nwant;
	const struct stale_proc *a = stale_report_procs(got, &n);
	const struct stale_proc *b = stale_report_procs(want, &nwant);

	reportsame_info(label, stale_report_info(got), stale_report_info(want));
	row_number(label, "processes", n, nwant);
	for (size_t i = 0; i < n; i++)
		reportsame_proc(label, &a[i], &b[i]);
	same_ignored(label, got, want);
	same_unreadable(label, got, want);
}
