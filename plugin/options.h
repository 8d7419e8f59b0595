/*
 * options.h - the command line.  Pure: nothing is printed, opened or looked up.
 *
 * Nothing is taken silently that has no effect: what is unknown, empty, trailing,
 * contradictory or given twice is refused.
 */
#ifndef PLUGIN_OPTIONS_H
#define PLUGIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "stale.h"
#include "verdict.h"

enum action {
	ACTION_CHECK,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_REBOOT_LIST,
};

enum format {
	FORMAT_NAGIOS,
	FORMAT_HUMAN,
	FORMAT_MACHINE,
	FORMAT_JSON,
	FORMAT_PIDS,
	FORMAT_NAMES,
	FORMAT_PROMETHEUS,
};
#define FORMAT_COUNT 7

struct options {
	enum action action;
	enum format format;
	struct rules rules;
	/* What to look at, what counts, what is ignored: owned, not yet loaded. */
	struct stale_settings *settings;
	unsigned timeout; /* seconds */
	unsigned jobs;    /* threads that read; 0: as many as are worth it */
	int verbose;      /* 0 to 3 */
	bool show_ignored;
	bool show_args;
	bool want_packages;
	size_t max_output;  /* bytes */
	const char *output; /* borrowed from argv; NULL: stdout */
	/* The option given that names a file or a tree, "--proc-root"; static; NULL: none. */
	const char *file_option;
};

/*
 * Returns 0; -EINVAL with one line for the user added to error; -ENOMEM.  In every case
 * release *ret with options_release().  argv is borrowed until then.  Not thread-safe:
 * getopt_long(3) is not.
 */
int options_parse(int argc, char **argv, struct options *ret, struct buf *error);
void options_release(struct options *opt);

/* "nagios" "human" "machine" "json" "pids" "names" "prometheus" */
const char *format_name(enum format format);

#endif
