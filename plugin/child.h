/*
 * child.h - what every child of ours does before its work, and the clock we wait by.
 */
#ifndef PLUGIN_CHILD_H
#define PLUGIN_CHILD_H

#include <stdint.h>

/* What a killed child gets to end, so that it leaves no zombie behind; microseconds. */
#define CHILD_GRACE_US 50000

/* Microseconds of CLOCK_MONOTONIC. */
int64_t child_clock_us(void);

/* Closes all descriptors from first on. */
void child_close_from(int first);

/* Default signals, none blocked. */
void child_reset_signals(void);

#endif
