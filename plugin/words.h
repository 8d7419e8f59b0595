/*
 * words.h - what is said of processes, by what was looked for: code that they run, data
 * that they map, files that they hold open, or who uses a library at all.
 */
#ifndef PLUGIN_WORDS_H
#define PLUGIN_WORDS_H

#include "buf.h"
#include "view.h"

/* Behind the name of one process or group: "runs" "maps" "holds open" "has" "uses". */
const char *words_verb(const struct view *view, unsigned kinds);

/* Behind "0 of 212 processes", in Nagios form and short: "run outdated code". */
void words_finding(const struct view *view, struct buf *out);

/* "stale", or "users" when it was asked for these. */
const char *words_found(const struct view *view);

/* Adds bytes for people: "512 B", "1.2 GiB". */
void words_size(struct buf *out, int64_t bytes);

#endif
