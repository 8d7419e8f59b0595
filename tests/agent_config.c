/*
 * agent_config.c - the file that stale-agentx is configured with: what is wrong with it
 * and where, who may have written it, and the sample that is installed.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snmp/setting.h"
#include "tests/support/told.h"

static void bad_lines_are_refused_by_file_and_number(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{"interval 5m\n\n# x\nnosuch 1\n", ":4: unknown setting 'nosuch'"},
		{"interval=5m", ":1: unknown setting 'interval=5m'"},
		{"--interval 5m", ":1: unknown setting '--interval'"},
		{"\xef\xbb\xbf", ":1: unknown setting '\xef\xbb\xbf'"},
		{"interval\n", ":1: 'interval' needs a value"},
		{"\ninterval \t\n", ":2: 'interval' needs a value"},
		{"no-watch yes\n", ":1: 'no-watch' takes no value"},
		{"interval 5m # often\n", ":1: bad interval '5m # often', expected 1s "
					  "to 1d, such as 5m"},
		{"interval 5m\ninterval 5m\n", ":2: 'interval' is given twice"},
		{"kind code\nkind code\n", ":2: 'kind' is given twice"},
		{"pidfile /x\n", ":1: 'pidfile' is for the command line only"},
		{"foreground\n", ":1: 'foreground' is for the command line only"},
		{"config /x\n", ":1: 'config' is for the command line only"},
		{"log e\n", ":1: 'log' is for the command line only"},
		{"help\n", ":1: 'help' is for the command line only"},
		{"using libssl*\n",
		 ":1: 'using' has no meaning for a table of what is stale"},
		{"scope all\n", ":1: unknown scope 'all', known are system, user, "
				"session, container, none"},
		{"interval 5m\r\n", ":1: ends in a carriage return, expected lines as "
				    "Unix has them"},
		{"interval 5m\r \n", ":1: ends in a carriage return, expected lines as "
				     "Unix has them"},
		{"count \x1b[2J\n", ":1: unknown scope '\\x1b[2J', known are system, "
				    "user, session, container, none, all"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char want[256];

		snprintf(want, sizeof(want), "%s%s", told.path, rows[i].want);
		row_number(rows[i].want, "rc", told_read_text(rows[i].text, NULL, NULL),
			   -EINVAL);
		row_text(rows[i].want, "message", told.message, strlen(told.message),
			 want);
	}
	told_write_bytes("unit a\nunit \0b\n", 15);
	assert_int_equal(told_read_words((const char *const[]){"-c", told.path, NULL}),
			 -EINVAL);
	assert_non_null(strstr(told.message, ":2: holds a NUL byte, expected text"));
}

static void longest_line_is_4096_bytes(void **state)
{
	static char text[4097];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "unit ", 5);
	told_write_bytes(text, 4096);
	told_check_read("4096",
			told_read_words((const char *const[]){"-c", told.path, NULL}));
	assert_int_equal(
		strlen(stale_settings_options(told.settings.scan)->select.units[0]),
		4096 - 5);
	settings_release(&told.settings);
	told_write_bytes(text, 4097);
	assert_int_equal(told_read_words((const char *const[]){"-c", told.path, NULL}),
			 -EINVAL);
	assert_non_null(strstr(told.message, ":1: longer than 4096 bytes"));
}

static void what_is_no_file_of_fair_size_is_refused(void **state)
{
	char want[128];

	(void)state;
	assert_int_equal(
		told_read_words((const char *const[]){"-c", "/nonexistent|", NULL}),
		-ENOENT);
	assert_string_equal(told.message, "/nonexistent|: No such file or directory");
	assert_int_equal(told_read_words((const char *const[]){"-c", told.folder, NULL}),
			 -EINVAL);
	snprintf(want, sizeof(want), "%s: expected a regular file", told.folder);
	assert_string_equal(told.message, want);
	assert_int_equal(mkfifo(told.path, 0600), 0);
	assert_int_equal(told_read_words((const char *const[]){"-c", told.path, NULL}),
			 -EINVAL);
	assert_int_equal(unlink(told.path), 0);
	told_write_bytes("", 0);
	assert_int_equal(truncate(told.path, (1 << 20) + 1), 0);
	assert_int_equal(told_read_words((const char *const[]){"-c", told.path, NULL}),
			 -EINVAL);
	snprintf(want, sizeof(want), "%s: larger than 1 MiB", told.path);
	assert_string_equal(told.message, want);
}

static void a_file_of_exactly_the_limit_is_read_to_its_end(void **state)
{
	const size_t len = 1 << 20;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, '\n', len);
	memcpy(text + len - 11, "interval 7m", 11);
	told_write_bytes(text, len);
	free(text);
	told_check_read("1 MiB",
			told_read_words((const char *const[]){"-c", told.path, NULL}));
	assert_int_equal(told.settings.interval, 420);
	settings_release(&told.settings);
}

#define OTHERS                                                                           \
	": must belong to root or to the user that runs this, and be writable by "       \
	"nobody else"

static void a_file_that_others_may_write_is_refused(void **state)
{
	static const struct {
		uid_t uid; /* (uid_t)-1: ours */
		mode_t mode;
		bool is_fine;
	} rows[] = {
		{(uid_t)-1, 0644, true},  {(uid_t)-1, 0600, true},
		{(uid_t)-1, 0664, false}, {(uid_t)-1, 0646, false},
		{4711, 0644, false},
	};
	char want[256];

	(void)state;
	snprintf(want, sizeof(want), "%s" OTHERS, told.path);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int rc;

		if (rows[i].uid != (uid_t)-1 && geteuid() != 0)
			continue;
		told_write_bytes("", 0);
		assert_int_equal(chown(told.path, rows[i].uid, (gid_t)-1), 0);
		assert_int_equal(chmod(told.path, rows[i].mode), 0);
		rc = told_read_words((const char *const[]){"-c", told.path, NULL});
		row_number("row", "rc", rc, rows[i].is_fine ? 0 : -EINVAL);
		row_text("row", "message", told.message, strlen(told.message),
			 rows[i].is_fine ? "" : want);
		if (rc == 0)
			settings_release(&told.settings);
	}
}

