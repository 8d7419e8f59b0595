/*
 * json.c - all of a report as one JSON object on one line, made with jansson.
 *
 * Keys never change their meaning; check_stale.8 tells each.
 */
#include "json.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "cleanup.h"
#include "duration.h"
#include "errname.h"
#include "packages.h"

/* Doubles hold this many digits for sure; seconds and large inode numbers are such. */
#define REAL_DIGITS 15

/* What is made, and whether anything of it failed: then it was for lack of memory. */
struct maker {
	const struct view *view;
	const struct verdict *verdict;
	const struct json *json;
	bool failed;
};

/* Gives value away; a NULL one is a failure. */
static void put(struct maker *m, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) < 0)
		m->failed = true;
}

static void append(struct maker *m, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		m->failed = true;
}

/* jansson's integers have a sign: what does not fit loses its last digits. */
static json_t *number(uint64_t value)
{
	return value <= INT64_MAX ? json_integer((json_int_t)value)
				  : json_real((double)value);
}

/* NULL is null. */
static json_t *string(const char *s)
{
	cleanup_buf struct buf printable = BUF_INIT;

	if (!s)
		return json_null();
	buf_printable(&printable, s, BUF_PRINTABLE);
	if (printable.error)
		return NULL;
	return json_string_nocheck(printable.s ? printable.s : "");
}

/* Unknown is null. */
static json_t *timestamp(bool is_known, int64_t time)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (!is_known)
		return json_null();
	timestamp_print(&text, time);
	return text.error ? NULL : json_string_nocheck(text.s);
}

/* Below zero is null: not known. */
static json_t *known(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *make_scan(struct maker *m)
{
	const struct stale_scan_info *info = m->view->info;
	json_t *scan = json_object();
	const int64_t ms = m->view->elapsed_us / 1000;

	put(m, scan, "seconds", json_real((double)ms / 1000));
	put(m, scan, "complete", json_boolean(m->verdict->gap == GAP_NONE));
	put(m, scan, "hidden", json_boolean(info->hidden));
	put(m, scan, "timed_out", json_boolean(m->view->timed_out));
	put(m, scan, "method", string(stale_method_name(info->method)));
	put(m, scan, "seen", number(info->seen));
	put(m, scan, "scanned", number(info->scanned));
	put(m, scan, "kernel_threads", number(info->kernel_threads));
	put(m, scan, "vanished", number(info->vanished));
	put(m, scan, "denied", number(info->denied));
	put(m, scan, "failed", number(info->failed));
	put(m, scan, "privileged", json_boolean(m->view->privileged));
	return scan;
}

static json_t *make_totals(struct maker *m)
{
	json_t *totals = json_object();
	const struct stale_totals *all = &m->view->totals;

	put(m, totals, "processes", number(all->processes));
	put(m, totals, "services", number(all->services));
	put(m, totals, "containers", number(all->containers));
	put(m, totals, "sessions", number(all->sessions));
	put(m, totals, "files", number(all->files));
	put(m, totals, "age_seconds", known(m->verdict->age));
	put(m, totals, "reboot", number(all->reboot));
	put(m, totals, "ignored", number(m->view->nignored));
	put(m, totals, "unreadable", number(verdict_unreadable(m->view)));
	put(m, totals, "data_files", number(all->data_files));
	put(m, totals, "fd_files", number(all->fd_files));
	put(m, totals, "fd_bytes", number((uint64_t)all->fd_bytes));
	return totals;
}

static json_t *make_build_id(const struct stale_file *file)
{
	cleanup_buf struct buf hex = BUF_INIT;

	if (!file->build_id)
		return json_null();
	for (size_t i = 0; i < file->build_id_len; i++)
		buf_printf(&hex, "%02x", file->build_id[i]);
	return hex.error ? NULL : json_string_nocheck(hex.s);
}

/* NULL is null. */
static json_t *make_package(struct maker *m, const struct package *package)
{
	json_t *object;

	if (!package)
		return json_null();
	object = json_object();
	put(m, object, "name", string(package->name));
	put(m, object, "version", string(package->version));
	return object;
}

static json_t *make_file(struct maker *m, const struct stale_proc *proc,
			 const struct stale_file *file)
{
	const bool is_dated = file->since_source != STALE_SINCE_UNKNOWN;
	json_t *object = json_object();

	put(m, object, "path", string(file->path));
	put(m, object, "kind", string(stale_kind_name(file->kind)));
	put(m, object, "why", string(stale_why_name(file->why)));
	put(m, object, "counted", json_boolean(view_file_counts(m->view, proc, file)));
	put(m, object, "since", timestamp(is_dated, file->since));
	put(m, object, "since_source", string(stale_since_name(file->since_source)));
	put(m, object, "age_seconds", known(view_file_age(m->view, file)));
	put(m, object, "inode", number(file->inode));
	put(m, object, "successor", string(file->successor));
	put(m, object, "build_id", make_build_id(file));
	put(m, object, "package", make_package(m, view_package(m->view, proc, file)));
	put(m, object, "fd", known(file->fd));
	put(m, object, "bytes", known(file->bytes));
	return object;
}

/* Arguments, each ended by NUL; the last may have lost its NUL to the limit. */
static json_t *make_args(struct maker *m, const struct stale_proc *proc)
{
	cleanup_buf struct buf args = BUF_INIT;
	json_t *array = json_array();

	buf_bytes(&args, proc->cmdline ? proc->cmdline : "", proc->cmdline_len);
	if (args.error)
		m->failed = true;
	for (size_t at = 0; !args.error && at < args.len; at += strlen(args.s + at) + 1)
		append(m, array, string(args.s + at));
	return array;
}

/* Outside of containers null. */
static json_t *make_container(struct maker *m, const struct stale_proc *proc)
{
	json_t *object;

	if (!proc->container)
		return json_null();
	object = json_object();
	put(m, object, "runtime", string(proc->runtime));
	put(m, object, "id", string(proc->container));
	return object;
}

/* Whose it is, and what renews it. */
static void put_owner(struct maker *m, json_t *object, const struct stale_proc *proc)
{
	put(m, object, "uid", number(proc->uid));
	put(m, object, "user", string(view_user_name(m->view, proc->uid)));
	put(m, object, "scope", string(stale_scope_name(proc->scope)));
	put(m, object, "unit", string(proc->unit));
	put(m, object, "leftover", json_boolean(proc->is_leftover));
	put(m, object, "container", make_container(m, proc));
	put(m, object, "advice", string(stale_advice_name(proc->advice)));
}

static json_t *make_proc(struct maker *m, const struct stale_proc *proc)
{
	json_t *object = json_object();
	json_t *files = json_array();

	put(m, object, "pid", number((uint64_t)proc->pid));
	put(m, object, "ppid", number((uint64_t)proc->ppid));
	put(m, object, "start_ticks", number(proc->start_ticks));
	put(m, object, "started", timestamp(proc->started != 0, proc->started));
	put(m, object, "comm", string(proc->comm));
	put(m, object, "exe", string(proc->exe));
	put_owner(m, object, proc);
	put(m, object, "counted", json_boolean(view_proc_counts(m->view, proc)));
	if (m->json->show_args)
		put(m, object, "cmdline", make_args(m, proc));
	for (size_t i = 0; i < proc->nfiles; i++)
		append(m, files, make_file(m, proc, &proc->files[i]));
	put(m, object, "files", files);
	return object;
}

static json_t *make_ignored(struct maker *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->view->nignored; i++) {
		const struct stale_ignored *ignored = &m->view->ignored[i];
		json_t *object = json_object();

		put(m, object, "pid", number((uint64_t)ignored->pid));
		put(m, object, "path", string(ignored->path));
		put(m, object, "rule", string(ignored->rule));
		append(m, array, object);
	}
	return array;
}

