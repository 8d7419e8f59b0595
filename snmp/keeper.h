/*
 * keeper.h - the daemon's main process: when to scan, and what became of it.
 *
 * Holds the capabilities, and gives them to a child for each scan; starts the SNMP side,
 * which has none, and tells it what was found.  Takes no input but signals and what the
 * kernel says of folders, and looks up no path that may hang.
 */
#ifndef SNMP_KEEPER_H
#define SNMP_KEEPER_H

#include <stdint.h>

#include "settings.h"
#include "wire.h"

/* What the SNMP side exits with when to start it again is no use. */
#define KEEPER_AGENT_REFUSED 4

struct keeper_setup {
	/* Loaded; borrowed.  New ones are put in their place on SIGHUP, so that they
	 * still are to be released by their owner. */
	struct settings *settings;
	int argc;
	char **argv; /* read again on SIGHUP; borrowed */
	/*
	 * The SNMP side, called in a child: default signals, none blocked, no capability,
	 * no descriptor but 0 to 2, the wire's end (its own now) and the log; SIGTERM
	 * when the keeper ends.  What it returns is the status that the child exits with.
	 */
	int (*run_agent)(int wire_end, const struct settings *settings);
	int64_t look_ms; /* between two looks at stale processes; 0: 15 seconds */
};

/*
 * Runs until SIGTERM or SIGINT and returns what the daemon is to exit with: 0, or 1 with
 * the reason in the log.  Gives up, for good, what it needs no more of this process's
 * capabilities; uses SIGCHLD and waits for all children.  The log is open.
 */
int keeper_run(const struct keeper_setup *setup);

/* What the SNMP side needs to know of them. */
struct wire_settings keeper_tells(const struct settings *settings);

#endif
