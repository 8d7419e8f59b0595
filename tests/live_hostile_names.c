/*
 * live_hostile_names.c - names that look like our own output, or like something to whoever
 * gets it: each is parsed back out of every format, and changes nothing beside it.
 */
#include <jansson.h>
#include <locale.h>
#include <stdio.h>

#include "support/grammar.h"
#include "support/livecgroup.h"
#include "support/liveplugin.h"
#include "support/readback.h"
#include "test.h"

/* As of a command, and of a library: 15 bytes at most, and 255. */
struct name_row {
	const char *label, *comm, *lib;
};

static const struct name_row rows[] = {
	{"Nagios macros", "$USER1$ $ARG1$", "$USER1$$HOSTADDRESS$$_SERVICEX$$.so"},
	{"our first line", "STALE OK - 0 of",
	 "STALE OK - 0 of 212 processes run outdated code | processes=0;0;;0.so"},
	{"our details", "[OK] a (1) runs",
	 "x, deleted 1d ago\n[OK] ssh.service: sshd (812, 977) runs libc.so.6"},
	{"our lines for programs", "1;2;a,b;c", "a.so;1,2;b.so, uses x\n1;libc.so.6;x"},
	{"HTML", "<script>x<!--", "<img src=x onerror=alert(1)>&lt;&#60;<pre>.so"},
	{"ANSI", "\033[2J\033[1;1H\007",
	 "\033]0;x\007\033[31m\x9b\x31m\xc2\x9b\x31m\xf0\x90\x80(\x0e\x08.so"},
	/* NOLINTBEGIN(misc-misleading-bidirectional): that is what they are for */
	{"marks from right to left", "\xe2\x80\xaegpj.exe",
	 "lib\xe2\x80\xae\xe2\x81\xa6os.x\xe2\x80\x8f\xd8\x9c\xef\xbb\xbf.so"},
	/* NOLINTEND(misc-misleading-bidirectional) */
	{"SQL", "'; DROP TABLE x", "'); DROP TABLE processes; -- \"` OR 1=1.so"},
	{"printf formats", "%n%s%x%1$s%%", "%n%n%s%s%999999999d%*.*s%p%m.so"},
	{"a shell", "$(id)`id`;id&", "$(id)`id`;id&&id||id>x<y\n#!*?[a]{b,c}~.so"},
	{"JSON", "\"},{\"pid\":1,", "\",\"why\":\"current\"}],\"x\":[{\"\\u0000\":\".so"},
	{"metrics", "\"} 1\nstale_x 2",
	 "\",why=\"current\"} 0\nstale_scan_success 0\n# EOF\n.so"},
	{"our own escapes", "\\x41\\n\\\\\\\"\\r", "lib\\x41\\n\\\\\\012\\t\\xzz\\.so"},
	{"blanks", "  ", " \t .so "},
};
#define NROWS ARRAY_LEN(rows)

struct stage {
	pid_t pids[NROWS];
	char *paths[NROWS];    /* owned */
	char *cmdlines[NROWS]; /* owned; arguments with blanks between them */
	char *option;          /* owned: --pid= */
};

static void stage_init(struct stage *stage, struct live *live)
{
	char *holder = live_built("tests/holder");

	for (size_t i = 0; i < NROWS; i++) {
		stage->paths[i] = live_path(live, rows[i].lib);
		live_lib(live, rows[i].lib, NULL, 'a');
		stage->pids[i] = live_start(live, "comm", rows[i].comm, "map",
					    stage->paths[i], "rx")
					 ->pid;
		live_unlink(live, rows[i].lib);
		assert_true(asprintf(&stage->cmdlines[i], "%s comm %s map %s rx", holder,
				     rows[i].comm, stage->paths[i]) > 0);
	}
	stage->option = liveplugin_pids(live);
	free(holder);
}

static void stage_release(struct stage *stage)
{
	for (size_t i = 0; i < NROWS; i++) {
		free(stage->paths[i]);
		free(stage->cmdlines[i]);
	}
	free(stage->option);
}

