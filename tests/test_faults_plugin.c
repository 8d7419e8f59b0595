/*
 * test_faults_plugin.c - every call of check_stale beside the scan itself made to fail in
 * turn: the child that scans, the files that are read, the file that is written, and the
 * package manager.  Each time there is a reason, never an answer that is too good.
 */
#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "filerun.h"
#include "guard.h"
#include "output.h"
#include "scan/rulefile.h"
#include "survey.h"
#include "tests/support/faultwork.h"
#include "tests/support/parsed.h"
#include "tests/support/proctree.h"
#include "tool.h"
#include "verdict.h"

#define SECOND INT64_C(1000000) /* microseconds */
#define STALE  "1000-2000 r-xp 0 08:01 42 /usr/lib/x.so (deleted)\n"

static struct proctree tree;

/* The scan, as the plugin runs it. */
static struct {
	enum state state;
	size_t nprocs;
	size_t vanished;
	bool has_reason;
} answer;

static int run_survey(void)
{
	char root[128];
	const char *const words[] = {root, "--no-default-ignores", NULL};
	struct buf error = BUF_INIT;
	struct survey survey;
	struct verdict verdict;
	struct parsed p;
	int rc;

	snprintf(root, sizeof(root), "--proc-root=%s", tree.path);
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	rc = survey_make(&p.opt, &survey, &error);
	memset(&answer, 0, sizeof(answer));
	answer.has_reason = error.len > 0;
	if (rc == 0) {
		verdict_reach(&survey.view, &p.opt.rules, &verdict);
		answer.state = verdict.state;
		answer.nprocs = survey.view.nprocs;
		answer.vanished = survey.view.info->vanished;
		survey_release(&survey);
	}
	buf_release(&error);
	parsed_release(&p);
	return rc;
}

/* Half of the processes are stale. */
static const char *judge_survey(int rc, int error)
{
	(void)error;
	if (rc < 0)
		return answer.has_reason ? NULL : "without a reason";
	if (answer.state == STATE_OK)
		return "OK";
	if (answer.nprocs + answer.vanished < 2 && answer.state != STATE_UNKNOWN &&
	    answer.state != STATE_WARNING)
		return "too few are told";
	return NULL;
}

static int make_tree(void **state)
{
	(void)state;
	proctree_init(&tree);
	for (pid_t pid = 10; pid < 14; pid++)
		proctree_add(&tree, pid, "x", pid % 2 ? STALE : "");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	proctree_release(&tree);
	return 0;
}

static void a_survey_is_never_too_good(void **state)
{
	static const struct faultwork work = {
		"survey",
		NULL,
		run_survey,
		judge_survey,
		{{FAULTS_FORK, {EAGAIN, ENOMEM}},
		 {FAULTS_MMAP, {ENOMEM, EAGAIN}},
		 {FAULTS_DUP, {EMFILE}},
		 {FAULTS_OPEN, {EMFILE, ENFILE, ENOMEM, EACCES, ENOENT, EIO}},
		 {FAULTS_OPENAT, {EMFILE, ENFILE, ENOMEM, EACCES, ENOENT, EIO}},
		 {FAULTS_READ, {ENOMEM, EIO, ESRCH, EINTR}},
		 {FAULTS_FDOPENDIR, {ENOMEM}},
		 {FAULTS_READDIR, {ENOMEM, EIO}},
		 {FAULTS_READLINK, {ENOMEM, EACCES, ENOENT}},
		 {FAULTS_FSTATFS, {ENOMEM, EIO}},
		 {FAULTS_CLOSE, {EIO}}},
	};

	(void)state;
	faultwork_try(&work);
}

/* Work in a child. */
static int do_nothing(void *arg)
{
	(void)arg;
	return 0;
}

static int run_guard(void)
{
	const struct guard_work work = {.child = do_nothing};
	struct guard_result result;
	int rc = guard_run(&work, 20 * SECOND, NULL, &result);

	return rc < 0 ? rc : result.rc;
}

static const char *judge_guard(int rc, int error)
{
	return rc == -error || (rc == 0 && error == EINTR) ? NULL : "another";
}

static void what_keeps_a_child_from_its_work_comes_back(void **state)
{
	static const struct faultwork work = {
		"guard",
		NULL,
		run_guard,
		judge_guard,
		{{FAULTS_FORK, {EAGAIN, ENOMEM}},
		 {FAULTS_OPEN, {EMFILE, ENFILE, ENOMEM, ENOENT}},
		 {FAULTS_DUP, {EMFILE}}},
	};

	(void)state;
	faultwork_try(&work);
}

/* A file that is replaced, in the folder of the tree. */
static char told[256];

static void full_path(char path[static 128])
{
	snprintf(path, 128, "%s/out", tree.path);
}

