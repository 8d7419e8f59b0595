/*
 * text.h - the texts of one snapshot: printable, cut to what a column holds, and kept
 * together, with most of those that are equal kept once.
 *
 * Knows nothing of what they mean, and takes no text as a name of anything.
 */
#ifndef SNMP_TEXT_H
#define SNMP_TEXT_H

#include "snapshot.h"

struct text_block;
struct text_recent;

struct text_pool {
	struct text_block *blocks;  /* owned; never moved, the one being filled first */
	struct text_recent *recent; /* owned; what equal texts are found in; or NULL */
};

/*
 * The printable form of s in out, ended by NUL, at most SNAPSHOT_TEXT_MAX octets: a longer
 * one is "..." and as much of its end as there is room for, with no character and no
 * escape cut in two.  Returns its length.
 */
size_t text_render(const char *s, char out[SNAPSHOT_TEXT_MAX + 1]);

/* 32-bit FNV-1a of the bytes of s. */
uint32_t text_hash(const char *s);

/* Returns 0, or -ENOMEM with nothing to release. */
int text_pool_init(struct text_pool *pool);
void text_pool_release(struct text_pool *pool); /* all zero is a no-op */

/*
 * Renders s, which is borrowed until text_pool_seal(); NULL gives the empty text.  Returns
 * 0 and what lives as long as the pool, or -ENOMEM.
 */
int text_pool_add(struct text_pool *pool, const char *s, struct snapshot_text *ret);

/* Nothing is added any more. */
void text_pool_seal(struct text_pool *pool);

/* Bytes that the pool takes. */
size_t text_pool_size(const struct text_pool *pool);

#endif
