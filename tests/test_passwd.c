/*
 * test_passwd.c - lines of /etc/passwd that are entries or only look like one, and tables
 * of them.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/passwd.h"

/* Text with its NULs counted. */
#define BYTES(text) text, sizeof(text) - 1

static void entries_are_read_whatever_the_name(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		const char *name;
		uid_t uid;
	} rows[] = {
		{"ESC and invalid UTF-8", "\xff\x1b[2J|;:x:7:7::/:/bin/sh",
		 "\xff\x1b[2J|;", 7},
		{"blanks", " a b :x:7:7::/:/bin/sh", " a b ", 7},
		{"name that is a number", "1000:x:7:7::/:/bin/sh", "1000", 7},
		{"plain", "sshd:x:106:65534::/run/sshd:/usr/sbin/nologin", "sshd", 106},
		{"root", "root:x:0:0:root:/root:/bin/bash", "root", 0},
		{"no password", "a::7:7::/:", "a", 7},
		{"nothing behind the uid", "a:x:7:", "a", 7},
		{"largest uid", "a:x:4294967294:7::/:", "a", 4294967294},
		{"signs within the name", "a+-#:x:7:7::/:", "a+-#", 7},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, strlen(rows[i].line));
		struct name name;
		uid_t uid;

		row_number(rows[i].label, "result",
			   passwd_parse_line(copy, strlen(rows[i].line), &name, &uid), 0);
		row_text(rows[i].label, "name", name.s, name.len, rows[i].name);
		row_number(rows[i].label, "uid", uid, rows[i].uid);
		free(copy);
	}
}

static void lines_that_are_no_entry_change_nothing(void **state)
{
	static const struct {
		const char *label;
		const char *line;
		size_t len;
		int want;
	} rows[] = {
		{"NUL in the name", BYTES("a\0b:x:7:7::/:"), -EINVAL},
		{"NUL in the uid", BYTES("a:x:7\0:7::/:"), -EINVAL},
		{"comment", BYTES("#a:x:7:7::/:"), -EINVAL},
		{"added by NIS", BYTES("+a:x:7:7::/:"), -EINVAL},
		{"taken off by NIS", BYTES("-a:x:7:7::/:"), -EINVAL},
		{"no name", BYTES(":x:7:7::/:"), -EINVAL},
		{"nothing", BYTES(""), -EINVAL},
		{"no colon", BYTES("a"), -EINVAL},
		{"one colon", BYTES("a:x"), -EINVAL},
		{"one colon, a number", BYTES("a:7"), -EINVAL},
		{"cut behind the password", BYTES("a:x:"), -EINVAL},
		{"cut within the uid", BYTES("a:x:7"), -EINVAL},
		{"no uid", BYTES("a:x::7::/:"), -EINVAL},
		{"negative uid", BYTES("a:x:-1:7::/:"), -EINVAL},
		{"uid and a letter", BYTES("a:x:7b:7::/:"), -EINVAL},
		{"uid that is none", BYTES("a:x:4294967295:7::/:"), -ERANGE},
		{"uid of 65 bits", BYTES("a:x:18446744073709551623:7::/:"), -ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].line, rows[i].len);
		struct name name;
		uid_t uid;

		untouched_init(&name, sizeof(name));
		untouched_init(&uid, sizeof(uid));
		row_number(rows[i].label, "result",
			   passwd_parse_line(copy, rows[i].len, &name, &uid),
			   rows[i].want);
		row_number(rows[i].label, "untouched",
			   untouched(&name, sizeof(name)) && untouched(&uid, sizeof(uid)),
			   true);
		free(copy);
	}
}

/* A file of its own with this text, until release_file(). */
static const char *make_file(const void *text, size_t len)
{
	static char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s", "/tmp/test_passwd.XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	return path;
}

static struct stale_users *read_text(const char *text)
{
	const char *path = make_file(text, strlen(text));
	struct stale_users *users = NULL;

	assert_int_equal(stale_users_read(path, &users), 0);
	assert_non_null(users);
	unlink(path);
	return users;
}

