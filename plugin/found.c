/*
 * found.c - the first line's account of what was found.
 */
#include "found.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "duration.h"
#include "headline.h"
#include "words.h"

#define SUFFIX_MAX 80
#define NAMES_MAX  5  /* on the first line; -v shows more */
#define COMM_MAX   24 /* bytes, where the files of one program follow */
#define UNIT_MAX   40 /* the same, of one unit or container */
#define NAMES_MIN  24 /* bytes that are kept for names where they need as many */

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
		if (i == 0)
			buf_printable_head(&name, names[i], BUF_NAGIOS,
					   tail < room ? room - tail : room);
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

/* Age of the oldest that counts; -1: none is dated. */
static int64_t oldest_age(const struct view *view)
{
	int64_t oldest = -1;

	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		for (size_t k = 0; k < proc->nfiles; k++) {
			int64_t age = view_file_age(view, &proc->files[k]);

			if (age > oldest && view_file_counts(view, proc, &proc->files[k]))
				oldest = age;
		}
	}
	return oldest;
}

static void add_age(const struct view *view, struct buf *out)
{
	int64_t age = oldest_age(view);

	if (age < 0) {
		buf_put(out, ", age unknown");
		return;
	}
	buf_put(out, ", oldest ");
	duration_print(out, age);
}

/* Of those that use what was asked for. */
static void add_stale_users(const struct view *view, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < view->nprocs; i++)
		n += view_proc_counts(view, &view->procs[i]) &&
		     view_proc_is_stale(&view->procs[i]);
	buf_printf(out, ", %zu stale", n);
}

/* What deleted files keep from being free, where nothing else was looked for. */
static void add_bytes(const struct view *view, struct buf *out)
{
	if (view_kinds(view) & STALE_KIND_CODE || view->totals.fd_bytes <= 0)
		return;
	buf_put(out, ", ");
	words_size(out, view->totals.fd_bytes);
	buf_put(out, " on disk");
}

void found_reboot(const struct view *view, const struct verdict *verdict, struct buf *out)
{
	size_t n = view->totals.reboot;

	if (verdict->metric[METRIC_REBOOT] != STATE_OK)
		buf_printf(out, ", %zu need%s a reboot", n, n == 1 ? "s" : "");
}

/*
 * What is known of all that was found, as far as it fits into room, and what is missing:
 * the latter always.  The performance data has the numbers in any case.
 */
static int add_suffix(const struct view *view, const struct verdict *verdict, size_t room,
		      struct buf *out)
{
	cleanup_buf struct buf age = BUF_INIT, more = BUF_INIT, gap = BUF_INIT;

	if (view->policy.is_using)
		add_stale_users(view, &age);
	else
		add_age(view, &age);
	found_reboot(view, verdict, &more);
	add_bytes(view, &more);
	headline_gap(view, verdict, &gap);
	if (age.error || more.error || gap.error)
		return -ENOMEM;
	if (more.len > 0 && age.len + more.len + gap.len <= room)
		buf_bytes(out, more.s, more.len);
	if (age.len + gap.len <= room)
		buf_bytes(out, age.s, age.len);
	if (gap.len > 0)
		buf_bytes(out, gap.s, gap.len);
	if (out->error == 0)
		buf_clip(out, SUFFIX_MAX);
	return out->error;
}

static bool looks_for_code(const struct view *view)
{
	return !view->policy.is_using && view_kinds(view) & STALE_KIND_CODE;
}

/* "38 services, 2 programs (97 processes)" */
static void add_numbers(const struct groups *groups, struct buf *out)
{
	struct group_tally tallies[GROUP_CLASS_COUNT];
	size_t classes = 0, procs = 0, told = 0;

	for (int i = 0; i < GROUP_CLASS_COUNT; i++) {
		tallies[i] = groups_tally(groups, (enum group_class)i, true);
		classes += tallies[i].groups > 0;
		procs += tallies[i].procs;
	}
	for (int i = 0; i < GROUP_CLASS_COUNT && classes <= 2; i++) {
		size_t n = tallies[i].groups;

		if (n > 0)
			buf_printf(out, "%s%zu %s", told++ ? ", " : "", n,
				   group_noun((enum group_class)i, n));
	}
	if (classes > 2)
		buf_printf(out, "%zu groups", groups->ncounted);
	buf_printf(out, " (%zu processes)", procs);
}

