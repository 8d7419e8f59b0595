/*
 * nagios.c - first line, performance data, details, and the limit of it all.
 *
 * All performance data is on the first line, with single spaces: Nagios, Icinga and NRPE
 * agree about nothing else, and what cuts long output cuts its end.
 */
#include "nagios.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "headline.h"

static void add_thresholds(const struct nagios *nagios, enum metric metric,
			   struct buf *out)
{
	buf_put(out, ";");
	range_print(out, &nagios->limits->warning[metric]);
	buf_put(out, ";");
	range_print(out, &nagios->limits->critical[metric]);
	buf_put(out, metric == METRIC_REBOOT ? ";0" : ";0 ");
}

static void add_value(const struct verdict *verdict, enum metric metric, double value,
		      struct buf *out)
{
	if (metric == METRIC_AGE && verdict->age < 0)
		buf_put(out, "age=U");
	else
		buf_printf(out, "%s=%.0f%s", metric_name(metric), value,
			   metric == METRIC_AGE ? "s" : "");
}

static void add_scan(const struct view *view, struct buf *out)
{
	buf_printf(out, "unreadable=%zu;;;0 scanned=%zu;;;0 ignored=%zu;;;0 ",
		   verdict_unreadable(view), view->info->scanned, view->nignored);
	buf_printf(out, "scan_time=%lld.%03llds;;;0 ",
		   (long long)view->elapsed_us / 1000000,
		   (long long)view->elapsed_us / 1000 % 1000);
}

/* The same labels in the same order, whatever happened: graphs depend on it.  The last
 * metric came after the figures of the scan, and stays there. */
static void add_perfdata(const struct view *view, const struct verdict *verdict,
			 const struct nagios *nagios, struct buf *out)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		enum metric metric = (enum metric)i;

		if (metric == METRIC_REBOOT)
			add_scan(view, out);
		add_value(verdict, metric, verdict_value(view, verdict, metric), out);
		add_thresholds(nagios, metric, out);
	}
}

static size_t count_lines(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	return n;
}

/* Adds as many whole lines as fit into room. */
static void add_lines(const struct buf *lines, size_t room, struct buf *out)
{
	/* "... and N more": no number to come is longer than that of all lines. */
	const size_t more = (size_t)snprintf(NULL, 0, "... and %zu more\n",
					     count_lines(lines->s, lines->len));
	size_t len = 0, next;

	if (lines->len <= room) {
		buf_bytes(out, lines->s, lines->len);
		return;
	}
	if (room < more)
		return;
	for (;;) {
		next = (size_t)((char *)memchr(lines->s + len, '\n', lines->len - len) -
				lines->s) +
		       1;
		if (next > room - more)
			break;
		len = next;
	}
	buf_bytes(out, lines->s, len);
	buf_printf(out, "... and %zu more\n",
		   count_lines(lines->s + len, lines->len - len));
}

int nagios_render(const struct view *view, const struct verdict *verdict,
		  const struct nagios *nagios, struct buf *out)
{
	cleanup_groups struct groups groups = GROUPS_INIT;
	cleanup_buf struct buf lines = BUF_INIT;
	size_t before = out->len, used;
	struct view told = *view;
	int rc;

	told.policy.scopes = verdict_scopes(view, verdict);
	rc = groups_make(&told, &groups);
	if (rc == 0)
		rc = headline_render(&told, verdict, &groups, out);
	if (rc == 0)
		rc = details_render(&told, verdict, &groups, &nagios->details, &lines);
	if (rc < 0)
		return rc;
	buf_put(out, " | ");
	add_perfdata(view, verdict, nagios, out);
	buf_put(out, "\n");
	used = out->len - before;
	if (lines.len > 0 && used < nagios->max_output)
		add_lines(&lines, nagios->max_output - used, out);
	return out->error;
}
