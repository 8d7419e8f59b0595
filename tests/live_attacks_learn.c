/*
 * live_attacks_learn.c - who may run a copy with capabilities learns no more through it than
 * the names and states of processes with stale code: it opens nothing for the user, and
 * tells nothing else of what it could read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/attack.h"
#include "support/granted.h"
#include "support/sanitized.h"
#include "test.h"

#define LIB     "libstale.so"
#define CURRENT "libcurrent.so"
#define SECRET  "Tr0ub4dor"

static char bait[PATH_MAX]; /* a file in a folder that is watched */

/* What the loader, libc and sanitizers open, or write to, for who asks them to. */
static int set_environment(void)
{
	static const char *const variables[] = {
		"LD_PRELOAD",        "LD_AUDIT",     "LD_DEBUG_OUTPUT",
		"LD_PROFILE_OUTPUT", "MALLOC_TRACE", "GMON_OUT_PREFIX",
		"NLSPATH",           "HOSTALIASES",  "RESOLV_HOST_CONF",
		"TERMCAP",           "JANSSON_CONF", "OPENSSL_CONF"};
	static char folder[PATH_MAX], tz[PATH_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		if (setenv(variables[i], bait, 1) < 0)
			return -errno;
	snprintf(folder, sizeof(folder), "%s", bait);
	*strrchr(folder, '/') = '\0';
	snprintf(tz, sizeof(tz), ":%s", bait);
	setenv("LD_DEBUG", "libs", 1);
	setenv("LD_LIBRARY_PATH", folder, 1);
	setenv("LOCPATH", folder, 1);
	setenv("LC_ALL", "xx_XX", 1);
	setenv("GCONV_PATH", folder, 1);
	setenv("TMPDIR", folder, 1);
	setenv("HOME", folder, 1);
	setenv("PATH", folder, 1);
	setenv("TZDIR", folder, 1);
	setenv("TZ", tz, 1);
	return setenv("GLIBC_TUNABLES", "glibc.malloc.check=3", 1) < 0 ? -errno : 0;
}

/* How often something in the folder of the bait was opened or made. */
static int count_events(int watch)
{
	char buf[65536] __attribute__((aligned(8)));
	ssize_t n = read(watch, buf, sizeof(buf));
	int events = 0;

	for (const char *at = buf; n > 0 && at < buf + n; events++) {
		const struct inotify_event *event = (const void *)at;

		at += sizeof(*event) + event->len;
	}
	return events;
}

static int watch_folder(const char *path)
{
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	assert_true(watch >= 0);
	assert_true(inotify_add_watch(watch, path, IN_OPEN | IN_CREATE) >= 0);
	return watch;
}

static void no_variable_makes_it_open_a_file(void **state)
{
	static const struct {
		const char *label, *caps;
		bool opens;
	} rows[] = {{"nothing granted", NULL, true}, {"granted", GRANTED_ALL, false}};
	const struct granted_way way = {.user = LIVECHILD_PLAIN,
					.before = set_environment};
	struct live *live = *state;
	char *folder, *pids;
	int watch;

	if (is_sanitized())
		live_skip(live, "a sanitizer reads the environment, too");
	folder = attack_folder(live, "bait");
	pids = liveplugin_pids(live);
	snprintf(bait, sizeof(bait), "%s/libcap.so.2", folder);
	live_text(live, "bait/libcap.so.2", "no library\n");
	watch = watch_folder(folder);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *program = granted_copy(live, "plugin", rows[i].caps);
		struct liveplugin_answer answer;

		granted_run(program, (const char *const[]){pids, "-vvv", NULL}, &way,
			    &answer);
		row_number(rows[i].label, "opens", count_events(watch) > 0,
			   rows[i].opens);
		if (rows[i].caps &&
		    (strncmp(answer.out, "STALE OK", 8) != 0 || answer.nerr))
			fail_msg("%zu bytes of stderr, %s", answer.nerr, answer.out);
		liveplugin_release(&answer);
		live_unlink(live, "plugin");
		free(program);
	}
	close(watch);
	free(folder);
	free(pids);
}

/* Root's, in a folder that nobody else may enter.  Its environment holds a secret, and it
 * has files that are not stale. */
static pid_t start_roots(struct live *live)
{
	char *lib = live_path(live, "closed/" LIB), *folder = live_path(live, "closed"),
	     *current = live_path(live, "closed/" CURRENT);
	const struct live_process *process;

	live_mkdir(live, "closed");
	live_lib(live, "closed/" LIB, NULL, 'a');
	live_lib(live, "closed/" CURRENT, NULL, 'b');
	assert_int_equal(setenv("PASSWORD", SECRET, 1), 0);
	process = live_start(live, "comm", "rootd");
	unsetenv("PASSWORD");
	live_step(live, process, "map", lib, "rx");
	live_step(live, process, "map", current, "rx");
	live_step(live, process, "open", "/etc/shadow");
	live_unlink(live, "closed/" LIB);
	assert_int_equal(chmod(folder, 0700), 0);
	free(lib);
	free(folder);
	free(current);
	return process->pid;
}

static void it_tells_of_others_what_is_stale_and_no_more(void **state)
{
	static const char *const words[][2] = {
		{"-fnagios", "-vvv"},       {"-fjson", "--show-ignored"},
		{"-fprometheus", NULL},     {"-fhuman", "-v"},
		{"-fhuman", "--show-args"}, {"-fmachine", NULL},
		{"-fpids", NULL},           {"-fnames", NULL},
		{"-fjson", "--packages"},   {"-fjson", "--library=*"}};
	static const char *const others[] = {SECRET, CURRENT, "shadow"};
	const struct granted_way way = {.user = LIVECHILD_PLAIN};
	struct live *live = *state;
	char *program, pid[32];

	live_need_root(live);
	snprintf(pid, sizeof(pid), "--pid=%d", (int)start_roots(live));
	program = granted_copy(live, "plugin", GRANTED_ALL);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct liveplugin_answer answer;

		granted_run(program,
			    (const char *const[]){pid, words[i][0], words[i][1], NULL},
			    &way, &answer);
		/* It is seen, so that there was something to tell. */
		if (answer.status != 1 || answer.len == 0)
			fail_msg("%s: exit %d: %s", words[i][0], answer.status,
				 answer.out);
		for (size_t k = 0; k < ARRAY_LEN(others); k++)
			if (strstr(answer.out, others[k]))
				fail_msg("%s tells \"%s\": %s", words[i][0], others[k],
					 answer.out);
		liveplugin_release(&answer);
	}
	free(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(no_variable_makes_it_open_a_file),
		LIVE_TEST(it_tells_of_others_what_is_stale_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
