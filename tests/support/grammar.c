/*
 * grammar.c - is this what a plugin may print?
 */
#include "grammar.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A piece of the output, eaten from its front. */
struct rest {
	const char *s;
	size_t len;
};

struct complaint {
	char *why;
	size_t size;
	const char *out;
};

static int complain(const struct complaint *c, const char *at, const char *what)
{
	snprintf(c->why, c->size, "byte %td: %s", at - c->out, what);
	return -1;
}

static bool eat(struct rest *rest, const char *word)
{
	size_t len = strlen(word);

	if (rest->len < len || memcmp(rest->s, word, len) != 0)
		return false;
	rest->s += len;
	rest->len -= len;
	return true;
}

/* Eats bytes that are in set; returns how many. */
static size_t eat_set(struct rest *rest, const char *set)
{
	size_t n = 0;

	while (n < rest->len && rest->s[n] && strchr(set, rest->s[n]))
		n++;
	rest->s += n;
	rest->len -= n;
	return n;
}

/* -?[0-9]+(\.[0-9]+)? */
static bool eat_number(struct rest *rest)
{
	eat(rest, "-");
	if (eat_set(rest, "0123456789") == 0)
		return false;
	return !eat(rest, ".") || eat_set(rest, "0123456789") > 0;
}

/* Nothing, or @?(start:)?end? with at least one of both ends. */
static bool eat_range(struct rest *rest)
{
	bool start, colon;

	if (rest->len == 0 || rest->s[0] == ';' || rest->s[0] == ' ')
		return true;
	eat(rest, "@");
	start = eat(rest, "~") || eat_number(rest);
	colon = eat(rest, ":");
	if (!colon)
		return start && rest->s[-1] != '~';
	if (rest->len == 0 || rest->s[0] == ';' || rest->s[0] == ' ')
		return start;
	return eat_number(rest);
}

/* label=value[unit];[warn];[crit];[min][;max] */
static const char *field_fault(struct rest *field)
{
	static const char *const units[] = {"us", "ms", "s", "%", "KB", "MB", "B", "c"};
	size_t label = eat_set(field, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (label == 0 || label > GRAMMAR_LABEL_MAX || !eat(field, "="))
		return "no label of 1 to 19 letters, digits or '_' with a '='";
	if (!eat(field, "U") && !eat_number(field))
		return "a value that is neither a number nor 'U'";
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (eat(field, units[i]))
			break;
	}
	if (eat(field, ";") && !eat_range(field))
		return "a bad range for WARNING";
	if (eat(field, ";") && !eat_range(field))
		return "a bad range for CRITICAL";
	if (eat(field, ";") && field->len > 0 && field->s[0] != ';' && !eat_number(field))
		return "a bad minimum";
	if (eat(field, ";") && field->len > 0 && !eat_number(field))
		return "a bad maximum";
	return field->len > 0 ? "something after a field" : NULL;
}

static int check_perfdata(const struct complaint *c, struct rest perfdata)
{
	while (perfdata.len > 0) {
		const char *blank = memchr(perfdata.s, ' ', perfdata.len);
		size_t len = blank ? (size_t)(blank - perfdata.s) : perfdata.len;
		struct rest field = {perfdata.s, len};
		const char *fault = field_fault(&field);

		if (fault)
			return complain(c, field.s, fault);
		perfdata.s += len;
		perfdata.len -= len;
		if (blank && (!eat(&perfdata, " ") || perfdata.len == 0))
			return complain(c, blank, "a blank after the last field");
	}
	return 0;
}

/* Length of a well-formed UTF-8 character that is no control character; 0: it is none. */
static size_t character(const unsigned char *s, size_t len)
{
	size_t need = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	unsigned code = need == 1 ? s[0] : s[0] & (0x7fU >> need);
	static const unsigned least[] = {0, 0x20, 0xa0, 0x800, 0x10000};

	if (need > len || (s[0] >= 0x80 && s[0] < 0xc0) || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3fU);
	}
	if (code < least[need] || code == 0x7f || code > 0x10ffff)
		return 0;
	return code >= 0xd800 && code <= 0xdfff ? 0 : need;
}

/* Two bytes or four; 0: cut in half, or none of ours. */
static size_t escape(const char *s, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	if (len >= 2 && memchr("\\ntr", s[1], 4))
		return 2;
	if (len >= 4 && s[1] == 'x' && memchr(hex, s[2], 16) && memchr(hex, s[3], 16))
		return 4;
	return 0;
}

/* Text for people: one line.  Returns the number of characters, or -1. */
static long check_text(const struct complaint *c, struct rest text)
{
	long n = 0;

	while (text.len > 0) {
		size_t len = character((const unsigned char *)text.s, text.len);

		if (len == 0)
			return complain(c, text.s, "a control byte or bad UTF-8");
		if (strchr("|;<>&", text.s[0]))
			return complain(c, text.s, "a byte with a meaning in text");
		if (text.s[0] == '\\')
			len = escape(text.s, text.len);
		if (len == 0)
			return complain(c, text.s, "an escape that is none");
		n += text.s[0] == '\\' ? (long)len : 1;
		text.s += len;
		text.len -= len;
	}
	return n;
}

static bool eat_state(struct rest *rest)
{
	return eat(rest, "STALE ") &&
	       (eat(rest, "OK") || eat(rest, "WARNING") || eat(rest, "CRITICAL") ||
		eat(rest, "UNKNOWN")) &&
	       eat(rest, " - ") && rest->len > 0;
}

static int check_first(const struct complaint *c, struct rest line)
{
	const char *bar = memchr(line.s, '|', line.len);
	struct rest head = {line.s, bar ? (size_t)(bar - line.s) : 0}, after = head;
	long characters;

	if (!bar)
		return complain(c, line.s, "no '|' on the first line");
	if (!eat_state(&after))
		return complain(c, line.s, "no \"STALE STATE - text\"");
	characters = check_text(c, head);
	if (characters < 0)
		return -1;
	if (characters > GRAMMAR_HEAD_MAX)
		return complain(c, bar, "more than 120 characters before the '|'");
	line.len -= head.len;
	line.s = bar;
	if (bar[-1] != ' ' || bar[-2] == ' ' || !eat(&line, "| ") || line.len == 0)
		return complain(c, bar,
				"no performance data, or not one blank around '|'");
	return check_perfdata(c, line);
}

int grammar_check(const char *out, size_t len, size_t max, char *why, size_t why_size)
{
	const struct complaint c = {why, why_size, out};
	struct rest rest = {out, len};
	bool first = true;

	if (len > max)
		return complain(&c, out + max, "longer than allowed");
	if (len == 0 || out[len - 1] != '\n')
		return complain(&c, out + len, "no newline at the end");
	while (rest.len > 0) {
		const char *end = memchr(rest.s, '\n', rest.len);
		struct rest line = {rest.s, (size_t)(end - rest.s)};

		if (line.len == 0)
			return complain(&c, line.s, "an empty line");
		if (first ? check_first(&c, line) < 0 : check_text(&c, line) < 0)
			return -1;
		first = false;
		rest.len -= line.len + 1;
		rest.s = end + 1;
	}
	return 0;
}
