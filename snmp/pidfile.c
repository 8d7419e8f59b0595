/*
 * pidfile.c - see pidfile.h.
 */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

#define TRIES_MAX 16 /* at a file that others remove meanwhile */

static int lock(int fd, struct flock *ret_other)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_SETLK, &whole) == 0)
		return 0;
	if (errno != EACCES && errno != EAGAIN)
		return -errno;
	*ret_other = whole;
	if (fcntl(fd, F_GETLK, ret_other) < 0 || ret_other->l_type == F_UNLCK)
		ret_other->l_pid = 0;
	return -EBUSY;
}

/* Is what we have open still what the name leads to? */
static bool is_at(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Returns a descriptor with the lock, or -errno. */
static int open_locked(const char *path, struct flock *ret_other)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		cleanup_close int fd =
			open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			     0644);
		struct stat st;
		int rc;

		if (fd < 0 || fstat(fd, &st) < 0)
			return -errno;
		if (!S_ISREG(st.st_mode))
			return -EINVAL;
		rc = lock(fd, ret_other);
		/* Whoever may read a file that was left behind can lock it so: no daemon. */
		if (rc == -EBUSY && ret_other->l_type == F_RDLCK && is_at(fd, path) &&
		    unlink(path) == 0)
			continue;
		if (rc < 0)
			return rc;
		if (is_at(fd, path))
			return take_fd(&fd);
	}
	return -EAGAIN;
}

/* A full disk shows in write(2) or, at the latest, in fsync(2). */
static int write_number(int fd)
{
	char line[16];
	int len = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	ssize_t n;

	if (ftruncate(fd, 0) < 0)
		return -errno;
	n = pwrite(fd, line, (size_t)len, 0);
	if (n < 0)
		return -errno;
	if (n != len)
		return -ENOSPC;
	return fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int pidfile_create(const char *path, struct pidfile *ret, char *message,
		   size_t message_size)
{
	struct flock other = {0};
	cleanup_close int fd = open_locked(path, &other);
	int rc = fd;

	if (rc == -EBUSY && other.l_pid > 0) {
		snprintf(message, message_size, "already runs as %d (%s)",
			 (int)other.l_pid, path);
		return rc;
	}
	if (rc == -EBUSY) {
		snprintf(message, message_size, "already runs (%s)", path);
		return rc;
	}
	if (rc >= 0)
		rc = write_number(fd);
	if (rc < 0) {
		snprintf(message, message_size, "cannot write %s: %s", path,
			 strerror(-rc));
		if (fd >= 0)
			unlink(path); /* an empty one would tell nothing */
		return rc;
	}
	ret->path = path;
	ret->fd = take_fd(&fd);
	return 0;
}

void pidfile_remove(struct pidfile *pidfile)
{
	if (pidfile->fd < 0)
		return;
	if (is_at(pidfile->fd, pidfile->path))
		unlink(pidfile->path);
	close(pidfile->fd);
	pidfile->fd = -1;
}
