/*
 * test_prometheus.c - metrics as the text format wants them: names and values of labels
 * that nobody can break, no sample twice, no more of them than was promised.
 *
 * That promtool and a node exporter take them is in live_prometheus.c.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "prometheus.h"
#include "tests/support/golden.h"
#include "tests/support/viewmake.h"

static struct viewmake m;
static struct rules rules;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	viewmake_init(&m);
	m.nfiles = 0;
	memset(&rules, 0, sizeof(rules));
	rules.unreadable = rules.timeout = STATE_UNKNOWN;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

/* The value of a label begins at s: returns what is behind its closing quote. */
static const char *skip_value(const char *s)
{
	for (; *s != '"'; s++) {
		assert_true((unsigned char)*s >= 0x20);
		if (*s == '\\') {
			s++;
			assert_true(*s == '\\' || *s == '"' || *s == 'n');
		}
	}
	return s + 1;
}

/* NAME{label="value",...} NUMBER */
static void check_sample(const char *line)
{
	const char *s = line + strspn(line, "abcdefghijklmnopqrstuvwxyz_");

	if (*s == '{') {
		do {
			s = strchr(s, '"');
			assert_non_null(s);
			s = skip_value(s + 1);
		} while (*s == ',');
		assert_int_equal(*s++, '}');
	}
	assert_int_equal(*s++, ' ');
	assert_int_equal(s[strspn(s, "0123456789.")], '\n');
}

static bool is_told_twice(const char *line)
{
	const char *end = strchr(line, '\n'), *blank = end;
	char name[4096];

	while (*blank != ' ')
		blank--;
	snprintf(name, sizeof(name), "\n%.*s ", (int)(blank - line), line);
	return strstr(end, name) != NULL;
}

static void check_lines(void)
{
	assert_int_equal(out.s[out.len - 1], '\n');
	assert_int_equal(strlen(out.s), out.len);
	for (const char *s = out.s; *s; s = strchr(s, '\n') + 1) {
		if (strncmp(s, "# HELP stale_", 13) == 0 ||
		    strncmp(s, "# TYPE stale_", 13) == 0)
			continue;
		check_sample(s);
		if (is_told_twice(s))
			fail_msg("twice: %.200s", s);
	}
}

static const char *render(void)
{
	struct verdict verdict;

	buf_release(&out);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &verdict);
	assert_int_equal(prometheus_render(&m.view, &verdict, &out), 0);
	check_lines();
	return out.s;
}

static void expect_line(const char *line)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(out.s, whole))
		fail_msg("no \"%s\" in\n%s", line, out.s);
}

static size_t count_lines(const char *with)
{
	size_t n = 0;

	for (const char *s = out.s; (s = strstr(s, with)); s++)
		n++;
	return n;
}

static void hostile_names_break_no_line_and_no_label(void **state)
{
	static const struct row {
		const char *name, *want;
	} rows[] = {
		{"a\"b", "a\\\"b"},
		{"a\\b", "a\\\\\\\\b"},
		{"a\nb", "a\\\\nb"},
		{"\"} 1\nstale_up 0\n#", "\\\"} 1\\\\nstale_up 0\\\\n#"},
		{"\xff\xc2\x85", "\\\\xff\\\\xc2\\\\x85"},
		{"\xe2\x82\xac", "\xe2\x82\xac"},
		{"\\", "\\\\\\\\"},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char unit[64], line[256];

		setup(state);
		snprintf(unit, sizeof(unit), "%s.service", rows[i].name);
		viewmake_unit(&m, 1, rows[i].name, STALE_SCOPE_SYSTEM, unit);
		viewmake_file(&m, rows[i].name, STALE_DELETED, 1);
		render();
		snprintf(line, sizeof(line),
			 "stale_unit_processes{unit=\"%s.service\"} 1", rows[i].want);
		expect_line(line);
		snprintf(line, sizeof(line),
			 "stale_library_processes{library=\"%s\",why=\"deleted\"} 1",
			 rows[i].want);
		expect_line(line);
	}
}

