/*
 * util.h - cleanup attributes and checked growth, for scan/ only.
 */
#ifndef SCAN_UTIL_H
#define SCAN_UTIL_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* The attribute stands behind these names only; initialise where you declare. */
#define cleanup_free  __attribute__((cleanup(util_free)))
#define cleanup_close __attribute__((cleanup(util_close)))

static inline void util_free(void *pp)
{
	free(*(void **)pp);
}

static inline void util_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Hands *fd over to the caller: its cleanup does nothing any more. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* The same for an owned pointer. */
#define take_ptr(pp)                                                                     \
	({                                                                               \
		__typeof__(pp) taken_pp = (pp);                                          \
		__typeof__(*taken_pp) taken = *taken_pp;                                 \
		*taken_pp = NULL;                                                        \
		taken;                                                                   \
	})

/*
 * Makes room for at least one more element of the given size in *array, which has room
 * for *room and holds n.  Returns 0, or -ENOMEM with everything as it was.
 */
static inline int util_grow(void **array, size_t *room, size_t n, size_t size)
{
	size_t want = *room ? *room * 2 : 16;
	void *bigger;

	if (n < *room)
		return 0;
	if (want <= n || want > SIZE_MAX / 2 / size)
		return -ENOMEM;
	bigger = realloc(*array, want * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*room = want;
	return 0;
}

#endif
