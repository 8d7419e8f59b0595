/*
 * cleanup.h - cleanup attributes, for plugin/ only.
 *
 * The attribute stands behind these names only; initialise where you declare.
 */
#ifndef PLUGIN_CLEANUP_H
#define PLUGIN_CLEANUP_H

#include <stdlib.h>

#define cleanup_free __attribute__((cleanup(cleanup_do_free)))

static inline void cleanup_do_free(void *pp)
{
	free(*(void **)pp);
}

#endif
