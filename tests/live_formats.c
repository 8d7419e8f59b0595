/*
 * live_formats.c - what a hostile process, file or command line may be called breaks no
 * format: each is parsed back to the bytes that the kernel has.
 */
#include <ctype.h>
#include <locale.h>
#include <stdio.h>

#include "support/grammar.h"
#include "support/liveplugin.h"
#include "support/readback.h"
#include "test.h"

/* As long as a command name can be. */
#define COMM "a) S\n|<b>\033;\"\\\xff"
#define LIB  "lib  x\n\t|;,'\"\\\033[1m\xff\xc2\x9b\xc3\xa4<&>`$(id).so "

/* One who has lost its library: what each format must give back. */
struct subject {
	pid_t pid;
	const char *comm;
	const char *lib;
	char *path;    /* owned */
	char *cmdline; /* owned; the arguments with blanks between them */
};

/* A hostile one, and one that must not suffer from it. */
struct stage {
	struct live *live; /* borrowed */
	struct subject subjects[2];
	char *pids; /* owned: the option */
};

static void subject_start(struct live *live, const char *comm, const char *lib,
			  struct subject *ret)
{
	char *holder = live_built("tests/holder");

	ret->comm = comm;
	ret->lib = lib;
	ret->path = live_path(live, lib);
	live_lib(live, lib, NULL, 'a');
	ret->pid = live_start(live, "comm", comm, "map", ret->path, "rx")->pid;
	live_unlink(live, lib);
	assert_true(asprintf(&ret->cmdline, "%s comm %s map %s rx", holder, comm,
			     ret->path) > 0);
	free(holder);
}

static void stage_init(struct stage *stage, struct live *live)
{
	stage->live = live;
	subject_start(live, COMM, LIB, &stage->subjects[0]);
	subject_start(live, "plain", "libplain.so", &stage->subjects[1]);
	stage->pids = liveplugin_pids(live);
}

static void stage_release(struct stage *stage)
{
	for (size_t i = 0; i < ARRAY_LEN(stage->subjects); i++) {
		free(stage->subjects[i].path);
		free(stage->subjects[i].cmdline);
	}
	free(stage->pids);
}

static void run(const struct stage *stage, const char *format, const char *more,
		struct liveplugin_answer *ret)
{
	const char *const words[] = {stage->pids, "--count=all", format, more, NULL};

	liveplugin_run(NULL, words, ret);
	if (ret->status != 1 || ret->nerr)
		fail_msg("%s: exit %d, %zu bytes of stderr: %s", format, ret->status,
			 ret->nerr, ret->out);
	readback_clean(format, ret->out, ret->len);
}

static const struct subject *subject_of(const struct stage *stage, const char *pid)
{
	for (size_t i = 0; i < ARRAY_LEN(stage->subjects); i++)
		if (strtol(pid, NULL, 10) == stage->subjects[i].pid)
			return &stage->subjects[i];
	fail_msg("who is %s?", pid);
	return NULL;
}

/* Runs it and gives check() each of two lines: of different subjects. */
static void each_line(struct live *live, const char *format, const char *more,
		      const struct subject *(*check)(const struct stage *stage,
						     char *line))
{
	const struct subject *seen = NULL;
	struct liveplugin_answer answer;
	struct stage stage;
	char *rest;

	stage_init(&stage, live);
	run(&stage, format, more, &answer);
	rest = answer.out;
	for (size_t i = 0; i < ARRAY_LEN(stage.subjects); i++) {
		const struct subject *subject = check(&stage, readback_line(&rest));

		assert_ptr_not_equal(subject, seen);
		seen = subject;
	}
	if (strcmp(format, "-fhuman") != 0)
		readback_expect("rest", rest, "");
	liveplugin_release(&answer);
	stage_release(&stage);
}

static const struct subject *check_pid(const struct stage *stage, char *line)
{
	char digits[16];
	const struct subject *subject = subject_of(stage, line);

	snprintf(digits, sizeof(digits), "%d", subject->pid);
	readback_expect("pid", line, digits);
	return subject;
}

static void pids_are_numbers(void **state)
{
	each_line(*state, "-fpids", NULL, check_pid);
}

