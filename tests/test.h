/*
 * test.h - cmocka with what it needs before it, and helpers for tables of cases.
 *
 * A row of a table carries a label; where a row fails, the label and both values are
 * printed.  Knows nothing of what is tested.
 */
#ifndef TEST_H
#define TEST_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* row_number("no path", "inode", line.inode, 12) */
#define row_number(label, what, got, want)                                               \
	do {                                                                             \
		if (!row_number_is(label, what, (int64_t)(got), (int64_t)(want)))        \
			fail();                                                          \
	} while (0)

/* row_text("no path", "path", line.path, line.path_len, "/bin/cat"); NULLs are equal. */
#define row_text(label, what, got, got_len, want)                                        \
	do {                                                                             \
		if (!row_text_is(label, what, got, got_len, want))                       \
			fail();                                                          \
	} while (0)

static inline bool row_number_is(const char *label, const char *what, int64_t got,
				 int64_t want)
{
	if (got == want)
		return true;
	print_error("%s: %s is %" PRId64 " (0x%" PRIx64 "), expected %" PRId64
		    " (0x%" PRIx64 ")\n",
		    label, what, got, (uint64_t)got, want, (uint64_t)want);
	return false;
}

static inline bool row_text_is(const char *label, const char *what, const char *got,
			       size_t got_len, const char *want)
{
	if (!got && !want)
		return true;
	if (got && want && got_len == strlen(want) && memcmp(got, want, got_len) == 0)
		return true;
	print_error("%s: %s is \"%.*s\" (%zu bytes), expected \"%s\"\n", label, what,
		    got ? (int)got_len : 6, got ? got : "(null)", got_len,
		    want ? want : "(null)");
	return false;
}

/* For results that must be written on success only: before, and after. */
static inline void untouched_init(void *result, size_t len)
{
	memset(result, 0xa5, len);
}

static inline bool untouched(const void *result, size_t len)
{
	const uint8_t *bytes = result;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0xa5)
			return false;
	return true;
}

/* The bytes and not one more, so that a sanitizer sees who reads on.  Owned: free(). */
static inline void *exact_copy(const void *bytes, size_t len)
{
	void *copy = malloc(len);

	if (!copy && len)
		abort();
	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

#endif
