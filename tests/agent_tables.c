/*
 * agent_tables.c - what managers see of real stale processes: with the tools of Net-SNMP,
 * through a real snmpd.  What it must be is what check_stale says of the same processes.
 */
#include "snmp/mib.h"

#include <stdio.h>
#include <time.h>

#include "support/cells.h"
#include "support/livecgroup.h"
#include "support/liveplugin.h"
#include "support/scene.h"
#include "test.h"

static const struct way {
	const char *label;
	const char *words[3];
} ways[] = {
	{"GETNEXT", {"snmpwalk"}},
	{"GETNEXT of SNMPv1", {"snmpwalk", "-v1"}},
	{"GETBULK of 1", {"snmpbulkwalk", "-Cr1"}},
	{"GETBULK of 10", {"snmpbulkwalk", "-Cr10"}},
	{"GETBULK of 50", {"snmpbulkwalk", "-Cr50"}},
	{"GETBULK of 100", {"snmpbulkwalk", "-Cr100"}},
};

/* What grows from one request to the next. */
static bool is_age(const struct agentd *d, const struct cell *cell)
{
	static const char *const ages[] = {".1.1.4.0", ".1.2.7.0", ".1.3.1.14.",
					   ".1.4.1.6.", ".1.5.1.6."};
	const char *below = cell->oid + strlen(d->base);

	for (size_t i = 0; i < ARRAY_LEN(ages); i++)
		if (strncmp(below, ages[i], strlen(ages[i])) == 0)
			return true;
	return false;
}

static void expect_same(const struct agentd *d, const char *label,
			const struct cells *got, const struct cells *want)
{
	unsigned differences = 0;

	row_number(label, "number of objects", got->n, want->n);
	for (size_t i = 0; i < got->n; i++) {
		struct cell wanted = want->list[i];

		if (is_age(d, &wanted) && wanted.number && got->list[i].number)
			wanted.number = got->list[i].number;
		differences += !cell_is(&got->list[i], &wanted, 0);
	}
	row_number(label, "differences", differences, 0);
}

static void walk(const struct agentd *d, const struct way *way, const char *below,
		 struct cells *ret)
{
	char *oid = agentd_oid(d, below);

	cells_ask(d, way->words, (const char *const[]){oid, NULL}, ret);
	free(oid);
	if (!cells_ascend(ret))
		agentd_fail(d, "%s of %s goes back", way->label, below);
}

/* Of so many processes, files of processes, and paths. */
#define OBJECTS(procs, files, paths) (12 + 14 * (procs) + 7 * (files) + 5 * (paths))

/* All of the tables and the totals is there, as it must be, and nothing else. */
static void expect_tables(const struct scene *scene, const struct way *way, size_t size)
{
	char *pids = liveplugin_pids(scene->live);
	struct cells got, want;
	unsigned differences = 0;
	int64_t from;

	cells_wanted(scene->d, pids, &want);
	from = (int64_t)time(NULL);
	walk(scene->d, way, "1", &got);
	row_number(way->label, "number that is wanted", want.n, size);
	/* Those of the scan come first. */
	row_number(way->label, "number of objects", got.n, want.n + 9);
	for (size_t i = 0; i < want.n; i++)
		differences += !cell_is(&got.list[i + 9], &want.list[i], from);
	row_number(way->label, "differences", differences, 0);
	cells_release(&got);
	cells_release(&want);
	free(pids);
}

static void all_stale_processes_are_there_with_right_values(void **state)
{
	struct scene *scene = *state;

	scene_upgrade(scene->live);
	scene_other_whys(scene->live);
	scene_hostile(scene->live);
	scene_longest(scene->live);
	scene_start(scene, NULL);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		expect_tables(scene, &ways[i], OBJECTS(7, 17, 15));
}

