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
#include "notes.h"
#include "packages.h"
#include "words.h"

#define RUNS_SHOWN 5 /* distinct command names of one unit on one line */

void details_more(struct buf *out, size_t n)
{
	if (n > DETAILS_ITEMS)
		buf_printf(out, " and %zu more", n - DETAILS_ITEMS);
}

static const struct stale_proc *proc_of(const struct view *view,
					const struct group *group, size_t i)
{
	return &view->procs[group->procs[i]];
}

/* Position behind the processes that have the command name of number from. */
static size_t find_run_end(const struct view *view, const struct group *group,
			   size_t from)
{
	const char *comm = proc_of(view, group, from)->comm;
	size_t i = from + 1;

	while (i < group->nprocs && strcmp(proc_of(view, group, i)->comm, comm) == 0)
		i++;
	return i;
}

/* "sshd (812, 977)" */
static void add_run(const struct view *view, const struct group *group, size_t from,
		    size_t end, struct buf *out)
{
	buf_printable_head(out, proc_of(view, group, from)->comm, BUF_NAGIOS,
			   DETAILS_NAME_BYTES);
	buf_put(out, " (");
	for (size_t i = from; i < end && i < from + DETAILS_ITEMS; i++)
		buf_printf(out, "%s%d", i > from ? ", " : "",
			   (int)proc_of(view, group, i)->pid);
	details_more(out, end - from);
	buf_put(out, ")");
}

/* "ssh.service: sshd (812, 977), sftp-server (990)"; of no unit "sshd (812)". */
static void add_procs(const struct view *view, const struct group *group, struct buf *out)
{
	size_t runs = 0;

	if (group->title) {
		buf_printable_head(out, group->title, BUF_NAGIOS, DETAILS_NAME_BYTES);
		buf_put(out, ": ");
	}
	for (size_t from = 0, end; from < group->nprocs; from = end) {
		if (runs == RUNS_SHOWN) {
			buf_printf(out, " and %zu more processes", group->nprocs - from);
			break;
		}
		end = find_run_end(view, group, from);
		buf_put(out, runs++ ? ", " : "");
		add_run(view, group, from, end, out);
	}
}

static void add_names(const struct group_summary *summary, struct buf *out)
{
	for (size_t i = 0; i < summary->nnames && i < DETAILS_ITEMS; i++) {
		buf_put(out, i ? ", " : "");
		buf_printable_head(out, summary->names[i], BUF_NAGIOS,
				   DETAILS_NAME_BYTES);
	}
	details_more(out, summary->nnames);
}

static bool is_one_bit(unsigned bits)
{
	return (bits & (bits - 1)) == 0;
}

/* "replaced 1d 2h ago"; "deleted, replaced, oldest 1d 2h"; "replaced, age unknown". */
static void add_why(const struct view *view, const struct group_summary *summary,
		    struct buf *out)
{
	for (int why = 0; why < STALE_WHY_COUNT; why++) {
		if (summary->why & STALE_WHY_BIT(why))
			buf_printf(out, ", %s", stale_why_name((enum stale_why)why));
	}
	if (summary->age >= 0) {
		buf_put(out, is_one_bit(summary->why) ? " " : ", oldest ");
		duration_print(out, summary->age);
		buf_put(out, is_one_bit(summary->why) ? " ago" : "");
	} else if (!view->policy.is_using) {
		buf_put(out, ", age unknown");
	}
	if (summary->bytes > 0) {
		buf_put(out, ", ");
		words_size(out, summary->bytes);
		buf_put(out, " on disk");
	}
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
	add_procs(view, group, out);
	buf_printf(out, " %s ", words_verb(view, summary.kinds));
	add_names(&summary, out);
	add_why(view, &summary, out);
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
	buf_printable_head(out, args.s, BUF_NAGIOS, DETAILS_PATH_BYTES);
}

static void add_build_id(const struct stale_file *file, struct buf *out)
{
	if (file->build_id)
		buf_put(out, ", build-id ");
	for (size_t i = 0; i < file->build_id_len; i++)
		buf_printf(out, "%02x", file->build_id[i]);
}

