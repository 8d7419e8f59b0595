/*
 * prometheus.c - metrics in the text format of Prometheus, as its textfile collector
 * takes them: no time stamps, a newline at the end, all samples of a metric together.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include "prometheus.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "tally.h"

#define TOP 50
/* In every scope, whatever --count says: the scope is a label, or does not matter. */
#define SCOPES_ALL ((1U << STALE_SCOPE_COUNT) - 1)
#define WHY_ALL    ((1U << STALE_WHY_COUNT) - 1)

static void put_head(struct buf *out, const char *name, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_number(struct buf *out, const char *name, const char *help,
		       unsigned long long value)
{
	put_head(out, name, help);
	buf_printf(out, "%s %llu\n", name, value);
}

/* The printable form, in which '\' and '"' are escaped once more: that is the format's. */
static void put_label(struct buf *out, const struct tally_item *item)
{
	cleanup_buf struct buf raw = BUF_INIT, label = BUF_INIT;

	buf_bytes(&raw, item->s, item->len);
	buf_put(&raw, item->tail);
	if (!raw.error)
		buf_printable(&label, raw.s, BUF_PRINTABLE);
	if (raw.error || label.error)
		out->error = -ENOMEM;
	for (size_t i = 0; i < label.len; i++) {
		if (label.s[i] == '\\' || label.s[i] == '"')
			buf_put(out, "\\");
		buf_bytes(out, label.s + i, 1);
	}
}

static void put_verdict(struct buf *out, bool is_success, bool is_complete)
{
	put_number(out, "stale_scan_success",
		   "Whether the last scan came to an answer, complete or not.",
		   is_success);
	put_number(out, "stale_scan_complete",
		   "Whether the last scan could look at every process.", is_complete);
}

static void put_scan(struct buf *out, const struct view *view)
{
	const struct stale_scan_info *info = view->info;
	const unsigned long long us =
		view->elapsed_us > 0 ? (unsigned long long)view->elapsed_us : 0;
	const char *name = "stale_scanned_processes";

	put_head(out, "stale_scan_duration_seconds", "How long the last scan took.");
	buf_printf(out, "stale_scan_duration_seconds %llu.%06llu\n", us / 1000000,
		   us % 1000000);
	put_head(out, "stale_last_scan_timestamp_seconds",
		 "When the last scan was made, in seconds since the epoch.");
	buf_printf(out, "stale_last_scan_timestamp_seconds %lld\n", (long long)view->now);
	put_head(out, name, "Processes that the last scan came upon.");
	buf_printf(out, "%s{result=\"scanned\"} %zu\n", name, info->scanned);
	buf_printf(out, "%s{result=\"vanished\"} %zu\n", name, info->vanished);
	buf_printf(out, "%s{result=\"denied\"} %zu\n", name, info->denied);
	buf_printf(out, "%s{result=\"failed\"} %zu\n", name, info->failed);
}

static void put_processes(struct buf *out, const struct view *view)
{
	struct stale_policy policy = view->policy;
	size_t n[STALE_SCOPE_COUNT] = {0};

	policy.scopes = SCOPES_ALL;
	for (size_t i = 0; i < view->nprocs; i++)
		n[view->procs[i].scope] +=
			stale_proc_counts(&view->procs[i], &policy, view->now);
	put_head(out, "stale_processes", "Processes that run outdated code, by scope.");
	for (int scope = 0; scope < STALE_SCOPE_COUNT; scope++)
		buf_printf(out, "stale_processes{scope=\"%s\"} %zu\n",
			   stale_scope_name((enum stale_scope)scope), n[scope]);
}

/* The policy by which a file of any reason counts, because the reason is a label. */
static bool file_is_old_enough(const struct view *view, const struct stale_proc *proc,
			       const struct stale_file *file, unsigned scopes)
{
	struct stale_policy policy = view->policy;

	policy.why = WHY_ALL;
	policy.kinds = STALE_KIND_BIT(file->kind);
	policy.scopes = scopes;
	return stale_file_counts(proc, file, &policy, view->now);
}

static uint32_t count_ids(const struct view *view)
{
	uint32_t n = 0;

	for (size_t i = 0; i < view->nprocs; i++) {
		for (size_t k = 0; k < view->procs[i].nfiles; k++) {
			if (view->procs[i].files[k].id >= n)
				n = view->procs[i].files[k].id + 1;
		}
	}
	return n;
}

struct file_counts {
	size_t n[STALE_KIND_COUNT][STALE_WHY_COUNT];
};

/* What a file is may differ between processes: it is counted for each once. */
static int count_files(const struct view *view, struct file_counts *counts)
{
	cleanup_free uint32_t *seen = calloc((size_t)count_ids(view) + 1, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		for (size_t k = 0; k < proc->nfiles; k++) {
			const struct stale_file *file = &proc->files[k];
			const unsigned bit = file->kind * STALE_WHY_COUNT + file->why;

			if (seen[file->id] & 1U << bit ||
			    !file_is_old_enough(view, proc, file, view->policy.scopes))
				continue;
			seen[file->id] |= 1U << bit;
			counts->n[file->kind][file->why]++;
		}
	}
	return 0;
}

static int put_files(struct buf *out, const struct view *view)
{
	struct file_counts counts = {0};
	int rc = count_files(view, &counts);

	put_head(out, "stale_files", "Distinct files that are outdated, and how.");
	for (int kind = 0; kind < STALE_KIND_COUNT; kind++) {
		if (!(view_kinds(view) & STALE_KIND_BIT(kind)))
			continue;
		for (int why = 0; why < STALE_WHY_COUNT; why++) {
			if (why == STALE_CURRENT && !view->policy.is_using)
				continue;
			buf_printf(out, "stale_files{kind=\"%s\",why=\"%s\"} %zu\n",
				   stale_kind_name((enum stale_kind)kind),
				   stale_why_name((enum stale_why)why),
				   counts.n[kind][why]);
		}
	}
	return rc;
}

static void put_totals(struct buf *out, const struct view *view)
{
	const struct stale_totals *totals = &view->totals;

	put_number(out, "stale_ignored_files",
		   "Files that an ignore rule matched, counted for each process.",
		   view->nignored);
	put_number(out, "stale_services", "System units with outdated code.",
		   totals->services);
	put_number(out, "stale_sessions",
		   "Login sessions and units of users with outdated code.",
		   totals->sessions);
	put_number(out, "stale_containers", "Containers with outdated code.",
		   totals->containers);
	if (totals->oldest == 0)
		return;
	put_head(out, "stale_oldest_timestamp_seconds",
		 "When the oldest outdated file was replaced, in seconds since the "
		 "epoch.");
	buf_printf(out, "stale_oldest_timestamp_seconds %lld\n",
		   (long long)totals->oldest);
}

/* "run-r0123456789abcdef.service", "run-u12.service", "run-p12-i34.service": made by
 * systemd-run(1), never seen again. */
static bool is_transient(const char *unit)
{
	const char *s = unit + strlen("run-x");
	size_t len;

	if (strncmp(unit, "run-", 4) != 0 || !unit[4] || !strchr("rup", unit[4]))
		return false;
	len = strspn(s, unit[4] == 'r' ? "0123456789abcdef" : "0123456789");
	if (len > 0 && unit[4] == 'p' && strncmp(s + len, "-i", 2) == 0)
		len += 2 + strspn(s + len + 2, "0123456789");
	return len > 0 && s[len] == '.';
}

/* "getty@tty1.service" is "getty@.service". */
static struct tally_item unit_item(const char *unit)
{
	const char *at = strchr(unit, '@'), *type = strrchr(unit, '.');

	if (strcmp(unit, "init.scope") == 0)
		return tally_item_make(unit, strlen(unit), "");
	if (!type || strcmp(type, ".service") != 0 || is_transient(unit))
		return tally_item_make(TALLY_OTHER, strlen(TALLY_OTHER), "");
	if (at && at < type)
		return tally_item_make(unit, (size_t)(at - unit) + 1, type);
	return tally_item_make(unit, strlen(unit), "");
}

static size_t take_units(const struct view *view, struct tally_item *items)
{
	struct stale_policy policy = view->policy;
	size_t n = 0;

	policy.scopes = SCOPES_ALL;
	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		if (proc->scope != STALE_SCOPE_SYSTEM || !proc->unit ||
		    !stale_proc_counts(proc, &policy, view->now))
			continue;
		items[n] = unit_item(proc->unit);
		items[n++].proc = i;
	}
	return n;
}

