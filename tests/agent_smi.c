/*
 * agent_smi.c - the MIB module: its tools have nothing to say against it, and it has the
 * numbers that the agent answers by.
 */
#include "snmp/mib.h"

#include <stdio.h>

#include "snmp/mib_numbers.h"
#include "support/smi.h"
#include "test.h"

struct named {
	const char *name;
	unsigned below[4]; /* STALE_MIB_BASE */
	size_t n;
};

#define SCALAR(name, part, number)                                                       \
	{                                                                                \
		name, {MIB_OBJECTS, part, number}, 3                                     \
	}
#define COLUMN(name, part, number)                                                       \
	{                                                                                \
		name, {MIB_OBJECTS, part, MIB_ENTRY, number}, 4                          \
	}
#define NOTIFICATION(name, number)                                                       \
	{                                                                                \
		name, {MIB_NOTIFICATIONS, number}, 2                                     \
	}

static const struct named names[] = {
	{"staleProcessMIB", {0}, 0},
	NOTIFICATION("staleChanged", MIB_CHANGED),
	NOTIFICATION("staleCleared", MIB_CLEARED),
	NOTIFICATION("staleScanTrouble", MIB_SCAN_TROUBLE),
	SCALAR("staleScanStatus", MIB_SCAN, MIB_SCAN_STATUS),
	SCALAR("staleScanSerial", MIB_SCAN, MIB_SCAN_SERIAL),
	SCALAR("staleScanTime", MIB_SCAN, MIB_SCAN_TIME),
	SCALAR("staleScanAge", MIB_SCAN, MIB_SCAN_AGE),
	SCALAR("staleScanDuration", MIB_SCAN, MIB_SCAN_DURATION),
	SCALAR("staleScanInterval", MIB_SCAN, MIB_SCAN_INTERVAL),
	SCALAR("staleScanCompletions", MIB_SCAN, MIB_SCAN_COMPLETIONS),
	SCALAR("staleScanFailures", MIB_SCAN, MIB_SCAN_FAILURES),
	SCALAR("staleScanStarted", MIB_SCAN, MIB_SCAN_STARTED),
	SCALAR("staleTotalScanned", MIB_TOTAL, MIB_TOTAL_SCANNED),
	SCALAR("staleTotalProcesses", MIB_TOTAL, MIB_TOTAL_PROCESSES),
	SCALAR("staleTotalServices", MIB_TOTAL, MIB_TOTAL_SERVICES),
	SCALAR("staleTotalContainers", MIB_TOTAL, MIB_TOTAL_CONTAINERS),
	SCALAR("staleTotalSessions", MIB_TOTAL, MIB_TOTAL_SESSIONS),
	SCALAR("staleTotalFiles", MIB_TOTAL, MIB_TOTAL_FILES),
	SCALAR("staleTotalOldest", MIB_TOTAL, MIB_TOTAL_OLDEST),
	SCALAR("staleTotalUndated", MIB_TOTAL, MIB_TOTAL_UNDATED),
	SCALAR("staleTotalReboot", MIB_TOTAL, MIB_TOTAL_REBOOT),
	SCALAR("staleTotalUnreadable", MIB_TOTAL, MIB_TOTAL_UNREADABLE),
	SCALAR("staleTotalIgnored", MIB_TOTAL, MIB_TOTAL_IGNORED),
	SCALAR("staleTotalUnpublished", MIB_TOTAL, MIB_TOTAL_UNPUBLISHED),
	COLUMN("staleProcPid", MIB_PROC_TABLE, MIB_PROC_PID),
	COLUMN("staleProcStart", MIB_PROC_TABLE, MIB_PROC_START),
	COLUMN("staleProcName", MIB_PROC_TABLE, MIB_PROC_NAME),
	COLUMN("staleProcExecutable", MIB_PROC_TABLE, MIB_PROC_EXECUTABLE),
	COLUMN("staleProcUid", MIB_PROC_TABLE, MIB_PROC_UID),
	COLUMN("staleProcUser", MIB_PROC_TABLE, MIB_PROC_USER),
	COLUMN("staleProcUnit", MIB_PROC_TABLE, MIB_PROC_UNIT),
	COLUMN("staleProcContainer", MIB_PROC_TABLE, MIB_PROC_CONTAINER),
	COLUMN("staleProcScope", MIB_PROC_TABLE, MIB_PROC_SCOPE),
	COLUMN("staleProcCounted", MIB_PROC_TABLE, MIB_PROC_COUNTED),
	COLUMN("staleProcWhy", MIB_PROC_TABLE, MIB_PROC_WHY),
	COLUMN("staleProcFiles", MIB_PROC_TABLE, MIB_PROC_FILES),
	COLUMN("staleProcSince", MIB_PROC_TABLE, MIB_PROC_SINCE),
	COLUMN("staleProcAge", MIB_PROC_TABLE, MIB_PROC_AGE),
	COLUMN("staleProcAdvice", MIB_PROC_TABLE, MIB_PROC_ADVICE),
	COLUMN("staleFileIndex", MIB_FILE_TABLE, MIB_FILE_INDEX),
	COLUMN("staleFilePath", MIB_FILE_TABLE, MIB_FILE_PATH),
	COLUMN("staleFileKind", MIB_FILE_TABLE, MIB_FILE_KIND),
	COLUMN("staleFileWhy", MIB_FILE_TABLE, MIB_FILE_WHY),
	COLUMN("staleFileSince", MIB_FILE_TABLE, MIB_FILE_SINCE),
	COLUMN("staleFileAge", MIB_FILE_TABLE, MIB_FILE_AGE),
	COLUMN("staleFileSuccessor", MIB_FILE_TABLE, MIB_FILE_SUCCESSOR),
	COLUMN("staleFileLibrary", MIB_FILE_TABLE, MIB_FILE_LIBRARY),
	COLUMN("staleLibIndex", MIB_LIB_TABLE, MIB_LIB_INDEX),
	COLUMN("staleLibPath", MIB_LIB_TABLE, MIB_LIB_PATH),
	COLUMN("staleLibWhy", MIB_LIB_TABLE, MIB_LIB_WHY),
	COLUMN("staleLibProcesses", MIB_LIB_TABLE, MIB_LIB_PROCESSES),
	COLUMN("staleLibSince", MIB_LIB_TABLE, MIB_LIB_SINCE),
	COLUMN("staleLibAge", MIB_LIB_TABLE, MIB_LIB_AGE),
	SCALAR("staleChangeAppeared", MIB_CHANGE, MIB_CHANGE_APPEARED),
	SCALAR("staleChangeCleared", MIB_CHANGE, MIB_CHANGE_CLEARED),
};

