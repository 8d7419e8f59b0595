/*
 * filerun.c - replaces a file in a child that may hang.
 */
#include "filerun.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "child.h"
#include "guard.h"
#include "output.h"
#include "privilege.h"

#define LEAST_US       1000000
#define PATH_MAX_SHOWN 200 /* bytes, as in other messages about it */

/* What the child tells, in memory that both share. */
struct told {
	int rc; /* negative errno, or 0 */
	char message[512];
};

struct job {
	const struct options *opt; /* borrowed */
	const struct buf *bytes;   /* borrowed */
	struct told *told;         /* owned: munmap() */
	int error;                 /* negative errno: why privileges stay; 0 */
};

/* In the child. */
static int run_job(void *arg)
{
	struct job *job = arg;
	struct told *told = job->told;

	signal(SIGXFSZ, SIG_IGN); /* an error, as in our parent */
	told->rc = privilege_raise(PRIVILEGE_FILE);
	if (told->rc < 0)
		snprintf(told->message, sizeof(told->message),
			 "privileges cannot be used: %s", strerror(-told->rc));
	else
		told->rc = output_write(
			job->opt->output, job->bytes->s ? job->bytes->s : "",
			job->bytes->len, told->message, sizeof(told->message));
	return 0;
}

/* In the parent, when the child is there. */
static int give_up(void *arg)
{
	struct job *job = arg;

	job->error = privilege_drop(0);
	return job->error;
}

static void explain_end(const struct options *opt, const struct guard_result *guard,
			struct buf *error)
{
	buf_put(error, "cannot write '");
	buf_printable_tail(error, opt->output, BUF_NAGIOS, PATH_MAX_SHOWN);
	if (guard->timed_out)
		buf_put(error, "': time ran out, name a file on a file system that "
			       "answers");
	else if (guard->signal)
		buf_printf(error, "': killed by signal %d", guard->signal);
	else
		buf_printf(error, "': %s", strerror(-guard->rc));
}

static int run_guarded(struct job *job, int64_t left_us, struct buf *error)
{
	const struct guard_work work = {run_job, give_up, job};
	struct guard_result guard;
	int rc = guard_run(&work, left_us > LEAST_US ? left_us : LEAST_US, NULL, &guard);

	if (job->error < 0)
		buf_printf(error, "privileges cannot be given up: %s", strerror(-rc));
	else if (rc < 0)
		buf_printf(error, "no file can be written: %s", strerror(-rc));
	if (rc < 0)
		return rc;
	if (guard.timed_out || guard.signal || guard.rc < 0) {
		explain_end(job->opt, &guard, error);
		return -EIO;
	}
	if (job->told->rc < 0)
		buf_put(error, job->told->message);
	return job->told->rc;
}

int filerun_write(const struct options *opt, const struct buf *bytes, int64_t deadline_us,
		  struct buf *error)
{
	struct job job = {.opt = opt, .bytes = bytes};
	int rc;

	job.told = mmap(NULL, sizeof(*job.told), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.told == MAP_FAILED) {
		rc = -errno;
		buf_printf(error, "no file can be written: %s", strerror(-rc));
		return rc;
	}
	rc = run_guarded(&job, deadline_us - child_clock_us(), error);
	munmap(job.told, sizeof(*job.told));
	return rc;
}
