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

#include "pins.h"

/* Where the module is: here and in STALE-PROCESS-MIB.txt, nowhere else. */
#ifndef STALE_MIB_BASE
#define STALE_MIB_BASE 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7391
#endif

enum mib_notification {
	MIB_CHANGED = 1,
	MIB_CLEARED,
	MIB_SCAN_TROUBLE,
};

/*
 * Registers all objects, and the module in sysORTable; after init_agent() and
 * init_snmp().  pins are borrowed until mib_unregister().  Returns 0, or -EEXIST where
 * libnetsnmp refuses (which a subagent learns of only here, and by its log).
 */
int mib_register(struct pins *pins);
void mib_unregister(void);

/*
 * Sends a notification with its objects, taken from the snapshot; does not wait.
 * appeared, cleared: of processes.
 */
void mib_notify(enum mib_notification what, const struct snapshot *snapshot,
		uint32_t appeared, uint32_t cleared);

#endif
