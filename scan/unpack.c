/*
 * unpack.c - a report from bytes, of which none is trusted: who sends them may be
 * somebody else's by now.
 *
 * Packed again, they are the same bytes: nothing is taken that pack.c would not write.
 */
#include <string.h>

#include "packed.h"
#include "report.h"
#include "util.h"

/* What is not read yet of the bytes, and where their strings are put. */
struct unpacker {
	const char *at;
	size_t left;
	const char *strings;
	size_t strings_size;
	bool failed; /* something in it cannot be */
};

static void expect(struct unpacker *u, bool what)
{
	if (!what)
		u->failed = true;
}

static void take(struct unpacker *u, void *ret, size_t size)
{
	if (size)
		memcpy(ret, u->at, size);
	u->at += size;
	u->left -= size;
}

/* Is there room for n more elements in what is left?  Takes that from *left. */
static bool fits(size_t *left, uint64_t n, size_t size)
{
	if (n > *left / size)
		return false;
	*left -= (size_t)n * size;
	return true;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Every byte has its use: what is counted fills them to the end. */
static int unpack_sizes(const struct unpacker *u, const struct packed_head *head,
			struct report_sizes *ret)
{
	size_t left = u->left;

	if (!fits(&left, head->nprocs, sizeof(struct packed_proc)) ||
	    !fits(&left, head->nfiles, sizeof(struct packed_file)) ||
	    !fits(&left, head->nignored, sizeof(struct packed_ignored)) ||
	    !fits(&left, head->nunreadable, sizeof(struct packed_unreadable)) ||
	    head->strings_size != left)
		return -EBADMSG;
	*ret = (struct report_sizes){
		.procs = (size_t)head->nprocs,
		.files = (size_t)head->nfiles,
		.ignored = (size_t)head->nignored,
		.unreadable = (size_t)head->nunreadable,
		.strings = left,
	};
	return 0;
}

static bool unpack_bool(struct unpacker *u, uint8_t byte)
{
	expect(u, byte <= 1);
	return byte;
}

static void unpack_info(struct unpacker *u, const struct packed_head *head,
			struct stale_scan_info *ret)
{
	*ret = (struct stale_scan_info){
		.listed = head->listed,
		.seen = head->seen,
		.scanned = head->scanned,
		.vanished = head->vanished,
		.denied = head->denied,
		.failed = head->failed,
		.kernel_threads = head->kernel_threads,
		.unselected = head->unselected,
		.method = (enum stale_method)head->method,
		.proc_fs = unpack_bool(u, head->proc_fs),
		.hidden = unpack_bool(u, head->hidden),
		.finished = unpack_bool(u, head->finished),
		.at = head->at,
		.error = head->error,
	};
	expect(u, is_zero(head->zero, sizeof(head->zero)));
}

/* len bytes from an offset on. */
static const void *unpack_bytes(struct unpacker *u, uint64_t at, uint64_t len)
{
	if (at == 0)
		return NULL;
	if (at > u->strings_size || len > u->strings_size - (at - 1)) {
		u->failed = true;
		return NULL;
	}
	return u->strings + (at - 1);
}

/* The last byte of all strings is a NUL: none runs over the end. */
static const char *unpack_string(struct unpacker *u, uint64_t at)
{
	return unpack_bytes(u, at, 1);
}

static void unpack_proc(struct unpacker *u, struct stale_proc *ret)
{
	struct packed_proc proc;

	take(u, &proc, sizeof(proc));
	*ret = (struct stale_proc){
		.nfiles = proc.nfiles,
		.nfiles_left_out = proc.nfiles_left_out,
		.comm = unpack_string(u, proc.comm),
		.exe = unpack_string(u, proc.exe),
		.cmdline = unpack_bytes(u, proc.cmdline, proc.cmdline_len),
		.cmdline_len = proc.cmdline_len,
		.start_ticks = proc.start_ticks,
		.started = proc.started,
		.pid = proc.pid,
		.ppid = proc.ppid,
		.uid = proc.uid,
		.scope = (enum stale_scope)proc.scope,
		.unit = unpack_string(u, proc.unit),
		.runtime = unpack_string(u, proc.runtime),
		.container = unpack_string(u, proc.container),
		.owner = proc.owner,
		.is_leftover = unpack_bool(u, proc.is_leftover),
		.advice = (enum stale_advice)proc.advice,
	};
	expect(u, is_zero(proc.zero, sizeof(proc.zero)));
}

static void unpack_file(struct unpacker *u, struct stale_file *ret)
{
	struct packed_file file;

	take(u, &file, sizeof(file));
	*ret = (struct stale_file){
		.path = unpack_string(u, file.path),
		.successor = unpack_string(u, file.successor),
		.build_id = unpack_bytes(u, file.build_id, file.build_id_len),
		.build_id_len = file.build_id_len,
		.device = file.device,
		.inode = file.inode,
		.since = file.since,
		.bytes = file.bytes,
		.fd = file.fd,
		.id = file.id,
		.since_source = (enum stale_since)file.since_source,
		.kind = (enum stale_kind)file.kind,
		.why = (enum stale_why)file.why,
	};
	expect(u, is_zero(file.zero, sizeof(file.zero)));
}

static void unpack_ignored(struct unpacker *u, struct stale_ignored *ret)
{
	struct packed_ignored ignored;

	take(u, &ignored, sizeof(ignored));
	*ret = (struct stale_ignored){
		.path = unpack_string(u, ignored.path),
		.rule = unpack_string(u, ignored.rule),
		.pid = ignored.pid,
	};
	expect(u, is_zero(ignored.zero, sizeof(ignored.zero)));
}

/* Fills the arrays and the strings of a report that has just that much room. */
static void unpack_arrays(struct unpacker *u, const struct report_sizes *n,
			  struct stale_report *r)
{
	u->strings = r->strings;
	u->strings_size = n->strings;
	while (r->nprocs < n->procs)
		unpack_proc(u, &r->procs[r->nprocs++]);
	while (r->nfiles < n->files)
		unpack_file(u, &r->files[r->nfiles++]);
	while (r->nignored < n->ignored)
		unpack_ignored(u, &r->ignored[r->nignored++]);
	while (r->nunreadable < n->unreadable) {
		struct packed_unreadable unreadable;

		take(u, &unreadable, sizeof(unreadable));
		r->unreadable[r->nunreadable++] =
			(struct stale_unreadable){unreadable.pid, unreadable.error};
	}
	take(u, r->strings, n->strings);
	expect(u, !n->strings || r->strings[n->strings - 1] == '\0');
}

/* Do the processes have all files between them, and no more?  Then each gets its own. */
static void link_files(struct unpacker *u, struct stale_report *r)
{
	size_t left = r->nfiles;

	for (size_t i = 0; i < r->nprocs; i++)
		if (!fits(&left, r->procs[i].nfiles, 1))
			u->failed = true;
	expect(u, left == 0);
	if (!u->failed)
		report_link_files(r);
}

static bool is_sound(const struct stale_report *r)
{
	const struct stale_contents contents = {
		.info = r->info,
		.procs = r->procs,
		.nprocs = r->nprocs,
		.ignored = r->ignored,
		.nignored = r->nignored,
		.unreadable = r->unreadable,
		.nunreadable = r->nunreadable,
	};

	return report_check(&contents) == 0;
}

int stale_report_unpack(const void *bytes, size_t len, struct stale_report **ret_report)
{
	static const char magic[8] = PACKED_MAGIC;
	struct unpacker u = {.at = bytes, .left = len};
	cleanup_report struct stale_report *report = NULL;
	struct packed_head head;
	struct report_sizes sizes;
	int rc;

	if (len < sizeof(head))
		return -EBADMSG;
	take(&u, &head, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	rc = unpack_sizes(&u, &head, &sizes);
	if (rc < 0)
		return rc;
	report = report_new(&sizes);
	if (!report)
		return -ENOMEM;
	unpack_info(&u, &head, &report->info);
	unpack_arrays(&u, &sizes, report);
	link_files(&u, report);
	if (u.failed || !is_sound(report))
		return -EBADMSG;
	/* Few bytes that many share would be many when the report is copied. */
	rc = report_strings_fit(report, sizes.strings);
	if (rc != 1)
		return rc < 0 ? rc : -EBADMSG;
	*ret_report = take_ptr(&report);
	return 0;
}
