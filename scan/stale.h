/*
 * stale.h - which running processes still execute code that is no longer on disk.
 *
 * Options go in, a frozen report comes out.  Nothing here prints, logs, exits,
 * sleeps, forks, keeps globals, or knows who asks.  Every function may be called
 * from any thread; one scanner is used by one thread at a time.  A scan may start threads
 * of its own (jobs), which have ended when it returns.
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
	STALE_EXE,  /* what /proc/PID/exe leads to */
	STALE_LIB,  /* any other file with at least one executable mapping */
	STALE_DATA, /* a regular file mapped without any executable mapping */
	STALE_FD,   /* a regular file that is open */
};
#define STALE_KIND_COUNT     4
#define STALE_KIND_BIT(kind) (1U << (kind))
#define STALE_KIND_CODE      (STALE_KIND_BIT(STALE_EXE) | STALE_KIND_BIT(STALE_LIB))

enum stale_why {
	STALE_DELETED,     /* its name is gone; nothing visible took its place */
	STALE_REPLACED,    /* its name leads to another file */
	STALE_SUPERSEDED,  /* its SONAME, in the same folder, leads to another build */
	STALE_REINSTALLED, /* its name leads to another file of the same build */
	STALE_MODIFIED,    /* the same file, written to after the process started */
	STALE_CURRENT,     /* not stale: shown because the caller asks who uses it */
};
#define STALE_WHY_COUNT    6
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

enum stale_rule_kind {
	STALE_RULE_PATH,      /* fnmatch(3) on the path; '*' matches '/' too */
	STALE_RULE_LITERAL,   /* the path, byte for byte */
	STALE_RULE_UNIT,      /* fnmatch(3) on the unit, with or without ".service" */
	STALE_RULE_PROCESS,   /* fnmatch(3) on the command name (comm) */
	STALE_RULE_CONTAINER, /* fnmatch(3) on the id of the container */
	STALE_RULE_USER,      /* the name of the user, or the number */
};

/* What is not wanted. */
struct stale_rule {
	enum stale_rule_kind kind;
	const char *pattern;
	const char *origin; /* told with what the rule ignored */
};

/*
 * Which processes to look at; what is empty excludes nothing.  A process that cannot be
 * read makes the scan incomplete only if it matches.
 */
struct stale_selection {
	const uid_t *uids; /* effective */
	size_t nuids;
	/* NULL-terminated lists of patterns, or NULL; as in the rules above. */
	const char *const *processes;
	const char *const *units;
	const char *const *containers;
	unsigned scopes; /* STALE_SCOPE_BIT()s; 0: all */
};

struct stale_users; /* the names of users */

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
	struct stale_selection select;
	unsigned kinds;     /* STALE_KIND_BIT()s; 0: STALE_KIND_CODE */
	bool want_modified; /* look for STALE_MODIFIED too: one look at every file */
	/* NULL-terminated lists of fnmatch(3) patterns on path or basename, or NULL. */
	const char *const *library_globs; /* only stale files that match */
	const char *const *using_globs;   /* code that matches, stale or current */
	const struct stale_rule *ignore;
	size_t nignore;
	const struct stale_users *users; /* for STALE_RULE_USER; NULL: numbers only */
	bool no_default_ignores;
	bool want_cmdline; /* read the arguments of reported processes */
	bool want_folders; /* see stale_scanner_folders() */
	/* Threads that read, at most 64; what is found is the same.  0: one, and up to
	 * four for 1,000 processes and more.  Always one with want_folders. */
	unsigned jobs;
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
	int64_t bytes;       /* on disk, of a STALE_FD or STALE_DATA; -1: unknown */
	int fd;              /* lowest descriptor of a STALE_FD; else -1 */
	uint32_t id; /* the same for the same (root, device, inode) of one report */
	enum stale_since since_source;
	enum stale_kind kind;
	enum stale_why why;
};

/* One process with at least one stale file.  Pointers are borrowed from the report. */
struct stale_proc {
	const struct stale_file *files; /* by path, then inode; never NULL */
	size_t nfiles;                  /* >= 1 */
	size_t nfiles_left_out; /* beyond the limit for one process, which then is failed */
	const char *comm;       /* /proc/PID/stat field 2; never NULL */
	const char *exe;        /* /proc/PID/exe without " (deleted)"; NULL: unknown */
	const char *cmdline;  /* /proc/PID/cmdline, each argument ended by NUL; or NULL */
	size_t cmdline_len;   /* bytes, the NULs included; at most 4,096 */
	uint64_t start_ticks; /* clock ticks after boot; /proc/PID/stat field 22 */
	int64_t started;      /* seconds since the epoch, of start_ticks; 0: unknown */
	pid_t pid;
	pid_t ppid; /* /proc/PID/stat field 4 */
	uid_t uid;  /* effective; /proc/PID/status "Uid:", second number */

