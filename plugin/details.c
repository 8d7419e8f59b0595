/*
 * details.c - the lines after the first.
 *
 * Every name has a limit, so that one process with a path of 4,096 bytes cannot push the
 * others out of the output.
 */
#include "details.h"

#include <string.h>

#include "cleanup.h"
#include "duration.h"
#include "errname.h"
#include "headline.h"

#define LIST_ITEMS 10  /* names or pids on one line */
#define NAME_BYTES 64  /* bytes of a name */
#define PATH_BYTES 255 /* bytes of a path */
#define ARGS_BYTES 255 /* bytes of a command line */

/* Of n, LIST_ITEMS were printed, or as many as there were. */
static void add_more(struct buf *out, size_t n)
{
	if (n > LIST_ITEMS)
		buf_printf(out, " and %zu more", n - LIST_ITEMS);
}

static void add_pids(const struct view *view, const struct group *group, struct buf *out)
{
	buf_put(out, " (");
	for (size_t i = 0; i < group->nprocs && i < LIST_ITEMS; i++)
		buf_printf(out, "%s%d", i ? ", " : "",
			   (int)view->procs[group->procs[i]].pid);
	add_more(out, group->nprocs);
	buf_put(out, ")");
}

static void add_names(const struct group_summary *summary, struct buf *out)
{
	for (size_t i = 0; i < summary->nnames && i < LIST_ITEMS; i++) {
		buf_put(out, i ? ", " : "");
		buf_printable_head(out, summary->names[i], BUF_NAGIOS, NAME_BYTES);
	}
	add_more(out, summary->nnames);
}

static bool is_one_bit(unsigned bits)
{
	return (bits & (bits - 1)) == 0;
}

/* "replaced 1d 2h ago"; "deleted, replaced, oldest 1d 2h"; "replaced, age unknown". */
static void add_why(const struct group_summary *summary, struct buf *out)
{
	for (int why = 0; why < STALE_WHY_COUNT; why++) {
		if (summary->why & STALE_WHY_BIT(why))
			buf_printf(out, ", %s", stale_why_name((enum stale_why)why));
	}
	if (summary->age < 0) {
		buf_put(out, ", age unknown");
		return;
	}
	buf_put(out, is_one_bit(summary->why) ? " " : ", oldest ");
	duration_print(out, summary->age);
	buf_put(out, is_one_bit(summary->why) ? " ago" : "");
}

static int add_group(const struct view *view, const struct verdict *verdict,
		     const struct group *group, struct buf *out)
{
	enum state state = group->counted ? verdict->thresholds : STATE_OK;
	struct group_summary summary;
	int rc = group_summarize(group, view, &summary);

	if (rc < 0)
		return rc;
	buf_printf(out, "[%s] ", state_name(state));
	buf_printable_head(out, group->name, BUF_NAGIOS, NAME_BYTES);
	add_pids(view, group, out);
	buf_put(out, " runs ");
	add_names(&summary, out);
	add_why(&summary, out);
	buf_put(out, group->counted ? "\n" : " (not counted)\n");
	group_summary_release(&summary);
	return 0;
}

static void add_args(const struct stale_proc *proc, struct buf *out)
{
	cleanup_buf struct buf args = BUF_INIT;

	buf_bytes(&args, proc->cmdline, proc->cmdline_len);
	if (args.error) {
		out->error = args.error;
		return;
	}
	while (args.len > 0 && args.s[args.len - 1] == '\0')
		args.len--;
	for (size_t i = 0; i < args.len; i++) {
		if (args.s[i] == '\0')
			args.s[i] = ' ';
	}
	buf_put(out, ", runs as: ");
	buf_printable_head(out, args.s, BUF_NAGIOS, ARGS_BYTES);
}

static void add_file(const struct view *view, const struct stale_file *file,
		     struct buf *out)
{
	buf_put(out, "    ");
	buf_printable_tail(out, file->path, BUF_NAGIOS, PATH_BYTES);
	buf_printf(out, " (%s) %s", stale_kind_name(file->kind),
		   stale_why_name(file->why));
	if (file->since_source != STALE_SINCE_UNKNOWN) {
		buf_put(out, " since ");
		timestamp_print(out, file->since);
		buf_printf(out, " (%s)", stale_since_name(file->since_source));
	}
	if (file->successor) {
		buf_put(out, ", now ");
		buf_printable_tail(out, file->successor, BUF_NAGIOS, PATH_BYTES);
	}
	buf_put(out, view_file_counts(view, file) ? "\n" : " (not counted)\n");
}

