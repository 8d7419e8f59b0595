/*
 * options.h - the command line.  Pure: nothing is printed, opened or looked up.
 *
 * Nothing is taken silently that has no effect: what is unknown, empty, trailing,
 * contradictory or given twice is refused.
 */
#ifndef PLUGIN_OPTIONS_H
#define PLUGIN_OPTIONS_H

#include <sys/types.h>

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

/* A list ended by NULL, as struct stale_options wants it. */
struct strings {
	const char **list; /* owned, the strings are borrowed from argv; NULL: empty */
	size_t n, room;
};

struct options {
	enum action action;
	enum format format;
	struct rules rules;
	struct stale_policy policy;
	enum stale_method method;
	unsigned timeout; /* seconds */
	int verbose;      /* 0 to 3 */
	bool show_ignored;
	bool show_args;
	bool no_default_ignores;
	bool want_packages;
	size_t max_output;     /* bytes */
	const char *proc_root; /* borrowed from argv; NULL: /proc */
	const char *output;    /* borrowed from argv; NULL: stdout */
	struct strings ignore, literal, ignore_files;
	/* Which files, and which processes. */
	struct strings library, using_globs;
	struct strings users, processes, units, containers;
	unsigned scopes; /* of --scope, STALE_SCOPE_BIT()s; 0: all */
	pid_t *pids;     /* owned */
	size_t npids, pids_room;
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
