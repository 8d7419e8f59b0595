/*
 * visit.c - open a process, have every executable mapping looked at, notice when it is
 * none, is gone, or became another program meanwhile.
 *
 * Looks at no file itself.
 */
#include "visit.h"

#include <fcntl.h>
#include <string.h>

#include "suspects.h"
#include "util.h"

/* A process that executes, or changes its root, again and again while it is read is given
 * up after this many readings, and counted as failed. */
#define READINGS_MAX 32

void visit_init(struct visit *visit, struct worker *worker, pid_t pid)
{
	/* Not all of it: the buffers need no zeroes, and are most of it. */
	memset(visit, 0, offsetof(struct visit, exe));
	visit->worker = worker;
	visit->pid = pid;
	visit->leaderfd = visit->threadfd = visit->rootfd = -1;
	visit->process.mapsfd = visit->process.rootfd = -1;
}

static void close_maps(struct visit *visit)
{
	util_close(&visit->process.mapsfd);
	util_close(&visit->rootfd);
	visit->process.mapsfd = visit->process.rootfd = visit->rootfd = -1;
}

void visit_release(struct visit *visit)
{
	close_maps(visit);
	util_close(&visit->leaderfd);
	util_close(&visit->threadfd);
}

int visit_read_stat(struct visit *visit)
{
	const struct findings *found = visit->worker->findings;
	const int64_t boot_ns = atomic_load(&found->boot_ns);
	int64_t start_ns;
	int rc;

	if (visit->stat_is_read)
		return 0;
	rc = procfs_read_stat(visit->leaderfd, visit->stat_buf, &visit->stat);
	if (rc < 0)
		return rc;
	visit->stat_is_read = true;
	visit->process.boot_ns = boot_ns;
	start_ns = pidstat_start_ns(boot_ns, visit->stat.start_ticks);
	if (!start_ns)
		return 0;
	visit->process.start_ns = start_ns;
	visit->process.start_latest_ns =
		start_ns + PIDSTAT_TICK_NS + atomic_load(&found->boot_slack_ns);
	return 0;
}

int visit_read_owner(struct visit *visit)
{
	int rc;

	if (visit->owner_is_read)
		return 0;
	rc = procfs_read_status(visit->leaderfd, &visit->status);
	if (rc == 0)
		rc = owner_read(visit->leaderfd, &visit->owner);
	visit->owner_is_read = rc == 0;
	if (rc == 0)
		visit->rank = owner_rank(visit->status.euid, &visit->owner.cgroup);
	return rc;
}

int visit_check_turn(struct visit *visit)
{
	const struct worker *w = visit->worker;
	int rc;

	if (w->turn_of == OWNER_RANKS - 1 || !w->fs->is_proc)
		return 0;
	rc = visit_read_owner(visit);
	if (rc < 0)
		return rc;
	return visit->rank > w->turn_of ? VISIT_LATER : 0;
}

/* Begins to read the process, or to read it again. */
static void begin(struct visit *v)
{
	close_maps(v);
	v->worker->turn++;
	v->worker->nfiles = v->worker->nfiles_left_out = 0;
	v->rootfd_is_tried = v->exe_is_judged = v->exe_inode_is_tried = false;
	v->nmappings = 0;
	v->incomplete = 0;
	v->exe_inode = 0;
	v->root = NULL;
	v->process.dirfd = v->threadfd >= 0 ? v->threadfd : v->leaderfd;
}

static int read_mappings(struct visit *v)
{
	struct worker *w = v->worker;
	int fd = openat(v->process.dirfd, "maps", O_RDONLY | O_CLOEXEC);
	int rc = -EOPNOTSUPP;

	if (fd < 0)
		return -errno;
	v->process.mapsfd = fd;
	if (w->opt->method != STALE_METHOD_MAPS) {
		v->process.method = STALE_METHOD_PROCMAP_QUERY;
		rc = mapread_query(&w->reader, fd, suspects_take_mapping, v);
	}
	if (rc != -EOPNOTSUPP || w->opt->method == STALE_METHOD_PROCMAP_QUERY)
		return rc;
	/* What the query gave before it failed comes again. */
	w->turn++;
	w->nfiles = w->nfiles_left_out = 0;
	v->process.method = STALE_METHOD_MAPS;
	atomic_store(&w->findings->method, STALE_METHOD_MAPS);
	return mapread_text(&w->reader, fd, suspects_take_mapping, v);
}

/*
 * There is no memory map: a kernel thread, an exited leader whose threads go on, or a
 * process at its end.  Returns VISIT_KERNEL_THREAD, -EAGAIN when there is something to be
 * read now, or -ESRCH.
 */
static int explain_no_map(struct visit *v)
{
	char buf[PROCFS_STAT_MAX];
	struct pidstat stat;
	int rc = procfs_read_stat(v->leaderfd, buf, &stat);

	if (rc < 0)
		return rc;
	if (stat.flags & PIDSTAT_PF_KTHREAD)
		return VISIT_KERNEL_THREAD;
	if (!(stat.flags & PIDSTAT_PF_EXITING) && stat.state != 'Z' && stat.state != 'X')
		return -EAGAIN;
	if (!v->worker->fs->is_proc)
		return -ESRCH;
	util_close(&v->threadfd);
	v->threadfd = -1;
	rc = procfs_open_live_thread(v->worker->fs, v->leaderfd, v->pid);
	if (rc < 0)
		return rc;
	v->threadfd = rc;
	return -EAGAIN;
}

