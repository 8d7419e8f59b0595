/*
 * suspects.h - which files of a process are doubtful, and what was said of them.
 *
 * Nearly every mapping is done with after one look at its name.  What is left is judged
 * once per scan; the worker's table holds the verdicts.
 */
#ifndef SCAN_SUSPECTS_H
#define SCAN_SUSPECTS_H

#include "visit.h"

/*
 * A mapread_fn, arg is the struct visit: keeps the file if it is stale.  Returns 0,
 * -ENOBUFS when too much was found, or another -errno.
 */
int suspects_take_mapping(void *arg, const struct mapping *mapping);

/* The same for the executable of a process whose text was moved away from its file. */
int suspects_take_exe(struct visit *visit);

/*
 * The same for the regular files that the process has open.  Returns also -EACCES and the
 * like where the descriptors cannot be listed.
 */
int suspects_take_fds(struct visit *visit);

#endif
