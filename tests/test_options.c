/*
 * test_options.c - the command line: what is taken, and what it means.
 */
#include "tests/test.h"

#include <errno.h>

#include <stdio.h>

#include "tests/support/parsed.h"
#include "usage.h"

static void without_options_one_stale_process_is_a_warning(void **state)
{
	const char *const words[] = {NULL};
	struct parsed p;

	(void)state;
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.opt.action, ACTION_CHECK);
	assert_true(p.opt.rules.limits.warning[METRIC_PROCESSES].set);
	assert_false(range_alerts(&p.opt.rules.limits.warning[METRIC_PROCESSES], 0));
	assert_true(range_alerts(&p.opt.rules.limits.warning[METRIC_PROCESSES], 1));
	assert_false(p.opt.rules.limits.critical[METRIC_PROCESSES].set);
	assert_int_equal(p.opt.rules.unreadable, STATE_UNKNOWN);
	assert_int_equal(p.opt.rules.timeout, STATE_UNKNOWN);
	assert_int_equal(p.opt.timeout, 8);
	assert_int_equal(p.opt.max_output, 4096);
	assert_int_equal(p.opt.policy.why, STALE_WHY_DEFAULT);
	assert_int_equal(p.opt.policy.min_age, 0);
	assert_int_equal(p.opt.method, STALE_METHOD_AUTO);
	assert_null(p.opt.proc_root);
	assert_null(p.opt.pids);
	assert_null(p.opt.ignore.list);
	parsed_release(&p);
}

