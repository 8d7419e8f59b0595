/*
 * publish.c - see publish.h.
 */
#include "publish.h"

#include <errno.h>

/* When the next file comes of age that does not count now, 0: none does. */
static int64_t find_next(const struct publish *publish, int64_t now)
{
	const struct stale_policy *policy = &publish->settings.policy;
	int64_t next = 0;
	size_t n;
	const struct stale_proc *procs;

	if (!publish->report || policy->min_age <= 0)
		return 0;
	procs = stale_report_procs(publish->report, &n);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < procs[i].nfiles; j++) {
			const struct stale_file *file = &procs[i].files[j];
			int64_t then = file->since + policy->min_age;

			if (file->since == 0 || then <= now || (next && then >= next))
				continue;
			if (stale_file_counts(&procs[i], file, policy, then))
				next = then;
		}
	}
	return next;
}

static int make(const struct publish *publish, const struct stale_report *report,
		const struct snapshot_scan *scan, int64_t now, struct snapshot **ret)
{
	const struct wire_settings *settings = &publish->settings;
	struct snapshot_source source = {
		.report = report,
		.users = publish->users,
		.policy = settings->policy,
		.now = now,
		.max_procs = settings->max_procs,
		.max_files = settings->max_files,
		.scan = *scan,
	};

	source.scan.interval = settings->interval;
	return snapshot_make(&source, ret);
}

/* A snapshot of the report that there is, and with these numbers. */
static int put(struct publish *publish, const struct snapshot_scan *scan, int64_t now)
{
	struct snapshot_scan numbered = *scan;
	struct snapshot *snapshot;
	int rc;

	numbered.serial = publish->scan.serial + 1;
	rc = make(publish, publish->report, &numbered, now, &snapshot);
	if (rc < 0)
		return rc;
	publish->scan = numbered;
	publish->next = find_next(publish, now);
	pins_publish(publish->pins, snapshot);
	return 0;
}

int publish_init(const struct wire_settings *settings, const struct stale_users *users,
		 int64_t now, struct publish *ret)
{
	struct publish publish = {
		.settings = *settings,
		.users = users,
		.scan = {.status = SNAPSHOT_NEVER,
			 .serial = (uint32_t)now,
			 .started = now},
	};
	struct snapshot *first;
	int rc = make(&publish, NULL, &publish.scan, now, &first);

	if (rc < 0)
		return rc;
	rc = pins_new(first, &publish.pins);
	if (rc < 0) {
		snapshot_unref(first);
		return rc;
	}
	*ret = publish;
	return 0;
}

void publish_release(struct publish *publish)
{
	stale_report_free(publish->report);
	pins_free(publish->pins);
	*publish = (struct publish){0};
}

int publish_settings(struct publish *publish, const struct wire_settings *settings,
		     int64_t now)
{
	const struct wire_settings before = publish->settings;
	int rc;

	publish->settings = *settings;
	rc = put(publish, &publish->scan, now);
	if (rc < 0)
		publish->settings = before;
	return rc;
}

/* Vanished processes make no scan incomplete. */
static bool is_complete(const struct wire_scan *scan, const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);

	return !scan->cut && info->finished && !info->hidden && info->error == 0 &&
	       info->denied + info->failed == 0;
}

int publish_report(struct publish *publish, const struct wire_scan *scan,
		   struct stale_report *report, int64_t now)
{
	struct snapshot_scan next = publish->scan;
	struct stale_report *before = publish->report;
	int rc;

	if (!scan->again) {
		next.status =
			is_complete(scan, report) ? SNAPSHOT_COMPLETE : SNAPSHOT_PARTIAL;
		next.time = scan->time;
		next.duration_ms = scan->duration_ms;
		next.completions++;
	}
	publish->report = report;
	rc = put(publish, &next, now);
	if (rc < 0)
		publish->report = before;
	stale_report_free(rc < 0 ? report : before);
	return rc;
}

int publish_trouble(struct publish *publish, int64_t now)
{
	struct snapshot_scan next = publish->scan;

	next.status = SNAPSHOT_FAILED;
	next.failures++;
	return put(publish, &next, now);
}

static size_t count_procs(const struct stale_report *report)
{
	size_t n;

	stale_report_procs(report, &n);
	return n;
}

int publish_without(struct publish *publish, const struct stale_identity *gone, size_t n,
		    int64_t now)
{
	struct stale_report *before = publish->report, *after;
	int rc;

	if (!before)
		return 0;
	rc = stale_report_without(before, gone, n, &after);
	if (rc < 0)
		return rc;
	if (count_procs(after) == count_procs(before)) {
		stale_report_free(after);
		return 0;
	}
	publish->report = after;
	rc = put(publish, &publish->scan, now);
	if (rc < 0)
		publish->report = before;
	stale_report_free(rc < 0 ? after : before);
	return rc;
}

int publish_due(struct publish *publish, int64_t now)
{
	if (publish->next == 0 || now < publish->next)
		return 0;
	return put(publish, &publish->scan, now);
}
