/*
 * test_nrpe_config.c - what is in nrpe/ says the same in each of its languages, and leaves
 * no option out.  That daemons take it is in live_nrpe.c, live_icinga.c, live_nagios.c.
 */
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "support/liveplugin.h"
#include "support/parsed.h"
#include "support/shipped.h"
#include "test.h"
#include "usage.h"

#define COMMAND      "command["
#define SUDO         "/usr/bin/sudo -n "
#define VISUDO       "/usr/sbin/visudo"
#define COMMANDS_MAX 16

/* Command lines, one for each command; owned. */
struct lines {
	char *line[COMMANDS_MAX];
	size_t n;
};

static void lines_add(struct lines *lines, const char *s, size_t len)
{
	assert_true(lines->n < COMMANDS_MAX);
	lines->line[lines->n++] = strndup(s, len);
}

static void lines_release(struct lines *lines)
{
	while (lines->n > 0)
		free(lines->line[--lines->n]);
}

/* Those of the lines of NRPE that begin so. */
static void read_nrpe(const char *prefix, struct lines *ret)
{
	char *text = shipped_read("check_stale.cfg");

	ret->n = 0;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, prefix, strlen(prefix)) == 0)
			lines_add(ret, line, strcspn(line, "\n"));
	free(text);
	assert_true(ret->n > 0);
}

/* Single quotes are all that is used; none of what is in them is special elsewhere. */
static void unquote(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s != '\'')
			*to++ = *s;
	*to = '\0';
}

/* command[NAME]=LINE: the line as the plugin gets it, words with a blank between them. */
static void keep_commands(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		char *line = strstr(lines->line[i], "]=");

		assert_non_null(line);
		memmove(lines->line[i], line + 2, strlen(line + 2) + 1);
		unquote(lines->line[i]);
	}
}

static void nrpe_gets_fixed_commands_without_macros(void **state)
{
	char *text = shipped_read("check_stale.cfg");
	struct lines lines;

	(void)state;
	assert_null(strchr(text, '$'));
	free(text);
	read_nrpe(COMMAND "check_stale", &lines);
	keep_commands(&lines);
	for (size_t i = 0; i < lines.n; i++) {
		assert_int_equal(strncmp(lines.line[i], SHIPPED_PLUGIN " ",
					 strlen(SHIPPED_PLUGIN) + 1),
				 0);
		assert_int_equal(strcspn(lines.line[i], "\"`\\;&|<>()"),
				 strlen(lines.line[i]));
	}
	lines_release(&lines);
}

static void check_accepted(char *line)
{
	const char *words[PARSED_WORDS + 1] = {NULL};
	struct parsed parsed;
	size_t n = 0;

	for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
		if (strcmp(word, SHIPPED_PLUGIN) != 0)
			words[n++] = word;
	assert_true(n > 0);
	parsed_make(words, &parsed);
	if (parsed.rc != 0)
		fail_msg("%s: %s", words[0], parsed.error.s);
	parsed_release(&parsed);
}

static void every_command_is_accepted_by_the_plugin(void **state)
{
	struct lines lines;

	(void)state;
	read_nrpe(COMMAND, &lines);
	keep_commands(&lines);
	for (size_t i = 0; i < lines.n; i++)
		check_accepted(lines.line[i]);
	lines_release(&lines);
}

static void each_command_has_one_with_sudo(void **state)
{
	struct lines plain, sudo;

	(void)state;
	read_nrpe(COMMAND, &plain);
	read_nrpe("#" COMMAND, &sudo);
	assert_int_equal(sudo.n, plain.n);
	for (size_t i = 0; i < plain.n; i++) {
		char *want = shipped_replace(strdup(plain.line[i]), "]=", "]=" SUDO);

		assert_string_equal(sudo.line[i] + 1, want);
		free(want);
	}
	lines_release(&plain);
	lines_release(&sudo);
}

/* The commands of the alias, as sudo gets them when it has undone the backslashes. */
static void read_sudoers(struct lines *ret)
{
	char *text = shipped_read("sudoers.check_stale");
	char *line = strstr(text, "STALE_CHECK = \\\n");

	assert_non_null(line);
	ret->n = 0;
	while ((line = strstr(line, "\n\t")) != NULL) {
		struct buf command = BUF_INIT;

		for (line += 2; *line != '\n' && strncmp(line, ", \\\n", 4) != 0;
		     line++) {
			line += *line == '\\';
			assert_true(line[-1] == '\\' || !strchr("*?[],:=!", *line));
			buf_bytes(&command, line, 1);
		}
		lines_add(ret, command.s, command.len);
		buf_release(&command);
	}
	free(text);
}

static void sudo_allows_these_commands_and_no_pattern(void **state)
{
	struct lines commands, allowed;

	(void)state;
	read_nrpe(COMMAND, &commands);
	keep_commands(&commands);
	read_sudoers(&allowed);
	assert_int_equal(allowed.n, commands.n);
	for (size_t i = 0; i < commands.n; i++)
		assert_string_equal(allowed.line[i], commands.line[i]);
	lines_release(&commands);
	lines_release(&allowed);
}

