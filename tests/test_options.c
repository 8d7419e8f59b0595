/*
 * test_options.c - the command line: what is taken, and what it means.
 */
#include "tests/test.h"

#include <errno.h>

#include "tests/support/parsed.h"
#include "usage.h"

static const struct stale_policy *policy(const struct parsed *p)
{
	return stale_settings_policy(p->opt.settings);
}

/* Loaded without the folder of ignore rules. */
static const struct stale_options *asked(const struct parsed *p)
{
	char message[256] = "";

	if (stale_settings_load(p->opt.settings, NULL, message, sizeof(message)) < 0)
		fail_msg("%s", message);
	return stale_settings_options(p->opt.settings);
}

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
	assert_int_equal(p.opt.jobs, 0);
	assert_int_equal(p.opt.max_output, 4096);
	assert_null(p.opt.file_option);
	assert_int_equal(policy(&p)->why, STALE_WHY_DEFAULT);
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

static void flags_and_words_are_kept(void **state)
{
	const char *const words[] = {"-vv",
				     "--verbose",
				     "-fjson",
				     "--show-args",
				     "--show-ignored",
				     "--unreadable=Warning",
				     "--max-output=512",
				     "--jobs=64",
				     NULL};
	struct parsed p;

	(void)state;
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.opt.verbose, 3);
	assert_int_equal(p.opt.format, FORMAT_JSON);
	assert_true(p.opt.show_args);
	assert_true(p.opt.show_ignored);
	assert_int_equal(p.opt.rules.unreadable, STATE_WARNING);
	assert_int_equal(p.opt.max_output, 512);
	assert_int_equal(p.opt.jobs, 64);
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

/* In the order of the list in stale.h: what it gives is there. */
static void what_to_look_at_goes_to_the_core(void **state)
{
	const char *const words[] = {
		"--kind=data",   "--why=+reinstalled", "--min-age=15m", "--count=user",
		"--library=a",   "--user=0",           "--process=b",   "--unit=c",
		"--container=d", "--scope=none",       "--pid=7",       NULL};
	const struct stale_options *opt;
	struct parsed p;

	(void)state;
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	opt = asked(&p);
	assert_int_equal(policy(&p)->kinds, STALE_KIND_BIT(STALE_DATA));
	assert_int_equal(policy(&p)->why,
			 STALE_WHY_DEFAULT | STALE_WHY_BIT(STALE_REINSTALLED));
	assert_int_equal(policy(&p)->min_age, 900);
	assert_int_equal(policy(&p)->scopes, STALE_SCOPE_BIT(STALE_SCOPE_USER));
	assert_string_equal(opt->library_globs[0], "a");
	assert_int_equal(opt->select.nuids, 1);
	assert_string_equal(opt->select.processes[0], "b");
	assert_string_equal(opt->select.units[0], "c");
	assert_string_equal(opt->select.containers[0], "d");
	assert_int_equal(opt->select.scopes, STALE_SCOPE_BIT(STALE_SCOPE_NONE));
	assert_int_equal(opt->npids, 1);
	parsed_release(&p);
}

static void what_to_ignore_and_where_goes_to_the_core(void **state)
{
	const char *const words[] = {"-i/a",
				     "--ignore=/b",
				     "-I/c",
				     "--ignore-literal=/d",
				     "--ignore-file=/dev/null",
				     "--no-default-ignores",
				     "--proc-root=/e",
				     "--method=maps",
				     "--using=f",
				     NULL};
	char message[256] = "";
	struct parsed p;

	(void)state;
	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	/* a device is no file of rules: it was looked at */
	assert_int_equal(
		stale_settings_load(p.opt.settings, NULL, message, sizeof(message)),
		-EINVAL);
	assert_string_equal(message, "/dev/null: expected a regular file");
	parsed_release(&p);

	parsed_make((const char *const[]){"-i/a", "--ignore=/b", "-I/c",
					  "--ignore-literal=/d", "--no-default-ignores",
					  "--proc-root=/e", "--method=maps", "--using=f",
					  NULL},
		    &p);
	assert_int_equal(p.rc, 0);
	assert_int_equal(asked(&p)->nignore, 4);
	assert_true(stale_settings_options(p.opt.settings)->no_default_ignores);
	assert_string_equal(stale_settings_options(p.opt.settings)->proc_root, "/e");
	assert_int_equal(stale_settings_options(p.opt.settings)->method,
			 STALE_METHOD_MAPS);
	assert_true(policy(&p)->is_using);
	parsed_release(&p);
}

static void an_option_that_names_a_file_is_told(void **state)
{
	static const struct row {
		const char *words[4];
		const char *want; /* NULL: none */
	} rows[] = {
		{{"-i/x", "--using=/x"}, NULL},
		{{"-o", "x"}, "-o"},
		{{"--output=x", "--ignore-file=y"}, "--ignore-file"},
		{{"--proc-root=x", "--ignore-file=y"}, "--proc-root"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got;
		struct parsed p;

		parsed_make(rows[i].words, &p);
		row_number(rows[i].words[0], "rc", p.rc, 0);
		got = p.opt.file_option;
		row_text(rows[i].words[0], "option", got, got ? strlen(got) : 0,
			 rows[i].want);
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
		cmocka_unit_test(a_timeout_may_name_its_state_in_any_case),
		cmocka_unit_test(flags_and_words_are_kept),
		cmocka_unit_test(help_and_version_end_the_parsing),
		cmocka_unit_test(usage_fits_a_terminal_of_80_columns_and_23_lines),
		cmocka_unit_test(what_to_look_at_goes_to_the_core),
		cmocka_unit_test(what_to_ignore_and_where_goes_to_the_core),
		cmocka_unit_test(an_option_that_names_a_file_is_told),
		cmocka_unit_test(every_format_has_its_name),
		cmocka_unit_test(what_a_format_cannot_show_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
