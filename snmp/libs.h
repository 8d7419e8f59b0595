/*
 * libs.h - the files of a report, rolled up by path: what the table of libraries shows,
 * and where each file of the report is in it.
 *
 * Time grows as the number of files does, up to a logarithm, whatever names they have.
 */
#ifndef SNMP_LIBS_H
#define SNMP_LIBS_H

#include "text.h"
#include "worth.h"

struct libs_path {
	struct snapshot_lib row;
	enum worth worth; /* of the file of that path which is worth most */
	bool has_row;     /* in the table */
};

struct libs {
	struct libs_path *paths; /* owned; each path once */
	size_t npaths;
	size_t *path_of; /* owned; index in paths, of each file in the order of the report */
};

/*
 * Texts go into the pool.  At most source->max_files paths have a row; those that are
 * worth most come first, then those of more processes.  Returns 0 and *ret (libs_release()), or
 * -ENOMEM.  source->report is not NULL.
 */
int libs_make(const struct snapshot_source *source, struct text_pool *pool,
	      struct libs *ret);
void libs_release(struct libs *libs); /* all zero is a no-op */

/* Returns 0 and the rows, by index (free(); NULL where there are none), or -ENOMEM. */
int libs_rows(const struct libs *libs, struct snapshot_lib **ret_rows, size_t *ret_n);

#endif
