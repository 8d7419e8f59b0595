/*
 * main.c - check_stale: options, scan, verdict, one write, exit code.
 *
 * Nothing goes to stderr, ever: Icinga appends it to the output, NRPE drops the exit code
 * with it.  No setlocale(): numbers are to have a point.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "child.h"
#include "filerun.h"
#include "human.h"
#include "json.h"
#include "lists.h"
#include "machine.h"
#include "nagios.h"
#include "options.h"
#include "privilege.h"
#include "prometheus.h"
#include "survey.h"
#include "terminal.h"
#include "usage.h"
#include "verdict.h"

/*
 * Else a file opened later would be taken for a missing stdin, stdout or stderr.  What
 * stands in for stdout cannot be written to: an answer that reaches nobody is none.
 */
static void keep_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
	}
}

/* Those of who started us outlive exec(3), and end who has no use for them. */
static void stop_timers(void)
{
	const struct itimerval never = {0};

	setitimer(ITIMER_REAL, &never, NULL);
	setitimer(ITIMER_VIRTUAL, &never, NULL);
	setitimer(ITIMER_PROF, &never, NULL);
}

/* One write(2), unless stdout takes less at a time.  Returns 0, or a negative errno. */
static int write_all(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, s, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = {.fd = STDOUT_FILENO, .events = POLLOUT};

			if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
				return -errno;
		} else if (n < 0 && errno != EINTR) {
			return -errno;
		} else if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* An answer that reached nobody is none. */
static enum state say(const struct buf *out, enum state state)
{
	static const char oom[] = "STALE UNKNOWN - out of memory\n";
	int rc = out->error ? write_all(oom, sizeof(oom) - 1)
			    : write_all(out->s, out->len);

	return out->error || rc < 0 ? STATE_UNKNOWN : state;
}

static struct nagios nagios_of(const struct options *opt)
{
	return (struct nagios){
		.limits = &opt->rules.limits,
		.details = {.verbose = opt->verbose,
			    .show_ignored = opt->show_ignored,
			    .show_args = opt->show_args,
			    .no_default_ignores = stale_settings_options(opt->settings)
							  ->no_default_ignores},
		.max_output = opt->max_output,
	};
}

static int render_human(const struct options *opt, const struct view *view,
			const struct verdict *verdict, struct buf *out)
{
	struct human human = {
		.verbose = (unsigned)opt->verbose,
		.show_ignored = opt->show_ignored,
	};

	if (!opt->output) {
		const struct terminal terminal = terminal_find();

		human.width = terminal.width;
		human.colour = terminal.colour;
	}
	return human_render(view, verdict, &human, out);
}

static int render(const struct options *opt, const struct view *view,
		  const struct verdict *verdict, struct buf *out)
{
	const struct json json = {
		.show_ignored = opt->show_ignored,
		.show_args = opt->show_args,
	};
	const struct nagios nagios = nagios_of(opt);

	switch (opt->format) {
	case FORMAT_NAGIOS:
		return nagios_render(view, verdict, &nagios, out);
	case FORMAT_HUMAN:
		return render_human(opt, view, verdict, out);
	case FORMAT_MACHINE:
		return machine_render(view, out);
	case FORMAT_JSON:
		return json_render(view, verdict, &json, out);
	case FORMAT_PIDS:
		return lists_render_pids(view, out);
	case FORMAT_NAMES:
		return lists_render_names(view, out);
	case FORMAT_PROMETHEUS:
		return prometheus_render(view, verdict, out);
	}
	return -EINVAL;
}

/* With -o stdout gets the line that a monitoring core wants. */
static int render_line(const struct options *opt, const struct view *view,
		       const struct verdict *verdict, struct buf *out)
{
	struct nagios nagios = nagios_of(opt);

	nagios.details = (struct details){0};
	return nagios_render(view, verdict, &nagios, out);
}

static enum state fail(const char *reason, struct buf *out)
{
	buf_printf(out, "STALE UNKNOWN - %s\n", reason);
	return STATE_UNKNOWN;
}

/* Gives up what is for no duty.  Returns whether it could; if not, out says why. */
static bool give_up(unsigned duties, struct buf *out)
{
	int rc = privilege_drop(duties);

	if (rc < 0)
		buf_printf(out, "STALE UNKNOWN - privileges cannot be given up: %s\n",
			   strerror(-rc));
	return rc == 0;
}

