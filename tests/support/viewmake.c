/*
 * viewmake.c - a view made by hand.
 */
#include "viewmake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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
		.policy = {.why = STALE_WHY_DEFAULT,
			   .scopes = STALE_SCOPE_DEFAULT,
			   .kinds = STALE_KIND_CODE},
		.now = VIEWMAKE_NOW,
		.elapsed_us = 12345,
		.timeout = 8,
		.privileged = true,
	};
}

void viewmake_users(struct viewmake *m, const char *passwd)
{
	int fd = memfd_create("passwd", MFD_CLOEXEC);
	size_t len = strlen(passwd);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, passwd, len) != (ssize_t)len ||
	    stale_users_read(path, &m->users) < 0)
		abort();
	close(fd);
	m->view.users = m->users;
}

void viewmake_release(struct viewmake *m)
{
	stale_users_free(m->users);
	m->users = NULL;
	m->view.users = NULL;
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
		.owner = (uid_t)-1,
	};
	return proc;
}

struct stale_proc *viewmake_unit(struct viewmake *m, pid_t pid, const char *comm,
				 enum stale_scope scope, const char *unit)
{
	static const enum stale_advice advice[STALE_SCOPE_COUNT] = {
		[STALE_SCOPE_SYSTEM] = STALE_RESTART_UNIT,
		[STALE_SCOPE_USER] = STALE_RESTART_USER_UNIT,
		[STALE_SCOPE_SESSION] = STALE_RELOGIN,
	};
	struct stale_proc *proc = viewmake_proc(m, pid, comm);

	proc->scope = scope;
	proc->unit = unit;
	proc->advice = advice[scope];
	if (scope != STALE_SCOPE_SYSTEM)
		proc->owner = 1000;
	return proc;
}

struct stale_proc *viewmake_container(struct viewmake *m, pid_t pid, const char *comm,
				      const char *runtime, const char *id)
{
	struct stale_proc *proc = viewmake_proc(m, pid, comm);

	proc->scope = STALE_SCOPE_CONTAINER;
	proc->runtime = runtime;
	proc->container = id;
	proc->advice = STALE_RESTART_CONTAINER;
	return proc;
}

/* Files are the same when their paths are. */
static uint32_t first_id(const struct viewmake *m, const char *path)
{
	uint32_t i = 0;

	while (i + 1 < m->nfiles && strcmp(m->files[i].path, path) != 0)
		i++;
	return i;
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
		.bytes = -1,
		.fd = -1,
		.id = first_id(m, path),
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

/* Distinct owners of a scope, of processes with a file that would count there. */
static size_t count_owners(const struct viewmake *m, const struct stale_policy *policy,
			   unsigned scopes)
{
	const char *seen[VIEWMAKE_PROCS];
	size_t n = 0;

	for (size_t i = 0; i < m->view.nprocs; i++) {
		const struct stale_proc *proc = &m->procs[i];
		const char *name = proc->container ? proc->container : proc->unit;
		size_t k = 0;

		if (!(scopes & STALE_SCOPE_BIT(proc->scope)) || !name ||
		    !stale_proc_counts(proc, policy, m->view.now))
			continue;
		while (k < n && strcmp(seen[k], name) != 0)
			k++;
		if (k == n)
			seen[n++] = name;
	}
	return n;
}

static void count_everywhere(struct viewmake *m, struct stale_totals *totals)
{
	struct stale_policy policy = m->view.policy;

	policy.scopes = (1U << STALE_SCOPE_COUNT) - 1;
	totals->services = count_owners(m, &policy, STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM));
	totals->containers =
		count_owners(m, &policy, STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER));
	totals->sessions = count_owners(m, &policy,
					STALE_SCOPE_BIT(STALE_SCOPE_USER) |
						STALE_SCOPE_BIT(STALE_SCOPE_SESSION));
	for (size_t i = 0; i < m->view.nprocs; i++) {
		const struct stale_proc *proc = &m->procs[i];

		if (stale_proc_counts(proc, &policy, m->view.now))
			totals->reboot += proc->advice == STALE_REBOOT;
	}
}

static void count_file(const struct viewmake *m, const struct stale_file *file,
		       bool counts, struct stale_totals *totals)
{
	if (file->id == (uint32_t)(file - m->files)) {
		totals->data_files += file->kind == STALE_DATA;
		totals->fd_files += file->kind == STALE_FD;
		if (file->kind == STALE_FD && file->bytes > 0)
			totals->fd_bytes += file->bytes;
	}
	if (!counts)
		return;
	totals->files++;
	if (file->since_source == STALE_SINCE_UNKNOWN)
		totals->undated++;
	else if (totals->oldest == 0 || file->since < totals->oldest)
		totals->oldest = file->since;
}

void viewmake_count(struct viewmake *m)
{
	bool is_counted[VIEWMAKE_FILES] = {false};
	struct stale_totals totals = {0};

	for (size_t i = 0; i < m->view.nprocs; i++) {
		const struct stale_proc *proc = &m->procs[i];

		totals.processes += view_proc_counts(&m->view, proc) ? 1 : 0;
		for (size_t k = 0; k < proc->nfiles; k++) {
			const struct stale_file *file = &proc->files[k];
			bool counts = !is_counted[file->id] &&
				      view_file_counts(&m->view, proc, file);

			count_file(m, file, counts, &totals);
			is_counted[file->id] |= counts;
		}
	}
	count_everywhere(m, &totals);
	m->view.totals = totals;
}
