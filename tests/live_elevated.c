/*
 * live_elevated.c - more privilege than the user who asks: what is refused then, what is
 * not believed, what becomes of privilege that cannot be given up; and what root may do
 * in the folders of others.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/granted.h"
#include "test.h"

#define LIB           "libx.so.1"
#define OTHER         65533
#define ALL_EFFECTIVE "cap_sys_ptrace,cap_dac_read_search,cap_checkpoint_restore=ep"

static void who_was_granted_privilege_may_name_no_file(void **state)
{
	static const char *const words[] = {"--proc-root=/proc", "--ignore-file=/etc/x",
					    "-o/tmp/x", "-fprometheus"};
	static const char refused[] = " is refused to a program with more privilege ";
	static const char *const caps[] = {GRANTED_ALL, ALL_EFFECTIVE, NULL};
	struct live *live = *state;

	for (size_t i = 0; i < ARRAY_LEN(words) * ARRAY_LEN(caps); i++) {
		const char *word = words[i % ARRAY_LEN(words)];
		const char *granted = caps[i / ARRAY_LEN(words)];
		const bool is_refused = granted && strncmp(word, "-f", 2) != 0;
		const struct granted_way way = {.user = LIVECHILD_PLAIN};
		char *program = granted_copy(live, "plugin", granted);
		struct liveplugin_answer answer;

		granted_run(program, (const char *const[]){word, NULL}, &way, &answer);
		if ((strstr(answer.out, refused) != NULL) != is_refused)
			fail_msg("%s, %s: %s", word, granted ? granted : "nothing",
				 answer.out);
		assert_int_equal(answer.nerr, 0);
		liveplugin_release(&answer);
		live_unlink(live, "plugin");
		free(program);
	}
}

static int be_on_a_terminal_with_colours(void)
{
	unsetenv("NO_COLOR");
	return setenv("TERM", "xterm", 1) < 0 ? -errno : 0;
}

/* What a program shows on a terminal.  Owned by the caller. */
static char *show(const struct live *live, const char *program, const char *pids)
{
	const struct granted_way way = {.user = LIVECHILD_PLAIN,
					.before = be_on_a_terminal_with_colours};
	const char *const words[] = {pids, "-fhuman", "--count=all", NULL};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	char *shown = calloc(1, 4096);
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		live_skip(live, "no pseudo terminal");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0 && shown);
	pid = granted_start(program, words, &way, slave, NULL);
	close(slave);
	while (len < 4095 && (n = read(master, shown + len, 4095 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(master);
	return shown;
}

static void who_was_granted_privilege_has_no_environment(void **state)
{
	static const struct {
		const char *label, *caps;
		bool has_colours;
	} rows[] = {{"nothing granted", NULL, true}, {"granted", GRANTED_ALL, false}};
	struct live *live = *state;
	char *lib, *pids;

	live_need_root(live);
	lib = live_path(live, LIB);
	live_lib(live, LIB, LIB, 'a');
	live_start(live, "setuid", "65534", "map", lib, "rx");
	live_unlink(live, LIB);
	pids = liveplugin_pids(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *program = granted_copy(live, "plugin", rows[i].caps);
		char *shown = show(live, program, pids);

		if (!strstr(shown, "holder"))
			fail_msg("%s: %s", rows[i].label, shown);
		row_number(rows[i].label, "has colours", strstr(shown, "\033[0m") != NULL,
			   rows[i].has_colours);
		live_unlink(live, "plugin");
		free(shown);
		free(program);
	}
	free(pids);
	free(lib);
}

/* The kernel refuses a call; with is_any whatever its first argument is. */
static int refuse_call(unsigned nr, bool is_any, unsigned arg)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, is_any ? 2 : 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arg, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog all = {ARRAY_LEN(filter), filter};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) < 0 ? -errno : 0;
}

static int refuse_capset(void)
{
	return refuse_call(SYS_capset, true, 0);
}

static int refuse_no_new_privs(void)
{
	return refuse_call(SYS_prctl, false, PR_SET_NO_NEW_PRIVS);
}

static int refuse_bounding(void)
{
	return refuse_call(SYS_prctl, false, PR_CAPBSET_DROP);
}

