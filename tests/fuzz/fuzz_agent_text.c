/*
 * fuzz_agent_text.c - whatever the bytes, a text that is published is printable, at most
 * 255 octets long, and the end of the printable form of all of them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole printable form; owned. */
static char *print(const char *s, size_t *ret_len)
{
	char *out = malloc(strlen(s) * 4 + 1);
	struct stale_printable c;
	size_t len = 0;

	if (!out)
		abort();
	for (; (c = stale_printable(s, "")).taken; s += c.taken) {
		memcpy(out + len, c.text, c.len);
		len += c.len;
	}
	out[len] = '\0';
	*ret_len = len;
	return out;
}

/* Neither a character nor an escape is cut: printed again only backslashes grow. */
static void check_printable(const char *s, size_t len)
{
	size_t backslashes = 0, again_len;
	char *again = print(s, &again_len);

	free(again);
	for (size_t i = 0; i < len; i++)
		backslashes += s[i] == '\\';
	if (strlen(s) != len || again_len != len + backslashes)
		abort();
	for (; *s; s++) {
		if (*s != '\\')
			continue;
		if (!strchr("\\ntrx", *++s) ||
		    (*s == 'x' && strspn(s + 1, "0123456789abcdef") < 2))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *raw = malloc(size + 1);
	char text[SNAPSHOT_TEXT_MAX + 1];
	size_t len, whole_len;
	char *whole;

	if (!raw)
		return 0;
	memcpy(raw, data, size);
	raw[size] = '\0';
	whole = print(raw, &whole_len);
	len = text_render(raw, text);
	if (len > SNAPSHOT_TEXT_MAX)
		abort();
	check_printable(text, len);
	if (whole_len <= SNAPSHOT_TEXT_MAX && strcmp(text, whole) != 0)
		abort();
	/* One character more, of 8 octets at most, had no room. */
	if (whole_len > SNAPSHOT_TEXT_MAX &&
	    (memcmp(text, "...", 3) != 0 || len + 8 <= SNAPSHOT_TEXT_MAX ||
	     strcmp(text + 3, whole + whole_len - (len - 3)) != 0))
		abort();
	free(whole);
	free(raw);
	return 0;
}
