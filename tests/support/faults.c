/*
 * faults.c - see faults.h.
 *
 * Comes out of the archive only for a program whose calls are wrapped: nothing else knows
 * its names.  Its own calls go by syscall(2), which are not counted.
 */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tests/test.h"

/* No test has more of them open. */
#define FDS_MAX 80

static struct state {
	struct fault fault;
	_Atomic bool is_on;
	_Atomic bool is_injected;
	_Atomic long matched;
	_Atomic long counts[FAULTS_CALLS];
	char name[128];
} * state; /* NULL: nothing was begun yet */

static const char *const names[FAULTS_CALLS] = {
	[FAULTS_NONE] = "nothing",
	[FAULTS_OPEN] = "open",
	[FAULTS_OPENAT] = "openat",
	[FAULTS_OPENAT2] = "openat2",
	[FAULTS_READ] = "read",
	[FAULTS_PREAD] = "pread",
	[FAULTS_READLINK] = "readlinkat",
	[FAULTS_IOCTL] = "ioctl",
	[FAULTS_STATX] = "statx",
	[FAULTS_FSTATAT] = "fstatat",
	[FAULTS_FSTAT] = "fstat",
	[FAULTS_FSTATFS] = "fstatfs",
	[FAULTS_FACCESSAT] = "faccessat",
	[FAULTS_FDOPENDIR] = "fdopendir",
	[FAULTS_READDIR] = "readdir",
	[FAULTS_SCANDIR] = "scandir",
	[FAULTS_CLOSE] = "close",
	[FAULTS_MMAP] = "mmap",
	[FAULTS_FORK] = "fork",
	[FAULTS_THREAD] = "pthread_create",
	[FAULTS_UNSHARE] = "unshare",
	[FAULTS_AFFINITY] = "sched_getaffinity",
	[FAULTS_PIPE] = "pipe2",
	[FAULTS_POLL] = "poll",
	[FAULTS_WAITPID] = "waitpid",
	[FAULTS_WRITE] = "write",
	[FAULTS_FSYNC] = "fsync",
	[FAULTS_FCHMOD] = "fchmod",
	[FAULTS_RENAMEAT] = "renameat",
	[FAULTS_FTRUNCATE] = "ftruncate",
	[FAULTS_PWRITE] = "pwrite",
	[FAULTS_MEMFD] = "memfd_create",
	[FAULTS_FCNTL] = "fcntl",
	[FAULTS_SENDMSG] = "sendmsg",
	[FAULTS_RECVMSG] = "recvmsg",
	[FAULTS_SOCKETPAIR] = "socketpair",
	[FAULTS_SETSOCKOPT] = "setsockopt",
	[FAULTS_DUP] = "dup",
};

const char *faults_name(enum faults_call call)
{
	return names[call];
}

/* NOLINTBEGIN(bugprone-reserved-identifier): what the linker's --wrap makes of names */
long __real_syscall(long number, ...);

int faults_count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < FDS_MAX; fd++)
		n += __real_syscall(SYS_fcntl, fd, F_GETFD) >= 0;
	return n;
}

void faults_begin(const struct fault *fault)
{
	if (!state) {
		state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(state, MAP_FAILED);
	}
	memset(state, 0, sizeof(*state));
	state->fault = *fault;
	atomic_store(&state->is_on, true);
}

struct faults_result faults_end(void)
{
	struct faults_result result = {.is_injected = atomic_load(&state->is_injected)};

	atomic_store(&state->is_on, false);
	for (size_t i = 0; i < FAULTS_CALLS; i++)
		result.counts[i] = atomic_load(&state->counts[i]);
	memcpy(result.name, state->name, sizeof(result.name));
	return result;
}

