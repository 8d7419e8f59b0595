/*
 * worker.c - one process after another: have it read, put it down if any of its files is
 * stale, count how it went.
 *
 * A clean process costs two descriptors, one link, one mark and its mappings; nothing
 * is allocated for it.
 */
#include "worker.h"

#include <string.h>

#include "util.h"
#include "visit.h"

#define CMDLINE_MAX 4096

/* Files of all processes together: each costs memory once more in the report. */
#define USES_MAX ((size_t)1 << 20)

void worker_init(struct worker *worker, const struct worker_shared *shared, unsigned nr)
{
	const struct stale_options *opt = shared->opt;

	*worker = (struct worker){
		.opt = opt,
		.fs = shared->fs,
		.findings = shared->findings,
		.roots = shared->roots,
		.judge = {.verdicts = shared->verdicts,
			  .is_captured = !shared->fs->is_proc},
		.folders = shared->folders,
		.nr = nr,
		.is_selective = owner_selects(&opt->select),
	};
	mapreader_init(&worker->reader, opt->kinds & STALE_KIND_BIT(STALE_DATA));
	table_init(&worker->verdicts, shared->seed);
	leftovers_init(&worker->leftovers, shared->fs, shared->seed);
}

void worker_release(struct worker *worker)
{
	mapreader_release(&worker->reader);
	table_release(&worker->verdicts);
	leftovers_release(&worker->leftovers);
	for (size_t i = 0; i < OWNER_RANKS; i++)
		free(worker->later[i].pids);
	free(worker->files);
	worker->files = NULL;
}

/* NULL for nothing; *failed when the findings are full. */
static char *copy(struct findings *found, struct name name, bool *failed)
{
	char *bytes = name.len ? findings_copy(found, name.s, name.len) : NULL;

	if (name.len && !bytes)
		*failed = true;
	return bytes;
}

/* Whose the process is, and what renews it.  Returns 0, or the -errno of a fatal error. */
static int attribute(struct visit *v, struct found_proc *proc, bool *failed)
{
	struct findings *found = v->worker->findings;
	const struct cgroup_owner *owner = &v->owner.cgroup;
	int rc =
		leftovers_has(&v->worker->leftovers, &v->owner, &v->stat, v->status.euid);

	if (rc < 0)
		return rc;
	proc->scope = owner->scope;
	proc->unit = copy(found, owner->unit, failed);
	proc->runtime = owner->runtime;
	proc->container = copy(found, owner->id, failed);
	proc->owner = owner->uid;
	proc->is_leftover = rc;
	proc->advice = owner_advise(owner, &v->stat, proc->is_leftover);
	return 0;
}

static int copy_cmdline(const struct visit *v, struct found_proc *proc)
{
	char cmdline[CMDLINE_MAX];
	ssize_t n = procfs_read(v->process.dirfd, "cmdline", cmdline, CMDLINE_MAX - 1);

	if (n <= 0)
		return procfs_is_fatal((int)n) ? (int)n : 0;
	proc->cmdline = findings_copy(v->worker->findings, cmdline, (size_t)n);
	/* The copy has a NUL behind it, for an argument that was cut. */
	proc->cmdline_len = (size_t)n + (cmdline[n - 1] != '\0');
	return proc->cmdline ? 0 : -ENOBUFS;
}

/* Fills in what the process is.  Returns 0 or -errno. */
static int describe(struct visit *v, struct found_proc *proc)
{
	struct findings *found = v->worker->findings;
	struct name exe = {v->exe, v->exe_len > 0 ? (size_t)v->exe_len : 0};
	bool failed = false;
	int rc = visit_read_stat(v);

	if (rc == 0)
		rc = visit_read_owner(v);
	if (rc < 0)
		return rc;
	name_unmark(exe, &exe);
	exe.len = name_final_len(exe);
	proc->pid = v->pid;
	proc->ppid = v->stat.ppid;
	proc->uid = v->status.euid;
	proc->rank = v->rank;
	proc->start_ticks = v->stat.start_ticks;
	proc->comm = findings_copy(found, v->stat.comm, v->stat.comm_len);
	proc->exe = copy(found, exe, &failed);
	rc = attribute(v, proc, &failed);
	if (rc < 0)
		return rc;
	if (!proc->comm || failed)
		return -ENOBUFS;
	return v->worker->opt->want_cmdline ? copy_cmdline(v, proc) : 0;
}

/* Is there little room left, or may the arguments lie where reading them waits? */
static bool is_costly(const struct worker *w)
{
	const struct findings *found = w->findings;

	return w->opt->want_cmdline || atomic_load(&found->uses) > USES_MAX / 2 ||
	       atomic_load(&found->used) > found->size / 2;
}

