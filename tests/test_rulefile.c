/*
 * test_rulefile.c - lines of ignore files, whole files and folders of them, and who may
 * have written them.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/rulefile.h"

#define BYTES(text)      text, sizeof(text) - 1 /* its NULs counted */
#define WORDS            "path, literal, unit, process, container or user"
#define EXPECTED_WORD    "expected " WORDS ", then a blank and a pattern"
#define EXPECTED_PATTERN "expected a pattern behind the first word"
#define HOLDS_NUL        "holds a NUL byte, expected text"
#define OF_DOS           "ends in a carriage return, expected lines as Unix has them"
#define NOT_ROOTS        "must belong to root and be writable by nobody else"

static void rules_are_read_with_the_rest_of_the_line_as_pattern(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		enum stale_rule_kind kind;
		const char *pattern;
	} rows[] = {
		{"ESC and invalid UTF-8", "path \xff\x1b[2J;|", STALE_RULE_PATH,
		 "\xff\x1b[2J;|"},
		{"blanks within", "path /a  b\tc", STALE_RULE_PATH, "/a  b\tc"},
		{"blanks around", " \t path \t /a \t", STALE_RULE_PATH, "/a"},
		{"tab alone", "path\t/a", STALE_RULE_PATH, "/a"},
		{"comment behind it is none", "path /a # b", STALE_RULE_PATH, "/a # b"},
		{"pattern that begins like a comment", "path #1", STALE_RULE_PATH, "#1"},
		{"pattern that is a word", "path path", STALE_RULE_PATH, "path"},
		{"carriage return within", "path /a\rb", STALE_RULE_PATH, "/a\rb"},
		{"one byte", "path *", STALE_RULE_PATH, "*"},
		{"path", "path /opt/agent/lib*.so", STALE_RULE_PATH,
		 "/opt/agent/lib*.so"},
		{"literal", "literal /x (deleted)", STALE_RULE_LITERAL, "/x (deleted)"},
		{"unit", "unit x@*.service", STALE_RULE_UNIT, "x@*.service"},
		{"process", "process kworker/*", STALE_RULE_PROCESS, "kworker/*"},
		{"container", "container 3f29*", STALE_RULE_CONTAINER, "3f29*"},
		{"user", "user bob", STALE_RULE_USER, "bob"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, strlen(rows[i].line));
		enum stale_rule_kind kind = STALE_RULE_USER + 1U;
		struct name pattern = {0};
		const char *wrong = NULL;

		row_number(rows[i].label, "result",
			   rulefile_parse_line(copy, strlen(rows[i].line), &kind,
					       &pattern, &wrong),
			   1);
		row_number(rows[i].label, "kind", kind, rows[i].kind);
		row_text(rows[i].label, "pattern", pattern.s, pattern.len,
			 rows[i].pattern);
		row_text(rows[i].label, "wrong", wrong, 0, NULL);
		free(copy);
	}
}

static void lines_without_a_rule_are_passed_over_or_refused(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		size_t len;
		const char *wrong; /* NULL: nothing is */
	} rows[] = {
		{"empty", BYTES(""), NULL},
		{"blanks", BYTES(" \t "), NULL},
		{"comment", BYTES("# path /a"), NULL},
		{"comment behind blanks", BYTES("\t # path /a"), NULL},
		{"no word", BYTES("/opt/x"), EXPECTED_WORD},
		{"unknown word", BYTES("paths /a"), EXPECTED_WORD},
		{"word cut", BYTES("pat /a"), EXPECTED_WORD},
		{"word and another blank", BYTES("path\v/a"), EXPECTED_WORD},
		{"byte order mark", BYTES("\xef\xbb\xbfpath /a"), EXPECTED_WORD},
		{"no pattern", BYTES("path"), EXPECTED_PATTERN},
		{"no pattern but blanks", BYTES("user \t "), EXPECTED_PATTERN},
		{"NUL", BYTES("path /a\0b"), HOLDS_NUL},
		{"NUL in a comment", BYTES("# \0"), HOLDS_NUL},
		{"line of DOS", BYTES("path /a\r"), OF_DOS},
		{"line of DOS, blanks behind", BYTES("path /a\r \t"), OF_DOS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, rows[i].len);
		enum stale_rule_kind kind;
		struct name pattern;
		const char *wrong = NULL;

		untouched_init(&kind, sizeof(kind));
		untouched_init(&pattern, sizeof(pattern));
		row_number(
			rows[i].label, "result",
			rulefile_parse_line(copy, rows[i].len, &kind, &pattern, &wrong),
			rows[i].wrong ? -EINVAL : 0);
		row_text(rows[i].label, "wrong", wrong, wrong ? strlen(wrong) : 0,
			 rows[i].wrong);
		row_number(rows[i].label, "untouched",
			   untouched(&kind, sizeof(kind)) &&
				   untouched(&pattern, sizeof(pattern)),
			   true);
		free(copy);
	}
}

