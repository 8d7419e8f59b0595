/*
 * oom.h - makes one allocation of many fail, in programs that are linked with
 * --wrap=malloc,--wrap=calloc,--wrap=realloc.
 *
 * Only calls from our own objects are wrapped; what libc takes for itself is not.
 */
#ifndef SUPPORT_OOM_H
#define SUPPORT_OOM_H

#include <stdbool.h>

/* Allocations of all threads until one fails, once; -1: none does. */
extern _Atomic long oom_countdown;

/*
 * Fails allocation 0, 1, 2 ... of make(arg) until it needs no more.  make() must then
 * return 0, and -ENOMEM each time before, or the test fails.  Returns how many there are.
 */
long oom_exhaust(int (*make)(void *arg), void *arg);

#endif
