/*
 * shipped.c - see shipped.h.
 */
#include "shipped.h"

#include <regex.h>
#include <stdio.h>

#include "plugin/buf.h"
#include "tests/test.h"

#define DURATION "[0-9]+[smhdw]( [0-9]+[smhdw])?"

char *shipped_read(const char *name)
{
	const char *source = getenv("STALE_SRC");
	struct buf text = BUF_INIT;
	char path[4096], bytes[4096];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/nrpe/%s", source ? source : ".", name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s cannot be read", path);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_bytes(&text, bytes, n);
	fclose(file);
	assert_true(text.len > 0);
	return text.s;
}

char *shipped_replace(char *text, const char *from, const char *to)
{
	struct buf changed = BUF_INIT;
	const char *rest = text, *found;

	assert_non_null(strstr(text, from));
	while ((found = strstr(rest, from)) != NULL) {
		buf_bytes(&changed, rest, (size_t)(found - rest));
		buf_put(&changed, to);
		rest = found + strlen(from);
	}
	buf_put(&changed, rest);
	free(text);
	return changed.s;
}

char *shipped_mask(const char *text)
{
	struct buf masked = BUF_INIT;
	regmatch_t match[2];
	regex_t varies;

	assert_int_equal(regcomp(&varies,
				 "(age=|scan_time=|oldest "
				 "|(delet|replac|supersed|install|modifi)ed )"
				 "([0-9.]+s|" DURATION ")",
				 REG_EXTENDED),
			 0);
	buf_put(&masked, "");
	while (regexec(&varies, text, 2, match, 0) == 0) {
		buf_bytes(&masked, text, (size_t)match[1].rm_eo);
		buf_put(&masked, "#");
		text += match[0].rm_eo;
	}
	buf_put(&masked, text);
	regfree(&varies);
	return masked.s;
}

int shipped_differs(const char *label, const char *got, const char *want)
{
	char *masked_got = shipped_mask(got), *masked_want = shipped_mask(want);
	int differs = strcmp(masked_got, masked_want) != 0;

	if (differs)
		print_error("%s says\n%s\nand directly it is\n%s\n", label, got, want);
	free(masked_got);
	free(masked_want);
	return differs;
}
