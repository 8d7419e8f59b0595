/*
 * survey.c - runs the scan, and explains why there was none.
 */
#include "survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "scanrun.h"

#define MESSAGE_MAX 512 /* bytes of a message of the core */
#define ROOT_MAX    48  /* bytes of the name of the tree in a message */

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

/* Command lines are what these two formats group processes by. */
static bool wants_cmdline(const struct options *opt)
{
	return opt->show_args || opt->format == FORMAT_HUMAN ||
	       opt->format == FORMAT_MACHINE;
}

static struct stale_options scan_options(const struct options *opt)
{
	struct stale_options ret = *stale_settings_options(opt->settings);

	ret.boot_time_ns = boot_time_ns();
	ret.want_cmdline = wants_cmdline(opt);
	ret.jobs = opt->jobs;
	return ret;
}

/* Returns 0 and what was found, complete or not; or a negative errno, with the reason in
 * error where it is not that of the scan. */
static int scan(const struct options *opt, struct scanrun *ret_run,
		struct stale_report **ret_report, struct buf *error)
{
	const struct stale_options scan_opt = scan_options(opt);
	struct stale_scanner *scanner;
	int rc = stale_scanner_new(&scan_opt, &scanner);

	if (rc < 0)
		return rc;
	rc = scanrun_make(opt, scanner, ret_run, error);
	if (rc == 0)
		rc = stale_scanner_report(scanner, ret_report);
	stale_scanner_free(scanner);
	return rc;
}

static int view_init(const struct options *opt, const struct scanrun *run,
		     struct survey *survey)
{
	const struct guard_result *guard = &run->guard;
	const struct stale_report *report = survey->report;
	struct view *view = &survey->view;

	*view = (struct view){
		.info = stale_report_info(report),
		.policy = *stale_settings_policy(opt->settings),
		.users = stale_settings_users(opt->settings),
		.using_globs = stale_settings_options(opt->settings)->using_globs,
		.now = clock_ns(CLOCK_REALTIME) / 1000000000,
		.elapsed_us = guard->elapsed_us,
		.timeout = opt->timeout,
		.error = -guard->rc,
		.signal = guard->signal,
		.privileged = !(run->privilege.missing & PRIVILEGE_PTRACE),
		.privilege = run->privilege,
	};
	view->procs = stale_report_procs(report, &view->nprocs);
	view->ignored = stale_report_ignored(report, &view->nignored);
	view->unreadable = stale_report_unreadable(report, &view->nunreadable);
	/* Time may run out between the last process and the end. */
	view->timed_out = guard->timed_out && !view->info->finished;
	return stale_report_count(report, &view->policy, view->now, &view->totals);
}

/* Asks for the owners of all files of the host until deadline_us. */
static int find_packages(struct survey *survey, int64_t deadline_us)
{
	const struct view *view = &survey->view;
	cleanup_free const char **paths = NULL;
	size_t room = 0, n = 0;
	int rc;

	for (size_t i = 0; i < view->nprocs; i++)
		room += view->procs[i].nfiles;
	paths = calloc(room + 1, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		for (size_t k = 0; k < proc->nfiles; k++)
			if (proc->scope != STALE_SCOPE_CONTAINER)
				paths[n++] = proc->files[k].path;
	}
	rc = packages_find(paths, n, deadline_us, &survey->packages);
	if (rc == 0)
		survey->view.packages = survey->packages;
	return rc;
}

static void explain_pids(const struct stale_options *asked, struct buf *error)
{
	if (asked->npids == 1)
		buf_printf(error, "no process %d exists", (int)asked->pids[0]);
	else
		buf_printf(error, "none of the %zu processes given exists", asked->npids);
}

void survey_explain(const struct options *opt, int rc, struct buf *error)
{
	const struct stale_options *asked = stale_settings_options(opt->settings);

	if (rc == -ESRCH && asked->npids > 0) {
		explain_pids(asked, error);
		return;
	}
	if (rc == -ENOMEM || rc == -EMFILE || rc == -ENFILE || rc == -EAGAIN ||
	    rc == -ENOBUFS) {
		buf_printf(error, "the scan failed: %s", strerror(-rc));
		return;
	}
	buf_printable_tail(error, asked->proc_root ? asked->proc_root : "/proc",
			   BUF_NAGIOS, ROOT_MAX);
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

	if (view->timed_out || view->nprocs > 0)
		return 0;
	/* A scan that ended early and found nothing has no answer to give. */
	if (!view->signal && !view->error && !info->error &&
	    (info->unselected > 0 || info->scanned + info->denied + info->failed > 0))
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
	if (rc == -ESRCH && stale_settings_options(opt->settings)->npids > 0 &&
	    info->kernel_threads > 0)
		buf_put(error, "what --pid names are kernel threads: they run no files");
	else
		survey_explain(opt, rc, error);
	return rc;
}

/* Of settings that are loaded. */
static int survey_fill(const struct options *opt, struct survey *survey,
		       struct buf *error)
{
	const int64_t deadline_us =
		clock_ns(CLOCK_MONOTONIC) / 1000 + (int64_t)opt->timeout * 1000000;
	struct scanrun run;
	int rc = scan(opt, &run, &survey->report, error);

	if (rc == 0)
		rc = view_init(opt, &run, survey);
	if (rc == 0) {
		rc = find_trouble(opt, &survey->view, error);
		if (rc < 0)
			return rc;
	}
	if (rc == 0 && opt->want_packages)
		rc = find_packages(survey, deadline_us);
	if (rc < 0 && error->len == 0)
		buf_printf(error, "the scan failed: %s", strerror(-rc));
	return rc;
}

/* Reads the names of users, and the ignore rules. */
static int load_settings(const struct options *opt, struct buf *error)
{
	char message[MESSAGE_MAX] = "";
	int rc = stale_settings_load(opt->settings, SURVEY_IGNORE_FOLDER, message,
				     sizeof(message));

	if (rc == -ENOMEM)
		buf_printf(error, "the scan failed: %s", strerror(-rc));
	else if (rc < 0)
		buf_printable(error, message, BUF_NAGIOS);
	return rc;
}

int survey_make(const struct options *opt, struct survey *ret, struct buf *error)
{
	struct survey survey = {0};
	int rc = load_settings(opt, error);

	if (rc == 0)
		rc = survey_fill(opt, &survey, error);
	if (rc < 0) {
		survey_release(&survey);
		return rc;
	}
	*ret = survey;
	return 0;
}

void survey_release(struct survey *survey)
{
	packages_free(survey->packages);
	stale_report_free(survey->report);
	*survey = (struct survey){0};
}
