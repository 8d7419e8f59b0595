/*
 * buf.h - a growing buffer, and the printable form of bytes that somebody else chose.
 *
 * The printable form is valid UTF-8 on one line without control characters: a backslash
 * is "\\", control bytes, DEL, C1 controls and invalid UTF-8 are "\n", "\t", "\r" or
 * "\xhh" (lower case).  For Nagios '|', ';', '<', '>' and '&' are "\xhh" too: the first
 * begins performance data, the second becomes ':', the others may be taken for HTML.
 */
#ifndef PLUGIN_BUF_H
#define PLUGIN_BUF_H

#include <stddef.h>

struct buf {
	char *s;    /* owned; ended by NUL; NULL while nothing was added */
	size_t len; /* bytes without the NUL */
	size_t room;
	int error; /* 0 or -ENOMEM; stays, and nothing is added any more */
};

#define BUF_INIT                                                                         \
	{                                                                                \
		NULL, 0, 0, 0                                                            \
	}
#define cleanup_buf __attribute__((cleanup(buf_release)))

enum buf_form {
	BUF_PRINTABLE,
	BUF_NAGIOS,
};

/* Frees the contents; t is as after BUF_INIT. */
void buf_release(struct buf *t);

/* All that add set t->error when memory runs out: ask once, at the end. */
void buf_bytes(struct buf *t, const char *s, size_t len);
void buf_put(struct buf *t, const char *s);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *t, const char *format,
						      ...);

/* Adds the printable form of s. */
void buf_printable(struct buf *t, const char *s, enum buf_form form);

/*
 * The same in at most max bytes.  What is longer keeps its head (its tail) and ends
 * (begins) with "..."; no character and no escape is cut in two.
 */
void buf_printable_head(struct buf *t, const char *s, enum buf_form form, size_t max);
void buf_printable_tail(struct buf *t, const char *s, enum buf_form form, size_t max);

/* Shortens t, which holds printable text, to at most max bytes; cuts nothing in two. */
void buf_clip(struct buf *t, size_t max);

#endif
