/*
 * table.h - a hash table from three numbers to a pointer.  Knows nothing of what they
 * mean; only adds.
 */
#ifndef SCAN_TABLE_H
#define SCAN_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_key {
	uint64_t a, b, c;
};

struct table_slot {
	struct table_key key;
	const void *value; /* borrowed; never NULL in a used slot */
	uint32_t stamp;    /* the caller's; 0 in a new slot */
};

struct table {
	struct table_slot *slots; /* owned */
	size_t room;              /* a power of two, or 0 */
	size_t n;
	uint64_t seed;
};

/*
 * seed: keys come from other users, who must not be able to choose which ones collide.
 * Allocates nothing.
 */
void table_init(struct table *table, uint64_t seed);
void table_release(struct table *table);

/* Borrowed until the next table_add(); NULL: not there. */
struct table_slot *table_find(const struct table *table, const struct table_key *key);

/*
 * Adds a key that is not there.  Returns 0 and the new slot (borrowed as above), or
 * -ENOMEM with the table as it was.
 */
int table_add(struct table *table, const struct table_key *key, const void *value,
	      struct table_slot **ret_slot);

/* Hashes bytes into h, a seed or an earlier hash. */
uint64_t table_hash(uint64_t h, const void *bytes, size_t len);

#endif
