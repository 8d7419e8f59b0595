/*
 * live_listings.c - the listings that lib_users and fd_users print, byte for byte, and
 * what each format says when there is nothing to say, or no answer.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "support/livecheck.h"
#include "support/liveplugin.h"
#include "test.h"
#include "words.h"

static const struct {
	const char *option;
	bool is_list; /* empty when there is nothing to list */
} formats[] = {
	{"-fnagios", false},     {"-fhuman", true}, {"-fmachine", true},
	{"-fjson", false},       {"-fpids", true},  {"-fnames", true},
	{"-fprometheus", false},
};

/* Runs it on what is watched; fails unless it ends so, and silently. */
static void run(const struct live *live, int status, const char *format, const char *more,
		struct liveplugin_answer *ret)
{
	char *pids = liveplugin_pids(live);
	const char *const words[] = {pids, "--count=all", format, more, NULL};

	liveplugin_run(NULL, words, ret);
	free(pids);
	if (ret->status != status || ret->nerr)
		fail_msg("%s: exit %d, %zu bytes of stderr: %s", format, ret->status,
			 ret->nerr, ret->out);
}

static void expect_whole(const struct live *live, const char *format, const char *more,
			 const char *want)
{
	struct liveplugin_answer answer;

	run(live, 1, format, more, &answer);
	assert_string_equal(answer.out, want);
	liveplugin_release(&answer);
}

/* Only the lines before the first empty one. */
static void expect_first_part(const struct live *live, const char *more, const char *want)
{
	struct liveplugin_answer answer;
	char *end;

	run(live, 1, "-fhuman", more, &answer);
	end = strstr(answer.out, "\n\n");
	assert_non_null(end);
	end[1] = '\0';
	assert_string_equal(answer.out, want);
	liveplugin_release(&answer);
}

/* Twice the same command line, and one with two files that came in the other order. */
struct stage {
	pid_t first, second, third;
	char *holder, *a, *b; /* owned */
};

static void stage_init(struct stage *stage, struct live *live)
{
	stage->holder = live_built("tests/holder");
	stage->a = live_path(live, "liba.so.1");
	stage->b = live_path(live, "libb.so.1");
	live_lib(live, "liba.so.1", NULL, 'a');
	live_lib(live, "libb.so.1", NULL, 'b');
	stage->first = live_start(live, "map", stage->a, "rx")->pid;
	stage->second =
		live_start(live, "map", stage->b, "rx", "map", stage->a, "rx")->pid;
	stage->third = live_start(live, "map", stage->a, "rx")->pid;
	live_unlink(live, "liba.so.1");
	live_unlink(live, "libb.so.1");
	if (stage->first > stage->second || stage->second > stage->third)
		live_skip(live, "the numbers of processes began anew");
}

static void stage_release(struct stage *stage)
{
	free(stage->holder);
	free(stage->a);
	free(stage->b);
}

static void machine_is_what_lib_users_m_prints(void **state)
{
	struct stage stage;
	char *want;

	stage_init(&stage, *state);
	assert_true(asprintf(&want,
			     "%d,%d;%s;%s map %s rx\n%d;%s,%s;%s map %s rx map %s rx\n",
			     stage.first, stage.third, stage.a, stage.holder, stage.a,
			     stage.second, stage.a, stage.b, stage.holder, stage.b,
			     stage.a) > 0);
	expect_whole(*state, "-fmachine", NULL, want);
	free(want);
	stage_release(&stage);
}

static void human_begins_with_what_lib_users_prints(void **state)
{
	struct stage stage;
	char *want;

	stage_init(&stage, *state);
	assert_true(asprintf(&want,
			     "%d,%d \"%s map %s rx\"\n%d \"%s map %s rx map %s rx\"\n",
			     stage.first, stage.third, stage.holder, stage.a,
			     stage.second, stage.holder, stage.b, stage.a) > 0);
	expect_first_part(*state, NULL, want);
	free(want);
	stage_release(&stage);
}

static void human_with_v_is_what_lib_users_s_prints(void **state)
{
	struct stage stage;
	char *want;

	stage_init(&stage, *state);
	assert_true(asprintf(&want,
			     "%d,%d \"%s map %s rx\" uses %s\n"
			     "%d \"%s map %s rx map %s rx\" uses %s,%s\n",
			     stage.first, stage.third, stage.holder, stage.a, stage.a,
			     stage.second, stage.holder, stage.b, stage.a, stage.a,
			     stage.b) > 0);
	expect_first_part(*state, "-v", want);
	free(want);
	stage_release(&stage);
}