/* Bytes that are kept for the names: no more than they need, with what parts them. */
static size_t min_names(const struct groups *groups)
{
	size_t need = strlen(": ");

	for (size_t i = 0; i < groups->ncounted && need < NAMES_MIN; i++)
		need += strlen(groups->list[i].name) + strlen(", ");
	return need < NAMES_MIN ? need : NAMES_MIN;
}

/* " use libssl*", where that leaves room for names.  Of code it goes without saying. */
static void add_finding(const struct view *view, const struct groups *groups, size_t room,
			struct buf *out)
{
	cleanup_buf struct buf what = BUF_INIT;

	if (looks_for_code(view))
		return;
	words_finding(view, &what);
	if (what.error)
		out->error = what.error;
	else if (what.len + min_names(groups) <= room)
		buf_printf(out, " %s", what.s);
}

static int add_groups(const struct view *view, const struct groups *groups, size_t room,
		      struct buf *out)
{
	cleanup_free const char **names = calloc(groups->ncounted, sizeof(*names));
	size_t before = out->len;

	if (!names)
		return out->error = -ENOMEM;
	for (size_t i = 0; i < groups->ncounted; i++)
		names[i] = groups->list[i].name;
	add_numbers(groups, out);
	if (out->len - before < room)
		add_finding(view, groups, room - (out->len - before), out);
	buf_put(out, ": ");
	if (out->len - before >= room)
		return out->error;
	return add_names(out, names, groups->ncounted, room - (out->len - before));
}

static int add_group(const struct view *view, const struct group *group, size_t room,
		     struct buf *out)
{
	struct group_summary summary;
	size_t before = out->len;
	int rc = group_summarize(group, view, &summary);

	if (rc < 0)
		return rc;
	buf_printable_head(out, group->name, BUF_NAGIOS,
			   group->class == GROUP_PROGRAM ? COMM_MAX : UNIT_MAX);
	buf_printf(out, " (%zu process%s)", group->nprocs,
		   group->nprocs == 1 ? "" : "es");
	if (looks_for_code(view))
		buf_put(out, ": ");
	else
		buf_printf(out, " %s ", words_verb(view, summary.kinds));
	rc = out->error;
	if (out->len - before < room)
		rc = add_names(out, summary.names, summary.nnames,
			       room - (out->len - before));
	group_summary_release(&summary);
	return rc;
}

/* Bytes that what stands before the suffix needs at the least. */
static size_t min_body(const struct groups *groups, struct buf *out)
{
	cleanup_buf struct buf numbers = BUF_INIT;

	if (groups->ncounted == 1)
		return UNIT_MAX;
	add_numbers(groups, &numbers);
	if (numbers.error)
		out->error = numbers.error;
	return numbers.len + min_names(groups) + strlen(" and 100 more");
}

int found_render(const struct view *view, const struct verdict *verdict,
		 const struct groups *groups, struct buf *out)
{
	cleanup_buf struct buf suffix = BUF_INIT;
	size_t room = HEADLINE_MAX - out->len;
	size_t body = min_body(groups, out);
	int rc = add_suffix(view, verdict, body < room ? room - body : 0, &suffix);

	if (rc < 0)
		return rc;
	room -= suffix.len;
	if (groups->ncounted == 1)
		rc = add_group(view, &groups->list[0], room, out);
	else
		rc = add_groups(view, groups, room, out);
	if (rc < 0)
		return rc;
	buf_clip(out, HEADLINE_MAX - suffix.len);
	buf_bytes(out, suffix.s, suffix.len);
	return out->error;
}
