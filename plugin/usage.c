/*
 * usage.c - what the plugin says about itself.
 */
#include "usage.h"

#include <stdbool.h>
#include <string.h>

#include "stale.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

static const char synopsis[] =
	"Usage: check_stale [-w [METRIC=]RANGE]... [-c [METRIC=]RANGE]... [options]\n";

static const char metrics[] =
	"METRIC  processes (default), services, containers, sessions, files, reboot,\n"
	"        or age of the oldest: age=7d\n"
	"RANGE   what is fine: 10 (0 to 10), 10: (10 on), ~:10 (up to 10), 10:20,\n"
	"        or @10:20 (all but 10 to 20)\n";

void usage_version(struct buf *out)
{
	buf_put(out, "check_stale " VERSION "\n");
}

void usage_reboot_list(struct buf *out)
{
	size_t n, width = 0;
	const struct stale_reboot_unit *units = stale_reboot_units(&n);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(units[i].unit);

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%-*s  %s\n", (int)width, units[i].unit, units[i].reason);
}

static const char help_selection[] =
	"\nWhat to look at\n"
	" --kind=LIST           of code,data,fd: what runs, is mapped, is open (code)\n"
	" --why=LIST            of deleted,replaced,superseded,reinstalled,modified;\n"
	"                       +modified adds to the first three, the default\n"
	" --min-age=DURATION    younger files are shown, not counted: 90s 15m 1d 2w\n"
	" --count=LIST          of system,user,session,container,none, or all; others\n"
	"                       are shown, not counted (system,none)\n"
	" --library=GLOB        only stale files with this path or name\n"
	" --using=GLOB          instead: all that have such code loaded, stale or not\n"
	" --user=NAME, --process=GLOB, --unit=GLOB, --container=GLOB, --scope=LIST,\n"
	" --pid=PID,...         only these processes\n";

static const char help_ignore[] =
	"\nWhat to ignore (also: /etc/check_stale/ignore.d/*.conf)\n"
	" -i, --ignore=GLOB     files with this path\n"
	" -I, --ignore-literal=PATH  the same, byte for byte\n"
	" --ignore-file=FILE    what the rules in it match\n"
	" --no-default-ignores  report what is scratch and no upgrade, too\n"
	" --show-ignored        list what was ignored; with -v the built-in rules\n";

static const char help_scan[] =
	"\nThe scan\n"
	" -t, --timeout=SECONDS[:STATE]  give up, with STATE (8:unknown)\n"
	" --unreadable=STATE    where processes cannot be read (unknown)\n"
	" --jobs=N              threads that read, 1 to 64 (one; up to 4 where there\n"
	"                       are 1,000 processes and more)\n"
	" --proc-root=DIR       another mount of proc, or a captured tree (/proc)\n"
	" --method=METHOD       auto, procmap_query or maps (auto)\n";

static const char help_output[] =
	"\nOutput\n"
	" -v, --verbose         groups; -vv processes and files; -vvv the scan\n"
	" -f, --format=FORMAT   nagios, human, machine, json, pids, names or\n"
	"                       prometheus (nagios)\n"
	" -o, --output=FILE     replace FILE, and print the first line for Nagios\n"
	" --packages            whose a stale file is: dpkg, rpm, pacman or apk\n"
	" --show-args           show command lines; they may hold secrets\n"
	" --max-output=BYTES    512 to 1048576 (4096); for nagios only\n"
	" --reboot-list         print the units that only a reboot renews\n"
	" -h, --help   -V, --version\n"
	"\nExit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. See check_stale(8).\n";

void usage_help(struct buf *out)
{
	usage_version(out);
	buf_put(out, "Finds running processes that execute code no longer on disk.\n\n");
	buf_put(out, synopsis);
	buf_put(out, "\nThresholds (with neither -w nor -c: -w 0)\n"
		     " -w, --warning=[METRIC=]RANGE   WARNING outside of RANGE\n"
		     " -c, --critical=[METRIC=]RANGE  CRITICAL outside of RANGE\n");
	buf_put(out, metrics);
	buf_put(out, help_selection);
	buf_put(out, help_ignore);
	buf_put(out, help_scan);
	buf_put(out, help_output);
}

/* Breaks a line at its last blank before the 80th column; a word is not cut. */
static void put_wrapped(struct buf *out, const char *s)
{
	while (strlen(s) > USAGE_COLUMNS) {
		const char *blank = memrchr(s, ' ', USAGE_COLUMNS + 1);

		if (!blank)
			break;
		buf_bytes(out, s, (size_t)(blank - s));
		buf_put(out, "\n");
		s = blank + 1;
	}
	buf_put(out, s);
	buf_put(out, "\n");
}

void usage_error(struct buf *out, const char *message)
{
	cleanup_buf struct buf line = BUF_INIT;

	buf_put(&line, "STALE UNKNOWN - ");
	buf_put(&line, message);
	if (line.error) {
		out->error = line.error;
		return;
	}
	put_wrapped(out, line.s);
	buf_put(out, synopsis);
	buf_put(out, metrics);
	buf_put(out, "Try 'check_stale --help'.\n");
}
