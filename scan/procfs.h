/*
 * procfs.h - all reading of a proc tree.
 *
 * Everything about one process is read through one descriptor of its folder, so that a
 * recycled PID cannot mix two processes.  Judges nothing.
 */
#ifndef SCAN_PROCFS_H
#define SCAN_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pidstat.h"

struct procfs {
	int fd;       /* of the tree; owned */
	bool is_proc; /* a proc file system; else a captured tree */
	bool has_pid1;
};

/*
 * Opens a tree; NULL: "/proc", which must be a proc file system, else -ENOTSUP.  Returns
 * 0 or -errno.
 */
int procfs_open(const char *root, struct procfs *ret);
void procfs_release(struct procfs *fs);

/*
 * The numeric folders of the tree, in the order of the kernel.  Returns 0 and hands over
 * *ret_pids (free(3)), or -errno.
 */
int procfs_list(const struct procfs *fs, pid_t **ret_pids, size_t *ret_n);

/* The folder of a process, or of a thread: proc(5) "/proc/tid".  Returns a descriptor the
 * caller owns, or -errno. */
int procfs_open_pid(const struct procfs *fs, pid_t pid);

/*
 * A thread of the process that still runs, where the leader is a zombie.  Returns a
 * descriptor of the thread's folder that the caller owns, -ESRCH when none is left, or
 * -errno.
 */
int procfs_open_live_thread(const struct procfs *fs, int dirfd, pid_t pid);

/*
 * Calls fn for each open descriptor of the process, ascending; a negative errno of it
 * ends the reading and is returned.  Returns 0 or -errno.
 */
int procfs_each_fd(int dirfd, int (*fn)(void *arg, int fd), void *arg);

/*
 * Reads at most size bytes of a file below dirfd.  Returns their number, or -errno.
 */
ssize_t procfs_read(int dirfd, const char *name, void *buf, size_t size);

/* readlinkat(2) without a NUL.  Returns the length, -ENAMETOOLONG when it fills size. */
ssize_t procfs_readlink(int dirfd, const char *name, char *buf, size_t size);

/* The parsed files of one process.  Return 0 or -errno; *ret is written on success.
 * buf must live as long as *ret is used. */
#define PROCFS_STAT_MAX 4096
int procfs_read_stat(int dirfd, char buf[static PROCFS_STAT_MAX], struct pidstat *ret);
int procfs_read_status(int dirfd, struct pidstatus *ret);

/* "btime" of the tree, in seconds since the epoch.  Returns 0 or -errno. */
int procfs_boot_time(const struct procfs *fs, int64_t *ret_btime);

/* What an error of one process means for the scan. */
enum procfs_error {
	PROCFS_VANISHED, /* ENOENT, ESRCH */
	PROCFS_DENIED,   /* EACCES, EPERM */
	PROCFS_FATAL,    /* ENOMEM, EMFILE, ENFILE: of the scan, not of the process */
	PROCFS_FAILED,   /* anything else */
};
/* err: positive or negative errno. */
enum procfs_error procfs_error_class(int err);

/* Is rc the -errno of a PROCFS_FATAL? */
bool procfs_is_fatal(int rc);

#endif
