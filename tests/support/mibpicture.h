/*
 * mibpicture.h - a snapshot, and all that is to be seen of it over SNMP.
 *
 * It has something of everything: what is unknown, what does not count, hostile names,
 * the lowest and the highest pid.
 */
#ifndef TESTS_MIBPICTURE_H
#define TESTS_MIBPICTURE_H

#include "snmp/snapshot.h"

#define MIBPICTURE_SERIAL 1763720001U

enum mibpicture_form {
	MIBPICTURE_INTEGER,
	MIBPICTURE_UNSIGNED, /* also Gauge32 */
	MIBPICTURE_COUNTER,
	MIBPICTURE_AGE, /* number: at REPORTMAKE_NOW; -1: unknown */
	MIBPICTURE_TEXT,
	MIBPICTURE_HEX, /* text: two digits for an octet */
};

/* What one object is seen as. */
struct mibpicture_cell {
	const char *name; /* below .1 of the module, index included */
	enum mibpicture_form form;
	const char *text;
	int64_t number;
};

/* In the order of a walk. */
extern const struct mibpicture_cell mibpicture[];
extern const size_t mibpicture_cells;

/* snapshot_unref(). */
struct snapshot *mibpicture_snapshot(void);

#endif
