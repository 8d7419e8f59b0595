/*
 * settings.h - what stale-agentx is told: the command line and the configuration file.
 *
 * The file has one setting on a line, "min-age 15m", in the words of the long options;
 * what the command line sets wins over it, what may be given several times adds up.
 * Nothing is taken silently that has no effect.
 */
#ifndef SNMP_SETTINGS_H
#define SNMP_SETTINGS_H

#include "stale.h"

#define SETTINGS_CONFIG  "/etc/stale-agentx.conf"
#define SETTINGS_PIDFILE "/run/stale-agentx.pid"
#define SETTINGS_IGNORE  "/etc/check_stale/ignore.d"

enum settings_action {
	SETTINGS_RUN,
	SETTINGS_HELP,
	SETTINGS_VERSION,
};

struct settings {
	enum settings_action action;
	/* Of the command line only. */
	bool foreground;     /* -f */
	const char *pidfile; /* -p; borrowed from argv, or SETTINGS_PIDFILE */
	const char *config;  /* -c; borrowed from argv, or SETTINGS_CONFIG */
	const char *log;     /* -L; borrowed from argv, or static; NULL: none was given */
	const char *debug;   /* -D; borrowed from argv; NULL */
	/* Of both. */
	char *socket;           /* -x, "socket"; owned; NULL: libnetsnmp's own default */
	uint32_t interval;      /* seconds; 1 to a day; 300 */
	uint32_t timeout;       /* seconds that a scan may take; 1 to an hour; 60 */
	uint32_t ping_interval; /* seconds; 1 to an hour; 10 */
	uint32_t max_procs;     /* 1 to a million; 20,000 */
	uint32_t max_files;     /* 1 to a million; 50,000 */
	unsigned notify; /* 1 << enum mib_notification ("changed,cleared,trouble"); 0 */
	bool watch;      /* not --no-watch */
	struct stale_settings *scan; /* owned; loaded */
};

/*
 * Parses the command line, then reads the configuration and what it names.  Returns 0
 * and fills *ret (settings_release()); or -errno with one line in message, in printable
 * form: with "FILE:LINE: " before it for a line.  A missing SETTINGS_CONFIG is an empty
 * one; a missing file of -c is an error, and so is one that others than root or this
 * user may write to.  Under AT_SECURE the command line may name no file.  Where action
 * is not SETTINGS_RUN, nothing behind that option was looked at, nor any file.  argv is
 * borrowed.  Not thread-safe (getopt_long(3)).
 */
int settings_read(int argc, char **argv, struct settings *ret, char *message,
		  size_t message_size);
void settings_release(struct settings *settings);

/* The text of --help and --version, and what follows a mistake; static. */
const char *settings_help(void);
const char *settings_version(void);
const char *settings_usage(void);

#endif
