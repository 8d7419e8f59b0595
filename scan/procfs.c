/*
 * procfs.c - open, list and read the files of a proc tree; name what an error means.
 *
 * The only file of the core that knows the names below /proc, but for maps and what the
 * look-ups follow (exe, root, map_files).  Parses nothing itself.
 */
#include "procfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "input.h"
#include "util.h"

#define PROC_SUPER_MAGIC 0x9fa0 /* linux/magic.h */

#define PID_SIZE 12 /* ten digits and a NUL */

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
#define cleanup_closedir __attribute__((cleanup(close_dir)))

enum procfs_error procfs_error_class(int err)
{
	switch (err < 0 ? -err : err) {
	case ENOENT:
	case ESRCH:
		return PROCFS_VANISHED;
	case EACCES:
	case EPERM:
		return PROCFS_DENIED;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return PROCFS_FATAL;
	}
	return PROCFS_FAILED;
}

bool procfs_is_fatal(int rc)
{
	return rc < 0 && procfs_error_class(rc) == PROCFS_FATAL;
}

int procfs_open(const char *root, struct procfs *ret)
{
	cleanup_close int fd = -1;
	struct statfs st;

	fd = open(root ? root : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &st) < 0)
		return -errno;
	ret->is_proc = st.f_type == PROC_SUPER_MAGIC;
	if (!root && !ret->is_proc)
		return -ENOTSUP;
	/* Present also where it may not be read; gone with hidepid=invisible. */
	ret->has_pid1 = faccessat(fd, "1", F_OK, 0) == 0;
	if (!ret->has_pid1 && procfs_is_fatal(-errno))
		return -errno;
	ret->fd = take_fd(&fd);
	return 0;
}

void procfs_release(struct procfs *fs)
{
	util_close(&fs->fd);
	fs->fd = -1;
}

/* A decimal number up to max as the kernel writes it, and nothing else; -1: none. */
static int number_parse(const char *s, int max)
{
	int n = 0;

	if (*s == '\0' || (*s == '0' && s[1] != '\0'))
		return -1;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (n > (max - (*s - '0')) / 10)
			return -1;
		n = n * 10 + (*s - '0');
	}
	return *s ? -1 : n;
}

/* Reads the next number of a listing.  Returns 1, 0 at the end, or -errno. */
static int next_number(DIR *dir, int max, int *ret)
{
	for (;;) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		*ret = number_parse(entry->d_name, max);
		if (*ret >= 0)
			return 1;
	}
}

/* From 1 to 2^22, PID_MAX_LIMIT of the kernel's include/linux/threads.h. */
static int next_pid(DIR *dir, pid_t *ret_pid)
{
	int rc;

	do
		rc = next_number(dir, 1 << 22, ret_pid);
	while (rc > 0 && *ret_pid == 0);
	return rc;
}

/* A listing of the folder name below dirfd.  NULL sets *ret_error to -errno. */
static DIR *open_listing(int dirfd, const char *name, int *ret_error)
{
	cleanup_close int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		*ret_error = -errno;
		return NULL;
	}
	take_fd(&fd);
	return dir;
}

int procfs_list(const struct procfs *fs, pid_t **ret_pids, size_t *ret_n)
{
	cleanup_closedir DIR *dir = NULL;
	cleanup_free void *pids = NULL;
	size_t n = 0;
	size_t room = 0;
	pid_t pid;
	int rc = 0;

	dir = open_listing(fs->fd, ".", &rc);
	if (!dir)
		return rc;
	while ((rc = next_pid(dir, &pid)) > 0) {
		rc = util_grow(&pids, &room, n, sizeof(pid));
		if (rc < 0)
			break;
		((pid_t *)pids)[n++] = pid;
	}
	if (rc < 0)
		return rc;
	*ret_pids = take_ptr(&pids);
	*ret_n = n;
	return 0;
}

