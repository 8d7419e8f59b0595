/*
 * findings.h - what a scan has found, in memory shared with whoever waits for it.
 *
 * The scan only ever adds: a block is filled first and published last, by one atomic
 * store, and never changed again.  So a reader in another process sees whole findings
 * at any time, also while the scan hangs in the kernel or after it was killed.
 * Pointers are valid in every process forked after findings_new().
 */
#ifndef SCAN_FINDINGS_H
#define SCAN_FINDINGS_H

#include <stdatomic.h>

#include "stale.h"

/* One file, judged.  Shared by the processes that use it. */
struct found_file {
	const char *path;
	const char *successor; /* or NULL */
	const uint8_t *build_id;
	size_t build_id_len;
	uint64_t device;
	uint64_t inode;
	int64_t since;
	int64_t bytes;         /* as in struct stale_file */
	int64_t old_birth_ns;  /* statx(2) of the old inode; 0: not seen */
	int64_t old_ctime_ns;  /* the same */
	int64_t old_mtime_ns;  /* the same */
	uid_t old_uid;         /* the same */
	uint32_t root;         /* number of the root it was looked up in */
	bool is_below_scratch; /* its path within its root is below /tmp and the like */
	/* The process, or its mapping, went away before the old file was seen: for others
	 * who have that, it is looked at again. */
	bool is_fleeting;
	enum stale_since since_source;
	enum stale_kind kind;
	enum stale_why why;
};

/* A file of a process. */
struct found_use {
	const struct found_file *file;
	int fd; /* of a STALE_FD; else -1 */
};

struct found_proc {
	struct found_proc *next;
	const char *comm;
	const char *exe; /* or NULL */
	const char *cmdline;
	size_t cmdline_len;
	uint64_t start_ticks;
	pid_t pid;
	pid_t ppid;
	uid_t uid;
	unsigned rank; /* enum owner_rank */
	enum stale_scope scope;
	const char *unit;      /* or NULL */
	const char *runtime;   /* static, or NULL */
	const char *container; /* or NULL */
	uid_t owner;
	bool is_leftover;
	enum stale_advice advice;
	size_t nfiles_left_out;
	size_t nfiles;
	struct found_use files[];
};

struct found_error {
	struct found_error *next;
	pid_t pid;
	int error;
};

/* So many at a time may add to them. */
#define FINDINGS_WORKERS 64

struct findings {
	size_t size; /* bytes of the whole mapping */
	_Atomic size_t used;
	_Atomic(struct found_proc *) procs;
	_Atomic(struct found_error *) errors;
	_Atomic size_t uses; /* files of processes, put together */
	_Atomic size_t listed;
	_Atomic size_t scanned;
	_Atomic size_t vanished;
	_Atomic size_t denied;
	_Atomic size_t failed;
	_Atomic size_t kernel_threads;
	_Atomic size_t unselected;
	_Atomic int64_t boot_ns;            /* of the tree that is scanned; 0: unknown */
	_Atomic int64_t boot_slack_ns;      /* the boot was up to this much later */
	_Atomic int method;                 /* enum stale_method */
	_Atomic int error;                  /* positive errno */
	_Atomic pid_t at[FINDINGS_WORKERS]; /* what each worker is reading; 0: nothing */
	_Atomic bool proc_fs;
	_Atomic bool hidden;
	_Atomic bool finished;
};

/* Returns 0 and hands over *ret_findings (release with findings_free()), or -ENOMEM. */
int findings_new(struct findings **ret_findings);
void findings_free(struct findings *findings); /* NULL is a no-op */

/* Empties them for another scan.  Nobody may be reading. */
void findings_clear(struct findings *findings);

/*
 * Zeroed memory, aligned for any object, borrowed until findings_free() or
 * findings_clear().  NULL when the findings are full: what is found has a limit, since
 * other users choose how much it is.
 */
void *findings_alloc(struct findings *findings, size_t size);

/* A copy with a NUL behind it, from findings_alloc(); NULL when full. */
char *findings_copy(struct findings *findings, const void *bytes, size_t len);

/* Publishes a filled block. */
void findings_add_proc(struct findings *findings, struct found_proc *proc);

/* Counts nothing; returns false when the findings are full. */
bool findings_add_error(struct findings *findings, pid_t pid, int error);

#endif
