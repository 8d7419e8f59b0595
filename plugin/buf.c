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

#include "stale.h"

#define CUT_MARK "..."
#define CUT_LEN  (sizeof(CUT_MARK) - 1)

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

/* The printable form of what s begins with. */
static struct stale_printable next(const char *s, enum buf_form form)
{
	return stale_printable(s, form == BUF_NAGIOS ? "|;<>&" : "");
}

static size_t printable_length(const char *s, enum buf_form form)
{
	size_t sum = 0;
	struct stale_printable unit;

	for (; *s; s += unit.taken) {
		unit = next(s, form);
		sum += unit.len;
	}
	return sum;
}

void buf_printable(struct buf *t, const char *s, enum buf_form form)
{
	struct stale_printable unit;

	for (; *s; s += unit.taken) {
		unit = next(s, form);
		buf_bytes(t, unit.text, unit.len);
	}
}

void buf_printable_head(struct buf *t, const char *s, enum buf_form form, size_t max)
{
	struct stale_printable unit;
	size_t left;

	if (printable_length(s, form) <= max) {
		buf_printable(t, s, form);
		return;
	}
	if (max < CUT_LEN)
		return;
	for (left = max - CUT_LEN; *s; s += unit.taken) {
		unit = next(s, form);
		if (unit.len > left)
			break;
		buf_bytes(t, unit.text, unit.len);
		left -= unit.len;
	}
	buf_put(t, CUT_MARK);
}

void buf_printable_tail(struct buf *t, const char *s, enum buf_form form, size_t max)
{
	size_t left = printable_length(s, form);
	struct stale_printable unit;

	if (left <= max) {
		buf_printable(t, s, form);
		return;
	}
	if (max < CUT_LEN)
		return;
	for (; left > max - CUT_LEN; s += unit.taken) {
		unit = next(s, form);
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
	return stale_printable(s, "").taken;
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
