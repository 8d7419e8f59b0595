/*
 * values.c - the values of options.
 */
#include "values.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "nagios.h"

#define CULPRIT_MAX 40 /* bytes of somebody's text in a message */
#define TIMEOUT_MAX 3600
#define PIDS_MAX    4096

int value_refuse(struct buf *error, const char *before, const char *culprit,
		 const char *after)
{
	buf_printf(error, "%s '", before);
	buf_printable_head(error, culprit, BUF_NAGIOS, CULPRIT_MAX);
	buf_printf(error, "'%s", after);
	return error->error ? error->error : -EINVAL;
}

int value_refuse_piece(struct buf *error, const char *before, const char *s, size_t len,
		       const char *after)
{
	cleanup_buf struct buf culprit = BUF_INIT;

	buf_bytes(&culprit, s, len);
	if (culprit.error)
		return culprit.error;
	return value_refuse(error, before, culprit.s, after);
}

/* Digits only.  Returns 0, or -EINVAL for anything else and outside of min..max. */
static int parse_number(const char *s, size_t len, long min, long max, long *ret)
{
	long n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EINVAL;
		n = n * 10 + (s[i] - '0');
		if (n > max)
			return -EINVAL;
	}
	if (len == 0 || n < min)
		return -EINVAL;
	*ret = n;
	return 0;
}

static int add_range(struct range *ranges, const char *value, struct buf *error)
{
	const char *equals = strchr(value, '='), *text = equals ? equals + 1 : value;
	enum metric metric = METRIC_PROCESSES;
	size_t len = equals ? (size_t)(equals - value) : 0;
	const char *reason;
	int rc = equals ? metric_parse(value, len, &metric) : 0;

	if (rc < 0)
		return value_refuse_piece(
			error, "unknown metric", value, len,
			", known are processes, services, containers, sessions, "
			"files, age, reboot");
	if (ranges[metric].set)
		return value_refuse(error, "a second range", text,
				    " for the same metric and state");
	rc = range_parse(text, strlen(text), metric_unit(metric), &ranges[metric],
			 &reason);
	if (rc < 0) {
		value_refuse(error, "bad range", text, ": ");
		buf_put(error, reason);
	}
	return error->error ? error->error : rc;
}

int value_warning(struct options *opt, const char *value, struct buf *error)
{
	return add_range(opt->rules.limits.warning, value, error);
}

int value_critical(struct options *opt, const char *value, struct buf *error)
{
	return add_range(opt->rules.limits.critical, value, error);
}

int value_min_age(struct options *opt, const char *value, struct buf *error)
{
	int rc = duration_parse(value, strlen(value), &opt->policy.min_age);

	if (rc == -ERANGE)
		return value_refuse(error, "the age", value,
				    " is more than a hundred years");
	if (rc < 0)
		return value_refuse(error, "bad age", value,
				    ", expected such as 90s, 15m, 1d, 2w");
	return 0;
}

static int add_string(struct strings *strings, const char *value)
{
	if (strings->n + 1 >= strings->room) { /* the NULL at the end */
		size_t room = strings->room ? strings->room * 2 : 8;
		const char **list = realloc(strings->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		strings->list = list;
		strings->room = room;
	}
	strings->list[strings->n++] = value;
	strings->list[strings->n] = NULL;
	return 0;
}

/* All of them only keep what was given, in its order. */
#define VALUE_STRING(option, member)                                                     \
	int value_##option(struct options *opt, const char *value, struct buf *error)    \
	{                                                                                \
		(void)error;                                                             \
		return add_string(&opt->member, value);                                  \
	}

VALUE_STRING(library, library)
VALUE_STRING(using, using_globs)
VALUE_STRING(user, users)
VALUE_STRING(process, processes)
VALUE_STRING(unit, units)
VALUE_STRING(container, containers)
VALUE_STRING(ignore, ignore)
VALUE_STRING(literal, literal)
VALUE_STRING(ignore_file, ignore_files)

int value_timeout(struct options *opt, const char *value, struct buf *error)
{
	const char *end = strchrnul(value, ':');
	long seconds;

	if (parse_number(value, (size_t)(end - value), 1, TIMEOUT_MAX, &seconds) < 0)
		return value_refuse(error, "bad timeout", value,
				    ", expected 1 to 3600 seconds");
	if (*end == ':' && state_parse(end + 1, strlen(end + 1), &opt->rules.timeout) < 0)
		return value_refuse(error, "unknown state", end + 1,
				    ", expected ok, warning, critical, unknown");
	opt->timeout = (unsigned)seconds;
	return 0;
}

int value_unreadable(struct options *opt, const char *value, struct buf *error)
{
	if (state_parse(value, strlen(value), &opt->rules.unreadable) < 0)
		return value_refuse(error, "unknown state", value,
				    ", expected ok, warning, critical, unknown");
	return 0;
}

int value_proc_root(struct options *opt, const char *value, struct buf *error)
{
	(void)error;
	opt->proc_root = value;
	return 0;
}

int value_output(struct options *opt, const char *value, struct buf *error)
{
	(void)error;
	opt->output = value;
	return 0;
}

static int add_pid(struct options *opt, pid_t pid)
{
	for (size_t i = 0; i < opt->npids; i++) {
		if (opt->pids[i] == pid)
			return 0;
	}
	if (opt->npids == opt->pids_room) {
		size_t room = opt->pids_room ? opt->pids_room * 2 : 8;
		pid_t *pids = realloc(opt->pids, room * sizeof(*pids));

		if (!pids)
			return -ENOMEM;
		opt->pids = pids;
		opt->pids_room = room;
	}
	opt->pids[opt->npids++] = pid;
	return 0;
}

int value_pid(struct options *opt, const char *value, struct buf *error)
{
	for (const char *s = value, *end;; s = end + 1) {
		long pid;
		int rc;

		end = strchrnul(s, ',');
		if (parse_number(s, (size_t)(end - s), 1, INT_MAX, &pid) < 0)
			return value_refuse_piece(error, "bad process id", s,
						  (size_t)(end - s),
						  ", expected a number from 1 on");
		if (opt->npids == PIDS_MAX)
			return value_refuse(error, "option", "--pid",
					    ": more than 4096 processes");
		rc = add_pid(opt, (pid_t)pid);
		if (rc < 0 || *end == '\0')
			return rc;
	}
}

int value_max_output(struct options *opt, const char *value, struct buf *error)
{
	long bytes;

	if (parse_number(value, strlen(value), NAGIOS_OUTPUT_MIN, NAGIOS_OUTPUT_MAX,
			 &bytes) < 0)
		return value_refuse(error, "bad size", value,
				    ", expected 512 to 1048576 bytes");
	opt->max_output = (size_t)bytes;
	return 0;
}
