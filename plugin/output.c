/*
 * output.c - replaces a file as a whole.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "folder.h"

#define TRIES 16
/* "." and ".XXXXXXXXXXXXXXXX": who reads *.prom does not read it. */
#define EXTRA 18

struct target {
	const char *base; /* the file within the folder; borrowed */
	struct buf temp;  /* the new one beside it; owned */
	int dir;          /* the folder */
};

static int open_dir(const char *path, struct target *target)
{
	const char *slash = strrchr(path, '/');
	int fd;

	target->base = slash ? slash + 1 : path;
	if (target->base[0] == '\0' || strcmp(target->base, ".") == 0 ||
	    strcmp(target->base, "..") == 0)
		return -EISDIR;
	fd = slash ? folder_open(path, (size_t)(slash - path) + 1) : folder_open(".", 1);
	if (fd < 0)
		return fd;
	target->dir = fd;
	return 0;
}

/* What is no regular file is not replaced: not a folder, not a pipe, not /dev/stdout. */
static int check_old(const struct target *target)
{
	struct stat st;

	if (fstatat(target->dir, target->base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

/* The rest of a name that is too long is left out: only the random part matters. */
static int name_temp(struct target *target)
{
	const size_t keep = strlen(target->base), room = NAME_MAX - EXTRA;
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	target->temp.len = 0;
	buf_put(&target->temp, ".");
	buf_bytes(&target->temp, target->base, keep < room ? keep : room);
	buf_printf(&target->temp, ".%016llx", (unsigned long long)random);
	return target->temp.error;
}

/* Returns a descriptor, or a negative errno. */
static int create_temp(struct target *target)
{
	for (int i = 0; i < TRIES; i++) {
		int fd, rc = name_temp(target);

		if (rc < 0)
			return rc;
		fd = openat(target->dir, target->temp.s,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int fill(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	/* Others may read it only when all of it is there. */
	if (fchmod(fd, 0644) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int replace(struct target *target, const char *bytes, size_t len)
{
	int fd, rc = check_old(target);

	if (rc < 0)
		return rc;
	fd = create_temp(target);
	if (fd < 0)
		return fd;
	rc = fill(fd, bytes, len);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 &&
	    renameat(target->dir, target->temp.s, target->dir, target->base) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(target->dir, target->temp.s, 0);
	else if (fsync(target->dir) < 0 && errno != EINVAL)
		rc = -errno; /* EINVAL: a file system that has no need of it */
	return rc;
}

static const char *advice(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "make the folder first";
	case EACCES:
	case EPERM:
		return "give the user of this program write access to the folder";
	case EROFS:
		return "name a file on a file system that is mounted for writing";
	case EISDIR:
		return "name a file, not a folder";
	case EEXIST:
		return "name a regular file, or one that does not exist yet";
	case ENOSPC:
	case EDQUOT:
		return "make room on that file system";
	case ELOOP:
		return "name the folder itself: links of other users are not followed";
	case EFBIG:
		return "raise the limit of file size (ulimit -f)";
	case ENAMETOOLONG:
		return "name a file with a shorter name";
	}
	return "the old file, if any, is as it was";
}

static void explain(const char *path, int error, char *message, size_t size)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (size == 0)
		return;
	buf_put(&text, "cannot write '");
	buf_printable_tail(&text, path, BUF_NAGIOS, 200);
	buf_printf(&text, "': %s, %s", strerror(error), advice(error));
	if (!text.error)
		buf_clip(&text, size - 1);
	snprintf(message, size, "%s", text.error ? "out of memory" : text.s);
}

int output_write(const char *path, const char *bytes, size_t len, char *message,
		 size_t size)
{
	struct target target = {.dir = -1};
	int rc = open_dir(path, &target);

	if (rc == 0)
		rc = replace(&target, bytes, len);
	if (target.dir >= 0)
		close(target.dir);
	buf_release(&target.temp);
	if (rc < 0)
		explain(path, -rc, message, size);
	return rc;
}
