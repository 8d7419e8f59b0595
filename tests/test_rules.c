/*
 * test_rules.c - the caller's ignore rules and the built-in ones.
 */
#include "tests/test.h"

#include "scan/rules.h"

#define SECOND INT64_C(1000000000)
#define START  (1000 * SECOND)

static const struct rules_first first = {.start_ns = START, .uid = 1000};

static const struct found_proc proc = {
	.comm = "sshd",
	.unit = "ssh.service",
	.container = "4f1c0b7a9d2e4f1c0b7a9d2e4f1c0b7a9d2e4f1c0b7a9d2e4f1c0b7a9d2e4f1c",
	.uid = 1000,
};

static const struct found_file deleted = {
	.path = "/opt/app/libx.so.1",
	.kind = STALE_LIB,
	.why = STALE_DELETED,
	.old_uid = 1000,
};

static void default_rules_take_scratch_code_and_nothing_else(void **state)
{
	const struct row {
		const char *label;
		const char *path;
		bool is_below_scratch;
		enum stale_kind kind;
		enum stale_why why;
		int64_t birth, gone;
		uid_t uid;
		const char *want; /* a word of the rule */
	} rows[] = {
		{"deleted executable in /tmp", "/tmp/x", true, STALE_EXE, STALE_DELETED,
		 START + 1, START + 2, 1000, NULL},
		{"replaced in /tmp", "/tmp/x.so", true, STALE_LIB, STALE_REPLACED, 0, 0,
		 1000, NULL},
		{"deleted in /tmp", "/tmp/x.so", true, STALE_LIB, STALE_DELETED, 0, 0,
		 1000, "temporary"},
		{"jna file", "/home/u/.cache/jna123.tmp", false, STALE_LIB, STALE_DELETED,
		 0, 0, 1000, "self-unlinked"},
		{"born after its process", "/opt/x.so", false, STALE_LIB, STALE_DELETED,
		 START + 1, START + SECOND, 1000, "born"},
		{"born before its process", "/opt/x.so", false, STALE_LIB, STALE_DELETED,
		 START - 1, START + SECOND, 1000, NULL},
		{"born after, of another user", "/opt/x.so", false, STALE_LIB,
		 STALE_DELETED, START + 1, START + SECOND, 0, NULL},
		{"born after, lived 60 s", "/opt/x.so", false, STALE_LIB, STALE_DELETED,
		 START + 1, START + 1 + 60 * SECOND, 1000, "born"},
		{"born after, lived longer", "/opt/x.so", false, STALE_LIB, STALE_DELETED,
		 START + 1, START + 2 + 60 * SECOND, 1000, NULL},
		{"unknown birth", "/opt/x.so", false, STALE_LIB, STALE_DELETED, 0, 0,
		 1000, NULL},
		{"plain", "/usr/lib/libssl.so.3", false, STALE_LIB, STALE_DELETED, 0, 0,
		 1000, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		const struct found_file file = {
			.path = r->path,
			.is_below_scratch = r->is_below_scratch,
			.kind = r->kind,
			.why = r->why,
			.old_birth_ns = r->birth,
			.old_ctime_ns = r->gone,
			.old_mtime_ns = r->birth,
			.old_uid = r->uid,
		};
		struct stale_options opt = {0};
		const char *rule = rules_match(&opt, &file, &proc, &first);

		row_number(r->label, "ignored", rule != NULL, r->want != NULL);
		if (rule)
			row_number(r->label, "by the right rule",
				   strstr(rule, r->want) != NULL, 1);
		opt.no_default_ignores = true;
		row_number(r->label, "ignored without defaults",
			   rules_match(&opt, &file, &proc, &first) != NULL, 0);
	}
}

static void nothing_is_born_scratch_while_the_start_is_unknown(void **state)
{
	const struct rules_first unknown = {.uid = 1000};
	const struct stale_options opt = {0};
	struct found_file file = deleted;

	(void)state;
	file.old_birth_ns = START + 1;
	file.old_ctime_ns = START + 2;
	file.old_mtime_ns = START + 1;
	assert_null(rules_match(&opt, &file, &proc, &unknown));
	assert_non_null(rules_match(&opt, &file, &proc, &first));
}

static void old_contents_in_a_young_file_are_no_scratch(void **state)
{
	const struct stale_options opt = {0};
	struct found_file file = deleted;

	(void)state;
	file.old_birth_ns = START + 1;
	file.old_ctime_ns = START + 2;
	file.old_mtime_ns = START - 1;
	assert_null(rules_match(&opt, &file, &proc, &first));
}

static void callers_rules_match_file_or_process(void **state)
{
	const struct row {
		const char *label;
		enum stale_rule_kind kind;
		const char *pattern;
		bool want;
	} rows[] = {
		{"star crosses slashes", STALE_RULE_PATH, "/opt/*", true},
		{"part of a path", STALE_RULE_PATH, "libx.so.1", false},
		{"class", STALE_RULE_PATH, "/opt/app/lib?.so.[0-9]", true},
		{"literal", STALE_RULE_LITERAL, "/opt/app/libx.so.1", true},
		{"a glob is no literal", STALE_RULE_LITERAL, "/opt/*", false},
		{"a prefix is no literal", STALE_RULE_LITERAL, "/opt/app/libx.so", false},
		{"unit", STALE_RULE_UNIT, "ssh.service", true},
		{"unit without its type", STALE_RULE_UNIT, "ssh", true},
		{"glob of units", STALE_RULE_UNIT, "s*", true},
		{"another unit", STALE_RULE_UNIT, "cron", false},
		{"process", STALE_RULE_PROCESS, "ssh?", true},
		{"another process", STALE_RULE_PROCESS, "ssh", false},
		{"container", STALE_RULE_CONTAINER, "4f*", true},
		{"another container", STALE_RULE_CONTAINER, "5f*", false},
		{"short id", STALE_RULE_CONTAINER, "4f1c0b7a9d2e", true},
		{"part of the short id", STALE_RULE_CONTAINER, "4f1c0b7a9d2", false},
		{"number of the user", STALE_RULE_USER, "1000", true},
		{"number of another", STALE_RULE_USER, "0", false},
		{"name that is not known", STALE_RULE_USER, "alice", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct stale_rule rule = {rows[i].kind, rows[i].pattern, "here"};
		const struct stale_options opt = {.ignore = &rule, .nignore = 1};
		const char *match = rules_match(&opt, &deleted, &proc, &first);

		row_number(rows[i].label, "matches", match != NULL, rows[i].want);
		if (match)
			assert_string_equal(match, "here");
	}
}

static void rules_on_units_pass_over_processes_of_none(void **state)
{
	const struct found_proc alone = {.comm = "x"};
	const struct stale_rule rules[] = {{STALE_RULE_UNIT, "*", "unit"},
					   {STALE_RULE_CONTAINER, "*", "container"}};
	const struct stale_options opt = {.ignore = rules, .nignore = 2};

	(void)state;
	assert_null(rules_match(&opt, &deleted, &alone, &first));
}

static void callers_rules_take_executables_and_come_first(void **state)
{
	const struct stale_rule rules[] = {{STALE_RULE_PATH, "/nothing", "first"},
					   {STALE_RULE_PATH, "/opt/*", "second"},
					   {STALE_RULE_PATH, "*", "third"}};
	const struct stale_options opt = {.ignore = rules, .nignore = 3};
	struct found_file file = deleted;

	(void)state;
	file.kind = STALE_EXE;
	file.why = STALE_REPLACED;
	assert_string_equal(rules_match(&opt, &file, &proc, &first), "second");
	file.kind = STALE_LIB;
	file.why = STALE_DELETED;
	file.is_below_scratch = true;
	assert_string_equal(rules_match(&opt, &file, &proc, &first), "second");
}

static void default_rules_leave_data_and_descriptors_alone(void **state)
{
	const enum stale_kind kinds[] = {STALE_DATA, STALE_FD};
	const struct stale_options opt = {0};
	struct found_file file = deleted;

	(void)state;
	file.is_below_scratch = true;
	assert_non_null(rules_match(&opt, &file, &proc, &first));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		file.kind = kinds[i];
		assert_null(rules_match(&opt, &file, &proc, &first));
	}
}

static void only_kinds_that_are_asked_for_are_wanted(void **state)
{
	const struct stale_options fds = {.kinds = STALE_KIND_BIT(STALE_FD)};
	const struct stale_options none = {0};
	struct found_file file = deleted;

	(void)state;
	assert_true(rules_is_wanted(&none, &file));
	assert_false(rules_is_wanted(&fds, &file));
	file.kind = STALE_FD;
	assert_true(rules_is_wanted(&fds, &file));
	assert_false(rules_is_wanted(&none, &file));
}

static void library_globs_match_path_or_basename(void **state)
{
	const struct row {
		const char *glob;
		bool want;
	} rows[] = {
		{"libx.so.*", true},
		{"/opt/*", true},
		{"libx", false},
		{"app/*", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const globs[] = {rows[i].glob, NULL};
		const struct stale_options opt = {.library_globs = globs};

		row_number(rows[i].glob, "wanted", rules_is_wanted(&opt, &deleted),
			   rows[i].want);
	}
	assert_true(rules_is_wanted(&(struct stale_options){0}, &deleted));
}

static void default_rules_are_listed_with_reasons(void **state)
{
	size_t n;
	const struct stale_default_rule *rules = stale_default_rules(&n);

	(void)state;
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(strncmp(rules[i].name, "built-in: ", 10), 0);
		assert_true(strlen(rules[i].reason) > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_rules_take_scratch_code_and_nothing_else),
		cmocka_unit_test(nothing_is_born_scratch_while_the_start_is_unknown),
		cmocka_unit_test(old_contents_in_a_young_file_are_no_scratch),
		cmocka_unit_test(callers_rules_match_file_or_process),
		cmocka_unit_test(rules_on_units_pass_over_processes_of_none),
		cmocka_unit_test(callers_rules_take_executables_and_come_first),
		cmocka_unit_test(default_rules_leave_data_and_descriptors_alone),
		cmocka_unit_test(only_kinds_that_are_asked_for_are_wanted),
		cmocka_unit_test(library_globs_match_path_or_basename),
		cmocka_unit_test(default_rules_are_listed_with_reasons),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
