/*
 * live_crew.c - the threads of a scan on real processes: each may do what the scan may,
 * has descriptors of its own, and finds the same where it is refused them.
 */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/crowd.h"
#include "support/granted.h"
#include "support/livecheck.h"
#include "support/livefuse.h"
#include "support/sanitized.h"
#include "test.h"

/* More than the workers take at once. */
#define PROCESSES 96
#define LIB       "libx.so.1"
#define THREADS   64
/* Seconds until something that must happen has not. */
#define PATIENCE 30

/* "--pid=1,2,3", owned by the caller. */
static char *pids_option(const struct crowd *crowd)
{
	char *option = malloc(16 + 12 * crowd->n);
	int n;

	assert_non_null(option);
	n = sprintf(option, "--pid=%d", crowd->pids[0]);
	for (size_t i = 1; i < crowd->n; i++)
		n += sprintf(option + n, ",%d", crowd->pids[i]);
	return option;
}

/* Our processes, not nobody's, with LIB, which is replaced. */
static void start_replaced(struct live *live, struct crowd *crowd)
{
	char *lib = live_path(live, LIB);

	live_lib(live, LIB, LIB, 'a');
	crowd_start(crowd, PROCESSES, "replaced", lib);
	live_lib(live, "new", LIB, 'b');
	live_rename(live, "new", LIB);
	free(lib);
}

static void forget_ages(json_t *processes)
{
	json_t *process, *file;
	size_t i, k;

	json_array_foreach(processes, i, process)
	{
		json_array_foreach(json_object_get(process, "files"), k, file)
		{
			json_object_del(file, "age_seconds");
		}
	}
}

/* What does not depend on the time.  Owned by the caller. */
static json_t *ask(const char *program, enum livechild_user user, const char *pids,
		   const char *jobs)
{
	const char *const words[] = {pids, jobs, "--format=json", "--count=all", NULL};
	struct liveplugin_answer answer;
	json_t *json, *processes;

	liveplugin_run_as(user, program, words, &answer);
	json = json_loads(answer.out, 0, NULL);
	if (!json || answer.nerr)
		fail_msg("%s: exit %d: %s", jobs, answer.status, answer.out);
	processes = json_incref(json_object_get(json, "processes"));
	forget_ages(processes);
	json_decref(json);
	liveplugin_release(&answer);
	return processes;
}

static size_t compare_jobs(const char *program, enum livechild_user user,
			   const char *pids)
{
	json_t *one = ask(program, user, pids, "--jobs=1");
	json_t *four = ask(program, user, pids, "--jobs=4");
	const size_t n = json_array_size(one);

	row_number(program, "with four jobs the same", json_equal(one, four), true);
	json_decref(one);
	json_decref(four);
	return n;
}

static void threads_see_what_one_capability_shows(void **state)
{
	static const struct {
		const char *label;
		const char *caps; /* of the file */
		enum livechild_user user;
		size_t want;
	} rows[] = {
		{"none", NULL, LIVECHILD_PLAIN, 0},
		{"of-the-file", GRANTED_PTRACE, LIVECHILD_PLAIN, PROCESSES},
		{"ambient", NULL, LIVECHILD_PTRACE, PROCESSES},
		{"root", NULL, LIVECHILD_SAME, PROCESSES},
	};
	struct live *live = *state;
	struct crowd crowd;
	char *pids;

	live_need_root(live);
	start_replaced(live, &crowd);
	pids = pids_option(&crowd);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *program = granted_copy(live, rows[i].label, rows[i].caps);

		row_number(rows[i].label, "processes",
			   compare_jobs(program, rows[i].user, pids), rows[i].want);
		free(program);
	}
	free(pids);
	crowd_end(&crowd);
}

/* The only child of a process; 0: there is none yet. */
static pid_t child_of(pid_t parent)
{
	char path[64], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	file = fopen(path, "re");
	if (file && !fgets(text, sizeof(text), file))
		text[0] = '\0';
	if (file)
		fclose(file);
	return (pid_t)strtol(text, NULL, 10);
}

static size_t threads_of(pid_t pid, pid_t tids[THREADS])
{
	const struct dirent *entry;
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && n < THREADS)
			tids[n++] = (pid_t)strtol(entry->d_name, NULL, 10);
	if (dir)
		closedir(dir);
	return n;
}

/* Has each a table of descriptors that no other has? */
static bool are_apart(const pid_t *tids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (syscall(SYS_kcmp, tids[i], tids[k], KCMP_FILES, 0, 0) <= 0)
				return false;
	return true;
}

/* How many may do what the scan may, and that alone. */
static size_t count_able(pid_t pid, const pid_t *tids, size_t n)
{
	size_t able = 0;

	for (size_t i = 0; i < n; i++) {
		struct granted_status status;
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tids[i]);
		able += granted_read_status(path, &status) &&
			status.effective == granted_all() && status.no_new_privs;
	}
	return able;
}

struct seen {
	size_t threads, able;
	bool apart;
};

/* Waits until several are at their work, each as it should be. */
static struct seen watch_threads(pid_t plugin)
{
	const time_t end = time(NULL) + PATIENCE;
	struct seen seen = {0};