static void visudo_accepts_the_sudoers_file(void **state)
{
	const char *source = getenv("STALE_SRC");
	struct liveplugin_answer answer;
	char path[4096];

	(void)state;
	if (access(VISUDO, X_OK) < 0) {
		printf("# skip %s: %s is not installed\n", __func__, VISUDO);
		fflush(stdout);
		skip();
	}
	snprintf(path, sizeof(path), "%s/nrpe/sudoers.check_stale",
		 source ? source : ".");
	liveplugin_run(VISUDO, (const char *const[]){"-c", "-s", "-f", path, NULL},
		       &answer);
	if (answer.status != 0 || answer.nerr > 0)
		fail_msg("exit %d: %s", answer.status, answer.out);
	liveplugin_release(&answer);
}

/* Icinga: "--KEY" = { ... }, or NULL. */
static const char *find_argument(const char *text, const char *key, size_t len)
{
	char *start;
	const char *found;

	assert_true(asprintf(&start, "\"--%.*s\" = {\n", (int)len, key) > 0);
	found = strstr(text, start);
	free(start);
	return found;
}

/* Is text in the block that begins here? */
static bool block_has(const char *block, const char *text)
{
	const char *end = strstr(block, "\n\t\t}\n");
	const char *found = strstr(block, text);

	return end && found && found < end;
}

static void check_argument(const char *config, const char *option, size_t len)
{
	const bool takes_value = option[len] == '=';
	const char *block = find_argument(config, option, len);
	char *variable;

	if (!block)
		fail_msg("--%.*s is missing", (int)len, option);
	assert_true(asprintf(&variable, "$stale_%.*s$", (int)len, option) > 0);
	for (char *s = variable; (s = strchr(s, '-')) != NULL;)
		*s = '_';
	if (!block_has(block, variable) || !block_has(block, "description = \""))
		fail_msg("--%.*s has no %s, or no description", (int)len, option,
			 variable);
	if (block_has(block, takes_value ? "set_if = " : "\tvalue = \""))
		fail_msg("--%.*s: with or without a value?", (int)len, option);
	free(variable);
}

static bool is_no_check(const char *option, size_t len)
{
	return (len == 4 && memcmp(option, "help", len) == 0) ||
	       (len == 7 && memcmp(option, "version", len) == 0);
}

/* Calls check with each "--name" of the text; returns how many there are. */
static size_t each_option(const char *text, const char *before,
			  void (*check)(const char *config, const char *option,
					size_t len),
			  const char *config)
{
	size_t n = 0;

	while ((text = strstr(text, before)) != NULL) {
		const char *option = text += strlen(before);

		while (islower((unsigned char)*text) || *text == '-')
			text++;
		if (is_no_check(option, (size_t)(text - option)))
			continue;
		check(config, option, (size_t)(text - option));
		n++;
	}
	return n;
}

static void count_only(const char *config, const char *option, size_t len)
{
	(void)config;
	assert_int_equal(option[len], '"');
}

static void icinga_has_a_variable_for_every_option(void **state)
{
	char *config = shipped_read("icinga2/check_stale.conf");
	struct buf help = BUF_INIT;
	size_t options, arguments;

	(void)state;
	usage_help(&help);
	options = each_option(help.s, " --", check_argument, config);
	arguments = each_option(config, "\t\t\"--", count_only, NULL);
	assert_true(options >= 30);
	assert_int_equal(arguments, options);
	buf_release(&help);
	free(config);
}

#define WORDS "--min-age=15m -w 0 -c age=7d -v"

static void every_way_asks_for_the_same(void **state)
{
	static const struct row {
		const char *file, *text;
	} rows[] = {
		{"check_stale.cfg", "check_stale]=" SHIPPED_PLUGIN " " WORDS "\n"},
		{"nagios/check_stale.cfg", "$USER1$/check_stale " WORDS "\n"},
		{"nagios/check_stale.cfg", "'" SHIPPED_PLUGIN " " WORDS "'\n"},
		{"icinga2/services.conf", "stale_min_age = \"15m\"\n"},
		{"icinga2/services.conf", "stale_warning = \"0\"\n"},
		{"icinga2/services.conf", "stale_critical = \"age=7d\"\n"},
		{"icinga2/services.conf", "\"--min-age\" = \"15m\"\n"},
		{"icinga2/services.conf", "\"--warning\" = \"0\"\n"},
		{"icinga2/services.conf", "\"--critical\" = \"age=7d\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *text = shipped_read(rows[i].file);

		if (!strstr(text, rows[i].text))
			fail_msg("%s has no %s", rows[i].file, rows[i].text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nrpe_gets_fixed_commands_without_macros),
		cmocka_unit_test(every_command_is_accepted_by_the_plugin),
		cmocka_unit_test(each_command_has_one_with_sudo),
		cmocka_unit_test(sudo_allows_these_commands_and_no_pattern),
		cmocka_unit_test(visudo_accepts_the_sudoers_file),
		cmocka_unit_test(icinga_has_a_variable_for_every_option),
		cmocka_unit_test(every_way_asks_for_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