static void units_and_containers_are_there_with_right_values(void **state)
{
	struct scene *scene = *state;
	struct live *live = scene->live;

	scene_upgrade(live);
	scene_other_whys(live);
	livecgroup_enter(live, live->processes[1].pid, "system.slice/stale-%.service");
	livecgroup_enter(live, live->processes[2].pid, "system.slice/docker-&.scope");
	livecgroup_enter(live, live->processes[3].pid,
			 "user.slice/user-0.slice/session-%.scope");
	livecgroup_enter(live, live->processes[4].pid,
			 "user.slice/user-0.slice/user@0.service/app.slice/x-%.service");
	scene_start(scene, (const char *const[]){NULL});
	expect_tables(scene, &ways[3], OBJECTS(5, 7, 5));
}

static void get_getnext_and_getbulk_see_the_same(void **state)
{
	const struct way get = {"GET", {"snmpget"}};
	struct scene *scene = *state;
	struct agentd *d = scene->d;
	struct cells first, other;
	const char *oids[300];

	scene_upgrade(scene->live);
	scene_other_whys(scene->live);
	scene_start(scene, NULL);
	walk(d, &ways[0], "1", &first);
	for (size_t i = 1; i < ARRAY_LEN(ways); i++) {
		walk(d, &ways[i], "1", &other);
		expect_same(d, ways[i].label, &other, &first);
		cells_release(&other);
	}
	for (size_t i = 0; i < first.n; i += 40) {
		struct cells part = {.list = first.list + i};
		size_t n = 0;

		for (; n < 40 && i + n < first.n; n++)
			oids[n] = first.list[i + n].oid;
		oids[n] = NULL;
		part.n = n;
		cells_ask(d, get.words, oids, &other);
		expect_same(d, get.label, &other, &part);
		cells_release(&other);
	}
	cells_release(&first);
}

/* Never the value of a neighbour. */
static void what_is_not_there_has_no_value(void **state)
{
	static const char *const missing[] = {
		"1.1.1",
		"1.1.1.1",
		"1.1.10.0",
		"1.2.13.0",
		"1.3.1.3",
		"1.3.1.3.0",
		"1.3.1.3.2147483647",
		"1.3.1.3.4294967295",
		"1.6.1.0",
		"1.4.1.2.2147483647",
	};
	struct scene *scene = *state;
	const struct agentd *d = scene->d;
	const pid_t pid = scene->live->processes[0].pid; /* is not stale */
	char below[64];

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	for (size_t i = 0; i < ARRAY_LEN(missing); i++)
		row_text(missing[i], "value", agentd_get(d, missing[i]), 0, NULL);
	for (int column = 1; column <= 16; column++) {
		snprintf(below, sizeof(below), "1.3.1.%d.%d", column, pid);
		row_text(below, "value", agentd_get(d, below), 0, NULL);
	}
	snprintf(below, sizeof(below), "1.3.1.1.%d", scene->live->processes[1].pid);
	row_text(below, "value of an index", agentd_get(d, below), 0, NULL);
}

static const struct cell *at(const struct agentd *d, const struct cells *cells,
			     const char *below)
{
	char *oid = agentd_oid(d, below);
	const struct cell *cell = cells_find(cells, oid);

	free(oid);
	assert_non_null(cell);
	return cell;
}

static void the_scan_tells_of_itself(void **state)
{
	struct scene *scene = *state;
	struct agentd *d = scene->d;
	int64_t from = (int64_t)time(NULL);
	struct cells got;
	struct cell want = {.type = "Hex-STRING", .slack = 10};

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	walk(d, &ways[0], "1.1", &got);
	row_number("scan", "number of objects", got.n, 9);
	row_number("scan", "status", at(d, &got, "1.1.1.0")->number, 2);
	assert_in_range(at(d, &got, "1.1.2.0")->number, from, time(NULL) + 5);
	want.number = from + 5;
	snprintf(want.oid, sizeof(want.oid), "%s.1.1.3.0", d->base);
	assert_true(cell_is(at(d, &got, "1.1.3.0"), &want, 0));
	snprintf(want.oid, sizeof(want.oid), "%s.1.1.9.0", d->base);
	assert_true(cell_is(at(d, &got, "1.1.9.0"), &want, 0));
	assert_in_range(at(d, &got, "1.1.4.0")->number, 1, time(NULL) - from + 1);
	assert_in_range(at(d, &got, "1.1.5.0")->number, 0, 10000);
	row_number("scan", "interval", at(d, &got, "1.1.6.0")->number, 86400);
	row_number("scan", "completions", at(d, &got, "1.1.7.0")->number, 1);
	row_text("scan", "completions", at(d, &got, "1.1.7.0")->type, 9, "Counter32");
	row_number("scan", "failures", at(d, &got, "1.1.8.0")->number, 0);
	cells_release(&got);
}

