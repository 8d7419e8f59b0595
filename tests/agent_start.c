/*
 * agent_start.c - stale-agentx beside a real snmpd: who starts first, who ends first, and
 * what if one of them does not go on.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentd.h"

#define SERIAL "1.1.2.0"
#define STATUS "1.1.1.0"

static void it_answers_when_snmpd_is_there_before_it(void **state)
{
	struct agentd *d = *state;

	agentd_start_both(d, NULL);
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, 20);
	assert_true(agentd_number(d, SERIAL) > 1000000000);
	assert_true(agentd_snmp_side(d) > 0);
}

static void it_answers_when_snmpd_comes_after_it(void **state)
{
	struct agentd *d = *state;

	agentd_start(d, AGENTD_AGENT, NULL);
	agentd_until_logged(d, AGENTD_AGENT, "no AgentX master: No such file", 10);
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	agentd_wait(d, AGENTD_AGENT);
}

static void it_comes_back_when_snmpd_does(void **state)
{
	static const int ends[] = {SIGTERM, SIGKILL, SIGTERM};
	struct agentd *d = *state;
	pid_t side;

	agentd_start_both(d, NULL);
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, 20);
	side = agentd_snmp_side(d);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		double began;

		agentd_end(d, AGENTD_SNMPD, ends[i], NULL);
		agentd_start(d, AGENTD_SNMPD, NULL);
		agentd_wait(d, AGENTD_SNMPD);
		began = agentd_clock();
		agentd_wait(d, AGENTD_AGENT);
		/* The ping interval is a second. */
		assert_in_range((uintmax_t)((agentd_clock() - began) * 1000), 0, 2500);
	}
	assert_int_equal(agentd_snmp_side(d), side); /* the same, not another one */
}

static bool is_ended(double seconds, int status, const char *label)
{
	if (seconds < 1 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	print_error("%s: ended after %.2f s with status %x\n", label, seconds, status);
	return false;
}

static void it_ends_within_a_second_of_a_signal(void **state)
{
	static const int ends[] = {SIGTERM, SIGINT};
	struct agentd *d = *state;
	char *pidfile = agentd_path(d, "pid");
	int status;
	double took;

	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		agentd_start(d, AGENTD_AGENT, NULL);
		agentd_wait(d, AGENTD_AGENT);
		assert_int_equal(access(pidfile, F_OK), 0);
		took = agentd_end(d, AGENTD_AGENT, ends[i], &status);
		assert_true(is_ended(took, status, strsignal(ends[i])));
		assert_int_equal(access(pidfile, F_OK), -1);
		/* It said goodbye: the objects are gone at once. */
		agentd_until(d, SERIAL, -1, 0.5);
	}
	free(pidfile);
}

static void it_ends_within_a_second_without_snmpd(void **state)
{
	struct agentd *d = *state;
	int status;
	double took;

	agentd_start(d, AGENTD_AGENT, NULL);
	agentd_until_logged(d, AGENTD_AGENT, "no AgentX master", 10);
	took = agentd_end(d, AGENTD_AGENT, SIGTERM, &status);
	assert_true(is_ended(took, status, "without snmpd"));
}

static void it_ends_within_a_second_when_snmpd_is_frozen(void **state)
{
	struct agentd *d = *state;
	int status;
	double took;

	agentd_start_both(d, NULL);
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, 20);
	agentd_signal(d, AGENTD_SNMPD, SIGSTOP);
	took = agentd_end(d, AGENTD_AGENT, SIGTERM, &status);
	agentd_signal(d, AGENTD_SNMPD, SIGCONT);
	assert_true(is_ended(took, status, "frozen snmpd"));
}

/* Is a process there, and not only what is left of one? */
static bool is_alive(pid_t pid)
{
	char path[64], stat[512] = "";
	const char *after;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)!read(fd, stat, sizeof(stat) - 1);
	close(fd);
	after = strrchr(stat, ')');
	return after && after[2] != 'Z';
}

static void its_snmp_side_ends_with_a_keeper_that_is_killed(void **state)
{
	struct agentd *d = *state;
	double end;
	pid_t side;

	agentd_start_both(d, NULL);
	side = agentd_snmp_side(d);
	assert_true(side > 0);
	agentd_end(d, AGENTD_AGENT, SIGKILL, NULL);
	end = agentd_clock() + 3;
	while (is_alive(side) && agentd_clock() < end)
		agentd_pause(0.01);
	assert_false(is_alive(side));
	/* What is left behind keeps nobody from a start. */
	agentd_start(d, AGENTD_AGENT, NULL);
	agentd_wait(d, AGENTD_AGENT);
}

