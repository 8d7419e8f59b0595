/*
 * test_load.c - what of the settings needs files: names of users, and ignore rules.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stale.h"

#define FOLDER_MAX 64

/* A folder of its own, gone with the test; "" when there is none to be had. */
static char folder[FOLDER_MAX];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_load.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"a.conf", "b.conf", "rules"};
	char path[2 * FOLDER_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* Returns the path, in a buffer that the next call writes to. */
static const char *write_rules(const char *name, const char *text, mode_t mode)
{
	static char path[2 * FOLDER_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

struct pair {
	const char *name;
	const char *value;
};

static char message[512];

/* Makes settings of pairs, ended by NULL, and loads them.  Returns what that returned. */
static int load(const struct pair pairs[], const char *from, struct stale_settings **ret)
{
	assert_int_equal(stale_settings_new(ret), 0);
	message[0] = '\0';
	for (; pairs->name; pairs++)
		assert_int_equal(stale_settings_take(*ret, pairs->name, pairs->value,
						     message, sizeof(message)),
				 0);
	return stale_settings_load(*ret, from, message, sizeof(message));
}

static void expect_rule(const struct stale_settings *settings, size_t i,
			enum stale_rule_kind kind, const char *pattern,
			const char *origin)
{
	const struct stale_options *opt = stale_settings_options(settings);
	const struct stale_rule *rule = &opt->ignore[i];

	assert_in_range(i, 0, opt->nignore - 1);
	row_number(pattern, "kind", rule->kind, kind);
	row_text(pattern, "pattern", rule->pattern, strlen(rule->pattern), pattern);
	row_text(pattern, "origin", rule->origin, strlen(rule->origin), origin);
}

static void rules_tell_the_option_that_they_came_with(void **state)
{
	const struct pair pairs[] = {{"ignore", "/a*"},
				     {"ignore-literal", "/b"},
				     {"ignore", "c%s"},
				     {NULL, NULL}};
	struct stale_settings *settings;

	(void)state;
	assert_int_equal(load(pairs, "/nonexistent", &settings), 0);
	assert_int_equal(stale_settings_options(settings)->nignore, 3);
	expect_rule(settings, 0, STALE_RULE_PATH, "/a*", "-i /a*");
	expect_rule(settings, 1, STALE_RULE_PATH, "c%s", "-i c%s");
	expect_rule(settings, 2, STALE_RULE_LITERAL, "/b", "-I /b");
	stale_settings_free(settings);
}

static void files_of_rules_are_read_after_them(void **state)
{
	const char *path = write_rules("rules", "# a comment\nunit ssh*\n", 0666);
	const struct pair pairs[] = {
		{"ignore-file", path}, {"ignore", "/a"}, {NULL, NULL}};
	char origin[3 * FOLDER_MAX];
	struct stale_settings *settings;

	(void)state;
	snprintf(origin, sizeof(origin), "%s:2: unit ssh*", path);
	assert_int_equal(load(pairs, "/nonexistent", &settings), 0);
	assert_int_equal(stale_settings_options(settings)->nignore, 2);
	expect_rule(settings, 0, STALE_RULE_PATH, "/a", "-i /a");
	expect_rule(settings, 1, STALE_RULE_UNIT, "ssh*", origin);
	stale_settings_free(settings);
}

static void a_bad_file_is_refused_by_its_name(void **state)
{
	static const char *const texts[] = {"path /a\nunti x\n", "path\n"};
	const struct pair missing[] = {{"ignore-file", "/nonexistent|x"}, {NULL, NULL}};
	struct stale_settings *settings;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *path = write_rules("rules", texts[i], 0644);
		const struct pair pairs[] = {{"ignore-file", path}, {NULL, NULL}};
		char want[3 * FOLDER_MAX];

		snprintf(want, sizeof(want), "%s:%d: ", path, i == 0 ? 2 : 1);
		row_number(texts[i], "rc", load(pairs, "/nonexistent", &settings),
			   -EINVAL);
		row_number(texts[i], "names file and line",
			   strncmp(message, want, strlen(want)), 0);
		stale_settings_free(settings);
	}
	assert_int_equal(load(missing, "/nonexistent", &settings), -ENOENT);
	assert_string_equal(message, "/nonexistent|x: No such file or directory");
	stale_settings_free(settings);
}

static void rules_end_at_ten_thousand(void **state)
{
	struct stale_settings *settings;

	(void)state;
	assert_int_equal(stale_settings_new(&settings), 0);
	for (int i = 0; i <= 10000; i++)
		assert_int_equal(stale_settings_take(settings, "ignore", "x", message,
						     sizeof(message)),
				 0);
	assert_int_equal(stale_settings_load(settings, NULL, message, sizeof(message)),
			 -ERANGE);
	assert_string_equal(message, "more than 10000 ignore rules");
	stale_settings_free(settings);
}

static void the_folder_is_read_and_must_be_roots(void **state)
{
	const struct pair pairs[] = {{"ignore", "/first"}, {NULL, NULL}};
	const struct pair elsewhere[] = {{"proc-root", "/somewhere"}, {NULL, NULL}};
	struct stale_settings *settings;

	(void)state;
	if (geteuid() != 0) {
		print_message("# skip the_folder_is_read: only root can make it\n");
		skip();
	}
	write_rules("a.conf", "path /second\n", 0644);
	assert_int_equal(load(pairs, folder, &settings), 0);
	assert_int_equal(stale_settings_options(settings)->nignore, 2);
	assert_string_equal(stale_settings_options(settings)->ignore[1].pattern,
			    "/second");
	stale_settings_free(settings);
	/* it says something about this machine only */
	assert_int_equal(load(elsewhere, folder, &settings), 0);
	assert_int_equal(stale_settings_options(settings)->nignore, 0);
	stale_settings_free(settings);
	write_rules("b.conf", "path /third\n", 0666);
	assert_int_equal(load(pairs, folder, &settings), -EPERM);
	assert_non_null(strstr(message, "b.conf"));
	stale_settings_free(settings);
	assert_int_equal(load(pairs, NULL, &settings), 0);
	assert_int_equal(stale_settings_options(settings)->nignore, 1);
	stale_settings_free(settings);
}

static void users_are_named_or_numbered(void **state)
{
	const struct pair pairs[] = {
		{"user", "root"}, {"user", "4711"}, {"user", "0"}, {NULL, NULL}};
	const struct stale_selection *select;
	struct stale_settings *settings;

	(void)state;
	assert_int_equal(load(pairs, "/nonexistent", &settings), 0);
	select = &stale_settings_options(settings)->select;
	assert_int_equal(select->nuids, 3);
	assert_int_equal(select->uids[0], 0);
	assert_int_equal(select->uids[1], 4711);
	assert_int_equal(select->uids[2], 0);
	assert_string_equal(stale_users_name(stale_settings_users(settings), 0), "root");
	stale_settings_free(settings);
}

static void who_is_no_user_is_refused(void **state)
{
	static const char *const names[] = {"nosuch|user", "4294967295", "-1", "1x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct pair pairs[] = {
			{"user", "root"}, {"user", names[i]}, {NULL, NULL}};
		struct stale_settings *settings;
		char want[128];

		snprintf(want, sizeof(want), "no user '%s' in /etc/passwd, and no number",
			 names[i]);
		row_number(names[i], "rc", load(pairs, "/nonexistent", &settings),
			   -ENOENT);
		row_text(names[i], "reason", message, strlen(message), want);
		stale_settings_free(settings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_tell_the_option_that_they_came_with),
		cmocka_unit_test(files_of_rules_are_read_after_them),
		cmocka_unit_test(a_bad_file_is_refused_by_its_name),
		cmocka_unit_test(rules_end_at_ten_thousand),
		cmocka_unit_test(the_folder_is_read_and_must_be_roots),
		cmocka_unit_test(users_are_named_or_numbered),
		cmocka_unit_test(who_is_no_user_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