/* They are worked out when they are asked for, of the same snapshot. */
static void ages_grow_from_request_to_request(void **state)
{
	struct scene *scene = *state;
	const struct agentd *d = scene->d;
	struct cells before, after;
	size_t n = 0;

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	walk(d, &ways[2], "1", &before);
	while (agentd_number(d, "1.1.4.0") < at(d, &before, "1.1.4.0")->number + 3)
		agentd_pause(0.1);
	walk(d, &ways[2], "1", &after);
	for (size_t i = 0; i < before.n; i++)
		if (is_age(d, &before.list[i])) {
			assert_in_range(after.list[i].number - before.list[i].number, 2,
					20);
			n++;
		}
	row_number("ages", "number", n, 2 + 3 + 4 + 3);
	row_number("serial", "number", at(d, &after, "1.1.2.0")->number,
		   at(d, &before, "1.1.2.0")->number);
	cells_release(&before);
	cells_release(&after);
}

static void nothing_can_be_set(void **state)
{
	static const struct {
		const char *below, *type, *value; /* behind a dot comes the pid */
	} sets[] = {
		{"1.1.1.0", "i", "3"},
		{"1.1.2.0", "u", "1"},
		{"1.1.6.0", "u", "1"},

		{"1.2.2.0", "u", "0"},
		{"1.3.1.3.", "s", "x"},
		{"1.3.1.9.", "i", "1"},
		{"1.3.1.14.", "u", "1"},
		{"1.3.1.3.2147483647", "s", "x"}, /* no such row */
		{"1.3.1.1.", "i", "1"},           /* not accessible */
	};
	static const struct {
		const char *community, *says;
	} who[] = {
		{"public", "noAccess"},
		{"private", "notWritable"},
	};
	struct scene *scene = *state;
	struct agentd *d = scene->d;
	struct cells before, after;

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	walk(d, &ways[2], "1", &before);
	for (size_t i = 0; i < ARRAY_LEN(sets) * ARRAY_LEN(who); i++) {
		const char *community = who[i % 2].community;
		char below[64], pid[16], *oid;
		struct agentd_answer answer;

		snprintf(pid, sizeof(pid), "%d", scene->live->processes[1].pid);
		snprintf(below, sizeof(below), "%s%s", sets[i / 2].below,
			 sets[i / 2].below[strlen(sets[i / 2].below) - 1] == '.' ? pid
										 : "");
		oid = agentd_oid(d, below);
		agentd_run(d,
			   (const char *const[]){"snmpset", "-v2c", "-c", community,
						 "-t5", "-r0", d->address, oid,
						 sets[i / 2].type, sets[i / 2].value,
						 NULL},
			   20, &answer);
		row_number(below, "exit status", answer.status, 2);
		if (!strstr(answer.out, who[i % 2].says))
			agentd_fail(d, "%s of %s: %s", community, below, answer.out);
		agentd_answer_release(&answer);
		free(oid);
	}
	walk(d, &ways[2], "1", &after);
	expect_same(d, "after SET", &after, &before);
	cells_release(&before);
	cells_release(&after);
}

