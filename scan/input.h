/*
 * input.h - whole files, up to a limit, for scan/ only.
 */
#ifndef SCAN_INPUT_H
#define SCAN_INPUT_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* Reads until size bytes are there, or the end.  Returns their number, or -errno. */
static inline ssize_t input_read(int fd, void *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, (char *)buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

#endif