/* Else there would be two samples of one name, and all of the file is thrown away. */
static void a_library_called_as_the_rest_is_counted_there(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
		static char paths[60][32];

		snprintf(paths[i], sizeof(paths[i]), "/lib/%02d.so", i);
		viewmake_proc(&m, 100 + i, "x");
		viewmake_file(&m, paths[i], STALE_DELETED, 1);
	}
	for (int i = 0; i < 5; i++) {
		viewmake_proc(&m, 300 + i, "x");
		viewmake_file(&m, "/lib/_other", STALE_DELETED, 1);
	}
	render();
	expect_line("stale_library_processes{library=\"_other\",why=\"deleted\"} 15");
	assert_int_equal(count_lines("\nstale_library_processes{"), 51);
	expect_line("stale_library_processes{library=\"49.so\",why=\"deleted\"} 1");
}

/* A process with two of the libraries that are left over is one process. */
static void the_rest_counts_processes_and_not_libraries(void **state)
{
	static char paths[60][32];

	(void)state;
	viewmake_proc(&m, 1, "x");
	for (int i = 0; i < 60; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/lib/%02d.so", i);
		viewmake_file(&m, paths[i], i == 55 ? STALE_REPLACED : STALE_DELETED, 1);
	}
	render();
	expect_line("stale_library_processes{library=\"_other\",why=\"deleted\"} 1");
	expect_line("stale_library_processes{library=\"_other\",why=\"replaced\"} 1");
}

static void the_most_affected_come_first(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		viewmake_unit(&m, 10 + i, "x", STALE_SCOPE_SYSTEM,
			      i ? "z.service" : "a.service");
		viewmake_file(&m, i ? "/lib/z.so" : "/lib/a.so", STALE_DELETED, 1);
	}
	assert_true(strstr(render(), "unit=\"z.service\"} 2") <
		    strstr(out.s, "unit=\"a.service\"} 1"));
	assert_true(strstr(out.s, "library=\"z.so\",why=\"deleted\"} 2") <
		    strstr(out.s, "library=\"a.so\",why=\"deleted\"} 1"));
}

