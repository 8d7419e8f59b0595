/*
 * text.c - printable texts of at most 255 octets, and the memory they share.
 */
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CUT_MARK "..."
#define CUT_LEN  (sizeof(CUT_MARK) - 1)

#define BLOCK_MIN 1024
#define BLOCK_MAX ((size_t)256 * 1024)

/*
 * One place for each hash, and the newcomer takes it: who chooses names can make equal
 * texts be kept more than once, but nobody can make this slow.
 */
#define RECENT 1024

struct text_block {
	struct text_block *next;
	size_t used;
	size_t room;
	char bytes[];
};

struct text_recent {
	const char *raw; /* borrowed; NULL: none */
	struct snapshot_text text;
};

/* To ask about each of the characters that most names are made of would take longer than
 * all the rest of a snapshot. */
static struct stale_printable read_char(const char *s)
{
	if (*s >= ' ' && *s <= '~' && *s != '\\')
		return (struct stale_printable){.taken = 1, .len = 1, .text = {*s}};
	return stale_printable(s, "");
}

/* The end of s, of which all has len octets in printable form. */
static size_t render_end(const char *s, size_t len, char *out)
{
	struct stale_printable c;
	size_t n = CUT_LEN;

	memcpy(out, CUT_MARK, CUT_LEN);
	for (; (c = read_char(s)).taken; s += c.taken) {
		if (len <= SNAPSHOT_TEXT_MAX - CUT_LEN) {
			memcpy(out + n, c.text, c.len);
			n += c.len;
		} else {
			len -= c.len;
		}
	}
	out[n] = '\0';
	return n;
}

size_t text_render(const char *s, char out[SNAPSHOT_TEXT_MAX + 1])
{
	const char *at = s;
	struct stale_printable c;
	size_t len = 0;

	for (; (c = read_char(at)).taken; at += c.taken) {
		if (len + c.len <= SNAPSHOT_TEXT_MAX)
			memcpy(out + len, c.text, c.len);
		len += c.len;
	}
	if (len > SNAPSHOT_TEXT_MAX)
		return render_end(s, len, out);
	out[len] = '\0';
	return len;
}

uint32_t text_hash(const char *s)
{
	uint32_t hash = UINT32_C(2166136261);

	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * UINT32_C(16777619);
	return hash;
}

int text_pool_init(struct text_pool *pool)
{
	struct text_recent *recent = calloc(RECENT, sizeof(*recent));

	if (!recent)
		return -ENOMEM;
	*pool = (struct text_pool){.recent = recent};
	return 0;
}

void text_pool_release(struct text_pool *pool)
{
	while (pool->blocks) {
		struct text_block *next = pool->blocks->next;

		free(pool->blocks);
		pool->blocks = next;
	}
	text_pool_seal(pool);
}

void text_pool_seal(struct text_pool *pool)
{
	free(pool->recent);
	pool->recent = NULL;
}

/* Blocks grow, so that a small snapshot is small and a large one has few of them. */
static int add_block(struct text_pool *pool)
{
	size_t room = pool->blocks ? pool->blocks->room * 2 : BLOCK_MIN;
	struct text_block *block;

	if (room > BLOCK_MAX)
		room = BLOCK_MAX;
	block = malloc(sizeof(*block) + room);
	if (!block)
		return -ENOMEM;
	block->next = pool->blocks;
	block->used = 0;
	block->room = room;
	pool->blocks = block;
	return 0;
}

/* Keeps len bytes and the NUL behind them. */
static int keep(struct text_pool *pool, const char *bytes, size_t len,
		struct snapshot_text *ret)
{
	struct text_block *block = pool->blocks;

	if (!block || block->room - block->used <= len) {
		if (add_block(pool) < 0)
			return -ENOMEM;
		block = pool->blocks;
	}
	memcpy(block->bytes + block->used, bytes, len + 1);
	*ret = (struct snapshot_text){.s = block->bytes + block->used, .len = len};
	block->used += len + 1;
	return 0;
}

int text_pool_add(struct text_pool *pool, const char *s, struct snapshot_text *ret)
{
	struct text_recent *recent;
	char text[SNAPSHOT_TEXT_MAX + 1];
	int rc;

	if (!s) {
		*ret = (struct snapshot_text){.s = ""};
		return 0;
	}
	recent = &pool->recent[text_hash(s) % RECENT];
	if (!recent->raw || strcmp(recent->raw, s) != 0) {
		rc = keep(pool, text, text_render(s, text), &recent->text);
		if (rc < 0)
			return rc;
		recent->raw = s;
	}
	*ret = recent->text;
	return 0;
}

size_t text_pool_size(const struct text_pool *pool)
{
	size_t size = pool->recent ? RECENT * sizeof(*pool->recent) : 0;

	for (const struct text_block *block = pool->blocks; block; block = block->next)
		size += sizeof(*block) + block->room;
	return size;
}
