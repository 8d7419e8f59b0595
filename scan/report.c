/*
 * report.c - from findings to a report: one block with an array of processes, one of
 * files, one of ignored ones, and their strings.
 *
 * Reads nothing but the findings, and decides nothing about them.
 */
#include "report.h"

#include <string.h>

#include "uses.h"
#include "util.h"

struct stale_report {
	struct stale_scan_info info;
	struct stale_proc *procs;
	size_t nprocs;
	struct stale_file *files;
	size_t nfiles;
	struct stale_ignored *ignored;
	size_t nignored;
	struct stale_unreadable *unreadable;
	size_t nunreadable;
	char *strings;
	size_t strings_used;
};

/* The strings of one file, which all processes that use it share. */
struct strings {
	const struct found_file *of;
	const char *path; /* in the report, as all below; NULL: not copied yet */
	const char *successor;
	const uint8_t *build_id;
};

struct freezer {
	struct uses uses;        /* owned */
	struct strings *strings; /* owned; by address of the file, each once */
	size_t nstrings;
	struct stale_report *report; /* borrowed */
};

static void freezer_release(struct freezer *f)
{
	uses_release(&f->uses);
	free(f->strings);
}

void stale_report_free(struct stale_report *report)
{
	free(report);
}

static size_t string_size(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static int compare_addresses(const void *x, const void *y)
{
	const struct strings *a = x;
	const struct strings *b = y;

	return (a->of > b->of) - (a->of < b->of);
}

/* Lists the files, each once.  Returns 0 or -ENOMEM. */
static int collect_strings(struct freezer *f)
{
	size_t n = 0;

	f->strings = calloc(f->uses.n + 1, sizeof(*f->strings));
	if (!f->strings)
		return -ENOMEM;
	for (size_t i = 0; i < f->uses.n; i++)
		if (!f->uses.list[i].is_dropped)
			f->strings[n++].of = f->uses.list[i].file;
	qsort(f->strings, n, sizeof(*f->strings), compare_addresses);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || f->strings[i].of != f->strings[f->nstrings - 1].of)
			f->strings[f->nstrings++] = f->strings[i];
	return 0;
}

static size_t size_of_strings(const struct freezer *f)
{
	size_t size = 0;

	for (size_t i = 0; i < f->nstrings; i++)
		size += string_size(f->strings[i].of->path) +
			string_size(f->strings[i].of->successor) +
			f->strings[i].of->build_id_len;
	return size;
}

struct sizes {
	size_t procs, files, ignored, unreadable, strings;
};

static void add_proc_strings(struct sizes *n, const struct found_proc *p)
{
	n->strings += string_size(p->comm) + string_size(p->exe) + p->cmdline_len +
		      string_size(p->unit) + string_size(p->container);
}

static struct sizes measure(const struct freezer *f, const struct found_error *errors)
{
	const struct found_proc *last = NULL;
	struct sizes n = {.strings = size_of_strings(f)};

	for (size_t i = 0; i < f->uses.n; i++) {
		const struct use *u = &f->uses.list[i];

		if (u->is_dropped)
			continue;
		if (u->rule) {
			n.strings += string_size(u->rule);
			n.ignored++;
			continue;
		}
		n.files++;
		if (u->proc != last) {
			add_proc_strings(&n, u->proc);
			n.procs++;
			last = u->proc;
		}
	}
	for (; errors; errors = errors->next)
		n.unreadable++;
	return n;
}

/* Takes n elements of the given size off the memory at *at. */
static void *carve(char **at, size_t n, size_t size)
{
	void *array = *at;

	*at += n * size;
	return array;
}

/* One block for all: structures first, which are aligned alike, then strings. */
static struct stale_report *report_new(const struct sizes *n)
{
	struct stale_report *r =
		calloc(1, sizeof(*r) + n->procs * sizeof(*r->procs) +
				  n->files * sizeof(*r->files) +
				  n->ignored * sizeof(*r->ignored) +
				  n->unreadable * sizeof(*r->unreadable) + n->strings);
	char *at;

	if (!r)
		return NULL;
	at = (char *)(r + 1);
	r->procs = carve(&at, n->procs, sizeof(*r->procs));
	r->files = carve(&at, n->files, sizeof(*r->files));
	r->ignored = carve(&at, n->ignored, sizeof(*r->ignored));
	r->unreadable = carve(&at, n->unreadable, sizeof(*r->unreadable));
	r->strings = at;
	return r;
}

/* measure() has made room for all of them. */
static char *put_bytes(struct stale_report *r, const void *bytes, size_t len)
{
	char *copy = r->strings + r->strings_used;

	if (!bytes)
		return NULL;
	memcpy(copy, bytes, len);
	r->strings_used += len;
	return copy;
}

static char *put_string(struct stale_report *r, const char *s)
{
	return put_bytes(r, s, string_size(s));
}

/* Every file of a use that is told is in the list. */
static struct strings *find_strings(const struct freezer *f,
				    const struct found_file *file)
{
	size_t low = 0;
	size_t high = f->nstrings;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (f->strings[middle].of > file)
			high = middle;
		else
			low = middle;
	}
	return &f->strings[low];
}

