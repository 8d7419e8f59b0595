/*
 * reportmake.c - a report made by hand.
 */
#include "tests/support/reportmake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct reportmake_file {
	struct stale_file file;
	size_t proc; /* in the order in which processes were added */
};

void reportmake_init(struct reportmake *m)
{
	*m = (struct reportmake){
		.info =
			{
				.listed = 300,
				.seen = 212,
				.scanned = 212,
				.kernel_threads = 88,
				.method = STALE_METHOD_PROCMAP_QUERY,
				.proc_fs = true,
				.finished = true,
			},
	};
}

void reportmake_release(struct reportmake *m)
{
	for (size_t i = 0; i < m->ntexts; i++)
		free(m->texts[i]);
	free(m->texts);
	free(m->procs);
	free(m->files);
	free(m->ignored);
	free(m->unreadable);
	*m = (struct reportmake){0};
}

/* Room for one more: arrays grow when their number is a power of two. */
static void *grow(void *array, size_t n, size_t size)
{
	void *bigger = array;

	if ((n & (n - 1)) == 0)
		bigger = realloc(array, (n ? n * 2 : 1) * size);
	if (!bigger)
		abort();
	return bigger;
}

struct stale_proc *reportmake_proc(struct reportmake *m, pid_t pid, const char *comm)
{
	struct stale_proc *proc;

	m->procs = grow(m->procs, m->nprocs, sizeof(*m->procs));
	proc = &m->procs[m->nprocs++];
	*proc = (struct stale_proc){
		.comm = comm,
		.start_ticks = 4711,
		.started = REPORTMAKE_NOW - 864000,
		.pid = pid,
		.ppid = 1,
		.uid = 1000,
		.owner = (uid_t)-1,
	};
	return proc;
}

struct stale_proc *reportmake_unit(struct reportmake *m, pid_t pid, const char *comm,
				   enum stale_scope scope, const char *unit)
{
	static const enum stale_advice advice[STALE_SCOPE_COUNT] = {
		[STALE_SCOPE_SYSTEM] = STALE_RESTART_UNIT,
		[STALE_SCOPE_USER] = STALE_RESTART_USER_UNIT,
		[STALE_SCOPE_SESSION] = STALE_RELOGIN,
	};
	struct stale_proc *proc = reportmake_proc(m, pid, comm);

	proc->scope = scope;
	proc->unit = unit;
	proc->advice = advice[scope];
	if (scope != STALE_SCOPE_SYSTEM)
		proc->owner = 1000;
	return proc;
}

struct stale_proc *reportmake_container(struct reportmake *m, pid_t pid, const char *comm,
					const char *runtime, const char *id)
{
	struct stale_proc *proc = reportmake_proc(m, pid, comm);

	proc->scope = STALE_SCOPE_CONTAINER;
	proc->runtime = runtime;
	proc->container = id;
	proc->advice = STALE_RESTART_CONTAINER;
	return proc;
}

/* Two paths of one number would be one file, which no test would miss for long. */
static uint64_t path_inode(const char *path)
{
	uint64_t inode = 1;

	for (; *path; path++)
		inode = inode * UINT64_C(6364136223846793005) + (unsigned char)*path;
	return inode;
}

struct stale_file *reportmake_file(struct reportmake *m, const char *path,
				   enum stale_why why, int64_t age)
{
	struct stale_file *file;

	if (m->nprocs == 0)
		abort();
	m->files = grow(m->files, m->nfiles, sizeof(*m->files));
	m->files[m->nfiles].proc = m->nprocs - 1;
	file = &m->files[m->nfiles++].file;
	*file = (struct stale_file){
		.path = path,
		.device = UINT64_C(8) << 32 | 1,
		.inode = path_inode(path),
		.bytes = -1,
		.fd = -1,
		.since = age < 0 ? 0 : REPORTMAKE_NOW - age,
		.since_source = age < 0 ? STALE_SINCE_UNKNOWN : STALE_SINCE_OLD_INODE,
		.kind = STALE_LIB,
		.why = why,
	};
	return file;
}

void reportmake_ignored(struct reportmake *m, pid_t pid, const char *path,
			const char *rule)
{
	m->ignored = grow(m->ignored, m->nignored, sizeof(*m->ignored));
	m->ignored[m->nignored++] =
		(struct stale_ignored){.path = path, .rule = rule, .pid = pid};
}

void reportmake_unreadable(struct reportmake *m, pid_t pid, int error)
{
	m->unreadable = grow(m->unreadable, m->nunreadable, sizeof(*m->unreadable));
	m->unreadable[m->nunreadable++] =
		(struct stale_unreadable){.pid = pid, .error = error};
	if (error == EACCES || error == EPERM)
		m->info.denied++;
	else
		m->info.failed++;
	m->info.scanned--;
}

const char *reportmake_text(struct reportmake *m, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	m->texts = grow(m->texts, m->ntexts, sizeof(*m->texts));
	m->texts[m->ntexts++] = text;
	return text;
}

static int compare_inodes(const void *x, const void *y)
{
	const struct stale_file *a = &(*(struct reportmake_file *const *)x)->file;
	const struct stale_file *b = &(*(struct reportmake_file *const *)y)->file;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return (a->inode > b->inode) - (a->inode < b->inode);
}

