/*
 * published.h - snapshots of reports made by hand, and their rows one by one.
 *
 * A row that is not there fails the test.
 */
#ifndef TESTS_PUBLISHED_H
#define TESTS_PUBLISHED_H

#include "snmp/snapshot.h"

#define PUBLISHED_LIMIT 100000

/* At REPORTMAKE_NOW, by the default policy, serial 77, PUBLISHED_LIMIT rows of each table.
 * The report is borrowed. */
struct snapshot_source published_source(const struct stale_report *report);
/* Of such a source; the report is released.  NULL: none. */
struct snapshot *publish(struct stale_report *report);
struct snapshot *published_make(const struct snapshot_source *source);

const struct snapshot_proc *published_proc(const struct snapshot *snapshot, size_t i);
const struct snapshot_file *published_file(const struct snapshot *snapshot, size_t i);
/* By its text. */
const struct snapshot_lib *published_lib(const struct snapshot *snapshot,
					 const char *path);

size_t published_nprocs(const struct snapshot *snapshot);
size_t published_nfiles(const struct snapshot *snapshot);
size_t published_nlibs(const struct snapshot *snapshot);

#endif
