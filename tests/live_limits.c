/*
 * live_limits.c - started with next to nothing: no memory, no descriptors, not even a
 * name.  Whoever gets as far as main() answers, with and without privilege.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/granted.h"
#include "test.h"

/* What limit_and_close() is to do: it has no argument. */
static struct {
	__rlimit_resource_t what;
	rlim_t value;
	unsigned closed; /* descriptors, bits */
} start;

static int limit_and_close(void)
{
	const struct rlimit limit = {start.value, start.value};

	for (int fd = 0; fd <= 2; fd++)
		if (start.closed & 1U << fd)
			close(fd);
	if (start.value == RLIM_INFINITY)
		return 0;
	return setrlimit(start.what, &limit) < 0 ? -errno : 0;
}

static const struct granted_way way = {.user = LIVECHILD_PLAIN,
				       .before = limit_and_close};

static const struct {
	const char *label, *caps;
} programs[] = {{"nothing granted", NULL}, {"granted", GRANTED_ALL}};

/* The loader of the system failed, or the kernel: main() was never reached. */
static bool was_not_started(const struct liveplugin_answer *answer)
{
	return answer->len == 0 && (answer->status == 127 || answer->status < 0);
}

static bool can_start(const char *program)
{
	struct liveplugin_answer answer;
	bool started;

	granted_run(program, (const char *const[]){"-V", NULL}, &way, &answer);
	started = !was_not_started(&answer);
	liveplugin_release(&answer);
	return started;
}

/* Runs a check; whether it has looked at the processes. */
static bool answers(const char *label, const char *program, const char *pids)
{
	struct liveplugin_answer answer;
	bool has_looked;

	granted_run(program, (const char *const[]){pids, "--count=all", NULL}, &way,
		    &answer);
	if (was_not_started(&answer) && !can_start(program)) {
		liveplugin_release(&answer);
		return false;
	}
	has_looked = strchr(answer.out, '|') != NULL;
	if (answer.nerr || strncmp(answer.out, "STALE ", 6) != 0 || answer.status < 0 ||
	    answer.status > 3 || (!has_looked && answer.status != 3))
		fail_msg("%s, limit %d of %ju: exit %d: %s", label, (int)start.what,
			 (uintmax_t)start.value, answer.status, answer.out);
	liveplugin_release(&answer);
	return has_looked;
}

#define MIB ((rlim_t)1 << 20)

static const struct limit {
	__rlimit_resource_t what;
	rlim_t last, step;
} limits[] = {
	{RLIMIT_AS, 40 * MIB, MIB / 2},
	{RLIMIT_NOFILE, 24, 1},
	{RLIMIT_FSIZE, MIB, MIB},
	{RLIMIT_CORE, MIB, MIB},
};

/* With more and more of it; in the end there must be an answer. */
static void try_limit(const char *label, const char *program, const char *pids,
		      const struct limit *limit)
{
	bool has_looked = false;

	start.what = limit->what;
	for (start.value = 0; start.value <= limit->last; start.value += limit->step)
		has_looked = answers(label, program, pids);
	row_number(label, "limit that is enough", has_looked, 1);
}

static void every_limit_has_an_answer(void **state)
{
	struct live *live = *state;
	char *pids;

	live_need_root(live);
#ifdef __SANITIZE_ADDRESS__
	live_skip(live, "a sanitizer takes more than there is");
#endif
	pids = liveplugin_pids(live);
	start.closed = 0;
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		char *program = granted_copy(live, "plugin", programs[i].caps);

		for (size_t k = 0; k < ARRAY_LEN(limits); k++)
			try_limit(programs[i].label, program, pids, &limits[k]);
		live_unlink(live, "plugin");
		free(program);
	}
	free(pids);
}

static void closed_descriptors_are_no_files_of_ours(void **state)
{
	struct live *live = *state;
	char *pids;

	live_need_root(live);
	pids = liveplugin_pids(live);
	start.value = RLIM_INFINITY;
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		char *program = granted_copy(live, "plugin", programs[i].caps);

		for (start.closed = 0; start.closed < 8; start.closed++) {
			struct liveplugin_answer answer;
			const bool is_heard = !(start.closed & 2);

			granted_run(program,
				    (const char *const[]){pids, "--unreadable=ok", NULL},
				    &way, &answer);
			row_number(programs[i].label, "exit", answer.status,
				   is_heard ? 0 : 3);
			row_number(programs[i].label, "answer", answer.len > 0, is_heard);
			row_number(programs[i].label, "stderr", answer.nerr, 0);
			liveplugin_release(&answer);
		}
		live_unlink(live, "plugin");
		free(program);
	}
	free(pids);
}

static void a_program_without_a_name_answers(void **state)
{
	const struct granted_way nameless = {.user = LIVECHILD_PLAIN, .no_name = true};
	struct live *live = *state;

	live_need_root(live);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		char *program = granted_copy(live, "plugin", programs[i].caps);
		struct liveplugin_answer answer;

		granted_run(program, NULL, &nameless, &answer);
		if (strncmp(answer.out, "STALE ", 6) != 0)
			fail_msg("%s: exit %d: %s", programs[i].label, answer.status,
				 answer.out);
		row_number(programs[i].label, "stderr", answer.nerr, 0);
		row_number(programs[i].label, "has an exit code",
			   answer.status >= 0 && answer.status <= 3, 1);
		liveplugin_release(&answer);
		live_unlink(live, "plugin");
		free(program);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(every_limit_has_an_answer),
		LIVE_TEST(closed_descriptors_are_no_files_of_ours),
		LIVE_TEST(a_program_without_a_name_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
