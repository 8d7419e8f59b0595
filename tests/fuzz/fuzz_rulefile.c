/*
 * fuzz_rulefile.c - whole ignore files: the rules are those of the lines, in order, and
 * say where they come from; or there is none, and it is said in which line is wrong what.
 *
 * Code: scan/rulefile.c
 */
#include <errno.h>

#include "fuzzfile.h"
#include "scan/rulefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A rule's pattern is the end of the line, but for blanks. */
static void check_pattern(struct name pattern, const char *line, size_t size)
{
	const char *end = pattern.s + pattern.len;

	ensure(pattern.len && pattern.s >= line + strlen("path "));
	ensure(!is_blank(*pattern.s) && !is_blank(end[-1]) && end[-1] != '\r');
	ensure(!memchr(pattern.s, '\0', pattern.len));
	while (end < line + size)
		ensure(is_blank(*end++));
}

/* "FILE:LINE: path GLOB" */
static void check_rule(const struct stale_rule *rule, const char *path, size_t line,
		       enum stale_rule_kind kind, struct name pattern)
{
	static const char *const words[] = {"path",    "literal",   "unit",
					    "process", "container", "user"};
	char where[96];
	int len = snprintf(where, sizeof(where), "%s:%zu: %s ", path, line, words[kind]);

	ensure(rule->kind == kind && name_is(pattern, rule->pattern));
	ensure(strncmp(rule->origin, where, (size_t)len) == 0 &&
	       strcmp(rule->origin + len, rule->pattern) == 0);
}

/* Returns the number of the first bad line; 0: there is none. */
static size_t check_lines(const struct rule_list *list, bool taken, const char *path,
			  const char *text, size_t size)
{
	size_t n, i = 0, line = 0;
	const struct stale_rule *rules = rule_list_items(list, &n);

	for (const char *s = text, *end; s < text + size; s = end + 1) {
		enum stale_rule_kind kind = STALE_RULE_PATH;
		const char *wrong = NULL;
		struct name pattern;
		int rc;

		end = memchr(s, '\n', (size_t)(text + size - s));
		end = end ? end : text + size;
		line++;
		rc = rulefile_parse_line(s, (size_t)(end - s), &kind, &pattern, &wrong);
		ensure((rc == -EINVAL) == (wrong != NULL) && rc <= 1);
		if (rc < 0)
			return line;
		if (rc == 0)
			continue;
		ensure(kind <= STALE_RULE_USER);
		check_pattern(pattern, s, (size_t)(end - s));
		if (taken) {
			ensure(i < n);
			check_rule(&rules[i++], path, line, kind, pattern);
		}
	}
	ensure(i == n);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzzfile_path(data, size);
	char message[256] = "", where[64];
	struct rule_list *list;
	size_t bad;
	char *text = fuzztext_copy(data, size);
	int rc;

	if (!text)
		return 0;
	ensure(rule_list_new(&list) == 0);
	rc = rule_list_read_file(list, path, message, sizeof(message));
	bad = check_lines(list, rc == 0, path, text, size);
	ensure(rc == -ERANGE || (rc < 0) == (bad > 0));
	if (bad) {
		snprintf(where, sizeof(where), "%s:%zu: ", path, bad);
		ensure(strncmp(message, where, strlen(where)) == 0);
		ensure(strlen(message) > strlen(where));
	}
	fuzztext_check(message, strlen(message), "");
	rule_list_free(list);
	free(text);
	return 0;
}
