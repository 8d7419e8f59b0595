/*
 * suspects.c - tell doubtful files by their names, ask the judge about new ones, keep
 * those that are stale.
 */
#include "suspects.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "evidence.h"
#include "lookup.h"
#include "rules.h"
#include "util.h"

/* Distinct names that are remembered: other users choose how many there are. */
#define VERDICTS_MAX ((size_t)1 << 20)

/* More than programs have; to read on may take long. */
#define MAPPINGS_MANY 1024

/* The lowest bits of a key tell the kind. */
#define KIND_MASK UINT64_C(3)

/* In the table of verdicts: judged, and not stale. */
static const struct found_file not_stale;

static bool is_exe_name(const struct visit *v, struct name name)
{
	return v->exe_len > 0 && name.len == (size_t)v->exe_len &&
	       memcmp(name.s, v->exe, name.len) == 0;
}

/* Returns 0, with 0 for unknown in v->exe_inode; or the -errno of a fatal error. */
static int find_exe_inode(struct visit *v)
{
	struct lookup_mark mark;
	int rc;

	if (v->exe_inode_is_tried || v->worker->judge.is_captured)
		return 0;
	rc = lookup_mark(v->process.dirfd, "exe", &mark);
	if (procfs_is_fatal(rc))
		return rc;
	if (rc == 0)
		v->exe_inode = mark.inode;
	v->exe_inode_is_tried = true;
	return 0;
}

/*
 * The name decides; the inode helps where it is too long for a link, or where the text of
 * maps writes a newline otherwise.  Returns 0 or the -errno of a fatal error.
 */
static int find_kind(struct visit *v, const struct mapping *mapping, bool is_marked,
		     enum stale_kind *ret)
{
	int rc = 0;

	*ret = STALE_LIB;
	if (!mapping->is_executable) {
		*ret = STALE_DATA;
	} else if (is_exe_name(v, mapping->name)) {
		*ret = STALE_EXE;
	} else if (is_marked) {
		rc = find_exe_inode(v);
		if (rc == 0 && v->exe_inode && v->exe_inode == mapping->inode)
			*ret = STALE_EXE;
	}
	return rc;
}

/* What a process at its end does not tell is not true of the others. */
static bool ends_the_reading(int rc)
{
	return rc == -EAGAIN || procfs_is_fatal(rc) ||
	       (rc < 0 && procfs_error_class(rc) == PROCFS_VANISHED);
}

/* Opens the root by which the file in hand is looked up, unless that is open already. */
static int open_root(struct visit *v)
{
	const struct root *root = v->process.root;
	int fd;

	v->process.rootfd = root->fd;
	if (root->fd >= 0 || v->worker->judge.is_captured || !root->prefix.len)
		return 0;
	if (!v->rootfd_is_tried) {
		fd = roots_open(root, v->process.dirfd);
		if (ends_the_reading(fd))
			return fd;
		v->rootfd = fd < 0 ? -1 : fd;
		v->rootfd_is_tried = true;
	}
	v->process.rootfd = v->rootfd;
	return 0;
}

static int keep_file(struct worker *w, const struct found_file *file, int fd)
{
	void *array = w->files;
	int rc;

	if (w->nfiles == WORKER_FILES_MAX) {
		w->nfiles_left_out++;
		return 0;
	}
	rc = util_grow(&array, &w->room, w->nfiles, sizeof(*w->files));
	if (rc < 0)
		return rc;
	w->files = array;
	w->files[w->nfiles++] = (struct found_use){file, fd};
	return 0;
}

static bool is_code(enum stale_kind kind)
{
	return kind == STALE_EXE || kind == STALE_LIB;
}

/* Is it one of the files whose users are asked for?  Longer paths go by their end. */
static bool is_asked_for(const struct stale_options *opt, struct name name)
{
	char path[PATH_MAX];

	name_unmark(name, &name);
	name.len = name_final_len(name);
	if (name.len >= sizeof(path))
		name = name_base(name);
	if (name.len >= sizeof(path))
		return false;
	memcpy(path, name.s, name.len);
	path[name.len] = '\0';
	return rules_name_matches(opt->using_globs, path);
}

