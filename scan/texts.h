/*
 * texts.h - a list of copies of texts, for scan/ only.
 */
#ifndef SCAN_TEXTS_H
#define SCAN_TEXTS_H

#include <stddef.h>

/* All zero is an empty one. */
struct texts {
	void *list; /* owned: free(); of char *, each owned, with a NULL behind them */
	size_t n, room;
};

/* Adds a copy.  Returns 0, or -ENOMEM with all as it was. */
int texts_add(struct texts *texts, const char *text);

/* In the order they came, ended by NULL; NULL: none.  Borrowed until the list changes. */
const char *const *texts_list(const struct texts *texts);

void texts_release(struct texts *texts);

#endif
