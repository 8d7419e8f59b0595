/*
 * agent_faults_machine.c - stale-agentx on a machine that denies it something: room on a
 * disk, /proc, the socket of snmpd, descriptors.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentlive.h"
#include "support/livechild.h"
#include "support/sanitized.h"

#define STATUS    "1.1.1.0"
#define FAILURES  "1.1.8.0"
#define PROCESSES "1.2.2.0"

#define EVER_S 20
#define FEW    24 /* descriptors */

/* A file system of one page, which is full. */
static char *make_full(struct live *live)
{
	char *dir, *file;
	char page[4096] = "";
	int fd;

	live_own_mounts(live);
	live_mkdir(live, "full");
	dir = live_path(live, "full");
	if (mount("full", dir, "tmpfs", 0, "size=4k,mode=0755") < 0)
		live_skip(live, strerror(errno));
	live->mounts[live->nmounts++] = dir;
	file = live_path(live, "full/page");
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, page, sizeof(page)), sizeof(page));
	assert_int_equal(write(fd, page, 1), -1);
	assert_int_equal(errno, ENOSPC);
	close(fd);
	free(file);
	return dir;
}

/* Also where a sanitizer would tell what it has found. */
static void end_well(const struct agentlive *both)
{
	int status;

	assert_true(agentd_end(both->d, AGENTD_AGENT, SIGTERM, &status) < 1);
	assert_int_equal(status, 0);
}

static void refuse(const struct agentlive *both, bool is_front, const char *pidfile)
{
	char *program = live_built("stale-agentx");
	char *config = agentd_path(both->d, "empty.conf");
	const char *const words[] = {
		program, "-x",   both->d->socket,        "-p", pidfile,
		"-c",    config, is_front ? "-f" : NULL, NULL};
	struct agentd_answer answer;
	char want[PATH_MAX + 64];

	snprintf(want, sizeof(want),
		 "stale-agentx: cannot write %s: No space left on device\n", pidfile);
	agentd_run(both->d, words, EVER_S, &answer);
	row_text(is_front ? "in front" : "in the background", "said", answer.out,
		 answer.len, want);
	row_number(is_front ? "in front" : "in the background", "status", answer.status,
		   1);
	assert_int_equal(access(pidfile, F_OK), -1);
	agentd_answer_release(&answer);
	free(program);
	free(config);
}

static void a_disk_without_room_for_the_pid_file_is_told_and_the_end(void **state)
{
	struct agentlive *both = *state;
	char *full = make_full(both->live), option[PATH_MAX + 32], page[PATH_MAX + 32];

	snprintf(option, sizeof(option), "-p%s/pid", full);
	snprintf(page, sizeof(page), "%s/page", full);
	agentd_start(both->d, AGENTD_SNMPD, NULL); /* writes the configuration, too */
	agentd_wait(both->d, AGENTD_SNMPD);
	refuse(both, true, option + 2);
	refuse(both, false, option + 2);
	assert_int_equal(truncate(page, 0), 0);
	agentd_start(both->d, AGENTD_AGENT,
		     (const char *const[]){both->select, option, NULL});
	agentd_wait(both->d, AGENTD_AGENT);
	assert_int_equal(access(option + 2, F_OK), 0);
	end_well(both);
	assert_int_equal(access(option + 2, F_OK), -1);
}

static void a_disk_without_room_for_the_log_stops_nobody(void **state)
{
	struct agentlive *both = *state;
	char *full = make_full(both->live), option[PATH_MAX + 32];
	struct stat st;

	snprintf(option, sizeof(option), "-Lf%s/log", full);
	agentd_start_both(both->d, (const char *const[]){both->select, option, NULL});
	agentd_until(both->d, STATUS, SNAPSHOT_COMPLETE, EVER_S);
	assert_int_equal(stat(option + 3, &st), 0);
	assert_int_equal(st.st_size, 0); /* something would have been said */
	end_well(both);
}

static void until_failed(const struct agentlive *both, const char *why)
{
	char text[128];

	snprintf(text, sizeof(text), "a scan failed: %s", why);
	agentd_until_logged(both->d, AGENTD_AGENT, text, EVER_S);
	agentd_until(both->d, STATUS, SNAPSHOT_FAILED, EVER_S);
	assert_int_equal(agentd_number(both->d, PROCESSES), 0);
	assert_true(agentd_number(both->d, FAILURES) > 0);
	assert_true(agentd_runs(both->d, AGENTD_AGENT));
}