/* What is asked for beyond stale files: code that was written to, or any code. */
static int judge_asked(struct visit *v, const struct mapping *mapping,
		       enum stale_kind kind, const struct found_file **ret_file)
{
	const struct worker *w = v->worker;
	struct name unmarked;

	if (w->opt->using_globs)
		return judge_current(&w->judge, &v->process, mapping, kind, ret_file);
	if (w->opt->want_modified && !name_unmark(mapping->name, &unmarked))
		return judge_modified(&w->judge, &v->process, mapping, kind, ret_file);
	return 0;
}

/* The verdict on a file that no process before had; *ret_file NULL: none. */
static int judge_file(struct visit *v, const struct mapping *mapping,
		      enum stale_kind kind, const struct found_file **ret_file)
{
	const struct worker *w = v->worker;
	struct name unmarked;
	int rc = 0;

	*ret_file = NULL;
	if (w->opt->using_globs && !is_asked_for(w->opt, mapping->name))
		return 0;
	if (name_unmark(mapping->name, &unmarked)) {
		rc = visit_read_stat(v);
		if (rc == 0)
			rc = judge_suspect(&w->judge, &v->process, mapping, kind,
					   ret_file);
	} else if (judge_is_candidate(mapping->name)) {
		rc = judge_live(&w->judge, &v->process, mapping, kind, ret_file);
	}
	if (rc < 0 || *ret_file || !is_code(kind))
		return rc;
	return judge_asked(v, mapping, kind, ret_file);
}

/* Is it there, and true of the process in hand? */
static bool is_judged(const struct worker *w, const struct table_slot *slot)
{
	const struct found_file *file = slot ? slot->value : NULL;

	return file && (!file->is_fleeting || slot->stamp == w->turn);
}

/*
 * To look up a live file of the system takes no time that a user could choose: only root
 * puts names there, and a file on the device of our own root has no server.
 */
