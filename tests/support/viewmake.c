/*
 * viewmake.c - a view made by hand.
 */
#include "viewmake.h"

#include <stdlib.h>
#include <string.h>

void viewmake_init(struct viewmake *m)
{
	memset(m, 0, sizeof(*m));
	m->info = (struct stale_scan_info){
		.listed = 300,
		.seen = 212,
		.scanned = 212,
		.kernel_threads = 88,
		.method = STALE_METHOD_PROCMAP_QUERY,
		.proc_fs = true,
		.finished = true,
	};
	m->view = (struct view){
		.info = &m->info,
		.procs = m->procs,
		.ignored = m->ignored,
		.unreadable = m->unreadable,
		.policy = {.why = STALE_WHY_DEFAULT},
		.now = VIEWMAKE_NOW,
		.elapsed_us = 12345,
		.timeout = 8,
		.privileged = true,
	};
}

struct stale_proc *viewmake_proc(struct viewmake *m, pid_t pid, const char *comm)
{
	struct stale_proc *proc = &m->procs[m->view.nprocs++];

	if (m->view.nprocs > VIEWMAKE_PROCS)
		abort();
	*proc = (struct stale_proc){
		.files = &m->files[m->nfiles],
		.comm = comm,
		.start_ticks = 4711,
		.started = VIEWMAKE_NOW - 864000,
		.pid = pid,
		.ppid = 1,
		.uid = 1000,
	};
	return proc;
}

struct stale_file *viewmake_file(struct viewmake *m, const char *path, enum stale_why why,
				 int64_t age)
{
	struct stale_file *file = &m->files[m->nfiles++];

	if (m->nfiles > VIEWMAKE_FILES || m->view.nprocs == 0)
		abort();
	*file = (struct stale_file){
		.path = path,
		.device = UINT64_C(8) << 32 | 1,
		.inode = 100,
		.since = age < 0 ? 0 : VIEWMAKE_NOW - age,
		.since_source = age < 0 ? STALE_SINCE_UNKNOWN : STALE_SINCE_OLD_INODE,
		.kind = STALE_LIB,
		.why = why,
	};
	m->procs[m->view.nprocs - 1].nfiles++;
	return file;
}

void viewmake_ignored(struct viewmake *m, pid_t pid, const char *path, const char *rule)
{
	if (m->view.nignored == VIEWMAKE_REST)
		abort();
	m->ignored[m->view.nignored++] =
		(struct stale_ignored){.path = path, .rule = rule, .pid = pid};
}

void viewmake_unreadable(struct viewmake *m, pid_t pid, int error)
{
	if (m->view.nunreadable == VIEWMAKE_REST)
		abort();
	m->unreadable[m->view.nunreadable++] =
		(struct stale_unreadable){.pid = pid, .error = error};
	m->info.denied++;
	m->info.scanned--;
}

static bool is_first(const struct viewmake *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(m->files[i].path, m->files[n].path) == 0 &&
		    view_file_counts(&m->view, &m->files[i]))
			return false;
	}
	return true;
}

void viewmake_count(struct viewmake *m)
{
	struct stale_totals totals = {0};

	for (size_t i = 0; i < m->view.nprocs; i++)
		totals.processes += view_proc_counts(&m->view, &m->procs[i]) ? 1 : 0;
	for (size_t i = 0; i < m->nfiles; i++) {
		const struct stale_file *file = &m->files[i];

		if (!view_file_counts(&m->view, file) || !is_first(m, i))
			continue;
		totals.files++;
		if (file->since_source == STALE_SINCE_UNKNOWN)
			totals.undated++;
		else if (totals.oldest == 0 || file->since < totals.oldest)
			totals.oldest = file->since;
	}
	m->view.totals = totals;
}