static int put_units(struct buf *out, const struct view *view)
{
	cleanup_free struct tally_item *items = calloc(view->nprocs + 1, sizeof(*items));
	struct tally_row rows[TALLY_ROWS(TOP)];
	size_t n = 0;
	int rc = items ? tally_make(items, take_units(view, items), TOP, rows, &n)
		       : -ENOMEM;

	if (n > 0)
		put_head(out, "stale_unit_processes",
			 "Processes of a system unit that run outdated code.");
	for (size_t i = 0; i < n; i++) {
		buf_put(out, "stale_unit_processes{unit=\"");
		put_label(out, &rows[i].item);
		buf_printf(out, "\"} %zu\n", rows[i].nprocs);
	}
	return rc;
}

static size_t take_libraries(const struct view *view, struct tally_item *items)
{
	size_t n = 0;

	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		for (size_t k = 0; k < proc->nfiles; k++) {
			const struct stale_file *file = &proc->files[k];
			const char *base = view_basename(file->path);

			if (file->kind != STALE_LIB ||
			    !file_is_old_enough(view, proc, file, SCOPES_ALL))
				continue;
			items[n] = tally_item_make(base, strlen(base), "");
			items[n].why = file->why;
			items[n].is_users = view_is_users(proc);
			items[n++].proc = i;
		}
	}
	return n;
}

