/*
 * errname.h - the symbolic name of an errno: strerrorname_np() needs glibc 2.32.
 */
#ifndef PLUGIN_ERRNAME_H
#define PLUGIN_ERRNAME_H

#include "buf.h"

/* Adds "EACCES" and the like; "errno 999" for one that reading /proc does not give. */
void errname_print(struct buf *t, int error);

#endif
