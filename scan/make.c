/*
 * make.c - the one block that a report is, from parts that somebody else keeps.
 *
 * Checks what the parts may not be, and changes nothing about them.
 */
#include <string.h>

#include "report.h"
#include "table.h"
#include "util.h"

/* Of SHA-1 they have 20 bytes, and the kernel tells no longer ones. */
#define BUILD_ID_MAX 64
#define CMDLINE_MAX  4096
/* Who counts files has a place for each number: a scan gives no larger ones. */
#define ID_MAX (1U << 24)
/* Seconds before and after the epoch: more are no nanoseconds, which a scan reckons in. */
#define SINCE_MAX (INT64_MAX / 1000000000)

static size_t bytes_of_arrays(const struct report_sizes *n)
{
	return n->procs * sizeof(struct stale_proc) +
	       n->files * sizeof(struct stale_file) +
	       n->ignored * sizeof(struct stale_ignored) +
	       n->unreadable * sizeof(struct stale_unreadable);
}

/* Takes n elements of the given size off the memory at *at. */
static void *carve(char **at, size_t n, size_t size)
{
	void *array = *at;

	*at += n * size;
	return array;
}

/* Structures first, which are aligned alike, then strings. */
static void place_arrays(struct stale_report *r, const struct report_sizes *n)
{
	char *at = (char *)(r + 1);

	r->procs = carve(&at, n->procs, sizeof(*r->procs));
	r->files = carve(&at, n->files, sizeof(*r->files));
	r->ignored = carve(&at, n->ignored, sizeof(*r->ignored));
	r->unreadable = carve(&at, n->unreadable, sizeof(*r->unreadable));
	r->strings = at;
	r->strings_size = n->strings;
}

struct stale_report *report_new(const struct report_sizes *sizes)
{
	struct stale_report *r =
		calloc(1, sizeof(*r) + bytes_of_arrays(sizes) + sizes->strings);

	if (r)
		place_arrays(r, sizes);
	return r;
}

void report_link_files(struct stale_report *report)
{
	const struct stale_file *files = report->files;

	for (size_t i = 0; i < report->nprocs; i++) {
		report->procs[i].files = files;
		files += report->procs[i].nfiles;
	}
}

/* A walk over all strings: they are counted first, and copied when there is a place. */
struct strings {
	struct table shared; /* those copied once, by address; value: the copy */
	char *at;            /* where the next one goes; NULL: they are counted */
	size_t size;
	size_t limit; /* once size is over it, it says no more than that */
	bool failed;  /* out of memory; only while they are counted */
};

/* Strings of somebody else may lie one within the other, and each be looked through to
 * its end: not beyond the limit. */
static size_t string_size(const struct strings *s, const char *string)
{
	return string && s->size <= s->limit ? strlen(string) + 1 : 0;
}

/* Its keys are addresses and it has no seed: who can choose them to collide, by the bytes
 * that are unpacked, can as well send nothing. */
static void strings_release(struct strings *s)
{
	table_release(&s->shared);
}

/* The copy of what is in no other place; the bytes themselves while they are counted. */
static const void *put(struct strings *s, const void *bytes, size_t size)
{
	const void *copy = bytes;

	if (s->at && size) {
		copy = memcpy(s->at, bytes, size);
		s->at += size;
	}
	s->size += size;
	return copy;
}

static const char *put_string(struct strings *s, const char *string)
{
	return put(s, string, string_size(s, string));
}

/* len: of a build-id; 0: a string, whose length is asked for once. */
static const void *share(struct strings *s, const void *bytes, size_t len)
{
	const struct table_key key = {(uintptr_t)bytes, len, 0};
	struct table_slot *slot = bytes ? table_find(&s->shared, &key) : NULL;

	if (!bytes || (slot && (!s->at || slot->stamp)))
		return slot ? slot->value : NULL;
	if (!slot && table_add(&s->shared, &key, bytes, &slot) < 0) {
		s->failed = true;
		return bytes;
	}
	slot->value = put(s, bytes, len ? len : string_size(s, bytes));
	slot->stamp = s->at != NULL;
	return slot->value;
}

static void walk_files(struct strings *s, struct stale_report *r)
{
	for (size_t i = 0; i < r->nfiles; i++) {
		struct stale_file *file = &r->files[i];

		file->path = share(s, file->path, 0);
		file->successor = share(s, file->successor, 0);
		file->build_id = share(s, file->build_id, file->build_id_len);
	}
}

/* Build-ids go first: so the last byte of all is the NUL of a string. */
static void walk(struct strings *s, struct stale_report *r)
{
	walk_files(s, r);
	for (size_t i = 0; i < r->nignored; i++) {
		r->ignored[i].path = share(s, r->ignored[i].path, 0);
		r->ignored[i].rule = share(s, r->ignored[i].rule, 0);
	}
	for (size_t i = 0; i < r->nprocs; i++) {
		struct stale_proc *proc = &r->procs[i];

		proc->comm = put_string(s, proc->comm);
		proc->exe = put_string(s, proc->exe);
		proc->cmdline = put(s, proc->cmdline, proc->cmdline_len);
		proc->unit = put_string(s, proc->unit);
		proc->runtime = share(s, proc->runtime, 0);
		proc->container = put_string(s, proc->container);
	}
}

