/*
 * agent_named.c - what people see of real stale processes with the MIB module loaded: text
 * that can be read, names, and tables.
 */
#include "snmp/mib.h"

#include <stdio.h>

#include "support/cells.h"
#include "support/liveplugin.h"
#include "support/scene.h"
#include "support/smi.h"
#include "test.h"

#define MODULE    SMI_MODULE "::"
#define SEPARATOR "\037" /* is in no text of ours */

/* What a tool says with the module loaded, of a name of the module; option may have a
 * second word, more (else NULL).  Owned. */
static char *ask_by_name(const struct scene *scene, const char *tool, const char *option,
			 const char *more, const char *name)
{
	static const char *const of_requests[] = {"-v2c", "-cpublic", "-t5", "-r0"};
	const bool asks = strcmp(tool, "snmptranslate") != 0;
	const char *smi = smi_need(scene->d->name), *module = smi_module_path();
	const char *words[16] = {tool, "-m" SMI_MODULE};
	struct agentd_answer answer;
	char *folders;
	size_t n = 2;

	assert_true(asprintf(&folders, "-M%.*s:%s", (int)(strrchr(module, '/') - module),
			     module, smi) > 0);
	words[n++] = folders;
	words[n++] = option;
	if (more)
		words[n++] = more;
	for (size_t i = 0; asks && i < ARRAY_LEN(of_requests); i++)
		words[n++] = of_requests[i];
	if (asks)
		words[n++] = scene->d->address;
	words[n] = name;
	agentd_run(scene->d, words, 20, &answer);
	free(folders);
	if (answer.status != 0)
		agentd_fail(scene->d, "%s: exit %d: %s", tool, answer.status, answer.out);
	return answer.out;
}

static void expect_without(const struct scene *scene, const char *text, const char *what)
{
	const char *found = strstr(text, what);

	if (found)
		agentd_fail(scene->d, "\"%s\" in what a tool says: %.200s", what, found);
}

/* "OID = STRING: text" of each text that is wanted. */
static void expect_readable(const struct scene *scene, const char *said,
			    const struct cells *want)
{
	size_t found = 0;

	for (size_t i = 0; i < want->n; i++) {
		const struct cell *cell = &want->list[i];
		char front[300];
		const char *line;

		if (!cell->bytes || !cell->len || strstr(cell->oid, ".3.1.11."))
			continue;
		snprintf(front, sizeof(front), "%s = STRING: ", cell->oid);
		line = strstr(said, front);
		if (!line)
			agentd_fail(scene->d, "no %s in %s", front, said);
		line += strlen(front);
		row_text(cell->oid, "text", line, strcspn(line, "\n"), cell->bytes);
		found++;
	}
	assert_true(found > 20);
}

static void hostile_text_is_readable_and_types_are_right(void **state)
{
	struct scene *scene = *state;
	char *pids, *said;
	struct cells want;

	scene_hostile(scene->live);
	scene_longest(scene->live);
	scene_other_whys(scene->live);
	scene_start(scene, NULL);
	pids = liveplugin_pids(scene->live);
	cells_wanted(scene->d, pids, &want);
	said = ask_by_name(scene, "snmpbulkwalk", "-On", NULL, MODULE "staleProcessMIB");
	expect_without(scene, said, "Wrong Type");
	expect_without(scene, said, "Hex-STRING");
	expect_without(scene, said, "\033");
	expect_readable(scene, said, &want);
	free(said);
	free(pids);
	cells_release(&want);
}

/* Each name that a tool prints, with its index, leads back to the number. */
static void names_lead_back_to_the_numbers(void **state)
{
	struct scene *scene = *state;
	struct agentd *d = scene->d;
	struct cells want;
	char *said, *line, *rest = NULL, *oid = agentd_oid(d, "1");
	size_t n = 0;

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	cells_ask(d, (const char *const[]){"snmpwalk", NULL},
		  (const char *const[]){oid, NULL}, &want);
	said = ask_by_name(scene, "snmpbulkwalk", "-Os", NULL, MODULE "staleProcessMIB");
	for (line = strtok_r(said, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char name[128], *number;

		assert_true(n < want.n);
		snprintf(name, sizeof(name), MODULE "%.*s", (int)strcspn(line, " "),
			 line);
		/* Slow: every 7th will do. */
		number = n % 7 ? NULL
			       : ask_by_name(scene, "snmptranslate", "-On", NULL, name);
		if (number)
			row_text(name, "number", number, strcspn(number, "\n"),
				 want.list[n].oid);
		free(number);
		n++;
	}
	row_number("names", "objects", n, want.n);
	free(said);
	free(oid);
	cells_release(&want);
}

/* The next cell of a line of snmptable, ended by a NUL. */
static char *next_cell(char **rest)
{
	return strsep(rest, SEPARATOR);
}

/* A row of snmptable: its index, then the columns, each as snmpget prints it. */
static void expect_row(const struct scene *scene, char *line, const char *const columns[])
{
	char *index = next_cell(&line);

	for (size_t i = 0; columns[i]; i++) {
		char *cell = next_cell(&line), name[128], *value;
		size_t len;

		assert_non_null(cell);
		snprintf(name, sizeof(name), MODULE "%s.%s", columns[i], index);
		value = ask_by_name(scene, "snmpget", "-OQv", NULL, name);
		len = strcspn(value, "\n");
		while (len && value[len - 1] == ' ') /* behind BITS */
			len--;
		if (!strstr(name, "Age."))
			row_text(name, "cell of snmptable", cell, strlen(cell),
				 (value[len] = '\0', value));
		free(value);
	}
	assert_null(line);
}

static void expect_table(const struct scene *scene, const char *table,
			 const char *const columns[], size_t rows)
{
	char *said, *line, *rest, name[64];
	size_t n = 0;

	snprintf(name, sizeof(name), MODULE "%s", table);
	said = ask_by_name(scene, "snmptable", "-CHif", SEPARATOR, name);
	for (line = strtok_r(said, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest), n++)
		expect_row(scene, line, columns);
	row_number(table, "rows", n, rows);
	free(said);
}

static void snmptable_prints_each_row(void **state)
{
	static const char *const procs[] = {
		"staleProcStart",     "staleProcName",   "staleProcExecutable",
		"staleProcUid",       "staleProcUser",   "staleProcUnit",
		"staleProcContainer", "staleProcScope",  "staleProcCounted",
		"staleProcWhy",       "staleProcFiles",  "staleProcSince",
		"staleProcAge",       "staleProcAdvice", NULL};
	static const char *const files[] = {"staleFilePath",    "staleFileKind",
					    "staleFileWhy",     "staleFileSince",
					    "staleFileAge",     "staleFileSuccessor",
					    "staleFileLibrary", NULL};
	static const char *const libs[] = {"staleLibPath",      "staleLibWhy",
					   "staleLibProcesses", "staleLibSince",
					   "staleLibAge",       NULL};
	struct scene *scene = *state;

	scene_upgrade(scene->live);
	scene_start(scene, NULL);
	expect_table(scene, "staleProcTable", procs, 3);
	expect_table(scene, "staleFileTable", files, 4);
	expect_table(scene, "staleLibTable", libs, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(hostile_text_is_readable_and_types_are_right),
		SCENE_TEST(names_lead_back_to_the_numbers),
		SCENE_TEST(snmptable_prints_each_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
