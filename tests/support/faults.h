/*
 * faults.h - stands between our objects and the kernel, in programs that are linked with
 * WRAP_CALLS of the Makefile: counts calls, and makes one of them fail.
 *
 * Only calls from our own objects are wrapped; what libc calls for itself is not.  What is
 * counted is shared with children that are forked later.  Decides nothing about results.
 */
#ifndef SUPPORT_FAULTS_H
#define SUPPORT_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* One for all names that a function has for the linker: openat is openat64 where off_t is
 * made to have 64 bits, and __openat64_2 with FORTIFY. */
enum faults_call {
	FAULTS_NONE,
	FAULTS_OPEN,
	FAULTS_OPENAT,
	FAULTS_OPENAT2, /* by syscall(2) */
	FAULTS_READ,
	FAULTS_PREAD,
	FAULTS_READLINK,
	FAULTS_IOCTL,
	FAULTS_STATX,
	FAULTS_FSTATAT,
	FAULTS_FSTAT,
	FAULTS_FSTATFS,
	FAULTS_FACCESSAT,
	FAULTS_FDOPENDIR,
	FAULTS_READDIR,
	FAULTS_SCANDIR,
	FAULTS_CLOSE, /* closes all the same, as the kernel does */
	FAULTS_MMAP,
	FAULTS_FORK,
	FAULTS_THREAD, /* pthread_create(3) */
	FAULTS_UNSHARE,
	FAULTS_AFFINITY, /* sched_getaffinity(2) */
	FAULTS_PIPE,
	FAULTS_POLL,
	FAULTS_WAITPID,
	FAULTS_WRITE,
	FAULTS_FSYNC,
	FAULTS_FCHMOD,
	FAULTS_RENAMEAT,
	FAULTS_FTRUNCATE,
	FAULTS_PWRITE,
	FAULTS_MEMFD,
	FAULTS_FCNTL,
	FAULTS_SENDMSG,
	FAULTS_RECVMSG,
	FAULTS_SOCKETPAIR,
	FAULTS_SETSOCKOPT,
	FAULTS_DUP,
};
#define FAULTS_CALLS     38
#define FAULTS_BIT(call) (UINT64_C(1) << (call))

struct fault {
	enum faults_call call;
	long nth;         /* 0 for the first */
	int error;        /* errno; 0: none fails, calls are only counted */
	const char *name; /* only calls whose path ends with this; NULL: all.  Borrowed */
	bool for_ever;    /* the nth and all after it */
	/* And to open "/" from then on: the error is of this machine, and not of one file
	 * system whose server may say anything. */
	bool is_ours;
};

/* What became of it. */
struct faults_result {
	long counts[FAULTS_CALLS]; /* calls of each kind */
	bool is_injected;
	/* The path of the call that failed, or what its descriptor leads to; "": none. */
	char name[128];
};

/* Whoever shares the machine can be told from us: nothing is counted before. */
void faults_begin(const struct fault *fault);
struct faults_result faults_end(void);

/* "openat" */
const char *faults_name(enum faults_call call);

/* How many descriptors are open: as many after as before where none was lost. */
int faults_count_fds(void);

#endif
