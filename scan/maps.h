/*
 * maps.h - one line of /proc/PID/maps, parsed.  Pure: takes bytes, reads nothing.
 */
#ifndef SCAN_MAPS_H
#define SCAN_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct maps_line {
	uint64_t start;
	uint64_t end;
	uint64_t device; /* major << 32 | minor */
	uint64_t inode;
	const char
		*path; /* borrowed from the line; not ended by NUL; NULL with 0 bytes */
	size_t path_len;
	bool executable;
};

/*
 * Parses one line, without its newline.  The path is all that follows the inode and its
 * blanks, as it stands there.  Returns 0, -EINVAL for a malformed line, -ERANGE for a
 * number that does not fit; *ret is written only on success.
 */
int maps_line_parse(const char *line, size_t len, struct maps_line *ret);

#endif