static void longest_line_is_4096_bytes(void **state)
{
	char line[4097];
	enum stale_rule_kind kind;
	struct name pattern;
	const char *wrong = "";

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "path ", 5);
	assert_int_equal(rulefile_parse_line(line, 4096, &kind, &pattern, &wrong), 1);
	assert_int_equal(pattern.len, 4096 - 5);
	assert_int_equal(rulefile_parse_line(line, 4097, &kind, &pattern, &wrong),
			 -EINVAL);
	assert_string_equal(wrong, "longer than 4096 bytes");
}

/* A folder of its own, in /tmp, for one test. */
static char folder[64];
static char message[512];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s", "/tmp/test_rulefile.XXXXXX");
	memset(message, 0, sizeof(message));
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	/* NOLINTNEXTLINE(cert-env33-c): the name of the folder is ours */
	return system(command);
}

/* The path of name in the folder; borrowed until the next call. */
static const char *in_folder(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text, size_t len)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
}

/* A message or an origin; "want" is told without the folder in front of it. */
static void check_text(const char *got, const char *want)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", folder, want);
	assert_string_equal(got, whole);
}

static struct rule_list *new_rules(void)
{
	struct rule_list *rules = NULL;

	assert_int_equal(rule_list_new(&rules), 0);
	assert_non_null(rules);
	return rules;
}

static int read_file(struct rule_list *rules, const char *name)
{
	return rule_list_read_file(rules, in_folder(name), message, sizeof(message));
}

static int read_folder(struct rule_list *rules, const char *path, bool must_be_roots)
{
	return rule_list_read_folder(rules, path, must_be_roots, message,
				     sizeof(message));
}

static size_t count(const struct rule_list *rules)
{
	size_t n;

	rule_list_items(rules, &n);
	return n;
}

static void added_rules_are_copies_in_the_order_they_came(void **state)
{
	struct rule_list *rules = new_rules();
	const struct stale_rule *list;
	char text[16];
	size_t n;

	(void)state;
	assert_int_equal(count(rules), 0);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "x%u", i);
		assert_int_equal(rule_list_add(rules, STALE_RULE_UNIT, text, "-i"), 0);
	}
	memset(text, 0, sizeof(text));
	assert_int_equal(rule_list_add(rules, STALE_RULE_UNIT, "", "-i"), -EINVAL);
	list = rule_list_items(rules, &n);
	assert_int_equal(n, 40);
	assert_string_equal(list[0].pattern, "x0");
	assert_string_equal(list[39].pattern, "x39");
	assert_string_equal(list[39].origin, "-i");
	rule_list_free(rules);
	rule_list_free(NULL);
}

static void file_gives_rules_with_their_origin(void **state)
{
	static const char text[] = "# why\n\n\tpath  /a b* \nuser bob";
	struct rule_list *rules = new_rules();
	const struct stale_rule *list;
	size_t n;

	(void)state;
	write_file("x", text, strlen(text));
	assert_int_equal(rule_list_add(rules, STALE_RULE_PATH, "/z", "-i /z"), 0);
	assert_int_equal(read_file(rules, "x"), 0);
	list = rule_list_items(rules, &n);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].origin, "-i /z");
	assert_int_equal(list[1].kind, STALE_RULE_PATH);
	assert_string_equal(list[1].pattern, "/a b*");
	check_text(list[1].origin, "/x:3: path /a b*");
	assert_int_equal(list[2].kind, STALE_RULE_USER);
	assert_string_equal(list[2].pattern, "bob");
	check_text(list[2].origin, "/x:4: user bob");
	rule_list_free(rules);
}

static void bad_line_names_file_and_number_and_adds_nothing(void **state)
{
	static const struct {
		const char *label;
		const char *text;
		size_t len;
		const char *want;
	} rows[] = {
		{"hostile", BYTES("user a\n\n\x1b[2J"), "/x:3: " EXPECTED_WORD},
		{"NUL", BYTES("user a\nuser \0b\n"), "/x:2: " HOLDS_NUL},
	};
	struct rule_list *rules = new_rules();

	(void)state;
	assert_int_equal(rule_list_add(rules, STALE_RULE_PATH, "/z", "-i /z"), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_file("x", rows[i].text, rows[i].len);
		row_number(rows[i].label, "result", read_file(rules, "x"), -EINVAL);
		check_text(message, rows[i].want);
		row_number(rows[i].label, "rules", count(rules), 1);
	}
	rule_list_free(rules);
}

