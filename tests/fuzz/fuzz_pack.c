/*
 * fuzz_pack.c - bytes that claim to be a report: what is taken of them gives the same
 * bytes again, can be read to the end, and be copied.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/stale.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_string(const char *s)
{
	return s ? strlen(s) : 0;
}

/* Reads every byte that a report leads to. */
static size_t read_proc(const struct stale_proc *proc)
{
	size_t n = read_string(proc->comm) + read_string(proc->exe) +
		   read_string(proc->unit) + read_string(proc->runtime) +
		   read_string(proc->container);

	if (proc->cmdline_len)
		n += (size_t)proc->cmdline[proc->cmdline_len - 1];
	for (size_t i = 0; i < proc->nfiles; i++) {
		const struct stale_file *file = &proc->files[i];

		n += read_string(file->path) + read_string(file->successor);
		for (size_t k = 0; k < file->build_id_len; k++)
			n += file->build_id[k];
	}
	return n;
}

static void check(const struct stale_report *report)
{
	struct stale_report *copy;
	size_t sum = 0;
	size_t n;
	size_t nignored;
	const struct stale_proc *procs = stale_report_procs(report, &n);
	const struct stale_ignored *ignored = stale_report_ignored(report, &nignored);

	for (size_t i = 0; i < n; i++)
		sum += read_proc(&procs[i]);
	for (size_t i = 0; i < nignored; i++)
		sum += read_string(ignored[i].path) + read_string(ignored[i].rule);
	/* Asked for, so that it is really read. */
	if (sum == SIZE_MAX || stale_report_with(report, report, &copy) < 0)
		abort();
	stale_report_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stale_report *report;
	char *bytes = malloc(size);
	void *again;
	size_t len;

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	if (stale_report_unpack(bytes, size, &report) == 0) {
		check(report);
		if (stale_report_pack(report, &again, &len) < 0)
			abort();
		if (len != size || memcmp(again, data, size) != 0)
			abort();
		free(again);
		stale_report_free(report);
	}
	free(bytes);
	return 0;
}