/*
 * Do the name of the executable and the mappings belong together, and was the text read
 * to its end?  They do if the memory map that was read is still that of the process after
 * its name has been read again: one that is left behind by exec or exit can be read no
 * more.  Two execs in a row may lead back to the first name.  1, 0, or the -errno of a fatal
 * error.
 */
static int is_of_one_piece(const struct visit *v)
{
	char exe[PATH_MAX];
	char byte;
	ssize_t n = procfs_readlink(v->process.dirfd, "exe", exe, sizeof(exe));

	if (procfs_is_fatal((int)n))
		return (int)n;
	if (n != v->exe_len || (n > 0 && memcmp(exe, v->exe, (size_t)n) != 0))
		return 0;
	n = pread(v->process.mapsfd, &byte, 1, 0);
	return n < 0 && procfs_is_fatal(-errno) ? -errno : n == 1;
}

/* Descriptors that may not be listed hide nothing of the code that was read. */
static int read_fds(struct visit *v)
{
	int rc;

	if (!(v->worker->opt->kinds & STALE_KIND_BIT(STALE_FD)))
		return 0;
	rc = suspects_take_fds(v);
	if (rc == 0 || rc == -ENOBUFS || rc == -EAGAIN || rc == VISIT_LATER ||
	    procfs_error_class(rc) == PROCFS_VANISHED ||
	    procfs_error_class(rc) == PROCFS_FATAL)
		return rc;
	v->incomplete = rc;
	return 0;
}

/*
 * In a captured tree an empty text of maps says little of what the process was.  Returns
 * 0, VISIT_KERNEL_THREAD, or -errno.
 */
static int explain_nothing(struct visit *v)
{
	int rc = explain_no_map(v);

	return rc == -EAGAIN ? 0 : rc;
}

/* Reads the process once.  Returns as read_all(), or -EAGAIN to have it read again. */
static int read_once(struct visit *v)
{
	const bool is_proc = v->worker->fs->is_proc;
	int rc;

	begin(v);
	v->exe_len = procfs_readlink(v->process.dirfd, "exe", v->exe, sizeof(v->exe));
	if (v->exe_len == -ENOENT && is_proc)
		return explain_no_map(v);
	if (v->exe_len < 0 && v->exe_len != -ENAMETOOLONG &&
	    (is_proc || procfs_is_fatal((int)v->exe_len)))
		return (int)v->exe_len;
	rc = roots_find(v->worker->roots, v->process.dirfd, &v->root);
	v->process.root = v->root;
	if (rc == 0)
		rc = read_mappings(v);
	if (rc == -ESRCH)
		return explain_no_map(v);
	if (rc == 0 && v->nmappings == 0 && !is_proc)
		rc = explain_nothing(v);
	if (rc)
		return rc;
	/* A clean process is as clean after the query as before it. */
	if (is_proc && (v->process.method == STALE_METHOD_MAPS || v->worker->nfiles)) {
		rc = is_of_one_piece(v);
		if (rc <= 0)
			return rc < 0 ? rc : -EAGAIN;
	}
	rc = suspects_take_exe(v);
	return rc ? rc : read_fds(v);
}

/* Returns 0, VISIT_KERNEL_THREAD, or -errno. */
static int read_all(struct visit *v)
{
	int rc = -EAGAIN;

	for (int i = 0; rc == -EAGAIN && i < READINGS_MAX; i++)
		rc = read_once(v);
	return rc;
}

/* A thread that is no leader has a folder too, which only its number leads to. */
static bool is_leader(const struct visit *v)
{
	return !v->worker->opt->pids || !v->worker->fs->is_proc ||
	       v->status.tgid == v->pid;
}

/* Might it be asked for, if only its groups were known? */
static bool is_doubtful(const struct visit *v)
{
	struct stale_selection rest = v->worker->opt->select;

	rest.units = rest.containers = NULL;
	rest.scopes = 0;
	return v->owner.error &&
	       owner_is_selected(&rest, &v->stat, v->status.euid, &v->owner.cgroup);
}

/* Is the process one that is asked for?  Everybody may know this of all processes. */
static int check_selection(struct visit *v)
{
	const struct worker *w = v->worker;
	int rc;

	if (!w->opt->pids && !w->is_selective)
		return 0;
	rc = visit_read_owner(v);
	if (rc < 0)
		return rc;
	if (!is_leader(v))
		return -ESRCH;
	if (!w->is_selective)
		return 0;
	rc = visit_read_stat(v);
	if (rc < 0)
		return rc;
	if (v->stat.flags & PIDSTAT_PF_KTHREAD)
		return VISIT_KERNEL_THREAD;
	if (owner_is_selected(&w->opt->select, &v->stat, v->status.euid,
			      &v->owner.cgroup))
		return 0;
	return is_doubtful(v) ? v->owner.error : VISIT_UNSELECTED;
}

int visit_read(struct visit *visit)
{
	int rc;

	visit->leaderfd = procfs_open_pid(visit->worker->fs, visit->pid);
	if (visit->leaderfd < 0)
		return visit->leaderfd;
	rc = check_selection(visit);
	return rc ? rc : read_all(visit);
}
