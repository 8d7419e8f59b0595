/*
 * published.c - snapshots of reports made by hand.
 */
#include "tests/support/published.h"

#include "tests/support/reportmake.h"
#include "tests/test.h"

struct snapshot_source published_source(const struct stale_report *report)
{
	return (struct snapshot_source){
		.report = report,
		.policy = {.why = STALE_WHY_DEFAULT},
		.now = REPORTMAKE_NOW,
		.max_procs = PUBLISHED_LIMIT,
		.max_files = PUBLISHED_LIMIT,
		.scan = {.status = SNAPSHOT_COMPLETE, .serial = 77},
	};
}

struct snapshot *published_make(const struct snapshot_source *source)
{
	struct snapshot *snapshot = NULL;

	assert_int_equal(snapshot_make(source, &snapshot), 0);
	return snapshot;
}

struct snapshot *publish(struct stale_report *report)
{
	struct snapshot_source source = published_source(report);
	struct snapshot *snapshot = published_make(&source);

	stale_report_free(report);
	return snapshot;
}

const struct snapshot_proc *published_proc(const struct snapshot *snapshot, size_t i)
{
	size_t n;
	const struct snapshot_proc *procs = snapshot_procs(snapshot, &n);

	assert_true(i < n);
	return &procs[i];
}

const struct snapshot_file *published_file(const struct snapshot *snapshot, size_t i)
{
	size_t n;
	const struct snapshot_file *files = snapshot_files(snapshot, &n);

	assert_true(i < n);
	return &files[i];
}

const struct snapshot_lib *published_lib(const struct snapshot *snapshot,
					 const char *path)
{
	size_t n;
	const struct snapshot_lib *libs = snapshot_libs(snapshot, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(libs[i].path.s, path) == 0)
			return &libs[i];
	fail_msg("%s has no row", path);
	return NULL;
}

size_t published_nprocs(const struct snapshot *snapshot)
{
	size_t n;

	snapshot_procs(snapshot, &n);
	return n;
}

size_t published_nfiles(const struct snapshot *snapshot)
{
	size_t n;

	snapshot_files(snapshot, &n);
	return n;
}

size_t published_nlibs(const struct snapshot *snapshot)
{
	size_t n;

	snapshot_libs(snapshot, &n);
	return n;
}