static void add_process(const struct view *view, const struct stale_proc *proc,
			const struct details *details, struct buf *out)
{
	buf_printf(out, "  %d ", (int)proc->pid);
	buf_printable_head(out, proc->comm, BUF_NAGIOS, NAME_BYTES);
	buf_printf(out, " of user %u", (unsigned)proc->uid);
	if (proc->started) {
		buf_put(out, ", started ");
		timestamp_print(out, proc->started);
	}
	if (details->show_args && proc->cmdline)
		add_args(proc, out);
	buf_put(out, "\n");
	for (size_t i = 0; i < proc->nfiles; i++)
		add_file(view, &proc->files[i], out);
	if (proc->nfiles_left_out)
		buf_printf(out, "    and %zu more files\n", proc->nfiles_left_out);
}

/* How to get a complete answer, one sentence a line. */
static void add_advice(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	if (view->error || view->signal || info->error) {
		buf_put(out, "The scan failed: ");
		headline_error(view, out);
		buf_put(out, "\n");
	}
	if (!info->finished && info->at)
		buf_printf(out, "The scan was reading process %d when it ended.\n",
			   (int)info->at);
	if (info->hidden)
		buf_put(out, "This /proc hides processes: mount it without hidepid, or "
			     "run as root, or without ProtectProc.\n");
	if (info->denied && !view->privileged)
		buf_put(out, "To see the processes of all users run as root, or as root "
			     "once: setcap cap_sys_ptrace+ep check_stale\n");
}

static void add_unreadable(const struct view *view, struct buf *out)
{
	if (view->nunreadable == 0)
		return;
	buf_put(out, "Could not read: ");
	for (size_t i = 0; i < view->nunreadable && i < LIST_ITEMS; i++) {
		buf_printf(out, "%s%d (", i ? ", " : "", (int)view->unreadable[i].pid);
		errname_print(out, view->unreadable[i].error);
		buf_put(out, ")");
	}
	add_more(out, view->nunreadable);
	buf_put(out, "\n");
}

static void add_ignored(const struct view *view, struct buf *out)
{
	for (size_t i = 0; i < view->nignored; i++) {
		buf_printf(out, "ignored: %d ", (int)view->ignored[i].pid);
		buf_printable_tail(out, view->ignored[i].path, BUF_NAGIOS, PATH_BYTES);
		buf_put(out, " by ");
		buf_printable_head(out, view->ignored[i].rule, BUF_NAGIOS, NAME_BYTES);
		buf_put(out, "\n");
	}
}

static void add_scan(const struct view *view, struct buf *out)
{
	const struct stale_scan_info *info = view->info;

	buf_printf(out,
		   "scan: %zu listed, %zu kernel threads, %zu seen, %zu scanned, "
		   "%zu vanished, %zu denied, %zu failed\n",
		   info->listed, info->kernel_threads, info->seen, info->scanned,
		   info->vanished, info->denied, info->failed);
	buf_printf(out, "scan: %s, read by %s, %scap_sys_ptrace, %s\n",
		   info->finished ? "finished" : "not finished",
		   stale_method_name(info->method), view->privileged ? "" : "no ",
		   info->proc_fs ? "a live /proc" : "a captured tree");
}

int details_render(const struct view *view, const struct verdict *verdict,
		   const struct groups *groups, const struct details *details,
		   struct buf *out)
{
	int rc;

	/* First, because what is too long is cut at its end. */
	if (details->verbose >= 1) {
		add_advice(view, out);
		add_unreadable(view, out);
	}
	for (size_t i = 0; i < groups->n && details->verbose >= 1; i++) {
		const struct group *group = &groups->list[i];

		rc = add_group(view, verdict, group, out);
		if (rc < 0)
			return rc;
		for (size_t k = 0; k < group->nprocs && details->verbose >= 2; k++)
			add_process(view, &view->procs[group->procs[k]], details, out);
	}
	if (details->show_ignored)
		add_ignored(view, out);
	if (details->verbose >= 3)
		add_scan(view, out);
	return out->error;
}
