/*
 * stale.h - which running processes still execute code that is no longer on disk.
 *
 * Options go in, a frozen report comes out.  Nothing here prints, logs, exits,
 * sleeps, forks, keeps globals, or knows who asks.  Every function may be called
 * from any thread; one scanner is used by one thread at a time.
 *
 * Strings that come from the kernel are bytes chosen by other users: they may hold
 * any byte but NUL.  Escape them before you show them.
 *
 * A scan can hang in the kernel (a dead NFS or FUSE mount, a task that holds its
 * memory map).  Who must answer in time makes the scanner, forks, calls
 * stale_scanner_run() in the child, and takes the report in the parent whenever it
 * likes: the findings are in memory that both share.  Who need not, calls stale_scan().
 */
#ifndef STALE_H
#define STALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum stale_kind {
	STALE_EXE, /* what /proc/PID/exe leads to */
	STALE_LIB, /* any other file with at least one executable mapping */
};

enum stale_why {
	STALE_DELETED, /* its name is gone; nothing, or nothing visible, took its place */
	STALE_REPLACED,    /* its name leads to another file */
	STALE_SUPERSEDED,  /* its SONAME, in the same folder, leads to another build */
	STALE_REINSTALLED, /* its name leads to another file of the same build */
};
#define STALE_WHY_COUNT    4
#define STALE_WHY_BIT(why) (1U << (why))
/* What counts unless the caller wants it otherwise. */
#define STALE_WHY_DEFAULT                                                                \
	(STALE_WHY_BIT(STALE_DELETED) | STALE_WHY_BIT(STALE_REPLACED) |                  \
	 STALE_WHY_BIT(STALE_SUPERSEDED))

enum stale_since {
	STALE_SINCE_UNKNOWN,
	STALE_SINCE_OLD_INODE, /* ctime of the old file: set when it lost its name */
	STALE_SINCE_SUCCESSOR_BIRTH, /* birth time of what took its place */
	STALE_SINCE_SUCCESSOR_CHANGE, /* ctime of what took its place, or of its SONAME link */
};

/* Whose a process is, by its control group. */
enum stale_scope {
	STALE_SCOPE_NONE,      /* in no unit: no systemd, or outside of its tree */
	STALE_SCOPE_SYSTEM,    /* a system unit */
	STALE_SCOPE_USER,      /* a unit below user@UID.service, or that itself */
	STALE_SCOPE_SESSION,   /* session-N.scope */
	STALE_SCOPE_CONTAINER, /* inside of a container, whatever runs the container */
};
#define STALE_SCOPE_COUNT      5
#define STALE_SCOPE_BIT(scope) (1U << (scope))
/* What this host's operator can restart. */
#define STALE_SCOPE_DEFAULT                                                              \
	(STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM) | STALE_SCOPE_BIT(STALE_SCOPE_NONE))

/* What renews a stale process.  Nothing is ever restarted by us. */
enum stale_advice {
	STALE_RESTART_PROCESS, /* of no unit, or left over in one */
	STALE_RESTART_UNIT,
	STALE_RESTART_USER_UNIT,
	STALE_RESTART_CONTAINER,
	STALE_RELOGIN,
	STALE_REBOOT, /* PID 1, and units that cannot be restarted safely */
};
#define STALE_ADVICE_COUNT 6

enum stale_method {
	STALE_METHOD_AUTO, /* the first of the two that works, for each process */
	STALE_METHOD_PROCMAP_QUERY, /* ioctl on /proc/PID/maps, Linux 6.11 */
	STALE_METHOD_MAPS,          /* the text of /proc/PID/maps */
};

struct stale_options {
	/*
	 * NULL: "/proc", which must be a proc file system.  Else another mount of one,
	 * or a captured tree; in a captured tree nothing is looked up outside of it.
	 */
	const char *proc_root;
	enum stale_method method;
	/*
	 * Nanoseconds from the epoch to the boot of this machine, to compare the birth
	 * of a file with the start of a process.  0: /proc/stat "btime", whole seconds.
	 * Not used for a captured tree.
	 */
	int64_t boot_time_ns;
	const pid_t *pids; /* look at these only; any order.  NULL: at every process */
	size_t npids;
	/* NULL-terminated lists, or NULL.  fnmatch(3) patterns, '*' matches '/' too. */
	const char *const *ignore_globs;    /* whole path */
	const char *const *ignore_literals; /* whole path, byte for byte */
	const char *const *library_globs;   /* only files with this path or basename */
	bool no_default_ignores;
	bool want_cmdline; /* read the arguments of reported processes */
};

/* One file of one process.  Strings are borrowed from the report. */
struct stale_file {
	/* As /proc/PID/maps names it, " (deleted)" stripped once; temporary names of
	 * package managers undone. */
	const char *path;
	const char *successor; /* path of what took its place; NULL: none, or unknown */
	const uint8_t
		*build_id;   /* GNU build-id of the old file; NULL: none, or unknown */
	size_t build_id_len; /* bytes; 0 with NULL */
	uint64_t device;     /* as in /proc/PID/maps: major << 32 | minor */
	uint64_t inode;      /* as in /proc/PID/maps */
	int64_t since;       /* seconds since the epoch; 0 with STALE_SINCE_UNKNOWN */
	uint32_t id; /* the same for the same (root, device, inode) of one report */
	enum stale_since since_source;
	enum stale_kind kind;
	enum stale_why why;
};

