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
 * The rule that matches a file of a process, in words, or NULL: the origin of one of
 * opt->ignore, borrowed from there, or the name of a built-in one, static.
 */
const char *rules_match(const struct stale_options *opt, const struct found_file *file,
			const struct found_proc *proc, const struct rules_first *first);

/* Does any of the patterns match the path or its basename? */
bool rules_name_matches(const char *const *globs, const char *path);

/* Does the caller want to hear of this file: opt->kinds, opt->library_globs. */
bool rules_is_wanted(const struct stale_options *opt, const struct found_file *file);

#endif
