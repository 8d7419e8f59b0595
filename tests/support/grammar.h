/*
 * grammar.h - is this what a plugin may print?  Pure, and knows nothing of check_stale but
 * its name: written from the Monitoring Plugins guideline and from what Nagios, Icinga and
 * NRPE were seen to misread.
 */
#ifndef TESTS_GRAMMAR_H
#define TESTS_GRAMMAR_H

#include <stddef.h>

#define GRAMMAR_HEAD_MAX  120 /* characters before the '|' */
#define GRAMMAR_LABEL_MAX 19  /* what is unique in RRD names */

/*
 * out: the whole answer to a check, not that to a usage error.  max: of bytes, the last
 * newline included.  Returns 0; or -1, and says in why what is wrong and where.
 */
int grammar_check(const char *out, size_t len, size_t max, char *why, size_t why_size);

#endif
