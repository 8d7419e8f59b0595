/*
 * mib_tables.h - the rows and columns of the tables, as a snapshot has them.
 *
 * Rows are found by binary search, in O(log n).  Knows no request and no registration.
 */
#ifndef SNMP_MIB_TABLES_H
#define SNMP_MIB_TABLES_H

#include "mib_numbers.h"
#include "mib_value.h"

#define MIB_TABLES    3
#define MIB_INDEX_MAX 2 /* parts of an index */

struct mib_table {
	const char *name;
	enum mib_part part;
	size_t nindex; /* parts of its index */
	unsigned last_column;
	size_t (*rows)(const struct snapshot *snapshot);
	/* Rows ascend by it. */
	void (*index)(const struct snapshot *snapshot, size_t row,
		      oid ret_index[MIB_INDEX_MAX]);
	/* A column that has no value (the index) is mib_value_none().  now: seconds since
	 * the epoch, for ages. */
	struct mib_value (*value)(const struct snapshot *snapshot, size_t row,
				  unsigned column, int64_t now);
};

extern const struct mib_table mib_tables[MIB_TABLES];

/* The row with that index; false: there is none.  The index may have any length. */
bool mib_table_find(const struct mib_table *table, const struct snapshot *snapshot,
		    const oid *index, size_t len, size_t *ret_row);
/* The first row behind that index, which need not exist; false: there is none. */
bool mib_table_next(const struct mib_table *table, const struct snapshot *snapshot,
		    const oid *index, size_t len, size_t *ret_row);

#endif