static int publish(struct visit *v)
{
	const struct worker *w = v->worker;
	struct found_proc *proc;
	int rc;

	if (!w->nfiles)
		return 0;
	rc = is_costly(w) ? visit_check_turn(v) : 0;
	if (rc < 0)
		return rc;
	/* Ignored files may have pushed others out. */
	if (w->nfiles_left_out)
		v->incomplete = -EOVERFLOW;
	if (atomic_fetch_add(&w->findings->uses, w->nfiles) + w->nfiles > USES_MAX)
		return -ENOBUFS;
	proc = findings_alloc(w->findings,
			      sizeof(*proc) + w->nfiles * sizeof(proc->files[0]));
	if (!proc)
		return -ENOBUFS;
	memcpy(proc->files, w->files, w->nfiles * sizeof(proc->files[0]));
	proc->nfiles = w->nfiles;
	proc->nfiles_left_out = w->nfiles_left_out;
	rc = describe(v, proc);
	if (rc == 0)
		findings_add_proc(w->findings, proc);
	return rc;
}

static int put_off(const struct visit *v)
{
	struct worker_later *later = &v->worker->later[v->rank];
	void *pids = later->pids;
	int rc = util_grow(&pids, &later->room, later->n, sizeof(*later->pids));

	if (rc < 0)
		return rc;
	later->pids = pids;
	later->pids[later->n++] = v->pid;
	return 0;
}

/* Who may not read a kernel thread still sees that it is one. */
static int explain_denied(struct visit *v, int denied)
{
	struct pidstat stat;
	int rc = procfs_read_stat(v->leaderfd, v->stat_buf, &stat);

	if (procfs_is_fatal(rc))
		return rc;
	return rc == 0 && stat.flags & PIDSTAT_PF_KTHREAD ? VISIT_KERNEL_THREAD : denied;
}

/* Counts how it went.  Returns 0, or the -errno of a fatal error. */
static int account(struct visit *v, int rc)
{
	struct findings *found = v->worker->findings;

	if (rc == VISIT_LATER)
		return put_off(v);
	if (rc == 0) {
		atomic_fetch_add(&found->scanned, 1);
		return 0;
	}
	if (rc < 0 && procfs_error_class(rc) == PROCFS_DENIED && v->leaderfd >= 0)
		rc = explain_denied(v, rc);
	if (rc > 0) {
		atomic_fetch_add(rc == VISIT_KERNEL_THREAD ? &found->kernel_threads
							   : &found->unselected,
				 1);
		return 0;
	}
	/* The answer lacks what did not fit, whatever the caller makes of failures. */
	if (rc == -ENOBUFS)
		atomic_store(&found->error, ENOBUFS);
	switch (procfs_error_class(rc)) {
	case PROCFS_VANISHED:
		atomic_fetch_add(&found->vanished, 1);
		return 0;
	case PROCFS_DENIED:
		atomic_fetch_add(&found->denied, 1);
		break;
	case PROCFS_FAILED:
		atomic_fetch_add(&found->failed, 1);
		break;
	case PROCFS_FATAL:
		return rc;
	}
	/* When even this does not fit, the counter still tells. */
	findings_add_error(found, v->pid, -rc);
	return 0;
}

int worker_scan(struct worker *worker, pid_t pid)
{
	_Atomic pid_t *at = &worker->findings->at[worker->nr];
	__attribute__((cleanup(visit_release))) struct visit v;
	int rc;

	atomic_store(at, pid);
	visit_init(&v, worker, pid);
	rc = visit_read(&v);
	if (rc == 0)
		rc = publish(&v);
	rc = account(&v, rc == 0 ? v.incomplete : rc);
	if (rc == 0)
		atomic_store(at, 0);
	return rc;
}

/*
 * Another worker may still be at root's processes.  A process begun below the limit may put
 * down 4,096 verdicts, of which each takes at most two paths: 34 MB, of 256.
 */
static bool is_room_for_users(const struct findings *found)
{
	return atomic_load(&found->uses) <= USES_MAX / 4 * 3 &&
	       atomic_load(&found->used) <= found->size / 2;
}

static void leave_out(struct findings *found, pid_t pid)
{
	atomic_store(&found->error, ENOBUFS);
	atomic_fetch_add(&found->failed, 1);
	findings_add_error(found, pid, ENOBUFS);
}

static int scan_later(struct worker *worker, pid_t pid)
{
	if (worker->turn_of < OWNER_USER || is_room_for_users(worker->findings))
		return worker_scan(worker, pid);
	leave_out(worker->findings, pid);
	return 0;
}

int worker_finish(struct worker *worker, const _Atomic int *stop)
{
	int rc = 0;

	for (unsigned rank = OWNER_SYSTEM; rank < OWNER_RANKS; rank++) {
		/* None is added to a list whose turn it is. */
		const struct worker_later *later = &worker->later[rank];

		worker->turn_of = rank;
		for (size_t i = 0; rc == 0 && i < later->n && !atomic_load(stop); i++)
			rc = scan_later(worker, later->pids[i]);
	}
	return rc;
}