static void it_goes_on_when_snmpd_was_frozen(void **state)
{
	struct agentd *d = *state;

	agentd_start_both(d, NULL);
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, 20);
	agentd_signal(d, AGENTD_SNMPD, SIGSTOP);
	agentd_until_logged(d, AGENTD_AGENT, "failed to respond to ping", 4);
	agentd_signal(d, AGENTD_SNMPD, SIGCONT);
	agentd_wait(d, AGENTD_AGENT);
	assert_true(agentd_runs(d, AGENTD_AGENT));
}

/* Runs another one with words, until its end.  Returns the exit code. */
static int run_another(const struct agentd *d, const char *const words[], char **ret_said)
{
	struct agentd_answer answer;

	agentd_run(d, words, 20, &answer);
	*ret_said = answer.out;
	return answer.status;
}

static char *program(void)
{
	const char *build = getenv("STALE_BUILD");
	char *path;

	assert_true(asprintf(&path, "%s/stale-agentx", build ? build : "build") > 0);
	return path;
}

static void a_second_one_is_refused_by_the_pid_file(void **state)
{
	struct agentd *d = *state;
	char *stale_agentx = program(), *pidfile = agentd_path(d, "pid");
	char *config = agentd_path(d, "empty.conf");
	const char *const front[] = {stale_agentx, "-f", "-x",   d->socket, "-p",
				     pidfile,      "-c", config, NULL};
	const char *const back[] = {stale_agentx, "-x", d->socket, "-p",
				    pidfile,      "-c", config,    NULL};
	char want[64];
	char *said;

	agentd_start_both(d, NULL);
	snprintf(want, sizeof(want), "already runs as %d", d->daemons[AGENTD_AGENT].pid);
	assert_int_equal(run_another(d, front, &said), 1);
	assert_non_null(strstr(said, want));
	free(said);
	assert_int_equal(run_another(d, back, &said), 1);
	assert_non_null(strstr(said, want));
	free(said);
	assert_int_equal(access(pidfile, F_OK), 0);
	assert_true(agentd_number(d, SERIAL) > 0);
	free(stale_agentx);
	free(pidfile);
	free(config);
}

static void a_second_one_with_another_pid_file_is_refused_by_the_master(void **state)
{
	struct agentd *d = *state;
	char *stale_agentx = program(), *pidfile = agentd_path(d, "other");
	char *config = agentd_path(d, "empty.conf");
	const char *const words[] = {stale_agentx, "-f", "-x",   d->socket, "-p",
				     pidfile,      "-c", config, "-Le",     NULL};
	char *said;

	agentd_start_both(d, NULL);
	assert_int_equal(run_another(d, words, &said), 1);
	assert_non_null(strstr(said, "refused by the master"));
	assert_int_equal(access(pidfile, F_OK), -1);
	assert_true(agentd_number(d, SERIAL) > 0);
	free(said);
	free(stale_agentx);
	free(pidfile);
	free(config);
}

static long read_pid(const char *path)
{
	char line[32] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	return strtol(line, NULL, 10);
}

/* In the background it is nobody's child: ended by the number in its file. */
static void the_starter_returns_when_the_daemon_is_ready(void **state)
{
	struct agentd *d = *state;
	char *stale_agentx = program(), *pidfile = agentd_path(d, "pid");
	char *config = agentd_path(d, "empty.conf"), *log;
	const char *words[] = {stale_agentx, "-x",   d->socket, "-p", pidfile,
			       "-c",         config, "-L",      NULL, NULL};
	long pid;
	double end;
	char *said;

	assert_true(asprintf(&log, "f%s/log.2", d->dir) > 0);
	words[8] = log;
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	assert_int_equal(run_another(d, words, &said), 0);
	pid = read_pid(pidfile);
	assert_true(pid > 1 && is_alive((pid_t)pid));
	assert_string_equal(said, "");
	agentd_until_not(d, SERIAL, -1, 20);
	assert_int_equal(kill((pid_t)pid, SIGTERM), 0);
	end = agentd_clock() + 5;
	while (access(pidfile, F_OK) == 0 && agentd_clock() < end)
		agentd_pause(0.01);
	assert_int_equal(access(pidfile, F_OK), -1);
	free(said);
	free(log);
	free(stale_agentx);
	free(pidfile);
	free(config);
}