	while (time(NULL) < end) {
		pid_t tids[THREADS], child = child_of(plugin);

		seen.threads = child ? threads_of(child, tids) : 0;
		if (seen.threads > 1) {
			seen.able = count_able(child, tids, seen.threads);
			seen.apart = are_apart(tids, seen.threads);
			if (seen.apart && seen.able == seen.threads)
				break;
		}
		sched_yield();
	}
	return seen;
}

/* They hang in a look-up, so that there is time to look at them. */
static void threads_have_all_capabilities_and_descriptors_of_their_own(void **state)
{
	const struct granted_way way = {.user = LIVECHILD_PLAIN};
	struct live *live = *state;
	struct live_process *server;
	char *program, *pids, *lib;
	struct crowd crowd;
	struct seen seen;
	pid_t plugin;

	program = granted_copy(live, "granted", GRANTED_ALL);
	if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILES, 0, 0) != 0)
		live_skip(live, "no kcmp");
	server = livefuse_start(live, NULL, NULL);
	lib = live_path(live, LIVEFUSE_FILE);
	crowd_start(&crowd, PROCESSES, "stuck", lib);
	live_unlink(live, LIVEFUSE_FILE);
	pids = pids_option(&crowd);
	plugin = granted_start(program,
			       (const char *const[]){pids, "--jobs=4", "-t", "60", NULL},
			       &way, STDERR_FILENO, NULL);
	seen = watch_threads(plugin);
	kill(plugin, SIGKILL);
	live_stop(live, server);
	assert_int_equal(waitpid(plugin, NULL, 0), plugin);
	crowd_end(&crowd);
	assert_true(seen.threads > 1);
	assert_int_equal(seen.able, seen.threads);
	row_number("kcmp", "descriptors of their own", seen.apart, true);
	free(program);
	free(pids);
	free(lib);
}

struct packed {
	void *bytes;
	size_t len;
};

static size_t count_replaced(const struct stale_report *report)
{
	size_t n, replaced = 0;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	for (size_t i = 0; i < n; i++)
		replaced += procs[i].files[0].why == STALE_REPLACED;
	return replaced;
}

/* The report, if all of the crowd are in it. */
static struct packed scan(const struct live *live, const struct crowd *crowd,
			  const char *root, unsigned jobs)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report;
	struct packed packed = {0};

	opt.proc_root = root;
	opt.pids = crowd->pids;
	opt.npids = crowd->n;
	opt.kinds = STALE_KIND_CODE;
	opt.jobs = jobs;
	if (stale_scan(&opt, &report) < 0)
		return packed;
	if (count_replaced(report) == crowd->n)
		stale_report_pack(report, &packed.bytes, &packed.len);
	stale_report_free(report);
	return packed;
}

static bool is_same(const struct packed *a, const struct packed *b)
{
	return a->len && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* As sandboxes of services do. */
static bool refuse_unshare(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {ARRAY_LEN(filter), filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
	       unshare(CLONE_FILES) < 0;
}

static int scan_unshared(struct live *live, const struct crowd *crowd)
{
	struct packed one = scan(live, crowd, NULL, 1), many;

	if (!refuse_unshare())
		return 2;
	many = scan(live, crowd, NULL, 8);
	return !is_same(&one, &many);
}

static void threads_that_must_share_descriptors_find_the_same(void **state)
{
	struct live *live = *state;
	struct crowd crowd;
	pid_t child;
	int status;

	live_need_dir(live);
	start_replaced(live, &crowd);
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(scan_unshared(live, &crowd));
	assert_int_equal(waitpid(child, &status, 0), child);
	crowd_end(&crowd);
	assert_int_equal(status, 0);
}

/* /proc is another one's, in another place; ours, by which a descriptor is named, is
 * covered. */
static int scan_without_proc(struct live *live, const struct crowd *crowd)
{
	char *root = live_path(live, "hostproc");
	struct packed one, many;
	int r = livechild_own_mounts();

	if (r == 0 && (mount("/proc", root, NULL, MS_BIND | MS_REC, NULL) < 0 ||
		       mount("none", "/proc", "tmpfs", 0, NULL) < 0))
		r = -errno;
	if (r < 0)
		return 3;
	one = scan(live, crowd, root, 1);
	many = scan(live, crowd, root, 8);
	return !is_same(&one, &many);
}

static void threads_without_a_proc_of_their_own_find_the_same(void **state)
{
	struct live *live = *state;
	struct crowd crowd;
	pid_t child;
	int status;

	live_need_root(live);
	if (is_sanitized())
		live_skip(live, "a sanitizer reads /proc");
	live_mkdir(live, "hostproc");
	start_replaced(live, &crowd);
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(scan_without_proc(live, &crowd));
	assert_int_equal(waitpid(child, &status, 0), child);
	crowd_end(&crowd);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(threads_see_what_one_capability_shows),
		LIVE_TEST(threads_have_all_capabilities_and_descriptors_of_their_own),
		LIVE_TEST(threads_that_must_share_descriptors_find_the_same),
		LIVE_TEST(threads_without_a_proc_of_their_own_find_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