static size_t count_all_files(const struct view *view)
{
	size_t n = 0;

	for (size_t i = 0; i < view->nprocs; i++)
		n += view->procs[i].nfiles;
	return n;
}

static int put_libraries(struct buf *out, const struct view *view)
{
	cleanup_free struct tally_item *items =
		calloc(count_all_files(view) + 1, sizeof(*items));
	struct tally_row rows[TALLY_ROWS(TOP)];
	size_t n = 0;
	int rc = items ? tally_make(items, take_libraries(view, items), TOP, rows, &n)
		       : -ENOMEM;

	if (n > 0)
		put_head(out, "stale_library_processes",
			 "Processes that have an outdated library loaded.");
	for (size_t i = 0; i < n; i++) {
		buf_put(out, "stale_library_processes{library=\"");
		put_label(out, &rows[i].item);
		buf_printf(out, "\",why=\"%s\"} %zu\n", stale_why_name(rows[i].item.why),
			   rows[i].nprocs);
	}
	return rc;
}

int prometheus_render_failure(struct buf *out)
{
	put_verdict(out, false, false);
	return out->error;
}

/* Who finds that there is no room for more has an answer, and is not complete: else a
 * user with many files would take all metrics away. */
static bool is_only_full(const struct view *view)
{
	return view->info->error == ENOBUFS && view->info->finished && !view->error &&
	       !view->signal;
}

int prometheus_render(const struct view *view, const struct verdict *verdict,
		      struct buf *out)
{
	int rc;

	if (verdict->gap == GAP_ERROR && !is_only_full(view))
		return prometheus_render_failure(out);
	put_verdict(out, true, verdict->gap == GAP_NONE);
	put_scan(out, view);
	put_processes(out, view);
	rc = put_files(out, view);
	put_totals(out, view);
	if (rc == 0)
		rc = put_units(out, view);
	if (rc == 0)
		rc = put_libraries(out, view);
	put_head(out, "stale_build_info", "The version that made this file; always 1.");
	buf_printf(out, "stale_build_info{version=\"%s\"} 1\n", VERSION);
	return rc < 0 ? rc : out->error;
}
