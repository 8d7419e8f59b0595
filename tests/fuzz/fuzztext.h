/*
 * fuzztext.h - the printable form, read back: what fuzz targets hold against what was
 * printed.
 *
 * Knows the form by its description alone, and calls nothing of what prints it.
 */
#ifndef FUZZTEXT_H
#define FUZZTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Aborts where that is not so, and says where. */
#define ensure(what) ((what) ? (void)0 : fuzztext_fail(__FILE__, __LINE__, #what))

static inline void fuzztext_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

/* An exact copy, so that one byte too many is seen; NULL: nothing to be had. */
static inline char *fuzztext_copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

/* The same as a string. */
static inline char *fuzztext_string(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		return NULL;
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

/* The number of the character (RFC 3629) that s begins with, and its length. */
static inline uint32_t fuzztext_code(const char *s, size_t len, size_t *ret_len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *u = (const unsigned char *)s;
	size_t n = *u < 0x80 ? 1 : *u < 0xe0 ? 2 : *u < 0xf0 ? 3 : 4;
	uint32_t code = n == 1 ? *u : *u & (0x7fU >> n);

	ensure(n <= len && (n == 1 || (*u >= 0xc0 && *u < 0xf8)));
	for (size_t i = 1; i < n; i++) {
		ensure((u[i] & 0xc0) == 0x80);
		code = code << 6 | (u[i] & 0x3f);
	}
	ensure(code >= least[n] && code < 0x110000 && (code < 0xd800 || code > 0xdfff));
	*ret_len = n;
	return code;
}

/* Valid UTF-8 without any control character but those of also. */
static inline void fuzztext_check(const char *s, size_t len, const char *also)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t code = fuzztext_code(s + i, len - i, &n);
		bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);

		ensure(!control || (code && code < 0x20 && strchr(also, (int)code)));
	}
}

static inline unsigned char fuzztext_digit(char c)
{
	ensure((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Takes the printable form of one byte.  also: the characters that need no escape, and
 * have one all the same. */
static inline char fuzztext_take(const char **s, const char *also)
{
	static const char letters[] = "\\\\n\nt\tr\r";
	const char *p = *s;
	const char *letter;
	char c;

	ensure((unsigned char)*p >= 0x20 && *p != 0x7f);
	*s = p + 1;
	if (*p != '\\')
		return *p;
	*s = p + 2;
	for (letter = letters; *letter; letter += 2) {
		if (p[1] == *letter)
			return letter[1];
	}
	ensure(p[1] == 'x');
	*s = p + 4;
	c = (char)(fuzztext_digit(p[2]) << 4 | fuzztext_digit(p[3]));
	ensure(c && (c < ' ' || c > '~' || strchr(also, c)) && !strchr("\n\t\r", c));
	return c;
}

/* Takes the printable form of all of raw. */
static inline void fuzztext_expect(const char **s, const char *raw, const char *also)
{
	for (; *raw; raw++)
		ensure(fuzztext_take(s, also) == *raw);
}

/* Takes these very bytes. */
static inline void fuzztext_literal(const char **s, const char *literal)
{
	ensure(strncmp(*s, literal, strlen(literal)) == 0);
	*s += strlen(literal);
}

/* The bytes that printable text stands for; owned. */
static inline char *fuzztext_raw(const char *s, size_t len, const char *also)
{
	const char *const end = s + len;
	char *raw = malloc(len + 1);
	size_t n = 0;

	ensure(raw != NULL);
	while (s < end) {
		raw[n] = fuzztext_take(&s, also);
		ensure(raw[n++] != '\0' && s <= end);
	}
	raw[n] = '\0';
	return raw;
}

/* What Nagios must not see. */
#define FUZZTEXT_NAGIOS "|;<>&"

#endif