static void run(const char *pids, const char *format, const char *more,
		struct liveplugin_answer *ret)
{
	const char *const words[] = {pids,   "--count=all", "--max-output=100000",
				     format, more,          NULL};

	liveplugin_run(NULL, words, ret);
	if (ret->status != 1 || ret->nerr)
		fail_msg("%s: exit %d, %zu bytes of stderr: %s", format, ret->status,
			 ret->nerr, ret->out);
	readback_clean(format, ret->out, ret->len);
}

/* Whose number it is; fails where it is of none of them. */
static size_t row_of(const struct stage *stage, long pid)
{
	for (size_t i = 0; i < NROWS; i++)
		if (stage->pids[i] == pid)
			return i;
	fail_msg("who is %ld?", pid);
	return 0;
}

static void check_pids(const struct stage *stage)
{
	struct liveplugin_answer answer;
	char *rest, *end;

	run(stage->option, "-fpids", NULL, &answer);
	rest = answer.out;
	for (size_t i = 0; i < NROWS; i++) {
		row_of(stage, strtol(readback_line(&rest), &end, 10));
		readback_expect("end of a number", end, "");
	}
	readback_expect("rest", rest, "");
	liveplugin_release(&answer);
}

static void check_names(const struct stage *stage)
{
	struct liveplugin_answer answer;
	unsigned found[NROWS] = {0};
	size_t n = 0;
	char *rest;

	run(stage->option, "-fnames", NULL, &answer);
	rest = answer.out;
	for (; *rest; n++) {
		const char *name = readback_unescape(readback_line(&rest));

		for (size_t i = 0; i < NROWS; i++)
			found[i] += strcmp(rows[i].comm, name) == 0;
	}
	for (size_t i = 0; i < NROWS; i++)
		row_number(rows[i].label, "times", found[i], 1);
	assert_int_equal(n, NROWS);
	liveplugin_release(&answer);
}

static void check_machine(const struct stage *stage)
{
	struct liveplugin_answer answer;
	char *rest;

	run(stage->option, "-fmachine", NULL, &answer);
	rest = answer.out;
	for (size_t i = 0; i < NROWS; i++) {
		char *line = readback_line(&rest);
		const size_t at =
			row_of(stage, strtol(readback_field(&line, ";"), NULL, 10));

		readback_expect(rows[at].label,
				readback_unescape(readback_field(&line, ";")),
				stage->paths[at]);
		readback_expect(rows[at].label, readback_unescape(line),
				stage->cmdlines[at]);
	}
	readback_expect("rest", rest, "");
	liveplugin_release(&answer);
}

static void check_human(const struct stage *stage)
{
	struct liveplugin_answer answer;
	char *rest;

	run(stage->option, "-fhuman", "-v", &answer);
	rest = answer.out;
	for (size_t i = 0; i < NROWS; i++) {
		char *line = readback_line(&rest);
		const size_t at =
			row_of(stage, strtol(readback_field(&line, " \""), NULL, 10));
		char *quote = readback_quote(line);

		assert_int_equal(strncmp(quote, "\" uses ", 7), 0);
		*quote = '\0';
		readback_expect(rows[at].label, readback_unescape(line),
				stage->cmdlines[at]);
		readback_expect(rows[at].label, readback_unescape(quote + 7),
				stage->paths[at]);
	}
	liveplugin_release(&answer);
}

