/*
 * arguments.c - settings from a command line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "setting.h"

#define LONG_ONLY 256 /* what getopt_long() returns: a letter, or this plus the row */

/* What getopt_long() wants to know; made from the rows of the settings. */
struct grammar {
	struct option longs[SETTING_ROWS_MAX + 1];
	char letters[2 * SETTING_ROWS_MAX + 3];
	size_t n;
};

static int row_value(size_t row)
{
	const int letter = setting_row(row).letter;

	return letter ? letter : LONG_ONLY + (int)row;
}

/* grammar: zeroed, so that both lists end. */
static void grammar_make(struct grammar *grammar)
{
	char *p = grammar->letters;
	*p++ = '+'; /* stop at what is no option: nothing else is taken */
	*p++ = ':'; /* tell a missing value from an unknown option */
	for (size_t i = 0; setting_row(i).name; i++) {
		const struct setting_row row = setting_row(i);

		grammar->longs[i] = (struct option){
			.name = row.name,
			.has_arg = row.has_value ? required_argument : no_argument,
			.val = row_value(i),
		};
		grammar->n = i + 1;
		if (!row.letter)
			continue;
		*p++ = (char)row.letter;
		if (row.has_value)
			*p++ = ':';
	}
}

/* grammar->n: none. */
static size_t row_find(const struct grammar *grammar, int value)
{
	size_t row = 0;

	while (row < grammar->n && row_value(row) != value)
		row++;
	return row;
}

/* What getopt_long() did not like: '?' or ':', with optopt set where it knows more. */
static int refuse_bad(struct setting_reader *reader, const struct grammar *grammar,
		      int code, char **argv)
{
	const struct setting_row row = setting_row(row_find(grammar, optopt));

	if (row.name)
		return setting_refuse(reader, "option '--%s' %s", row.name,
				      code == ':' ? "needs a value" : "takes no value");
	if (optopt)
		return setting_refuse(reader, "unknown option '-%c'", optopt);
	return setting_refuse(reader, "unknown or ambiguous option '%s'",
			      setting_culprit(argv[optind - 1]).text);
}

/* "-Lf FILE", which Net-SNMP's daemons take, is "f FILE" to us. */
static const char *join_log_file(const char *value, int argc, char **argv)
{
	/* The same each time, for a command line does not change. */
	static char joined[4096 + 3];

	if (strcmp(value, "f") != 0 || optind >= argc ||
	    strlen(argv[optind]) >= sizeof(joined) - 2)
		return value;
	snprintf(joined, sizeof(joined), "f %s", argv[optind++]);
	return joined;
}

int setting_take_arguments(struct setting_reader *reader, int argc, char **argv)
{
	struct grammar grammar = {0};
	int code, rc = 0;

	grammar_make(&grammar);
	opterr = 0;
	optind = 0; /* glibc: begin anew, also after an earlier parse */
	while (rc == 0 && reader->settings.action == SETTINGS_RUN &&
	       (code = getopt_long(argc, argv, grammar.letters, grammar.longs, NULL)) !=
		       -1) {
		if (code == '?' || code == ':')
			rc = refuse_bad(reader, &grammar, code, argv);
		else
			rc = setting_take(reader, row_find(&grammar, code),
					  code == 'L' ? join_log_file(optarg, argc, argv)
						      : optarg);
	}
	if (rc < 0 || reader->settings.action != SETTINGS_RUN)
		return rc;
	if (optind < argc)
		return setting_refuse(reader, "unexpected argument '%s'",
				      setting_culprit(argv[optind]).text);
	return 0;
}