static void need_program(const char *test, const char *program)
{
	char command[64];
	int status;

	snprintf(command, sizeof(command), "command -v %s", program);
	free(smi_shell(command, &status));
	if (status == 0)
		return;
	printf("# skip %s: no %s\n", test, program);
	skip();
}

/* What a command prints, which must be nothing but this; both outputs. */
static void expect_output(const char *label, const char *command, const char *want)
{
	int status;
	char *said = smi_shell(command, &status);

	row_text(label, "output", said, strlen(said), want);
	free(said);
}

static void smilint_has_nothing_to_say(void **state)
{
	char command[4200];

	(void)state;
	need_program(__func__, "smilint");
	smi_environment(__func__);
	/* All levels, and -c against what a distribution's file hides or adds. */
	for (int level = 1; level <= 9; level++) {
		snprintf(command, sizeof(command),
			 "smilint -c /dev/null -s -l %d %s 2>&1", level,
			 smi_module_path());
		expect_output("smilint", command, "");
	}
}

struct mutation {
	const char *label;
	const char *sed;  /* what is done to the module */
	const char *says; /* part of what smilint says then */
};

static const struct mutation mutations[] = {
	{"an object in no group", "s/staleProcFiles,$//", "conformance group"},
	{"a group of no compliance", "/GROUP  *staleLibGroup/,/on the host/d",
	 "staleLibGroup"},
	{"an index without a range", "s/Integer32 (1..2147483647)/Integer32/", "range"},
	{"an index that can be read", "/^staleLibIndex/,/::=/s/not-accessible/read-only/",
	 "not-accessible"},
	{"an unused import", "s/Counter32, enter/Counter32, TimeTicks, enter/",
	 "TimeTicks"},
	{"no revision of that date", "s/LAST-UPDATED \"2/LAST-UPDATED \"1/", "revision"},
	{"a column left out of its row", "/^    staleFileKind  *INTEGER/d",
	 "missing columnar object"},
	{"a name that is nowhere", "s/DateAndTime, Truth/Truth/", "DateAndTime"},
};

