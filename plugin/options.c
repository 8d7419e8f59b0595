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

#define LONG_ONLY 256 /* what getopt_long() returns: a letter, or this plus the row */

typedef int take_value(struct options *opt, const char *value, struct buf *error);

/* One option.  Without take it belongs to a later version: refused by its name. */
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

static int take_no_default_ignores(struct options *opt, const char *value,
				   struct buf *error)
{
	(void)value;
	(void)error;
	opt->no_default_ignores = true;
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
	{"kind", 0, true, false, value_kind},
	{"why", 0, true, false, value_why},
	{"min-age", 0, true, false, value_min_age},
	{"count", 0, true, false, value_count},
	{"library", 0, true, true, value_library},
	{"using", 0, true, true, value_using},
	{"user", 0, true, true, value_user},
	{"process", 0, true, true, value_process},
	{"unit", 0, true, true, value_unit},
	{"container", 0, true, true, value_container},
	{"scope", 0, true, true, value_scope},
	{"pid", 0, true, true, value_pid},
	{"ignore", 'i', true, true, value_ignore},
	{"ignore-literal", 'I', true, true, value_literal},
	{"ignore-file", 0, true, true, value_ignore_file},
	{"no-default-ignores", 0, false, true, take_no_default_ignores},
	{"show-ignored", 0, false, true, take_show_ignored},
	{"timeout", 't', true, false, value_timeout},
	{"unreadable", 0, true, false, value_unreadable},
	{"proc-root", 0, true, false, value_proc_root},
	{"method", 0, true, false, value_method},
	{"format", 'f', true, false, value_format},
	{"output", 'o', true, false, value_output},
	{"verbose", 'v', false, true, take_verbose},
	{"show-args", 0, false, true, take_show_args},
	{"packages", 0, false, true, take_packages},
	{"max-output", 0, true, false, value_max_output},
	{"reboot-list", 0, false, true, take_reboot_list},
	{"help", 'h', false, true, take_help},
	{"version", 'V', false, true, take_version},
	{"jobs", 0, true, true, NULL},
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

/* An option of a later version is refused with and without a value. */
static int row_arguments(size_t row)
{
	if (!known[row].take)
		return optional_argument;
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

static int take_row(size_t row, uint64_t *seen, struct options *opt, struct buf *error)
{
	if (!known[row].take)
		return refuse_row(row, " is not yet known to this version", error);
	if (known[row].has_value && optarg[0] == '\0')
		return refuse_row(row, ": its value is empty", error);
	if (!known[row].repeats && *seen & UINT64_C(1) << row)
		return refuse_row(row, " is given twice", error);
	*seen |= UINT64_C(1) << row;
	return known[row].take(opt, optarg, error);
}

/* name is one of the table. */
static size_t row_named(const char *name)
{
	size_t row = 0;

	while (row < KNOWN - 1 && strcmp(known[row].name, name) != 0)
		row++;
	return row;
}

/* What would have no effect beside something else. */
/* The others have no room for packages and ignored files. */
static bool has_details(enum format format)
{
	return format == FORMAT_NAGIOS || format == FORMAT_HUMAN || format == FORMAT_JSON;
}

static int refuse_conflict(uint64_t seen, const struct options *opt, struct buf *error)
{
	/* Who uses a file is asked of all that is loaded, stale or not. */
	static const char *const not_with_using[] = {"library", "why", "min-age", "kind"};
	const bool has_code = opt->policy.kinds & STALE_KIND_CODE;

	for (size_t i = 0; i < sizeof(not_with_using) / sizeof(not_with_using[0]); i++) {
		size_t row = row_named(not_with_using[i]);

		if (seen >> row_named("using") & seen >> row & 1)
			return refuse_row(row, " has no meaning with '--using'", error);
	}
	if (!has_details(opt->format) && opt->want_packages)
		return refuse_row(row_named("packages"),
				  " has no effect with this format", error);
	if (!has_details(opt->format) && opt->show_ignored)
		return refuse_row(row_named("show-ignored"),
				  " has no effect with this format", error);
	if (!has_code && opt->policy.why & STALE_WHY_BIT(STALE_MODIFIED))
		return value_refuse(error, "reason", "modified",
				    " needs '--kind=code': it is of code only");
	return 0;
}

static void options_init(struct options *opt)
{
	*opt = (struct options){
		.rules = {.unreadable = STATE_UNKNOWN, .timeout = STATE_UNKNOWN},
		.policy = {.why = STALE_WHY_DEFAULT,
			   .scopes = STALE_SCOPE_DEFAULT,
			   .kinds = STALE_KIND_CODE},
		.method = STALE_METHOD_AUTO,
		.timeout = 8,
		.max_output = 4096,
	};
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
	int code, rc = 0;

	_Static_assert(KNOWN <= 64, "one bit of seen for each option");
	options_init(ret);
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
	ret->policy.is_using = ret->using_globs.n > 0;
	default_limits(&ret->rules.limits);
	return refuse_conflict(seen, ret, error);
}

void options_release(struct options *opt)
{
	struct strings *const all[] = {
		&opt->ignore,    &opt->literal,     &opt->ignore_files,
		&opt->library,   &opt->using_globs, &opt->users,
		&opt->processes, &opt->units,       &opt->containers};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free(all[i]->list);
	free(opt->pids);
	*opt = (struct options){0};
}
