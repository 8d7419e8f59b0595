/*
 * agent.h - the SNMP side: hears of scans over the wire, and answers the master agent.
 *
 * Holds no privilege and opens no file of anybody.  What it hears is made into snapshots;
 * it never waits for a scan.
 */
#ifndef SNMP_AGENT_H
#define SNMP_AGENT_H

#include "settings.h"

#define AGENT_GATHER_MS 200 /* ends of processes within that make one snapshot */

/*
 * Runs until the wire ends or SIGTERM comes; the wire's end is its own from here on.
 * Returns what the process is to exit with: 0; 1 with the reason in the log; or
 * KEEPER_AGENT_REFUSED.
 */
int agent_run(int wire_end, const struct settings *settings);

#endif
