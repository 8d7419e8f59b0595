/*
 * watched.h - what a process that goes on tells the test: one page that both have mapped,
 * and how long the test may go on with it.
 */
#ifndef TESTS_WATCHED_H
#define TESTS_WATCHED_H

#include <stdbool.h>
#include <stddef.h>

#include "live.h"

/* Makes a file of size bytes, all 0, that everybody may write to; returns what is mapped
 * of it. */
void *watched_map(const struct live *live, const char *name, size_t size);
void watched_unmap(void *at, size_t size);

/* A loop: at least so many turns, and more while there is time. */
struct watched_loop {
	unsigned least, most;
	double seconds;
	double began; /* set by watched_begin() */
	unsigned n;   /* turns so far */
};

/* All of them where $STALE_LONG is set, however long that takes. */
void watched_begin(struct watched_loop *loop);
bool watched_next(struct watched_loop *loop);
/* One turn more, where what is looked for has not happened yet: for up to a minute. */
bool watched_longer(struct watched_loop *loop);
double watched_seconds(const struct watched_loop *loop);

#endif
