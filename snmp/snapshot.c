/*
 * snapshot.c - scalars and tables of one moment, made of a report in one go.
 */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "rows.h"

struct snapshot {
	unsigned refs;
	struct snapshot_scan scan;
	struct snapshot_totals totals;
	struct text_pool texts;
	struct rows rows;
	struct snapshot_lib *libs; /* owned; by index */
	size_t nlibs;
};

static uint32_t clamp(size_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static int count(const struct snapshot_source *source, struct snapshot *snapshot)
{
	const struct stale_scan_info *info = stale_report_info(source->report);
	struct stale_totals totals;
	size_t nignored;
	int rc =
		stale_report_count(source->report, &source->policy, source->now, &totals);

	if (rc < 0)
		return rc;
	stale_report_ignored(source->report, &nignored);
	snapshot->totals = (struct snapshot_totals){
		.scanned = clamp(info->scanned),
		.processes = clamp(totals.processes),
		.services = clamp(totals.services),
		.containers = clamp(totals.containers),
		.sessions = clamp(totals.sessions),
		.files = clamp(totals.files),
		.oldest = totals.oldest > 0 ? totals.oldest : 0,
		.undated = clamp(totals.undated),
		.reboot = clamp(totals.reboot),
		.unreadable = clamp(info->denied + info->failed),
		.ignored = clamp(nignored),
		.unpublished = clamp(snapshot->rows.unpublished),
	};
	return 0;
}

static int fill(const struct snapshot_source *source, struct snapshot *snapshot)
{
	struct libs libs = {0};
	int rc = text_pool_init(&snapshot->texts);

	if (rc == 0)
		rc = libs_make(source, &snapshot->texts, &libs);
	if (rc == 0)
		rc = rows_make(source, &libs, &snapshot->texts, &snapshot->rows);
	if (rc == 0)
		rc = libs_rows(&libs, &snapshot->libs, &snapshot->nlibs);
	if (rc == 0)
		rc = count(source, snapshot);
	text_pool_seal(&snapshot->texts);
	libs_release(&libs);
	return rc;
}

int snapshot_make(const struct snapshot_source *source, struct snapshot **ret)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int rc;

	if (!snapshot)
		return -ENOMEM;
	snapshot->refs = 1;
	snapshot->scan = source->scan;
	rc = source->report ? fill(source, snapshot) : 0;
	if (rc < 0)
		snapshot_unref(snapshot);
	else
		*ret = snapshot;
	return rc;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	snapshot->refs++;
	return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot || --snapshot->refs)
		return;
	text_pool_release(&snapshot->texts);
	rows_release(&snapshot->rows);
	free(snapshot->libs);
	free(snapshot);
}

const struct snapshot_scan *snapshot_scan(const struct snapshot *snapshot)
{
	return &snapshot->scan;
}

const struct snapshot_totals *snapshot_totals(const struct snapshot *snapshot)
{
	return &snapshot->totals;
}

const struct snapshot_proc *snapshot_procs(const struct snapshot *snapshot, size_t *ret_n)
{
	*ret_n = snapshot->rows.nprocs;
	return snapshot->rows.procs;
}

const struct snapshot_file *snapshot_files(const struct snapshot *snapshot, size_t *ret_n)
{
	*ret_n = snapshot->rows.nfiles;
	return snapshot->rows.files;
}

const struct snapshot_lib *snapshot_libs(const struct snapshot *snapshot, size_t *ret_n)
{
	*ret_n = snapshot->nlibs;
	return snapshot->libs;
}

size_t snapshot_size(const struct snapshot *snapshot)
{
	return sizeof(*snapshot) + text_pool_size(&snapshot->texts) +
	       snapshot->rows.nprocs * sizeof(*snapshot->rows.procs) +
	       snapshot->rows.nfiles * sizeof(*snapshot->rows.files) +
	       snapshot->nlibs * sizeof(*snapshot->libs);
}
