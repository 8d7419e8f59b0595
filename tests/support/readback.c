/*
 * readback.c - see readback.h.
 */
#include "readback.h"

#include <ctype.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "livecheck.h"
#include "tests/test.h"

void readback_clean(const char *what, const char *text, size_t len)
{
	mbstate_t state = {0};
	wchar_t wc;

	for (size_t at = 0, n; at < len; at += n) {
		n = mbrtowc(&wc, text + at, len - at, &state);
		if (n == 0 || n > len || (wc != L'\n' && iswcntrl((wint_t)wc)))
			fail_msg("%s: byte %zu of %s", what, at, text);
	}
}

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

char *readback_unescape(char *text)
{
	static const char letters[] = "n\nt\tr\r\\\\\"\"";
	char *to = text;

	for (const char *s = text; *s; s++) {
		const char *pair = *s == '\\' ? strchr(letters, s[1]) : NULL;

		if (*s != '\\') {
			*to++ = *s;
		} else if (s[1] == 'x' && isxdigit(s[2]) && isxdigit(s[3])) {
			*to++ = (char)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
			s += 3;
		} else if (s[1] && pair) {
			*to++ = pair[1];
			s++;
		} else {
			fail_msg("no escape: %s", s);
		}
	}
	*to = '\0';
	return text;
}

char *readback_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (!end)
		fail_msg("no line: \"%s\"", line);
	*end = '\0';
	*rest = end + 1;
	return line;
}

char *readback_field(char **rest, const char *separator)
{
	char *field = *rest, *end = strstr(field, separator);

	if (!end)
		fail_msg("no \"%s\" in \"%s\"", separator, field);
	*end = '\0';
	*rest = end + strlen(separator);
	return field;
}

char *readback_quote(char *text)
{
	while (*text && *text != '"')
		text += text[0] == '\\' && text[1] ? 2 : 1;
	return text;
}

char *readback_label(char **rest, const char *name)
{
	size_t len = strlen(name);
	char *value = *rest + len + 2, *end;

	if (strncmp(*rest, name, len) != 0 || strncmp(*rest + len, "=\"", 2) != 0)
		fail_msg("no label %s: %s", name, *rest);
	end = readback_quote(value);
	assert_true(end[0] == '"' && (end[1] == ',' || end[1] == '}'));
	*end = '\0';
	*rest = end + 2;
	return readback_unescape(value);
}

void readback_expect(const char *what, const char *got, const char *want)
{
	if (!got || strcmp(got, want) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", what, livecheck_show(got),
			 livecheck_show(want));
}