static bool is_systems(const struct visit *v, const struct mapping *mapping)
{
	static const char folders[][8] = {"/usr/", "/lib/", "/bin/", "/sbin/"};
	const struct root *own = v->worker->roots->own;
	struct name name = mapping->name;

	if (!own || v->root != own || mapping->device != own->self.device ||
	    name_unmark(name, &name))
		return false;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (name.len > strlen(folders[i]) &&
		    memcmp(name.s, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

/* Has it judged, and puts the verdict into the table; *slot NULL: nothing is there yet. */
static int judge_first(struct visit *v, const struct mapping *mapping,
		       const struct table_key *key, struct table_slot **slot)
{
	struct worker *w = v->worker;
	const struct found_file *file = NULL;
	int rc;

	if (!*slot && w->verdicts.n >= VERDICTS_MAX)
		return -ENOBUFS;
	rc = is_systems(v, mapping) ? 0 : visit_check_turn(v);
	if (rc == 0)
		rc = open_root(v);
	if (rc == 0)
		rc = judge_file(v, mapping, (enum stale_kind)(key->c & KIND_MASK), &file);
	if (rc < 0)
		return rc;
	if (!file)
		file = &not_stale;
	if (!*slot)
		return table_add(&w->verdicts, key, file, slot);
	(*slot)->value = file;
	return 0;
}

/* Was the file written to after this process started?  1, 0 or -errno. */
static int is_modified_since_start(struct visit *v, const struct found_file *file)
{
	int rc = visit_read_stat(v);
	const int64_t start = v->process.start_latest_ns;

	if (rc < 0)
		return rc;
	return start && file->old_mtime_ns > start && file->old_ctime_ns > start;
}

static int keep_found(struct visit *v, const struct found_file *file, int fd)
{
	if (file->why == STALE_MODIFIED) {
		int rc = is_modified_since_start(v, file);

		if (rc <= 0)
			return rc;
	}
	return keep_file(v->worker, file, file->kind == STALE_FD ? fd : -1);
}

/* Then a file is counted without being judged: it might be stale, or ignored. */
static bool is_over_limit(struct worker *w, const struct mapping *mapping)
{
	struct name unmarked;

	if (w->nfiles < WORKER_FILES_MAX || !name_unmark(mapping->name, &unmarked))
		return false;
	w->nfiles_left_out++;
	return true;
}

/* A verdict holds for one name of one file in one root, which is chosen here. */
static struct table_key choose_key(struct visit *v, const struct mapping *mapping,
				   enum stale_kind kind)
{
	const struct name name = mapping->name;
	uint64_t hash;

	v->process.root = roots_for(v->worker->roots, v->root, name);
	hash = table_hash(v->worker->verdicts.seed ^ v->process.root->id, name.s,
			  name.len);
	return (struct table_key){mapping->device, mapping->inode,
				  (hash & ~KIND_MASK) | kind};
}

/* Takes a file that might be stale: a mapping, an executable without one, a descriptor. */
static int take_file(struct visit *v, const struct mapping *mapping, enum stale_kind kind)
{
	struct worker *w = v->worker;
	const struct table_key key = choose_key(v, mapping, kind);
	struct table_slot *slot = table_find(&w->verdicts, &key);

	if (!is_judged(w, slot) && is_over_limit(w, mapping))
		return 0;
	if (!is_judged(w, slot)) {
		int rc = judge_first(v, mapping, &key, &slot);

		if (rc < 0)
			return rc;
	}
	/* One entry per file, however many of its segments are mapped. */
	if (slot->value == &not_stale || slot->stamp == w->turn)
		return 0;
	slot->stamp = w->turn;
	return keep_found(v, slot->value, mapping->fd);
}

static int take_mapping(struct visit *v, const struct mapping *mapping, bool is_marked)
{
	enum stale_kind kind;
	int rc = find_kind(v, mapping, is_marked, &kind);

	if (rc < 0)
		return rc;
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
	if (procfs_is_fatal((int)n))
		return (int)n;
	if (n > 0) {
		raw.name = (struct name){buf, (size_t)n};
		raw.is_escaped = false;
	}
	return take_mapping(v, &raw, is_marked);
}

/* Of a live file.  False for nearly all, unless more is asked for. */
static bool is_worth_a_look(const struct stale_options *opt,
			    const struct mapping *mapping)
{
	return mapping->is_executable && (judge_is_candidate(mapping->name) ||
					  opt->using_globs || opt->want_modified);
}

/*
 * Live code that was judged before and is not stale: nearly all of it, so that this comes
 * before the name is looked at.  Only what has no mark and no escape is told by its name
 * as it stands.
 */
static bool is_known_as_current(struct visit *v, const struct mapping *mapping)
{
	const struct name name = mapping->name;
	const struct table_slot *slot;
	struct table_key key;

	if (!mapping->is_executable || name.s[name.len - 1] == ')' || name.s[0] == '(' ||
	    (mapping->is_escaped && memchr(name.s, '\\', name.len)))
		return false;
	key = choose_key(v, mapping, is_exe_name(v, name) ? STALE_EXE : STALE_LIB);
	slot = table_find(&v->worker->verdicts, &key);
	return slot && slot->value == &not_stale;
}

int suspects_take_mapping(void *arg, const struct mapping *mapping)
{
	struct visit *v = arg;
	struct name unmarked;
	bool is_marked;

	if (++v->nmappings == MAPPINGS_MANY) {
		int rc = visit_check_turn(v);

		if (rc < 0)
			return rc;
	}
	if (v->worker->folders && mapping->is_executable) {
		int rc;

		v->process.root = v->root;
		rc = folders_take(v->worker->folders, &v->process, mapping);
		if (rc < 0)
			return rc;
	}
	if (is_known_as_current(v, mapping))
		return 0;
	is_marked = name_unmark(mapping->name, &unmarked);
	if (!is_marked && !is_worth_a_look(v->worker->opt, mapping))
		return 0;
	if (mapping->is_escaped)
		return take_escaped_mapping(v, mapping, is_marked);
	return take_mapping(v, mapping, is_marked);
}

/*
 * The kernel alone is asked: a server of files might answer that there is no such file,
 * as /proc says of a process that has ended.  Where it will not tell the name decides.
 */
static int identify_exe(const struct visit *v, struct mapping *mapping)
{
	struct lookup_mark mark;
	int rc = lookup_mark(v->process.dirfd, "exe", &mark);

	if (rc < 0)
		return ends_the_reading(rc) ? rc : 0;
	mapping->device = mark.device;
	mapping->inode = mark.inode;
	return 0;
}

int suspects_take_exe(struct visit *visit)
{
	struct mapping mapping = {.name = {visit->exe, 0}, .is_executable = true};
	struct name unmarked;

	if (visit->exe_is_judged || visit->exe_len <= 0)
		return 0;
	mapping.name.len = (size_t)visit->exe_len;
	if (!name_unmark(mapping.name, &unmarked))
		return 0;
	if (!visit->worker->judge.is_captured) {
		int rc = identify_exe(visit, &mapping);

		if (rc < 0)
			return rc;
	}
	return take_file(visit, &mapping, STALE_EXE);
}

/* By its number alone: in a captured tree the link leads out of the tree. */
static int take_captured_fd(struct visit *v, int fd, struct name name)
{
	const struct mapping mapping = {.name = name, .fd = fd, .pinned = -1};

	return take_file(v, &mapping, STALE_FD);
}

/*
 * The number may be given to another file between two looks: what is looked at is pinned
 * first, and asked for its name again.
 */
static int take_live_fd(struct visit *v, int fd, const char *link)
{
	char self[sizeof("/proc/thread-self/fd/") + 3 * sizeof(int)];
	char buf[PATH_MAX];
	struct mapping mapping = {.name = {buf, 0}, .fd = fd};
	struct lookup_stat st;
	struct name unmarked;
	ssize_t n;
	int rc;
	cleanup_close int pinned = openat(v->process.dirfd, link, O_PATH | O_CLOEXEC);

	if (pinned < 0)
		return -errno;
	snprintf(self, sizeof(self), "/proc/thread-self/fd/%d", pinned);
	n = procfs_readlink(AT_FDCWD, self, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	rc = lookup_stat(pinned, "", &st);
	/* What is pinned is not gone: a server of files says so, and may say anything. */
	if (rc < 0)
		return evidence_is_fatal(rc) ? rc : -EIO;
	mapping.name.len = (size_t)n;
	mapping.device = st.device;
	mapping.inode = st.inode;
	mapping.pinned = pinned;
	return name_unmark(mapping.name, &unmarked) ? take_file(v, &mapping, STALE_FD)
						    : 0;
}

static int on_fd(void *arg, int fd)
{
	struct visit *v = arg;
	char link[sizeof("fd/") + 3 * sizeof(int)];
	char buf[PATH_MAX];
	struct name name = {buf, 0};
	struct name unmarked;
	ssize_t n;
	int rc = 0;

	snprintf(link, sizeof(link), "fd/%d", fd);
	n = procfs_readlink(v->process.dirfd, link, buf, sizeof(buf));
	if (n > 0)
		name.len = (size_t)n;
	if (n < 0)
		rc = (int)n;
	else if (!name_unmark(name, &unmarked))
		rc = 0;
	else if (v->worker->judge.is_captured)
		rc = take_captured_fd(v, fd, name);
	else
		rc = take_live_fd(v, fd, link);
	if (rc == -ENOBUFS || rc == -EAGAIN || rc == VISIT_LATER || evidence_is_fatal(rc))
		return rc;
	/* One that was closed meanwhile costs only itself; one that cannot be followed may
	 * be anything. */
	if (rc < 0 && procfs_error_class(rc) != PROCFS_VANISHED)
		v->incomplete = rc;
	return 0;
}

int suspects_take_fds(struct visit *visit)
{
	int rc = procfs_each_fd(visit->process.dirfd, on_fd, visit);

	/* A captured tree may lack them. */
	return rc == -ENOENT && visit->worker->judge.is_captured ? 0 : rc;
}
