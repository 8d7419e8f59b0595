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

/* Ignore rules from files and from the caller, in the order in which they came. */
struct rule_list; /* owned by who made it */

/* Returns 0 and hands over *ret (release it with rule_list_free()), or -ENOMEM. */
int rule_list_new(struct rule_list **ret);

/* Copies both texts.  Returns 0, -EINVAL for an empty pattern, -ERANGE beyond 10,000
 * rules, or -ENOMEM. */
int rule_list_add(struct rule_list *rules, enum stale_rule_kind kind, const char *pattern,
		  const char *origin);

/*
 * Adds the rules of a file, or none: a bad line, a file that is larger than 1 MiB, or is
 * no regular one, is an error.  Returns 0, or -errno with what is wrong in message, as
 * "FILE:LINE: ..." where it is a line.  Nothing of a file's contents is in there.
 */
int rule_list_read_file(struct rule_list *rules, const char *path, char *message,
			size_t message_size);

/*
 * The same for all *.conf of a folder that do not begin with a dot, in the order of
 * strcmp(3).  A missing folder is an empty one.  must_be_roots: -EPERM where the folder
 * or a file does not belong to root, or somebody else may write to it.
 */
int rule_list_read_folder(struct rule_list *rules, const char *folder, bool must_be_roots,
			  char *message, size_t message_size);

/* Borrowed until the rules change. */
const struct stale_rule *rule_list_items(const struct rule_list *rules, size_t *ret_n);

/* NULL is fine. */
void rule_list_free(struct rule_list *rules);

#endif
