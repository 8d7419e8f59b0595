/*
 * agent_fresh.c - how soon what happens to real processes is in the table, when the next
 * scan by the clock is an hour away.
 */
#include "test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "snmp/mib_numbers.h"
#include "support/agentlive.h"
#include "support/manager.h"

#define STATUS      "1.1.1.0"
#define SERIAL      "1.1.2.0"
#define AGE         "1.1.4.0"
#define COMPLETIONS "1.1.7.0"
#define STALE       "1.2.2.0"

#define LIBRARIES 3

/* What is to be seen by then. */
#define REPLACED_S 5
#define ENDED_S    1
#define LOOKED_S   20
#define EVER_S     20

/* A column of the table of processes: "1.3.1.COLUMN.PID". */
static int64_t column_of(const struct manager *m, enum mib_proc_column column, pid_t pid)
{
	char oid[64];

	snprintf(oid, sizeof(oid), "1.3.1.%d.%d", (int)column, pid);
	return manager_number(m, oid);
}

static double until_files(const struct manager *m, pid_t pid, int64_t n, double seconds)
{
	char oid[64];

	snprintf(oid, sizeof(oid), "1.3.1.%d.%d", (int)MIB_PROC_FILES, pid);
	return manager_until(m, oid, n, seconds);
}

/* Both daemons, and a manager of theirs. */
static void start(struct agentlive *both, const char *more, const char *interval,
		  struct manager *m)
{
	const char *words[] = {both->select, interval, more, NULL};

	agentd_start_both(both->d, words);
	manager_open(m, both->d);
}

/* The folders are watched when the scan that comes after that is over, too. */
static void start_watching(struct agentlive *both, struct manager *m)
{
	start(both, NULL, "--interval=3600", m);
	manager_until_least(m, COMPLETIONS, 2, EVER_S);
	assert_int_equal(manager_number(m, STATUS), SNAPSHOT_COMPLETE);
}

/* As package managers do it: the new file is renamed over the old one. */
static void upgrade(const struct agentlive *both, const char *name)
{
	char next[64];

	snprintf(next, sizeof(next), "next/%s", name);
	live_rename(both->live, next, name);
}

/* New libraries, in a folder that has no code in use. */
static void prepare(const struct agentlive *both, const char *name)
{
	char next[64];

	if (faccessat(both->live->dirfd, "next", F_OK, 0) < 0)
		live_mkdir(both->live, "next");
	snprintf(next, sizeof(next), "next/%s", name);
	live_lib(both->live, next, NULL, 'b');
}

static void check_within(const struct agentlive *both, const char *what, double took,
			 double seconds)
{
	print_message("freshness: %s: %.2f s\n", what, took);
	if (took > seconds)
		agentd_fail(both->d, "%s: after %.2f s", what, took);
}

static void libraries_come_and_processes_go_at_once(void **state)
{
	static const char *const names[LIBRARIES] = {"liba.so.1", "libb.so.1",
						     "libc.so.1"};
	struct agentlive *both = *state;
	struct live_process *processes[LIBRARIES];
	int64_t scans;
	struct manager m;

	for (size_t i = 0; i < LIBRARIES; i++) {
		processes[i] = agentlive_start(both, names[i]);
		prepare(both, names[i]);
	}
	start_watching(both, &m);
	assert_int_equal(manager_number(&m, STALE), 0);
	for (size_t i = 0; i < LIBRARIES; i++) {
		pid_t pid = processes[i]->pid;

		upgrade(both, names[i]);
		check_within(both, "a replaced library is in the table",
			     until_files(&m, pid, 1, EVER_S), REPLACED_S);
		assert_int_equal(manager_number(&m, STALE), i + 1);
	}
	assert_int_equal(column_of(&m, MIB_PROC_FILES, both->live->processes[0].pid),
			 MANAGER_NONE);
	scans = manager_number(&m, COMPLETIONS);
	for (size_t i = 0; i < LIBRARIES; i++) {
		pid_t pid = processes[i]->pid;

		live_stop(both->live, processes[i]);
		check_within(both, "a process that ended is gone",
			     until_files(&m, pid, MANAGER_NONE, EVER_S), ENDED_S);
		assert_int_equal(manager_number(&m, STALE), LIBRARIES - 1 - i);
	}
	assert_int_equal(manager_number(&m, COMPLETIONS), scans); /* without a look */
	manager_close(&m);
}

/* Starts a copy of tests/helper_reexec that is called as --process wants it. */
static struct live_process *start_daemon(const struct agentlive *both)
{
	char *path = live_path(both->live, both->name);
	struct live_process *process;
	char next[64];

	live_program(both->live, both->name, "tests/helper_reexec", 'a');
	live_mkdir(both->live, "next");
	snprintf(next, sizeof(next), "next/%s", both->name);
	live_program(both->live, next, "tests/helper_reexec", 'b');
	process = live_spawn(both->live, path, (const char *const[]){NULL});
	free(path);
	return process;
}

