/*
 * golden.h - whole outputs, compared with files in testdata/output.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <stddef.h>

/*
 * Returns 0 when testdata/output/NAME holds exactly these bytes; else -1, and prints
 * both.  With STALE_GOLDEN=write in the environment it writes them there instead: look at
 * the difference before you commit it.
 */
int golden_check(const char *name, const char *out, size_t len);

#endif
