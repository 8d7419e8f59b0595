/*
 * output.h - replaces a file as a whole: who reads it sees the old one or the new one.
 */
#ifndef PLUGIN_OUTPUT_H
#define PLUGIN_OUTPUT_H

#include <stddef.h>

/*
 * Writes the bytes to a new file beside path (a name nobody can guess, mode 0644 whatever
 * the umask), syncs it, renames it to path, and syncs the folder.  Returns 0, or a
 * negative errno: then the old file is as it was, nothing is left beside it, and message
 * (size bytes, printable, ended by NUL) tells the path and what would be right.  When
 * only the folder cannot be synced, the new file is in its place all the same.
 */
int output_write(const char *path, const char *bytes, size_t len, char *message,
		 size_t size);

#endif