static void put_old(void)
{
	proctree_write(&tree, "out", "old", 3);
}

static int run_output(void)
{
	char path[128];

	told[0] = '\0';
	full_path(path);
	return output_write(path, "new!", 4, told, sizeof(told));
}

static size_t count_names(void)
{
	DIR *dir = opendir(tree.path);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static const char *judge_output(int rc, int error)
{
	char path[128], text[8] = "";
	int fd;

	full_path(path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return "there is no file";
	close(fd);
	if (rc < 0 && !strstr(told, path))
		return "no file is named";
	/* Only these are overcome; EDQUOT is of close(2), and the folder's as well. */
	if (rc == 0 &&
	    (strcmp(text, "new!") != 0 ||
	     (error != EINTR && error != EINVAL && error != EEXIST && error != EDQUOT)))
		return "it is not written";
	if (strcmp(text, "new!") != 0 && strcmp(text, "old") != 0)
		return "it is not whole";
	if (count_names() != 5) /* with those of four processes */
		return "something is left beside it";
	return NULL;
}

static void a_file_is_replaced_as_a_whole_or_not_at_all(void **state)
{
	static const struct faultwork work = {
		"output",
		put_old,
		run_output,
		judge_output,
		{{FAULTS_OPEN, {EMFILE, ENFILE, ENOENT, EACCES}},
		 {FAULTS_FSTATAT, {EACCES, EIO}},
		 {FAULTS_OPENAT, {EMFILE, ENOSPC, EROFS, EACCES, EEXIST}},
		 {FAULTS_WRITE, {ENOSPC, EIO, EINTR, EFBIG}},
		 {FAULTS_FCHMOD, {EPERM, EIO}},
		 {FAULTS_FSYNC, {EIO, ENOSPC, EINVAL}},
		 {FAULTS_CLOSE, {EDQUOT}},
		 {FAULTS_RENAMEAT, {EACCES, EIO, ENOSPC, EXDEV}}},
	};

	(void)state;
	faultwork_try(&work);
}

/* In a process of its own, which gives up its privileges.  Returns whether the file was
 * refused for the right reason. */
static bool is_refused(const char *path)
{
	const struct fault fault = {
		.call = FAULTS_OPEN, .error = EMFILE, .name = "/dev/null"};
	struct buf bytes = BUF_INIT, error = BUF_INIT;
	char option[160];
	const char *const words[] = {option, NULL};
	struct parsed p;
	int rc;

	snprintf(option, sizeof(option), "-o%s", path);
	parsed_make(words, &p);
	faults_begin(&fault);
	rc = filerun_write(&p.opt, &bytes, child_clock_us() + 20 * SECOND, &error);
	faults_end();
	parsed_release(&p);
	return rc < 0 && error.s && strstr(error.s, path) &&
	       strstr(error.s, strerror(EMFILE));
}

static void a_child_that_cannot_write_tells_why(void **state)
{
	char path[128];
	int status;
	pid_t pid;

	(void)state;
	full_path(path);
	pid = fork();
	if (pid == 0)
		_exit(is_refused(path) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Another program. */
static struct buf out;

static int run_tool(void)
{
	const char *const argv[] = {"/bin/sh", "-c", "echo x", NULL};

	buf_release(&out);
	return tool_run(argv, child_clock_us() + 20 * SECOND, &out);
}

static const char *judge_tool(int rc, int error)
{
	if (rc == 0 && (out.len != 2 || memcmp(out.s, "x\n", 2) != 0))
		return "what it says is lost";
	/* 127: as where there is no such program */
	return rc == 0 || rc == 127 || rc == -error ? NULL : "another";
}

static void a_package_manager_that_cannot_be_asked_is_an_error(void **state)
{
	static const struct faultwork work = {
		"tool",
		NULL,
		run_tool,
		judge_tool,
		{{FAULTS_PIPE, {EMFILE, ENFILE}},
		 {FAULTS_FORK, {EAGAIN, ENOMEM}},
		 {FAULTS_FCNTL, {EMFILE, EINVAL}},
		 {FAULTS_OPEN, {EMFILE, ENFILE, ENOENT, EACCES}},
		 {FAULTS_DUP, {EMFILE, EBUSY, EINTR}},
		 {FAULTS_POLL, {EINTR, ENOMEM}},
		 {FAULTS_READ, {EINTR, EIO}},
		 {FAULTS_CLOSE, {EIO}}},
	};

	(void)state;
	faultwork_try(&work);
	buf_release(&out);
}

/* Names of users. */
static int run_users(void)
{
	struct stale_users *users = NULL;
	char path[128];
	uid_t uid;
	int rc;

	full_path(path);
	rc = stale_users_read(path, &users);
	if (rc == 0)
		rc = stale_users_uid(users, "alice", &uid);
	stale_users_free(users);
	return rc;
}

static const char *judge_read(int rc, int error)
{
	return rc == -error || (rc == 0 && error == EINTR) ? NULL : "another";
}

/* Ignore rules: of a file, and of a folder. */
static int run_rules(void)
{
	struct rule_list *rules = NULL;
	char path[128];
	size_t n = 0;
	int rc = rule_list_new(&rules);

	told[0] = '\0';
	full_path(path);
	if (rc == 0)
		rc = rule_list_read_file(rules, path, told, sizeof(told));
	if (rc == 0)
		rc = rule_list_read_folder(rules, tree.path, false, told, sizeof(told));
	if (rc == 0)
		rule_list_items(rules, &n);
	rule_list_free(rules);
	if (rc == 0 && n != 2)
		return 1;
	return rc;
}

static const char *judge_rules(int rc, int error)
{
	if (rc < 0 && !strstr(told, tree.path))
		return "no file is named";
	/* No folder is no rules: it is not there on most machines. */
	return judge_read(error == ENOENT && rc == 1 ? -ENOENT : rc, error);
}

static void files_that_cannot_be_read_are_errors(void **state)
{
	static const struct faultwork users = {
		"users",
		NULL,
		run_users,
		judge_read,
		{{FAULTS_OPEN, {EMFILE, ENFILE, EACCES, EIO}},
		 {FAULTS_READ, {EIO, EINTR, EISDIR}}},
	};
	static const struct faultwork rules = {
		"rules",
		NULL,
		run_rules,
		judge_rules,
		{{FAULTS_OPEN, {EMFILE, ENFILE, EACCES, EIO, ENOENT}},
		 {FAULTS_OPENAT, {EMFILE, ENFILE, EACCES, EIO, ENOENT}},
		 {FAULTS_FSTAT, {EIO, ENOMEM}},
		 {FAULTS_SCANDIR, {EIO, EMFILE, ENOMEM}},
		 {FAULTS_READ, {EIO, EINTR}}},
	};
	static const char text[] = "alice:x:1000:1000::/:/bin/sh\n", rule[] = "unit a\n";

	(void)state;
	proctree_write(&tree, "out", text, sizeof(text) - 1);
	faultwork_try(&users);
	proctree_write(&tree, "out", rule, sizeof(rule) - 1);
	proctree_write(&tree, "a.conf", rule, sizeof(rule) - 1);
	faultwork_try(&rules);
}

/* Is it in poll(2)?  -1: that may not be seen here. */
static int is_waiting(pid_t pid)
{
	char text[64] = "", name[64];
	long number;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/syscall", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -1;
	close(fd);
	number = strtol(text, NULL, 10);
#ifdef SYS_poll
	if (number == SYS_poll)
		return 1;
#endif
	return number == SYS_ppoll;
}

/* Starts check_stale where nobody ever reads what it says. */
static pid_t start_unread(int ends[2])
{
	const char *build = getenv("STALE_BUILD");
	const pid_t parent = getpid();
	char program[256];
	pid_t pid;

	snprintf(program, sizeof(program), "%s/check_stale", build ? build : "build");
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	while (write(ends[1], told, sizeof(told)) > 0)
		;
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	/* A sanitizer that looks for leaks at the end needs descriptors, too. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    setenv("ASAN_OPTIONS", "detect_leaks=0", 1) == 0 &&
	    dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO)
		execl(program, program, "-V", (char *)NULL);
	_exit(126);
}

/* With no descriptor allowed, poll(2) fails for ever. */
static void who_cannot_wait_for_stdout_ends(void **state)
{
	const struct rlimit none = {0, 0};
	int ends[2], status, waits;
	pid_t pid = start_unread(ends);

	(void)state;
	alarm(60);
	while ((waits = is_waiting(pid)) == 0)
		sched_yield();
	if (waits < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		print_message("# skip who_cannot_wait_for_stdout_ends: it may not be "
			      "seen what a process waits for\n");
		skip();
	}
	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &none, NULL), 0);
	/* Stopped and continued, it asks again. */
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	alarm(0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_survey_is_never_too_good),
		cmocka_unit_test(what_keeps_a_child_from_its_work_comes_back),
		cmocka_unit_test(a_file_is_replaced_as_a_whole_or_not_at_all),
		cmocka_unit_test(a_child_that_cannot_write_tells_why),
		cmocka_unit_test(a_package_manager_that_cannot_be_asked_is_an_error),
		cmocka_unit_test(files_that_cannot_be_read_are_errors),
		cmocka_unit_test(who_cannot_wait_for_stdout_ends),
	};

	return cmocka_run_group_tests_name("calls that fail, plugin", tests, make_tree,
					   remove_tree);
}
