/*
 * human.h - the listing for people: processes with the same command line on one line, as
 * lib_users prints them, then whose they are and what renews them.  Pure: whether there
 * is a terminal, how wide it is and whether it shall have colours is found out elsewhere.
 *
 * Lists every process of the view, also those that do not count.
 */
#ifndef PLUGIN_HUMAN_H
#define PLUGIN_HUMAN_H

#include "buf.h"
#include "verdict.h"

struct human {
	unsigned verbose; /* 1: the files too, and whole command lines */
	unsigned width;   /* columns of the terminal, to align for; 0: no terminal */
	bool colour;
	bool show_ignored;
};

/* Returns 0, or -ENOMEM. */
int human_render(const struct view *view, const struct verdict *verdict,
		 const struct human *human, struct buf *out);

#endif