static int copy_strings(struct stale_report **report, struct strings *s)
{
	struct stale_report *r = *report;
	struct report_sizes n = {r->nprocs, r->nfiles, r->nignored, r->nunreadable, 0};

	walk(s, r);
	if (s->failed)
		return -ENOMEM;
	n.strings = s->size;
	r = realloc(r, sizeof(*r) + bytes_of_arrays(&n) + n.strings);
	if (!r)
		return -ENOMEM;
	*report = r;
	place_arrays(r, &n);
	s->at = r->strings;
	walk(s, r);
	report_link_files(r);
	return 0;
}

int report_own_strings(struct stale_report **report)
{
	__attribute__((cleanup(strings_release))) struct strings s = {.limit = SIZE_MAX};

	return copy_strings(report, &s);
}

int report_strings_fit(struct stale_report *report, size_t size)
{
	__attribute__((cleanup(strings_release))) struct strings s = {.limit = size};

	walk(&s, report);
	return s.failed ? -ENOMEM : s.size <= size;
}

static bool is_in(unsigned value, unsigned count)
{
	return value < count;
}

static bool file_is_valid(const struct stale_file *file)
{
	return file->path && !file->build_id == !file->build_id_len &&
	       file->build_id_len <= BUILD_ID_MAX && file->id < ID_MAX &&
	       file->since >= -SINCE_MAX && file->since <= SINCE_MAX &&
	       file->bytes >= -1 &&
	       is_in(file->since_source, STALE_SINCE_SUCCESSOR_CHANGE + 1) &&
	       is_in(file->kind, STALE_KIND_COUNT) && is_in(file->why, STALE_WHY_COUNT);
}

static bool proc_is_valid(const struct stale_proc *proc)
{
	if (proc->pid <= 0 || !proc->nfiles || !proc->files || !proc->comm ||
	    !is_in(proc->scope, STALE_SCOPE_COUNT) ||
	    !is_in(proc->advice, STALE_ADVICE_COUNT))
		return false;
	if (!proc->cmdline != !proc->cmdline_len || proc->cmdline_len > CMDLINE_MAX ||
	    (proc->cmdline && proc->cmdline[proc->cmdline_len - 1] != '\0'))
		return false;
	for (size_t i = 0; i < proc->nfiles; i++)
		if (!file_is_valid(&proc->files[i]))
			return false;
	return true;
}

static bool procs_are_valid(const struct stale_contents *c)
{
	size_t nfiles = 0;
	pid_t last = 0;

	for (size_t i = 0; i < c->nprocs; i++) {
		const struct stale_proc *proc = &c->procs[i];

		/* More than have numbers of their own are too many. */
		if (proc->pid <= last || proc->nfiles > UINT32_MAX - nfiles ||
		    !proc_is_valid(proc))
			return false;
		last = proc->pid;
		nfiles += proc->nfiles;
	}
	return true;
}

static bool rest_is_valid(const struct stale_contents *c)
{
	pid_t last = 1;

	for (size_t i = 0; i < c->nignored; last = c->ignored[i++].pid)
		if (c->ignored[i].pid < last || !c->ignored[i].path ||
		    !c->ignored[i].rule)
			return false;
	last = 1;
	for (size_t i = 0; i < c->nunreadable; last = c->unreadable[i++].pid)
		if (c->unreadable[i].pid < last || c->unreadable[i].error <= 0)
			return false;
	return true;
}

int report_check(const struct stale_contents *contents)
{
	const struct stale_scan_info *info = &contents->info;

	if (!is_in(info->method, STALE_METHOD_MAPS + 1) || info->at < 0 ||
	    info->error < 0)
		return -EINVAL;
	if ((contents->nprocs && !contents->procs) ||
	    (contents->nignored && !contents->ignored) ||
	    (contents->nunreadable && !contents->unreadable))
		return -EINVAL;
	return procs_are_valid(contents) && rest_is_valid(contents) ? 0 : -EINVAL;
}

static void fill(struct stale_report *r, const struct stale_contents *c)
{
	r->info = c->info;
	for (size_t i = 0; i < c->nprocs; i++) {
		const struct stale_proc *proc = &c->procs[i];

		r->procs[r->nprocs++] = *proc;
		for (size_t k = 0; k < proc->nfiles; k++)
			r->files[r->nfiles++] = proc->files[k];
	}
	for (size_t i = 0; i < c->nignored; i++)
		r->ignored[r->nignored++] = c->ignored[i];
	for (size_t i = 0; i < c->nunreadable; i++)
		r->unreadable[r->nunreadable++] = c->unreadable[i];
}

int stale_report_make(const struct stale_contents *contents,
		      struct stale_report **ret_report)
{
	struct report_sizes n = {.procs = contents->nprocs,
				 .ignored = contents->nignored,
				 .unreadable = contents->nunreadable};
	cleanup_report struct stale_report *report = NULL;
	int rc = report_check(contents);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < contents->nprocs; i++)
		n.files += contents->procs[i].nfiles;
	report = report_new(&n);
	if (!report)
		return -ENOMEM;
	fill(report, contents);
	rc = report_own_strings(&report);
	if (rc == 0)
		*ret_report = take_ptr(&report);
	return rc;
}
