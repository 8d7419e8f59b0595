/*
 * cleanup.h - cleanup attributes, for snmp/ only.
 *
 * The attribute stands behind these names only; initialise where you declare.
 */
#ifndef SNMP_CLEANUP_H
#define SNMP_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define cleanup_free  __attribute__((cleanup(cleanup_do_free)))
#define cleanup_close __attribute__((cleanup(cleanup_do_close)))

static inline void cleanup_do_free(void *pp)
{
	free(*(void **)pp);
}

/* The descriptor may be negative. */
static inline void cleanup_do_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Hands the descriptor on: the cleanup leaves it alone. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