static void message_is_cut_to_its_room(void **state)
{
	struct rule_list *rules = new_rules();
	char room[8];

	(void)state;
	memset(room, 'x', sizeof(room));
	assert_int_equal(rule_list_read_file(rules, "/nonexistent", room, 4), -ENOENT);
	assert_memory_equal(room, "/no\0xxxx", sizeof(room));
	assert_int_equal(rule_list_read_file(rules, "/nonexistent", NULL, 0), -ENOENT);
	rule_list_free(rules);
}

static void check_refused(const char *name, int want, const char *want_message)
{
	struct rule_list *rules = new_rules();

	row_number(name, "result", read_file(rules, name), want);
	check_text(message, want_message);
	rule_list_free(rules);
}

static void what_is_no_file_of_fair_size_is_refused(void **state)
{
	(void)state;
	check_refused("none", -ENOENT, "/none: No such file or directory");
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	check_refused("fifo", -EINVAL, "/fifo: expected a regular file");
	check_refused(".", -EINVAL, "/.: expected a regular file");
	write_file("large", "", 0);
	assert_int_equal(truncate(in_folder("large"), (1 << 20) + 1), 0);
	check_refused("large", -EFBIG, "/large: larger than 1 MiB");
	/* A regular file of which nothing is mapped at 0. */
	assert_int_equal(symlink("/proc/self/mem", in_folder("unreadable")), 0);
	check_refused("unreadable", -EIO, "/unreadable: Input/output error");
}

static void longest_pattern_is_whole_in_its_origin(void **state)
{
	struct rule_list *rules = new_rules();
	const struct stale_rule *list;
	char line[4096];
	size_t n;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "container ", 10);
	write_file("x", line, sizeof(line));
	assert_int_equal(read_file(rules, "x"), 0);
	list = rule_list_items(rules, &n);
	assert_int_equal(strlen(list[0].pattern), sizeof(line) - 10);
	n = strlen(list[0].origin) - sizeof(line);
	assert_memory_equal(list[0].origin + n, line, sizeof(line));
	rule_list_free(rules);
}

static void file_of_exactly_the_limit_is_read(void **state)
{
	const size_t len = 1 << 20;
	struct rule_list *rules = new_rules();
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, '\n', len);
	memcpy(text + len - 8, "user bob", 8);
	write_file("x", text, len);
	assert_int_equal(read_file(rules, "x"), 0);
	assert_int_equal(count(rules), 1);
	free(text);
	rule_list_free(rules);
}

static void rules_end_at_ten_thousand(void **state)
{
	enum { LINE = 7, LINES = 10000 };
	struct rule_list *rules = new_rules();
	char *text = malloc((LINES + 1) * LINE + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i <= LINES; i++)
		memcpy(text + i * LINE, "user a\n", LINE + 1);
	write_file("x", text, (size_t)LINES * LINE);
	assert_int_equal(read_file(rules, "x"), 0);
	assert_int_equal(count(rules), LINES);
	assert_int_equal(rule_list_add(rules, STALE_RULE_USER, "a", "a"), -ERANGE);
	write_file("x", text, (size_t)(LINES + 1) * LINE);
	check_refused("x", -ERANGE,
		      "/x:10001: one rule more than the 10000 that there may be");
	free(text);
	rule_list_free(rules);
}

static void folder_gives_its_conf_files_in_the_order_of_bytes(void **state)
{
	static const char *const others[] = {"a.conf~", "a.config", ".b.conf",
					     ".conf",   "conf",     "x"};
	struct rule_list *rules = new_rules();
	const struct stale_rule *list;
	size_t n;

	(void)state;
	write_file("b.conf", "user 3\n", 7);
	write_file("a.conf", "user 2\n", 7);
	write_file("B.conf", "user 1\n", 7);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		write_file(others[i], "wrong", 5);
	assert_int_equal(read_folder(rules, folder, false), 0);
	list = rule_list_items(rules, &n);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].pattern, "1");
	assert_string_equal(list[1].pattern, "2");
	assert_string_equal(list[2].pattern, "3");
	check_text(list[1].origin, "/a.conf:1: user 2");
	rule_list_free(rules);
}

