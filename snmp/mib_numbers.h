/*
 * mib_numbers.h - the last parts of the object identifiers, for snmp/mib*.c and tests.
 *
 * The same numbers as in STALE-PROCESS-MIB.txt, and never changed once published: what
 * is new gets the next one.  Says nothing of types and values.
 */
#ifndef SNMP_MIB_NUMBERS_H
#define SNMP_MIB_NUMBERS_H

/* Below STALE_MIB_BASE. */
#define MIB_NOTIFICATIONS 0
#define MIB_OBJECTS       1

/* Below MIB_OBJECTS. */
enum mib_part {
	MIB_SCAN = 1,
	MIB_TOTAL,
	MIB_PROC_TABLE,
	MIB_FILE_TABLE,
	MIB_LIB_TABLE,
	MIB_CHANGE,
};

#define MIB_ENTRY 1 /* below a table */

enum mib_scan_object {
	MIB_SCAN_STATUS = 1,
	MIB_SCAN_SERIAL,
	MIB_SCAN_TIME,
	MIB_SCAN_AGE,
	MIB_SCAN_DURATION,
	MIB_SCAN_INTERVAL,
	MIB_SCAN_COMPLETIONS,
	MIB_SCAN_FAILURES,
	MIB_SCAN_STARTED,
};

enum mib_total_object {
	MIB_TOTAL_SCANNED = 1,
	MIB_TOTAL_PROCESSES,
	MIB_TOTAL_SERVICES,
	MIB_TOTAL_CONTAINERS,
	MIB_TOTAL_SESSIONS,
	MIB_TOTAL_FILES,
	MIB_TOTAL_OLDEST,
	MIB_TOTAL_UNDATED,
	MIB_TOTAL_REBOOT,
	MIB_TOTAL_UNREADABLE,
	MIB_TOTAL_IGNORED,
	MIB_TOTAL_UNPUBLISHED,
};

/* Column 1 of each table is its index, and not accessible. */
#define MIB_FIRST_COLUMN 2

enum mib_proc_column {
	MIB_PROC_PID = 1,
	MIB_PROC_START,
	MIB_PROC_NAME,
	MIB_PROC_EXECUTABLE,
	MIB_PROC_UID,
	MIB_PROC_USER,
	MIB_PROC_UNIT,
	MIB_PROC_CONTAINER,
	MIB_PROC_SCOPE,
	MIB_PROC_COUNTED,
	MIB_PROC_WHY,
	MIB_PROC_FILES,
	MIB_PROC_SINCE,
	MIB_PROC_AGE,
	MIB_PROC_ADVICE,
};

enum mib_file_column {
	MIB_FILE_INDEX = 1,
	MIB_FILE_PATH,
	MIB_FILE_KIND,
	MIB_FILE_WHY,
	MIB_FILE_SINCE,
	MIB_FILE_AGE,
	MIB_FILE_SUCCESSOR,
	MIB_FILE_LIBRARY,
};

enum mib_lib_column {
	MIB_LIB_INDEX = 1,
	MIB_LIB_PATH,
	MIB_LIB_WHY,
	MIB_LIB_PROCESSES,
	MIB_LIB_SINCE,
	MIB_LIB_AGE,
};

enum mib_change_object {
	MIB_CHANGE_APPEARED = 1,
	MIB_CHANGE_CLEARED,
};

#endif
