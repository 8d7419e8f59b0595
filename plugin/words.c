/*
 * words.c - what is said of processes, by what was looked for.
 */
#include "words.h"

#define GLOB_MAX 24 /* bytes of somebody's pattern */

#define OPEN_FILES STALE_KIND_BIT(STALE_FD)
#define DATA       STALE_KIND_BIT(STALE_DATA)

const char *words_verb(const struct view *view, unsigned kinds)
{
	if (view->policy.is_using)
		return "uses";
	if (!(kinds & ~STALE_KIND_CODE))
		return "runs";
	if (kinds == OPEN_FILES)
		return "holds open";
	return kinds == DATA ? "maps" : "has";
}

static void add_globs(const char *const *globs, struct buf *out)
{
	size_t n = 0;

	while (globs && globs[n])
		n++;
	buf_put(out, "use ");
	if (n > 0)
		buf_printable_head(out, globs[0], BUF_NAGIOS, GLOB_MAX);
	if (n > 1)
		buf_printf(out, " and %zu more", n - 1);
}

void words_finding(const struct view *view, struct buf *out)
{
	unsigned kinds = view_kinds(view);

	if (view->policy.is_using)
		add_globs(view->using_globs, out);
	else if (kinds & STALE_KIND_CODE)
		buf_put(out, "run outdated code");
	else if (kinds == OPEN_FILES)
		buf_put(out, "hold deleted files open");
	else if (kinds == DATA)
		buf_put(out, "map deleted files");
	else
		buf_put(out, "hold deleted files");
}

const char *words_found(const struct view *view)
{
	return view->policy.is_using ? "users" : "stale";
}

void words_size(struct buf *out, int64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double size = (double)bytes;
	size_t unit = 0;

	/* What rounds to 1024 is one of the next unit. */
	while (size >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1024;
		unit++;
	}
	buf_printf(out, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}
