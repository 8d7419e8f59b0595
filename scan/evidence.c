/*
 * evidence.c - stat and identify old and new files.
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

/* A server of files answers with any error that it likes.  What we are short of is not
 * there for our own root either. */
bool evidence_is_fatal(int rc)
{
	cleanup_close int fd = -1;

	if (!procfs_is_fatal(rc))
		return false;
	fd = open("/", O_PATH | O_CLOEXEC);
	return fd < 0;
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

static bool is_gone(int rc)
{
	return rc < 0 && procfs_error_class(rc) == PROCFS_VANISHED;
}

static int old_ids(const struct judge_process *process, const struct mapping *mapping,
		   enum stale_kind kind, struct elf_ids *ret)
{
	cleanup_close int fd = -1;
	char buf[OLD_NAME_MAX];
	const char *name = old_name(mapping, kind, buf);
	int rc;

	*ret = (struct elf_ids){0};
	if (!name)
		return 0;
	fd = openat(process->dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		return ids_of_fd(fd, ret);
	rc = -errno;
	return is_gone(rc) || evidence_is_fatal(rc) ? rc : 0;
}

int evidence_old_build_id(const struct judge_process *process,
			  const struct mapping *mapping, enum stale_kind kind,
			  const struct lookup_stat *old,
			  uint8_t ret_id[static ELF_BUILD_ID_MAX])
{
	struct elf_ids ids;
	int rc = 0;

	if (process->method == STALE_METHOD_PROCMAP_QUERY && mapping->end) {
		rc = mapread_build_id(process->mapsfd, mapping->start, ret_id,
				      ELF_BUILD_ID_MAX);
		if (rc > 0 || evidence_is_fatal(rc))
			return rc;
	}
	/* Opening a device may do something; what is no regular file has no build-id. */
	if (!old || !S_ISREG(old->mode))
		return is_gone(rc) ? -ENOENT : 0;
	rc = old_ids(process, mapping, kind, &ids);
	if (rc < 0)
		return is_gone(rc) ? -ENOENT : rc;
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
