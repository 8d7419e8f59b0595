/*
 * fuzz_pack.c - bytes that claim to be a report: what is taken of them gives the same
 * bytes again, can be read to the end, counted, copied and emptied.
 *
 * Code: scan/pack.c scan/unpack.c scan/make.c scan/merge.c scan/count.c
 */
#include "fuzzfound.h"

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

static void check_counts(const struct stale_report *report, size_t nprocs, size_t nfiles)
{
	const struct stale_policy policy = {.why = STALE_WHY_DEFAULT};
	struct stale_totals totals;

	ensure(stale_report_count(report, &policy, 1763720000, &totals) == 0);
	ensure(totals.processes <= nprocs && totals.files <= nfiles &&
	       totals.undated <= totals.files && totals.services <= nprocs &&
	       totals.containers <= nprocs && totals.sessions <= nprocs &&
	       totals.reboot <= nprocs);
}

/* None of its processes is left, in whichever order they are told. */
static void check_emptied(const struct stale_report *report,
			  const struct stale_proc *procs, size_t n)
{
	struct stale_identity *gone = calloc(n + 1, sizeof(*gone));
	struct stale_report *rest;
	size_t left;

	ensure(gone != NULL);
	for (size_t i = 0; i < n; i++)
		gone[n - 1 - i] = (struct stale_identity){
			.pid = procs[i].pid, .start_ticks = procs[i].start_ticks};
	ensure(stale_report_without(report, gone, n, &rest) == 0);
	stale_report_procs(rest, &left);
	ensure(left == 0);
	stale_report_free(rest);
	free(gone);
}

static void check(const struct stale_report *report)
{
	struct stale_report *copy = NULL;
	size_t sum = 0, nfiles = 0, n, nignored, ncopied;
	const struct stale_proc *procs = stale_report_procs(report, &n);
	const struct stale_ignored *ignored = stale_report_ignored(report, &nignored);

	for (size_t i = 0; i < n; i++) {
		ensure(procs[i].nfiles > 0 && procs[i].pid > 0);
		ensure(i == 0 || procs[i].pid > procs[i - 1].pid);
		sum += read_proc(&procs[i]);
		nfiles += procs[i].nfiles;
	}
	for (size_t i = 0; i < nignored; i++)
		sum += read_string(ignored[i].path) + read_string(ignored[i].rule);
	/* Asked for, so that it is really read. */
	ensure(sum != SIZE_MAX && stale_report_with(report, report, &copy) == 0);
	stale_report_procs(copy, &ncopied);
	ensure(ncopied == n);
	stale_report_free(copy);
	check_counts(report, n, nfiles);
	check_emptied(report, procs, n);
}

/* A report made of the same bytes in another way is packed and taken whole. */
static void check_made(struct fuzzfound *f)
{
	const struct stale_contents contents = {.procs = f->procs,
						.nprocs = f->nprocs,
						.ignored = f->ignored,
						.nignored = f->nignored,
						.unreadable = f->unreadable,
						.nunreadable = f->nunreadable};
	struct stale_report *report, *again;
	void *first, *second;
	size_t len, len_again;

	if (stale_report_make(&contents, &report) < 0)
		return;
	ensure(stale_report_pack(report, &first, &len) == 0);
	ensure(stale_report_unpack(first, len, &again) == 0);
	ensure(stale_report_pack(again, &second, &len_again) == 0);
	ensure(len == len_again && memcmp(first, second, len) == 0);
	check(again);
	stale_report_free(report);
	stale_report_free(again);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzfound f;
	char *bytes = fuzztext_copy(data, size);
	struct stale_report *report;
	void *again;
	size_t len;

	if (bytes && stale_report_unpack(bytes, size, &report) == 0) {
		check(report);
		ensure(stale_report_pack(report, &again, &len) == 0);
		ensure(len == size && memcmp(again, data, size) == 0);
		free(again);
		stale_report_free(report);
	}
	if (fuzzfound_make(&f, data, size))
		check_made(&f);
	free(f.text);
	f.text = NULL;
	free(bytes);
	return 0;
}