/* One process with at least one stale file.  Pointers are borrowed from the report. */
struct stale_proc {
	const struct stale_file *files; /* by path, then inode; never NULL */
	size_t nfiles;                  /* >= 1 */
	size_t nfiles_left_out;         /* beyond the limit of files for one process */
	const char *comm;               /* /proc/PID/stat field 2; never NULL */
	const char *exe;      /* /proc/PID/exe without " (deleted)"; NULL: unknown */
	const char *cmdline;  /* /proc/PID/cmdline, each argument ended by NUL; or NULL */
	size_t cmdline_len;   /* bytes, the NULs included; at most 4,096 */
	uint64_t start_ticks; /* clock ticks after boot; /proc/PID/stat field 22 */
	int64_t started;      /* seconds since the epoch, of start_ticks; 0: unknown */
	pid_t pid;
	pid_t ppid; /* /proc/PID/stat field 4 */
	uid_t uid;  /* effective; /proc/PID/status "Uid:", second number */
};

/* A file that an ignore rule matched. */
struct stale_ignored {
	const char *path; /* borrowed from the report */
	const char *rule; /* what matched, in words; borrowed from the report */
	pid_t pid;
};

/* A process that could not be read. */
struct stale_unreadable {
	pid_t pid;
	int error; /* errno, positive */
};

/* How the scan went.  Tells "nothing stale" from "could not look". */
struct stale_scan_info {
	size_t listed;   /* processes and kernel threads in the listing of the tree */
	size_t seen;     /* scanned + vanished + denied + failed */
	size_t scanned;  /* read to the end */
	size_t vanished; /* ended meanwhile, or a zombie: ENOENT, ESRCH */
	size_t denied;   /* EACCES, EPERM */
	size_t failed;   /* any other error */
	size_t kernel_threads;    /* counted apart, not in seen */
	enum stale_method method; /* MAPS if any process was read so */
	bool proc_fs;             /* the tree is a proc file system, not a captured one */
	bool hidden; /* a proc file system that does not list PID 1: hidepid, ProtectProc */
	bool finished; /* every listed process was looked at */
	pid_t at;      /* not finished: the process being read; 0: none */
	int error;     /* what ended the scan early, errno, positive; 0: nothing did */
};

struct stale_report;  /* immutable; owned by who made it */
struct stale_scanner; /* a scan and the memory for its findings */

/*
 * Scans once, in this process.  Returns 0 and hands over *ret_report (release it with
 * stale_report_free()), or a negative errno and leaves *ret_report alone:
 * -ENOENT, -EACCES, ...: the tree cannot be opened or listed; -ENOTSUP: /proc is no
 * proc file system; -ESRCH: the tree holds no process; -ENOMEM, -EMFILE, -ENFILE: out of
 * memory or descriptors.  A process that cannot be read is counted, it is no error.
 */
int stale_scan(const struct stale_options *opt, struct stale_report **ret_report);

/*
 * Makes a scanner whose findings are shared with children forked later.  opt and what it
 * points to are borrowed until stale_scanner_free().  Returns 0 and hands over
 * *ret_scanner, or -ENOMEM.
 */
int stale_scanner_new(const struct stale_options *opt,
		      struct stale_scanner **ret_scanner);

/* Scans.  Returns as stale_scan() does; what was found before an error stays. */
int stale_scanner_run(struct stale_scanner *scanner);

/*
 * Freezes what has been found so far, complete or not: also while another process is in
 * stale_scanner_run(), or after it died there.  Returns 0 and hands over *ret_report,
 * which is independent of the scanner, or -ENOMEM.
 */
int stale_scanner_report(const struct stale_scanner *scanner,
			 struct stale_report **ret_report);

void stale_scanner_free(struct stale_scanner *scanner); /* NULL is a no-op */

void stale_report_free(struct stale_report *report); /* NULL is a no-op */

/* All below are borrowed from the report; a pointer is NULL where its number is 0. */
const struct stale_scan_info *stale_report_info(const struct stale_report *report);
/* By pid, ascending. */
const struct stale_proc *stale_report_procs(const struct stale_report *report,
					    size_t *ret_n);
/* By pid, then path. */
const struct stale_ignored *stale_report_ignored(const struct stale_report *report,
						 size_t *ret_n);
/* By pid. May hold fewer than denied + failed when memory for findings ran out. */
const struct stale_unreadable *stale_report_unreadable(const struct stale_report *report,
						       size_t *ret_n);

/* What counts, out of what a report shows. */
struct stale_policy {
	unsigned why;    /* STALE_WHY_BIT()s */
	int64_t min_age; /* seconds; younger files do not count, undated ones do */
};

struct stale_totals {
	size_t processes; /* with at least one file that counts */
	size_t files;     /* distinct (root, device, inode) that count */
	size_t undated;   /* of these, without a known age */
	int64_t oldest;   /* smallest since of those that count; 0: none is dated */
};

/* now: seconds since the epoch. */
bool stale_file_counts(const struct stale_file *file, const struct stale_policy *policy,
		       int64_t now);
bool stale_proc_counts(const struct stale_proc *proc, const struct stale_policy *policy,
		       int64_t now);
/* Returns 0 and fills *ret_totals, or -ENOMEM. */
int stale_report_count(const struct stale_report *report,
		       const struct stale_policy *policy, int64_t now,
		       struct stale_totals *ret_totals);

/* "deleted" "replaced" "superseded" "reinstalled" */
const char *stale_why_name(enum stale_why why);
/* "exe" "lib" */
const char *stale_kind_name(enum stale_kind kind);
/* "old-inode" "successor-birth" "successor-change"; NULL for unknown */
const char *stale_since_name(enum stale_since since);
/* "auto" "procmap_query" "maps" */
const char *stale_method_name(enum stale_method method);

/* A built-in ignore rule, for those who list them. */
struct stale_default_rule {
	const char *name;   /* as in struct stale_ignored */
	const char *reason; /* why what it matches is no upgrade */
};
/* Static; never NULL. */
const struct stale_default_rule *stale_default_rules(size_t *ret_n);

#endif