/* The control of the test above: smilint can speak, and reads the base modules. */
static void smilint_speaks_where_something_is_wrong(void **state)
{
	char command[8600];

	(void)state;
	need_program(__func__, "smilint");
	smi_environment(__func__);
	for (size_t i = 0; i < ARRAY_LEN(mutations); i++) {
		const struct mutation *m = &mutations[i];
		int status;
		char *said;

		snprintf(command, sizeof(command),
			 "d=$(mktemp -d) && sed '%s' %s > $d/" SMI_MODULE ".txt && "
			 "! cmp -s %s $d/" SMI_MODULE ".txt && "
			 "smilint -c /dev/null -s -l 6 $d/" SMI_MODULE ".txt 2>&1; "
			 "s=$?; rm -r $d; exit $s",
			 m->sed, smi_module_path(), smi_module_path());
		said = smi_shell(command, &status);
		row_number(m->label, "smilint's exit status", status, 0);
		if (!strstr(said, m->says))
			fail_msg("%s: no \"%s\" in \"%s\"", m->label, m->says, said);
		free(said);
	}
}

static void print_oid(char *text, size_t size, const struct named *named)
{
	static const oid base[] = {STALE_MIB_BASE};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(base); i++)
		len += (size_t)snprintf(text + len, size - len, ".%lu", base[i]);
	for (size_t i = 0; i < named->n; i++)
		len += (size_t)snprintf(text + len, size - len, ".%u", named->below[i]);
	snprintf(text + len, size - len, "\n");
}

static void names_have_the_numbers_of_the_agent(void **state)
{
	(void)state;
	need_program(__func__, "snmptranslate");
	smi_environment(__func__);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char command[128], want[256];

		snprintf(command, sizeof(command),
			 "snmptranslate -On " SMI_MODULE "::%s 2>&1", names[i].name);
		print_oid(want, sizeof(want), &names[i]);
		expect_output(names[i].name, command, want);
	}
}

/* And the other way round: nothing is in the module that the agent does not know. */
static void the_module_has_no_other_objects(void **state)
{
	char *said, *line, *rest = NULL;
	size_t n = 0;
	int status;

	(void)state;
	smi_environment(__func__);
	said = smi_shell("sed -n 's/^\\(stale[A-Za-z]*\\) \\(OBJECT-TYPE\\|"
			 "NOTIFICATION-TYPE\\|MODULE-IDENTITY\\)$/\\1/p' "
			 "\"${MIBDIRS%%:*}\"/" SMI_MODULE ".txt | "
			 "grep -vE '(Table|Entry)$'",
			 &status);
	for (line = strtok_r(said, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		bool known = false;

		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			known |= strcmp(names[i].name, line) == 0;
		if (!known)
			fail_msg("%s is in the module only", line);
		n++;
	}
	free(said);
	assert_int_equal(n, ARRAY_LEN(names));
}

/* RFC 4181, 4.2 and appendix C: names, and where enumerations begin. */
static void names_are_short_and_enumerations_begin_with_1(void **state)
{
	(void)state;
	smi_environment(__func__);
	expect_output("names",
		      "grep -oE '\\<[a-zA-Z][a-zA-Z0-9-]{32,}\\>' "
		      "\"${MIBDIRS%%:*}\"/" SMI_MODULE ".txt",
		      "");
	expect_output("enumerations",
		      "grep -A1 -E 'INTEGER +\\{$' \"${MIBDIRS%%:*}\"/" SMI_MODULE
		      ".txt |"
		      " grep -c '(1),$'",
		      "5\n");
	expect_output("enumerations",
		      "grep -cE 'INTEGER +\\{$' \"${MIBDIRS%%:*}\"/" SMI_MODULE ".txt",
		      "5\n");
}

/* A name that is a word of SMI, as "current", is lost by the parser of Net-SNMP. */
static void the_library_knows_each_enumeration(void **state)
{
	static const char whys[] =
		"deleted(1), replaced(2), superseded(3), reinstalled(4), modified(5), "
		"upToDate(6)";
	static const struct {
		const char *name, *labels;
	} objects[] = {
		{"staleScanStatus", "never(1), complete(2), partial(3), failed(4)"},
		{"staleProcScope",
		 "none(1), system(2), user(3), session(4), container(5)"},
		{"staleProcWhy",
		 "deleted(0), replaced(1), superseded(2), reinstalled(3), "
		 "modified(4), upToDate(5)"},
		{"staleProcAdvice",
		 "restartProcess(1), restartUnit(2), restartUserUnit(3), "
		 "restartContainer(4), relogin(5), reboot(6)"},
		{"staleFileKind", "exe(1), lib(2), data(3), fd(4)"},
		{"staleFileWhy", whys},
		{"staleLibWhy", whys},
	};

	(void)state;
	need_program(__func__, "snmptranslate");
	smi_environment(__func__);
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		char command[256], want[256];

		snprintf(command, sizeof(command),
			 "snmptranslate -Td " SMI_MODULE "::%s 2>&1 | "
			 "sed -n 's/.*SYNTAX.*{\\(.*[0-9])\\).*}.*/\\1/p'",
			 objects[i].name);
		snprintf(want, sizeof(want), "%s\n", objects[i].labels);
		expect_output(objects[i].name, command, want);
	}
}

