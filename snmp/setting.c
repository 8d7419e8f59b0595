/*
 * setting.c - which settings there are, and where each may stand.
 */
#include "setting.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "setting_value.h"

#define MINUTE 60

typedef int take_value(struct setting_reader *reader, struct settings *to,
		       const char *value);

enum where {
	ANYWHERE,
	COMMAND_LINE, /* only there */
	CORE,         /* anywhere; the core knows what it means */
	NOWHERE,      /* check_stale has it; refused by its name */
};

struct known {
	const char *name;
	int letter; /* 0: none */
	bool has_value;
	bool repeats;
	bool names_file; /* or a tree */
	enum where where;
	take_value *take; /* where it is not of the core */
};

int setting_refuse(struct setting_reader *reader, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reader->told, sizeof(reader->told), format, args);
	va_end(args);
	return -EINVAL;
}

static const struct known known[] = {
	{"foreground", 'f', false, true, false, COMMAND_LINE, setting_value_foreground},
	{"socket", 'x', true, false, false, ANYWHERE, setting_value_socket},
	{"pidfile", 'p', true, false, true, COMMAND_LINE, setting_value_pidfile},
	{"log", 'L', true, false, false, COMMAND_LINE, setting_value_log},
	{"debug", 'D', true, false, false, COMMAND_LINE, setting_value_debug},
	{"config", 'c', true, false, true, COMMAND_LINE, setting_value_config},
	{"version", 'v', false, true, false, COMMAND_LINE, setting_value_version},
	{"help", 'h', false, true, false, COMMAND_LINE, setting_value_help},
	{"interval", 0, true, false, false, ANYWHERE, setting_value_interval},
	{"timeout", 0, true, false, false, ANYWHERE, setting_value_timeout},
	{"ping-interval", 0, true, false, false, ANYWHERE, setting_value_ping_interval},
	{"no-watch", 0, false, true, false, ANYWHERE, setting_value_no_watch},
	{"max-processes", 0, true, false, false, ANYWHERE, setting_value_max_processes},
	{"max-files", 0, true, false, false, ANYWHERE, setting_value_max_files},
	{"notify", 0, true, false, false, ANYWHERE, setting_value_notify},
	{"kind", 0, true, false, false, CORE, NULL},
	{"why", 0, true, false, false, CORE, NULL},
	{"min-age", 0, true, false, false, CORE, NULL},
	{"count", 0, true, false, false, CORE, NULL},
	{"library", 0, true, true, false, CORE, NULL},
	{"user", 0, true, true, false, CORE, NULL},
	{"process", 0, true, true, false, CORE, NULL},
	{"unit", 0, true, true, false, CORE, NULL},
	{"container", 0, true, true, false, CORE, NULL},
	{"scope", 0, true, true, false, CORE, NULL},
	{"pid", 0, true, true, false, CORE, NULL},
	{"ignore", 0, true, true, false, CORE, NULL},
	{"ignore-literal", 0, true, true, false, CORE, NULL},
	{"ignore-file", 0, true, true, true, CORE, NULL},
	{"no-default-ignores", 0, false, true, false, CORE, NULL},
	{"proc-root", 0, true, false, true, CORE, NULL},
	{"method", 0, true, false, false, CORE, NULL},
	{"using", 0, true, true, false, NOWHERE, NULL},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

struct setting_row setting_row(size_t row)
{
	_Static_assert(KNOWN <= SETTING_ROWS_MAX, "one bit of seen for each setting");
	if (row >= KNOWN)
		return (struct setting_row){0};
	return (struct setting_row){known[row].name, known[row].letter,
				    known[row].has_value};
}

bool setting_is_for_files(size_t row)
{
	return row < KNOWN && (known[row].where == ANYWHERE || known[row].where == CORE);
}

/* What a setting is called where it stands: "option '--interval'", "'interval'". */
static int refuse_row(struct setting_reader *reader, size_t row, const char *wrong)
{
	return setting_refuse(reader, "%s%s'%s", reader->in_file ? "'" : "option '--",
			      known[row].name, wrong);
}

/* Whatever it says: may it stand here, and does it say anything? */
static int check_row(struct setting_reader *reader, size_t row, const char *value)
{
	if (known[row].where == NOWHERE)
		return refuse_row(reader, row,
				  " has no meaning for a table of what is stale");
	if (known[row].where == COMMAND_LINE && reader->in_file)
		return refuse_row(reader, row, " is for the command line only");
	if (known[row].names_file && reader->is_elevated && !reader->in_file)
		return refuse_row(reader, row, SETTING_ELEVATED);
	if (known[row].has_value && !value)
		return refuse_row(reader, row, " needs a value");
	if (!known[row].has_value && value)
		return refuse_row(reader, row, " takes no value");
	if (value && *value == '\0')
		return refuse_row(reader, row, ": its value is empty");
	if (!known[row].repeats && reader->seen >> row & 1)
		return refuse_row(reader, row, " is given twice");
	return 0;
}

int setting_take(struct setting_reader *reader, size_t row, const char *value)
{
	const uint64_t bit = UINT64_C(1) << row;
	struct settings *to = &reader->settings;
	int rc = check_row(reader, row, value);

	if (rc < 0)
		return rc;
	if (reader->in_file && !known[row].repeats && reader->on_command_line & bit)
		to = &reader->overridden;
	if (known[row].where == CORE)
		rc = stale_settings_take(to->scan, known[row].name, value, reader->told,
					 sizeof(reader->told));
	else
		rc = known[row].take(reader, to, value);
	if (rc == 0)
		reader->seen |= bit;
	return rc;
}

/* The scan's are made apart. */
static const struct settings defaults = {
	.action = SETTINGS_RUN,
	.pidfile = SETTINGS_PIDFILE,
	.config = SETTINGS_CONFIG,
	.interval = 5 * MINUTE,
	.timeout = MINUTE,
	.ping_interval = 10,
	.max_procs = 20000,
	.max_files = 50000,
	.watch = true,
};

int setting_reader_init(struct setting_reader *reader)
{
	int rc;

	*reader = (struct setting_reader){
		.settings = defaults,
		.overridden = defaults,
		.is_elevated = getauxval(AT_SECURE) != 0,
	};
	rc = stale_settings_new(&reader->settings.scan);
	if (rc == 0)
		rc = stale_settings_new(&reader->overridden.scan);
	return rc;
}

void setting_reader_release(struct setting_reader *reader)
{
	settings_release(&reader->settings);
	settings_release(&reader->overridden);
}