static void bad_usage_is_told_and_nothing_started(void **state)
{
	static const struct {
		const char *label, *words[4], *said;
		int status;
	} cases[] = {
		{"unknown option", {"--nonsense"}, "nonsense", 3},
		{"stray word", {"word"}, "word", 3},
		{"no such file", {"-c", "/nonexistent/file"}, "/nonexistent/file", 3},
		{"bad log", {"-f", "-Lx"}, "-L takes", 3},
		{"relative pid file", {"-p", "pid"}, "absolute", 3},
		{"log to nobody", {"-p", "/nonexistent/pid", "-Le"}, "nobody", 3},
		{"no folder", {"-p", "/nonexistent/pid"}, "/nonexistent/pid: No such", 1},
		{"the same in front",
		 {"-f", "-p", "/nonexistent/pid"},
		 "/nonexistent/pid: No such",
		 1},
		{"no folder of the log", {"-f", "-Lf/nonexistent/log"}, "the log", 1},
		{"help", {"--help"}, "Usage: stale-agentx", 0},
		{"version", {"--version"}, "stale-agentx", 0},
	};
	struct agentd *d = *state;
	char *stale_agentx = program();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *words[6] = {stale_agentx};
		char *said;

		memcpy(words + 1, cases[i].words, sizeof(cases[i].words));
		row_number(cases[i].label, "status", run_another(d, words, &said),
			   cases[i].status);
		if (!strstr(said, cases[i].said))
			row_text(cases[i].label, "text", said, strlen(said),
				 cases[i].said);
		free(said);
	}
	free(stale_agentx);
}

static int inherit_many(void)
{
	for (int i = 0; i < 1100; i++)
		if (open("/dev/null", O_RDONLY) < 0)
			return -1;
	return 0;
}

static size_t count_descriptors(pid_t pid)
{
	char path[64];
	struct stat st;
	size_t n = 0;

	for (int fd = 0; fd < 4096; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		n += lstat(path, &st) == 0;
	}
	return n;
}

static void inherited_descriptors_are_closed(void **state)
{
	struct agentd *d = *state;

	d->before = inherit_many;
	agentd_start_both(d, NULL);
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, 20);
	assert_in_range(count_descriptors(d->daemons[AGENTD_AGENT].pid), 3, 20);
}

static int close_standard(void)
{
	close(0);
	close(1);
	close(2);
	return 0;
}

static void missing_standard_files_are_made_up_for(void **state)
{
	char path[64], target[64];
	struct agentd *d = *state;

	d->before = close_standard;
	agentd_start_both(d, NULL);
	for (int fd = 0; fd <= 2; fd++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d",
			 d->daemons[AGENTD_AGENT].pid, fd);
		n = readlink(path, target, sizeof(target));
		row_text(path, "leads to", target, n < 0 ? 0 : (size_t)n, "/dev/null");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTD_TEST(it_answers_when_snmpd_is_there_before_it),
		AGENTD_TEST(it_answers_when_snmpd_comes_after_it),
		AGENTD_TEST(it_comes_back_when_snmpd_does),
		AGENTD_TEST(it_ends_within_a_second_of_a_signal),
		AGENTD_TEST(it_ends_within_a_second_without_snmpd),
		AGENTD_TEST(it_ends_within_a_second_when_snmpd_is_frozen),
		AGENTD_TEST(its_snmp_side_ends_with_a_keeper_that_is_killed),
		AGENTD_TEST(it_goes_on_when_snmpd_was_frozen),
		AGENTD_TEST(a_second_one_is_refused_by_the_pid_file),
		AGENTD_TEST(a_second_one_with_another_pid_file_is_refused_by_the_master),
		AGENTD_TEST(the_starter_returns_when_the_daemon_is_ready),
		AGENTD_TEST(bad_usage_is_told_and_nothing_started),
		AGENTD_TEST(inherited_descriptors_are_closed),
		AGENTD_TEST(missing_standard_files_are_made_up_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
