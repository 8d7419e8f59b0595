/*
 * terminal.c - is somebody looking?
 */
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MIN     20 /* what is narrower is told wrong */

static unsigned find_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < WIDTH_MIN)
		return WIDTH_DEFAULT;
	return size.ws_col;
}

/* https://no-color.org: present and not empty.  Who gained privilege trusts neither. */
static bool wants_colour(void)
{
	const char *no = secure_getenv("NO_COLOR"), *term = secure_getenv("TERM");

	return (!no || !*no) && term && *term && strcmp(term, "dumb") != 0;
}

struct terminal terminal_find(void)
{
	struct terminal terminal = {0};

	if (!isatty(STDOUT_FILENO))
		return terminal;
	terminal.width = find_width();
	terminal.colour = wants_colour();
	return terminal;
}

static void put(const char *s)
{
	(void)!write(STDOUT_FILENO, s, strlen(s));
}

void terminal_show_progress(size_t done, size_t all)
{
	char line[80];

	snprintf(line, sizeof(line), "\r%zu of %zu processes", done, all);
	put(line);
}

void terminal_clear_progress(void)
{
	put("\r\033[K");
}
