/*
 * superseded.c - the verdict on a file that still has a name.
 *
 * The kernel sets no mark on an old library that was kept or moved aside while its
 * SONAME went on to another build.  Nobody but the dynamic linker's own rule tells these:
 * the file is called SONAME plus a suffix, and SONAME leads elsewhere.
 */
#include "judge.h"

#include <string.h>

#include "evidence.h"
#include "lookup.h"
#include "procfs.h"
#include "util.h"

struct sibling {
	struct name path; /* of the SONAME, in the folder of the file */
	struct lookup_root root;
	const struct mapping *mapping;
};

bool judge_is_candidate(struct name name)
{
	struct name base = name_base(name);

	return name_soname_prefix(base, base.len) || name_is_nfs_deleted(base);
}

/* NFS renames an open file instead of deleting it, and then there is no mark. */
static int judge_nfs(const struct judge *judge, const struct judge_process *process,
		     const struct mapping *mapping, enum stale_kind kind,
		     const struct found_file **ret_file)
{
	const struct found_file verdict = {
		.device = mapping->device,
		.inode = mapping->inode,
		.root = process->root->id,
		.kind = kind,
		.why = STALE_DELETED,
		.bytes = -1,
	};

	return verdicts_add(judge->verdicts, &verdict, mapping->name, NULL, ret_file);
}

/* Does the name of a sibling lead to another regular file?  1, 0 or -errno. */
static int leads_elsewhere(const struct lookup_root *root, struct name path,
			   const struct mapping *mapping)
{
	struct lookup_stat st;
	cleanup_close int fd = evidence_open(root, path, &st);

	if (fd < 0)
		return evidence_is_fatal(fd) ? fd : 0;
	return S_ISREG(st.mode) && st.inode != mapping->inode;
}

/*
 * Is there any name, shorter than that of the file, that could be its SONAME and leads
 * elsewhere?  Asked first, since it spares reading nearly every file.  1, 0 or -errno.
 */
static int has_other_sibling(const struct lookup_root *root,
			     const struct mapping *mapping)
{
	const struct name base = name_base(mapping->name);
	const size_t folder = mapping->name.len - base.len;
	size_t len = base.len;

	while ((len = name_soname_prefix(base, len))) {
		const struct name path = {mapping->name.s, folder + len};
		int rc = leads_elsewhere(root, path, mapping);

		if (rc)
			return rc;
	}
	return 0;
}

/* Is soname a prefix of base that ends where a suffix may begin? */
static bool is_soname_of(struct name base, const char *soname)
{
	const size_t want = strlen(soname);
	size_t len = base.len;

	while ((len = name_soname_prefix(base, len)))
		if (len == want)
			return memcmp(base.s, soname, len) == 0;
	return false;
}

/* The later change of the SONAME link and of what it leads to. */
static int date(const struct sibling *s, int64_t target_ctime_ns, int64_t *ret_ns)
{
	cleanup_close int fd = lookup_open_link(&s->root, s->path);
	struct lookup_stat st;
	int rc = fd < 0 ? fd : lookup_stat(fd, "", &st);

	if (evidence_is_fatal(rc))
		return rc;
	*ret_ns = target_ctime_ns;
	if (rc == 0 && st.ctime_ns > target_ctime_ns)
		*ret_ns = st.ctime_ns;
	return 0;
}

/*
 * Is the sibling a successor: another file, of another build?  Then 1 and its time, else
 * 0 or -errno.
 */
static int is_successor(const struct sibling *s, const struct elf_ids *own,
			int64_t *ret_since_ns)
{
	struct lookup_stat st;
	struct elf_ids ids;
	cleanup_close int fd = evidence_open(&s->root, s->path, &st);
	int rc;

	if (fd < 0)
		return evidence_is_fatal(fd) ? fd : 0;
	if (!S_ISREG(st.mode) || st.inode == s->mapping->inode)
		return 0;
	rc = evidence_ids(fd, &ids);
	if (rc < 0)
		return rc;
	if (!ids.build_id_len || (ids.build_id_len == own->build_id_len &&
				  !memcmp(ids.build_id, own->build_id, ids.build_id_len)))
		return 0;
	rc = date(s, st.ctime_ns, ret_since_ns);
	return rc < 0 ? rc : 1;
}

/*
 * SONAME and build-id of the file itself, if its name leads to it: where something is
 * mounted over it, nothing is known.  1, 0 or -errno.
 */
static int own_ids(const struct lookup_root *root, const struct mapping *mapping,
		   struct elf_ids *ret)
{
	struct lookup_stat st;
	cleanup_close int fd = evidence_open(root, mapping->name, &st);
	int rc;

	if (fd < 0)
		return evidence_is_fatal(fd) ? fd : 0;
	if (st.inode != mapping->inode)
		return 0;
	rc = evidence_ids(fd, ret);
	return rc < 0 ? rc : ret->soname[0] && ret->build_id_len;
}

static int judge_soname(const struct judge *judge, const struct judge_process *process,
			const struct mapping *mapping, enum stale_kind kind,
			const struct found_file **ret_file)
{
	const struct name base = name_base(mapping->name);
	struct sibling s = {
		.root = {process->root->prefix, process->rootfd,
			 process->root->same_mounts},
		.mapping = mapping,
	};
	struct found_file verdict = {
		.device = mapping->device,
		.inode = mapping->inode,
		.root = process->root->id,
		.kind = kind,
		.why = STALE_SUPERSEDED,
		.bytes = -1,
		.since_source = STALE_SINCE_SUCCESSOR_CHANGE,
	};
	struct elf_ids ids;
	int64_t since_ns = 0;
	int rc = has_other_sibling(&s.root, mapping);

	if (rc == 1)
		rc = own_ids(&s.root, mapping, &ids);
	if (rc != 1 || !is_soname_of(base, ids.soname))
		return rc < 0 ? rc : 0;
	s.path = (struct name){mapping->name.s,
			       mapping->name.len - base.len + strlen(ids.soname)};
	rc = is_successor(&s, &ids, &since_ns);
	if (rc != 1)
		return rc;
	verdict.since = since_ns / 1000000000;
	verdict.build_id = ids.build_id;
	verdict.build_id_len = ids.build_id_len;
	return verdicts_add(judge->verdicts, &verdict, mapping->name, &s.path, ret_file);
}

int judge_live(const struct judge *judge, const struct judge_process *process,
	       const struct mapping *mapping, enum stale_kind kind,
	       const struct found_file **ret_file)
{
	const bool is_nfs_name = name_is_nfs_deleted(name_base(mapping->name));
	enum mountinfo_fs fs = MOUNTINFO_LOCAL;
	int rc;

	*ret_file = NULL;
	if (judge->is_captured)
		return is_nfs_name ? judge_nfs(judge, process, mapping, kind, ret_file)
				   : 0;
	rc = roots_fs_of(process->root, process->dirfd, mapping->device, &fs);
	if (rc < 0)
		return rc;
	if (is_nfs_name && fs == MOUNTINFO_NFS)
		return judge_nfs(judge, process, mapping, kind, ret_file);
	/* A look-up on a file system of another host might wait for that host. */
	if (fs != MOUNTINFO_LOCAL)
		return 0;
	return judge_soname(judge, process, mapping, kind, ret_file);
}
