/*
 * taken.h - settings of the core, taken one after the other.
 */
#ifndef TESTS_TAKEN_H
#define TESTS_TAKEN_H

#include "stale.h"

#define TAKEN_PAIRS 4

struct taken_pair {
	const char *name; /* NULL: no more */
	const char *value;
};

/* Fails the test where one is refused.  stale_settings_free() what is returned. */
struct stale_settings *taken_make(const struct taken_pair pairs[TAKEN_PAIRS]);

/* Loads them without a folder of ignore rules; fails the test where that does. */
void taken_load(struct stale_settings *settings);

#endif
