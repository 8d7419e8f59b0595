/*
 * survey.c - runs the scan, and explains why there was none.
 */
#include "survey.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "guard.h"
#include "privilege.h"

#define ROOT_MAX 48 /* bytes of the name of the tree in a message */

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts = {0};

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Finer than btime in /proc/stat, which has whole seconds. */
static int64_t boot_time_ns(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

static struct stale_options scan_options(const struct options *opt)
{
	return (struct stale_options){
		.proc_root = opt->proc_root,
		.method = opt->method,
		.boot_time_ns = boot_time_ns(),
		.pids = opt->pids,
		.npids = opt->npids,
		.ignore_globs = opt->ignore.list,
		.ignore_literals = opt->literal.list,
		.library_globs = opt->library.list,
		.no_default_ignores = opt->no_default_ignores,
		.want_cmdline = opt->show_args,
	};
}

static int run_scanner(void *scanner)
{
	return stale_scanner_run(scanner);
}

/* Returns 0 and what was found, complete or not; or a negative errno. */
static int scan(const struct stale_options *opt, unsigned timeout,
		struct guard_result *ret_guard, struct stale_report **ret_report)
{
	struct stale_scanner *scanner;
	int rc = stale_scanner_new(opt, &scanner);

	if (rc < 0)
		return rc;
	rc = guard_run(run_scanner, scanner, (int64_t)timeout * 1000000, ret_guard);
	if (rc == 0)
		rc = stale_scanner_report(scanner, ret_report);
	stale_scanner_free(scanner);
	return rc;
}

static int view_init(struct view *view, const struct stale_report *report,
		     const struct options *opt, const struct guard_result *guard)
{
	*view = (struct view){
		.info = stale_report_info(report),
		.policy = opt->policy,
		.now = clock_ns(CLOCK_REALTIME) / 1000000000,
		.elapsed_us = guard->elapsed_us,
		.timeout = opt->timeout,
		.error = -guard->rc,
		.signal = guard->signal,
		.privileged = privilege_has_ptrace(),
	};
	view->procs = stale_report_procs(report, &view->nprocs);
	view->ignored = stale_report_ignored(report, &view->nignored);
	view->unreadable = stale_report_unreadable(report, &view->nunreadable);
	/* Time may run out between the last process and the end. */
	view->timed_out = guard->timed_out && !view->info->finished;
	return stale_report_count(report, &view->policy, view->now, &view->totals);
}

static void explain_pids(const struct options *opt, struct buf *error)
{
	if (opt->npids == 1)
		buf_printf(error, "no process %d exists", (int)opt->pids[0]);
	else
		buf_printf(error, "none of the %zu processes given exists", opt->npids);
}

void survey_explain(const struct options *opt, int rc, struct buf *error)
{
	if (rc == -ESRCH && opt->npids > 0) {
		explain_pids(opt, error);
		return;
	}
	if (rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE || rc == -EAGAIN) {
		buf_printf(error, "the scan failed: %s", strerror(-rc));
		return;
	}
	buf_printable_tail(error, opt->proc_root ? opt->proc_root : "/proc", BUF_NAGIOS,
			   ROOT_MAX);
	if (rc == -ESRCH)
		buf_put(error, " holds no process: it must be a mounted proc or a "
			       "captured tree");
	else if (rc == -ENOTSUP)
		buf_put(error, " is no proc file system: mount one, or use --proc-root");
	else
		buf_printf(error, ": %s: it must be a mounted proc or a captured tree",
			   strerror(-rc));
}

/* Returns 0 where there is something to judge, also if it is only how far we came. */
static int find_trouble(const struct options *opt, const struct view *view,
			struct buf *error)
{
	const struct stale_scan_info *info = view->info;
	int rc;

	if (view->timed_out || info->scanned + info->denied + info->failed > 0)
		return 0;
	if (view->signal) {
		buf_printf(error, "the scan failed: killed by signal %d", view->signal);
		return -EINTR;
	}
	if (view->error)
		rc = -view->error;
	else if (info->error)
		rc = -info->error;
	else
		rc = -ESRCH;
	if (rc == -ESRCH && opt->npids > 0 && info->kernel_threads > 0)
		buf_put(error, "what --pid names are kernel threads: they run no files");
	else
		survey_explain(opt, rc, error);
	return rc;
}

int survey_make(const struct options *opt, struct survey *ret, struct buf *error)
{
	const struct stale_options scan_opt = scan_options(opt);
	struct survey survey = {0};
	struct guard_result guard;
	int rc = scan(&scan_opt, opt->timeout, &guard, &survey.report);

	if (rc == 0)
		rc = view_init(&survey.view, survey.report, opt, &guard);
	if (rc < 0)
		buf_printf(error, "the scan failed: %s", strerror(-rc));
	else
		rc = find_trouble(opt, &survey.view, error);
	if (rc < 0) {
		survey_release(&survey);
		return rc;
	}
	*ret = survey;
	return 0;
}

void survey_release(struct survey *survey)
{
	stale_report_free(survey->report);
	*survey = (struct survey){0};
}