static json_t *make_unreadable(struct maker *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->view->nunreadable; i++) {
		const struct stale_unreadable *unreadable = &m->view->unreadable[i];
		cleanup_buf struct buf name = BUF_INIT;
		json_t *object = json_object();

		errname_print(&name, unreadable->error);
		put(m, object, "pid", number((uint64_t)unreadable->pid));
		put(m, object, "error", name.error ? NULL : string(name.s));
		append(m, array, object);
	}
	return array;
}

static json_t *make_report(struct maker *m)
{
	json_t *report = json_object();
	json_t *procs = json_array();

	for (size_t i = 0; i < m->view->nprocs; i++)
		append(m, procs, make_proc(m, &m->view->procs[i]));
	put(m, report, "schema", json_integer(1));
	put(m, report, "time", timestamp(true, m->view->now));
	put(m, report, "state", string(state_name(m->verdict->state)));
	put(m, report, "scan", make_scan(m));
	put(m, report, "totals", make_totals(m));
	put(m, report, "processes", procs);
	if (m->json->show_ignored)
		put(m, report, "ignored", make_ignored(m));
	put(m, report, "unreadable", make_unreadable(m));
	return report;
}

static int take_bytes(const char *bytes, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_bytes(out, bytes, len);
	return out->error;
}

int json_render(const struct view *view, const struct verdict *verdict,
		const struct json *json, struct buf *out)
{
	struct maker m = {.view = view, .verdict = verdict, .json = json};
	json_t *report = make_report(&m);

	if (m.failed ||
	    json_dump_callback(report, take_bytes, out,
			       JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS)))
		out->error = -ENOMEM;
	json_decref(report);
	buf_put(out, "\n");
	return out->error;
}
