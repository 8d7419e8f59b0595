/*
 * agent_settings.c - what stale-agentx is told: its words, and which of them win.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "snmp/notification.h"
#include "snmp/setting.h"
#include "tests/support/told.h"

static void without_any_all_is_as_the_manual_says(void **state)
{
	const struct stale_policy *policy;

	(void)state;
	told_check_read("nothing", told_read_word(NULL, NULL));
	policy = stale_settings_policy(told.settings.scan);
	assert_int_equal(told.settings.action, SETTINGS_RUN);
	assert_false(told.settings.foreground);
	assert_string_equal(told.settings.pidfile, "/run/stale-agentx.pid");
	assert_null(told.settings.log);
	assert_null(told.settings.debug);
	assert_null(told.settings.socket);
	assert_int_equal(told.settings.interval, 300);
	assert_int_equal(told.settings.timeout, 60);
	assert_int_equal(told.settings.ping_interval, 10);
	assert_int_equal(told.settings.max_procs, 20000);
	assert_int_equal(told.settings.max_files, 50000);
	assert_int_equal(told.settings.notify, 0);
	assert_true(told.settings.watch);
	assert_int_equal(policy->why, STALE_WHY_DEFAULT);
	assert_int_equal(policy->scopes, STALE_SCOPE_DEFAULT);
	settings_release(&told.settings);
}

static void a_file_that_nobody_named_may_be_missing(void **state)
{
	const char *const words[] = {"-f", NULL};

	(void)state;
	if (access(SETTINGS_CONFIG, F_OK) == 0) {
		print_message("# skip a_file_that_nobody_named_may_be_missing: there is "
			      "one on this machine\n");
		skip();
	}
	told_check_read("none", told_read_words(words));
	assert_string_equal(told.settings.config, "/etc/stale-agentx.conf");
	assert_true(told.settings.foreground);
	settings_release(&told.settings);
}

static void letters_are_those_of_other_subagents(void **state)
{
	const char *const words[] = {"-fx", "tcp:localhost:705", "-p",
				     "/p",  "-Dagentx",          "-Lsd",
				     "-c",  told.path,           NULL};
	const char *const file[] = {"-Lf", "/var/log/x", "-c", told.path, NULL};

	(void)state;
	told_write_bytes("", 0);
	told_check_read("letters", told_read_words(words));
	assert_true(told.settings.foreground);
	assert_string_equal(told.settings.socket, "tcp:localhost:705");
	assert_string_equal(told.settings.pidfile, "/p");
	assert_string_equal(told.settings.debug, "agentx");
	assert_string_equal(told.settings.log, "sd");
	settings_release(&told.settings);
	told_check_read("a file to log to", told_read_words(file));
	assert_string_equal(told.settings.log, "f /var/log/x");
	settings_release(&told.settings);
}

static void help_and_version_look_at_nothing_behind_them(void **state)
{
	static const struct {
		const char *words[4];
		enum settings_action want;
	} rows[] = {
		{{"-h"}, SETTINGS_HELP},
		{{"--help", "stray"}, SETTINGS_HELP},
		{{"-v", "-Z"}, SETTINGS_VERSION},
		{{"--version", "-c", "/nonexistent"}, SETTINGS_VERSION},
		{{"-c", "/nonexistent", "-h"}, SETTINGS_HELP},
		{{"-hv"}, SETTINGS_HELP},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		told_check_read(rows[i].words[0], told_read_words(rows[i].words));
		row_number(rows[i].words[0], "action", told.settings.action,
			   rows[i].want);
		settings_release(&told.settings);
	}
}

static void the_file_has_the_words_of_the_command_line(void **state)
{
	static const char text[] = "# of a host\n"
				   "\n"
				   "\t interval   90s\t\n"
				   "timeout 1h\n"
				   "ping-interval 2\n"
				   "max-processes 7\n"
				   "max-files 1000000\n"
				   "no-watch\n"
				   "notify changed,trouble\n"
				   "socket /run/a b # c\n"
				   "min-age 15m\n"
				   "ignore /opt/a  b*\n"
				   "library libssl*";
	static const char *const words[] = {"--interval=90s",
					    "--timeout=1h",
					    "--ping-interval=2",
					    "--max-processes=7",
					    "--no-watch",
					    "--max-files=1000000",
					    "--min-age=15m",
					    "--notify=changed,trouble",
					    "--library=libssl*",
					    "--socket=/run/a b # c",
					    "-c",
					    told.path,
					    NULL};

	(void)state;
	for (int from_file = 0; from_file < 2; from_file++) {
		const struct stale_options *opt;

		if (from_file) {
			told_check_read("file", told_read_text(text, NULL, NULL));
		} else {
			told_write_bytes("ignore /opt/a  b*", 17);
			told_check_read("command line", told_read_words(words));
		}
		opt = stale_settings_options(told.settings.scan);
		assert_int_equal(told.settings.interval, 90);
		assert_int_equal(told.settings.timeout, 3600);
		assert_int_equal(told.settings.ping_interval, 2);
		assert_int_equal(told.settings.max_procs, 7);
		assert_int_equal(told.settings.max_files, 1000000);
		assert_false(told.settings.watch);
		assert_int_equal(told.settings.notify,
				 1U << MIB_CHANGED | 1U << MIB_SCAN_TROUBLE);
		assert_string_equal(told.settings.socket, "/run/a b # c");
		assert_int_equal(stale_settings_policy(told.settings.scan)->min_age, 900);
		assert_in_range(opt->nignore, 1, 1000);
		assert_string_equal(opt->ignore[0].pattern, "/opt/a  b*");
		assert_string_equal(opt->library_globs[0], "libssl*");
		settings_release(&told.settings);
	}
}

static void the_command_line_wins_over_the_file(void **state)
{
	(void)state;
	told_check_read("interval",
			told_read_text("interval 1h\n", "--interval=5", NULL));
	assert_int_equal(told.settings.interval, 5);
	settings_release(&told.settings);
	told_check_read("socket", told_read_text("socket /a\n", "-x/b", NULL));
	assert_string_equal(told.settings.socket, "/b");
	settings_release(&told.settings);
	told_check_read("why",
			told_read_text("why +reinstalled\n", "--why=deleted", NULL));
	assert_int_equal(stale_settings_policy(told.settings.scan)->why,
			 STALE_WHY_BIT(STALE_DELETED));
	settings_release(&told.settings);
	/* and what it wins over must be right nevertheless */
	assert_int_equal(told_read_text("interval 1y\n", "--interval=5", NULL), -EINVAL);
	assert_int_equal(told_read_text("why gone\n", "--why=deleted", NULL), -EINVAL);
	assert_int_equal(
		told_read_text("why deleted\nwhy deleted\n", "--why=deleted", NULL),
		-EINVAL);
	assert_non_null(strstr(told.message, ":2: 'why' is given twice"));
}

