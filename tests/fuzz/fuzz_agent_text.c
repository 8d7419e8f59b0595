/*
 * fuzz_agent_text.c - whatever the bytes, a text that is published is printable, at most
 * 255 octets long, and stands for them or, behind "...", for as much of their end as there
 * is room for.
 *
 * Code: snmp/text.c scan/text.c
 */
#include "fuzztext.h"
#include "snmp/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole printable form; owned. */
static char *print(const char *s, size_t *ret_len)
{
	char *out = malloc(strlen(s) * 4 + 1);
	struct stale_printable c;
	size_t len = 0;

	ensure(out != NULL);
	for (; (c = stale_printable(s, "")).taken; s += c.taken) {
		memcpy(out + len, c.text, c.len);
		len += c.len;
	}
	out[len] = '\0';
	*ret_len = len;
	return out;
}

/* Does the text from there on stand for an end of raw?  For all of it? */
static void check_end(const char *text, const char *raw, bool all)
{
	char *end = fuzztext_raw(text, strlen(text), "");
	size_t len = strlen(end), raw_len = strlen(raw);

	ensure(all ? len == raw_len : len < raw_len);
	ensure(strcmp(raw + raw_len - len, end) == 0);
	free(end);
}

/* Equal texts are kept once, and are equal. */
static void check_pool(const char *raw, const char *text, size_t len)
{
	struct snapshot_text first, second;
	struct text_pool pool;

	ensure(text_pool_init(&pool) == 0);
	ensure(text_pool_add(&pool, raw, &first) == 0);
	ensure(text_pool_add(&pool, raw, &second) == 0);
	ensure(first.s == second.s && first.len == len && strcmp(first.s, text) == 0);
	text_pool_release(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *raw = fuzztext_string(data, size), *whole;
	char text[SNAPSHOT_TEXT_MAX + 1];
	size_t len, whole_len;

	if (!raw)
		return 0;
	whole = print(raw, &whole_len);
	len = text_render(raw, text);
	ensure(len <= SNAPSHOT_TEXT_MAX && strlen(text) == len);
	fuzztext_check(text, len, "");
	if (whole_len <= SNAPSHOT_TEXT_MAX) {
		ensure(strcmp(text, whole) == 0);
		check_end(text, raw, true);
	} else {
		/* One character more, of 8 octets at most, had no room. */
		ensure(memcmp(text, "...", 3) == 0 && len + 8 > SNAPSHOT_TEXT_MAX);
		check_end(text + 3, raw, false);
	}
	if (size % 8 == 0)
		check_pool(raw, text, len);
	free(whole);
	free(raw);
	return 0;
}
