/*
 * folder.c - walks a path component by component.
 */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

#define LINKS_MAX 40 /* as the kernel has it: path_resolution(7) */

struct walk {
	int fd;          /* O_PATH: where we are; owned */
	struct buf rest; /* of the path; owned */
	unsigned links;
};

static void walk_release(struct walk *walk)
{
	if (walk->fd >= 0)
		close(walk->fd);
	buf_release(&walk->rest);
}

static void go_to(struct walk *walk, int fd)
{
	if (walk->fd >= 0)
		close(walk->fd);
	walk->fd = fd;
}

/* Where a path begins.  Returns 0, or a negative errno. */
static int begin(struct walk *walk, const char *path)
{
	int fd;

	if (walk->fd >= 0 && *path != '/')
		return 0;
	fd = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	go_to(walk, fd);
	return 0;
}

/* What it says comes before the rest. */
static int follow(struct walk *walk, int link, const struct stat *st)
{
	char target[PATH_MAX];
	struct buf rest = BUF_INIT;
	ssize_t n;

	if ((st->st_uid != 0 && st->st_uid != geteuid()) || ++walk->links > LINKS_MAX)
		return -ELOOP;
	n = readlinkat(link, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	buf_bytes(&rest, target, (size_t)n);
	buf_put(&rest, "/");
	buf_put(&rest, walk->rest.s);
	buf_release(&walk->rest);
	walk->rest = rest;
	return rest.error ? rest.error : begin(walk, rest.s);
}

/* Takes one component off the rest and goes there. */
static int step(struct walk *walk)
{
	char name[NAME_MAX + 1];
	char *rest = walk->rest.s;
	const size_t slashes = strspn(rest, "/");
	const size_t len = strcspn(rest + slashes, "/");
	struct stat st;
	int fd, rc;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, rest + slashes, len);
	name[len] = '\0';
	walk->rest.len -= slashes + len;
	memmove(rest, rest + slashes + len, walk->rest.len + 1);
	if (len == 0)
		return 0;
	fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = -errno;
	} else if (S_ISLNK(st.st_mode)) {
		rc = follow(walk, fd, &st);
	} else {
		go_to(walk, fd);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int folder_open(const char *path, size_t len)
{
	__attribute__((cleanup(walk_release))) struct walk walk = {.fd = -1};
	int rc, fd;

	buf_bytes(&walk.rest, path, len);
	rc = walk.rest.error ? walk.rest.error : begin(&walk, walk.rest.s);
	while (rc == 0 && walk.rest.len > 0)
		rc = step(&walk);
	if (rc < 0)
		return rc;
	fd = openat(walk.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
