/*
 * judge.c - the verdict on a file whose name bears the kernel's mark.
 *
 * The mark alone proves nothing: a file may really be called so, or have got its name
 * back.  Inode plus name decide; the device is only a hint, since on btrfs and overlayfs
 * the one in maps is not the one of stat(2).
 */
#include "judge.h"

#include <string.h>

#include "evidence.h"
#include "lookup.h"
#include "util.h"

/* Time stamps of files lag behind by up to a tick of the kernel, of 10 ms at most. */
#define CLOCK_TICK_NS 10000000

/* One case: everything about the file in question. */
struct inquiry {
	const struct judge_process *process;
	const struct mapping *mapping;
	enum stale_kind kind;
	struct name unmarked; /* as the kernel names it, without the mark */
	struct name final;    /* the same without a package manager's suffix */
	bool old_is_known;
	bool is_fleeting; /* see struct found_file */
	struct lookup_stat old;
	int successor_fd; /* O_PATH; owned; -1: none */
	struct name successor;
	char *unescaped[3]; /* owned; other readings of the names */
};

static void inquiry_release(struct inquiry *q)
{
	util_close(&q->successor_fd);
	for (size_t i = 0; i < sizeof(q->unescaped) / sizeof(q->unescaped[0]); i++)
		free(q->unescaped[i]);
}

/* Is the file at the end of a name the one that is mapped? */
static bool is_mapped_file(const struct inquiry *q, const struct lookup_stat *st)
{
	if (st->inode != q->mapping->inode)
		return false;
	/* Another file system may give out the same number: compare like with like. */
	if (q->old_is_known && q->old.inode == st->inode)
		return q->old.device == st->device;
	return true;
}

/*
 * Looks one name up.  Returns 1 when it leads to the mapped file, 0 when not, or the
 * -errno of a fatal error.  A regular file is kept as the successor where wanted.
 */
static int try_name(struct inquiry *q, struct name name, bool can_be_successor)
{
	const struct judge_process *p = q->process;
	const struct lookup_root root = {p->root->prefix, p->rootfd,
					 p->root->same_mounts};
	cleanup_close int fd = lookup_open(&root, name);
	struct lookup_stat st;
	int rc = fd < 0 ? fd : lookup_stat(fd, "", &st);

	if (rc < 0)
		return evidence_is_fatal(rc) ? rc : 0;
	if (is_mapped_file(q, &st))
		return 1;
	if (can_be_successor && q->successor_fd < 0 && S_ISREG(st.mode)) {
		q->successor_fd = take_fd(&fd);
		q->successor = name;
	}
	return 0;
}

/* The other reading of a name, with a newline for each "\012".  Returns a copy that the caller owns; *ret_failed: out of memory. */
static char *unescape(struct name name, struct name *ret, bool *ret_failed)
{
	static const char escape[] = "\\012";
	const size_t n = sizeof(escape) - 1;
	char *copy;
	size_t len = 0;

	if (!memmem(name.s, name.len, escape, n))
		return NULL;
	copy = malloc(name.len);
	*ret_failed = !copy;
	if (!copy)
		return NULL;
	for (size_t i = 0; i < name.len;) {
		bool is_newline = name.len - i >= n && memcmp(name.s + i, escape, n) == 0;

		copy[len++] = name.s[i];
		if (is_newline)
			copy[len - 1] = '\n';
		i += is_newline ? n : 1;
	}
	*ret = (struct name){copy, len};
	return copy;
}

/*
 * Tries every name under which the file might live on, or its successor be found.
 * Returns as try_name().
 */
static int try_names(struct inquiry *q)
{
	/* The full name, mark included, may be a real one; it names no successor. */
	const struct {
		struct name name;
		bool can_be_successor;
	} names[] = {
		{q->final, true},
		{q->unmarked, true},
		{q->mapping->name, false},
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		struct name other;
		bool failed = false;

		if (i == 1 && q->final.len == q->unmarked.len)
			continue;
		rc = try_name(q, names[i].name, names[i].can_be_successor);
		if (rc || !q->mapping->is_escaped)
			continue;
		q->unescaped[i] = unescape(names[i].name, &other, &failed);
		if (failed)
			return -ENOMEM;
		if (q->unescaped[i])
			rc = try_name(q, other, names[i].can_be_successor);
	}
	return rc;
}

static bool is_code(enum stale_kind kind)
{
	return kind == STALE_EXE || kind == STALE_LIB;
}

/*
 * The ctime of an inode without a name is the moment it lost the last one.  Where other
 * names remain it may be older than that (overlayfs hides a lower file and leaves its
 * inode alone); but the process found the name in place.
 */
static bool ctime_is_loss(const struct inquiry *q)
{
	/* A write moves both times, the loss of a name only one of them: a log that is
	 * written to still has lost the trace. */
	if (!is_code(q->kind) && q->old.mtime_ns >= q->old.ctime_ns)
		return false;
	return q->old_is_known &&
	       (q->old.nlink == 0 ||
		q->old.ctime_ns >= q->process->start_ns - CLOCK_TICK_NS);
}