static void privilege_that_cannot_be_given_up_is_an_error(void **state)
{
	static const struct {
		const char *label, *caps;
		struct granted_way way;
		const char *want; /* NULL: the usual answer */
	} rows[] = {
		{"permitted",
		 GRANTED_ALL,
		 {.user = LIVECHILD_PLAIN, .before = refuse_capset},
		 "STALE UNKNOWN - privileges cannot be given up: Operation not "
		 "permitted\n"},
		{"effective",
		 ALL_EFFECTIVE,
		 {.user = LIVECHILD_PLAIN, .before = refuse_capset},
		 "STALE UNKNOWN - privileges cannot be held back: Operation not "
		 "permitted\n"},
		{"root",
		 NULL,
		 {.user = LIVECHILD_SAME, .before = refuse_capset},
		 "STALE UNKNOWN - privileges cannot be held back: Operation not "
		 "permitted\n"},
		{"root's bounding set",
		 NULL,
		 {.user = LIVECHILD_SAME, .before = refuse_bounding},
		 "STALE UNKNOWN - privileges cannot be given up: Operation not "
		 "permitted\n"},
		{"new ones",
		 GRANTED_ALL,
		 {.user = LIVECHILD_PLAIN, .before = refuse_no_new_privs},
		 "STALE UNKNOWN - privileges cannot be given up: Operation not "
		 "permitted\n"},
		{"nothing to give up",
		 NULL,
		 {.user = LIVECHILD_PLAIN, .before = refuse_capset},
		 NULL},
	};
	/* A scan, an error of the options, no scan at all. */
	const char *words[] = {NULL, "--bad", "-V"};
	struct live *live = *state;
	char *pids;

	live_need_root(live);
	words[0] = pids = liveplugin_pids(live);
	for (size_t i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(words); i++) {
		const size_t row = i / ARRAY_LEN(words);
		const char *word = words[i % ARRAY_LEN(words)];
		char *program = granted_copy(live, "plugin", rows[row].caps);
		struct liveplugin_answer answer;

		granted_run(program, (const char *const[]){word, NULL}, &rows[row].way,
			    &answer);
		if (rows[row].want ? strcmp(answer.out, rows[row].want) != 0
				   : strstr(answer.out, "privileges") != NULL)
			fail_msg("%s, %s: \"%s\"", rows[row].label, word, answer.out);
		row_number(rows[row].label, "exit", answer.status, 3);
		liveplugin_release(&answer);
		live_unlink(live, "plugin");
		free(program);
	}
	free(pids);
}

/* A folder of another user that nobody else may enter. */
static void make_others_folder(struct live *live, const char *name, mode_t mode)
{
	char *path = live_path(live, name);

	live_mkdir(live, name);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(chown(path, OTHER, OTHER), 0);
	free(path);
}

static void give_away(struct live *live, const char *name)
{
	char *path = live_path(live, name);

	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chown(path, OTHER, OTHER), 0);
	free(path);
}

/* Runs it as root with an option of which this is the file. */
static void run_with_file(struct live *live, const char *option, const char *name,
			  struct liveplugin_answer *ret)
{
	const struct granted_way way = {.user = LIVECHILD_SAME};
	char *program = live_built("check_stale"), *pids = liveplugin_pids(live);
	char *word;

	assert_true(asprintf(&word, "%s%s/%s", option, live->dir, name) > 0);
	granted_run(program,
		    (const char *const[]){pids, "--count=all", word, "-fjson", NULL},
		    &way, ret);
	free(program);
	free(pids);
	free(word);
}

static void root_writes_files_into_folders_of_others(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
	} rows[] = {{"closed", 0700}, {"sticky", 01777}, {"read-only", 0500}};
	struct live *live = *state;

	live_need_root(live);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct liveplugin_answer answer;
		char name[32], *path;
		struct stat st;

		make_others_folder(live, rows[i].name, rows[i].mode);
		snprintf(name, sizeof(name), "%s/out", rows[i].name);
		live_text(live, name, "");
		give_away(live, name);
		path = live_path(live, name);
		run_with_file(live, "-o", name, &answer);
		if (answer.status != 0 || stat(path, &st) < 0 || st.st_size == 0)
			fail_msg("%s: %s", rows[i].name, answer.out);
		row_number(rows[i].name, "owner", st.st_uid, 0);
		liveplugin_release(&answer);
		free(path);
	}
}

static void root_reads_ignore_files_of_others(void **state)
{
	struct live *live = *state;
	struct liveplugin_answer answer;
	char *lib;

	live_need_root(live);
	lib = live_path(live, LIB);
	live_lib(live, LIB, LIB, 'a');
	live_start(live, "map", lib, "rx");
	live_unlink(live, LIB);
	make_others_folder(live, "closed", 0700);
	live_text(live, "closed/rules", "path *\n");
	give_away(live, "closed/rules");
	run_with_file(live, "--ignore-file=", "closed/rules", &answer);
	if (answer.status != 0 || !strstr(answer.out, "\"ignored\":1"))
		fail_msg("%s", answer.out);
	liveplugin_release(&answer);
	free(lib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(who_was_granted_privilege_may_name_no_file),
		LIVE_TEST(who_was_granted_privilege_has_no_environment),
		LIVE_TEST(privilege_that_cannot_be_given_up_is_an_error),
		LIVE_TEST(root_writes_files_into_folders_of_others),
		LIVE_TEST(root_reads_ignore_files_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