static void pids_ascend_and_names_are_distinct(void **state)
{
	struct stage stage;
	char *want;

	stage_init(&stage, *state);
	assert_true(asprintf(&want, "%d\n%d\n%d\n", stage.first, stage.second,
			     stage.third) > 0);
	expect_whole(*state, "-fpids", NULL, want);
	expect_whole(*state, "-fnames", NULL, "holder\n");
	free(want);
	stage_release(&stage);
}

static void who_has_cleared_its_arguments_is_listed_by_name(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "liba.so.1"), *want;
	pid_t pid;

	live_lib(live, "liba.so.1", NULL, 'a');
	pid = live_start(live, "comm", "silent", "map", path, "rx", "clear-argv")->pid;
	live_unlink(live, "liba.so.1");
	assert_true(asprintf(&want, "%d;%s;[silent]\n", pid, path) > 0);
	expect_whole(live, "-fmachine", NULL, want);
	free(want);
	free(path);
}

#define LOG_BYTES 1048576 /* of which one is written: most of it is not on disk */

static void expect_held(const struct live *live, const char *format, const char *text)
{
	struct liveplugin_answer answer;

	run(live, 1, format, "--kind=fd", &answer);
	if (!strstr(answer.out, text))
		fail_msg("no \"%s\" in %s", text, answer.out);
	liveplugin_release(&answer);
}

/* lsof and fd_users tell the size of a file, of which holes take no place. */
static void bytes_held_are_those_on_disk(void **state)
{
	cleanup_buf struct buf json = BUF_INIT, line = BUF_INIT;
	struct live *live = *state;
	char *path = live_path(live, "big.log");
	struct stat st;
	/* Whoever is started next inherits it. */
	int fd = open(path, O_RDWR | O_CREAT, 0644);

	assert_true(fd >= 0 && pwrite(fd, "x", 1, LOG_BYTES - 1) == 1 && fsync(fd) == 0);
	live_start(live, "comm", "log");
	live_unlink(live, "big.log");
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	assert_true(st.st_blocks * 512 < LOG_BYTES);
	buf_printf(&json, "\"fd\":%d,\"bytes\":%lld}", fd, st.st_blocks * 512LL);
	expect_held(live, "-fjson", json.s);
	words_size(&line, st.st_blocks * 512);
	buf_put(&line, " on disk");
	expect_held(live, "-fnagios", line.s);
	expect_held(live, "-vfhuman", line.s);
	free(path);
}

static void nothing_stale_is_0_in_every_format(void **state)
{
	struct liveplugin_answer answer;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		run(*state, 0, formats[i].option, NULL, &answer);
		if (formats[i].is_list != (answer.len == 0))
			fail_msg("%s: %s", formats[i].option, answer.out);
		liveplugin_release(&answer);
	}
}

static void the_exit_code_is_the_same_in_every_format(void **state)
{
	struct stage stage;
	struct liveplugin_answer answer;

	stage_init(&stage, *state);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		run(*state, 1, formats[i].option, "-w2", &answer);
		liveplugin_release(&answer);
		run(*state, 0, formats[i].option, "-w3", &answer);
		liveplugin_release(&answer);
		run(*state, 2, formats[i].option, "-cfiles=1", &answer);
		liveplugin_release(&answer);
	}
	stage_release(&stage);
}

/* Prometheus reads it as a comment, and that the scan had no success. */
static void no_answer_is_told_in_every_format(void **state)
{
	struct liveplugin_answer answer;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		bool is_metrics = strcmp(formats[i].option, "-fprometheus") == 0;
		const char *want = is_metrics ? "# STALE UNKNOWN - " : "STALE UNKNOWN - ";

		run(*state, 3, formats[i].option, "--proc-root=/nowhere", &answer);
		if (strncmp(answer.out, want, strlen(want)) != 0 ||
		    is_metrics != !!strstr(answer.out, "\nstale_scan_success 0\n") ||
		    is_metrics != !!strstr(answer.out, "\nstale_scan_complete 0\n"))
			fail_msg("%s: %s", formats[i].option, answer.out);
		liveplugin_release(&answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(machine_is_what_lib_users_m_prints),
		LIVE_TEST(human_begins_with_what_lib_users_prints),
		LIVE_TEST(human_with_v_is_what_lib_users_s_prints),
		LIVE_TEST(pids_ascend_and_names_are_distinct),
		LIVE_TEST(who_has_cleared_its_arguments_is_listed_by_name),
		LIVE_TEST(bytes_held_are_those_on_disk),
		LIVE_TEST(nothing_stale_is_0_in_every_format),
		LIVE_TEST(the_exit_code_is_the_same_in_every_format),
		LIVE_TEST(no_answer_is_told_in_every_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
