/*
 * buf.c - a growing buffer, and the printable form of hostile bytes.
 */
#include "buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUT_MARK "..."
#define CUT_LEN  (sizeof(CUT_MARK) - 1)
/* U+0080..U+009F take two bytes, and each becomes "\xhh". */
#define UNIT_MAX 8

/* One character, or one byte that is none, in printable form. */
struct unit {
	size_t taken; /* bytes of the input */
	size_t len;   /* bytes of s */
	char s[UNIT_MAX];
};

void buf_release(struct buf *t)
{
	free(t->s);
	*t = (struct buf)BUF_INIT;
}

/* Makes room for len bytes and a NUL. */
static bool buf_reserve(struct buf *t, size_t len)
{
	size_t need, room;
	char *bigger;

	if (t->error)
		return false;
	if (len < t->room - t->len)
		return true;
	need = t->len + len + 1;
	room = t->room ? t->room * 2 : 256;
	if (room < need)
		room = need;
	bigger = room > len ? realloc(t->s, room) : NULL;
	if (!bigger) {
		t->error = -ENOMEM;
		return false;
	}
	t->s = bigger;
	t->room = room;
	return true;
}

void buf_bytes(struct buf *t, const char *s, size_t len)
{
	if (!buf_reserve(t, len))
		return;
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void buf_put(struct buf *t, const char *s)
{
	buf_bytes(t, s, strlen(s));
}

void buf_printf(struct buf *t, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		t->error = -ENOMEM;
	else if (buf_reserve(t, (size_t)len))
		t->len +=
			(size_t)vsnprintf(t->s + t->len, (size_t)len + 1, format, again);
	va_end(again);
}

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

static bool is_plain(const unsigned char *s, size_t len, enum buf_form form)
{
	if (len == 0)
		return false;
	if (len > 1) /* C1 */
		return len > 2 || s[0] != 0xc2 || s[1] >= 0xa0;
	if (s[0] < 0x20 || s[0] == 0x7f || s[0] == '\\')
		return false;
	return form != BUF_NAGIOS || !strchr("|;<>&", s[0]);
}

static void unit_escape(struct unit *unit, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *letter = c ? strchr("\\\\\nn\tt\rr", c) : NULL;

	unit->s[unit->len++] = '\\';
	if (letter) {
		unit->s[unit->len++] = letter[1];
		return;
	}
	unit->s[unit->len++] = 'x';
	unit->s[unit->len++] = hex[c >> 4];
	unit->s[unit->len++] = hex[c & 0xf];
}

/* The printable form of what s begins with; s is not empty. */
static void unit_read(struct unit *unit, const char *s, enum buf_form form)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = utf8_length(u);

	unit->taken = len ? len : 1;
	unit->len = 0;
	if (is_plain(u, len, form)) {
		memcpy(unit->s, s, len);
		unit->len = len;
		return;
	}
	for (size_t i = 0; i < unit->taken; i++)
		unit_escape(unit, u[i]);
}

static size_t printable_length(const char *s, enum buf_form form)
{
	size_t sum = 0;
	struct unit unit;

	for (; *s; s += unit.taken) {
		unit_read(&unit, s, form);
		sum += unit.len;
	}
	return sum;
}

void buf_printable(struct buf *t, const char *s, enum buf_form form)
{
	struct unit unit;

	for (; *s; s += unit.taken) {
		unit_read(&unit, s, form);
		buf_bytes(t, unit.s, unit.len);
	}
}

void buf_printable_head(struct buf *t, const char *s, enum buf_form form, size_t max)
{
	struct unit unit;
	size_t left;

	if (printable_length(s, form) <= max) {
		buf_printable(t, s, form);
		return;
	}
	if (max < CUT_LEN)
		return;
	for (left = max - CUT_LEN; *s; s += unit.taken) {
		unit_read(&unit, s, form);
		if (unit.len > left)
			break;
		buf_bytes(t, unit.s, unit.len);
		left -= unit.len;
	}
	buf_put(t, CUT_MARK);
}

void buf_printable_tail(struct buf *t, const char *s, enum buf_form form, size_t max)
{
	size_t left = printable_length(s, form);
	struct unit unit;

	if (left <= max) {
		buf_printable(t, s, form);
		return;
	}
	if (max < CUT_LEN)
		return;
	for (; left > max - CUT_LEN; s += unit.taken) {
		unit_read(&unit, s, form);
		left -= unit.len;
	}
	buf_put(t, CUT_MARK);
	buf_printable(t, s, form);
}

/* The length of the character or escape that printable text begins with. */
static size_t printable_unit(const char *s)
{
	if (s[0] == '\\')
		return s[1] == 'x' ? 4 : 2;
	return utf8_length((const unsigned char *)s);
}

void buf_clip(struct buf *t, size_t max)
{
	size_t len = 0, unit;

	if (t->len <= max)
		return;
	while ((unit = printable_unit(t->s + len)) && len + unit <= max)
		len += unit;
	t->len = len;
	t->s[len] = '\0';
}