static void the_module_is_listed_by_snmpd(void **state)
{
	const struct way walk_all = {"sysORTable", {"snmpwalk"}};
	struct scene *scene = *state;
	struct cells got;
	size_t n = 0;

	scene_start(scene, NULL);
	walk(scene->d, &walk_all, ".1.3.6.1.2.1.1.9.1.2", &got);
	for (size_t i = 0; i < got.n; i++) {
		char *descr, *below;

		if (!got.list[i].bytes || strcmp(got.list[i].bytes, scene->d->base) != 0)
			continue;
		assert_true(asprintf(&below, ".1.3.6.1.2.1.1.9.1.3%s",
				     strrchr(got.list[i].oid, '.')) > 0);
		descr = agentd_get(scene->d, below);
		assert_true(descr && strlen(descr) > 2);
		free(descr);
		free(below);
		n++;
	}
	row_number("sysORTable", "entries of the module", n, 1);
	cells_release(&got);
}

/* The views of snmp/README.md. */
static void a_view_can_show_numbers_only(void **state)
{
	static const struct way rows[] = {
		{"all", {"snmpbulkwalk", "-csecurity"}},
		{"totals", {"snmpbulkwalk", "-cmonitor"}},
	};
	struct scene *scene = *state;
	const char *base = scene->d->base;
	struct cells got;
	char *conf;

	assert_true(asprintf(&conf,
			     "view staleTotals included %s.1.1\n"
			     "view staleTotals included %s.1.2\n"
			     "view staleAll included %s\n"
			     "rocommunity monitor 127.0.0.1 -V staleTotals\n"
			     "rocommunity security 127.0.0.1 -V staleAll\n",
			     base, base, base) > 0);
	scene->d->more_conf = conf;
	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	walk(scene->d, &rows[0], "1", &got);
	row_number(rows[0].label, "number of objects", got.n, 9 + OBJECTS(3, 4, 3));
	cells_release(&got);
	walk(scene->d, &rows[1], "1", &got);
	row_number(rows[1].label, "number of objects", got.n, 9 + OBJECTS(0, 0, 0));
	cells_release(&got);
	free(conf);
}

/* So that managers can join the two tables. */
static void the_index_is_that_of_the_table_of_all_processes(void **state)
{
	struct scene *scene = *state;
	const struct live *live = scene->live;

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	for (size_t i = 1; i < live->nprocesses; i++) {
		char name[64];

		/* hrSWRunIndex */
		snprintf(name, sizeof(name), ".1.3.6.1.2.1.25.4.2.1.1.%d",
			 live->processes[i].pid);
		row_number(name, "index", agentd_number(scene->d, name),
			   live->processes[i].pid);
		snprintf(name, sizeof(name), "1.3.1.12.%d", live->processes[i].pid);
		assert_true(agentd_number(scene->d, name) > 0);
	}
}

static void where_nothing_is_stale_the_tables_are_empty(void **state)
{
	struct scene *scene = *state;
	struct agentd_answer answer;
	struct cells got;
	char *oid = agentd_oid(scene->d, "1.3");

	scene_start(scene, NULL);
	walk(scene->d, &ways[2], "1", &got);
	row_number("all", "number of objects", got.n, 9 + 12);
	agentd_run(scene->d,
		   (const char *const[]){"snmpbulkwalk", "-v2c", "-cpublic", "-On",
					 scene->d->address, oid, NULL},
		   20, &answer);
	if (!strstr(answer.out, "No more variables") && !strstr(answer.out, "No Such"))
		agentd_fail(scene->d, "%s", answer.out);
	agentd_answer_release(&answer);
	cells_release(&got);
	free(oid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(all_stale_processes_are_there_with_right_values),
		SCENE_TEST(units_and_containers_are_there_with_right_values),
		SCENE_TEST(get_getnext_and_getbulk_see_the_same),
		SCENE_TEST(what_is_not_there_has_no_value),
		SCENE_TEST(the_scan_tells_of_itself),
		SCENE_TEST(ages_grow_from_request_to_request),
		SCENE_TEST(nothing_can_be_set),
		SCENE_TEST(the_module_is_listed_by_snmpd),
		SCENE_TEST(a_view_can_show_numbers_only),
		SCENE_TEST(the_index_is_that_of_the_table_of_all_processes),
		SCENE_TEST(where_nothing_is_stale_the_tables_are_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
