/*
 * values.h - the values of the plugin's own options, each into its place in struct options.
 */
#ifndef PLUGIN_VALUES_H
#define PLUGIN_VALUES_H

#include "options.h"

/*
 * Adds "before 'culprit' after" to error, the culprit in printable form and cut where
 * long.  Returns -EINVAL, or -ENOMEM.
 */
int value_refuse(struct buf *error, const char *before, const char *culprit,
		 const char *after);

/* The same for a part of a value, which no NUL ends. */
int value_refuse_piece(struct buf *error, const char *before, const char *s, size_t len,
		       const char *after);

/* All: value is not NULL.  Return 0, -EINVAL with error set, or -ENOMEM. */
int value_warning(struct options *opt, const char *value, struct buf *error);
int value_critical(struct options *opt, const char *value, struct buf *error);
int value_timeout(struct options *opt, const char *value, struct buf *error);
int value_unreadable(struct options *opt, const char *value, struct buf *error);
int value_jobs(struct options *opt, const char *value, struct buf *error);
int value_format(struct options *opt, const char *value, struct buf *error);
int value_output(struct options *opt, const char *value, struct buf *error);
int value_max_output(struct options *opt, const char *value, struct buf *error);

#endif
