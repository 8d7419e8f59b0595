/*
 * options.c - the command line.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

#define MESSAGE_MAX 256 /* bytes of a message of the core */
#define LONG_ONLY   256 /* what getopt_long() returns: a letter, or this plus the row */

typedef int take_value(struct options *opt, const char *value, struct buf *error);

/* One option.  Without take it is a setting of the core. */
struct known {
	const char *name;
	int letter; /* 0: none */
	bool has_value;
	bool repeats;
	take_value *take;
};

static int take_show_ignored(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	(void)error;
	opt->show_ignored = true;
	return 0;
}

static int take_show_args(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	(void)error;
	opt->show_args = true;
	return 0;
}

static int take_verbose(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	if (opt->verbose == 3)
		return value_refuse(error, "option", "-v", " is given more than 3 times");
	opt->verbose++;
	return 0;
}

static int take_help(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	(void)error;
	opt->action = ACTION_HELP;
	return 0;
}

static int take_version(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	(void)error;
	opt->action = ACTION_VERSION;
	return 0;
}

static int take_packages(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	(void)error;
	opt->want_packages = true;
	return 0;
}

static int take_reboot_list(struct options *opt, const char *value, struct buf *error)
{
	(void)value;
	(void)error;
	opt->action = ACTION_REBOOT_LIST;
	return 0;
}

static const struct known known[] = {
	{"warning", 'w', true, true, value_warning},
	{"critical", 'c', true, true, value_critical},
	{"kind", 0, true, false, NULL},
	{"why", 0, true, false, NULL},
	{"min-age", 0, true, false, NULL},
	{"count", 0, true, false, NULL},
	{"library", 0, true, true, NULL},
	{"using", 0, true, true, NULL},
	{"user", 0, true, true, NULL},
	{"process", 0, true, true, NULL},
	{"unit", 0, true, true, NULL},
	{"container", 0, true, true, NULL},
	{"scope", 0, true, true, NULL},
	{"pid", 0, true, true, NULL},
	{"ignore", 'i', true, true, NULL},
	{"ignore-literal", 'I', true, true, NULL},
	{"ignore-file", 0, true, true, NULL},
	{"no-default-ignores", 0, false, true, NULL},
	{"show-ignored", 0, false, true, take_show_ignored},
	{"timeout", 't', true, false, value_timeout},
	{"unreadable", 0, true, false, value_unreadable},
	{"jobs", 0, true, false, value_jobs},
	{"proc-root", 0, true, false, NULL},
	{"method", 0, true, false, NULL},
	{"format", 'f', true, false, value_format},
	{"output", 'o', true, false, value_output},
	{"verbose", 'v', false, true, take_verbose},
	{"show-args", 0, false, true, take_show_args},
	{"packages", 0, false, true, take_packages},
	{"max-output", 0, true, false, value_max_output},
	{"reboot-list", 0, false, true, take_reboot_list},
	{"help", 'h', false, true, take_help},
	{"version", 'V', false, true, take_version},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

/* What getopt_long() wants to know; made from the one table above. */
struct grammar {
	struct option longs[KNOWN + 1];
	char letters[3 * KNOWN + 3];
};

static int row_value(size_t row)
{
	return known[row].letter ? known[row].letter : LONG_ONLY + (int)row;
}

static int row_arguments(size_t row)
{
	return known[row].has_value ? required_argument : no_argument;
}

/* grammar: zeroed, so that both lists end. */
static void grammar_make(struct grammar *grammar)
{
	char *p = grammar->letters;

	*p++ = '+'; /* stop at what is no option: nothing else is taken */
	*p++ = ':'; /* tell a missing value from an unknown option */
	for (size_t i = 0; i < KNOWN; i++) {
		int arguments = row_arguments(i);

		grammar->longs[i] = (struct option){
			.name = known[i].name,
			.has_arg = arguments,
			.val = row_value(i),
		};
		if (!known[i].letter)
			continue;
		*p++ = (char)known[i].letter;
		for (int colons = arguments; colons > 0; colons--)
			*p++ = ':';
	}
}

/* KNOWN: none. */
static size_t row_find(int value)
{
	size_t i = 0;

	while (i < KNOWN && row_value(i) != value)
		i++;
	return i;
}

/* "'--name' after" for a row of the table. */
static int refuse_row(size_t row, const char *after, struct buf *error)
{
	char dashed[32] = "--";

	strncat(dashed, known[row].name, sizeof(dashed) - 3);
	return value_refuse(error, "option", dashed, after);
}

/* What getopt_long() did not like: '?' or ':', with optopt set where it knows more. */
static int refuse_bad(int code, char **argv, struct buf *error)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	size_t row = row_find(optopt);

	if (row < KNOWN)
		return refuse_row(row, code == ':' ? " needs a value" : " takes no value",
				  error);
	if (optopt)
		return value_refuse(error, "unknown option", letter, "");
	return value_refuse(error, "unknown or ambiguous option", argv[optind - 1], "");
}

