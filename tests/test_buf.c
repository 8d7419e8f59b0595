/*
 * test_buf.c - what other people's bytes look like when they are shown.
 */
#include "tests/test.h"

#include <errno.h>

#include "buf.h"

/* For all bytes that one unit of hostile text may begin with. */
static const char hostile[] =
	"a|b;c<d>e&f\\g\nh\ti\rj\033[31mk\x7fl\xc2\x85m\xffn\xc3\xa4o\xe2\x82\xacp"
	"\xf0\x9f\x98\x80q\xed\xa0\x80r\xc0\xafs\xf4\x90\x80\x80t\xe2\x82";

static void bytes_become_printable(void **state)
{
	static const struct row {
		const char *label, *s, *want, *nagios;
	} rows[] = {
		{"newline", "a\nb", "a\\nb", NULL},
		{"tab and return", "\t\r", "\\t\\r", NULL},
		{"backslash", "a\\b", "a\\\\b", NULL},
		{"backslash and n is no newline", "\\n", "\\\\n", NULL},
		{"escape sequence", "\033[31m", "\\x1b[31m", NULL},
		{"other control bytes", "\001\a\b\v\f\037",
		 "\\x01\\x07\\x08\\x0b\\x0c\\x1f", NULL},
		{"DEL", "\177", "\\x7f", NULL},
		{"C1, encoded", "\xc2\x80\xc2\x9b\xc2\x9f",
		 "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f", NULL},
		{"after C1", "\xc2\xa0", "\xc2\xa0", NULL},
		{"C1, not encoded", "\x9b", "\\x9b", NULL},
		{"Latin-1", "\xe4x", "\\xe4x", NULL},
		{"two bytes", "\xc3\xa4", "\xc3\xa4", NULL},
		{"three bytes", "\xe2\x82\xac", "\xe2\x82\xac", NULL},
		{"four bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", NULL},
		{"overlong, two", "\xc0\xaf", "\\xc0\\xaf", NULL},
		{"overlong, three", "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf", NULL},
		{"overlong, four", "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf", NULL},
		{"shortest of three", "\xe0\xa0\x80", "\xe0\xa0\x80", NULL},
		{"shortest of four", "\xf0\x90\x80\x80", "\xf0\x90\x80\x80", NULL},
		{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", NULL},
		{"before surrogates", "\xed\x9f\xbf", "\xed\x9f\xbf", NULL},
		{"last character", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", NULL},
		{"after the last", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", NULL},
		{"no lead byte", "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80", NULL},
		{"cut in two", "\xe2\x82", "\\xe2\\x82", NULL},
		{"cut in four", "\xf0\x9f\x98", "\\xf0\\x9f\\x98", NULL},
		{"cut by a letter", "\xe2\x82z", "\\xe2\\x82z", NULL},
		{"0xff", "\xff", "\\xff", NULL},
		{"what Nagios reads", "a|b;c<d>&e", "a|b;c<d>&e",
		 "a\\x7cb\\x3bc\\x3cd\\x3e\\x26e"},
		{"quotes, blanks, percent", "'\" %s%n`$", "'\" %s%n`$", NULL},
		{"nothing", "", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct buf out = BUF_INIT;

		buf_put(&out, "");
		buf_printable(&out, r->s, BUF_PRINTABLE);
		row_text(r->label, "printable", out.s, out.len, r->want);
		buf_release(&out);
		buf_put(&out, "");
		buf_printable(&out, r->s, BUF_NAGIOS);
		row_text(r->label, "for Nagios", out.s, out.len,
			 r->nagios ? r->nagios : r->want);
		buf_release(&out);
	}
}

static void long_text_keeps_its_head(void **state)
{
	static const struct row {
		const char *label, *s;
		size_t max;
		const char *want;
	} rows[] = {
		{"it fits", "abcdef", 6, "abcdef"},
		{"one too many", "abcdefg", 6, "abc..."},
		{"an escape fits", "abc\n", 5, "abc\\n"},
		{"an escape is not cut", "a\033bcdefg", 7, "a..."},
		{"an escape before the cut", "a\033bcdefg", 8, "a\\x1b..."},
		{"a character is not cut", "a\xe2\x82\xac\xe2\x82\xac", 6, "a..."},
		{"a character before the cut", "a\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 7,
		 "a\xe2\x82\xac..."},
		{"room for the mark only", "abcdef", 3, "..."},
		{"no room for the mark", "abcdef", 2, ""},
		{"no room", "abcdef", 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		buf_put(&out, "");
		buf_printable_head(&out, rows[i].s, BUF_NAGIOS, rows[i].max);
		row_text(rows[i].label, "head", out.s, out.len, rows[i].want);
		buf_release(&out);
	}
}

static void long_paths_keep_their_tail(void **state)
{
	static const struct row {
		const char *label, *s;
		size_t max;
		const char *want;
	} rows[] = {
		{"it fits", "/a/lib.so", 9, "/a/lib.so"},
		{"one too many", "/ab/lib.so", 9, "...lib.so"},
		{"an escape is not cut", "/a\033lib.so", 11, "...lib.so"},
		{"an escape after the cut", "/abcd\033lib.so", 13, "...\\x1blib.so"},
		{"a character is not cut", "/aa\xe2\x82\xac/lib.so", 12, ".../lib.so"},
		{"room for the mark only", "abcdef", 3, "..."},
		{"no room", "abcdef", 1, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		buf_put(&out, "");
		buf_printable_tail(&out, rows[i].s, BUF_NAGIOS, rows[i].max);
		row_text(rows[i].label, "tail", out.s, out.len, rows[i].want);
		buf_release(&out);
	}
}

/* How many bytes the escapes of printable text are, checked one by one. */
static size_t count_backslashes(const struct buf *text)
{
	size_t n = 0, unit;

	for (size_t i = 0; i < text->len; i += unit) {
		unit = 1;
		if (text->s[i] != '\\')
			continue;
		unit = text->s[i + 1] == 'x' ? 4 : 2;
		assert_true(i + unit <= text->len);
		n += text->s[i + 1] == '\\' ? 2 : 1;
	}
	return n;
}

/* Every cut of hostile text ends between two units, and is as long as it can be. */
static void no_cut_falls_into_an_escape_or_a_character(void **state)
{
	struct buf whole = BUF_INIT;

	(void)state;
	buf_printable(&whole, hostile, BUF_NAGIOS);
	assert_non_null(whole.s);
	for (size_t max = 0; max <= whole.len; max++) {
		struct buf cut = BUF_INIT, again = BUF_INIT;

		buf_bytes(&cut, whole.s, whole.len);
		buf_clip(&cut, max);
		assert_true(cut.len <= max && max - cut.len < 4);
		assert_memory_equal(cut.s, whole.s, cut.len);
		assert_int_equal(cut.s[cut.len], 0);
		/* Printed again only backslashes grow: no character was cut in two. */
		buf_printable(&again, cut.s, BUF_PRINTABLE);
		assert_int_equal(again.len, cut.len + count_backslashes(&cut));
		buf_release(&cut);
		buf_release(&again);
	}
	buf_release(&whole);
}

static void a_buffer_grows_with_what_is_added(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_printf(&out, "%d,", i % 10);
	buf_bytes(&out, "a\0b", 3);
	assert_int_equal(out.error, 0);
	assert_int_equal(out.len, 20003);
	assert_memory_equal(out.s + 19998, "9,a\0b", 6);
	buf_release(&out);
	assert_null(out.s);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void more_than_memory_is_an_error_that_stays(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	buf_put(&out, "kept");
	buf_bytes(&out, "", SIZE_MAX - 2);
	assert_int_equal(out.error, -ENOMEM);
	buf_put(&out, " and nothing more");
	buf_printf(&out, "%d", 1);
	assert_string_equal(out.s, "kept");
	assert_int_equal(out.error, -ENOMEM);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_printable),
		cmocka_unit_test(long_text_keeps_its_head),
		cmocka_unit_test(long_paths_keep_their_tail),
		cmocka_unit_test(no_cut_falls_into_an_escape_or_a_character),
		cmocka_unit_test(a_buffer_grows_with_what_is_added),
		cmocka_unit_test(more_than_memory_is_an_error_that_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
