/*
 * suspects.c - tell doubtful files by their names, ask the judge about new ones, keep
 * those that are stale.
 */
#include "suspects.h"

#include <fcntl.h>
#include <string.h>

#include "evidence.h"
#include "lookup.h"
#include "util.h"

/* Distinct names that are remembered: other users choose how many there are. */
#define VERDICTS_MAX ((size_t)1 << 20)

/* In the table of verdicts: judged, and not stale. */
static const struct found_file not_stale;

static bool is_exe_name(const struct visit *v, struct name name)
{
	return v->exe_len > 0 && name.len == (size_t)v->exe_len &&
	       memcmp(name.s, v->exe, name.len) == 0;
}

static uint64_t exe_inode(struct visit *v)
{
	struct lookup_stat st;

	if (!v->exe_inode_is_tried && !v->worker->judge.is_captured &&
	    lookup_stat(v->process.dirfd, "exe", &st) == 0)
		v->exe_inode = st.inode;
	v->exe_inode_is_tried = true;
	return v->exe_inode;
}

/*
 * The name decides; the inode helps where it is too long for a link, or where the text of
 * maps writes a newline otherwise.
 */
static enum stale_kind kind_of(struct visit *v, const struct mapping *mapping,
			       bool is_marked)
{
	if (is_exe_name(v, mapping->name))
		return STALE_EXE;
	if (is_marked && exe_inode(v) && exe_inode(v) == mapping->inode)
		return STALE_EXE;
	return STALE_LIB;
}

static int open_root(struct visit *v)
{
	int fd;

	if (v->rootfd_is_tried || v->worker->judge.is_captured ||
	    !v->process.root->prefix.len)
		return 0;
	v->rootfd_is_tried = true;
	fd = openat(v->process.dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return procfs_error_class(errno) == PROCFS_FATAL ? -errno : 0;
	v->process.rootfd = fd;
	return 0;
}

static int keep_file(struct worker *w, const struct found_file *file)
{
	void *array = w->files;
	int rc;

	if (w->nfiles == WORKER_FILES_MAX) {
		w->nfiles_left_out++;
		return 0;
	}
	rc = util_grow(&array, &w->room, w->nfiles, sizeof(const void *));
	if (rc < 0)
		return rc;
	w->files = array;
	w->files[w->nfiles++] = file;
	return 0;
}

/* Has a file judged that no process before had.  Adds the verdict to the table. */
static int judge_first(struct visit *v, const struct mapping *mapping,
		       const struct table_key *key, struct table_slot **ret_slot)
{
	struct worker *w = v->worker;
	const struct found_file *file = NULL;
	const enum stale_kind kind = (enum stale_kind)(key->c & 1);
	struct name unmarked;
	int rc;

	if (w->verdicts.n >= VERDICTS_MAX)
		return -ENOBUFS;
	rc = open_root(v);
	if (rc < 0)
		return rc;
	if (name_unmark(mapping->name, &unmarked)) {
		rc = visit_read_stat(v);
		if (rc == 0)
			rc = judge_suspect(&w->judge, &v->process, mapping, kind, &file);
	} else {
		rc = judge_live(&w->judge, &v->process, mapping, kind, &file);
	}
	if (rc < 0)
		return rc;
	return table_add(&w->verdicts, key, file ? file : &not_stale, ret_slot);
}

/* Takes a file that might be stale: a mapping, or an executable without one. */
static int take_file(struct visit *v, const struct mapping *mapping, enum stale_kind kind)
{
	struct worker *w = v->worker;
	const uint64_t seed = w->verdicts.seed ^ v->process.root->id;
	struct table_key key = {
		.a = mapping->device,
		.b = mapping->inode,
		.c = table_hash(seed, mapping->name.s, mapping->name.len),
	};
	struct table_slot *slot;

	key.c = (key.c & ~UINT64_C(1)) | kind;
	slot = table_find(&w->verdicts, &key);
	if (!slot) {
		int rc = judge_first(v, mapping, &key, &slot);

		if (rc < 0)
			return rc;
	}
	/* One entry per file, however many of its segments are mapped. */
	if (slot->value == &not_stale || slot->stamp == w->turn)
		return 0;
	slot->stamp = w->turn;
	return keep_file(w, slot->value);
}

static int take_mapping(struct visit *v, const struct mapping *mapping, bool is_marked)
{
	const enum stale_kind kind = kind_of(v, mapping, is_marked);

	if (kind == STALE_EXE)
		v->exe_is_judged = true;
	return take_file(v, mapping, kind);
}

/* The text of maps writes "\012" for a newline, and for itself: ask which it is. */
static int take_escaped_mapping(struct visit *v, const struct mapping *mapping,
				bool is_marked)
{
	struct mapping raw = *mapping;
	char buf[PATH_MAX];
	ssize_t n = -ENOENT;

	raw.is_escaped = memchr(raw.name.s, '\\', raw.name.len) != NULL;
	if (raw.is_escaped && !v->worker->judge.is_captured)
		n = evidence_raw_name(&v->process, mapping, buf, sizeof(buf));
	if (n > 0) {
		raw.name = (struct name){buf, (size_t)n};
		raw.is_escaped = false;
	}
	return take_mapping(v, &raw, is_marked);
}

int suspects_take_mapping(void *arg, const struct mapping *mapping)
{
	struct visit *v = arg;
	struct name unmarked;
	bool is_marked;

	v->nmappings++;
	is_marked = name_unmark(mapping->name, &unmarked);
	if (!is_marked && !judge_is_candidate(mapping->name))
		return 0;
	if (mapping->is_escaped)
		return take_escaped_mapping(v, mapping, is_marked);
	return take_mapping(v, mapping, is_marked);
}

int suspects_take_exe(struct visit *visit)
{
	struct mapping mapping = {.name = {visit->exe, 0}};
	struct lookup_stat st;
	struct name unmarked;

	if (visit->exe_is_judged || visit->exe_len <= 0)
		return 0;
	mapping.name.len = (size_t)visit->exe_len;
	if (!name_unmark(mapping.name, &unmarked))
		return 0;
	if (!visit->worker->judge.is_captured) {
		int rc = lookup_stat(visit->process.dirfd, "exe", &st);

		if (rc < 0)
			return rc;
		mapping.device = st.device;
		mapping.inode = st.inode;
	}
	return take_file(visit, &mapping, STALE_EXE);
}
