/*
 * live_reuse.c - numbers of processes that are given away again and again, by the kernel
 * itself: a PID namespace that has one to give.  What is told of one process is
 * never of two.
 *
 * With $STALE_LONG set, 20,000 scans; else as many as fit into some seconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/liveplugin.h"
#include "support/livescan.h"
#include "support/watched.h"
#include "test.h"

#define FILES       24 /* of each kind */
#define PLUGIN_RUNS 20

/* helper_reuse.c */
#define ENTRIES 65536
struct entry {
	uint32_t nr;
	int32_t pid;
	uint64_t start_ticks;
};

#define NUMBERS_MAX 4096

struct reuse {
	char *proc; /* owned: the path of its proc file system */
	struct entry *entries;
	uint32_t last[NUMBERS_MAX]; /* who had this number when it was last reported */
	size_t reported, used_again, checked, vanished;
};

static long pid_max(void)
{
	char digits[24] = "";
	int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);

	assert_true(read(fd, digits, sizeof(digits) - 1) > 0);
	close(fd);
	return strtol(digits, NULL, 10);
}

static void reuse_start(struct live *live, struct reuse *reuse)
{
	char *helper = live_built("tests/helper_reuse");
	const char *words[2 * FILES + 2] = {live->dir};
	char names[2 * FILES][16];
	struct live_process *process;

	live_need_root(live);
	live_mkdir(live, "proc");
	for (unsigned i = 0; i < 2 * FILES; i++) {
		snprintf(names[i], sizeof(names[i]), "%c%u.so", i < FILES ? 'a' : 'b',
			 i % FILES);
		live_lib(live, names[i], NULL, 'x');
		words[i + 1] = names[i];
	}
	*reuse = (struct reuse){
		.entries = watched_map(live, "table", ENTRIES * sizeof(struct entry)),
	};
	process = live_spawn(live, helper, words);
	process->endless = true;
	for (unsigned i = 0; i < 2 * FILES; i++)
		live_unlink(live, names[i]);
	assert_true(asprintf(&reuse->proc, "/proc/%d/root%s/proc", process->pid,
			     live->dir) > 0);
	free(helper);
}

static void reuse_release(struct reuse *reuse)
{
	watched_unmap(reuse->entries, ENTRIES * sizeof(struct entry));
	free(reuse->proc);
}

/* The files are of one process: of the kind that its name tells, once it has that. */
static void check_files(const struct stale_proc *proc)
{
	const char kind = strrchr(proc->files[0].path, '/')[1];

	assert_true(proc->nfiles <= FILES);
	for (size_t i = 0; i < proc->nfiles; i++)
		if (strrchr(proc->files[i].path, '/')[1] != kind)
			fail_msg("%s has %s and %s", proc->comm, proc->files[0].path,
				 proc->files[i].path);
	if (proc->comm[0] != kind)
		fail_msg("%s has %s", proc->comm, proc->files[0].path);
}

/* And so are number and start, by what it put down itself. */
static void check_identity(struct reuse *reuse, const struct stale_proc *proc)
{
	const uint32_t nr = (uint32_t)strtoul(proc->comm + 1, NULL, 10);
	const struct entry entry = reuse->entries[nr % ENTRIES];

	assert_in_range(proc->pid, 2, NUMBERS_MAX - 1);
	reuse->reported++;
	reuse->used_again += reuse->last[proc->pid] && reuse->last[proc->pid] != nr;
	reuse->last[proc->pid] = nr;
	if (entry.nr != nr) /* a later one took its place in the table */
		return;
	row_number(proc->comm, "number", proc->pid, entry.pid);
	row_number(proc->comm, "start", proc->start_ticks, entry.start_ticks);
	row_number(proc->comm, "parent", proc->ppid, 1);
	row_number(proc->comm, "user", proc->uid, LIVECHILD_NOBODY);
	reuse->checked++;
}

static void check(struct reuse *reuse, const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	row_number("scan", "error", info->error, 0);
	row_number("scan", "denied", info->denied, 0);
	row_number("scan", "failed", info->failed, 0);
	row_number("scan", "seen", info->seen, info->scanned + info->vanished);
	row_number("scan", "listed", info->listed, info->seen);
	reuse->vanished += info->vanished;
	for (size_t i = 0; i < n; i++) {
		check_files(&procs[i]);
		check_identity(reuse, &procs[i]);
	}
}

/* How many processes there have been. */
static uint32_t count_started(const struct reuse *reuse)
{
	uint32_t n = 0;

	for (size_t i = 0; i < ENTRIES; i++)
		if (reuse->entries[i].nr > n)
			n = reuse->entries[i].nr;
	return n;
}

static void check_answers(const struct reuse *reuse)
{
	struct liveplugin_answer answer;
	char *option;

	assert_true(asprintf(&option, "--proc-root=%s", reuse->proc) > 0);
	for (int i = 0; i < PLUGIN_RUNS; i++) {
		liveplugin_run(NULL, (const char *const[]){option, "-fjson", NULL},
			       &answer);
		assert_in_range(answer.status, 0, 1);
		assert_int_equal(answer.nerr, 0);
		assert_non_null(strstr(answer.out, "\"complete\":true"));
		liveplugin_release(&answer);
	}
	free(option);
}

static void no_scan_mixes_two_processes_with_one_number(void **state)
{
	struct watched_loop loop = {.least = 1000, .most = 20000, .seconds = 3};
	const long before = pid_max();
	struct live *live = *state;
	struct reuse reuse;

	reuse_start(live, &reuse);
	/* The limit is the namespace's own. */
	assert_int_equal(pid_max(), before);
	watched_begin(&loop);
	while (watched_next(&loop) || (reuse.used_again == 0 && watched_longer(&loop))) {
		const struct stale_options opt = {
			.proc_root = reuse.proc,
			.boot_time_ns = livecheck_boot_time(),
			.method = loop.n % 2 ? STALE_METHOD_MAPS : STALE_METHOD_AUTO,
		};
		struct stale_report *report = NULL;

		assert_int_equal(stale_scan(&opt, &report), 0);
		check(&reuse, report);
		stale_report_free(report);
	}
	print_message("live_reuse: %u scans in %.1f s of %u processes, %zu times one was "
		      "reported, %zu times another with its number, %zu compared, %zu "
		      "vanished\n",
		      loop.n, watched_seconds(&loop), count_started(&reuse),
		      reuse.reported, reuse.used_again, reuse.checked, reuse.vanished);
	assert_true(reuse.used_again > 0);
	assert_true(reuse.checked > 0);
	check_answers(&reuse);
	assert_int_equal(pid_max(), before);
	reuse_release(&reuse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(no_scan_mixes_two_processes_with_one_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