static const struct subject *check_name(const struct stage *stage, char *line)
{
	const struct subject *subject = &stage->subjects[strcmp(line, "plain") == 0];

	readback_expect("comm", readback_unescape(line), subject->comm);
	return subject;
}

static void names_are_parsed_back(void **state)
{
	each_line(*state, "-fnames", NULL, check_name);
}

static const struct subject *check_machine(const struct stage *stage, char *line)
{
	const struct subject *subject = subject_of(stage, readback_field(&line, ";"));
	char *files = readback_field(&line, ";");

	assert_null(strchr(files, ','));
	readback_expect("path", readback_unescape(files), subject->path);
	readback_expect("command line", readback_unescape(line), subject->cmdline);
	return subject;
}

static void machine_is_parsed_back(void **state)
{
	each_line(*state, "-fmachine", NULL, check_machine);
}

static const struct subject *check_human(const struct stage *stage, char *line)
{
	const struct subject *subject = subject_of(stage, readback_field(&line, " \""));
	char *quote = readback_quote(line);

	assert_int_equal(strncmp(quote, "\" uses ", 7), 0);
	*quote = '\0';
	readback_expect("command line", readback_unescape(line), subject->cmdline);
	readback_expect("path", readback_unescape(quote + 7), subject->path);
	return subject;
}

static void human_is_parsed_back(void **state)
{
	each_line(*state, "-fhuman", "-v", check_human);
}

/* "[WARNING] NAME (PID) runs LIBRARY, deleted..."; what is long is cut. */
static const struct subject *check_group(const struct stage *stage, char *line)
{
	char *name = line + strlen("[WARNING] "), *rest = name, *lib, *cut;
	const struct subject *subject;

	assert_int_equal(strncmp(line, "[WARNING] ", 10), 0);
	readback_field(&rest, " (");
	subject = subject_of(stage, readback_field(&rest, ") runs "));
	readback_expect("comm", readback_unescape(name), subject->comm);
	lib = readback_unescape(readback_field(&rest, ", deleted"));
	cut = strstr(lib, "...");
	assert_int_equal(strncmp(lib, subject->lib, cut ? (size_t)(cut - lib) : 999), 0);
	assert_true(!cut || (cut[3] == '\0' && cut - lib > 30));
	return subject;
}