static void a_proc_that_is_not_there_is_a_failure_until_it_is(void **state)
{
	struct agentlive *both = *state;
	struct live *live = both->live;
	char option[PATH_MAX + 32];

	live_own_mounts(live);
	live_mkdir(live, "proc");
	snprintf(option, sizeof(option), "--proc-root=%s/proc", live->dir);
	agentlive_start(both, "libold.so.1");
	live_unlink(live, "libold.so.1");
	agentd_start_both(both->d, (const char *const[]){both->select, option,
							 "--interval=1", NULL});
	until_failed(both, "No such process");
	live_mount(live, "none", "proc", "/proc");
	agentd_until(both->d, STATUS, SNAPSHOT_COMPLETE, EVER_S);
	assert_int_equal(agentd_number(both->d, PROCESSES), 1);
	end_well(both);
}

static int hide_proc(void)
{
	int rc = livechild_own_mounts();

	if (rc < 0)
		return rc;
	return mount("none", "/proc", "tmpfs", 0, "size=4k") < 0 ? -errno : 0;
}

static void a_machine_without_proc_is_a_failure_and_not_the_end(void **state)
{
	struct agentlive *both = *state;

	if (is_sanitized())
		agentd_skip(both->d, "sanitizers want /proc");
	live_own_mounts(both->live);
	both->d->before = hide_proc;
	agentd_start_both(both->d, (const char *const[]){both->select, NULL});
	until_failed(both, "/proc is no proc file system");
	end_well(both);
}

static int become_nobody(void)
{
	return livechild_become(LIVECHILD_PLAIN);
}

/* Of a user to whom the folder of the daemons is not open: the log is standard error. */
static void start_as_nobody(struct agentlive *both, const char *more)
{
	char *folder = agentd_path(both->d, "tools"), pidfile[128];

	live_need_root(both->live);
	assert_int_equal(chmod(folder, 0777), 0);
	snprintf(pidfile, sizeof(pidfile), "-p%s/pid", folder);
	free(folder);
	both->d->before = become_nobody;
	agentd_start(both->d, AGENTD_SNMPD, NULL);
	agentd_wait(both->d, AGENTD_SNMPD);
	agentd_start(both->d, AGENTD_AGENT,
		     (const char *const[]){"-Le", pidfile, both->select, more, NULL});
}

/* To the group, as agentXPerms of snmpd.conf does it. */
static void grant_socket(const struct agentlive *both)
{
	assert_int_equal(chown(both->d->socket + 5, (uid_t)-1, LIVECHILD_NOBODY), 0);
}

static void a_proc_that_may_not_be_read_is_a_failure(void **state)
{
	struct agentlive *both = *state;
	char option[PATH_MAX + 32];

	live_need_root(both->live);
	live_mkdir(both->live, "proc");
	assert_int_equal(fchmodat(both->live->dirfd, "proc", 0700, 0), 0);
	snprintf(option, sizeof(option), "--proc-root=%s/proc", both->live->dir);
	start_as_nobody(both, option);
	grant_socket(both);
	until_failed(both, "Permission denied");
	end_well(both);
}

static void a_socket_that_is_denied_is_named_and_taken_when_it_is_granted(void **state)
{
	struct agentlive *both = *state;
	char want[256];

	start_as_nobody(both, NULL);
	snprintf(want, sizeof(want), "no AgentX master: Permission denied (%s)",
		 both->d->socket);
	agentd_until_logged(both->d, AGENTD_AGENT, want, EVER_S);
	grant_socket(both);
	agentd_wait(both->d, AGENTD_AGENT);
	end_well(both);
}

static int leave_few_descriptors(void)
{
	const struct rlimit few = {FEW, FEW};

	return setrlimit(RLIMIT_NOFILE, &few) < 0 ? -errno : 0;
}

static void few_descriptors_are_enough_for_all_but_to_watch_processes(void **state)
{
	struct agentlive *both = *state;
	struct live_process *process = agentlive_start(both, "libold.so.1");

	live_unlink(both->live, "libold.so.1");
	both->d->before = leave_few_descriptors;
	agentd_start_both(both->d,
			  (const char *const[]){both->select, "--interval=1", NULL});
	agentd_until(both->d, PROCESSES, 1, EVER_S);
	agentd_until_logged(both->d, AGENTD_AGENT,
			    "not all stale processes are watched (the limit is reached)",
			    EVER_S);
	live_stop(both->live, process);
	agentd_until(both->d, PROCESSES, 0, EVER_S); /* by the next scan */
	assert_int_equal(agentd_number(both->d, FAILURES), 0);
	end_well(both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(a_disk_without_room_for_the_pid_file_is_told_and_the_end),
		AGENTLIVE_TEST(a_disk_without_room_for_the_log_stops_nobody),
		AGENTLIVE_TEST(a_proc_that_is_not_there_is_a_failure_until_it_is),
		AGENTLIVE_TEST(a_machine_without_proc_is_a_failure_and_not_the_end),
		AGENTLIVE_TEST(a_proc_that_may_not_be_read_is_a_failure),
		AGENTLIVE_TEST(
			a_socket_that_is_denied_is_named_and_taken_when_it_is_granted),
		AGENTLIVE_TEST(few_descriptors_are_enough_for_all_but_to_watch_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