/* Returns whether the file is written; if not, out says why. */
static bool write_file(const struct options *opt, const struct buf *bytes,
		       int64_t deadline_us, struct buf *out)
{
	cleanup_buf struct buf reason = BUF_INIT;
	int rc = bytes->error;

	if (rc == 0)
		rc = filerun_write(opt, bytes, deadline_us, &reason);
	if (!give_up(0, out))
		return false;
	if (rc < 0)
		fail(reason.s ? reason.s : "out of memory", out);
	return rc == 0;
}

/* No answer: who scrapes metrics is told so, too, in a form that it reads. */
static enum state report_failure(const struct options *opt, const char *reason,
				 int64_t deadline_us, struct buf *out)
{
	cleanup_buf struct buf metrics = BUF_INIT;

	if (opt->format != FORMAT_PROMETHEUS)
		return fail(reason, out);
	if (!opt->output) {
		buf_put(out, "# ");
		fail(reason, out);
		out->error = prometheus_render_failure(out);
		return STATE_UNKNOWN;
	}
	if (prometheus_render_failure(&metrics) < 0 ||
	    write_file(opt, &metrics, deadline_us, out))
		fail(reason, out);
	return STATE_UNKNOWN;
}

static enum state report(const struct options *opt, const struct view *view,
			 int64_t deadline_us, struct buf *out)
{
	cleanup_buf struct buf file = BUF_INIT;
	struct verdict verdict;
	int rc;

	verdict_reach(view, &opt->rules, &verdict);
	rc = render(opt, view, &verdict, opt->output ? &file : out);
	if (rc == 0 && opt->output) {
		if (!write_file(opt, &file, deadline_us, out))
			return STATE_UNKNOWN;
		rc = render_line(opt, view, &verdict, out);
	}
	if (rc < 0)
		out->error = rc;
	return verdict.state;
}

/* Scans and answers. */
static enum state survey(const struct options *opt, struct buf *out)
{
	const int64_t deadline_us = child_clock_us() + (int64_t)opt->timeout * 1000000;
	cleanup_buf struct buf reason = BUF_INIT;
	enum state state = STATE_UNKNOWN;
	struct survey survey = {0};
	int rc = survey_make(opt, &survey, &reason);

	/* Nothing that is read in the scan is rendered before. */
	if (give_up(opt->output ? PRIVILEGE_FILE : 0, out))
		state = rc < 0 ? report_failure(opt, reason.s ? reason.s : "",
						deadline_us, out)
			       : report(opt, &survey.view, deadline_us, out);
	survey_release(&survey);
	return state;
}

static enum state check(const struct options *opt, struct buf *out)
{
	cleanup_buf struct buf reason = BUF_INIT;
	/* Of a file the user must not choose the reader or the writer. */
	const char *option = opt->file_option;

	if (!option || !privilege_is_elevated())
		return survey(opt, out);
	if (!give_up(0, out))
		return STATE_UNKNOWN;
	buf_printf(&reason,
		   "%s is refused to a program with more privilege than its user",
		   option);
	return fail(reason.s ? reason.s : "", out);
}

/* What needs no scan. */
static void inform(const struct options *opt, struct buf *out)
{
	switch (opt->action) {
	case ACTION_CHECK:
		break;
	case ACTION_HELP:
		usage_help(out);
		break;
	case ACTION_VERSION:
		usage_version(out);
		break;
	case ACTION_REBOOT_LIST:
		usage_reboot_list(out);
		break;
	}
}

/* error: of the options. */
static enum state answer(int rc, const struct options *opt, const struct buf *error,
			 struct buf *out)
{
	if (rc == 0 && opt->action == ACTION_CHECK)
		return check(opt, out);
	if (!give_up(0, out))
		return STATE_UNKNOWN;
	if (rc == 0)
		inform(opt, out);
	else if (rc == -EINVAL && error->s)
		usage_error(out, error->s);
	else
		out->error = rc;
	return STATE_UNKNOWN;
}

int main(int argc, char **argv)
{
	cleanup_buf struct buf out = BUF_INIT, error = BUF_INIT;
	enum state state = STATE_UNKNOWN;
	struct options opt = {0};
	int rc;

	keep_standard_files();
	stop_timers();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit of file size is an error, not our end */
	rc = privilege_start();
	if (rc < 0) {
		buf_printf(&out, "STALE UNKNOWN - privileges cannot be held back: %s\n",
			   strerror(-rc));
	} else {
		rc = options_parse(argc, argv, &opt, &error);
		state = answer(rc, &opt, &error, &out);
	}
	state = say(&out, state);
	options_release(&opt);
	return (int)state;
}
