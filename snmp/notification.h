/*
 * notification.h - which notifications there are, for those who need no SNMP library.
 */
#ifndef SNMP_NOTIFICATION_H
#define SNMP_NOTIFICATION_H

/* As the module numbers them. */
enum mib_notification {
	MIB_CHANGED = 1,
	MIB_CLEARED,
	MIB_SCAN_TROUBLE,
};

#endif
