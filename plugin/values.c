/*
 * values.c - the values of the plugin's own options.
 */
#include "values.h"

#include <errno.h>
#include <string.h>

#include "nagios.h"

#define CULPRIT_MAX 40 /* bytes of somebody's text in a message */
#define TIMEOUT_MAX 3600
#define JOBS_MAX    64

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

int value_jobs(struct options *opt, const char *value, struct buf *error)
{
	long jobs;

	if (parse_number(value, strlen(value), 1, JOBS_MAX, &jobs) < 0)
		return value_refuse(error, "bad number of jobs", value,
				    ", expected 1 to 64");
	opt->jobs = (unsigned)jobs;
	return 0;
}

int value_output(struct options *opt, const char *value, struct buf *error)
{
	(void)error;
	opt->output = value;
	return 0;
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

const char *format_name(enum format format)
{
	switch (format) {
	case FORMAT_NAGIOS:
		return "nagios";
	case FORMAT_HUMAN:
		return "human";
	case FORMAT_MACHINE:
		return "machine";
	case FORMAT_JSON:
		return "json";
	case FORMAT_PIDS:
		return "pids";
	case FORMAT_NAMES:
		return "names";
	case FORMAT_PROMETHEUS:
		break;
	}
	return "prometheus";
}

int value_format(struct options *opt, const char *value, struct buf *error)
{
	for (int i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(value, format_name((enum format)i)) == 0) {
			opt->format = (enum format)i;
			return 0;
		}
	}
	return value_refuse(error, "unknown format", value,
			    ", known are nagios, human, machine, json, pids, names, "
			    "prometheus");
}