/* The digits of pid, never negative, without the time that printf(3) takes.  Returns where
 * they begin. */
static const char *print_pid(pid_t pid, char buf[static PID_SIZE])
{
	size_t at = PID_SIZE - 1;

	buf[at] = '\0';
	do
		buf[--at] = (char)('0' + pid % 10);
	while (pid /= 10);
	return &buf[at];
}

int procfs_open_pid(const struct procfs *fs, pid_t pid)
{
	char buf[PID_SIZE];
	int fd;

	if (pid < 0)
		return -ENOENT;
	fd = openat(fs->fd, print_pid(pid, buf), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The folder of thread tid, if it is a live thread of the process pid. */
static int open_thread(const struct procfs *fs, pid_t tid, pid_t pid)
{
	cleanup_close int fd = procfs_open_pid(fs, tid);
	char buf[PROCFS_STAT_MAX];
	struct pidstatus status;
	struct pidstat stat;
	int rc;

	if (fd < 0)
		return fd;
	rc = procfs_read_status(fd, &status);
	if (rc == 0)
		rc = procfs_read_stat(fd, buf, &stat);
	if (rc < 0)
		return rc;
	if (status.tgid != pid || stat.flags & PIDSTAT_PF_EXITING || stat.state == 'Z')
		return -ESRCH;
	return take_fd(&fd);
}

int procfs_open_live_thread(const struct procfs *fs, int dirfd, pid_t pid)
{
	cleanup_closedir DIR *dir = NULL;
	pid_t tid;
	int rc = 0;

	dir = open_listing(dirfd, "task", &rc);
	if (!dir)
		return rc;
	while ((rc = next_pid(dir, &tid)) > 0) {
		if (tid == pid)
			continue;
		rc = open_thread(fs, tid, pid);
		if (rc >= 0 || procfs_error_class(rc) != PROCFS_VANISHED)
			return rc;
	}
	return rc < 0 ? rc : -ESRCH;
}

int procfs_each_fd(int dirfd, int (*fn)(void *arg, int fd), void *arg)
{
	cleanup_closedir DIR *dir = NULL;
	int fd;
	int rc = 0;

	dir = open_listing(dirfd, "fd", &rc);
	if (!dir)
		return rc;
	while ((rc = next_number(dir, INT_MAX, &fd)) > 0) {
		rc = fn(arg, fd);
		if (rc < 0)
			return rc;
	}
	return rc;
}

ssize_t procfs_read(int dirfd, const char *name, void *buf, size_t size)
{
	cleanup_close int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : input_read(fd, buf, size);
}

ssize_t procfs_readlink(int dirfd, const char *name, char *buf, size_t size)
{
	ssize_t n = readlinkat(dirfd, name, buf, size);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? -ENAMETOOLONG : n;
}

int procfs_read_stat(int dirfd, char buf[static PROCFS_STAT_MAX], struct pidstat *ret)
{
	ssize_t n = procfs_read(dirfd, "stat", buf, PROCFS_STAT_MAX);

	return n < 0 ? (int)n : pidstat_parse(buf, (size_t)n, ret);
}

int procfs_read_status(int dirfd, struct pidstatus *ret)
{
	/* Both lines stand near the top; a long list of groups follows them. */
	char buf[PROCFS_STAT_MAX];
	ssize_t n = procfs_read(dirfd, "status", buf, sizeof(buf));

	return n < 0 ? (int)n : pidstatus_parse(buf, (size_t)n, ret);
}

int procfs_boot_time(const struct procfs *fs, int64_t *ret_btime)
{
	/* "intr" comes before "btime" and grows with the number of interrupts. */
	enum { SIZE = 1 << 20 };
	cleanup_free char *buf = malloc(SIZE);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	n = procfs_read(fs->fd, "stat", buf, SIZE);
	return n < 0 ? (int)n : pidstat_btime_parse(buf, (size_t)n, ret_btime);
}
