/*
 * rows.h - the rows of processes and of their files, as far as the limits allow.
 */
#ifndef SNMP_ROWS_H
#define SNMP_ROWS_H

#include "libs.h"

struct rows {
	struct snapshot_proc *procs; /* owned; by pid */
	struct snapshot_file *files; /* owned; by pid, then n */
	size_t nprocs;
	size_t nfiles;
	size_t unpublished; /* processes and files that have none */
};

/* source->report is not NULL.  Returns 0 and *ret (rows_release()), or -ENOMEM. */
int rows_make(const struct snapshot_source *source, const struct libs *libs,
	      struct text_pool *pool, struct rows *ret);
void rows_release(struct rows *rows); /* all zero is a no-op */

#endif