static void set_since(struct found_file *verdict, int64_t ns, enum stale_since source)
{
	verdict->since = ns / 1000000000;
	verdict->since_source = source;
}

static int date(const struct inquiry *q, struct found_file *verdict)
{
	struct lookup_stat st;
	int rc;

	if (ctime_is_loss(q)) {
		set_since(verdict, q->old.ctime_ns, STALE_SINCE_OLD_INODE);
		return 0;
	}
	if (q->successor_fd < 0)
		return 0;
	rc = lookup_stat(q->successor_fd, "", &st);
	if (rc < 0)
		return evidence_is_fatal(rc) ? rc : 0;
	/* A hard link, chmod or restorecon moves the ctime, but not the birth. */
	if (st.birth_ns)
		set_since(verdict, st.birth_ns, STALE_SINCE_SUCCESSOR_BIRTH);
	else
		set_since(verdict, st.ctime_ns, STALE_SINCE_SUCCESSOR_CHANGE);
	return 0;
}

/* Whether the successor is another file of the same build.  1, 0 or -errno. */
static int is_same_build(const struct inquiry *q, const struct found_file *verdict)
{
	struct elf_ids ids;
	int rc;

	if (q->successor_fd < 0 || !verdict->build_id_len)
		return 0;
	rc = evidence_ids(q->successor_fd, &ids);
	if (rc < 0)
		return rc;
	return ids.build_id_len == verdict->build_id_len &&
	       memcmp(ids.build_id, verdict->build_id, ids.build_id_len) == 0;
}

static bool is_below_scratch(const struct inquiry *q)
{
	struct name rest;

	/* Outside of its root (loaded before a chroot) the path is one of ours. */
	if (!q->process->root->prefix.len ||
	    !name_strip_root(q->final, q->process->root->prefix, &rest))
		rest = q->final;
	return name_is_below_scratch(rest);
}

/* Identifies a build by its build-id, old and new.  Returns 0 or -errno. */
static int identify(const struct inquiry *q, struct found_file *verdict,
		    uint8_t build_id[static ELF_BUILD_ID_MAX])
{
	int rc = evidence_old_build_id(q->process, q->mapping, q->kind,
				       q->old_is_known ? &q->old : NULL, build_id);

	if (rc == -ENOENT) {
		verdict->is_fleeting = true;
		return 0;
	}
	if (rc < 0)
		return rc;
	verdict->build_id = build_id;
	verdict->build_id_len = (size_t)rc;
	rc = is_same_build(q, verdict);
	if (rc == 1)
		verdict->why = STALE_REINSTALLED;
	return rc < 0 ? rc : 0;
}

/* The file is stale: says why and since when, and puts it down. */
static int conclude(const struct judge *judge, struct inquiry *q,
		    const struct found_file **ret_file)
{
	uint8_t build_id[ELF_BUILD_ID_MAX];
	const bool has_successor = q->successor_fd >= 0;
	struct found_file verdict = {
		.device = q->mapping->device,
		.inode = q->mapping->inode,
		.root = q->process->root->id,
		.kind = q->kind,
		.why = has_successor ? STALE_REPLACED : STALE_DELETED,
		.is_below_scratch = is_below_scratch(q),
		.is_fleeting = q->is_fleeting,
		.bytes = -1,
	};
	int rc = is_code(q->kind) ? identify(q, &verdict, build_id) : 0;

	if (rc < 0)
		return rc;
	if (q->old_is_known) {
		verdict.old_birth_ns = q->old.birth_ns;
		verdict.old_ctime_ns = q->old.ctime_ns;
		verdict.old_mtime_ns = q->old.mtime_ns;
		verdict.old_uid = q->old.uid;
		verdict.bytes = is_code(q->kind) ? -1 : q->old.bytes;
	}
	rc = date(q, &verdict);
	if (rc < 0)
		return rc;
	return verdicts_add(judge->verdicts, &verdict, q->final,
			    has_successor ? &q->successor : NULL, ret_file);
}

int judge_suspect(const struct judge *judge, const struct judge_process *process,
		  const struct mapping *mapping, enum stale_kind kind,
		  const struct found_file **ret_file)
{
	__attribute__((cleanup(inquiry_release))) struct inquiry q = {
		.process = process,
		.mapping = mapping,
		.kind = kind,
		.successor_fd = -1,
	};
	int rc = 0;

	*ret_file = NULL;
	if (!name_unmark(mapping->name, &q.unmarked))
		return 0;
	if (name_is_kernel_object(q.unmarked, mapping->inode))
		return 0;
	q.final = (struct name){q.unmarked.s, name_final_len(q.unmarked)};
	if (!judge->is_captured) {
		rc = evidence_old_stat(process, mapping, kind, &q.old);
		if (evidence_is_fatal(rc))
			return rc;
		q.old_is_known = rc == 0;
		q.is_fleeting = rc == -ENOENT || rc == -ESRCH;
		/* Devices and FIFOs may be open or mapped; they hold no data. */
		if (!is_code(kind) && q.old_is_known && !S_ISREG(q.old.mode))
			return 0;
		rc = try_names(&q);
	}
	if (rc < 0)
		return rc;
	return rc ? 0 : conclude(judge, &q, ret_file);
}