/* One line for each, none of them with anything that means something there. */
static void check_nagios(const struct stage *stage)
{
	struct liveplugin_answer answer;
	char why[256] = "", *rest;

	run(stage->option, "-fnagios", "-v", &answer);
	if (grammar_check(answer.out, answer.len, 100000, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	rest = answer.out;
	assert_int_equal(strncmp(rest, "STALE WARNING - ", 16), 0);
	assert_non_null(strstr(readback_line(&rest), " | processes=14;0;;0 "));
	for (size_t i = 0; i < NROWS; i++) {
		const char *line = readback_line(&rest);

		assert_int_equal(strncmp(line, "[WARNING] ", 10), 0);
		if (strpbrk(line, "|;<>&"))
			fail_msg("not escaped: %s", line);
	}
	readback_expect("rest", rest, "");
	liveplugin_release(&answer);
}

/* The text of a member, as the kernel has it; owned by the object. */
static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return readback_unescape((char *)(uintptr_t)text);
}

static void check_arguments(const struct stage *stage, size_t at, const json_t *arguments)
{
	char line[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(arguments); i++) {
		const char *text = json_string_value(json_array_get(arguments, i));

		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", i ? " " : "",
				      readback_unescape((char *)(uintptr_t)text));
		assert_true(n < sizeof(line));
	}
	readback_expect(rows[at].label, line, stage->cmdlines[at]);
}

