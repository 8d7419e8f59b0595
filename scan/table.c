/*
 * table.c - open addressing with linear probing, at most three quarters full.
 */
#include "table.h"

#include <stdbool.h>
#include <string.h>

#include "util.h"

/* Odd, with bits spread evenly: 2^64 divided by the golden ratio. */
#define MIX UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * MIX;
	return h ^ (h >> 29);
}

uint64_t table_hash(uint64_t h, const void *bytes, size_t len)
{
	const char *p = bytes;
	uint64_t word;

	h = mix(h, len);
	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = mix(h, word);
	}
	word = 0;
	if (len)
		memcpy(&word, p, len);
	h = mix(h, word);
	return h ^ (h >> 32);
}

void table_init(struct table *table, uint64_t seed)
{
	*table = (struct table){.seed = seed};
}

void table_release(struct table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->room = table->n = 0;
}

static bool key_is_equal(const struct table_key *x, const struct table_key *y)
{
	return x->a == y->a && x->b == y->b && x->c == y->c;
}

/* The slot of key, or the free one where it would go. */
static struct table_slot *probe(const struct table *table, const struct table_key *key)
{
	uint64_t h = mix(mix(mix(table->seed, key->a), key->b), key->c);
	size_t i = (size_t)(h ^ (h >> 32)) & (table->room - 1);

	while (table->slots[i].value && !key_is_equal(&table->slots[i].key, key))
		i = (i + 1) & (table->room - 1);
	return &table->slots[i];
}

struct table_slot *table_find(const struct table *table, const struct table_key *key)
{
	struct table_slot *slot;

	if (!table->n)
		return NULL;
	slot = probe(table, key);
	return slot->value ? slot : NULL;
}

static int grow(struct table *table)
{
	struct table bigger = {.seed = table->seed, .n = table->n};

	bigger.room = table->room ? table->room * 2 : 1024;
	bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < table->room; i++)
		if (table->slots[i].value)
			*probe(&bigger, &table->slots[i].key) = table->slots[i];
	free(table->slots);
	*table = bigger;
	return 0;
}

int table_add(struct table *table, const struct table_key *key, const void *value,
	      struct table_slot **ret_slot)
{
	struct table_slot *slot;

	if (table->n >= table->room / 4 * 3) {
		int rc = grow(table);

		if (rc < 0)
			return rc;
	}
	slot = probe(table, key);
	*slot = (struct table_slot){.key = *key, .value = value};
	table->n++;
	*ret_slot = slot;
	return 0;
}
