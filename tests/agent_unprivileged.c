/*
 * agent_unprivileged.c - stale-agentx as a user of its own, with one capability and in the
 * group of the socket: it sees what root's does.
 */
#include "snmp/mib.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cells.h"
#include "support/livecheck.h"
#include "support/livechild.h"
#include "support/scene.h"
#include "test.h"

/* Of so many processes, files of processes, and paths. */
#define OBJECTS_MORE(procs, files, paths) (14 * (procs) + 7 * (files) + 5 * (paths))
#define OBJECTS(procs, files, paths)      (21 + OBJECTS_MORE(procs, files, paths))

#define GROUP          424243 /* nobody's */
#define STRING(number) STRING_(number)
#define STRING_(n)     #n

static int become(enum livechild_user user)
{
	int r = livechild_join(user, GROUP);

	/* New credentials forget it. */
	return r < 0 ? r : prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int become_tracer(void)
{
	return become(LIVECHILD_PTRACE);
}

static int become_plain(void)
{
	return become(LIVECHILD_PLAIN);
}

/* Skips where it cannot become that. */
static void need(const struct scene *scene, int (*before)(void))
{
	int status;
	pid_t pid;

	live_need_root(scene->live);
	live_need_dir(scene->live);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(-before());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		live_skip(scene->live, strerror(WEXITSTATUS(status)));
}

/* A socket for the group, and a program that everybody can get at. */
static void prepare(const struct scene *scene)
{
	struct agentd *d = scene->d;

	d->more_conf = "agentXPerms 0660 0755 root " STRING(GROUP);
	live_program(scene->live, "stale-agentx", "stale-agentx", 0);
	d->program = live_path(scene->live, "stale-agentx");
}

static void see(struct scene *scene, int (*before)(void), struct cells *ret)
{
	struct agentd *d = scene->d;
	char *oid = agentd_oid(d, "1");

	/* Its pid file and its log are in there. */
	if (before)
		assert_int_equal(chown(d->dir, LIVECHILD_NOBODY, LIVECHILD_NOBODY), 0);
	d->before = before;
	scene_start(scene, NULL);
	cells_ask(d, (const char *const[]){"snmpbulkwalk", "-Cr50", NULL},
		  (const char *const[]){oid, NULL}, ret);
	free(oid);
}

static void end_both(const struct scene *scene)
{
	agentd_end(scene->d, AGENTD_AGENT, SIGTERM, NULL);
	agentd_end(scene->d, AGENTD_SNMPD, SIGTERM, NULL);
}

/* What has to do with the scan, and with ages. */
static bool may_differ(const struct agentd *d, const struct cell *cell)
{
	static const char *const others[] = {".1.1.",      ".1.2.7.",    ".1.2.8.",
					     ".1.3.1.13.", ".1.3.1.14.", ".1.4.1.5.",
					     ".1.4.1.6.",  ".1.5.1.5.",  ".1.5.1.6."};
	const char *below = cell->oid + strlen(d->base);

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strncmp(below, others[i], strlen(others[i])) == 0)
			return true;
	return false;
}

static unsigned compare(const struct agentd *d, const struct cells *got,
			const struct cells *want)
{
	unsigned differences = 0;

	row_number("objects", "number", got->n, want->n);
	for (size_t i = 0; i < got->n; i++) {
		const struct cell *one = &got->list[i], *other = &want->list[i];

		if (may_differ(d, one))
			differences += strcmp(one->oid, other->oid) != 0 ||
				       strcmp(one->type, other->type) != 0;
		else
			differences += !cell_is(one, other, 0);
	}
	return differences;
}

/* One line of /proc/PID/status, without its name and blank. */
static void read_status(pid_t pid, const char *name, char value[64])
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	value[0] = '\0';
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			snprintf(value, 64, "%.*s",
				 (int)strcspn(line + strlen(name), "\t\n"),
				 line + strlen(name));
	fclose(file);
}

static void expect_status(pid_t pid, const char *name, const char *want)
{
	char value[64];

	read_status(pid, name, value);
	row_text(name, "value", value, strlen(value), want);
}

static void one_capability_and_the_group_see_what_root_sees(void **state)
{
	struct scene *scene = *state;
	const size_t has_query = livecheck_has_query();
	struct cells roots, users;

	need(scene, become_tracer);
	prepare(scene);
	scene_upgrade(scene->live);
	scene_other_whys(scene->live);
	scene_longest(scene->live);
	/* The text of maps does not tell a newline from what stands for it. */
	if (has_query)
		scene_hostile(scene->live);
	see(scene, NULL, &roots);
	row_number("root", "objects", roots.n,
		   OBJECTS(6, 8, 6) + has_query * OBJECTS_MORE(1, 9, 9));
	end_both(scene);
	see(scene, become_tracer, &users);
	row_number("user", "differences", compare(scene->d, &users, &roots), 0);
	cells_release(&roots);
	cells_release(&users);
	free((char *)(uintptr_t)scene->d->program);
}

static void it_runs_as_the_user_and_the_snmp_side_has_nothing(void **state)
{
	static const char only_ptrace[] = "0000000000080000", none[] = "0000000000000000";
	struct scene *scene = *state;
	struct cells seen;
	pid_t keeper, side;

	need(scene, become_tracer);
	prepare(scene);
	scene_upgrade(scene->live);
	see(scene, become_tracer, &seen);
	keeper = scene->d->daemons[AGENTD_AGENT].pid;
	side = agentd_snmp_side(scene->d);
	assert_true(side > 0);
	expect_status(keeper, "Uid:\t", STRING(65534));
	expect_status(keeper, "CapPrm:\t", only_ptrace);
	expect_status(keeper, "CapEff:\t", none);
	expect_status(side, "Uid:\t", STRING(65534));
	expect_status(side, "CapPrm:\t", none);
	expect_status(side, "CapEff:\t", none);
	expect_status(side, "CapAmb:\t", none);
	expect_status(side, "NoNewPrivs:\t", "1");
	cells_release(&seen);
	free((char *)(uintptr_t)scene->d->program);
}

/* The control of the first: it is the capability that lets it see. */
static void without_the_capability_it_says_that_it_does_not_see(void **state)
{
	struct scene *scene = *state;
	struct cells seen;

	need(scene, become_plain);
	prepare(scene);
	scene_upgrade(scene->live);
	see(scene, become_plain, &seen);
	row_number("without", "objects", seen.n, 21);
	row_number("without", "status", agentd_number(scene->d, "1.1.1.0"), 3);
	row_number("without", "unreadable", agentd_number(scene->d, "1.2.10.0"), 4);
	cells_release(&seen);
	free((char *)(uintptr_t)scene->d->program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(one_capability_and_the_group_see_what_root_sees),
		SCENE_TEST(it_runs_as_the_user_and_the_snmp_side_has_nothing),
		SCENE_TEST(without_the_capability_it_says_that_it_does_not_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