/* path, or what fd leads to where that is NULL or empty; "" for neither. */
static const char *name_of(int fd, const char *path, char buf[static 128])
{
	char link[64];
	long n;

	if ((path && *path) || fd < 0)
		return path ? path : "";
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	n = __real_syscall(SYS_readlinkat, AT_FDCWD, link, buf, 127);
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static bool ends_with(const char *s, const char *tail)
{
	const size_t len = strlen(s), want = strlen(tail);

	return len >= want && strcmp(s + len - want, tail) == 0;
}

/* Counts a call.  Returns the error that it is to fail with, or 0. */
static int count(enum faults_call call, int fd, const char *path)
{
	const int before = errno;
	char buf[128];
	long nth;

	if (!state || !atomic_load(&state->is_on))
		return 0;
	atomic_fetch_add(&state->counts[call], 1);
	if (state->fault.is_ours && atomic_load(&state->is_injected) &&
	    call == FAULTS_OPEN && strcmp(path, "/") == 0)
		return state->fault.error;
	if (!state->fault.error || state->fault.call != call)
		return 0;
	if (state->fault.name && !ends_with(name_of(fd, path, buf), state->fault.name))
		return 0;
	nth = atomic_fetch_add(&state->matched, 1);
	if (nth < state->fault.nth || (nth > state->fault.nth && !state->fault.for_ever))
		return 0;
	if (!atomic_exchange(&state->is_injected, true))
		snprintf(state->name, sizeof(state->name), "%s", name_of(fd, path, buf));
	errno = before;
	return state->fault.error;
}

/* The same, with errno set where it is to fail. */
static bool fails(enum faults_call call, int fd, const char *path)
{
	const int error = count(call, fd, path);

	if (error)
		errno = error;
	return error != 0;
}

#define WRAPPED(type, name, ...)                                                         \
	type __real_##name(__VA_ARGS__);                                                 \
	type __wrap_##name(__VA_ARGS__);                                                 \
	type __wrap_##name(__VA_ARGS__)

/* The argument that is there with O_CREAT, and without it does no harm. */
static mode_t mode_of(va_list rest, int flags)
{
	return (flags & O_CREAT) ? va_arg(rest, mode_t) : 0;
}

WRAPPED(int, open64, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(rest, flags);
	va_end(rest);
	return fails(FAULTS_OPEN, -1, path) ? -1 : __real_open64(path, flags, mode);
}

WRAPPED(int, __open64_2, const char *path, int flags)
{
	return fails(FAULTS_OPEN, -1, path) ? -1 : __real___open64_2(path, flags);
}

WRAPPED(int, openat64, int dirfd, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(rest, flags);
	va_end(rest);
	if (fails(FAULTS_OPENAT, dirfd, path))
		return -1;
	return __real_openat64(dirfd, path, flags, mode);
}

WRAPPED(int, __openat64_2, int dirfd, const char *path, int flags)
{
	if (fails(FAULTS_OPENAT, dirfd, path))
		return -1;
	return __real___openat64_2(dirfd, path, flags);
}

/* openat2(2) has no function of its own; no call has more than these arguments. */
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long args[6];
	va_list rest;

	va_start(rest, number);
	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		args[i] = va_arg(rest, long);
	va_end(rest);
	if (number == SYS_openat2 &&
	    fails(FAULTS_OPENAT2, (int)args[0], (const char *)args[1]))
		return -1;
	return __real_syscall(number, args[0], args[1], args[2], args[3], args[4],
			      args[5]);
}

WRAPPED(ssize_t, read, int fd, void *buf, size_t len)
{
	return fails(FAULTS_READ, fd, NULL) ? -1 : __real_read(fd, buf, len);
}

WRAPPED(ssize_t, __read_chk, int fd, void *buf, size_t len, size_t size)
{
	return fails(FAULTS_READ, fd, NULL) ? -1 : __real___read_chk(fd, buf, len, size);
}

WRAPPED(ssize_t, pread64, int fd, void *buf, size_t len, off_t at)
{
	return fails(FAULTS_PREAD, fd, NULL) ? -1 : __real_pread64(fd, buf, len, at);
}

WRAPPED(ssize_t, __pread64_chk, int fd, void *buf, size_t len, off_t at, size_t size)
{
	if (fails(FAULTS_PREAD, fd, NULL))
		return -1;
	return __real___pread64_chk(fd, buf, len, at, size);
}

