/*
 * filelist.h - stale files one a line, in words for people: why, since when, whose on
 * disk.  Pure.
 */
#ifndef PLUGIN_FILELIST_H
#define PLUGIN_FILELIST_H

#include "buf.h"
#include "view.h"

/*
 * Adds a line for every distinct path and reason, sorted: "/lib/libssl.so.3: replaced
 * 1d 2h ago, package libssl3 3.0.15-1".  The age is that of the oldest.  Returns 0, or
 * -ENOMEM.
 */
int filelist_render(const struct view *view, struct buf *out);

#endif
