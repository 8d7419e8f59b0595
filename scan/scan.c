/*
 * scan.c - a scan from the listing of the tree to the last process.
 *
 * Knows the order of things and nothing of a single process or file.
 */
#include <string.h>
#include <sys/auxv.h>

#include "crew.h"
#include "findings.h"
#include "folders.h"
#include "procfs.h"
#include "report.h"
#include "stale.h"
#include "util.h"

struct stale_scanner {
	const struct stale_options *opt; /* borrowed */
	struct findings *findings;       /* owned, shared with children */
	struct folders folders;          /* owned, of the last run in this process */
};

int stale_scanner_new(const struct stale_options *opt, struct stale_scanner **ret_scanner)
{
	struct stale_scanner *scanner = calloc(1, sizeof(*scanner));
	int rc;

	if (!scanner)
		return -ENOMEM;
	scanner->opt = opt;
	rc = findings_new(&scanner->findings);
	if (rc < 0) {
		free(scanner);
		return rc;
	}
	*ret_scanner = scanner;
	return 0;
}

void stale_scanner_free(struct stale_scanner *scanner)
{
	if (!scanner)
		return;
	findings_free(scanner->findings);
	folders_release(&scanner->folders);
	free(scanner);
}

int stale_scanner_report(const struct stale_scanner *scanner,
			 struct stale_report **ret_report)
{
	return report_freeze(scanner->findings, scanner->opt, ret_report);
}

void stale_scanner_progress(const struct stale_scanner *scanner, size_t *ret_done,
			    size_t *ret_listed)
{
	const struct findings *f = scanner->findings;

	*ret_listed = atomic_load(&f->listed);
	*ret_done = atomic_load(&f->scanned) + atomic_load(&f->vanished) +
		    atomic_load(&f->denied) + atomic_load(&f->failed) +
		    atomic_load(&f->kernel_threads) + atomic_load(&f->unselected);
}

const char *const *stale_scanner_folders(const struct stale_scanner *scanner,
					 size_t *ret_n)
{
	*ret_n = scanner->folders.n;
	return *ret_n ? (const char *const *)scanner->folders.list : NULL;
}

static void release_procfs(struct procfs *fs)
{
	procfs_release(fs);
}

/* Sixteen random bytes that the kernel gives every program: getauxval(3), AT_RANDOM. */
static uint64_t random_seed(void)
{
	const void *bytes = (const void *)getauxval(AT_RANDOM);
	uint64_t seed = 0;

	if (bytes)
		memcpy(&seed, bytes, sizeof(seed));
	return seed;
}

static int set_boot_time(struct findings *found, const struct stale_options *opt,
			 const struct procfs *fs)
{
	const int64_t second_ns = 1000000000;
	int64_t btime;
	int rc;

	if (opt->boot_time_ns && fs->is_proc) {
		atomic_store(&found->boot_ns, opt->boot_time_ns);
		return 0;
	}
	rc = procfs_boot_time(fs, &btime);
	if (rc < 0) /* a captured tree may lack it: starts stay unknown */
		return procfs_error_class(rc) == PROCFS_FATAL ? rc : 0;
	if (btime > PIDSTAT_FAR_NS / second_ns)
		return 0; /* as if it lacked it */
	atomic_store(&found->boot_ns, btime * second_ns);
	atomic_store(&found->boot_slack_ns, second_ns);
	return 0;
}

static int pid_compare(const void *x, const void *y)
{
	const pid_t *a = x;
	const pid_t *b = y;

	return (*a > *b) - (*a < *b);
}

/* The processes to look at, each once.  Returns 0 and hands over *ret_pids, or -errno. */
static int choose(const struct stale_options *opt, const struct procfs *fs,
		  pid_t **ret_pids, size_t *ret_n)
{
	pid_t *pids;
	size_t n = 0;

	if (!opt->pids) {
		int rc = procfs_list(fs, ret_pids, ret_n);

		/* Only the kernel's own listing is in this order already. */
		if (rc == 0 && *ret_n && !fs->is_proc)
			qsort(*ret_pids, *ret_n, sizeof(**ret_pids), pid_compare);
		return rc;
	}
	pids = malloc((opt->npids ? opt->npids : 1) * sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < opt->npids; i++)
		pids[i] = opt->pids[i];
	qsort(pids, opt->npids, sizeof(*pids), pid_compare);
	for (size_t i = 0; i < opt->npids; i++)
		if (n == 0 || pids[n - 1] != pids[i])
			pids[n++] = pids[i];
	*ret_pids = pids;
	*ret_n = n;
	return 0;
}

static int scan_all(struct stale_scanner *scanner, const struct procfs *fs,
		    const pid_t *pids, size_t n)
{
	const struct stale_options *opt = scanner->opt;
	struct roots roots;
	struct verdicts verdicts;
	const struct worker_shared shared = {
		.opt = opt,
		.fs = fs,
		.findings = scanner->findings,
		.roots = &roots,
		.verdicts = &verdicts,
		.folders = opt->want_folders ? &scanner->folders : NULL,
		.seed = random_seed(),
	};
	int rc = roots_init(&roots, fs, shared.seed);

	if (rc < 0)
		return rc;
	verdicts_init(&verdicts, scanner->findings, shared.seed);
	if (opt->want_folders)
		rc = folders_init(&scanner->folders, shared.seed);
	if (rc == 0)
		rc = crew_scan(&shared, pids, n);
	verdicts_release(&verdicts);
	roots_release(&roots);
	folders_finish(&scanner->folders);
	return rc;
}

/* Whether a process could have been kept from us without a word. */
static bool is_hidden(const struct findings *found, const struct stale_options *opt,
		      const struct procfs *fs)
{
	return fs->is_proc && !fs->has_pid1 &&
	       (!opt->pids || atomic_load(&found->vanished));
}

static int run(struct stale_scanner *scanner)
{
	struct findings *found = scanner->findings;
	const struct stale_options *opt = scanner->opt;
	__attribute__((cleanup(release_procfs))) struct procfs fs = {.fd = -1};
	cleanup_free pid_t *pids = NULL;
	size_t n = 0;
	int rc = procfs_open(opt->proc_root, &fs);

	if (rc == 0)
		rc = set_boot_time(found, opt, &fs);
	if (rc == 0)
		rc = choose(opt, &fs, &pids, &n);
	if (rc < 0)
		return rc;
	if (!n)
		return -ESRCH;
	atomic_store(&found->proc_fs, fs.is_proc);
	atomic_store(&found->listed, n);
	rc = scan_all(scanner, &fs, pids, n);
	atomic_store(&found->hidden, is_hidden(found, opt, &fs));
	if (rc < 0)
		return rc;
	if (opt->pids && atomic_load(&found->vanished) == n &&
	    !is_hidden(found, opt, &fs))
		return -ESRCH;
	atomic_store(&found->finished, true);
	return 0;
}

int stale_scanner_run(struct stale_scanner *scanner)
{
	struct findings *found = scanner->findings;
	int rc;

	findings_clear(found);
	atomic_store(&found->method, STALE_METHOD_PROCMAP_QUERY);
	folders_release(&scanner->folders);
	rc = run(scanner);
	if (rc < 0)
		atomic_store(&found->error, -rc);
	return rc;
}

int stale_scan(const struct stale_options *opt, struct stale_report **ret_report)
{
	struct stale_scanner *scanner;
	int rc = stale_scanner_new(opt, &scanner);

	if (rc < 0)
		return rc;
	rc = stale_scanner_run(scanner);
	if (rc == 0)
		rc = stale_scanner_report(scanner, ret_report);
	stale_scanner_free(scanner);
	return rc;
}