WRAPPED(ssize_t, readlinkat, int dirfd, const char *path, char *buf, size_t size)
{
	if (fails(FAULTS_READLINK, dirfd, path))
		return -1;
	return __real_readlinkat(dirfd, path, buf, size);
}

WRAPPED(ssize_t, __readlinkat_chk, int dirfd, const char *path, char *buf, size_t len,
	size_t size)
{
	if (fails(FAULTS_READLINK, dirfd, path))
		return -1;
	return __real___readlinkat_chk(dirfd, path, buf, len, size);
}

WRAPPED(int, ioctl, int fd, unsigned long request, ...)
{
	va_list rest;
	void *arg;

	va_start(rest, request);
	arg = va_arg(rest, void *);
	va_end(rest);
	return fails(FAULTS_IOCTL, fd, NULL) ? -1 : __real_ioctl(fd, request, arg);
}

WRAPPED(int, statx, int dirfd, const char *path, int flags, unsigned mask,
	struct statx *ret)
{
	if (fails(FAULTS_STATX, dirfd, path))
		return -1;
	return __real_statx(dirfd, path, flags, mask, ret);
}

WRAPPED(int, fstatat64, int dirfd, const char *path, struct stat *ret, int flags)
{
	if (fails(FAULTS_FSTATAT, dirfd, path))
		return -1;
	return __real_fstatat64(dirfd, path, ret, flags);
}

WRAPPED(int, fstat64, int fd, struct stat *ret)
{
	return fails(FAULTS_FSTAT, fd, NULL) ? -1 : __real_fstat64(fd, ret);
}

WRAPPED(int, fstatfs64, int fd, struct statfs *ret)
{
	return fails(FAULTS_FSTATFS, fd, NULL) ? -1 : __real_fstatfs64(fd, ret);
}

WRAPPED(int, faccessat, int dirfd, const char *path, int mode, int flags)
{
	if (fails(FAULTS_FACCESSAT, dirfd, path))
		return -1;
	return __real_faccessat(dirfd, path, mode, flags);
}

WRAPPED(DIR *, fdopendir, int fd)
{
	return fails(FAULTS_FDOPENDIR, fd, NULL) ? NULL : __real_fdopendir(fd);
}

WRAPPED(struct dirent *, readdir64, DIR *dir)
{
	return fails(FAULTS_READDIR, dirfd(dir), NULL) ? NULL : __real_readdir64(dir);
}

WRAPPED(int, scandir64, const char *path, struct dirent ***ret,
	int (*filter)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **))
{
	if (fails(FAULTS_SCANDIR, -1, path))
		return -1;
	return __real_scandir64(path, ret, filter, compare);
}

WRAPPED(int, close, int fd)
{
	const int error = count(FAULTS_CLOSE, fd, NULL);
	int rc = __real_close(fd);

	if (!error)
		return rc;
	errno = error;
	return -1;
}

/* NOLINTNEXTLINE(readability-function-size): the arguments are those of mmap(2) */
WRAPPED(void *, mmap64, void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
	if (fails(FAULTS_MMAP, fd, NULL))
		return MAP_FAILED;
	return __real_mmap64(addr, len, prot, flags, fd, at);
}

WRAPPED(pid_t, fork, void)
{
	return fails(FAULTS_FORK, -1, NULL) ? -1 : __real_fork();
}

WRAPPED(int, pthread_create, pthread_t *ret, const pthread_attr_t *attr,
	void *(*start)(void *), void *arg)
{
	const int error = count(FAULTS_THREAD, -1, NULL);

	return error ? error : __real_pthread_create(ret, attr, start, arg);
}

WRAPPED(int, unshare, int flags)
{
	return fails(FAULTS_UNSHARE, -1, NULL) ? -1 : __real_unshare(flags);
}

WRAPPED(int, sched_getaffinity, pid_t pid, size_t size, cpu_set_t *ret)
{
	if (fails(FAULTS_AFFINITY, -1, NULL))
		return -1;
	return __real_sched_getaffinity(pid, size, ret);
}

