/*
 * worker.c - one process after another: have it read, put it down if any of its files is
 * stale, count how it went.
 *
 * A clean process costs its descriptors, three links and its mappings; nothing is
 * allocated for it.
 */
#include "worker.h"

#include <string.h>

#include "util.h"
#include "visit.h"

#define CMDLINE_MAX 4096

void worker_init(struct worker *worker, const struct stale_options *opt,
		 const struct procfs *fs, struct findings *findings, uint64_t seed)
{
	*worker = (struct worker){
		.opt = opt,
		.fs = fs,
		.findings = findings,
		.judge = {.findings = findings, .is_captured = !fs->is_proc},
	};
	roots_init(&worker->roots, fs);
	mapreader_init(&worker->reader);
	table_init(&worker->verdicts, seed);
}

void worker_release(struct worker *worker)
{
	roots_release(&worker->roots);
	mapreader_release(&worker->reader);
	table_release(&worker->verdicts);
	free(worker->files);
	worker->files = NULL;
}

/* Copies n files and fills in what the process is.  Returns 0 or -errno. */
static int describe(struct visit *v, struct found_proc *proc)
{
	struct findings *found = v->worker->findings;
	struct pidstatus status;
	struct name exe = {v->exe, v->exe_len > 0 ? (size_t)v->exe_len : 0};
	char cmdline[CMDLINE_MAX];
	ssize_t n = 0;
	int rc = visit_read_stat(v);

	if (rc == 0)
		rc = procfs_read_status(v->leaderfd, &status);
	if (rc < 0)
		return rc;
	proc->pid = v->pid;
	proc->ppid = v->stat.ppid;
	proc->uid = status.euid;
	proc->start_ticks = v->stat.start_ticks;
	proc->comm = findings_copy(found, v->stat.comm, v->stat.comm_len);
	if (exe.len) {
		name_unmark(exe, &exe);
		proc->exe = findings_copy(found, exe.s, name_final_len(exe));
	}
	if (v->worker->opt->want_cmdline)
		n = procfs_read(v->process.dirfd, "cmdline", cmdline, CMDLINE_MAX - 1);
	if (n > 0) {
		proc->cmdline = findings_copy(found, cmdline, (size_t)n);
		/* The copy has a NUL behind it, for an argument that was cut. */
		proc->cmdline_len = (size_t)n + (cmdline[n - 1] != '\0');
	}
	if (!proc->comm || (exe.len && !proc->exe) || (n > 0 && !proc->cmdline))
		return -ENOBUFS;
	return 0;
}

static int publish(struct visit *v)
{
	const struct worker *w = v->worker;
	struct found_proc *proc;
	int rc;

	if (!w->nfiles)
		return 0;
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

/* Counts how it went.  Returns 0, or the -errno of a fatal error. */
static int account(struct visit *v, int rc)
{
	struct findings *found = v->worker->findings;
	struct pidstat stat;

	if (rc == 0) {
		atomic_fetch_add(&found->scanned, 1);
		return 0;
	}
	/* Who may not read a kernel thread still sees that it is one. */
	if (rc < 0 && procfs_error_class(rc) == PROCFS_DENIED && v->leaderfd >= 0 &&
	    procfs_read_stat(v->leaderfd, v->stat_buf, &stat) == 0 &&
	    stat.flags & PIDSTAT_PF_KTHREAD)
		rc = VISIT_KERNEL_THREAD;
	if (rc == VISIT_KERNEL_THREAD) {
		atomic_fetch_add(&found->kernel_threads, 1);
		return 0;
	}
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
	__attribute__((cleanup(visit_release))) struct visit v;
	int rc;

	visit_init(&v, worker, pid);
	rc = visit_read(&v);
	return account(&v, rc == 0 ? publish(&v) : rc);
}
