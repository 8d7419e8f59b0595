/*
 * evidence.c - stat and identify old and new files, and put a verdict down.
 *
 * Draws no conclusion.  Opens nothing but regular files.
 */
#include "evidence.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "procfs.h"
#include "util.h"

/* "map_files/" and two addresses of up to 16 hex digits. */
#define OLD_NAME_MAX 48

bool evidence_is_fatal(int rc)
{
	return rc < 0 && procfs_error_class(rc) == PROCFS_FATAL;
}

/* The link through which the old inode can still be reached; NULL: there is none. */
static const char *old_name(const struct mapping *mapping, enum stale_kind kind,
			    char buf[static OLD_NAME_MAX])
{
	/* The executable needs no capability beyond that of reading the process. */
	if (kind == STALE_EXE)
		return "exe";
	if (mapping->end == 0)
		return NULL;
	snprintf(buf, OLD_NAME_MAX, "map_files/%llx-%llx",
		 (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	return buf;
}

ssize_t evidence_raw_name(const struct judge_process *process,
			  const struct mapping *mapping, char *buf, size_t size)
{
	char name_buf[OLD_NAME_MAX];
	const char *name = old_name(mapping, STALE_LIB, name_buf);

	return name ? procfs_readlink(process->dirfd, name, buf, size) : -ENOENT;
}

int evidence_old_stat(const struct judge_process *process, const struct mapping *mapping,
		      enum stale_kind kind, struct lookup_stat *ret)
{
	char buf[OLD_NAME_MAX];
	const char *name = old_name(mapping, kind, buf);

	if (kind == STALE_FD)
		return mapping->pinned < 0 ? -ENOENT
					   : lookup_stat(mapping->pinned, "", ret);
	return name ? lookup_stat(process->dirfd, name, ret) : -ENOENT;
}

static int ids_of_fd(int fd, struct elf_ids *ret)
{
	int rc = elf_ids_read_fd(fd, ret);

	if (rc < 0)
		*ret = (struct elf_ids){0};
	return evidence_is_fatal(rc) ? rc : 0;
}

int evidence_ids(int pathfd, struct elf_ids *ret)
{
	cleanup_close int fd = lookup_reopen(pathfd);

	*ret = (struct elf_ids){0};
	if (fd < 0)
		return evidence_is_fatal(fd) ? fd : 0;
	return ids_of_fd(fd, ret);
}

static int old_ids(const struct judge_process *process, const struct mapping *mapping,
		   enum stale_kind kind, struct elf_ids *ret)
{
	cleanup_close int fd = -1;
	char buf[OLD_NAME_MAX];
	const char *name = old_name(mapping, kind, buf);

	*ret = (struct elf_ids){0};
	if (!name)
		return 0;
	fd = openat(process->dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return evidence_is_fatal(-errno) ? -errno : 0;
	return ids_of_fd(fd, ret);
}

int evidence_old_build_id(const struct judge_process *process,
			  const struct mapping *mapping, enum stale_kind kind,
			  const struct lookup_stat *old,
			  uint8_t ret_id[static ELF_BUILD_ID_MAX])
{
	struct elf_ids ids;
	int rc;

	if (process->method == STALE_METHOD_PROCMAP_QUERY && mapping->end) {
		rc = mapread_build_id(process->mapsfd, mapping->start, ret_id,
				      ELF_BUILD_ID_MAX);
		if (rc > 0 || evidence_is_fatal(rc))
			return rc;
	}
	/* Opening a device may do something; what is no regular file has no build-id. */
	if (!old || !S_ISREG(old->mode))
		return 0;
	rc = old_ids(process, mapping, kind, &ids);
	if (rc < 0)
		return rc;
	memcpy(ret_id, ids.build_id, ids.build_id_len);
	return (int)ids.build_id_len;
}

int evidence_open(const struct lookup_root *root, struct name path,
		  struct lookup_stat *ret)
{
	cleanup_close int fd = lookup_open(root, path);
	int rc = fd < 0 ? fd : lookup_stat(fd, "", ret);

	if (rc < 0)
		return evidence_is_fatal(rc) ? rc : -ENOENT;
	return take_fd(&fd);
}

int evidence_publish(struct findings *findings, const struct found_file *verdict,
		     const struct name *path, const struct name *successor,
		     const struct found_file **ret_file)
{
	struct found_file *file = findings_alloc(findings, sizeof(*file));

	if (!file)
		return -ENOBUFS;
	*file = *verdict;
	file->path = findings_copy(findings, path->s, path->len);
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