static void check_json(const struct stage *stage)
{
	struct liveplugin_answer answer;
	json_t *root, *processes;
	json_error_t error;

	run(stage->option, "-fjson", "--show-args", &answer);
	root = json_loadb(answer.out, answer.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s: %s", error.text, answer.out);
	processes = json_object_get(root, "processes");
	row_number("JSON", "processes", json_array_size(processes), NROWS);
	for (size_t i = 0; i < NROWS; i++) {
		json_t *process = json_array_get(processes, i);
		json_t *files = json_object_get(process, "files");
		const size_t at = row_of(
			stage, json_integer_value(json_object_get(process, "pid")));

		readback_expect(rows[at].label, text_of(process, "comm"), rows[at].comm);
		row_number(rows[at].label, "files", json_array_size(files), 1);
		readback_expect(rows[at].label, text_of(json_array_get(files, 0), "path"),
				stage->paths[at]);
		check_arguments(stage, at, json_object_get(process, "cmdline"));
	}
	json_decref(root);
	liveplugin_release(&answer);
}

/* Which of the libraries is it?  Other lines are no one's. */
static void check_sample(char *line, unsigned found[NROWS])
{
	static const char metric[] = "stale_library_processes{";
	char *label = line + strlen(metric);
	const char *name;

	if (strncmp(line, metric, strlen(metric)) != 0)
		return;
	/* The label is escaped once more, on top of the printable form. */
	name = readback_unescape(readback_label(&label, "library"));
	readback_expect("why", readback_label(&label, "why"), "deleted");
	readback_expect("value", label, " 1");
	for (size_t i = 0; i < NROWS; i++)
		found[i] += strcmp(name, rows[i].lib) == 0;
}

static void check_prometheus(const struct stage *stage)
{
	struct liveplugin_answer answer;
	unsigned found[NROWS] = {0};
	char *rest;

	run(stage->option, "-fprometheus", NULL, &answer);
	rest = answer.out;
	while (*rest) {
		char *line = readback_line(&rest);

		if (strncmp(line, "# HELP stale_", 13) != 0 &&
		    strncmp(line, "# TYPE stale_", 13) != 0 &&
		    strncmp(line, "stale_", 6) != 0)
			fail_msg("no metric: %s", line);
		if (strncmp(line, "stale_scan_success", 18) == 0)
			readback_expect("success", line, "stale_scan_success 1");
		check_sample(line, found);
	}
	for (size_t i = 0; i < NROWS; i++)
		row_number(rows[i].label, "times", found[i], 1);
	liveplugin_release(&answer);
}

static void no_name_is_more_than_a_name_in_any_format(void **state)
{
	struct stage stage;

	stage_init(&stage, *state);
	check_pids(&stage);
	check_names(&stage);
	check_machine(&stage);
	check_human(&stage);
	check_nagios(&stage);
	check_json(&stage);
	check_prometheus(&stage);
	stage_release(&stage);
}

/* What the process calls itself, as two formats tell it. */
static void check_comm(const char *pids, const char *comm)
{
	struct liveplugin_answer answer;
	json_t *root;
	char *rest;

	run(pids, "-fnames", NULL, &answer);
	rest = answer.out;
	readback_expect("name", readback_unescape(readback_line(&rest)), comm);
	liveplugin_release(&answer);
	run(pids, "-fjson", NULL, &answer);
	root = json_loadb(answer.out, answer.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	readback_expect(
		"comm",
		text_of(json_array_get(json_object_get(root, "processes"), 0), "comm"),
		comm);
	json_decref(root);
	liveplugin_release(&answer);
}

static void every_byte_of_a_command_name_is_told(void **state)
{
	struct live *live = *state;
	const struct live_process *process;
	char *path = live_path(live, "libx.so");
	char *pids;

	live_lib(live, "libx.so", NULL, 'a');
	process = live_start(live, "map", path, "rx");
	live_unlink(live, "libx.so");
	pids = liveplugin_pids(live);
	for (unsigned byte = 1; byte < 256; byte += 15) {
		char comm[16] = "";

		for (unsigned i = 0; i < 15 && byte + i < 256; i++)
			comm[i] = (char)(byte + i);
		live_step(live, process, "comm", comm);
		check_comm(pids, comm);
	}
	free(pids);
	free(path);
}

/* No line may end in there: that is the kernel's own rule. */
#define HOSTILE "stale-%-$USER1$<b>|\"};\\\033[1m\xff%%s,=[WARNING] a (1)"

struct group_row {
	const char *name;
	const char *group; /* "%" as in livecgroup.h */
	const char *id;    /* of a container; NULL: none */
};

/* A unit has a name that systemd would take. */
static void check_group(const char *pids, const char *id)
{
	struct liveplugin_answer answer;
	json_t *root, *process, *container;

	run(pids, "-fjson", NULL, &answer);
	root = json_loadb(answer.out, answer.len, JSON_REJECT_DUPLICATES, NULL);
	process = json_array_get(json_object_get(root, "processes"), 0);
	container = json_object_get(process, "container");
	assert_non_null(process);
	assert_true(json_is_null(json_object_get(process, "unit")));
	if (id)
		readback_expect("id", text_of(container, "id"), id);
	else
		readback_expect("scope", text_of(process, "scope"), "none");
	assert_int_equal(json_is_object(container), id != NULL);
	json_decref(root);
	liveplugin_release(&answer);
}

/* Two lines; nothing of the second means something to Nagios. */
static void check_group_in_nagios(const char *pids)
{
	struct liveplugin_answer answer;
	char why[256] = "", *rest;

	run(pids, "-fnagios", "-v", &answer);
	if (grammar_check(answer.out, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	rest = answer.out;
	readback_line(&rest);
	assert_null(strpbrk(readback_line(&rest), "|;<>&"));
	readback_expect("rest", rest, "");
	liveplugin_release(&answer);
}

static void no_name_of_a_group_is_more_than_a_name(void **state)
{
	struct live *live = *state;
	const struct group_row *row = live->row;
	char *path = live_path(live, "libx.so");
	char *id = row->id ? livecgroup_name(row->id) : NULL;
	char *pids;
	pid_t pid;

	live_lib(live, "libx.so", NULL, 'a');
	pid = live_start(live, "map", path, "rx")->pid;
	livecgroup_enter(live, pid, row->group);
	live_unlink(live, "libx.so");
	pids = liveplugin_pids(live);
	check_group(pids, id);
	check_group_in_nagios(pids);
	free(pids);
	free(id);
	free(path);
}

int main(void)
{
	static struct group_row groups[] = {
		{"a_hostile_service_is_no_unit", "system.slice/" HOSTILE ".service",
		 NULL},
		{"a_hostile_container_has_its_name", "lxc/" HOSTILE, HOSTILE},
	};
	const struct CMUnitTest tests[] = {
		LIVE_TEST(no_name_is_more_than_a_name_in_any_format),
		LIVE_TEST(every_byte_of_a_command_name_is_told),
		LIVECGROUP_ROW(no_name_of_a_group_is_more_than_a_name, &groups[0]),
		LIVECGROUP_ROW(no_name_of_a_group_is_more_than_a_name, &groups[1]),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