/* Neither touches a folder, and neither ends. */
static void what_stale_processes_do_is_seen_by_the_next_look(void **state)
{
	struct agentlive *both = *state;
	struct live_process *daemon = start_daemon(both), *user;
	char *second = live_path(both->live, "libb.so.1"), *open_file;
	struct manager m;
	double began, took;
	pid_t child;

	live_lib(both->live, "libb.so.1", NULL, 'a'); /* older than who uses it */
	user = agentlive_start(both, "liba.so.1");
	assert_true(asprintf(&open_file, "/proc/self/fd/%ld",
			     live_step(both->live, user, "open", second)) > 0);
	live_unlink(both->live, "libb.so.1");
	live_unlink(both->live, "liba.so.1");
	upgrade(both, both->name);
	start_watching(both, &m);
	until_files(&m, daemon->pid, 1, EVER_S);
	until_files(&m, user->pid, 1, EVER_S);
	began = agentd_clock();
	assert_int_equal(live_step(both->live, daemon, "again"), daemon->pid);
	live_step(both->live, user, "map", open_file, "rx");
	until_files(&m, daemon->pid, MANAGER_NONE, 2.0 * EVER_S);
	took = agentd_clock() - began;
	check_within(both, "a process that executed itself anew is gone", took, LOOKED_S);
	until_files(&m, user->pid, 2, 2.0 * EVER_S);
	took = agentd_clock() - began;
	check_within(both, "more old code of a stale process is told", took, LOOKED_S);
	assert_int_equal(manager_number(&m, STALE), 1);
	/* Who begins with old code is left to the next scan. */
	child = (pid_t)live_step(both->live, user, "fork");
	agentd_signal(both->d, AGENTD_AGENT, SIGHUP);
	until_files(&m, child, 2, EVER_S);
	manager_close(&m);
	free(second);
	free(open_file);
}

static void without_watches_it_is_all_left_to_the_interval(void **state)
{
	struct agentlive *both = *state;
	struct live_process *ends = agentlive_start(both, "liba.so.1");
	struct live_process *stays = agentlive_start(both, "libb.so.1");
	int64_t serial, scans;
	struct manager m;

	prepare(both, "libb.so.1");
	live_unlink(both->live, "liba.so.1");
	start(both, "--no-watch", "--interval=3600", &m);
	until_files(&m, ends->pid, 1, EVER_S);
	scans = manager_number(&m, COMPLETIONS);
	serial = manager_number(&m, SERIAL);
	upgrade(both, "libb.so.1");
	live_stop(both->live, ends);
	/* It is alive all the time. */
	manager_until_least(&m, AGE, manager_number(&m, AGE) + REPLACED_S + 2, EVER_S);
	assert_int_equal(manager_number(&m, COMPLETIONS), scans);
	assert_int_equal(manager_number(&m, SERIAL), serial);
	assert_int_equal(column_of(&m, MIB_PROC_FILES, ends->pid), 1);
	assert_int_equal(column_of(&m, MIB_PROC_FILES, stays->pid), MANAGER_NONE);
	/* There would have been something to see. */
	agentd_signal(both->d, AGENTD_AGENT, SIGHUP);
	until_files(&m, stays->pid, 1, EVER_S);
	assert_int_equal(column_of(&m, MIB_PROC_FILES, ends->pid), MANAGER_NONE);
	manager_close(&m);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* The limit of a user namespace of our own, where one watch is all that there may be. */
static void take_watches_away(const struct agentlive *both)
{
	char map[2][32];

	snprintf(map[0], sizeof(map[0]), "0 %u 1", geteuid());
	snprintf(map[1], sizeof(map[1]), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER) < 0 || !write_file("/proc/self/setgroups", "deny") ||
	    !write_file("/proc/self/uid_map", map[0]) ||
	    !write_file("/proc/self/gid_map", map[1]))
		agentd_skip(both->d, "no user namespace");
	if (!write_file("/proc/sys/user/max_inotify_watches", "1"))
		agentd_skip(both->d, "its limit of watches cannot be set");
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* The last one: this process stays in that namespace, and so does what it starts. */
static void when_watches_run_out_the_interval_is_left(void **state)
{
	struct agentlive *both = *state;
	struct live_process *process;
	struct manager m;
	char *log;

	take_watches_away(both);
	process = agentlive_start(both, "liba.so.1");
	prepare(both, "liba.so.1");
	start(both, NULL, "--interval=1", &m);
	manager_until_least(&m, COMPLETIONS, 3, EVER_S);
	upgrade(both, "liba.so.1");
	until_files(&m, process->pid, 1, EVER_S);
	log = agentd_log(both->d, AGENTD_AGENT);
	if (count(log, "folders of code cannot be watched (No space left on device") != 1)
		agentd_fail(both->d, "it is to be said once");
	free(log);
	manager_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(libraries_come_and_processes_go_at_once),
		AGENTLIVE_TEST(what_stale_processes_do_is_seen_by_the_next_look),
		AGENTLIVE_TEST(without_watches_it_is_all_left_to_the_interval),
		AGENTLIVE_TEST(when_watches_run_out_the_interval_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
