/*
 * test_wanted.c - what of the options needs files: names of users, and ignore rules.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/parsed.h"
#include "rulefile.h"
#include "wanted.h"

#define FOLDER_MAX 64

/* A folder of its own, gone with the test; "" when there is none to be had. */
static char folder[FOLDER_MAX];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_wanted.XXXXXX");
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

/* words: ended by NULL. */
static int wanted(const char *const words[], const char *from, struct wanted *ret,
		  struct buf *error)
{
	struct parsed p;
	int rc;

	parsed_make(words, &p);
	assert_int_equal(p.rc, 0);
	rc = wanted_read(&p.opt, from, ret, error);
	parsed_release(&p);
	return rc;
}

static void expect_rule(const struct wanted *w, size_t i, enum stale_rule_kind kind,
			const char *pattern, const char *origin)
{
	size_t n;
	const struct stale_rule *rules = stale_rules_list(w->rules, &n);

	assert_in_range(i, 0, n - 1);
	row_number(pattern, "kind", rules[i].kind, kind);
	row_text(pattern, "pattern", rules[i].pattern, strlen(rules[i].pattern), pattern);
	row_text(pattern, "origin", rules[i].origin, strlen(rules[i].origin), origin);
}

static void rules_of_the_command_line_tell_their_option(void **state)
{
	const char *const words[] = {"-i/a*", "--ignore-literal=/b", "--ignore=c%s",
				     NULL};
	struct buf error = BUF_INIT;
	struct wanted w;
	size_t n;

	(void)state;
	assert_int_equal(wanted(words, "/nonexistent", &w, &error), 0);
	stale_rules_list(w.rules, &n);
	assert_int_equal(n, 3);
	expect_rule(&w, 0, STALE_RULE_PATH, "/a*", "-i /a*");
	expect_rule(&w, 1, STALE_RULE_PATH, "c%s", "-i c%s");
	expect_rule(&w, 2, STALE_RULE_LITERAL, "/b", "-I /b");
	wanted_release(&w);
	buf_release(&error);
}

static void files_of_rules_are_read_where_the_options_say(void **state)
{
	char option[3 * FOLDER_MAX];
	const char *const words[] = {option, NULL};
	struct buf error = BUF_INIT;
	struct wanted w;
	size_t n;

	(void)state;
	snprintf(option, sizeof(option), "--ignore-file=%s",
		 write_rules("rules", "# a comment\nunit ssh*\n", 0666));
	assert_int_equal(wanted(words, "/nonexistent", &w, &error), 0);
	stale_rules_list(w.rules, &n);
	assert_int_equal(n, 1);
	expect_rule(&w, 0, STALE_RULE_UNIT, "ssh*",
		    stale_rules_list(w.rules, &n)[0].origin);
	wanted_release(&w);
	buf_release(&error);
}

static void a_bad_file_is_refused_by_its_name(void **state)
{
	static const char *const texts[] = {"path /a\nunti x\n", "path\n"};
	char option[3 * FOLDER_MAX];
	const char *const words[] = {option, NULL};
	const char *const missing[] = {"--ignore-file=/nonexistent|x", NULL};
	struct buf error = BUF_INIT;
	struct wanted w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *path = write_rules("rules", texts[i], 0644);
		char want[3 * FOLDER_MAX];

		snprintf(option, sizeof(option), "--ignore-file=%s", path);
		snprintf(want, sizeof(want), "%s:%d: ", path, i == 0 ? 2 : 1);
		row_number(texts[i], "rc", wanted(words, "/nonexistent", &w, &error),
			   -EINVAL);
		row_number(texts[i], "names file and line", strstr(error.s, want) != NULL,
			   1);
		buf_release(&error);
	}
	assert_int_equal(wanted(missing, "/nonexistent", &w, &error), -ENOENT);
	assert_non_null(strstr(error.s, "/nonexistent\\x7cx"));
	buf_release(&error);
}

static void the_folder_is_read_and_must_be_roots(void **state)
{
	const char *const words[] = {"-i/first", NULL};
	const char *const elsewhere[] = {"--proc-root=/somewhere", NULL};
	struct buf error = BUF_INIT;
	struct wanted w;
	size_t n;

	(void)state;
	if (geteuid() != 0) {
		print_message("# skip the_folder_is_read: only root can make it\n");
		skip();
	}
	write_rules("a.conf", "path /second\n", 0644);
	assert_int_equal(wanted(words, folder, &w, &error), 0);
	stale_rules_list(w.rules, &n);
	assert_int_equal(n, 2);
	assert_string_equal(stale_rules_list(w.rules, &n)[1].pattern, "/second");
	wanted_release(&w);
	/* it says something about this machine only */
	assert_int_equal(wanted(elsewhere, folder, &w, &error), 0);
	stale_rules_list(w.rules, &n);
	assert_int_equal(n, 0);
	wanted_release(&w);
	write_rules("b.conf", "path /third\n", 0666);
	assert_int_equal(wanted(words, folder, &w, &error), -EPERM);
	assert_non_null(strstr(error.s, "b.conf"));
	buf_release(&error);
}

static void users_are_named_or_numbered(void **state)
{
	const char *const words[] = {"--user=root", "--user=4711", "--user=0", NULL};
	struct buf error = BUF_INIT;
	struct wanted w;

	(void)state;
	assert_int_equal(wanted(words, "/nonexistent", &w, &error), 0);
	assert_int_equal(w.nuids, 3);
	assert_int_equal(w.uids[0], 0);
	assert_int_equal(w.uids[1], 4711);
	assert_int_equal(w.uids[2], 0);
	assert_string_equal(stale_users_name(w.users, 0), "root");
	wanted_release(&w);
	buf_release(&error);
}

static void who_is_no_user_is_refused(void **state)
{
	static const struct row {
		const char *word, *want;
	} rows[] = {
		{"--user=nosuch|user", "no user 'nosuch\\x7cuser' in /etc/passwd, and no "
				       "number"},
		{"--user=4294967295", "no user '4294967295' in /etc/passwd, and no "
				      "number"},
		{"--user=-1", "no user '-1' in /etc/passwd, and no number"},
		{"--user=1x", "no user '1x' in /etc/passwd, and no number"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const words[] = {"--user=root", rows[i].word, NULL};
		struct buf error = BUF_INIT;
		struct wanted w;

		row_number(rows[i].word, "rc", wanted(words, "/nonexistent", &w, &error),
			   -ENOENT);
		row_text(rows[i].word, "reason", error.s, error.len, rows[i].want);
		buf_release(&error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_the_command_line_tell_their_option),
		cmocka_unit_test(files_of_rules_are_read_where_the_options_say),
		cmocka_unit_test(a_bad_file_is_refused_by_its_name),
		cmocka_unit_test(the_folder_is_read_and_must_be_roots),
		cmocka_unit_test(users_are_named_or_numbered),
		cmocka_unit_test(who_is_no_user_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