static void number_files(struct reportmake *m)
{
	struct reportmake_file **sorted =
		calloc(m->nfiles + 1, sizeof(struct reportmake_file *));
	uint32_t id = 0;

	if (!sorted)
		abort();
	for (size_t i = 0; i < m->nfiles; i++)
		sorted[i] = &m->files[i];
	qsort(sorted, m->nfiles, sizeof(struct reportmake_file *), compare_inodes);
	for (size_t i = 0; i < m->nfiles; i++) {
		if (i && compare_inodes(&sorted[i - 1], &sorted[i]) != 0)
			id++;
		sorted[i]->file.id = id;
	}
	free(sorted);
}

static int compare_paths(const void *x, const void *y)
{
	const struct stale_file *a = x, *b = y;
	int rc = strcmp(a->path, b->path);

	return rc ? rc : (a->inode > b->inode) - (a->inode < b->inode);
}

/* Files stand in the order of the processes that they were added to. */
static void hand_out_files(struct reportmake *m, struct stale_file *files)
{
	for (size_t p = 0; p < m->nprocs; p++) {
		m->procs[p].files = NULL;
		m->procs[p].nfiles = 0;
	}
	for (size_t i = 0; i < m->nfiles; i++) {
		struct stale_proc *proc = &m->procs[m->files[i].proc];

		files[i] = m->files[i].file;
		if (!proc->nfiles++)
			proc->files = &files[i];
		if (i + 1 == m->nfiles || m->files[i + 1].proc != m->files[i].proc)
			qsort(&files[i + 1 - proc->nfiles], proc->nfiles, sizeof(*files),
			      compare_paths);
	}
}

static int compare_pids(const void *x, const void *y)
{
	const struct stale_proc *a = x, *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int compare_ignored(const void *x, const void *y)
{
	const struct stale_ignored *a = x, *b = y;
	int rc = (a->pid > b->pid) - (a->pid < b->pid);

	return rc ? rc : strcmp(a->path, b->path);
}

static int compare_unreadable(const void *x, const void *y)
{
	const struct stale_unreadable *a = x, *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static void sort(void *array, size_t n, size_t size,
		 int (*compare)(const void *, const void *))
{
	if (n)
		qsort(array, n, size, compare);
}

struct stale_report *reportmake_report(struct reportmake *m)
{
	struct stale_file *files = calloc(m->nfiles + 1, sizeof(*files));
	struct stale_proc *procs = calloc(m->nprocs + 1, sizeof(*procs));
	struct stale_contents contents = {.info = m->info,
					  .procs = procs,
					  .nprocs = m->nprocs,
					  .ignored = m->ignored,
					  .nignored = m->nignored,
					  .unreadable = m->unreadable,
					  .nunreadable = m->nunreadable};
	struct stale_report *report;

	if (!files || !procs)
		abort();
	number_files(m);
	hand_out_files(m, files);
	if (m->nprocs)
		memcpy(procs, m->procs, m->nprocs * sizeof(*procs));
	sort(procs, m->nprocs, sizeof(*procs), compare_pids);
	sort(m->ignored, m->nignored, sizeof(*m->ignored), compare_ignored);
	sort(m->unreadable, m->nunreadable, sizeof(*m->unreadable), compare_unreadable);
	if (stale_report_make(&contents, &report) < 0)
		abort();
	free(procs);
	free(files);
	return report;
}

struct stale_users *reportmake_users(const char *passwd)
{
	int fd = memfd_create("passwd", MFD_CLOEXEC);
	size_t len = strlen(passwd);
	struct stale_users *users;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, passwd, len) != (ssize_t)len ||
	    stale_users_read(path, &users) < 0)
		abort();
	close(fd);
	return users;
}

struct stale_report *reportmake_rows(const struct reportmake_row *rows, size_t n)
{
	struct reportmake m;
	struct stale_report *report;

	reportmake_init(&m);
	for (size_t i = 0; i < n; i++) {
		const struct reportmake_row *row = &rows[i];
		bool same = i && row->pid == rows[i - 1].pid;

		if (!same && row->unit)
			reportmake_unit(&m, row->pid, row->comm, STALE_SCOPE_SYSTEM,
					row->unit);
		else if (!same)
			reportmake_proc(&m, row->pid, row->comm);
		reportmake_file(&m, row->path, row->why, row->age);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

struct stale_report *reportmake_many(size_t nprocs, size_t nfiles_in_common,
				     size_t nfiles_of_its_own)
{
	const size_t nfiles = nfiles_in_common + nfiles_of_its_own;
	size_t last = nfiles_in_common;
	struct reportmake m;
	struct stale_report *report;

	reportmake_init(&m);
	for (size_t p = 0; p < nprocs; p++) {
		reportmake_unit(&m, (pid_t)(1001 + p), "worker", STALE_SCOPE_SYSTEM,
				reportmake_text(&m, "pool-%zu.service", p / 10));
		for (size_t i = 0; i < nfiles; i++)
			reportmake_file(
				&m,
				reportmake_text(&m,
						"/usr/lib/x86_64-linux-gnu/lib%zu.so.1",
						i < nfiles_in_common ? i + 1 : ++last),
				STALE_DELETED, 3600);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}
