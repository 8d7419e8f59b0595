/*
 * verdicts.c - look for the same verdict, else put this one down.
 *
 * The lock is of the scanning process alone: it dies with its holder.
 */
#include "verdicts.h"

#include <errno.h>
#include <string.h>

void verdicts_init(struct verdicts *verdicts, struct findings *findings, uint64_t seed)
{
	verdicts->findings = findings;
	pthread_mutex_init(&verdicts->lock, NULL);
	table_init(&verdicts->known, seed);
}

void verdicts_release(struct verdicts *verdicts)
{
	table_release(&verdicts->known);
	pthread_mutex_destroy(&verdicts->lock);
}

static bool is_text(const char *text, struct name name)
{
	return strlen(text) == name.len && memcmp(text, name.s, name.len) == 0;
}

static bool is_successor(const char *text, const struct name *name)
{
	return text && name ? is_text(text, *name) : !text && !name;
}

/* By what it is of. */
static bool is_same_file(const struct found_file *a, const struct found_file *b)
{
	return a->root == b->root && a->device == b->device && a->inode == b->inode &&
	       a->kind == b->kind && a->is_below_scratch == b->is_below_scratch &&
	       a->is_fleeting == b->is_fleeting && a->old_uid == b->old_uid &&
	       a->old_birth_ns == b->old_birth_ns && a->old_ctime_ns == b->old_ctime_ns &&
	       a->old_mtime_ns == b->old_mtime_ns;
}

/* By what it says. */
static bool is_same_word(const struct found_file *a, const struct found_file *b)
{
	return a->why == b->why && a->since == b->since &&
	       a->since_source == b->since_source && a->bytes == b->bytes &&
	       a->build_id_len == b->build_id_len &&
	       (!a->build_id_len ||
		memcmp(a->build_id, b->build_id, a->build_id_len) == 0);
}

static int put(struct findings *findings, const struct found_file *verdict,
	       struct name path, const struct name *successor,
	       const struct found_file **ret_file)
{
	struct found_file *file = findings_alloc(findings, sizeof(*file));

	if (!file)
		return -ENOBUFS;
	*file = *verdict;
	file->path = findings_copy(findings, path.s, path.len);
	if (verdict->build_id_len)
		file->build_id = (const uint8_t *)findings_copy(
			findings, verdict->build_id, verdict->build_id_len);
	if (successor)
		file->successor = findings_copy(findings, successor->s, successor->len);
	if (!file->path || (verdict->build_id_len && !file->build_id) ||
	    (successor && !file->successor))
		return -ENOBUFS;
	*ret_file = file;
	return 0;
}

/* With the lock held. */
static int find_or_put(struct verdicts *v, const struct found_file *verdict,
		       struct name path, const struct name *successor,
		       const struct found_file **ret_file)
{
	const uint64_t asked = (uint64_t)verdict->root << 2 | verdict->kind;
	const struct table_key key = {
		verdict->device, verdict->inode,
		table_hash(v->known.seed ^ asked, path.s, path.len)};
	struct table_slot *slot = table_find(&v->known, &key);
	const struct found_file *file = slot ? slot->value : NULL;
	int rc;

	if (file && is_same_file(file, verdict) && is_same_word(file, verdict) &&
	    is_text(file->path, path) && is_successor(file->successor, successor)) {
		*ret_file = file;
		return 0;
	}
	rc = put(v->findings, verdict, path, successor, &file);
	if (rc == 0 && !slot)
		rc = table_add(&v->known, &key, file, &slot);
	if (rc == 0)
		*ret_file = file;
	return rc;
}

int verdicts_add(struct verdicts *verdicts, const struct found_file *verdict,
		 struct name path, const struct name *successor,
		 const struct found_file **ret_file)
{
	int rc;

	pthread_mutex_lock(&verdicts->lock);
	rc = find_or_put(verdicts, verdict, path, successor, ret_file);
	pthread_mutex_unlock(&verdicts->lock);
	return rc;
}