static void folder_with_one_bad_file_adds_nothing(void **state)
{
	struct rule_list *rules = new_rules();

	(void)state;
	write_file("a.conf", "user 1\n", 7);
	write_file("b.conf", "user 1\nuser\n", 12);
	write_file("c.conf", "user 1\n", 7);
	assert_int_equal(read_folder(rules, folder, false), -EINVAL);
	check_text(message, "/b.conf:2: " EXPECTED_PATTERN);
	assert_int_equal(count(rules), 0);
	rule_list_free(rules);
}

static void missing_folder_is_an_empty_one_and_a_file_is_none(void **state)
{
	struct rule_list *rules = new_rules();

	(void)state;
	assert_int_equal(read_folder(rules, in_folder("none"), true), 0);
	assert_string_equal(message, "");
	write_file("x", "", 0);
	assert_int_equal(read_folder(rules, in_folder("x"), false), -ENOTDIR);
	check_text(message, "/x: Not a directory");
	assert_int_equal(mkdir(in_folder("y.conf"), 0755), 0);
	assert_int_equal(read_folder(rules, folder, false), -EINVAL);
	check_text(message, "/y.conf: expected a regular file");
	rule_list_free(rules);
}

static void rules_that_are_not_roots_are_refused(void **state)
{
	static const struct {
		const char *label;
		uid_t folder_uid;
		mode_t folder_mode;
		uid_t file_uid;
		mode_t file_mode;
		int want;
		const char *message;
	} rows[] = {
		{"all root's", 0, 0755, 0, 0644, 0, NULL},
		{"group reads", 0, 0750, 0, 0640, 0, NULL},
		{"folder of a user", 1, 0755, 0, 0644, -EPERM, ": " NOT_ROOTS},
		{"folder of a group", 0, 0775, 0, 0644, -EPERM, ": " NOT_ROOTS},
		{"folder of all", 0, 01757, 0, 0644, -EPERM, ": " NOT_ROOTS},
		{"file of a user", 0, 0755, 1, 0644, -EPERM, "/x.conf: " NOT_ROOTS},
		{"file of a group", 0, 0755, 0, 0664, -EPERM, "/x.conf: " NOT_ROOTS},
		{"file of all", 0, 0755, 0, 0646, -EPERM, "/x.conf: " NOT_ROOTS},
	};

	(void)state;
	if (geteuid() != 0) {
		print_message("# skip rules_that_are_not_roots_are_refused: not root\n");
		skip();
	}
	write_file("x.conf", "user 1\n", 7);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rule_list *rules = new_rules();

		assert_int_equal(chown(in_folder("x.conf"), rows[i].file_uid, 1), 0);
		assert_int_equal(chmod(in_folder("x.conf"), rows[i].file_mode), 0);
		assert_int_equal(chown(folder, rows[i].folder_uid, 1), 0);
		assert_int_equal(chmod(folder, rows[i].folder_mode), 0);
		row_number(rows[i].label, "result", read_folder(rules, folder, true),
			   rows[i].want);
		if (rows[i].message)
			check_text(message, rows[i].message);
		row_number(rows[i].label, "rules", count(rules), rows[i].message ? 0 : 1);
		row_number(rows[i].label, "without the demand",
			   read_folder(rules, folder, false), 0);
		rule_list_free(rules);
	}
}

#define WITH_FOLDER(test)                                                                \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_read_with_the_rest_of_the_line_as_pattern),
		cmocka_unit_test(lines_without_a_rule_are_passed_over_or_refused),
		cmocka_unit_test(longest_line_is_4096_bytes),
		cmocka_unit_test(added_rules_are_copies_in_the_order_they_came),
		WITH_FOLDER(file_gives_rules_with_their_origin),
		WITH_FOLDER(bad_line_names_file_and_number_and_adds_nothing),
		cmocka_unit_test(message_is_cut_to_its_room),
		WITH_FOLDER(what_is_no_file_of_fair_size_is_refused),
		WITH_FOLDER(longest_pattern_is_whole_in_its_origin),
		WITH_FOLDER(file_of_exactly_the_limit_is_read),
		WITH_FOLDER(rules_end_at_ten_thousand),
		WITH_FOLDER(folder_gives_its_conf_files_in_the_order_of_bytes),
		WITH_FOLDER(folder_with_one_bad_file_adds_nothing),
		WITH_FOLDER(missing_folder_is_an_empty_one_and_a_file_is_none),
		WITH_FOLDER(rules_that_are_not_roots_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
