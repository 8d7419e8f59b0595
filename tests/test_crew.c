/*
 * test_crew.c - many workers find as much as one: in the same room, with fewer threads
 * than were asked for, and with nothing lost when the scan cannot go on.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scan/crew.h"
#include "scan/report.h"
#include "tests/support/proctree.h"

/* As many as CREW_PROCESSES says, for who wants to know what a large machine needs. */
#define PROCESSES 400
#define FILES     50

static const unsigned jobs[] = {1, 2, 4, 64};

static size_t processes(void)
{
	const char *n = getenv("CREW_PROCESSES");

	return n ? strtoul(n, NULL, 10) : PROCESSES;
}

/* All have the same stale files, with names as long as they come. */
static void add_processes(const struct proctree *tree, size_t n)
{
	char *maps = calloc(FILES, 256);
	size_t len = 0;

	assert_non_null(maps);
	for (unsigned i = 0; i < FILES; i++)
		len += (size_t)sprintf(maps + len,
				       "%x000-%x800 r-xp 0 08:01 %u /usr/lib/%0128d/"
				       "lib.so.%u (deleted)\n",
				       i + 1, i + 1, i + 100, 0, i);
	for (size_t i = 1; i <= n; i++)
		proctree_add(tree, (pid_t)i, "x", maps);
	free(maps);
}

struct crew_scene {
	struct proctree tree;
	struct procfs fs;
	struct roots roots;
	struct findings *findings;
	struct verdicts verdicts;
	struct stale_options opt;
	struct worker_shared shared;
	pid_t *pids;
	size_t n;
};

static void scene_init(struct crew_scene *s, size_t n)
{
	*s = (struct crew_scene){0};
	proctree_init(&s->tree);
	add_processes(&s->tree, n);
	assert_int_equal(procfs_open(s->tree.path, &s->fs), 0);
	assert_int_equal(procfs_list(&s->fs, &s->pids, &s->n), 0);
	assert_int_equal(s->n, n);
	assert_int_equal(findings_new(&s->findings), 0);
	s->shared = (struct worker_shared){.opt = &s->opt,
					   .fs = &s->fs,
					   .findings = s->findings,
					   .roots = &s->roots,
					   .verdicts = &s->verdicts,
					   .seed = 4711};
}

static void scene_release(struct crew_scene *s)
{
	findings_free(s->findings);
	free(s->pids);
	procfs_release(&s->fs);
	proctree_release(&s->tree);
}

/* Between these two, workers may be used. */
static void begin(struct crew_scene *s)
{
	findings_clear(s->findings);
	assert_int_equal(roots_init(&s->roots, &s->fs, s->shared.seed), 0);
	verdicts_init(&s->verdicts, s->findings, s->shared.seed);
}

static void end(struct crew_scene *s)
{
	verdicts_release(&s->verdicts);
	roots_release(&s->roots);
}

/* Returns the bytes that it took. */
static size_t scan(struct crew_scene *s, unsigned njobs)
{
	s->opt.jobs = njobs;
	begin(s);
	assert_int_equal(crew_scan(&s->shared, s->pids, s->n), 0);
	end(s);
	return atomic_load(&s->findings->used);
}

static void more_workers_need_no_more_room(void **state)
{
	struct crew_scene s;
	size_t one;

	(void)state;
	scene_init(&s, processes());
	one = scan(&s, 1);
	assert_int_equal(atomic_load(&s.findings->scanned), s.n);
	print_message("findings: %zu bytes for %zu processes with %d stale files each\n",
		      one, s.n, FILES);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		row_number("jobs", "bytes", scan(&s, jobs[i]), one);
		row_number("jobs", "uses", atomic_load(&s.findings->uses), s.n * FILES);
	}
	scene_release(&s);
}

/* What one worker has room for, many have; what it has not, they have not. */
static void the_room_is_the_same_for_every_number_of_workers(void **state)
{
	struct crew_scene s;
	size_t size, need;

	(void)state;
	scene_init(&s, PROCESSES);
	size = s.findings->size;
	need = scan(&s, 1);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		s.findings->size = need;
		scan(&s, jobs[i]);
		row_number("just enough", "error", atomic_load(&s.findings->error), 0);
		s.findings->size = need - 1;
		scan(&s, jobs[i]);
		row_number("too little", "error", atomic_load(&s.findings->error),
			   ENOBUFS);
		row_number("too little", "failed", atomic_load(&s.findings->failed), 1);
	}
	s.findings->size = size;
	scene_release(&s);
}

static const struct found_use *only_files(const struct findings *found, pid_t pid)
{
	const struct found_proc *proc = atomic_load(&found->procs);

	while (proc && proc->pid != pid)
		proc = proc->next;
	assert_non_null(proc);
	assert_int_equal(proc->nfiles, FILES);
	return proc->files;
}

