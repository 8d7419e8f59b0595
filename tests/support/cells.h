/*
 * cells.h - the objects of stale-agentx, as the tools of Net-SNMP print them, and as they
 * must be by what check_stale tells of the same processes.
 */
#ifndef TESTS_CELLS_H
#define TESTS_CELLS_H

#include "agentd.h"

enum cells_how {
	CELLS_AS_IS, /* number or bytes are equal */
	CELLS_AGE,   /* number is a time, or 0: the value is the time since then, or 0 */
};

struct cell {
	char oid[256]; /* ".1.3.6.1..." */
	char type[16]; /* "INTEGER", "Gauge32", "Hex-STRING", ...  */
	char *bytes;   /* of a string; owned; else NULL */
	size_t len;
	int64_t number;
	enum cells_how how; /* of what is wanted */
	int64_t slack;      /* seconds by which a wanted time may be wrong */
};

struct cells {
	struct cell *list; /* owned */
	size_t n, room;
};
void cells_release(struct cells *cells);

/*
 * Runs a tool with these words ("snmpbulkwalk", "-Cr10"), which win over those that all
 * get (-v2c -cpublic), and these names of objects, both ended by NULL, for at most 20 s, and
 * reads what it prints.  What is no object, and a tool that fails, fails the test.
 */
void cells_ask(const struct agentd *d, const char *const words[],
	       const char *const oids[], struct cells *ret);
/* Does each name come after the one before it?  Says where one does not. */
bool cells_ascend(const struct cells *cells);
/* NULL: none. */
const struct cell *cells_find(const struct cells *cells, const char *oid);
/* One that was asked for at the second from is what is wanted; tells where it is not. */
bool cell_is(const struct cell *got, const struct cell *want, int64_t from);

/*
 * What the three tables and the totals must hold by check_stale -f json with the option
 * pids, in the order of OIDs.  Reads nothing of what stale-agentx says.
 */
void cells_wanted(const struct agentd *d, const char *pids, struct cells *ret);

/* For who makes such lists: a new one at the end, named base.below. */
struct cell *cells_add(struct cells *cells, const char *base, const char *below);

#endif