static void names_are_found_by_uid_and_uids_by_name(void **state)
{
	static const char text[] = "web:x:33:33::/:\n\n# a comment\n+::::::\nno entry\n"
				   "root:x:0:0::/:\ndb:x:4294967294:0::/:\n"
				   "toor:x:0:0::/:\nold:x:7:7::/:\nweb:x:34:33::/:\n"
				   "empty:x::7::/:\nlast:x:1000:7::/:";
	static const struct {
		uid_t uid;
		const char *name;
	} by_uid[] = {
		{0, "root"},    {7, "old"},         {33, "web"},        {34, "web"},
		{1000, "last"}, {4294967294, "db"}, {1, NULL},          {32, NULL},
		{999, NULL},    {1001, NULL},       {UINT32_MAX, NULL},
	};
	static const struct {
		const char *name;
		int result;
		uid_t uid;
	} by_name[] = {
		{"web", 0, 33},        {"root", 0, 0},        {"toor", 0, 0},
		{"db", 0, 4294967294}, {"last", 0, 1000},     {"", -ENOENT, 5},
		{"we", -ENOENT, 5},    {"web:x", -ENOENT, 5}, {"empty", -ENOENT, 5},
		{"+", -ENOENT, 5},
	};
	struct stale_users *users = read_text(text);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(by_uid); i++) {
		const char *name = stale_users_name(users, by_uid[i].uid);

		row_text("by uid", "name", name, name ? strlen(name) : 0, by_uid[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(by_name); i++) {
		uid_t uid = 5;

		row_number(by_name[i].name, "result",
			   stale_users_uid(users, by_name[i].name, &uid),
			   by_name[i].result);
		row_number(by_name[i].name, "uid", uid, by_name[i].uid);
	}
	stale_users_free(users);
}

static void tables_of_any_size_are_searched_to_their_ends(void **state)
{
	(void)state;
	for (uid_t n = 0; n < 70; n++) {
		char text[70 * 16] = "";
		struct stale_users *users;
		size_t len = 0;

		/* Downwards, so that the order of the file is not the one of uids. */
		for (uid_t i = n; i-- > 0;)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"u%u:x:%u:\n", i * 2, i * 2);
		users = read_text(text);
		for (uid_t uid = 0; uid < 142; uid++) {
			const char *name = stale_users_name(users, uid);

			assert_int_equal(name != NULL, uid % 2 == 0 && uid / 2 < n);
			if (name)
				assert_int_equal(strtoul(name + 1, NULL, 10), uid);
		}
		stale_users_free(users);
	}
}

static void missing_file_is_an_empty_table(void **state)
{
	struct stale_users *users = NULL;
	uid_t uid;

	(void)state;
	assert_int_equal(stale_users_read("/nonexistent/passwd", &users), 0);
	assert_null(stale_users_name(users, 0));
	assert_int_equal(stale_users_uid(users, "root", &uid), -ENOENT);
	stale_users_free(users);
	stale_users_free(NULL);
}

static void system_table_is_the_default(void **state)
{
	struct stale_users *users = NULL;
	uid_t uid = 5;

	(void)state;
	if (access("/etc/passwd", R_OK) < 0) {
		print_message("# skip system_table_is_the_default: no /etc/passwd\n");
		skip();
	}
	assert_int_equal(stale_users_read(NULL, &users), 0);
	assert_string_equal(stale_users_name(users, 0), "root");
	assert_int_equal(stale_users_uid(users, "root", &uid), 0);
	assert_int_equal(uid, 0);
	stale_users_free(users);
}

static void what_cannot_be_read_is_an_error_and_not_an_empty_table(void **state)
{
	struct stale_users *users;
	const char *path = make_file("root:x:0:0::/:\n", 15);

	(void)state;
	untouched_init(&users, sizeof(users));
	assert_int_equal(stale_users_read("/", &users), -EISDIR);
	assert_int_equal(stale_users_read("/dev/null/passwd", &users), -ENOTDIR);
	assert_int_equal(truncate(path, (16 << 20) + 1), 0);
	assert_int_equal(stale_users_read(path, &users), -EFBIG);
	assert_true(untouched(&users, sizeof(users)));
	assert_int_equal(truncate(path, 16 << 20), 0);
	assert_int_equal(stale_users_read(path, &users), 0);
	assert_string_equal(stale_users_name(users, 0), "root");
	stale_users_free(users);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_read_whatever_the_name),
		cmocka_unit_test(lines_that_are_no_entry_change_nothing),
		cmocka_unit_test(names_are_found_by_uid_and_uids_by_name),
		cmocka_unit_test(tables_of_any_size_are_searched_to_their_ends),
		cmocka_unit_test(missing_file_is_an_empty_table),
		cmocka_unit_test(system_table_is_the_default),
		cmocka_unit_test(what_cannot_be_read_is_an_error_and_not_an_empty_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