static void workers_that_say_the_same_of_a_file_say_it_once(void **state)
{
	struct worker workers[2];
	struct crew_scene s;

	(void)state;
	scene_init(&s, 2);
	begin(&s);
	for (unsigned i = 0; i < 2; i++) {
		worker_init(&workers[i], &s.shared, i);
		assert_int_equal(worker_scan(&workers[i], (pid_t)i + 1), 0);
		worker_release(&workers[i]);
	}
	for (size_t i = 0; i < FILES; i++)
		assert_ptr_equal(only_files(s.findings, 1)[i].file,
				 only_files(s.findings, 2)[i].file);
	end(&s);
	scene_release(&s);
}

#define PART(name)                                                                       \
	{                                                                                \
#name, offsetof(struct found_file, name)                                 \
	}

static const struct verdict_part {
	const char *label;
	size_t at; /* its first byte is made another */
} verdict_parts[] = {
	PART(device),       PART(inode),
	PART(since),        PART(bytes),
	PART(old_birth_ns), PART(old_ctime_ns),
	PART(old_mtime_ns), PART(old_uid),
	PART(root),         PART(is_below_scratch),
	PART(since_source), PART(kind),
	PART(why),          PART(build_id_len),
	PART(is_fleeting),
};

static const struct found_file *say(struct verdicts *verdicts,
				    const struct found_file *verdict, const char *path,
				    const char *successor)
{
	const struct name next = {successor, successor ? strlen(successor) : 0};
	const struct found_file *file = NULL;

	assert_int_equal(verdicts_add(verdicts, verdict,
				      (struct name){path, strlen(path)},
				      successor ? &next : NULL, &file),
			 0);
	assert_string_equal(file->path, path);
	assert_int_equal(!file->successor, !successor);
	return file;
}

static void verdicts_that_differ_in_anything_are_two(void **state)
{
	static const uint8_t ids[2][21] = {"0123456789abcdefghij",
					   "0123456789abcdefghix"};
	struct found_file verdict = {
		.build_id = ids[0], .build_id_len = 20, .inode = 2, .bytes = -1};
	struct verdicts verdicts;
	const struct found_file *first;
	struct findings *found;

	(void)state;
	assert_int_equal(findings_new(&found), 0);
	verdicts_init(&verdicts, found, 4711);
	first = say(&verdicts, &verdict, "/a", "/b");
	for (size_t i = 0; i < ARRAY_LEN(verdict_parts); i++) {
		struct found_file other = verdict;

		((unsigned char *)&other)[verdict_parts[i].at] ^= 1;
		row_number(verdict_parts[i].label, "is the first one",
			   say(&verdicts, &other, "/a", "/b") == first, false);
		row_number(verdict_parts[i].label, "the first one is found",
			   say(&verdicts, &verdict, "/a", "/b") == first, true);
	}
	assert_ptr_not_equal(say(&verdicts, &verdict, "/ab", "/b"), first);
	assert_ptr_not_equal(say(&verdicts, &verdict, "/a", "/bc"), first);
	assert_ptr_not_equal(say(&verdicts, &verdict, "/a", NULL), first);
	verdict.build_id = ids[1];
	assert_ptr_not_equal(say(&verdicts, &verdict, "/a", "/b"), first);
	verdicts_release(&verdicts);
	findings_free(found);
}

/* In a child that has so many descriptors left.  Returns what is wrong, 0: nothing. */
static int scan_until_short(const struct proctree *tree, unsigned njobs, int left)
{
	const struct stale_options opt = {.jobs = njobs, .proc_root = tree->path};
	const int next = dup(STDIN_FILENO);
	struct rlimit limit = {(rlim_t)(next + left), (rlim_t)(next + left)};
	const struct stale_scan_info *info;
	struct stale_scanner *scanner;
	struct stale_report *report;

	close(next);
	if (next < 0 || setrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    stale_scanner_new(&opt, &scanner) < 0)
		return 1;
	if (stale_scanner_run(scanner) != -EMFILE)
		return 2;
	if (stale_scanner_report(scanner, &report) < 0)
		return 3;
	info = stale_report_info(report);
	if (info->finished || info->error != EMFILE)
		return 4;
	if (info->at < 1 || info->at > 64 || info->scanned)
		return 5;
	stale_report_free(report);
	stale_scanner_free(scanner);
	return 0;
}

/* Two are for the tree and for the process: its maps cannot be opened. */
static void scan_that_runs_out_of_descriptors_says_where_it_was(void **state)
{
	struct proctree tree;

	(void)state;
	proctree_init(&tree);
	add_processes(&tree, 64);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		pid_t child;
		int status;

		fflush(stdout);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			_exit(scan_until_short(&tree, jobs[i], 2));
		assert_int_equal(waitpid(child, &status, 0), child);
		row_number("jobs", "what is wrong", WEXITSTATUS(status), 0);
		row_number("jobs", "status", status, 0);
	}
	proctree_release(&tree);
}

/* Roots with so many mounts each that there is enough for a few of them only. */
#define ROOTS      12
#define MOUNTINFO  ((size_t)3 << 19)
#define MOUNT_LINE "22 21 0:42 / /mnt rw - ext4 /dev/sda1 rw\n"