/* More decoys than there are rows, each more often than root's library. */
static void users_push_no_library_of_others_out_of_the_rows(void **state)
{
	static char names[60][16];

	(void)state;
	viewmake_unit(&m, 1, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	viewmake_file(&m, "/lib/libssl.so.3", STALE_REPLACED, 1);
	for (int i = 0; i < 120; i++) {
		snprintf(names[i / 2], sizeof(names[0]), "/a/decoy%d.so", i / 2);
		viewmake_unit(&m, 10 + i, "x", STALE_SCOPE_SESSION, "session-1.scope");
		viewmake_file(&m, names[i / 2], STALE_DELETED, 1);
	}
	render();
	expect_line(
		"stale_library_processes{library=\"libssl.so.3\",why=\"replaced\"} 1");
	/* 49 decoys have rows of their own. */
	expect_line("stale_library_processes{library=\"_other\",why=\"deleted\"} 22");
}

static void a_library_of_two_folders_is_one(void **state)
{
	(void)state;
	viewmake_proc(&m, 1, "x");
	viewmake_file(&m, "/a/x.so", STALE_DELETED, 1);
	viewmake_file(&m, "/b/x.so", STALE_DELETED, 1);
	viewmake_proc(&m, 2, "x");
	viewmake_file(&m, "/b/x.so", STALE_DELETED, 1);
	render();
	expect_line("stale_library_processes{library=\"x.so\",why=\"deleted\"} 2");
	expect_line("stale_files{kind=\"lib\",why=\"deleted\"} 2");
}

/* Each value of a label is stored for months. */
static void instances_and_transient_units_make_no_series_of_their_own(void **state)
{
	static const struct row {
		const char *unit, *want;
	} rows[] = {
		{"ssh.service", "ssh.service"},
		{"getty@tty1.service", "getty@.service"},
		{"a@b@c.d.service", "a@.service"},
		{"run-r0123456789abcdef.service", "_other"},
		{"run-u12.service", "_other"},
		{"run-p12-i34.service", "_other"},
		{"run-parts.service", "run-parts.service"},
		{"run-up.service", "run-up.service"},
		{"runner.service", "runner.service"},
		{"run-u12.scope", "_other"},
		{"dbus.socket", "_other"},
		{"init.scope", "init.scope"},
		{"x", "_other"},
		{"@", "_other"},
		{"", "_other"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[128];

		setup(state);
		viewmake_unit(&m, 1, "x", STALE_SCOPE_SYSTEM, rows[i].unit);
		viewmake_file(&m, "/a", STALE_DELETED, 1);
		render();
		snprintf(line, sizeof(line), "stale_unit_processes{unit=\"%s\"} 1",
			 rows[i].want);
		expect_line(line);
		assert_int_equal(count_lines("\nstale_unit_processes{"), 1);
	}
}

static void instances_of_a_template_are_added_up(void **state)
{
	(void)state;
	viewmake_unit(&m, 1, "x", STALE_SCOPE_SYSTEM, "getty@tty1.service");
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	viewmake_unit(&m, 2, "x", STALE_SCOPE_SYSTEM, "getty@tty2.service");
	viewmake_file(&m, "/a", STALE_DELETED, 1);
	render();
	expect_line("stale_unit_processes{unit=\"getty@.service\"} 2");
}

static void make_all(void)
{
	viewmake_unit(&m, 812, "sshd", STALE_SCOPE_SYSTEM, "ssh.service");
	viewmake_file(&m, "/usr/lib/libssl.so.3", STALE_REPLACED, 93600);
	viewmake_file(&m, "/usr/sbin/sshd", STALE_DELETED, 60)->kind = STALE_EXE;
	viewmake_unit(&m, 900, "pipewire", STALE_SCOPE_USER, "pipewire.service");
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_SUPERSEDED, 5);
	viewmake_unit(&m, 901, "bash", STALE_SCOPE_SESSION, "session-3.scope");
	viewmake_file(&m, "/usr/lib/libz.so.1", STALE_SUPERSEDED, 5);
	viewmake_container(&m, 902, "nginx", "docker", "0123456789abcdef");
	viewmake_file(&m, "/usr/lib/libc.so.6", STALE_REPLACED, 5);
	viewmake_proc(&m, 903, "x");
	viewmake_file(&m, "/usr/lib/libsame.so", STALE_REINSTALLED, 5);
	viewmake_ignored(&m, 9, "/tmp/x", "rule");
	viewmake_unreadable(&m, 10, EACCES);
}

static void everything_is_told(void **state)
{
	(void)state;
	make_all();
	render();
	assert_int_equal(golden_check("prometheus.prom", out.s, out.len), 0);
	/* Nothing that names one process, one container or one login. */
	assert_null(strstr(out.s, "0123456789abcdef"));
	assert_null(strstr(out.s, "session-3"));
	assert_null(strstr(out.s, "/usr"));
	assert_null(strstr(out.s, "812"));
}

static void nothing_found_has_all_metrics_that_can_be_nought(void **state)
{
	(void)state;
	render();
	assert_int_equal(golden_check("prometheus-ok.prom", out.s, out.len), 0);
	assert_null(strstr(out.s, "stale_oldest_timestamp_seconds"));
}

static void a_failed_scan_tells_only_that(void **state)
{
	static const char want[] =
		"# HELP stale_scan_success Whether the last scan came to an answer, "
		"complete or not.\n"
		"# TYPE stale_scan_success gauge\n"
		"stale_scan_success 0\n"
		"# HELP stale_scan_complete Whether the last scan could look at every "
		"process.\n"
		"# TYPE stale_scan_complete gauge\n"
		"stale_scan_complete 0\n";

	(void)state;
	make_all();
	m.view.error = ENOMEM;
	m.info.finished = false;
	assert_string_equal(render(), want);
	buf_release(&out);
	assert_int_equal(prometheus_render_failure(&out), 0);
	assert_string_equal(out.s, want);
}

static void a_full_scan_is_a_success_and_not_complete(void **state)
{
	(void)state;
	make_all();
	m.info.error = ENOBUFS;
	render();
	expect_line("stale_scan_success 1");
	expect_line("stale_scan_complete 0");
	expect_line("stale_unit_processes{unit=\"ssh.service\"} 1");
}

static void half_a_scan_is_a_success_and_not_complete(void **state)
{
	(void)state;
	m.info.hidden = true;
	render();
	expect_line("stale_scan_success 1");
	expect_line("stale_scan_complete 0");
}

static void scopes_that_do_not_count_have_their_own_numbers(void **state)
{
	(void)state;
	make_all();
	render();
	expect_line("stale_processes{scope=\"none\"} 0");
	expect_line("stale_processes{scope=\"system\"} 1");
	expect_line("stale_processes{scope=\"user\"} 1");
	expect_line("stale_processes{scope=\"session\"} 1");
	expect_line("stale_processes{scope=\"container\"} 1");
	/* Files are those of the scopes that count. */
	expect_line("stale_files{kind=\"lib\",why=\"superseded\"} 0");
	expect_line("stale_files{kind=\"lib\",why=\"reinstalled\"} 1");
	m.view.policy.scopes |= STALE_SCOPE_BIT(STALE_SCOPE_USER);
	render();
	expect_line("stale_files{kind=\"lib\",why=\"superseded\"} 1");
}

static void young_files_are_in_no_number(void **state)
{
	(void)state;
	make_all();
	m.view.policy.min_age = 3600;
	render();
	expect_line("stale_processes{scope=\"system\"} 1");
	expect_line("stale_processes{scope=\"user\"} 0");
	expect_line("stale_files{kind=\"exe\",why=\"deleted\"} 0");
	assert_int_equal(count_lines("\nstale_library_processes{"), 1);
}

static void kinds_that_were_looked_for_are_told(void **state)
{
	(void)state;
	viewmake_proc(&m, 1, "java");
	viewmake_file(&m, "/opt/x.jar", STALE_DELETED, 5)->kind = STALE_FD;
	render();
	assert_null(strstr(out.s, "kind=\"fd\""));
	m.view.policy.kinds = STALE_KIND_BIT(STALE_FD);
	render();
	expect_line("stale_files{kind=\"fd\",why=\"deleted\"} 1");
	assert_null(strstr(out.s, "kind=\"lib\""));
	assert_null(strstr(out.s, "stale_library_processes"));
	m.view.policy.kinds |= STALE_KIND_CODE;
	render();
	expect_line("stale_files{kind=\"fd\",why=\"deleted\"} 1");
	expect_line("stale_files{kind=\"lib\",why=\"deleted\"} 0");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hostile_names_break_no_line_and_no_label),
		TEST(a_library_called_as_the_rest_is_counted_there),
		TEST(the_rest_counts_processes_and_not_libraries),
		TEST(the_most_affected_come_first),
		TEST(users_push_no_library_of_others_out_of_the_rows),
		TEST(a_library_of_two_folders_is_one),
		TEST(instances_and_transient_units_make_no_series_of_their_own),
		TEST(instances_of_a_template_are_added_up),
		TEST(everything_is_told),
		TEST(nothing_found_has_all_metrics_that_can_be_nought),
		TEST(a_failed_scan_tells_only_that),
		TEST(a_full_scan_is_a_success_and_not_complete),
		TEST(half_a_scan_is_a_success_and_not_complete),
		TEST(scopes_that_do_not_count_have_their_own_numbers),
		TEST(young_files_are_in_no_number),
		TEST(kinds_that_were_looked_for_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
