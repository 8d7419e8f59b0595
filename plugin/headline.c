/*
 * headline.c - the first line.
 *
 * Prefix and suffix have fixed shapes and go first; the names between them take the room
 * that is left.  What a process may name itself never pushes out what the scan missed.
 */
#include "headline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "duration.h"

#define SUFFIX_MAX 64
#define NAMES_MAX  5  /* on the first line; -v shows more */
#define COMM_MAX   24 /* bytes, where the files of one program follow */

/* Adds the names from *names that fit into room bytes, and how many do not. */
static int add_names(struct buf *out, const char *const *names, size_t n, size_t room)
{
	cleanup_buf struct buf name = BUF_INIT;
	size_t end = out->len + room;
	char more[32];

	for (size_t i = 0; i < n; i++) {
		size_t more_len =
			(size_t)snprintf(more, sizeof(more), " and %zu more", n - i - 1);
		size_t tail = i + 1 < n ? more_len : 0;

		name.len = 0;
		buf_put(&name, i > 0 ? ", " : "");
		if (i == 0 && tail < room)
			buf_printable_head(&name, names[i], BUF_NAGIOS, room - tail);
		else
			buf_printable(&name, names[i], BUF_NAGIOS);
		if (name.error)
			return name.error;
		if (i > 0 && (i == NAMES_MAX || out->len + name.len + tail > end)) {
			buf_printf(out, " and %zu more", n - i);
			break;
		}
		buf_bytes(out, name.s, name.len);
	}
	return out->error;
}

void headline_error(const struct view *view, struct buf *out)
{
	int error = view->error ? view->error : view->info->error;

	if (view->signal)
		buf_printf(out, "killed by signal %d", view->signal);
	else if (error)
		buf_put(out, strerror(error));
	else
		buf_put(out, "it ended early");
}

/* What is missing, after the names of what was found. */
static void add_gap(const struct view *view, const struct verdict *verdict,
		    struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	if (verdict->gap == GAP_NONE)
		return;
	buf_put(out, ", incomplete: ");
	switch (verdict->gap) {
	case GAP_NONE:
		break;
	case GAP_UNREADABLE:
		buf_printf(out, "%zu of %zu unreadable", verdict_unreadable(view),
			   info->seen - info->vanished);
		break;
	case GAP_HIDDEN:
		buf_put(out, "hidepid hides processes");
		break;
	case GAP_TIMEOUT:
		buf_printf(out, "timed out after %us", view->timeout);
		break;
	case GAP_ERROR:
		headline_error(view, out);
		break;
	}
}

static void add_age(const struct verdict *verdict, struct buf *out)
{
	if (verdict->age < 0) {
		buf_put(out, ", age unknown");
		return;
	}
	buf_put(out, ", oldest ");
	duration_print(out, verdict->age);
}

static int add_programs(const struct view *view, const struct groups *groups, size_t room,
			struct buf *out)
{
	cleanup_free const char **names = calloc(groups->ncounted, sizeof(*names));
	size_t before = out->len;

	if (!names)
		return out->error = -ENOMEM;
	for (size_t i = 0; i < groups->ncounted; i++)
		names[i] = groups->list[i].name;
	buf_printf(out, "%zu programs (%zu processes): ", groups->ncounted,
		   view->totals.processes);
	if (out->len - before >= room)
		return out->error;
	return add_names(out, names, groups->ncounted, room - (out->len - before));
}

static int add_program(const struct view *view, const struct group *group, size_t room,
		       struct buf *out)
{
	struct group_summary summary;
	size_t before = out->len;
	int rc = group_summarize(group, view, &summary);

	if (rc < 0)
		return rc;
	buf_printable_head(out, group->name, BUF_NAGIOS, COMM_MAX);
	buf_printf(out, " (%zu process%s): ", group->nprocs,
		   group->nprocs == 1 ? "" : "es");
	rc = out->error;
	if (out->len - before < room)
		rc = add_names(out, summary.names, summary.nnames,
			       room - (out->len - before));
	group_summary_release(&summary);
	return rc;
}

/* Something that counts was found: that first. */
static int add_found(const struct view *view, const struct verdict *verdict,
		     const struct groups *groups, struct buf *out)
{
	cleanup_buf struct buf suffix = BUF_INIT;
	size_t room;
	int rc;

	add_age(verdict, &suffix);
	add_gap(view, verdict, &suffix);
	if (suffix.error)
		return suffix.error;
	buf_clip(&suffix, SUFFIX_MAX);
	room = HEADLINE_MAX - out->len - suffix.len;
	if (groups->ncounted == 1)
		rc = add_program(view, &groups->list[0], room, out);
	else
		rc = add_programs(view, groups, room, out);
	if (rc < 0)
		return rc;
	buf_clip(out, HEADLINE_MAX - suffix.len);
	buf_bytes(out, suffix.s, suffix.len);
	return out->error;
}

static void add_progress(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	buf_printf(out, ": %zu of %zu processes scanned, 0 stale so far", info->scanned,
		   info->listed - info->kernel_threads);
}

static void add_unreadable(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;
	size_t all = info->seen - info->vanished;

	if (view->privileged || info->denied == 0)
		buf_printf(out, "%zu of %zu processes unreadable, 0 stale (see -v)",
			   verdict_unreadable(view), all);
	else
		buf_printf(out,
			   "only %zu of %zu processes readable, 0 stale, "
			   "needs root or cap_sys_ptrace (see -v)",
			   info->scanned, all);
}

static void add_uncounted(const struct verdict *verdict, struct buf *out)
{
	char buf[48];
	int len = snprintf(buf, sizeof(buf), " (not counted: %zu)", verdict->uncounted);

	if (verdict->uncounted > 0 && out->len + (size_t)len <= HEADLINE_MAX)
		buf_put(out, buf);
}

/* Nothing that counts was found: then how far that is to be trusted. */
static void add_nothing(const struct view *view, const struct verdict *verdict,
			struct buf *out)
{
	enum gap gap = verdict->state == STATE_OK ? GAP_NONE : verdict->gap;

	switch (gap) {
	case GAP_NONE:
		buf_printf(out, "0 of %zu processes run outdated code",
			   view->info->scanned);
		break;
	case GAP_UNREADABLE:
		add_unreadable(view, out);
		break;
	case GAP_HIDDEN:
		buf_printf(out,
			   "only %zu processes visible, 0 stale, "
			   "the rest is hidden (hidepid, ProtectProc)",
			   view->info->seen);
		break;
	case GAP_TIMEOUT:
		buf_printf(out, "timed out after %us", view->timeout);
		add_progress(view, out);
		break;
	case GAP_ERROR:
		buf_put(out, "the scan failed: ");
		headline_error(view, out);
		add_progress(view, out);
		break;
	}
	add_uncounted(verdict, out);
	/* Told to take it for OK, but never without a word. */
	if (gap != verdict->gap)
		add_gap(view, verdict, out);
}

int headline_render(const struct view *view, const struct verdict *verdict,
		    const struct groups *groups, struct buf *out)
{
	cleanup_buf struct buf line = BUF_INIT;
	int rc = 0;

	buf_printf(&line, "STALE %s - ", state_name(verdict->state));
	if (groups->ncounted > 0)
		rc = add_found(view, verdict, groups, &line);
	else
		add_nothing(view, verdict, &line);
	if (rc == 0)
		rc = line.error;
	if (rc < 0)
		return rc;
	buf_clip(&line, HEADLINE_MAX);
	buf_bytes(out, line.s, line.len);
	return out->error;
}