	/* Whose it is, from /proc/PID/cgroup. */
	enum stale_scope scope;
	const char *unit;      /* system unit, user unit, session scope; NULL: none */
	const char *runtime;   /* of the container: "docker", "lxc", ...; NULL: none */
	const char *container; /* its id or name; NULL: none */
	uid_t owner;           /* of the user's manager or session; (uid_t)-1: none */
	/* Its session ended, or its unit went on, without it: to restart these is no use. */
	bool is_leftover;
	enum stale_advice advice;
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
	size_t unselected;        /* the same: options.select left them out */
	enum stale_method method; /* MAPS if any process was read so */
	bool proc_fs;             /* the tree is a proc file system, not a captured one */
	bool hidden; /* a proc file system that does not list PID 1: hidepid, ProtectProc */
	bool finished; /* every listed process was looked at */
	pid_t at;      /* not finished: the process being read; 0: none */
	/* What ended the scan early, errno, positive; ENOBUFS: more was found than there is
	 * room for, and the rest left out; 0: nothing did. */
	int error;
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

/*
 * How far a scan has come that another process or thread is running: of *ret_listed
 * processes and kernel threads, 0 while they are not known yet.
 */
void stale_scanner_progress(const struct stale_scanner *scanner, size_t *ret_done,
			    size_t *ret_listed);

/*
 * The folders of this host's code that is mapped: of processes in our own root and mount
 * namespace, on local file systems, each once, at most 8,192; some may be gone.  Only in
 * the process that ran the scan, with want_folders.  Borrowed until the next run; NULL
 * where their number is 0.
 */
const char *const *stale_scanner_folders(const struct stale_scanner *scanner,
					 size_t *ret_n);

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

/* What a report is made of.  All is borrowed, and copied where a report is made of it. */
struct stale_contents {
	struct stale_scan_info info;
	const struct stale_proc *procs; /* pids ascend */
	size_t nprocs;
	const struct stale_ignored *ignored;
	size_t nignored;
	const struct stale_unreadable *unreadable;
	size_t nunreadable;
};

/*
 * Returns 0 and hands over *ret_report; -EINVAL where the contents break what is said of
 * them above (but for sums and for the order of the files of a process, which stays as it
 * is), a build-id is longer than 64 bytes, an id 2^24 or more, or a since more than 64
 * bits of nanoseconds can tell; or -ENOMEM.  What files share by address is copied once.
 */
int stale_report_make(const struct stale_contents *contents,
		      struct stale_report **ret_report);

/* A process, told from a later one with the same pid. */
struct stale_identity {
	pid_t pid;
	uint64_t start_ticks;
};

/*
 * The same report without the processes gone, which may come in any order, and all that
 * it tells of them; what is counted of the scan stays.  Returns 0 and hands over
 * *ret_report, or -ENOMEM.
 */
int stale_report_without(const struct stale_report *report,
			 const struct stale_identity *gone, size_t ngone,
			 struct stale_report **ret_report);

/*
 * The same report with the processes of older, and their ignored files, of which it does
 * not tell by pid, as stale, ignored or unreadable: for a scan that did not come to its
 * end.  Ids of report stay; a file of older gets that of one with its device, inode and
 * path.  Returns as above.
 */
int stale_report_with(const struct stale_report *report, const struct stale_report *older,
		      struct stale_report **ret_report);

/* One block of bytes, for another process of the same program.  Returns 0 and hands over
 * *ret_bytes (free()), or -ENOMEM. */
int stale_report_pack(const struct stale_report *report, void **ret_bytes,
		      size_t *ret_len);

/* Trusts no byte of it.  Returns 0 and hands over *ret_report, -EBADMSG, or -ENOMEM. */
int stale_report_unpack(const void *bytes, size_t len, struct stale_report **ret_report);

/* What counts, out of what a report shows. */
struct stale_policy {
	unsigned why;    /* STALE_WHY_BIT()s */
	unsigned scopes; /* STALE_SCOPE_BIT()s; 0: STALE_SCOPE_DEFAULT */
	/* STALE_KIND_BIT()s that were looked for; 0: code.  Data and descriptors count
	 * only where no code was looked for: they are never mixed into its totals. */
	unsigned kinds;
	int64_t min_age; /* seconds; younger files do not count, undated ones do */
	bool is_using;   /* every file counts: who uses it is the question */
};

struct stale_totals {
	/* In the scopes of the policy. */
	size_t processes; /* with at least one file that counts */
	size_t files;     /* distinct (root, device, inode) that count */
	size_t undated;   /* of these, without a known age */
	int64_t oldest;   /* smallest since of those that count; 0: none is dated */
	/* In all scopes, of processes with a file that would count there. */
	size_t services;   /* distinct system units */
	size_t containers; /* distinct containers */
	size_t sessions;   /* distinct user units and session scopes */
	size_t reboot;     /* processes that only a reboot renews */
	/* In all scopes, whatever counts. */
	size_t data_files; /* distinct STALE_DATA */
	size_t fd_files;   /* distinct STALE_FD */
	int64_t fd_bytes;  /* that these hold on disk, as far as known */
};

/* now: seconds since the epoch.  proc: whose file it is. */
bool stale_file_counts(const struct stale_proc *proc, const struct stale_file *file,
		       const struct stale_policy *policy, int64_t now);
bool stale_proc_counts(const struct stale_proc *proc, const struct stale_policy *policy,
		       int64_t now);
/* Returns 0 and fills *ret_totals, or -ENOMEM. */
int stale_report_count(const struct stale_report *report,
		       const struct stale_policy *policy, int64_t now,
		       struct stale_totals *ret_totals);

/* "deleted" "replaced" "superseded" "reinstalled" "modified" "current" */
const char *stale_why_name(enum stale_why why);
/* "exe" "lib" "data" "fd" */
const char *stale_kind_name(enum stale_kind kind);
/* "none" "system" "user" "session" "container" */
const char *stale_scope_name(enum stale_scope scope);
/* "restart-process" "restart-unit" "restart-user-unit" "restart-container" "relogin"
 * "reboot" */
const char *stale_advice_name(enum stale_advice advice);
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

/* A unit that cannot be restarted safely: only a reboot renews it. */
struct stale_reboot_unit {
	const char *unit; /* fnmatch(3) pattern */
	const char *reason;
};
/* Static; never NULL. */
const struct stale_reboot_unit *stale_reboot_units(size_t *ret_n);

/* The names of users, from a file in the form of passwd(5): no NSS, which opens sockets
 * and may hang.  Immutable. */
struct stale_users;

/*
 * NULL: /etc/passwd.  A file that is not there has no users.  Returns 0 and hands over
 * *ret_users (stale_users_free()), or -errno; -EFBIG: longer than 16 MiB.
 */
int stale_users_read(const char *path, struct stale_users **ret_users);
void stale_users_free(struct stale_users *users); /* NULL is a no-op */
/* The first name of the user, borrowed from users; NULL: none. */
const char *stale_users_name(const struct stale_users *users, uid_t uid);
/* Returns 0 and the number of the user, or -ENOENT. */
int stale_users_uid(const struct stale_users *users, const char *name, uid_t *ret_uid);

/*
 * What to look at, what counts and what is ignored, as a user says it in words: the
 * options of check_stale, and the lines of a configuration, are the same.  Texts are
 * copied.  Names of a setting:
 *
 *	kind why min-age count library using user process unit container scope pid
 *	ignore ignore-literal ignore-file no-default-ignores proc-root method
 *
 * A message holds what was refused as it was given: escape it before you show it.
 */
struct stale_settings; /* owned by who made it */

/* Returns 0 and hands over *ret (stale_settings_free()), or -ENOMEM. */
int stale_settings_new(struct stale_settings **ret);
void stale_settings_free(struct stale_settings *settings); /* NULL is a no-op */

/* Is there a setting of that name, and does it take a value? */
bool stale_setting_is_known(const char *name, bool *ret_takes_value);

/*
 * value: NULL for one that takes none.  Returns 0; -EINVAL with what is wrong and what
 * would be right in message: unknown, empty, given twice where once is enough, bad; or
 * -ENOMEM.  Nothing has changed then.
 */
int stale_settings_take(struct stale_settings *settings, const char *name,
			const char *value, char *message, size_t message_size);

/* Refuses those that have no meaning beside each other; reads nothing.  Returns 0, or
 * -EINVAL with a message. */
int stale_settings_check(const struct stale_settings *settings, char *message,
			 size_t message_size);

/*
 * To be called once, after the last one is taken: checks them, then reads /etc/passwd,
 * the *.conf of folder, which must be root's (NULL, or a proc-root is set: none), and the
 * files of ignore rules.  Returns 0, or -errno with a message.  Nothing of the contents
 * of a file is in there.
 */
int stale_settings_load(struct stale_settings *settings, const char *folder,
			char *message, size_t message_size);

/* All below are borrowed from the settings.  Complete once they are loaded; boot_time_ns,
 * want_cmdline and want_folders are left to the caller. */
const struct stale_options *stale_settings_options(const struct stale_settings *settings);
const struct stale_policy *stale_settings_policy(const struct stale_settings *settings);
/* NULL: /etc/passwd cannot be read. */
const struct stale_users *stale_settings_users(const struct stale_settings *settings);

/* Digits and one unit of s, m, h, d, w (none: seconds), at most a hundred years.  Returns
 * 0, -EINVAL, or -ERANGE. */
int stale_parse_duration(const char *s, size_t len, int64_t *ret_seconds);

/* The printable form of the first character of s, or of its first byte where that begins
 * none. */
struct stale_printable {
	size_t taken; /* bytes of s; 0: s is empty */
	size_t len;   /* bytes in text */
	char text[8]; /* not ended by NUL */
};
/*
 * Valid UTF-8 on one line without control characters: a backslash is "\\", control
 * bytes, DEL, C1 controls, invalid UTF-8, and the ASCII characters in also, are "\n",
 * "\t", "\r" or "\xhh" (lower case).  s ends with NUL.
 */
struct stale_printable stale_printable(const char *s, const char *also);

#endif
