/*
 * usage.c - what the daemon says about itself.
 */
#include "settings.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

#define SYNOPSIS "Usage: stale-agentx [-f] [-x ADDRESS] [-p FILE] [-c FILE] [options]\n"

const char *settings_version(void)
{
	return "stale-agentx " VERSION "\n";
}

const char *settings_usage(void)
{
	return SYNOPSIS "Try 'stale-agentx --help'.\n";
}

static const char help[] =
	"stale-agentx " VERSION "\n"
	"Tells SNMP managers which processes execute code no longer on disk.\n"
	"\n" SYNOPSIS "\n"
	"The daemon\n"
	" -f, --foreground      do not go to the background\n"
	" -x, --socket=ADDRESS  where the AgentX master listens, as in snmpd.conf\n"
	" -p, --pidfile=FILE    (" SETTINGS_PIDFILE ")\n"
	" -c, --config=FILE     (" SETTINGS_CONFIG ")\n"
	" -L, --log=WHERE       e, o, n, f FILE or s[FACILITY]: standard error,\n"
	"                       standard output, nowhere, a file, syslog\n"
	" -D, --debug=TOKENS    what the SNMP library is to tell of itself, or ALL\n"
	" -h, --help   -v, --version\n"
	"\n"
	"What the file has, too: a name and a value on a line, without dashes\n"
	" --socket=ADDRESS      the same as -x\n"
	" --interval=DURATION   between two scans (5m)\n"
	" --timeout=DURATION    that a scan may take (60s)\n"
	" --ping-interval=DURATION  between two looks for the master (10s)\n"
	" --no-watch            see upgrades and exits by the next scan only\n"
	" --max-processes=N     rows of that table (20000)\n"
	" --max-files=N         rows of that table (50000)\n"
	" --notify=LIST         of changed,cleared,trouble, or all, or none (none)\n"
	"\n"
	"What to look at, what counts, what to ignore: see check_stale(8)\n"
	" --kind=LIST --why=LIST --min-age=DURATION --count=LIST --library=GLOB\n"
	" --user=NAME --process=GLOB --unit=GLOB --container=GLOB --scope=LIST\n"
	" --pid=PID,... --ignore=GLOB --ignore-literal=PATH --ignore-file=FILE\n"
	" --no-default-ignores --proc-root=DIR --method=METHOD\n"
	"\n"
	"The command line wins over the file; what may be given several times adds up.\n"
	"See stale-agentx(8).\n";

const char *settings_help(void)
{
	return help;
}
