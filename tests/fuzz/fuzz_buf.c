/*
 * fuzz_buf.c - whatever the bytes, the printable form is printable and stands for them, and
 * no cut of it is longer than it may be, ends within a character or an escape, or is
 * shorter than it must.
 *
 * Code: plugin/buf.c scan/text.c
 */
#include "buf.h"
#include "fuzztext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Printable, every escape whole; owned: what it stands for. */
static char *check(const struct buf *out, enum buf_form form)
{
	fuzztext_check(out->s, out->len, "");
	if (form == BUF_NAGIOS && out->s)
		ensure(!strpbrk(out->s, FUZZTEXT_NAGIOS));
	return fuzztext_raw(out->s ? out->s : "", out->len,
			    form == BUF_NAGIOS ? FUZZTEXT_NAGIOS : "");
}

static void check_whole(const char *text, enum buf_form form, struct buf *whole)
{
	char *raw;

	buf_printable(whole, text, form);
	raw = check(whole, form);
	ensure(strcmp(raw, text) == 0);
	free(raw);
}

/* "..." behind the head, or in front of the tail; a character takes 16 bytes at most. */
static void check_cut(const struct buf *cut, const struct buf *whole, size_t max,
		      enum buf_form form, bool is_tail)
{
	free(check(cut, form));
	ensure(cut->len <= max);
	if (whole->len <= max) {
		ensure(cut->len == whole->len &&
		       (!cut->len || !strcmp(cut->s, whole->s)));
		return;
	}
	if (max < 3) {
		ensure(cut->len == 0);
		return;
	}
	ensure(cut->len >= 3 && cut->len + 16 > max);
	if (is_tail)
		ensure(memcmp(cut->s, "...", 3) == 0 &&
		       strcmp(cut->s + 3, whole->s + whole->len - (cut->len - 3)) == 0);
	else
		ensure(strcmp(cut->s + cut->len - 3, "...") == 0 &&
		       memcmp(cut->s, whole->s, cut->len - 3) == 0);
}

static void check_form(const char *text, enum buf_form form, size_t max)
{
	struct buf whole = BUF_INIT, head = BUF_INIT, tail = BUF_INIT;

	check_whole(text, form, &whole);
	buf_printable_head(&head, text, form, max);
	buf_printable_tail(&tail, text, form, max);
	check_cut(&head, &whole, max, form, false);
	check_cut(&tail, &whole, max, form, true);
	buf_clip(&whole, max);
	ensure(whole.len <= max);
	free(check(&whole, form));
	buf_release(&whole);
	buf_release(&head);
	buf_release(&tail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_string(data, size);

	for (int form = BUF_PRINTABLE; text && form <= BUF_NAGIOS; form++)
		check_form(text, (enum buf_form)form, size ? data[0] : 0);
	free(text);
	return 0;
}
