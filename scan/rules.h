/*
 * rules.h - which stale files are no upgrade, or none that the caller wants to hear of.
 */
#ifndef SCAN_RULES_H
#define SCAN_RULES_H

#include "findings.h"

/* What a rule needs to know of the processes that use a file. */
struct rules_first {
	int64_t start_ns; /* of the earliest of them, at the latest; 0: unknown */
	uid_t uid;        /* of that process */
};

/*
 * The rule that matches, in words, or NULL.  Borrowed from opt or static; the caller's
 * globs and literals are told as they were given.
 */
const char *rules_match(const struct stale_options *opt, const struct found_file *file,
			const struct rules_first *first);

/* Does the caller want to hear of this file: opt->library_globs. */
bool rules_is_wanted(const struct stale_options *opt, const struct found_file *file);

#endif
