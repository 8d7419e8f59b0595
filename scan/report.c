/*
 * report.c - from findings to a report: one block with an array of processes, one of
 * files, one of ignored ones, and their strings.
 *
 * Which process mapped a file first is known only now, so that the ignore rules are
 * applied here.  Reads nothing but the findings.
 */
#include "report.h"

#include <string.h>

#include "rules.h"
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

/* One file of one process. */
struct use {
	const struct found_proc *proc;
	const struct found_file *file;
	const char *rule; /* ignored by it; NULL: not ignored */
	int fd;
	uint32_t id;
	bool is_dropped; /* the caller does not want to hear of it, or it is told already */
};

/* The strings of one file, which all processes that use it share. */
struct strings {
	const struct found_file *of;
	const char *path; /* in the report, as all below; NULL: not copied yet */
	const char *successor;
	const uint8_t *build_id;
};

struct freezer {
	const struct stale_options *opt;
	const struct findings *findings;
	int64_t boot_ns;
	int64_t boot_slack_ns;
	struct use *uses; /* owned */
	size_t nuses;
	struct strings *strings; /* owned; by address of the file, each once */
	size_t nstrings;
	uint32_t nids;
	struct stale_report *report; /* borrowed */
};

static void freezer_release(struct freezer *f)
{
	free(f->uses);
	free(f->strings);
}

void stale_report_free(struct stale_report *report)
{
	free(report);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Files without an inode number, of captured trees, are told apart by their paths. */
static int compare_files(const struct found_file *a, const struct found_file *b)
{
	int rc = compare_numbers(a->root, b->root);

	if (!rc)
		rc = compare_numbers(a->device, b->device);
	if (!rc)
		rc = compare_numbers(a->inode, b->inode);
	if (!rc && !a->inode)
		rc = strcmp(a->path, b->path);
	return rc;
}

/* By file, then by the start of the process: the first of a file is its earliest. */
static int compare_by_file(const void *x, const void *y)
{
	const struct use *a = x;
	const struct use *b = y;
	int rc = compare_files(a->file, b->file);

	return rc ? rc : compare_numbers(a->proc->start_ticks, b->proc->start_ticks);
}

/* By process, path, inode, and the executable before the same file as a library. */
static int compare_by_proc(const void *x, const void *y)
{
	const struct use *a = x;
	const struct use *b = y;
	int rc = compare_numbers((uint64_t)a->proc->pid, (uint64_t)b->proc->pid);

	if (!rc)
		rc = strcmp(a->file->path, b->file->path);
	if (!rc)
		rc = compare_numbers(a->file->inode, b->file->inode);
	if (!rc)
		rc = compare_numbers(a->file->kind, b->file->kind);
	return rc;
}

static bool is_same_file(const struct use *a, const struct use *b)
{
	return compare_files(a->file, b->file) == 0;
}

/* The list may grow at its head while we look: take one look. */
static int collect_uses(struct freezer *f)
{
	const struct found_proc *head = atomic_load(&f->findings->procs);
	size_t n = 0;

	for (const struct found_proc *p = head; p; p = p->next)
		n += p->nfiles;
	f->uses = calloc(n ? n : 1, sizeof(*f->uses));
	if (!f->uses)
		return -ENOMEM;
	for (const struct found_proc *p = head; p; p = p->next)
		for (size_t i = 0; i < p->nfiles; i++)
			f->uses[f->nuses++] = (struct use){
				.proc = p,
				.file = p->files[i].file,
				.fd = p->files[i].fd,
			};
	return 0;
}

static int64_t tick_ns(void)
{
	return 1000000000 / sysconf(_SC_CLK_TCK);
}

/* The earliest moment at which the process can have started; 0: unknown. */
static int64_t start_ns(const struct freezer *f, const struct found_proc *proc)
{
	return f->boot_ns ? f->boot_ns + (int64_t)proc->start_ticks * tick_ns() : 0;
}

/*
 * The latest one: only what was certainly born later is scratch.  A library may be copied
 * and its program started within one tick.
 */
static int64_t start_latest_ns(const struct freezer *f, const struct found_proc *proc)
{
	return f->boot_ns ? start_ns(f, proc) + f->boot_slack_ns + tick_ns() : 0;
}

/* Numbers the files and applies the rules; needs and keeps the order by file. */
static void rule(struct freezer *f)
{
	const struct use *first = NULL;

	for (size_t i = 0; i < f->nuses; i++) {
		struct use *u = &f->uses[i];
		struct rules_first early;

		if (!first || !is_same_file(first, u)) {
			first = u;
			f->nids++;
		}
		early = (struct rules_first){start_latest_ns(f, first->proc),
					     first->proc->uid};
		u->id = f->nids - 1;
		u->is_dropped = !rules_is_wanted(f->opt, u->file);
		u->rule = rules_match(f->opt, u->file, u->proc, &early);
	}
}

/* Both are mappings of one file, of which one entry is enough. */
static bool is_double(const struct use *a, const struct use *b)
{
	return a->proc == b->proc && is_same_file(a, b) && a->file->kind != STALE_FD &&
	       b->file->kind != STALE_FD && strcmp(a->file->path, b->file->path) == 0;
}

/*
 * The executable may be mapped as a library too, and what is code is no data.  Needs the
 * order by process, in which the kinds of a file follow each other.
 */
static void drop_doubles(struct freezer *f)
{
	const struct use *kept = NULL;

	for (size_t i = 0; i < f->nuses; i++) {
		struct use *u = &f->uses[i];

		if (kept && is_double(kept, u))
			u->is_dropped = true;
		else
			kept = u;
	}
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

	f->strings = calloc(f->nuses + 1, sizeof(*f->strings));
	if (!f->strings)
		return -ENOMEM;
	for (size_t i = 0; i < f->nuses; i++)
		if (!f->uses[i].is_dropped)
			f->strings[n++].of = f->uses[i].file;
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

	for (size_t i = 0; i < f->nuses; i++) {
		const struct use *u = &f->uses[i];

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

static const struct strings *put_strings(const struct freezer *f,
					 const struct found_file *file)
{
	const struct strings key = {.of = file};
	struct strings *found = bsearch(&key, f->strings, f->nstrings,
					sizeof(*f->strings), compare_addresses);

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
		.started = start_ns(f, found) / 1000000000,
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

	for (size_t i = 0; i < f->nuses; i++) {
		const struct use *u = &f->uses[i];

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
	__attribute__((cleanup(freezer_release))) struct freezer f = {
		.opt = opt,
		.findings = findings,
		.boot_ns = atomic_load(&findings->boot_ns),
		.boot_slack_ns = atomic_load(&findings->boot_slack_ns),
	};
	struct sizes sizes;
	int rc = collect_uses(&f);

	if (rc < 0)
		return rc;
	qsort(f.uses, f.nuses, sizeof(*f.uses), compare_by_file);
	rule(&f);
	qsort(f.uses, f.nuses, sizeof(*f.uses), compare_by_proc);
	drop_doubles(&f);
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
