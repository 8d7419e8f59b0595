/*
 * agent_keeper.c - the keeper on real processes: what it tells the SNMP side and when,
 * and that nothing holds it up.
 */
#include "support/keepercase.h"
#include "support/live.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const char *number(pid_t pid)
{
	static char text[16];

	snprintf(text, sizeof(text), " %d ", (int)pid);
	return text;
}

/* Waits until it watches folders: after that, a change cannot be missed. */
static void await_watches(struct keeperrun *run)
{
	const int64_t until = keeperrun_clock() + KEEPERCASE_SOON;

	/* The scan that fills them, and the one after it. */
	keeperrun_hear(run, "report", "", KEEPERCASE_SOON);
	keeperrun_hear(run, "report", "", KEEPERCASE_SOON);
	while (keeperrun_count_descriptors(run, "anon_inode:inotify") != 1 ||
	       keeperrun_find_worker(run)) {
		assert_true(keeperrun_clock() < until);
		sched_yield();
	}
}

static void settings_come_first_then_what_is_stale(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = keepercase_stale(live)->pid;

	keeperrun_start(&run, live, "interval 77");
	keeperrun_hear_next(&run, "settings", "interval=77");
	keeperrun_hear_next(&run, "report cut=0", keepercase_row(pid, "deleted"));
	assert_null(strstr(run.heard, keepercase_row(live->processes[0].pid, "")));
	keepercase_end(&run);
}

static void the_snmp_side_has_no_capability_and_no_descriptor_but_its_own(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	/* 0 to 2, wire, log */
	assert_non_null(strstr(run.heard, "capabilities=0 nnp=1 descriptors=5 back=0"));
	keepercase_end(&run);
}

static void the_keeper_keeps_three_capabilities_and_uses_none(void **state)
{
	/* cap_dac_read_search, cap_sys_ptrace, cap_checkpoint_restore */
	const unsigned long long all = 1ULL << 2 | 1ULL << 19 | 1ULL << 40;
	const unsigned long long setpcap = 1ULL << 8;
	const struct keeperrun self = {.pid = getpid()};
	struct live *live = *state;
	struct keeperrun run = {0};

	live_need_root(live);
	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	assert_true(keepercase_status(&run, "CapPrm:") == all);
	assert_true(keepercase_status(&run, "CapEff:") == 0);
	assert_true(keepercase_status(&run, "CapInh:") == 0);
	if (keepercase_status(&self, "CapPrm:") & setpcap)
		assert_true(keepercase_status(&run, "CapBnd:") == 0);
	assert_true(keepercase_status(&run, "CapAmb:") == 0);
	assert_true(keepercase_status(&run, "NoNewPrivs:") == 1);
	keepercase_end(&run);
}

static void it_works_as_another_user(void **state)
{
	static const struct {
		enum livechild_user user;
		unsigned long long permitted;
		bool sees;
	} rows[] = {
		{LIVECHILD_PTRACE, 1ULL << 19, true},
		{LIVECHILD_PLAIN, 0, false},
	};
	struct live *live = *state;
	pid_t pid;

	live_need_root(live);
	pid = keepercase_stale(live)->pid;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct keeperrun run = {.user = rows[i].user};

		keeperrun_start(&run, live, KEEPERCASE_HOUR);
		assert_non_null(strstr(run.heard, "capabilities=0 nnp=1"));
		keeperrun_hear(&run, "report cut=0", "", KEEPERCASE_SOON);
		assert_int_equal(strstr(run.heard, keepercase_row(pid, "deleted")) !=
					 NULL,
				 rows[i].sees);
		assert_true(keepercase_status(&run, "CapPrm:") == rows[i].permitted);
		assert_true(keepercase_status(&run, "CapEff:") == 0);
		assert_true(keepercase_status(&run, "CapAmb:") == 0);
		keepercase_end(&run);
	}
}

static void
a_replaced_library_is_told_within_5_seconds_whatever_the_interval(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	pid_t pid = keepercase_holder(live)->pid;

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	await_watches(&run);
	keepercase_replace(live);
	keeperrun_hear(&run, "report cut=0", keepercase_row(pid, "replaced"), 5000);
	keepercase_end(&run);
}

static void without_watching_nothing_is_watched_or_looked_at(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {.look_ms = 10};

	keepercase_stale(live);
	keeperrun_start(&run, live, "interval 2\nno-watch");
	for (int i = 0; i < 3; i++)
		keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	assert_int_equal(keeperrun_count_descriptors(&run, "anon_inode:inotify"), 0);
	keepercase_end(&run);
}

static void scans_come_by_the_interval(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {0};
	int64_t took;

	keeperrun_start(&run, live, "interval 2\nno-watch");
	keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	took = keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	took += keeperrun_hear(&run, "report", "", KEEPERCASE_SOON);
	assert_in_range(took, 3500, 6000);
	keepercase_end(&run);
}

/* An exec keeps pid and start. */
static void a_process_that_is_stale_no_longer_is_told_as_gone(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {.look_ms = 500};
	const struct live_process *holder = keepercase_stale(live);

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	await_watches(&run);
	assert_non_null(strstr(run.heard, keepercase_row(holder->pid, "deleted")));
	live_step(live, holder, "exec-memfd", "x");
	keeperrun_hear(&run, "gone", number(holder->pid), KEEPERCASE_SOON);
	keepercase_end(&run);
}

static void a_process_that_ended_is_told_as_gone(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {.look_ms = 500};
	struct live_process *holder = keepercase_stale(live);
	pid_t pid = holder->pid;

	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	keeperrun_hear(&run, "report", keepercase_row(pid, "deleted"), KEEPERCASE_SOON);
	live_stop(live, holder);
	keeperrun_hear(&run, "gone", number(pid), KEEPERCASE_SOON);
	keepercase_end(&run);
}

static void another_stale_file_of_a_stale_process_is_found_by_the_look(void **state)
{
	struct live *live = *state;
	struct keeperrun run = {.look_ms = 500};
	const struct live_process *holder;
	char *other = live_path(live, "sub/liby.so.1");

	/* Nobody watches that folder: no code in it is mapped yet. */
	live_mkdir(live, "sub");
	live_lib(live, "sub/liby.so.1", NULL, 'c');
	holder = keepercase_stale(live); /* what is younger than it may be scratch */
	keeperrun_start(&run, live, KEEPERCASE_HOUR);
	await_watches(&run);
	assert_non_null(strstr(run.heard, keepercase_row(holder->pid, "deleted")));
	live_step(live, holder, "map", other, "rx");
	live_unlink(live, "sub/liby.so.1");
	keeperrun_hear(&run, "report", "liby.so.1:deleted", KEEPERCASE_SOON);
	free(other);
	keepercase_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(settings_come_first_then_what_is_stale),
		LIVE_TEST(the_snmp_side_has_no_capability_and_no_descriptor_but_its_own),
		LIVE_TEST(the_keeper_keeps_three_capabilities_and_uses_none),
		LIVE_TEST(
			a_replaced_library_is_told_within_5_seconds_whatever_the_interval),
		LIVE_TEST(it_works_as_another_user),
		LIVE_TEST(without_watching_nothing_is_watched_or_looked_at),
		LIVE_TEST(scans_come_by_the_interval),
		LIVE_TEST(a_process_that_is_stale_no_longer_is_told_as_gone),
		LIVE_TEST(a_process_that_ended_is_told_as_gone),
		LIVE_TEST(another_stale_file_of_a_stale_process_is_found_by_the_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
