/*
 * text.c - the printable form of bytes that somebody else chose.
 */
#include <stdbool.h>
#include <string.h>

#include "stale.h"

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * The length of the UTF-8 character s begins with; 0 when it is not valid (RFC 3629:
 * shortest form only, no surrogates, nothing above U+10FFFF).  s ends with a NUL, which
 * continues no character.
 */
static size_t utf8_length(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || !is_continuation(s[1]))
		return 0;
	if (s[0] < 0xe0)
		return 2;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
	    !is_continuation(s[2]))
		return 0;
	if (s[0] < 0xf0)
		return 3;
	return is_continuation(s[3]) ? 4 : 0;
}

static bool is_plain(const unsigned char *s, size_t len, const char *also)
{
	if (len == 0)
		return false;
	if (len > 1) /* C1 */
		return len > 2 || s[0] != 0xc2 || s[1] >= 0xa0;
	return s[0] >= 0x20 && s[0] != 0x7f && s[0] != '\\' && !strchr(also, s[0]);
}

static void add_escape(struct stale_printable *to, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *letter = c ? strchr("\\\\\nn\tt\rr", c) : NULL;

	to->text[to->len++] = '\\';
	if (letter) {
		to->text[to->len++] = letter[1];
		return;
	}
	to->text[to->len++] = 'x';
	to->text[to->len++] = hex[c >> 4];
	to->text[to->len++] = hex[c & 0xf];
}

struct stale_printable stale_printable(const char *s, const char *also)
{
	const unsigned char *u = (const unsigned char *)s;
	struct stale_printable ret = {0};
	size_t len;

	if (*s == '\0')
		return ret;
	len = utf8_length(u);
	ret.taken = len ? len : 1;
	if (is_plain(u, len, also)) {
		memcpy(ret.text, s, len);
		ret.len = len;
		return ret;
	}
	/* U+0080 to U+009F take two bytes, and each becomes "\xhh": 8 in all. */
	for (size_t i = 0; i < ret.taken; i++)
		add_escape(&ret, u[i]);
	return ret;
}
