/*
 * scanrun.c - runs a scan where it may hang, with the privilege that it needs.
 */
#include "scanrun.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "terminal.h"

#define TICK_US 1000000 /* between two notes of progress */

/* What the child that scans tells us, in memory that both share. */
struct told {
	unsigned privilege; /* what was effective there */
	int error;          /* negative errno: why nothing could be made so; 0 */
};

struct job {
	struct stale_scanner *scanner; /* borrowed */
	struct told *told;             /* owned: munmap() */
	unsigned duties;               /* for what the parent keeps capabilities */
	int error; /* negative errno: why it could not give up the others; 0 */
};

/* In the child. */
static int run_job(void *arg)
{
	struct job *job = arg;

	job->told->error = privilege_raise(PRIVILEGE_SCAN);
	if (job->told->error < 0)
		return job->told->error;
	job->told->privilege = privilege_effective();
	return stale_scanner_run(job->scanner);
}

/* In the parent, when the child is there. */
static int give_up(void *arg)
{
	struct job *job = arg;

	job->error = privilege_drop(job->duties);
	return job->error;
}

static int job_init(const struct options *opt, struct stale_scanner *scanner,
		    struct job *ret)
{
	void *told = mmap(NULL, sizeof(*ret->told), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (told == MAP_FAILED)
		return -errno;
	*ret = (struct job){
		.scanner = scanner,
		.told = told,
		.duties = (opt->want_packages ? PRIVILEGE_PACKAGES : 0) |
			  (opt->output ? PRIVILEGE_FILE : 0),
	};
	return 0;
}

static void show_progress(void *scanner)
{
	size_t done, listed;

	stale_scanner_progress(scanner, &done, &listed);
	terminal_show_progress(done, listed);
}

/* Returns as guard_run() does. */
static int run_guarded(const struct options *opt, struct job *job,
		       struct guard_result *ret)
{
	const struct guard_work work = {run_job, give_up, job};
	const struct guard_tick tick = {show_progress, job->scanner, TICK_US};
	const bool is_watched = opt->format == FORMAT_HUMAN && terminal_find().width > 0;
	int rc = guard_run(&work, (int64_t)opt->timeout * 1000000,
			   is_watched ? &tick : NULL, ret);

	if (is_watched && rc == 0 && ret->elapsed_us > TICK_US)
		terminal_clear_progress();
	return rc;
}

static int run_job_told(const struct options *opt, struct job *job, struct scanrun *ret,
			struct buf *error)
{
	struct scanrun run = {.privilege = privilege_look()};
	int rc = run_guarded(opt, job, &run.guard);

	if (job->error < 0)
		buf_printf(error, "privileges cannot be given up: %s", strerror(-rc));
	if (rc < 0)
		return rc;
	if (job->told->error < 0) {
		rc = job->told->error;
		buf_printf(error, "privileges that were granted cannot be used: %s",
			   strerror(-rc));
		return rc;
	}
	run.privilege.missing = PRIVILEGE_ALL & ~job->told->privilege;
	*ret = run;
	return 0;
}

int scanrun_make(const struct options *opt, struct stale_scanner *scanner,
		 struct scanrun *ret, struct buf *error)
{
	struct job job;
	int rc = job_init(opt, scanner, &job);

	if (rc < 0)
		return rc;
	rc = run_job_told(opt, &job, ret, error);
	munmap(job.told, sizeof(*job.told));
	return rc;
}
