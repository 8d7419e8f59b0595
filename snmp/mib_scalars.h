/*
 * mib_scalars.h - the objects that are there once: of the scan, and the totals.
 */
#ifndef SNMP_MIB_SCALARS_H
#define SNMP_MIB_SCALARS_H

#include "mib_numbers.h"
#include "mib_value.h"

/* now: seconds since the epoch, for ages. */
struct mib_value mib_scan_value(const struct snapshot *snapshot,
				enum mib_scan_object object, int64_t now);
struct mib_value mib_total_value(const struct snapshot *snapshot,
				 enum mib_total_object object, int64_t now);

#endif
