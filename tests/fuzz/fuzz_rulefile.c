/*
 * fuzz_rulefile.c - one line of an ignore file without its newline.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scan/rulefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ensure(bool good)
{
	if (!good)
		abort();
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A rule's pattern is the end of the line, but for blanks. */
static void check_pattern(struct name pattern, const char *line, size_t size)
{
	const char *end = pattern.s + pattern.len;

	ensure(pattern.len && pattern.s >= line + strlen("path "));
	ensure(!is_blank(*pattern.s) && !is_blank(end[-1]));
	ensure(!memchr(pattern.s, '\0', pattern.len));
	while (end < line + size)
		ensure(is_blank(*end++));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum stale_rule_kind kind = STALE_RULE_PATH;
	const char *wrong = NULL;
	char *line = malloc(size);
	struct name pattern;
	int r;

	if (!line)
		return 0;
	memcpy(line, data, size);
	r = rulefile_parse_line(line, size, &kind, &pattern, &wrong);
	ensure((r == -EINVAL) == (wrong != NULL));
	ensure(r == 0 || r == 1 || r == -EINVAL);
	if (r == 1) {
		ensure(kind <= STALE_RULE_USER);
		check_pattern(pattern, line, size);
	}
	free(line);
	return 0;
}