static int tell(int rc, const char *message, struct buf *error)
{
	if (rc == -EINVAL)
		buf_printable(error, message, BUF_NAGIOS);
	return error->error ? error->error : rc;
}

static int take_setting(const char *name, struct options *opt, struct buf *error)
{
	char message[MESSAGE_MAX] = "";

	return tell(stale_settings_take(opt->settings, name, optarg, message,
					sizeof(message)),
		    message, error);
}

static int take_row(size_t row, uint64_t *seen, struct options *opt, struct buf *error)
{
	if (known[row].has_value && optarg[0] == '\0')
		return refuse_row(row, ": its value is empty", error);
	if (!known[row].repeats && *seen & UINT64_C(1) << row)
		return refuse_row(row, " is given twice", error);
	*seen |= UINT64_C(1) << row;
	return known[row].take ? known[row].take(opt, optarg, error)
			       : take_setting(known[row].name, opt, error);
}

/* name is one of the table. */
static size_t row_named(const char *name)
{
	size_t row = 0;

	while (row < KNOWN - 1 && strcmp(known[row].name, name) != 0)
		row++;
	return row;
}

/* The others have no room for packages and ignored files. */
static bool has_details(enum format format)
{
	return format == FORMAT_NAGIOS || format == FORMAT_HUMAN || format == FORMAT_JSON;
}

/* What would have no effect beside something else. */
static int refuse_conflict(const struct options *opt, struct buf *error)
{
	char message[MESSAGE_MAX] = "";

	if (!has_details(opt->format) && opt->want_packages)
		return refuse_row(row_named("packages"),
				  " has no effect with this format", error);
	if (!has_details(opt->format) && opt->show_ignored)
		return refuse_row(row_named("show-ignored"),
				  " has no effect with this format", error);
	return tell(stale_settings_check(opt->settings, message, sizeof(message)),
		    message, error);
}

/* seen: a bit for each row. */
static const char *find_file_option(uint64_t seen)
{
	if (seen >> row_named("proc-root") & 1)
		return "--proc-root";
	if (seen >> row_named("ignore-file") & 1)
		return "--ignore-file";
	return seen >> row_named("output") & 1 ? "-o" : NULL;
}

/* Returns 0, or -ENOMEM. */
static int options_init(struct options *opt)
{
	*opt = (struct options){
		.rules = {.unreadable = STATE_UNKNOWN, .timeout = STATE_UNKNOWN},
		.timeout = 8,
		.max_output = 4096,
	};
	return stale_settings_new(&opt->settings);
}

/* "-w 0", if nothing else was said. */
static void default_limits(struct limits *limits)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (limits->warning[i].set || limits->critical[i].set)
			return;
	}
	limits->warning[METRIC_PROCESSES].set = true; /* 0 to 0 */
}

int options_parse(int argc, char **argv, struct options *ret, struct buf *error)
{
	struct grammar grammar = {0};
	uint64_t seen = 0;
	int rc = options_init(ret);
	int code;

	_Static_assert(KNOWN <= 64, "one bit of seen for each option");
	grammar_make(&grammar);
	opterr = 0;
	optind = 0; /* glibc: begin anew, also after an earlier parse */
	while (rc == 0 && ret->action == ACTION_CHECK &&
	       (code = getopt_long(argc, argv, grammar.letters, grammar.longs, NULL)) !=
		       -1) {
		if (code == '?' || code == ':')
			rc = refuse_bad(code, argv, error);
		else
			rc = take_row(row_find(code), &seen, ret, error);
	}
	if (rc < 0 || ret->action != ACTION_CHECK)
		return rc;
	if (optind < argc)
		return value_refuse(error, "unexpected argument", argv[optind], "");
	ret->file_option = find_file_option(seen);
	default_limits(&ret->rules.limits);
	return refuse_conflict(ret, error);
}

void options_release(struct options *opt)
{
	stale_settings_free(opt->settings);
	*opt = (struct options){0};
}
