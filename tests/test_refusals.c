/*
 * test_refusals.c - the command line: what is refused, and with which words.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "tests/support/parsed.h"

struct refusal {
	const char *label;
	const char *words[PARSED_WORDS];
	const char *want; /* the whole message */
};

static void expect_refusals(const struct refusal *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct parsed p;

		parsed_make(rows[i].words, &p);
		row_number(rows[i].label, "rc", p.rc, -EINVAL);
		row_text(rows[i].label, "message", p.error.s, p.error.len, rows[i].want);
		parsed_release(&p);
	}
}

static void hostile_words_are_printable_in_messages(void **state)
{
	static const struct refusal rows[] = {
		{"escape sequence",
		 {"-w", "\033[2J"},
		 "bad range '\\x1b[2J': not a number"},
		{"perfdata", {"x|a=1"}, "unexpected argument 'x\\x7ca=1'"},
		{"newline", {"--a\nb"}, "unknown or ambiguous option '--a\\nb'"},
		{"markup",
		 {"-f", "<b>"},
		 "unknown format '\\x3cb\\x3e', known are nagios, human, machine, json, "
		 "pids, names, prometheus"},
		{"format string", {"-w", "%s%n"}, "bad range '%s%n': not a number"},
		{"markup in a setting of the core",
		 {"--kind=<b>"},
		 "unknown kind '\\x3cb\\x3e', known are code, data, fd"},
		{"long and hostile, in a setting of the core",
		 {"--kind=||||||||||||"},
		 "unknown kind '\\x7c\\x7c\\x7c\\x7c\\x7c\\x7c\\x7c\\x7c\\x7c...', known "
		 "are "
		 "code, data, fd"},
		{"bad UTF-8 as a letter", {"-\xff"}, "unknown option '-\\xff'"},
		{"very long",
		 {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		 "unexpected argument 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void unknown_missing_and_stray_words_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{"letter", {"-x"}, "unknown option '-x'"},
		{"letter in a cluster", {"-vx"}, "unknown option '-x'"},
		{"question mark", {"-?"}, "unknown option '-?'"},
		{"colon", {"-:"}, "unknown option '-:'"},
		{"word", {"--nosuch"}, "unknown or ambiguous option '--nosuch'"},
		{"word with a value",
		 {"--nosuch=1"},
		 "unknown or ambiguous option '--nosuch=1'"},
		{"ambiguous", {"--show"}, "unknown or ambiguous option '--show'"},
		{"missing value", {"-w"}, "option '--warning' needs a value"},
		{"missing value, word",
		 {"--min-age"},
		 "option '--min-age' needs a value"},
		{"needless value",
		 {"--show-args=1"},
		 "option '--show-args' takes no value"},
		{"stray", {"extra"}, "unexpected argument 'extra'"},
		{"stray after options",
		 {"-w", "1", "extra"},
		 "unexpected argument 'extra'"},
		{"stray before options",
		 {"extra", "-w", "1"},
		 "unexpected argument 'extra'"},
		{"stray after --", {"--", "-v"}, "unexpected argument '-v'"},
		{"empty and stray", {""}, "unexpected argument ''"},
		{"a dash", {"-"}, "unexpected argument '-'"},
		{"-v four times", {"-vvvv"}, "option '-v' is given more than 3 times"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void empty_values_are_refused(void **state)
{
	static const struct row {
		const char *words[PARSED_WORDS];
		const char *name;
	} rows[] = {
		{{"-w", ""}, "warning"},
		{{"-c", ""}, "critical"},
		{{"--why="}, "why"},
		{{"--kind="}, "kind"},
		{{"--count="}, "count"},
		{{"--using="}, "using"},
		{{"--user="}, "user"},
		{{"--process="}, "process"},
		{{"--unit="}, "unit"},
		{{"--container="}, "container"},
		{{"--scope="}, "scope"},
		{{"--ignore-file="}, "ignore-file"},
		{{"-o", ""}, "output"},
		{{"--min-age="}, "min-age"},
		{{"--library="}, "library"},
		{{"-i", ""}, "ignore"},
		{{"-I", ""}, "ignore-literal"},
		{{"-t", ""}, "timeout"},
		{{"--unreadable="}, "unreadable"},
		{{"--proc-root", ""}, "proc-root"},
		{{"--pid="}, "pid"},
		{{"--method="}, "method"},
		{{"-f", ""}, "format"},
		{{"--max-output="}, "max-output"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char want[80];
		struct parsed p;

		snprintf(want, sizeof(want), "option '--%s': its value is empty",
			 rows[i].name);
		parsed_make(rows[i].words, &p);
		row_number(rows[i].name, "rc", p.rc, -EINVAL);
		row_text(rows[i].name, "message", p.error.s, p.error.len, want);
		parsed_release(&p);
	}
}

static void bad_thresholds_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{"end below start",
		 {"-w", "2:1"},
		 "bad range '2:1': its end is below its start"},
		{"a word", {"-c", "abc"}, "bad range 'abc': not a number"},
		{"a letter behind", {"-w", "10a"}, "bad range '10a': not a number"},
		{"three ends", {"-w", "1:2:3"}, "bad range '1:2:3': not a number"},
		{"a colon", {"-w", ":"}, "bad range ':': empty"},
		{"a tilde", {"-w", "~"}, "bad range '~': not a number"},
		{"an at", {"-w", "@"}, "bad range '@': empty"},
		{"an infinite end", {"-w", "~:~"}, "bad range '~:~': not a number"},
		{"hexadecimal", {"-w", "0x10"}, "bad range '0x10': not a number"},
		{"infinity", {"-w", "inf"}, "bad range 'inf': not a number"},
		{"nan", {"-w", "nan"}, "bad range 'nan': not a number"},
		{"overflow", {"-w", "1e400"}, "bad range '1e400': not a number"},
		{"too large",
		 {"-w", "9999999999999999"},
		 "bad range '9999999999999999': too large"},
		{"of a metric", {"-w", "files=x"}, "bad range 'x': not a number"},
		{"no range", {"-w", "files="}, "bad range '': empty"},
		{"age without a unit known",
		 {"-w", "age=7y"},
		 "bad range '7y': not a time such as 90s or 7d"},
		{"unknown metric",
		 {"-w", "load=1"},
		 "unknown metric 'load', known are processes, services, containers, "
		 "sessions, files, age, reboot"},
		{"empty metric",
		 {"-w", "=1"},
		 "unknown metric '', known are processes, services, containers, "
		 "sessions, files, age, reboot"},
		{"a metric in capitals",
		 {"-c", "Files=1"},
		 "unknown metric 'Files', known are processes, services, containers, "
		 "sessions, files, age, reboot"},
		{"twice",
		 {"-w", "1", "-w", "processes=2"},
		 "a second range '2' for the same metric and state"},
		{"twice, age",
		 {"-c", "age=1", "-c", "age=2"},
		 "a second range '2' for the same metric and state"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void bad_reasons_are_refused(void **state)
{
	static const char known[] =
		", known are deleted, replaced, superseded, reinstalled, modified";
	static const struct refusal rows[] = {
		{"mixed",
		 {"--why=deleted,+replaced"},
		 "reasons 'deleted,+replaced': give all with a plus sign, or none"},
		{"mixed the other way",
		 {"--why=+deleted,replaced"},
		 "reasons '+deleted,replaced': give all with a plus sign, or none"},
		{"twice", {"--why=deleted,deleted"}, "reason 'deleted' is given twice"},
		{"of code only",
		 {"--kind=data,fd", "--why=+modified"},
		 "reason 'modified' needs kind 'code': it is of code only"},
	};
	static const char *const bad[] = {"--why=gone", "--why=deleted,", "--why=+",
					  "--why=Deleted", "--why=current"};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *const words[] = {bad[i], NULL};
		struct parsed p;

		parsed_make(words, &p);
		row_number(bad[i], "rc", p.rc, -EINVAL);
		row_number(bad[i], "tells the known ones",
			   p.error.s && strstr(p.error.s, known), 1);
		parsed_release(&p);
	}
}

static void bad_times_and_states_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{"min-age",
		 {"--min-age=1y"},
		 "bad age '1y', expected such as 90s, 15m, 1d, 2w"},
		{"min-age: long",
		 {"--min-age=9999w"},
		 "the age '9999w' is more than a hundred years"},
		{"timeout: 0",
		 {"-t", "0"},
		 "bad timeout '0', expected 1 to 3600 seconds"},
		{"timeout: long",
		 {"-t", "3601"},
		 "bad timeout '3601', expected 1 to 3600 seconds"},
		{"timeout: unit",
		 {"-t", "8s"},
		 "bad timeout '8s', expected 1 to 3600 seconds"},
		{"timeout: minus",
		 {"-t", "-1"},
		 "bad timeout '-1', expected 1 to 3600 seconds"},
		{"timeout: overflow",
		 {"-t", "18446744073709551617"},
		 "bad timeout '18446744073709551617', expected 1 to 3600 seconds"},
		{"timeout: no seconds",
		 {"-t", ":ok"},
		 "bad timeout ':ok', expected 1 to 3600 seconds"},
		{"timeout: no state",
		 {"-t", "8:"},
		 "unknown state '', expected ok, warning, critical, unknown"},
		{"timeout: two states",
		 {"-t", "8:ok:ok"},
		 "unknown state 'ok:ok', expected ok, warning, critical, unknown"},
		{"unreadable",
		 {"--unreadable=3"},
		 "unknown state '3', expected ok, warning, critical, unknown"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void bad_ids_words_and_sizes_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{"pid: 0",
		 {"--pid=0"},
		 "bad process id '0', expected a number from 1 on"},
		{"pid: minus",
		 {"--pid=-1"},
		 "bad process id '-1', expected a number from 1 on"},
		{"pid: word",
		 {"--pid=self"},
		 "bad process id 'self', expected a number from 1 on"},
		{"pid: empty item",
		 {"--pid=1,,2"},
		 "bad process id '', expected a number from 1 on"},
		{"pid: last comma",
		 {"--pid=1,"},
		 "bad process id '', expected a number from 1 on"},
		{"pid: overflow",
		 {"--pid=2147483648"},
		 "bad process id '2147483648', expected a number from 1 on"},
		{"method",
		 {"--method=smaps"},
		 "unknown method 'smaps', known are auto, procmap_query, maps"},
		{"format",
		 {"-f", "xml"},
		 "unknown format 'xml', known are nagios, human, machine, json, "
		 "pids, names, prometheus"},
		{"format: capitals",
		 {"-f", "JSON"},
		 "unknown format 'JSON', known are nagios, human, machine, json, "
		 "pids, names, prometheus"},
		{"output: small",
		 {"--max-output=511"},
		 "bad size '511', expected 512 to 1048576 bytes"},
		{"output: large",
		 {"--max-output=1048577"},
		 "bad size '1048577', expected 512 to 1048576 bytes"},
		{"output: unit",
		 {"--max-output=4K"},
		 "bad size '4K', expected 512 to 1048576 bytes"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void bad_numbers_of_jobs_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{"none", {"--jobs=0"}, "bad number of jobs '0', expected 1 to 64"},
		{"many", {"--jobs=65"}, "bad number of jobs '65', expected 1 to 64"},
		{"a word", {"--jobs=all"}, "bad number of jobs 'all', expected 1 to 64"},
		{"a sign", {"--jobs=+2"}, "bad number of jobs '+2', expected 1 to 64"},
		{"empty", {"--jobs="}, "option '--jobs': its value is empty"},
		{"missing", {"--jobs"}, "option '--jobs' needs a value"},
		{"twice", {"--jobs=1", "--jobs=2"}, "option '--jobs' is given twice"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void bad_kinds_and_scopes_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{"kind", {"--kind=exe"}, "unknown kind 'exe', known are code, data, fd"},
		{"kind: last comma",
		 {"--kind=code,"},
		 "unknown kind '', known are code, data, fd"},
		{"kind: twice", {"--kind=fd,fd"}, "kind 'fd' is given twice"},
		{"count",
		 {"--count=sys"},
		 "unknown scope 'sys', known are system, user, session, container, none, "
		 "all"},
		{"count: all and one",
		 {"--count=user,all"},
		 "scope 'all' is given twice"},
		{"scope: all is no choice",
		 {"--scope=all"},
		 "unknown scope 'all', known are system, user, session, container, none"},
		{"scope: twice, in two options",
		 {"--scope=user,none", "--scope=user"},
		 "scope 'user' is given twice"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void what_would_have_no_effect_is_refused(void **state)
{
	static const struct refusal rows[] = {
		{"using and library",
		 {"--using=libssl*", "--library=libc*"},
		 "'library' has no meaning with 'using'"},
		{"using and why",
		 {"--why=deleted", "--using=libssl*"},
		 "'why' has no meaning with 'using'"},
		{"using and min-age",
		 {"--using=libssl*", "--min-age=1"},
		 "'min-age' has no meaning with 'using'"},
		{"using and kind",
		 {"--using=libssl*", "--kind=fd"},
		 "'kind' has no meaning with 'using'"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

static void single_valued_options_are_refused_the_second_time(void **state)
{
	static const struct refusal rows[] = {
		{"why",
		 {"--why=deleted", "--why=replaced"},
		 "option '--why' is given twice"},
		{"min-age",
		 {"--min-age=1", "--min-age=1"},
		 "option '--min-age' is given twice"},
		{"timeout",
		 {"-t", "8", "--timeout=9"},
		 "option '--timeout' is given twice"},
		{"unreadable",
		 {"--unreadable=ok", "--unreadable=ok"},
		 "option '--unreadable' is given twice"},
		{"proc-root",
		 {"--proc-root=/a", "--proc-root=/b"},
		 "option '--proc-root' is given twice"},
		{"method",
		 {"--method=maps", "--method=auto"},
		 "option '--method' is given twice"},
		{"format",
		 {"-f", "json", "-f", "nagios"},
		 "option '--format' is given twice"},
		{"kind", {"--kind=fd", "--kind=data"}, "option '--kind' is given twice"},
		{"count",
		 {"--count=all", "--count=all"},
		 "option '--count' is given twice"},
		{"output", {"-o", "a", "-o", "b"}, "option '--output' is given twice"},
		{"max-output",
		 {"--max-output=512", "--max-output=4096"},
		 "option '--max-output' is given twice"},
	};

	(void)state;
	expect_refusals(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_words_are_printable_in_messages),
		cmocka_unit_test(unknown_missing_and_stray_words_are_refused),
		cmocka_unit_test(empty_values_are_refused),
		cmocka_unit_test(bad_thresholds_are_refused),
		cmocka_unit_test(bad_reasons_are_refused),
		cmocka_unit_test(bad_times_and_states_are_refused),
		cmocka_unit_test(bad_ids_words_and_sizes_are_refused),
		cmocka_unit_test(bad_numbers_of_jobs_are_refused),
		cmocka_unit_test(bad_kinds_and_scopes_are_refused),
		cmocka_unit_test(what_would_have_no_effect_is_refused),
		cmocka_unit_test(single_valued_options_are_refused_the_second_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
