/*
 * terminal.h - is somebody looking?  Only then are there colours, columns and progress.
 */
#ifndef PLUGIN_TERMINAL_H
#define PLUGIN_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct terminal {
	unsigned width; /* columns; 0: stdout is no terminal */
	bool colour;    /* never with NO_COLOR or TERM=dumb */
};

struct terminal terminal_find(void);

/* Shows on the last line how far a scan is, and takes that line away again. */
void terminal_show_progress(size_t done, size_t all);
void terminal_clear_progress(void);

#endif