static void a_threshold_replaces_the_default_one(void **state)
{
	static const char *const rows[][2] = {
		{"-w", "age=7d"}, {"-c", "5"}, {"-c", "files=3"}, {"-w", "files=3"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const words[] = {rows[i][0], rows[i][1], NULL};
		struct parsed p;

		parsed_make(words, &p);
		row_number(rows[i][1], "rc", p.rc, 0);
		row_number(rows[i][1], "warning of processes",
			   p.opt.rules.limits.warning[METRIC_PROCESSES].set, 0);
		parsed_release(&p);
	}
}

static void thresholds_are_kept_by_metric_and_state(void **state)
{
	const char *const words[] = {"-w",
				     "1",
				     "-c",
				     "processes=5",
				     "--warning",
				     "age=1d",
				     "--critical=age=7d",
				     "-cfiles=@2:3",
				     NULL};
	struct parsed p;
	const struct limits *l = &p.opt.rules.limits;

	(void)state;
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	assert_int_equal(l->warning[METRIC_PROCESSES].end, 1);
	assert_int_equal(l->critical[METRIC_PROCESSES].end, 5);
	assert_int_equal(l->warning[METRIC_AGE].end, 86400);
	assert_int_equal(l->critical[METRIC_AGE].end, 604800);
	assert_int_equal(l->critical[METRIC_FILES].start, 2);
	assert_true(l->critical[METRIC_FILES].inside);
	assert_false(l->warning[METRIC_FILES].set);
	parsed_release(&p);
}

static void reasons_replace_or_add_to_the_default(void **state)
{
	static const struct row {
		const char *word;
		unsigned want;
	} rows[] = {
		{"--why=deleted", STALE_WHY_BIT(STALE_DELETED)},
		{"--why=reinstalled,replaced",
		 STALE_WHY_BIT(STALE_REINSTALLED) | STALE_WHY_BIT(STALE_REPLACED)},
		{"--why=+reinstalled",
		 STALE_WHY_DEFAULT | STALE_WHY_BIT(STALE_REINSTALLED)},
		{"--why=+reinstalled,+deleted",
		 STALE_WHY_DEFAULT | STALE_WHY_BIT(STALE_REINSTALLED)},
		{"--why=+superseded", STALE_WHY_DEFAULT},
		{"--why=modified", STALE_WHY_BIT(STALE_MODIFIED)},
		{"--why=+modified,+reinstalled",
		 STALE_WHY_DEFAULT | STALE_WHY_BIT(STALE_MODIFIED) |
			 STALE_WHY_BIT(STALE_REINSTALLED)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const words[] = {rows[i].word, NULL};
		struct parsed p;

		parsed_make(words, &p);
		row_number(rows[i].word, "rc", p.rc, 0);
		row_number(rows[i].word, "bits", p.opt.policy.why, rows[i].want);
		parsed_release(&p);
	}
}

static void a_timeout_may_name_its_state_in_any_case(void **state)
{
	static const struct row {
		const char *word;
		unsigned seconds;
		enum state state;
	} rows[] = {
		{"-t1", 1, STATE_UNKNOWN},
		{"-t3600", 3600, STATE_UNKNOWN},
		{"-t8:CRITICAL", 8, STATE_CRITICAL},
		{"-t8:warning", 8, STATE_WARNING},
		{"-t8:Ok", 8, STATE_OK},
		{"-t8:UnKnown", 8, STATE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const words[] = {rows[i].word, NULL};
		struct parsed p;

		parsed_make(words, &p);
		row_number(rows[i].word, "rc", p.rc, 0);
		row_number(rows[i].word, "seconds", p.opt.timeout, rows[i].seconds);
		row_number(rows[i].word, "state", p.opt.rules.timeout, rows[i].state);
		parsed_release(&p);
	}
}

static void lists_keep_their_order_and_end_with_null(void **state)
{
	static char name[] = "check_stale", i1[] = "-i/a*", i2[] = "--ignore=/b",
		    i3[] = "-I", i4[] = "/c", l1[] = "--library=libssl*",
		    p1[] = "--pid=3,1", p2[] = "--pid=2,3";
	char *argv[] = {name, i1, i2, i3, i4, l1, p1, p2, NULL};
	struct buf error = BUF_INIT;
	struct options opt;

	(void)state;
	assert_int_equal(options_parse(8, argv, &opt, &error), 0);
	assert_string_equal(opt.ignore.list[0], "/a*");
	assert_string_equal(opt.ignore.list[1], "/b");
	assert_null(opt.ignore.list[2]);
	assert_string_equal(opt.literal.list[0], "/c");
	assert_null(opt.literal.list[1]);
	assert_string_equal(opt.library.list[0], "libssl*");
	assert_null(opt.library.list[1]);
	assert_int_equal(opt.npids, 3);
	assert_int_equal(opt.pids[0], 3);
	assert_int_equal(opt.pids[1], 1);
	assert_int_equal(opt.pids[2], 2);
	options_release(&opt);
	buf_release(&error);
}

static void forty_patterns_are_all_kept(void **state)
{
	static char name[] = "check_stale", word[] = "-i/x";
	char *argv[42] = {name};
	struct buf error = BUF_INIT;
	struct options opt;

	(void)state;
	for (int i = 1; i <= 40; i++)
		argv[i] = word;
	assert_int_equal(options_parse(41, argv, &opt, &error), 0);
	assert_int_equal(opt.ignore.n, 40);
	assert_string_equal(opt.ignore.list[39], "/x");
	assert_null(opt.ignore.list[40]);
	options_release(&opt);
	buf_release(&error);
}

static void flags_and_words_are_kept(void **state)
{
	const char *const words[] = {"-vv",
				     "--verbose",
				     "-fjson",
				     "--show-args",
				     "--show-ignored",
				     "--no-default-ignores",
				     "--unreadable=Warning",
				     "--min-age=15m",
				     "--method=maps",
				     "--max-output=512",
				     NULL};
	struct parsed p;

	(void)state;
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.opt.verbose, 3);
	assert_int_equal(p.opt.format, FORMAT_JSON);
	assert_true(p.opt.show_args);
	assert_true(p.opt.show_ignored);
	assert_true(p.opt.no_default_ignores);
	assert_int_equal(p.opt.rules.unreadable, STATE_WARNING);
	assert_int_equal(p.opt.policy.min_age, 900);
	assert_int_equal(p.opt.method, STALE_METHOD_MAPS);
	assert_int_equal(p.opt.max_output, 512);
	parsed_release(&p);
}

static void help_and_version_end_the_parsing(void **state)
{
	static const struct row {
		const char *words[4];
		enum action want;
	} rows[] = {
		{{"-h"}, ACTION_HELP},          {{"--help", "stray"}, ACTION_HELP},
		{{"-V", "-x"}, ACTION_VERSION}, {{"--version"}, ACTION_VERSION},
		{{"-hV"}, ACTION_HELP},         {{"--reboot-list"}, ACTION_REBOOT_LIST},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct parsed p;

		parsed_make(rows[i].words, &p);
		row_number(rows[i].words[0], "rc", p.rc, 0);
		row_number(rows[i].words[0], "action", p.opt.action, rows[i].want);
		parsed_release(&p);
	}
}

static void expect_shape(const char *label, const struct buf *out, size_t max_lines)
{
	size_t lines = 0;

	for (const char *s = out->s, *end; *s; s = end + 1) {
		end = strchr(s, '\n');
		assert_non_null(end);
		row_number(label, "columns over 80", (size_t)(end - s) > 80, 0);
		lines++;
	}
	row_number(label, "more lines than allowed", lines > max_lines, 0);
}

static void usage_fits_a_terminal_of_80_columns_and_23_lines(void **state)
{
	static const char *const messages[] = {
		"x",
		"unknown metric 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...', known are "
		"processes, services, containers, sessions, files, age, reboot",
		"unknown reason 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...', known are "
		"deleted, replaced, superseded, reinstalled, modified",
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		usage_error(&out, messages[i]);
		assert_int_equal(strncmp(out.s, "STALE UNKNOWN - ", 16), 0);
		expect_shape(messages[i], &out, USAGE_ERROR_LINES);
		buf_release(&out);
	}
	usage_help(&out);
	expect_shape("help", &out, 60);
	buf_release(&out);
	usage_reboot_list(&out);
	expect_shape("units that only a reboot renews", &out, 60);
	buf_release(&out);
	usage_version(&out);
	assert_int_equal(strncmp(out.s, "check_stale ", 12), 0);
	expect_shape("version", &out, 1);
	buf_release(&out);
}

static void kinds_and_scopes_are_kept_as_bits(void **state)
{
	static const struct row {
		const char *words[3];
		unsigned kinds, count, scope;
	} rows[] = {
		{{NULL}, STALE_KIND_CODE, STALE_SCOPE_DEFAULT, 0},
		{{"--kind=fd"}, STALE_KIND_BIT(STALE_FD), STALE_SCOPE_DEFAULT, 0},
		{{"--kind=data,code"},
		 STALE_KIND_BIT(STALE_DATA) | STALE_KIND_CODE,
		 STALE_SCOPE_DEFAULT,
		 0},
		{{"--count=all"}, STALE_KIND_CODE, (1U << STALE_SCOPE_COUNT) - 1, 0},
		{{"--count=session,user"},
		 STALE_KIND_CODE,
		 STALE_SCOPE_BIT(STALE_SCOPE_USER) | STALE_SCOPE_BIT(STALE_SCOPE_SESSION),
		 0},
		{{"--scope=system", "--scope=none,container"},
		 STALE_KIND_CODE,
		 STALE_SCOPE_DEFAULT,
		 STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM) | STALE_SCOPE_BIT(STALE_SCOPE_NONE) |
			 STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *label = rows[i].words[0] ? rows[i].words[0] : "default";
		struct parsed p;

		parsed_make(rows[i].words, &p);
		row_number(label, "rc", p.rc, 0);
		row_number(label, "kinds", p.opt.policy.kinds, rows[i].kinds);
		row_number(label, "count", p.opt.policy.scopes, rows[i].count);
		row_number(label, "scope", p.opt.scopes, rows[i].scope);
		parsed_release(&p);
	}
}

static void each_list_has_its_option(void **state)
{
	static const struct row {
		const char *name;
		size_t offset;
	} rows[] = {
		{"library", offsetof(struct options, library)},
		{"using", offsetof(struct options, using_globs)},
		{"user", offsetof(struct options, users)},
		{"process", offsetof(struct options, processes)},
		{"unit", offsetof(struct options, units)},
		{"container", offsetof(struct options, containers)},
		{"ignore", offsetof(struct options, ignore)},
		{"ignore-literal", offsetof(struct options, literal)},
		{"ignore-file", offsetof(struct options, ignore_files)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char first[64], second[64];
		const char *const words[] = {first, second, NULL};
		const struct strings *list;
		struct parsed p;

		snprintf(first, sizeof(first), "--%s=a,b", rows[i].name);
		snprintf(second, sizeof(second), "--%s=c", rows[i].name);
		parsed_make(words, &p);
		row_number(rows[i].name, "rc", p.rc, 0);
		list = (const struct strings *)((const char *)&p.opt + rows[i].offset);
		row_number(rows[i].name, "n", list->n, 2);
		assert_string_equal(list->list[0], "a,b");
		assert_string_equal(list->list[1], "c");
		assert_null(list->list[2]);
		row_number(rows[i].name, "asks for users", p.opt.policy.is_using,
			   strcmp(rows[i].name, "using") == 0);
		parsed_release(&p);
	}
}

static void every_format_has_its_name(void **state)
{
	static const char *const names[FORMAT_COUNT] = {
		"nagios", "human", "machine", "json", "pids", "names", "prometheus"};

	(void)state;
	for (int i = 0; i < FORMAT_COUNT; i++) {
		const char *const words[] = {"-f", names[i], "-o", "x", NULL};
		struct parsed p;

		parsed_make(words, &p);
		row_number(names[i], "rc", p.rc, 0);
		row_number(names[i], "format", p.opt.format, i);
		assert_string_equal(format_name((enum format)i), names[i]);
		assert_string_equal(p.opt.output, "x");
		parsed_release(&p);
	}
}

static void what_a_format_cannot_show_is_refused(void **state)
{
	static const char *const can[] = {"nagios", "human", "json"};
	static const char *const cannot[] = {"machine", "pids", "names", "prometheus"};
	static const char *const options[] = {"--packages", "--show-ignored"};
	struct parsed p;

	(void)state;
	for (size_t o = 0; o < ARRAY_LEN(options); o++) {
		for (size_t i = 0; i < ARRAY_LEN(can); i++) {
			const char *const words[] = {"-f", can[i], options[o], NULL};

			parsed_make(words, &p);
			row_number(can[i], options[o], p.rc, 0);
			parsed_release(&p);
		}
		for (size_t i = 0; i < ARRAY_LEN(cannot); i++) {
			const char *const words[] = {"-f", cannot[i], options[o], NULL};

			parsed_make(words, &p);
			row_number(cannot[i], options[o], p.rc, -EINVAL);
			parsed_release(&p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_one_stale_process_is_a_warning),
		cmocka_unit_test(a_threshold_replaces_the_default_one),
		cmocka_unit_test(thresholds_are_kept_by_metric_and_state),
		cmocka_unit_test(reasons_replace_or_add_to_the_default),
		cmocka_unit_test(a_timeout_may_name_its_state_in_any_case),
		cmocka_unit_test(lists_keep_their_order_and_end_with_null),
		cmocka_unit_test(forty_patterns_are_all_kept),
		cmocka_unit_test(flags_and_words_are_kept),
		cmocka_unit_test(help_and_version_end_the_parsing),
		cmocka_unit_test(usage_fits_a_terminal_of_80_columns_and_23_lines),
		cmocka_unit_test(kinds_and_scopes_are_kept_as_bits),
		cmocka_unit_test(each_list_has_its_option),
		cmocka_unit_test(every_format_has_its_name),
		cmocka_unit_test(what_a_format_cannot_show_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
