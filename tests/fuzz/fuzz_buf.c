/*
 * fuzz_buf.c - whatever the bytes, the printable form is printable, and no cut of it is
 * longer than it may be or ends within an escape.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Printed again only backslashes grow, by one byte each: all else was printable. */
static void check(const struct buf *out)
{
	struct buf again = BUF_INIT;
	size_t backslashes = 0;

	for (size_t i = 0; i < out->len; i++)
		backslashes += out->s[i] == '\\';
	buf_printable(&again, out->len ? out->s : "", BUF_PRINTABLE);
	if (again.len != out->len + backslashes)
		abort();
	buf_release(&again);
	for (size_t i = 0; i < out->len; i++) {
		size_t escape = out->s[i + 1] == 'x' ? 4 : 2;

		if (out->s[i] != '\\')
			continue;
		if (i + escape > out->len)
			abort();
		i += escape - 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t max = size ? data[0] : 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (int form = BUF_PRINTABLE; form <= BUF_NAGIOS; form++) {
		struct buf whole = BUF_INIT, head = BUF_INIT, tail = BUF_INIT;

		buf_printable(&whole, text, (enum buf_form)form);
		buf_printable_head(&head, text, (enum buf_form)form, max);
		buf_printable_tail(&tail, text, (enum buf_form)form, max);
		if (head.len > max || tail.len > max)
			abort();
		check(&whole);
		check(&head);
		check(&tail);
		buf_clip(&whole, max);
		if (whole.len > max)
			abort();
		check(&whole);
		buf_release(&whole);
		buf_release(&head);
		buf_release(&tail);
	}
	free(text);
	return 0;
}
