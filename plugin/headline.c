/*
 * headline.c - the first line; of what was found see found.c.
 */
#include "headline.h"

#include <string.h>

#include "found.h"
#include "words.h"

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

void headline_gap(const struct view *view, const struct verdict *verdict, struct buf *out)
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

static void add_progress(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	buf_printf(out, ": %zu of %zu processes scanned, 0 %s so far", info->scanned,
		   info->listed - info->kernel_threads, words_found(view));
}

static void add_unreadable(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;
	size_t all = info->seen - info->vanished;

	if (view->privileged || info->denied == 0)
		buf_printf(out, "%zu of %zu processes unreadable, 0 %s (see -v)",
			   verdict_unreadable(view), all, words_found(view));
	else
		buf_printf(out,
			   "only %zu of %zu processes readable, 0 %s, "
			   "needs root or cap_sys_ptrace (see -v)",
			   info->scanned, all, words_found(view));
}

/* "4 in 2 sessions, 1 other"; of programs only: "4". */
static void add_tallies(const struct groups *groups, size_t nprocs, struct buf *out)
{
	size_t other = nprocs;

	for (int i = 0; i < GROUP_PROGRAM; i++) {
		enum group_class class = (enum group_class)i;
		struct group_tally tally = groups_tally(groups, class, false);

		if (tally.groups == 0)
			continue;
		buf_printf(out, "%s%zu in %zu %s", other < nprocs ? ", " : "",
			   tally.procs, tally.groups, group_noun(class, tally.groups));
		other -= tally.procs;
	}
	if (other == nprocs)
		buf_printf(out, "%zu", nprocs);
	else if (other > 0)
		buf_printf(out, ", %zu other%s", other, other == 1 ? "" : "s");
}

/* As much of it as there is room for. */
static void add_uncounted(const struct groups *groups, struct buf *out)
{
	static const char before[] = " (not counted: ", after[] = ")";
	const size_t frame = sizeof(before) + sizeof(after) - 2;
	cleanup_buf struct buf what = BUF_INIT;
	size_t nprocs = 0;

	for (size_t i = 0; i < groups->n; i++)
		nprocs += groups->list[i].counted ? 0 : groups->list[i].nprocs;
	if (nprocs == 0)
		return;
	add_tallies(groups, nprocs, &what);
	if (out->len + what.len + frame > HEADLINE_MAX) {
		what.len = 0;
		buf_printf(&what, "%zu", nprocs);
	}
	if (what.error)
		out->error = what.error;
	else if (out->len + what.len + frame <= HEADLINE_MAX)
		buf_printf(out, "%s%s%s", before, what.s, after);
}

static void add_none(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	if (info->seen == 0 && info->unselected > 0) {
		buf_printf(out, "none of %zu processes is selected", info->unselected);
		return;
	}
	buf_printf(out, "0 of %zu processes ", info->scanned);
	words_finding(view, out);
}

/* Nothing that counts was found: then how far that is to be trusted. */
static void add_nothing(const struct view *view, const struct verdict *verdict,
			const struct groups *groups, struct buf *out)
{
	enum gap gap = verdict->state == STATE_OK ? GAP_NONE : verdict->gap;

	switch (gap) {
	case GAP_NONE:
		add_none(view, out);
		break;
	case GAP_UNREADABLE:
		add_unreadable(view, out);
		break;
	case GAP_HIDDEN:
		buf_printf(out,
			   "only %zu processes visible, 0 %s, "
			   "the rest is hidden (hidepid, ProtectProc)",
			   view->info->seen, words_found(view));
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
	found_reboot(view, verdict, out);
	add_uncounted(groups, out);
	/* Told to take it for OK, but never without a word. */
	if (gap != verdict->gap)
		headline_gap(view, verdict, out);
}

int headline_render(const struct view *view, const struct verdict *verdict,
		    const struct groups *groups, struct buf *out)
{
	cleanup_buf struct buf line = BUF_INIT;
	int rc = 0;

	buf_printf(&line, "STALE %s - ", state_name(verdict->state));
	if (groups->ncounted > 0)
		rc = found_render(view, verdict, groups, &line);
	else
		add_nothing(view, verdict, groups, &line);
	if (rc == 0)
		rc = line.error;
	if (rc < 0)
		return rc;
	buf_clip(&line, HEADLINE_MAX);
	buf_bytes(out, line.s, line.len);
	return out->error;
}
