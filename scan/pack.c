/*
 * pack.c - a report as bytes, for another process of the same program.
 */
#include <string.h>

#include "packed.h"
#include "report.h"
#include "util.h"

static uint64_t offset(const struct stale_report *r, const void *string)
{
	return string ? (uint64_t)((const char *)string - r->strings) + 1 : 0;
}

static struct packed_head pack_head(const struct stale_report *r)
{
	const struct stale_scan_info *info = &r->info;

	return (struct packed_head){
		.magic = PACKED_MAGIC,
		.nprocs = r->nprocs,
		.nfiles = r->nfiles,
		.nignored = r->nignored,
		.nunreadable = r->nunreadable,
		.strings_size = r->strings_size,
		.listed = info->listed,
		.seen = info->seen,
		.scanned = info->scanned,
		.vanished = info->vanished,
		.denied = info->denied,
		.failed = info->failed,
		.kernel_threads = info->kernel_threads,
		.unselected = info->unselected,
		.at = info->at,
		.error = info->error,
		.method = (uint8_t)info->method,
		.proc_fs = info->proc_fs,
		.hidden = info->hidden,
		.finished = info->finished,
	};
}

static struct packed_proc pack_proc(const struct stale_report *r,
				    const struct stale_proc *proc)
{
	return (struct packed_proc){
		.nfiles = proc->nfiles,
		.nfiles_left_out = proc->nfiles_left_out,
		.comm = offset(r, proc->comm),
		.exe = offset(r, proc->exe),
		.cmdline = offset(r, proc->cmdline),
		.cmdline_len = proc->cmdline_len,
		.unit = offset(r, proc->unit),
		.runtime = offset(r, proc->runtime),
		.container = offset(r, proc->container),
		.start_ticks = proc->start_ticks,
		.started = proc->started,
		.pid = proc->pid,
		.ppid = proc->ppid,
		.uid = proc->uid,
		.owner = proc->owner,
		.scope = (uint8_t)proc->scope,
		.advice = (uint8_t)proc->advice,
		.is_leftover = proc->is_leftover,
	};
}

static struct packed_file pack_file(const struct stale_report *r,
				    const struct stale_file *file)
{
	return (struct packed_file){
		.path = offset(r, file->path),
		.successor = offset(r, file->successor),
		.build_id = offset(r, file->build_id),
		.device = file->device,
		.inode = file->inode,
		.since = file->since,
		.bytes = file->bytes,
		.fd = file->fd,
		.id = file->id,
		.build_id_len = (uint8_t)file->build_id_len,
		.since_source = (uint8_t)file->since_source,
		.kind = (uint8_t)file->kind,
		.why = (uint8_t)file->why,
	};
}

static void *append(void *at, const void *bytes, size_t len)
{
	if (len)
		memcpy(at, bytes, len);
	return (char *)at + len;
}

static void pack_arrays(const struct stale_report *r, void *at)
{
	for (size_t i = 0; i < r->nprocs; i++) {
		const struct packed_proc proc = pack_proc(r, &r->procs[i]);

		at = append(at, &proc, sizeof(proc));
	}
	for (size_t i = 0; i < r->nfiles; i++) {
		const struct packed_file file = pack_file(r, &r->files[i]);

		at = append(at, &file, sizeof(file));
	}
	for (size_t i = 0; i < r->nignored; i++) {
		const struct packed_ignored ignored = {
			.path = offset(r, r->ignored[i].path),
			.rule = offset(r, r->ignored[i].rule),
			.pid = r->ignored[i].pid,
		};

		at = append(at, &ignored, sizeof(ignored));
	}
	for (size_t i = 0; i < r->nunreadable; i++) {
		const struct packed_unreadable unreadable = {r->unreadable[i].pid,
							     r->unreadable[i].error};

		at = append(at, &unreadable, sizeof(unreadable));
	}
	append(at, r->strings, r->strings_size);
}

int stale_report_pack(const struct stale_report *report, void **ret_bytes,
		      size_t *ret_len)
{
	const struct packed_head head = pack_head(report);
	const size_t len = sizeof(head) + report->nprocs * sizeof(struct packed_proc) +
			   report->nfiles * sizeof(struct packed_file) +
			   report->nignored * sizeof(struct packed_ignored) +
			   report->nunreadable * sizeof(struct packed_unreadable) +
			   report->strings_size;
	void *bytes = malloc(len);

	if (!bytes)
		return -ENOMEM;
	pack_arrays(report, append(bytes, &head, sizeof(head)));
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}
