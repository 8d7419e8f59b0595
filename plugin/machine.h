/*
 * machine.h - "PID,PID;FILE,FILE;command line", as lib_users -m prints it.  Pure.
 *
 * One line for all processes with the same command line, by the lowest of their PIDs.
 * PIDs ascend as numbers, files as strcmp() sorts.  Names are in printable form, in
 * which FILE has no ',' and no ';' either ("\x2c", "\x3b"): two ';' end the first two
 * fields, and all behind them is the command line.  Who has cleared its own is [comm].
 * Lists every process of the view, also those that do not count.
 */
#ifndef PLUGIN_MACHINE_H
#define PLUGIN_MACHINE_H

#include "buf.h"
#include "view.h"

/* Returns 0, or -ENOMEM. */
int machine_render(const struct view *view, struct buf *out);

#endif
