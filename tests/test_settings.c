/*
 * test_settings.c - settings in words: what is taken, and what it means.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "stale.h"
#include "tests/support/taken.h"

static void without_settings_code_of_the_host_is_looked_at(void **state)
{
	struct stale_settings *settings =
		taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
	const struct stale_options *opt = stale_settings_options(settings);
	const struct stale_policy *policy = stale_settings_policy(settings);

	(void)state;
	taken_load(settings);
	assert_int_equal(policy->why, STALE_WHY_DEFAULT);
	assert_int_equal(policy->scopes, STALE_SCOPE_DEFAULT);
	assert_int_equal(policy->kinds, STALE_KIND_CODE);
	assert_int_equal(policy->min_age, 0);
	assert_false(policy->is_using);
	assert_int_equal(opt->kinds, STALE_KIND_CODE);
	assert_int_equal(opt->method, STALE_METHOD_AUTO);
	assert_int_equal(opt->select.scopes, 0);
	assert_int_equal(opt->select.nuids + opt->npids + opt->nignore, 0);
	assert_null(opt->proc_root);
	assert_null(opt->pids);
	assert_null(opt->library_globs);
	assert_null(opt->using_globs);
	assert_null(opt->select.processes);
	assert_false(opt->no_default_ignores || opt->want_modified);
	assert_ptr_equal(opt->users, stale_settings_users(settings));
	stale_settings_free(settings);
	stale_settings_free(NULL);
}

static void every_setting_is_known_by_its_name(void **state)
{
	static const char *const names[] = {
		"kind",   "why",       "min-age", "count",          "library",    "using",
		"user",   "process",   "unit",    "container",      "scope",      "pid",
		"ignore", "proc-root", "method",  "ignore-literal", "ignore-file"};
	bool takes_value;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		takes_value = false;
		row_number(names[i], "known",
			   stale_setting_is_known(names[i], &takes_value), true);
		row_number(names[i], "takes a value", takes_value, true);
	}
	assert_true(stale_setting_is_known("no-default-ignores", &takes_value));
	assert_false(takes_value);
	assert_false(stale_setting_is_known("interval", &takes_value));
	assert_false(stale_setting_is_known("", &takes_value));
	assert_false(stale_setting_is_known("kin", &takes_value));
}

static void reasons_replace_or_add_to_the_default(void **state)
{
	static const struct row {
		const char *value;
		unsigned want;
	} rows[] = {
		{"deleted", STALE_WHY_BIT(STALE_DELETED)},
		{"reinstalled,replaced",
		 STALE_WHY_BIT(STALE_REINSTALLED) | STALE_WHY_BIT(STALE_REPLACED)},
		{"+reinstalled", STALE_WHY_DEFAULT | STALE_WHY_BIT(STALE_REINSTALLED)},
		{"+reinstalled,+deleted",
		 STALE_WHY_DEFAULT | STALE_WHY_BIT(STALE_REINSTALLED)},
		{"+superseded", STALE_WHY_DEFAULT},
		{"modified", STALE_WHY_BIT(STALE_MODIFIED)},
		{"+modified,+reinstalled", STALE_WHY_DEFAULT |
						   STALE_WHY_BIT(STALE_MODIFIED) |
						   STALE_WHY_BIT(STALE_REINSTALLED)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_settings *settings = taken_make(
			(const struct taken_pair[TAKEN_PAIRS]){{"why", rows[i].value}});

		taken_load(settings);
		row_number(rows[i].value, "bits", stale_settings_policy(settings)->why,
			   rows[i].want);
		row_number(rows[i].value, "looks for modified files",
			   stale_settings_options(settings)->want_modified,
			   strstr(rows[i].value, "modified") != NULL);
		stale_settings_free(settings);
	}
}

static void kinds_and_scopes_are_kept_as_bits(void **state)
{
	static const struct row {
		const char *label;
		struct taken_pair pairs[TAKEN_PAIRS];
		unsigned kinds, count, scope;
	} rows[] = {
		{"kind",
		 {{"kind", "fd"}},
		 STALE_KIND_BIT(STALE_FD),
		 STALE_SCOPE_DEFAULT,
		 0},
		{"two kinds",
		 {{"kind", "data,code"}},
		 STALE_KIND_BIT(STALE_DATA) | STALE_KIND_CODE,
		 STALE_SCOPE_DEFAULT,
		 0},
		{"all scopes count",
		 {{"count", "all"}},
		 STALE_KIND_CODE,
		 (1U << STALE_SCOPE_COUNT) - 1,
		 0},
		{"two scopes count",
		 {{"count", "session,user"}},
		 STALE_KIND_CODE,
		 STALE_SCOPE_BIT(STALE_SCOPE_USER) | STALE_SCOPE_BIT(STALE_SCOPE_SESSION),
		 0},
		{"scopes add up",
		 {{"scope", "system"}, {"scope", "none,container"}},
		 STALE_KIND_CODE,
		 STALE_SCOPE_DEFAULT,
		 STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM) | STALE_SCOPE_BIT(STALE_SCOPE_NONE) |
			 STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_settings *settings = taken_make(rows[i].pairs);
		const struct stale_options *opt = stale_settings_options(settings);

		taken_load(settings);
		row_number(rows[i].label, "kinds", opt->kinds, rows[i].kinds);
		row_number(rows[i].label, "kinds that count",
			   stale_settings_policy(settings)->kinds, rows[i].kinds);
		row_number(rows[i].label, "count",
			   stale_settings_policy(settings)->scopes, rows[i].count);
		row_number(rows[i].label, "scope", opt->select.scopes, rows[i].scope);
		stale_settings_free(settings);
	}
}

static void each_list_has_its_place_and_its_order(void **state)
{
	static const struct row {
		const char *name;
		size_t offset;
	} rows[] = {
		{"library", offsetof(struct stale_options, library_globs)},
		{"using", offsetof(struct stale_options, using_globs)},
		{"process", offsetof(struct stale_options, select.processes)},
		{"unit", offsetof(struct stale_options, select.units)},
		{"container", offsetof(struct stale_options, select.containers)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_settings *settings =
			taken_make((const struct taken_pair[TAKEN_PAIRS]){
				{rows[i].name, "a,b"}, {rows[i].name, "c"}});
		const struct stale_options *opt = stale_settings_options(settings);
		const char *const *list;

		taken_load(settings);
		memcpy(&list, (const char *)opt + rows[i].offset, sizeof(list));
		assert_string_equal(list[0], "a,b");
		assert_string_equal(list[1], "c");
		assert_null(list[2]);
		row_number(rows[i].name, "asks for users",
			   stale_settings_policy(settings)->is_using,
			   strcmp(rows[i].name, "using") == 0);
		stale_settings_free(settings);
	}
}

static void forty_patterns_are_copied(void **state)
{
	struct stale_settings *settings =
		taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
	const struct stale_options *opt = stale_settings_options(settings);
	char text[16], message[64];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "x%u", i);
		assert_int_equal(stale_settings_take(settings, "unit", text, message,
						     sizeof(message)),
				 0);
	}
	taken_load(settings);
	assert_string_equal(opt->select.units[0], "x0");
	assert_string_equal(opt->select.units[39], "x39");
	assert_null(opt->select.units[40]);
	stale_settings_free(settings);
}

static void processes_are_kept_once_in_their_order(void **state)
{
	struct stale_settings *settings = taken_make(
		(const struct taken_pair[TAKEN_PAIRS]){{"pid", "3,1"}, {"pid", "2,3"}});
	const struct stale_options *opt = stale_settings_options(settings);
	char message[64];

	(void)state;
	/* nothing of a bad list stays */
	assert_int_equal(
		stale_settings_take(settings, "pid", "7,8,x", message, sizeof(message)),
		-EINVAL);
	assert_int_equal(opt->npids, 3);
	assert_int_equal(opt->pids[0], 3);
	assert_int_equal(opt->pids[1], 1);
	assert_int_equal(opt->pids[2], 2);
	stale_settings_free(settings);
	settings = taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
	opt = stale_settings_options(settings);
	assert_int_equal(
		stale_settings_take(settings, "pid", "7,x", message, sizeof(message)),
		-EINVAL);
	assert_int_equal(opt->npids, 0);
	assert_null(opt->pids); /* every process, and not: none */
	stale_settings_free(settings);
}

