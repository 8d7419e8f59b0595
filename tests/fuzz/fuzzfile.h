/*
 * fuzzfile.h - fuzzed bytes as a file, for what reads whole files by their path.
 *
 * In memory only: nothing is left behind when a target ends in a crash.
 */
#ifndef FUZZFILE_H
#define FUZZFILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzztext.h"

/* The path of a regular file with these bytes; the same file each time. */
static inline const char *fuzzfile_path(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzzed", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	ensure(fd >= 0 && ftruncate(fd, 0) == 0 && fchmod(fd, 0600) == 0);
	ensure(pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}

#endif