static const struct strings *put_strings(const struct freezer *f,
					 const struct found_file *file)
{
	struct strings *found = find_strings(f, file);

	if (!found->path) {
		found->path = put_string(f->report, file->path);
		found->successor = put_string(f->report, file->successor);
		found->build_id = (const uint8_t *)put_bytes(
			f->report, file->build_id_len ? file->build_id : NULL,
			file->build_id_len);
	}
	return found;
}

static void put_file(const struct freezer *f, const struct use *u)
{
	struct stale_report *r = f->report;
	const struct found_file *found = u->file;
	const struct strings *strings = put_strings(f, found);

	r->files[r->nfiles++] = (struct stale_file){
		.path = strings->path,
		.successor = strings->successor,
		.build_id = strings->build_id,
		.build_id_len = found->build_id_len,
		.device = found->device,
		.inode = found->inode,
		.since = found->since,
		.bytes = found->bytes,
		.fd = u->fd,
		.since_source = found->since_source,
		.id = u->id,
		.kind = found->kind,
		.why = found->why,
	};
}

static void put_proc(const struct freezer *f, const struct found_proc *found)
{
	struct stale_report *r = f->report;

	r->procs[r->nprocs++] = (struct stale_proc){
		.files = r->files + r->nfiles,
		.nfiles_left_out = found->nfiles_left_out,
		.comm = put_string(r, found->comm),
		.exe = put_string(r, found->exe),
		.cmdline = put_bytes(r, found->cmdline, found->cmdline_len),
		.cmdline_len = found->cmdline_len,
		.start_ticks = found->start_ticks,
		.started = uses_start_ns(&f->uses, found) / 1000000000,
		.pid = found->pid,
		.ppid = found->ppid,
		.uid = found->uid,
		.scope = found->scope,
		.unit = put_string(r, found->unit),
		.runtime = found->runtime,
		.container = put_string(r, found->container),
		.owner = found->owner,
		.is_leftover = found->is_leftover,
		.advice = found->advice,
	};
}

static void put_uses(const struct freezer *f)
{
	struct stale_report *r = f->report;
	const struct found_proc *last = NULL;

	for (size_t i = 0; i < f->uses.n; i++) {
		const struct use *u = &f->uses.list[i];

		if (u->is_dropped)
			continue;
		if (u->rule) {
			r->ignored[r->nignored++] = (struct stale_ignored){
				.path = put_strings(f, u->file)->path,
				.rule = put_string(r, u->rule),
				.pid = u->proc->pid,
			};
			continue;
		}
		if (u->proc != last)
			put_proc(f, u->proc);
		last = u->proc;
		put_file(f, u);
		r->procs[r->nprocs - 1].nfiles++;
	}
}

static int compare_unreadable(const void *x, const void *y)
{
	const struct stale_unreadable *a = x;
	const struct stale_unreadable *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static void put_errors(struct stale_report *r, const struct found_error *errors)
{
	for (; errors; errors = errors->next)
		r->unreadable[r->nunreadable++] =
			(struct stale_unreadable){errors->pid, errors->error};
	qsort(r->unreadable, r->nunreadable, sizeof(*r->unreadable), compare_unreadable);
}

static struct stale_scan_info read_info(const struct findings *found)
{
	struct stale_scan_info info = {
		.listed = atomic_load(&found->listed),
		.scanned = atomic_load(&found->scanned),
		.vanished = atomic_load(&found->vanished),
		.denied = atomic_load(&found->denied),
		.failed = atomic_load(&found->failed),
		.kernel_threads = atomic_load(&found->kernel_threads),
		.unselected = atomic_load(&found->unselected),
		.method = (enum stale_method)atomic_load(&found->method),
		.proc_fs = atomic_load(&found->proc_fs),
		.hidden = atomic_load(&found->hidden),
		.finished = atomic_load(&found->finished),
		.at = atomic_load(&found->at),
		.error = atomic_load(&found->error),
	};
	info.seen = info.scanned + info.vanished + info.denied + info.failed;
	return info;
}

int report_freeze(const struct findings *findings, const struct stale_options *opt,
		  struct stale_report **ret_report)
{
	/* First of all: what says that the scan is over must not be younger than the lists. */
	const struct stale_scan_info info = read_info(findings);
	const struct found_error *errors = atomic_load(&findings->errors);
	__attribute__((cleanup(freezer_release))) struct freezer f = {0};
	struct sizes sizes;
	int rc = uses_collect(findings, opt, &f.uses);

	if (rc < 0)
		return rc;
	rc = collect_strings(&f);
	if (rc < 0)
		return rc;
	sizes = measure(&f, errors);
	f.report = report_new(&sizes);
	if (!f.report)
		return -ENOMEM;
	put_uses(&f);
	put_errors(f.report, errors);
	f.report->info = info;
	*ret_report = f.report;
	return 0;
}

const struct stale_scan_info *stale_report_info(const struct stale_report *report)
{
	return &report->info;
}

const struct stale_proc *stale_report_procs(const struct stale_report *report,
					    size_t *ret_n)
{
	*ret_n = report->nprocs;
	return report->nprocs ? report->procs : NULL;
}

const struct stale_ignored *stale_report_ignored(const struct stale_report *report,
						 size_t *ret_n)
{
	*ret_n = report->nignored;
	return report->nignored ? report->ignored : NULL;
}

const struct stale_unreadable *stale_report_unreadable(const struct stale_report *report,
						       size_t *ret_n)
{
	*ret_n = report->nunreadable;
	return report->nunreadable ? report->unreadable : NULL;
}
