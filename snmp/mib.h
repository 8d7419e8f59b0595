/*
 * mib.h - STALE-PROCESS-MIB, answered from snapshots: scalars and tables.
 *
 * The only place that knows object identifiers.  Reads nothing but snapshots and the
 * clock, blocks never, keeps nothing between two requests.
 */
#ifndef SNMP_MIB_H
#define SNMP_MIB_H

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "notification.h"
#include "pins.h"

/* Where the module is: here and in STALE-PROCESS-MIB.txt, nowhere else. */
#ifndef STALE_MIB_BASE
#define STALE_MIB_BASE 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7391
#endif

/*
 * Registers all objects, and the module in sysORTable; after init_agent() and
 * init_snmp().  pins are borrowed until mib_unregister() or shutdown_agent().  Returns 0;
 * or -EEXIST where libnetsnmp refuses, with nothing registered, or where it was called
 * before.  That a master refuses, a subagent learns by its log only.
 */
int mib_register(struct pins *pins);

/* Takes it back.  A subagent asks its master, and waits for the answers: who is about to
 * end had better close the session, which says the same. */
void mib_unregister(void);

/*
 * Sends a notification with its objects, taken from the snapshot; does not wait, and is
 * lost where there is no master.  appeared, cleared: of processes.
 */
void mib_notify(enum mib_notification what, const struct snapshot *snapshot,
		uint32_t appeared, uint32_t cleared);

#endif