WRAPPED(int, pipe2, int *ret_ends, int flags)
{
	return fails(FAULTS_PIPE, -1, NULL) ? -1 : __real_pipe2(ret_ends, flags);
}

WRAPPED(int, poll, struct pollfd *fds, nfds_t n, int timeout)
{
	return fails(FAULTS_POLL, -1, NULL) ? -1 : __real_poll(fds, n, timeout);
}

WRAPPED(int, __poll_chk, struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	if (fails(FAULTS_POLL, -1, NULL))
		return -1;
	return __real___poll_chk(fds, n, timeout, size);
}

WRAPPED(pid_t, waitpid, pid_t pid, int *ret_status, int options)
{
	if (fails(FAULTS_WAITPID, -1, NULL))
		return -1;
	return __real_waitpid(pid, ret_status, options);
}

WRAPPED(ssize_t, write, int fd, const void *bytes, size_t len)
{
	return fails(FAULTS_WRITE, fd, NULL) ? -1 : __real_write(fd, bytes, len);
}

WRAPPED(int, fsync, int fd)
{
	return fails(FAULTS_FSYNC, fd, NULL) ? -1 : __real_fsync(fd);
}

WRAPPED(int, fchmod, int fd, mode_t mode)
{
	return fails(FAULTS_FCHMOD, fd, NULL) ? -1 : __real_fchmod(fd, mode);
}

WRAPPED(int, renameat, int from_dir, const char *from, int to_dir, const char *to)
{
	if (fails(FAULTS_RENAMEAT, -1, from))
		return -1;
	return __real_renameat(from_dir, from, to_dir, to);
}

WRAPPED(int, ftruncate64, int fd, off_t len)
{
	return fails(FAULTS_FTRUNCATE, fd, NULL) ? -1 : __real_ftruncate64(fd, len);
}

WRAPPED(ssize_t, pwrite64, int fd, const void *bytes, size_t len, off_t at)
{
	return fails(FAULTS_PWRITE, fd, NULL) ? -1 : __real_pwrite64(fd, bytes, len, at);
}

WRAPPED(int, memfd_create, const char *name, unsigned flags)
{
	return fails(FAULTS_MEMFD, -1, name) ? -1 : __real_memfd_create(name, flags);
}

WRAPPED(int, fcntl64, int fd, int command, ...)
{
	va_list rest;
	void *arg;

	va_start(rest, command);
	arg = va_arg(rest, void *);
	va_end(rest);
	return fails(FAULTS_FCNTL, fd, NULL) ? -1 : __real_fcntl64(fd, command, arg);
}

WRAPPED(ssize_t, sendmsg, int fd, const struct msghdr *message, int flags)
{
	return fails(FAULTS_SENDMSG, fd, NULL) ? -1 : __real_sendmsg(fd, message, flags);
}

WRAPPED(ssize_t, recvmsg, int fd, struct msghdr *message, int flags)
{
	return fails(FAULTS_RECVMSG, fd, NULL) ? -1 : __real_recvmsg(fd, message, flags);
}

WRAPPED(int, socketpair, int domain, int type, int protocol, int *ret_ends)
{
	if (fails(FAULTS_SOCKETPAIR, -1, NULL))
		return -1;
	return __real_socketpair(domain, type, protocol, ret_ends);
}

WRAPPED(int, setsockopt, int fd, int level, int what, const void *value, socklen_t len)
{
	if (fails(FAULTS_SETSOCKOPT, fd, NULL))
		return -1;
	return __real_setsockopt(fd, level, what, value, len);
}

WRAPPED(int, dup, int fd)
{
	return fails(FAULTS_DUP, fd, NULL) ? -1 : __real_dup(fd);
}

WRAPPED(int, dup2, int fd, int to)
{
	return fails(FAULTS_DUP, fd, NULL) ? -1 : __real_dup2(fd, to);
}
/* NOLINTEND(bugprone-reserved-identifier) */
