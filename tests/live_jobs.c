/*
 * live_jobs.c - the answer on real processes is the same for every number of jobs.
 *
 * More processes than one worker takes at a time; what makes a verdict needs descriptors
 * of the worker's own: the build-id of a successor, an open file, the name of a root.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "test.h"

#define PROCS 96
#define LIB   "libx.so.1"

/* What each process of a herd does with the library, in the folder of the case. */
typedef bool hold_lib(const char *dir);

struct herd {
	pid_t pids[PROCS];
	size_t n;
};

static bool map_here(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is_mapped = fd >= 0 && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE,
					 fd, 0) != MAP_FAILED;

	close(fd);
	return is_mapped;
}

static bool map_lib(const char *dir)
{
	return chdir(dir) == 0 && map_here(LIB);
}

static bool open_lib(const char *dir)
{
	return chdir(dir) == 0 && open(LIB, O_RDONLY | O_CLOEXEC) >= 0;
}

static bool map_lib_in_root(const char *dir)
{
	return chroot(dir) == 0 && map_here("/" LIB);
}

static _Noreturn void be_one(hold_lib *hold, const char *dir, int ready, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || !hold(dir) ||
	    write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void start(const struct live *live, hold_lib *hold, struct herd *herd)
{
	const pid_t parent = getpid();
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	for (herd->n = 0; herd->n < PROCS; herd->n++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			be_one(hold, live->dir, ready[1], parent);
		herd->pids[herd->n] = pid;
	}
	close(ready[1]);
	for (size_t i = 0; i < PROCS; i++)
		assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static void end(struct herd *herd)
{
	for (size_t i = 0; i < herd->n; i++) {
		kill(herd->pids[i], SIGKILL);
		assert_int_equal(waitpid(herd->pids[i], NULL, 0), herd->pids[i]);
	}
}

static struct stale_report *scan(const struct live *live, const struct herd *herd,
				 unsigned kinds, unsigned jobs)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report;

	opt.pids = herd->pids;
	opt.npids = herd->n;
	opt.kinds = kinds;
	opt.jobs = jobs;
	assert_int_equal(stale_scan(&opt, &report), 0);
	return report;
}

/* All have the verdict, whoever came to it.  Returns the number of differences: whoever
 * fails has to end the herd first. */
static unsigned differences(const struct live *live, const struct herd *herd,
			    unsigned kinds, enum stale_why why)
{
	static const unsigned jobs[] = {1, 2, 8};
	unsigned bad = 0;

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		struct stale_report *report = scan(live, herd, kinds, jobs[i]);
		const struct stale_proc *procs;
		char label[32];
		size_t n, alike = 0;

		snprintf(label, sizeof(label), "%u jobs", jobs[i]);
		procs = stale_report_procs(report, &n);
		bad += !row_number_is(label, "processes", (int64_t)n, (int64_t)herd->n);
		for (size_t p = 0; p < n; p++)
			alike += procs[p].files[0].why == why;
		bad += !row_number_is(label, "with that verdict", (int64_t)alike,
				      (int64_t)n);
		stale_report_free(report);
	}
	return bad;
}

/* Each worker reads the build-id of the successor for itself. */
static void libraries_of_the_same_build_are_told_by_every_worker(void **state)
{
	struct live *live = *state;
	struct herd herd;
	unsigned bad;

	live_need_dir(live);
	live_lib(live, LIB, LIB, 'a');
	start(live, map_lib, &herd);
	live_lib(live, "new", LIB, 'a');
	live_rename(live, "new", LIB);
	bad = differences(live, &herd, STALE_KIND_CODE, STALE_REINSTALLED);
	end(&herd);
	assert_int_equal(bad, 0);
}

static void open_files_are_found_by_every_worker(void **state)
{
	struct live *live = *state;
	struct herd herd;
	unsigned bad;

	live_need_dir(live);
	live_lib(live, LIB, LIB, 'a');
	start(live, open_lib, &herd);
	live_unlink(live, LIB);
	bad = differences(live, &herd, STALE_KIND_BIT(STALE_FD), STALE_DELETED);
	end(&herd);
	assert_int_equal(bad, 0);
}

static void roots_are_named_by_every_worker(void **state)
{
	struct live *live = *state;
	struct herd herd;
	unsigned bad;

	live_need_root(live);
	live_need_dir(live);
	live_lib(live, LIB, LIB, 'a');
	start(live, map_lib_in_root, &herd);
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
	bad = differences(live, &herd, STALE_KIND_CODE, STALE_REPLACED);
	end(&herd);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(libraries_of_the_same_build_are_told_by_every_worker),
		LIVE_TEST(open_files_are_found_by_every_worker),
		LIVE_TEST(roots_are_named_by_every_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
