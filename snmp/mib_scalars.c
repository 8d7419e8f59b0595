/*
 * mib_scalars.c - the objects that are there once: of the scan, and the totals.
 */
#include "mib_scalars.h"

struct mib_value mib_scan_value(const struct snapshot *snapshot,
				enum mib_scan_object object, int64_t now)
{
	const struct snapshot_scan *scan = snapshot_scan(snapshot);

	switch (object) {
	case MIB_SCAN_STATUS:
		return mib_value_integer(scan->status);
	case MIB_SCAN_SERIAL:
		return mib_value_unsigned(scan->serial);
	case MIB_SCAN_TIME:
		return mib_value_date(scan->time);
	case MIB_SCAN_AGE:
		return mib_value_unsigned(snapshot_age(scan->time, now));
	case MIB_SCAN_DURATION:
		return mib_value_unsigned(scan->duration_ms);
	case MIB_SCAN_INTERVAL:
		return mib_value_unsigned(scan->interval);
	case MIB_SCAN_COMPLETIONS:
		return mib_value_counter(scan->completions);
	case MIB_SCAN_FAILURES:
		return mib_value_counter(scan->failures);
	case MIB_SCAN_STARTED:
		return mib_value_date(scan->started);
	}
	return mib_value_none();
}

static uint32_t total(const struct snapshot_totals *totals, enum mib_total_object object,
		      int64_t now)
{
	switch (object) {
	case MIB_TOTAL_SCANNED:
		return totals->scanned;
	case MIB_TOTAL_PROCESSES:
		return totals->processes;
	case MIB_TOTAL_SERVICES:
		return totals->services;
	case MIB_TOTAL_CONTAINERS:
		return totals->containers;
	case MIB_TOTAL_SESSIONS:
		return totals->sessions;
	case MIB_TOTAL_FILES:
		return totals->files;
	case MIB_TOTAL_OLDEST:
		return snapshot_age(totals->oldest, now);
	case MIB_TOTAL_UNDATED:
		return totals->undated;
	case MIB_TOTAL_REBOOT:
		return totals->reboot;
	case MIB_TOTAL_UNREADABLE:
		return totals->unreadable;
	case MIB_TOTAL_IGNORED:
		return totals->ignored;
	case MIB_TOTAL_UNPUBLISHED:
		return totals->unpublished;
	}
	return 0;
}

struct mib_value mib_total_value(const struct snapshot *snapshot,
				 enum mib_total_object object, int64_t now)
{
	return mib_value_unsigned(total(snapshot_totals(snapshot), object, now));
}