static void nagios_is_parsed_back(void **state)
{
	const struct subject *first;
	struct liveplugin_answer answer;
	struct stage stage;
	char why[256] = "", *rest;

	stage_init(&stage, *state);
	run(&stage, "-fnagios", "-v", &answer);
	if (grammar_check(answer.out, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	rest = answer.out;
	assert_non_null(strstr(readback_line(&rest), "| processes=2;"));
	first = check_group(&stage, readback_line(&rest));
	assert_ptr_not_equal(check_group(&stage, readback_line(&rest)), first);
	readback_expect("rest", rest, "");
	liveplugin_release(&answer);
	run(&stage, "-vvv", "--show-args", &answer);
	if (grammar_check(answer.out, answer.len, 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, answer.out);
	liveplugin_release(&answer);
	stage_release(&stage);
}

/* Runs a program of another with our answer as its input; skips without it. */
static void feed(const struct stage *stage, const char *program, const char *arguments,
		 const struct liveplugin_answer *input, struct liveplugin_answer *ret)
{
	char *path = live_path(stage->live, "answer"), *command;
	char missing[32];

	live_text(stage->live, "answer", input->out);
	assert_true(asprintf(&command, "command -v %s >/dev/null || exit 77; %s %s <'%s'",
			     program, program, arguments, path) > 0);
	liveplugin_run("/bin/sh", (const char *const[]){"-c", command, NULL}, ret);
	free(command);
	free(path);
	snprintf(missing, sizeof(missing), "missing: %s", program);
	if (ret->status == 77)
		live_skip(stage->live, missing);
	if (ret->status != 0 || ret->nerr)
		fail_msg("%s: exit %d: %s %s", program, ret->status, ret->out,
			 input->out);
}

static void check_object(const struct stage *stage, char **rest)
{
	const struct subject *subject = subject_of(stage, readback_line(rest));

	readback_expect("comm", readback_unescape(readback_line(rest)), subject->comm);
	readback_expect("path", readback_unescape(readback_line(rest)), subject->path);
	readback_expect("command line", readback_unescape(readback_line(rest)),
			subject->cmdline);
}

static void json_is_parsed_back_by_jq(void **state)
{
	static const char question[] = "-er '.processes[] | .pid, .comm, .files[].path, "
				       "(.cmdline | join(\" \"))'";
	struct liveplugin_answer json, answer;
	struct stage stage;
	char *rest;

	stage_init(&stage, *state);
	run(&stage, "-fjson", "--show-args", &json);
	feed(&stage, "jq", question, &json, &answer);
	rest = answer.out;
	check_object(&stage, &rest);
	check_object(&stage, &rest);
	readback_expect("rest", rest, "");
	liveplugin_release(&answer);
	liveplugin_release(&json);
	stage_release(&stage);
}

static void prometheus_satisfies_promtool(void **state)
{
	struct liveplugin_answer metrics, answer;
	struct stage stage;

	stage_init(&stage, *state);
	run(&stage, "-fprometheus", NULL, &metrics);
	feed(&stage, "promtool", "check metrics", &metrics, &answer);
	readback_expect("complaint", answer.out, "");
	liveplugin_release(&answer);
	liveplugin_release(&metrics);
	stage_release(&stage);
}

/* name{label="value",...} 12.5 */
static void check_sample(char *line, const char *metric)
{
	size_t len = strlen(metric);
	char *end;

	assert_int_equal(strncmp(line, metric, len), 0);
	line += len;
	if (*line == '{') {
		do {
			size_t name = strspn(line + 1, "abcdefghijklmnopqrstuvwxyz");

			assert_int_equal(strncmp(line + 1 + name, "=\"", 2), 0);
			line = readback_quote(line + name + 3) + 1;
		} while (*line == ',');
		assert_int_equal(*line++, '}');
	}
	assert_int_equal(*line, ' ');
	assert_true(isdigit(line[1]));
	assert_true(strtod(line + 1, &end) >= 0);
	assert_int_equal(*end, '\0');
}

/* Every line by the format's grammar: each metric once, as a gauge, with help. */
static void check_metrics(char *rest)
{
	char metric[64] = "", type[128];

	while (*rest) {
		char *line = readback_line(&rest);

		if (strncmp(line, "# HELP ", 7) == 0) {
			snprintf(metric, sizeof(metric), "%.*s",
				 (int)strcspn(line + 7, " "), line + 7);
			assert_true(strncmp(metric, "stale_", 6) == 0);
			snprintf(type, sizeof(type), "# TYPE %s gauge", metric);
			readback_expect("type", readback_line(&rest), type);
			snprintf(type, sizeof(type), "# HELP %s ", metric);
			assert_null(strstr(rest, type));
		} else {
			check_sample(line, metric);
		}
	}
}

/* How often a library is there, with one process that lost it. */
static unsigned count_library(char *rest, const char *lib)
{
	static const char metric[] = "stale_library_processes{";
	unsigned n = 0;

	while ((rest = strstr(rest, metric)) != NULL) {
		char *line = rest + strlen(metric);
		char *name = readback_label(&line, "library");

		if (strcmp(readback_unescape(name), lib) == 0) {
			readback_expect("why", readback_label(&line, "why"), "deleted");
			n += strncmp(line, " 1\n", 3) == 0;
		}
		rest = line;
	}
	return n;
}

static void prometheus_is_parsed_back(void **state)
{
	struct liveplugin_answer answer;
	struct stage stage;

	stage_init(&stage, *state);
	for (size_t i = 0; i < ARRAY_LEN(stage.subjects); i++) {
		run(&stage, "-fprometheus", NULL, &answer);
		assert_int_equal(count_library(answer.out, stage.subjects[i].lib), 1);
		liveplugin_release(&answer);
	}
	run(&stage, "-fprometheus", NULL, &answer);
	check_metrics(answer.out);
	liveplugin_release(&answer);
	stage_release(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(pids_are_numbers),
		LIVE_TEST(names_are_parsed_back),
		LIVE_TEST(machine_is_parsed_back),
		LIVE_TEST(human_is_parsed_back),
		LIVE_TEST(nagios_is_parsed_back),
		LIVE_TEST(json_is_parsed_back_by_jq),
		LIVE_TEST(prometheus_satisfies_promtool),
		LIVE_TEST(prometheus_is_parsed_back),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
