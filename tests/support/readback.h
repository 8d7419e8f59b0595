/*
 * readback.h - what was printed of hostile bytes, read back to these bytes.
 *
 * Every function fails the test where the text is not of its form.  What is cut is cut
 * in place.
 */
#ifndef TESTS_READBACK_H
#define TESTS_READBACK_H

#include <stddef.h>

/* No terminal and no parser of text is harmed by this.  Needs a locale of UTF-8. */
void readback_clean(const char *what, const char *text, size_t len);

/* The bytes of text in printable form, in place. */
char *readback_unescape(char *text);

/* One line, ended by NUL in place of its newline. */
char *readback_line(char **rest);

/* All before the separator, which is cut out. */
char *readback_field(char **rest, const char *separator);

/* The quote that ends a quoted text, or the end of it all. */
char *readback_quote(char *text);

/* NAME="value", or NAME="value"}: the value, unescaped as Prometheus' format wants it. */
char *readback_label(char **rest, const char *name);

void readback_expect(const char *what, const char *got, const char *want);

#endif