static void processes_end_at_4096(void **state)
{
	struct stale_settings *settings =
		taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
	const struct stale_options *opt = stale_settings_options(settings);
	char text[16], message[64] = "";

	(void)state;
	for (unsigned i = 1; i <= 4096; i++) {
		snprintf(text, sizeof(text), "%u", i);
		assert_int_equal(stale_settings_take(settings, "pid", text, message,
						     sizeof(message)),
				 0);
	}
	assert_int_equal(
		stale_settings_take(settings, "pid", "4096", message, sizeof(message)),
		0);
	assert_int_equal(
		stale_settings_take(settings, "pid", "4097", message, sizeof(message)),
		-EINVAL);
	assert_string_equal(message, "'pid': more than 4096 processes");
	assert_int_equal(opt->npids, 4096);
	stale_settings_free(settings);
}

static void single_values_are_kept(void **state)
{
	struct stale_settings *settings = taken_make(
		(const struct taken_pair[TAKEN_PAIRS]){{"min-age", "15m"},
						       {"proc-root", "/x"},
						       {"method", "maps"},
						       {"no-default-ignores", NULL}});
	const struct stale_options *opt = stale_settings_options(settings);

	(void)state;
	taken_load(settings);
	assert_int_equal(stale_settings_policy(settings)->min_age, 900);
	assert_string_equal(opt->proc_root, "/x");
	assert_int_equal(opt->method, STALE_METHOD_MAPS);
	assert_true(opt->no_default_ignores);
	stale_settings_free(settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_settings_code_of_the_host_is_looked_at),
		cmocka_unit_test(every_setting_is_known_by_its_name),
		cmocka_unit_test(reasons_replace_or_add_to_the_default),
		cmocka_unit_test(kinds_and_scopes_are_kept_as_bits),
		cmocka_unit_test(each_list_has_its_place_and_its_order),
		cmocka_unit_test(forty_patterns_are_copied),
		cmocka_unit_test(processes_are_kept_once_in_their_order),
		cmocka_unit_test(processes_end_at_4096),
		cmocka_unit_test(single_values_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
