/*
 * agent_valgrind.c - a life of stale-agentx under valgrind: all its processes use memory
 * well, and none leaks any.
 */
#include "test.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentlive.h"
#include "support/sanitized.h"

#define STATUS      "1.1.1.0"
#define COMPLETIONS "1.1.7.0"
#define PROCESSES   "1.2.2.0"

#define EVER_S 30 /* it is some twenty times slower */
/* valgrind has no pidfd: the next look sees it, which waits for 15 s and for four times as
 * long as a scan takes. */
#define LOOKED_S 120
#define OPTIONS                                                                          \
	"--quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99"
#define LOG_MAX 65536

static void need_valgrind(const struct agentd *d)
{
	const char *const words[] = {"sh", "-c", "command -v valgrind", NULL};
	struct agentd_answer answer;

	if (is_sanitized())
		agentd_skip(d, "built with sanitizers");
	agentd_run(d, words, EVER_S, &answer);
	agentd_answer_release(&answer);
	if (answer.status != 0)
		agentd_skip(d, "no valgrind");
}

/* What is run in the place of stale-agentx.  Owned. */
static char *write_wrapper(const struct agentd *d)
{
	char *path = agentd_path(d, "wrapper"), *program = live_built("stale-agentx");
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file,
		"#!/bin/sh\nexec valgrind --log-file=%s/valgrind.%%p " OPTIONS
		" %s \"$@\"\n",
		d->dir, program);
	assert_int_equal(fchmod(fileno(file), 0755), 0);
	assert_int_equal(fclose(file), 0);
	free(program);
	return path;
}

/* Of all processes that there were; what valgrind says of them.  Returns how many. */
static size_t check_logs(const struct agentd *d)
{
	char *pattern = agentd_path(d, "valgrind.*"), *text = calloc(1, LOG_MAX);
	size_t n, bad = 0;
	glob_t logs;

	assert_non_null(text);
	assert_int_equal(glob(pattern, 0, NULL, &logs), 0);
	n = logs.gl_pathc;
	for (size_t i = 0; i < n; i++) {
		FILE *file = fopen(logs.gl_pathv[i], "re");
		size_t len;

		assert_non_null(file);
		len = fread(text, 1, LOG_MAX - 1, file);
		fclose(file);
		text[len] = '\0';
		if (!strstr(text, "==")) /* only what it does not know itself */
			continue;
		bad++;
		printf("%s:\n%s\n", logs.gl_pathv[i], text);
	}
	globfree(&logs);
	free(pattern);
	free(text);
	assert_int_equal(bad, 0);
	return n;
}

static void walk(const struct agentd *d)
{
	char *base = agentd_oid(d, "1");
	const char *const words[] = {"snmpbulkwalk", "-v2c",     "-cpublic", "-t5",
				     "-On",          d->address, base,       NULL};
	struct agentd_answer answer;

	agentd_run(d, words, EVER_S, &answer);
	if (answer.status != 0 || !strstr(answer.out, "libold.so.1"))
		agentd_fail(d, "a walk: %s", answer.out);
	agentd_answer_release(&answer);
	free(base);
}

static void until_ended(const struct agentd *d, pid_t side)
{
	double end = agentd_clock() + EVER_S;

	while (agentd_snmp_side(d) == side) {
		assert_true(agentd_clock() < end);
		agentd_pause(0.02);
	}
}

static void a_whole_life_is_without_a_fault(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct live_process *process;
	int64_t scans;
	pid_t side;
	int status;

	need_valgrind(d);
	d->program = write_wrapper(d);
	process = agentlive_start(both, "libold.so.1");
	live_unlink(both->live, "libold.so.1");
	/* valgrind does not know that PROCMAP_QUERY writes. */
	agentd_start_both(d, (const char *const[]){both->select, "--notify=all",
						   "--method=maps", NULL});
	agentd_until(d, STATUS, SNAPSHOT_COMPLETE, EVER_S);
	agentd_until(d, PROCESSES, 1, EVER_S);
	walk(d);
	agentd_end(d, AGENTD_SNMPD, SIGKILL, NULL);
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	agentd_wait(d, AGENTD_AGENT);
	walk(d);
	scans = agentd_number(d, COMPLETIONS);
	agentd_signal(d, AGENTD_AGENT, SIGHUP);
	agentd_until_not(d, COMPLETIONS, scans, EVER_S);
	live_stop(both->live, process);
	agentd_until(d, PROCESSES, 0, LOOKED_S);
	/* By itself: it would be killed when it is as slow as valgrind makes it. */
	side = agentd_snmp_side(d);
	assert_int_equal(kill(side, SIGTERM), 0);
	until_ended(d, side);
	agentd_until_logged(d, AGENTD_AGENT, "the SNMP side ended by status 0", EVER_S);
	agentd_end(d, AGENTD_AGENT, SIGTERM, &status);
	assert_true(WIFEXITED(status));
	print_message("# valgrind: %zu processes, nothing found\n", check_logs(d));
	assert_int_equal(WEXITSTATUS(status), 0);
	free((void *)(uintptr_t)d->program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(a_whole_life_is_without_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
