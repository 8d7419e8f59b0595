/*
 * asked.c - what is said of live files only when the caller asks: written to since, or
 * simply there.
 *
 * Costs a look-up of every file, which the usual questions do not.
 */
#include "judge.h"

#include "evidence.h"
#include "lookup.h"
#include "util.h"

/*
 * Opens the mapped file by its name, if that leads to it and can keep nobody waiting.
 * Returns a descriptor that the caller owns, -ENOENT, or the -errno of a fatal error.
 */
static int open_mapped(const struct judge *judge, const struct judge_process *process,
		       const struct mapping *mapping, struct lookup_stat *ret)
{
	const struct lookup_root root = {process->root->prefix, process->rootfd,
					 process->root->same_mounts};
	enum mountinfo_fs fs;
	int rc;
	int fd;

	if (judge->is_captured)
		return -ENOENT;
	rc = roots_fs_of(process->root, process->dirfd, mapping->device, &fs);
	if (rc < 0)
		return rc;
	if (fs != MOUNTINFO_LOCAL)
		return -ENOENT;
	fd = evidence_open(&root, mapping->name, ret);
	if (fd >= 0 && ret->inode != mapping->inode) {
		close(fd);
		return -ENOENT;
	}
	return fd;
}

static struct found_file describe(const struct judge_process *process,
				  const struct mapping *mapping, enum stale_kind kind)
{
	return (struct found_file){
		.device = mapping->device,
		.inode = mapping->inode,
		.root = process->root->id,
		.kind = kind,
		.bytes = -1,
	};
}

int judge_modified(const struct judge *judge, const struct judge_process *process,
		   const struct mapping *mapping, enum stale_kind kind,
		   const struct found_file **ret_file)
{
	struct found_file verdict = describe(process, mapping, kind);
	struct lookup_stat st;
	cleanup_close int fd = open_mapped(judge, process, mapping, &st);

	*ret_file = NULL;
	if (fd < 0)
		return evidence_is_fatal(fd) ? fd : 0;
	if (st.mtime_ns <= process->boot_ns || st.ctime_ns <= process->boot_ns)
		return 0;
	verdict.why = STALE_MODIFIED;
	verdict.old_mtime_ns = st.mtime_ns;
	verdict.old_ctime_ns = st.ctime_ns;
	verdict.since = st.mtime_ns / 1000000000;
	verdict.since_source = STALE_SINCE_OLD_INODE;
	return verdicts_add(judge->verdicts, &verdict, mapping->name, NULL, ret_file);
}

/* From the kernel or the old inode where that is allowed, else by name. */
static int current_build_id(const struct judge *judge,
			    const struct judge_process *process,
			    const struct mapping *mapping, enum stale_kind kind,
			    struct elf_ids *ret)
{
	struct lookup_stat st;
	int rc = evidence_old_stat(process, mapping, kind, &st);
	cleanup_close int fd = -1;

	*ret = (struct elf_ids){0};
	if (evidence_is_fatal(rc))
		return rc;
	rc = evidence_old_build_id(process, mapping, kind, rc == 0 ? &st : NULL,
				   ret->build_id);
	if (rc && rc != -ENOENT) {
		ret->build_id_len = rc > 0 ? (size_t)rc : 0;
		return rc < 0 ? rc : 0;
	}
	fd = open_mapped(judge, process, mapping, &st);
	if (fd < 0)
		return evidence_is_fatal(fd) ? fd : 0;
	return evidence_ids(fd, ret);
}

/* The name that the file has now: the one with the mark, if that is its real name. */
static int current_name(const struct judge *judge, const struct judge_process *process,
			const struct mapping *mapping, struct name *ret)
{
	struct lookup_stat st;
	struct name unmarked;
	cleanup_close int fd = -1;

	*ret = mapping->name;
	if (!name_unmark(mapping->name, &unmarked))
		return 0;
	fd = open_mapped(judge, process, mapping, &st);
	if (evidence_is_fatal(fd))
		return fd;
	if (fd < 0)
		*ret = (struct name){unmarked.s, name_final_len(unmarked)};
	return 0;
}

int judge_current(const struct judge *judge, const struct judge_process *process,
		  const struct mapping *mapping, enum stale_kind kind,
		  const struct found_file **ret_file)
{
	struct found_file verdict = describe(process, mapping, kind);
	struct elf_ids ids = {0};
	struct name path;
	int rc;

	*ret_file = NULL;
	name_unmark(mapping->name, &path);
	if (name_is_kernel_object(path, mapping->inode))
		return 0;
	rc = current_name(judge, process, mapping, &path);
	if (rc == 0 && !judge->is_captured)
		rc = current_build_id(judge, process, mapping, kind, &ids);
	if (rc < 0)
		return rc;
	verdict.why = STALE_CURRENT;
	verdict.build_id = ids.build_id;
	verdict.build_id_len = ids.build_id_len;
	return verdicts_add(judge->verdicts, &verdict, path, NULL, ret_file);
}
