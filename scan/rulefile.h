/*
 * rulefile.h - rules for what is to be ignored, from files and from the caller.
 *
 * Only kept here, in the order in which they came; who matches them is elsewhere.
 */
#ifndef SCAN_RULEFILE_H
#define SCAN_RULEFILE_H

#include "names.h"
#include "stale.h"

/*
 * One line, without its newline.  Returns 1 with a rule, its pattern borrowed from the
 * line; 0 where there is none (empty, a comment); or -EINVAL with what would be right.
 */
int rulefile_parse_line(const char *line, size_t len, enum stale_rule_kind *ret_kind,
			struct name *ret_pattern, const char **ret_wrong);

#endif
