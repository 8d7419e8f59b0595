/*
 * mib_notify.c - notifications, with their objects in the order of the MIB.
 */
#include "mib.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <time.h>

#include "mib_scalars.h"

#define OBJECTS_MAX 6

/* What goes into one. */
struct facts {
	const struct snapshot *snapshot;
	uint32_t changes[MIB_CHANGE_CLEARED + 1]; /* by enum mib_change_object */
	int64_t now;                              /* seconds since the epoch */
};

struct object {
	enum mib_part part; /* 0: none */
	unsigned number;
};

static const struct object objects[][OBJECTS_MAX] = {
	[MIB_CHANGED] = {{MIB_SCAN, MIB_SCAN_SERIAL},
			 {MIB_TOTAL, MIB_TOTAL_PROCESSES},
			 {MIB_TOTAL, MIB_TOTAL_SERVICES},
			 {MIB_TOTAL, MIB_TOTAL_FILES},
			 {MIB_CHANGE, MIB_CHANGE_APPEARED},
			 {MIB_CHANGE, MIB_CHANGE_CLEARED}},
	[MIB_CLEARED] = {{MIB_SCAN, MIB_SCAN_SERIAL}, {MIB_CHANGE, MIB_CHANGE_CLEARED}},
	[MIB_SCAN_TROUBLE] = {{MIB_SCAN, MIB_SCAN_STATUS},
			      {MIB_SCAN, MIB_SCAN_SERIAL},
			      {MIB_SCAN, MIB_SCAN_AGE},
			      {MIB_SCAN, MIB_SCAN_FAILURES},
			      {MIB_TOTAL, MIB_TOTAL_UNREADABLE}},
};

static struct mib_value object_value(const struct facts *facts,
				     const struct object *object)
{
	if (object->part == MIB_SCAN)
		return mib_scan_value(facts->snapshot,
				      (enum mib_scan_object)object->number, facts->now);
	if (object->part == MIB_TOTAL)
		return mib_total_value(facts->snapshot,
				       (enum mib_total_object)object->number, facts->now);
	return mib_value_unsigned(facts->changes[object->number]);
}

/* Returns false when memory ran out. */
static bool add_object(netsnmp_variable_list **list, const struct facts *facts,
		       const struct object *object)
{
	const oid name[] = {STALE_MIB_BASE, MIB_OBJECTS, object->part, object->number, 0};
	struct mib_value value = object_value(facts, object);
	size_t len;
	const void *data = mib_value_data(&value, &len);

	return snmp_varlist_add_variable(list, name, OID_LENGTH(name), value.type, data,
					 len);
}

static bool add_all(netsnmp_variable_list **list, const struct facts *facts,
		    enum mib_notification what)
{
	static const oid trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	const oid name[] = {STALE_MIB_BASE, MIB_NOTIFICATIONS, what};

	if (!snmp_varlist_add_variable(list, trap_oid, OID_LENGTH(trap_oid),
				       ASN_OBJECT_ID, name, sizeof(name)))
		return false;
	for (size_t i = 0; i < OBJECTS_MAX && objects[what][i].part; i++)
		if (!add_object(list, facts, &objects[what][i]))
			return false;
	return true;
}

void mib_notify(enum mib_notification what, const struct snapshot *snapshot,
		uint32_t appeared, uint32_t cleared)
{
	const struct facts facts = {
		.snapshot = snapshot,
		.changes = {[MIB_CHANGE_APPEARED] = appeared,
			    [MIB_CHANGE_CLEARED] = cleared},
		.now = time(NULL),
	};
	netsnmp_variable_list *list = NULL;

	if (add_all(&list, &facts, what))
		send_v2trap(list);
	else
		snmp_log(LOG_ERR, "no memory for a notification\n");
	snmp_free_varbind(list);
}