static void add_package(const struct view *view, const struct stale_proc *proc,
			const struct stale_file *file, struct buf *out)
{
	const struct package *package = view_package(view, proc, file);

	if (!package)
		return;
	buf_put(out, ", package ");
	buf_printable_head(out, package->name, BUF_NAGIOS, DETAILS_NAME_BYTES);
	buf_put(out, " ");
	buf_printable_head(out, package->version, BUF_NAGIOS, DETAILS_NAME_BYTES);
}

/* What is known of a file, each behind a comma. */
static void add_facts(const struct view *view, const struct stale_proc *proc,
		      const struct stale_file *file, struct buf *out)
{
	if (file->since_source != STALE_SINCE_UNKNOWN) {
		buf_put(out, " since ");
		timestamp_print(out, file->since);
		buf_printf(out, " (%s)", stale_since_name(file->since_source));
	}
	if (file->successor) {
		buf_put(out, ", now ");
		buf_printable_tail(out, file->successor, BUF_NAGIOS, DETAILS_PATH_BYTES);
	}
	if (file->bytes > 0) {
		buf_put(out, ", ");
		words_size(out, file->bytes);
		buf_put(out, " on disk");
	}
	if (view->policy.is_using)
		add_build_id(file, out);
	add_package(view, proc, file, out);
}

static void add_file(const struct view *view, const struct stale_proc *proc,
		     const struct stale_file *file, struct buf *out)
{
	buf_put(out, "    ");
	buf_printable_tail(out, file->path, BUF_NAGIOS, DETAILS_PATH_BYTES);
	buf_printf(out, " (%s", stale_kind_name(file->kind));
	if (file->fd >= 0)
		buf_printf(out, " %d", file->fd);
	buf_printf(out, ") %s", stale_why_name(file->why));
	add_facts(view, proc, file, out);
	buf_put(out, view_file_counts(view, proc, file) ? "\n" : " (not counted)\n");
}

static void add_user(const struct view *view, const struct stale_proc *proc,
		     struct buf *out)
{
	const char *name = view_user_name(view, proc->uid);

	buf_put(out, " of user ");
	if (name)
		buf_printable_head(out, name, BUF_NAGIOS, DETAILS_NAME_BYTES);
	else
		buf_printf(out, "%u", (unsigned)proc->uid);
}

static void add_process(const struct view *view, const struct stale_proc *proc,
			const struct details *details, struct buf *out)
{
	buf_printf(out, "  %d ", (int)proc->pid);
	buf_printable_head(out, proc->comm, BUF_NAGIOS, DETAILS_NAME_BYTES);
	add_user(view, proc, out);
	if (proc->started) {
		buf_put(out, ", started ");
		timestamp_print(out, proc->started);
	}
	if (proc->is_leftover)
		buf_put(out, ", left over");
	if (view_proc_is_stale(proc))
		buf_printf(out, ", advice: %s", stale_advice_name(proc->advice));
	if (details->show_args && proc->cmdline)
		add_args(proc, out);
	buf_put(out, "\n");
	for (size_t i = 0; i < proc->nfiles; i++)
		add_file(view, proc, &proc->files[i], out);
	if (proc->nfiles_left_out)
		buf_printf(out, "    and %zu more files\n", proc->nfiles_left_out);
}

int details_render(const struct view *view, const struct verdict *verdict,
		   const struct groups *groups, const struct details *details,
		   struct buf *out)
{
	int rc;

	/* First, because what is too long is cut at its end. */
	if (details->verbose >= 1) {
		notes_gaps(view, out);
		notes_deleted(view, out);
	}
	for (size_t i = 0; i < groups->n && details->verbose >= 1; i++) {
		const struct group *group = &groups->list[i];

		rc = add_group(view, verdict, group, out);
		if (rc < 0)
			return rc;
		for (size_t k = 0; k < group->nprocs && details->verbose >= 2; k++)
			add_process(view, proc_of(view, group, k), details, out);
	}
	if (details->show_ignored)
		notes_ignored(view, details, out);
	if (details->verbose >= 3)
		notes_scan(view, out);
	return out->error;
}