static void lists_of_both_are_added_up(void **state)
{
	const struct stale_options *opt;

	(void)state;
	told_check_read("lists", told_read_text("unit a\nunit b\npid 2,3\n", "--unit=c",
						"--pid=4"));
	opt = stale_settings_options(told.settings.scan);
	assert_string_equal(opt->select.units[0], "c");
	assert_string_equal(opt->select.units[1], "a");
	assert_string_equal(opt->select.units[2], "b");
	assert_null(opt->select.units[3]);
	assert_int_equal(opt->npids, 3);
	settings_release(&told.settings);
}

static void notifications_are_named(void **state)
{
	static const struct {
		const char *word;
		unsigned want;
	} rows[] = {
		{"--notify=none", 0},
		{"--notify=all",
		 1U << MIB_CHANGED | 1U << MIB_CLEARED | 1U << MIB_SCAN_TROUBLE},
		{"--notify=changed", 1U << MIB_CHANGED},
		{"--notify=cleared", 1U << MIB_CLEARED},
		{"--notify=trouble,changed", 1U << MIB_CHANGED | 1U << MIB_SCAN_TROUBLE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		told_check_read(rows[i].word, told_read_word(rows[i].word, NULL));
		row_number(rows[i].word, "bits", told.settings.notify, rows[i].want);
		settings_release(&told.settings);
	}
}

static void times_and_numbers_have_their_ends(void **state)
{
	static const struct {
		const char *name, *first, *below, *last, *above;
		size_t offset;
		uint32_t min, max;
	} rows[] = {
		{"interval", "1", "0", "1d", "86401", offsetof(struct settings, interval),
		 1, 86400},
		{"timeout", "1s", "0s", "1h", "3601", offsetof(struct settings, timeout),
		 1, 3600},
		{"ping-interval", "1s", "0m", "60m", "61m",
		 offsetof(struct settings, ping_interval), 1, 3600},
		{"max-processes", "1", "0", "1000000", "1000001",
		 offsetof(struct settings, max_procs), 1, 1000000},
		{"max-files", "1", "000", "01000000", "4294967297",
		 offsetof(struct settings, max_files), 1, 1000000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const good[] = {rows[i].first, rows[i].last};
		const char *const bad[] = {rows[i].below, rows[i].above, "x", "-1"};

		for (size_t k = 0; k < ARRAY_LEN(good); k++) {
			char text[64];
			uint32_t got;

			snprintf(text, sizeof(text), "%s %s", rows[i].name, good[k]);
			told_check_read(text, told_read_text(text, NULL, NULL));
			memcpy(&got, (const char *)&told.settings + rows[i].offset,
			       sizeof(got));
			row_number(text, "value", got, k ? rows[i].max : rows[i].min);
			settings_release(&told.settings);
		}
		for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
			char text[64];

			snprintf(text, sizeof(text), "%s %s", rows[i].name, bad[k]);
			row_number(text, "rc", told_read_text(text, NULL, NULL), -EINVAL);
		}
	}
}

static void bad_words_are_refused_with_what_would_be_right(void **state)
{
	static const struct {
		const char *words[3];
		const char *want;
	} rows[] = {
		{{"-Z"}, "unknown option '-Z'"},
		{{"--nosuch"}, "unknown or ambiguous option '--nosuch'"},
		{{"--max=1"}, "unknown or ambiguous option '--max=1'"},
		{{"stray\n"}, "unexpected argument 'stray\\n'"},
		{{"-\xff"}, "unknown option '-\\xff'"},
		{{"--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		 "unknown or ambiguous option "
		 "'--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"},
		{{"stray", "-Z"}, "unexpected argument 'stray'"},
		{{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		 "unexpected argument 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
		{{"-x"}, "option '--socket' needs a value"},
		{{"--no-watch=1"}, "option '--no-watch' takes no value"},
		{{"--socket="}, "option '--socket': its value is empty"},
		{{"-x/a", "--socket=/b"}, "option '--socket' is given twice"},
		{{"--interval=0"}, "bad interval '0', expected 1s to 1d, such as 5m"},
		{{"--timeout=2h"}, "bad timeout '2h', expected 1s to 1h, such as 60s"},
		{{"--ping-interval=\x1b"},
		 "bad ping-interval '\\x1b', expected 1s to 1h, such as 10s"},
		{{"--max-processes=0"},
		 "bad max-processes '0', expected 1 to 1000000 rows"},
		{{"--max-files=x"}, "bad max-files 'x', expected 1 to 1000000 rows"},
		{{"--notify=all,changed"},
		 "bad notify 'all,changed', expected each once of "
		 "changed,cleared,trouble, or all, or none"},
		{{"--notify=changed,changed"},
		 "bad notify 'changed,changed', expected each once of "
		 "changed,cleared,trouble, or all, or none"},
		{{"--notify=changed,"},
		 "bad notify 'changed,', expected each once of changed,cleared,trouble, "
		 "or all, or none"},
		{{"--kind=exe"}, "unknown kind 'exe', known are code, data, fd"},
		{{"--using=x"},
		 "option '--using' has no meaning for a table of what is stale"},
		{{"--kind=fd", "--why=modified"},
		 "reason 'modified' needs kind 'code': it is of code only"},
		{{"--user=no|such\n"},
		 "no user 'no|such\\n' in /etc/passwd, and no number"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		row_number(rows[i].want, "rc < 0",
			   told_read_word(rows[i].words[0], rows[i].words[1]) < 0, true);
		row_text(rows[i].want, "message", told.message, strlen(told.message),
			 rows[i].want);
	}
	assert_int_equal(told_read_word("-Lq", NULL), -EINVAL);
	assert_true(strlen(told.message) > 10);
}

static void messages_are_cut_to_their_room_between_characters(void **state)
{
	static char name[] = "stale-agentx", word[] = "--kind=\x1b",
		    *argv[] = {name, word};
	char room[32];

	(void)state;
	memset(room, 'x', sizeof(room));
	assert_int_equal(settings_read(2, argv, &told.settings, room, 19), -EINVAL);
	/* "\x1b" takes four */
	assert_string_equal(room, "unknown kind '\\x1b");
	assert_int_equal(settings_read(2, argv, &told.settings, room, 18), -EINVAL);
	assert_string_equal(room, "unknown kind '");
	assert_int_equal(settings_read(2, argv, &told.settings, NULL, 0), -EINVAL);
}

static int take_words(struct setting_reader *reader, bool is_elevated, const char *word)
{
	static char name[] = "stale-agentx";
	char copy[64], *argv[] = {name, copy, NULL};

	snprintf(copy, sizeof(copy), "%s", word);
	assert_int_equal(setting_reader_init(reader), 0);
	reader->is_elevated = is_elevated;
	return setting_take_arguments(reader, 2, argv);
}

static void a_program_with_more_privilege_takes_no_files_from_its_user(void **state)
{
	static const struct {
		const char *word;
		const char *what; /* is refused */
	} rows[] = {
		{"-c/x", "option '--config'"},
		{"-p/x", "option '--pidfile'"},
		{"-Lf/x", "a file for '--log'"},
		{"-Lsd", NULL},
		{"--proc-root=/x", "option '--proc-root'"},
		{"--ignore-file=/x", "option '--ignore-file'"},
		{"--ignore=/x", NULL},
		{"--interval=7", NULL},
		{"-x/x", NULL},
		{"-h", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct setting_reader reader;
		char want[128];

		row_number(rows[i].word, "without",
			   take_words(&reader, false, rows[i].word), 0);
		setting_reader_release(&reader);
		row_number(rows[i].word, "with", take_words(&reader, true, rows[i].word),
			   rows[i].what ? -EINVAL : 0);
		snprintf(want, sizeof(want),
			 "%s is refused to a program with more privilege than "
			 "its user",
			 rows[i].what ? rows[i].what : "");
		row_text(rows[i].word, "message", reader.told, strlen(reader.told),
			 rows[i].what ? want : "");
		setting_reader_release(&reader);
	}
}

static void what_the_file_names_is_its_writers_choice(void **state)
{
	char text[] = "proc-root /x\nignore-file /y\n";
	struct setting_reader reader;

	(void)state;
	assert_int_equal(take_words(&reader, true, "--interval=7"), 0);
	assert_int_equal(setting_take_lines(&reader, "conf", text, sizeof(text) - 1), 0);
	setting_reader_release(&reader);
}

/* Else a new word of check_stale would be missing here. */
static void every_setting_that_the_core_has_is_a_row_by_the_same_rules(void **state)
{
	static const char *const names[] = {"kind",        "why",
					    "min-age",     "count",
					    "library",     "using",
					    "user",        "process",
					    "unit",        "container",
					    "scope",       "pid",
					    "ignore",      "ignore-literal",
					    "ignore-file", "no-default-ignores",
					    "proc-root",   "method"};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; setting_row(i).name; i++) {
		const struct setting_row row = setting_row(i);
		bool takes_value;

		if (!stale_setting_is_known(row.name, &takes_value))
			continue;
		row_number(row.name, "takes a value", row.has_value, takes_value);
		n++;
	}
	assert_int_equal(n, ARRAY_LEN(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t row = 0;

		while (setting_row(row).name &&
		       strcmp(setting_row(row).name, names[i]) != 0)
			row++;
		assert_non_null(setting_row(row).name);
	}
}

static void texts_fit_a_terminal_of_80_columns(void **state)
{
	const char *const texts[] = {settings_help(), settings_version(),
				     settings_usage()};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		size_t lines = 0;

		for (const char *s = texts[i], *end; *s; s = end + 1) {
			end = strchr(s, '\n');
			assert_non_null(end);
			row_number(s, "columns over 80", end - s > 80, 0);
			lines++;
		}
		row_number(texts[i], "too many lines", lines > (i == 0 ? 40 : 5), 0);
	}
	for (size_t i = 0; setting_row(i).name; i++) {
		char option[40];

		snprintf(option, sizeof(option), "--%s", setting_row(i).name);
		row_number(option, "in the help", strstr(texts[0], option) != NULL,
			   strcmp(option, "--using") != 0);
	}
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, told_setup, told_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(without_any_all_is_as_the_manual_says),
		cmocka_unit_test(a_file_that_nobody_named_may_be_missing),
		WITH_FILE(letters_are_those_of_other_subagents),
		cmocka_unit_test(help_and_version_look_at_nothing_behind_them),
		WITH_FILE(the_file_has_the_words_of_the_command_line),
		WITH_FILE(the_command_line_wins_over_the_file),
		WITH_FILE(lists_of_both_are_added_up),
		WITH_FILE(notifications_are_named),
		WITH_FILE(times_and_numbers_have_their_ends),
		WITH_FILE(bad_words_are_refused_with_what_would_be_right),
		cmocka_unit_test(messages_are_cut_to_their_room_between_characters),
		cmocka_unit_test(
			a_program_with_more_privilege_takes_no_files_from_its_user),
		cmocka_unit_test(what_the_file_names_is_its_writers_choice),
		cmocka_unit_test(
			every_setting_that_the_core_has_is_a_row_by_the_same_rules),
		cmocka_unit_test(texts_fit_a_terminal_of_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
