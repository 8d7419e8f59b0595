/*
 * snapshot.h - what is published: the scalars and the rows of all tables, of one moment.
 *
 * Immutable, sorted for binary search, reference-counted.  Made of a report, in one go;
 * knows nothing of SNMP libraries, and reads no clock.  All text is printable UTF-8 of at
 * most 255 octets, cut in front ("...") at a character's boundary.
 */
#ifndef SNMP_SNAPSHOT_H
#define SNMP_SNAPSHOT_H

#include "stale.h"

#define SNAPSHOT_TEXT_MAX 255

/* The values are those of the MIB. */
enum snapshot_status {
	SNAPSHOT_NEVER = 1, /* no scan came to an end yet */
	SNAPSHOT_COMPLETE,
	SNAPSHOT_PARTIAL, /* some could not be read, or time ran out */
	SNAPSHOT_FAILED,  /* the rows are those of an earlier scan */
};

/* Group staleScan. */
struct snapshot_scan {
	enum snapshot_status status;
	uint32_t serial; /* another one for each snapshot */
	int64_t time;    /* seconds since the epoch: end of the last scan; 0: never */
	uint32_t duration_ms; /* of that scan */
	uint32_t interval;    /* seconds between two scans */
	uint32_t completions;
	uint32_t failures;
	int64_t started; /* seconds since the epoch: start of the subagent */
};

/* Group staleTotal. */
struct snapshot_totals {
	uint32_t scanned;
	uint32_t processes; /* from here to reboot: what counts */
	uint32_t services;
	uint32_t containers;
	uint32_t sessions;
	uint32_t files;
	int64_t oldest; /* seconds since the epoch; 0: none is dated */
	uint32_t undated;
	uint32_t reboot;
	uint32_t unreadable;
	uint32_t ignored;
	uint32_t unpublished; /* processes and files that have no row, for the limits */
};

/* Borrowed from the snapshot; never NULL; ended by NUL. */
struct snapshot_text {
	const char *s;
	size_t len; /* 0 to 255 */
};

/* Enumerations of the core are published with 1 added. */
struct snapshot_proc {
	uint32_t pid;
	uint64_t start_ticks; /* with pid, its identity */
	int64_t started;      /* seconds since the epoch; 0: unknown */
	struct snapshot_text name;
	struct snapshot_text executable; /* empty: unknown, as all below */
	uint32_t uid;
	struct snapshot_text user;
	struct snapshot_text unit;
	struct snapshot_text container;
	enum stale_scope scope;
	bool counted;
	unsigned why;   /* STALE_WHY_BIT()s of all its files */
	uint32_t files; /* that it has, with or without a row */
	/* Of the oldest file that counts, or of all where the process does not count; 0:
	 * none is dated, as below. */
	int64_t since;
	enum stale_advice advice;
};

struct snapshot_file {
	uint32_t pid;
	uint32_t n; /* from 1, in the order of the report */
	struct snapshot_text path;
	enum stale_kind kind;
	enum stale_why why;
	int64_t since;
	struct snapshot_text successor;
	uint32_t library; /* index of its row in the table of libraries; 0: none */
	bool counted;
};

/* One path, however many files had that name: of all files of the report. */
struct snapshot_lib {
	/* 32-bit FNV-1a of the path's bytes (not of its text), h, folded to 31 bits: (h ^ h >>
	 * 31) & 0x7fffffff, 1 instead of 0.  Where that is taken, the next that is free: of
	 * paths that collide, the first in the order of bytes has its own.  So the same paths
	 * have the same numbers, also after a restart. */
	uint32_t index;
	struct snapshot_text path;
	enum stale_why why; /* where files differ: the first of the enumeration */
	uint32_t processes;
	int64_t since; /* of the oldest */
};

struct snapshot; /* reference-counted; one thread */

struct snapshot_source {
	const struct stale_report *report; /* borrowed; NULL: none yet */
	const struct stale_users *users;   /* borrowed; NULL: no names */
	struct stale_policy policy;
	int64_t now;      /* seconds since the epoch, for what counts by its age */
	size_t max_procs; /* rows of processes */
	size_t max_files; /* rows of files, and of libraries */
	struct snapshot_scan scan; /* published as it is */
};

/*
 * Returns 0 and hands over one reference, independent of the source; or -ENOMEM.
 *
 * When there are more than a limit allows, those that count come first, each kind in the
 * order of the report: of processes; of the files of processes that have a row; and of
 * libraries, where of both kinds those of more processes come first.
 */
int snapshot_make(const struct snapshot_source *source, struct snapshot **ret);

struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* NULL is a no-op */

/* Borrowed from the snapshot, as all below. */
const struct snapshot_scan *snapshot_scan(const struct snapshot *snapshot);
const struct snapshot_totals *snapshot_totals(const struct snapshot *snapshot);
/* By pid; by pid and n; by index. */
const struct snapshot_proc *snapshot_procs(const struct snapshot *snapshot,
					   size_t *ret_n);
const struct snapshot_file *snapshot_files(const struct snapshot *snapshot,
					   size_t *ret_n);
const struct snapshot_lib *snapshot_libs(const struct snapshot *snapshot, size_t *ret_n);
/* Bytes that the snapshot takes, all told. */
size_t snapshot_size(const struct snapshot *snapshot);

/* Whole seconds from since to now, at least 1; 0 where since is not known. */
uint32_t snapshot_age(int64_t since, int64_t now);

/*
 * DateAndTime (RFC 2579) in UTC: eleven octets; eight that are zero for a time that is not
 * known (0 or before) or past the year 65535.  Returns the length.
 */
size_t snapshot_date(int64_t time, uint8_t out[11]);

#endif