static void nothing_is_filled_in_after_a_mistake(void **state)
{
	(void)state;
	untouched_init(&told.settings, sizeof(told.settings));
	assert_int_equal(told_read_text("interval 7m\nnosuch\n", "-x/a", NULL), -EINVAL);
	assert_true(untouched(&told.settings, sizeof(told.settings)));
	assert_int_equal(told_read_word("--interval=x", NULL), -EINVAL);
	assert_true(untouched(&told.settings, sizeof(told.settings)));
}

/* The sample that is installed. */
static char *read_sample(size_t *ret_len)
{
	const char *src = getenv("STALE_SRC");
	char name[512], *text = malloc(65536);
	FILE *file;

	snprintf(name, sizeof(name), "%s/snmp/stale-agentx.conf", src ? src : ".");
	file = fopen(name, "re");
	assert_non_null(file);
	assert_non_null(text);
	*ret_len = fread(text, 1, 65535, file);
	assert_int_equal(fclose(file), 0);
	assert_in_range(*ret_len, 1, 65534);
	text[*ret_len] = '\0';
	return text;
}

/* A '#' without a blank behind it stands before a setting. */
static void uncomment(char *text)
{
	for (char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (line[0] == '#' && line[1] != ' ' && line[1] != '\n')
			line[0] = ' ';
	}
}

static void take_sample(struct setting_reader *reader, char *text, size_t len)
{
	assert_int_equal(setting_reader_init(reader), 0);
	if (setting_take_lines(reader, "sample", text, len) < 0)
		fail_msg("%s", reader->told);
}

static void check_all_defaults(const struct settings *got, const struct settings *want)
{
	assert_int_equal(got->interval, want->interval);
	assert_int_equal(got->timeout, want->timeout);
	assert_int_equal(got->ping_interval, want->ping_interval);
	assert_int_equal(got->max_procs, want->max_procs);
	assert_int_equal(got->max_files, want->max_files);
	assert_int_equal(got->notify, want->notify);
}

static void the_sample_sets_nothing(void **state)
{
	struct setting_reader reader;
	size_t len;
	char *text = read_sample(&len);

	(void)state;
	take_sample(&reader, text, len);
	assert_int_equal(reader.seen, 0);
	setting_reader_release(&reader);
	free(text);
}

static void the_sample_has_every_setting_with_its_default(void **state)
{
	struct setting_reader reader, none;
	const struct stale_policy *got, *want;
	size_t len;
	char *text = read_sample(&len);

	(void)state;
	uncomment(text);
	take_sample(&reader, text, len);
	assert_int_equal(setting_reader_init(&none), 0);
	check_all_defaults(&reader.settings, &none.settings);
	got = stale_settings_policy(reader.settings.scan);
	want = stale_settings_policy(none.settings.scan);
	assert_int_equal(got->why, want->why);
	assert_int_equal(got->kinds, want->kinds);
	assert_int_equal(got->scopes, want->scopes);
	assert_int_equal(got->min_age, want->min_age);
	assert_int_equal(stale_settings_options(reader.settings.scan)->method,
			 STALE_METHOD_AUTO);
	for (size_t i = 0; setting_row(i).name; i++)
		row_number(setting_row(i).name, "in the sample", reader.seen >> i & 1,
			   setting_is_for_files(i));
	setting_reader_release(&none);
	setting_reader_release(&reader);
	free(text);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, told_setup, told_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(bad_lines_are_refused_by_file_and_number),
		WITH_FILE(longest_line_is_4096_bytes),
		WITH_FILE(what_is_no_file_of_fair_size_is_refused),
		WITH_FILE(a_file_of_exactly_the_limit_is_read_to_its_end),
		WITH_FILE(a_file_that_others_may_write_is_refused),
		WITH_FILE(nothing_is_filled_in_after_a_mistake),
		cmocka_unit_test(the_sample_sets_nothing),
		cmocka_unit_test(the_sample_has_every_setting_with_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