static void the_library_loads_it_with_the_base_modules_alone(void **state)
{
	(void)state;
	need_program(__func__, "snmptranslate");
	smi_environment(__func__);
	expect_output("base modules", "ls $SMIPATH",
		      "SNMPv2-CONF\nSNMPv2-SMI\nSNMPv2-TC\n");
	expect_output("loading",
		      "snmptranslate -On " SMI_MODULE "::staleTotalProcesses.0 2>&1 "
		      ">/dev/null",
		      "");
	/* The control: it says so where one is missing. */
	expect_output("loading without",
		      "MIBDIRS=${MIBDIRS%%:*} snmptranslate -On " SMI_MODULE
		      "::staleTotalProcesses.0 2>&1 >/dev/null | "
		      "grep -c 'Cannot find module (SNMPv2-SMI)'",
		      "1\n");
}

/* For lines "OID NAME": says which do not agree with the module, then how many there are. */
#define COMPARE                                                                          \
	"{ n=0; while read -r oid name; do n=$((n + 1)); "                               \
	"is=$(snmptranslate -On " SMI_MODULE "::$name 2>&1); "                           \
	"[ \"$is\" = \".${oid#.}\" ] || echo \"$name is $is, not $oid\"; done; echo "    \
	"$n; }"

/* command: prints such lines, of files beside the module. */
static void expect_same_names(const char *label, const char *command, size_t n)
{
	char whole[1024], want[32];

	snprintf(whole, sizeof(whole), "cd \"${MIBDIRS%%%%:*}\" && %s | " COMPARE,
		 command);
	snprintf(want, sizeof(want), "%zu\n", n);
	expect_output(label, whole, want);
}

static void the_table_of_the_readme_tells_the_same(void **state)
{
	(void)state;
	need_program(__func__, "snmptranslate");
	smi_environment(__func__);
	/* All but the module itself. */
	expect_same_names("README.md",
			  "sed -n 's/^| `\\([.0-9]*\\)` | `\\([A-Za-z]*\\)` .*/"
			  "\\1 \\2/p' README.md",
			  ARRAY_LEN(names) - 1);
}

/* Metrics, and the labels that they get from another object. */
static void the_module_for_prometheus_tells_the_same(void **state)
{
	(void)state;
	need_program(__func__, "snmptranslate");
	smi_environment(__func__);
	/* All scalars but the time of the scan; three columns of libraries, each with the
	 * path as a label. */
	expect_same_names("snmp_exporter.yml",
			  "awk '!/^#/ && $1 == \"-\" && $2 == \"name:\" { name = $3 } "
			  "$1 == \"labelname:\" { name = $2 } "
			  "$1 == \"oid:\" { print $2, name }' snmp_exporter.yml",
			  MIB_SCAN_STARTED - 1 + MIB_TOTAL_UNPUBLISHED + 3 + 3);
	need_program(__func__, "prometheus-snmp-exporter");
	expect_output("prometheus-snmp-exporter",
		      "prometheus-snmp-exporter --dry-run "
		      "--config.file=\"${MIBDIRS%%:*}/snmp_exporter.yml\" 2>/dev/null; "
		      "echo $?",
		      "0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smilint_has_nothing_to_say),
		cmocka_unit_test(smilint_speaks_where_something_is_wrong),
		cmocka_unit_test(names_have_the_numbers_of_the_agent),
		cmocka_unit_test(the_module_has_no_other_objects),
		cmocka_unit_test(names_are_short_and_enumerations_begin_with_1),
		cmocka_unit_test(the_library_knows_each_enumeration),
		cmocka_unit_test(the_library_loads_it_with_the_base_modules_alone),
		cmocka_unit_test(the_table_of_the_readme_tells_the_same),
		cmocka_unit_test(the_module_for_prometheus_tells_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