struct mounted {
	struct proctree trees[ROOTS];
	int fds[ROOTS];
	struct roots roots;
	_Atomic size_t next, known;
	pthread_barrier_t start;
};

static void *ask_for_mounts(void *arg)
{
	struct mounted *m = arg;
	size_t i;

	pthread_barrier_wait(&m->start);
	while ((i = atomic_fetch_add(&m->next, 1)) < ROOTS) {
		const struct root *root;
		enum mountinfo_fs fs;

		if (roots_find(&m->roots, m->fds[i], &root) == 0 &&
		    roots_fs_of(root, m->fds[i], 1, &fs) == 0 && fs == MOUNTINFO_LOCAL)
			atomic_fetch_add(&m->known, 1);
	}
	return NULL;
}

/* Returns of how many roots the mounts have become known. */
static size_t ask_all(struct mounted *m, unsigned nthreads)
{
	const struct procfs fs = {.is_proc = true};
	pthread_t threads[ROOTS];

	m->next = m->known = 0;
	assert_int_equal(roots_init(&m->roots, &fs, 4711), 0);
	pthread_barrier_init(&m->start, NULL, nthreads);
	for (unsigned i = 0; i < nthreads; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_for_mounts, m), 0);
	for (unsigned i = 0; i < nthreads; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&m->start);
	roots_release(&m->roots);
	return m->known;
}

static void many_workers_read_no_more_mounts_than_one(void **state)
{
	const size_t line = sizeof(MOUNT_LINE) - 1;
	struct mounted *m = calloc(1, sizeof(*m));
	char *text = malloc(MOUNTINFO);
	size_t len = 0, one;

	(void)state;
	assert_non_null(m);
	assert_non_null(text);
	for (; len + line <= MOUNTINFO; len += line)
		memcpy(text + len, MOUNT_LINE, line);
	for (size_t i = 0; i < ROOTS; i++) {
		proctree_init(&m->trees[i]);
		proctree_link(&m->trees[i], "root", ".");
		proctree_write(&m->trees[i], "mountinfo", text, len);
		m->fds[i] = open(m->trees[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	one = ask_all(m, 1);
	assert_in_range(one, 1, ROOTS - 1);
	for (unsigned i = 0; i < 5; i++)
		row_number("12 threads", "known", ask_all(m, ROOTS), one);
	for (size_t i = 0; i < ROOTS; i++) {
		close(m->fds[i]);
		proctree_release(&m->trees[i]);
	}
	free(text);
	free(m);
}

static void *wait_for_end(void *arg)
{
	while (sem_wait(arg) < 0)
		;
	return NULL;
}

/* How many threads may be started beside this one, up to max. */
static unsigned startable(unsigned max)
{
	pthread_t threads[64];
	unsigned n = 0, i;
	sem_t over;

	sem_init(&over, 0, 0);
	while (n < max && pthread_create(&threads[n], NULL, wait_for_end, &over) == 0)
		n++;
	for (i = 0; i < n; i++)
		sem_post(&over);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	return n;
}

/* Of nobody else: a limit counts all processes of a user. */
static uid_t lonely_user(void)
{
	return 1000000 + (uid_t)getpid();
}

/* In a child.  root has no such limit. */
static int scan_with_some_threads(struct crew_scene *s, rlim_t threads, size_t want)
{
	const struct rlimit limit = {threads, threads};
	const uid_t uid = lonely_user();

	if (setresuid(uid, uid, uid) < 0 || setrlimit(RLIMIT_NPROC, &limit) < 0)
		return 1;
	if (startable(8) >= threads)
		return 2;
	if (scan(s, 8) != want || atomic_load(&s->findings->scanned) != s->n)
		return 3;
	return 0;
}

static void fewer_threads_than_jobs_do_all_the_work(void **state)
{
	static const rlim_t limits[] = {1, 2, 4};
	struct crew_scene s;
	size_t one;

	(void)state;
	if (getuid() != 0) {
		print_message("# skip %s: needs root\n", __func__);
		skip();
	}
	scene_init(&s, 100);
	assert_int_equal(chmod(s.tree.path, 0755), 0);
	one = scan(&s, 1);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		pid_t child;
		int status;

		fflush(stdout);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			_exit(scan_with_some_threads(&s, limits[i], one));
		assert_int_equal(waitpid(child, &status, 0), child);
		row_number("threads", "what is wrong", WEXITSTATUS(status), 0);
		row_number("threads", "status", status, 0);
	}
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_workers_need_no_more_room),
		cmocka_unit_test(the_room_is_the_same_for_every_number_of_workers),
		cmocka_unit_test(workers_that_say_the_same_of_a_file_say_it_once),
		cmocka_unit_test(verdicts_that_differ_in_anything_are_two),
		cmocka_unit_test(scan_that_runs_out_of_descriptors_says_where_it_was),
		cmocka_unit_test(fewer_threads_than_jobs_do_all_the_work),
		cmocka_unit_test(many_workers_read_no_more_mounts_than_one),
	};

	return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}
