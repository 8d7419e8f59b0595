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
#include <unistd.h>

#include "json.h"
#include "nagios.h"
#include "options.h"
#include "privilege.h"
#include "survey.h"
#include "usage.h"
#include "verdict.h"

/* Else a file opened later would be taken for a missing stdin, stdout or stderr. */
static void keep_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", O_RDWR);
	}
}

/* One write(2), unless stdout takes less at a time.  Returns 0, or a negative errno. */
static int write_all(const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, s, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = {.fd = STDOUT_FILENO, .events = POLLOUT};

			poll(&pfd, 1, -1);
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

static int render(const struct options *opt, const struct view *view,
		  const struct verdict *verdict, struct buf *out)
{
	const struct json json = {
		.show_ignored = opt->show_ignored,
		.show_args = opt->show_args,
	};
	const struct nagios nagios = {
		.limits = &opt->rules.limits,
		.details = {.verbose = opt->verbose,
			    .show_ignored = opt->show_ignored,
			    .show_args = opt->show_args},
		.max_output = opt->max_output,
	};

	switch (opt->format) {
	case FORMAT_NAGIOS:
		return nagios_render(view, verdict, &nagios, out);
	case FORMAT_JSON:
		return json_render(view, verdict, &json, out);
	}
	return -EINVAL;
}

static enum state check(const struct options *opt, struct buf *out)
{
	cleanup_buf struct buf reason = BUF_INIT;
	struct verdict verdict;
	struct survey survey;
	int rc;

	if (opt->proc_root && privilege_is_elevated()) {
		buf_put(out, "STALE UNKNOWN - --proc-root is refused to a program with "
			     "more privilege than its user\n");
		return STATE_UNKNOWN;
	}
	if (survey_make(opt, &survey, &reason) < 0) {
		buf_printf(out, "STALE UNKNOWN - %s\n", reason.s ? reason.s : "");
		return STATE_UNKNOWN;
	}
	verdict_reach(&survey.view, &opt->rules, &verdict);
	rc = render(opt, &survey.view, &verdict, out);
	if (rc < 0)
		out->error = rc;
	survey_release(&survey);
	return verdict.state;
}

static enum state answer(const struct options *opt, struct buf *out)
{
	switch (opt->action) {
	case ACTION_CHECK:
		return check(opt, out);
	case ACTION_HELP:
		usage_help(out);
		break;
	case ACTION_VERSION:
		usage_version(out);
		break;
	}
	return STATE_UNKNOWN;
}

int main(int argc, char **argv)
{
	cleanup_buf struct buf out = BUF_INIT, error = BUF_INIT;
	enum state state = STATE_UNKNOWN;
	struct options opt;
	int rc;

	keep_standard_files();
	signal(SIGPIPE, SIG_IGN);
	rc = options_parse(argc, argv, &opt, &error);
	if (rc == 0)
		state = answer(&opt, &out);
	else if (rc == -EINVAL && error.s)
		usage_error(&out, error.s);
	else
		out.error = rc;
	state = say(&out, state);
	options_release(&opt);
	return (int)state;
}
