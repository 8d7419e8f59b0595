/*
 * pidstat.h - /proc/PID/stat and /proc/PID/status, parsed.  Pure: takes bytes, reads
 * nothing.
 */
#ifndef SCAN_PIDSTAT_H
#define SCAN_PIDSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pidstat {
	const char *comm; /* field 2 without its brackets; borrowed from the buffer */
	size_t comm_len;
	pid_t pid;            /* field 1 */
	pid_t ppid;           /* field 4 */
	char state;           /* field 3: 'Z' zombie, 'X' dead, ... */
	uint32_t flags;       /* field 9 */
	uint64_t start_ticks; /* field 22 */
	bool has_tty;         /* field 7 is not 0 */
};

/* linux/sched.h: this is a kernel thread. */
#define PIDSTAT_PF_KTHREAD 0x00200000U
/* The same: it is at its end, and has no memory map any more. */
#define PIDSTAT_PF_EXITING 0x00000004U

/*
 * comm may hold brackets, blanks and newlines: the last ')' ends it.  Returns 0, -EINVAL
 * (also for a text that was cut, so that a number may lack digits) or -ERANGE; *ret is
 * written only on success.
 */
int pidstat_parse(const char *buf, size_t len, struct pidstat *ret);

struct pidstatus {
	pid_t tgid; /* "Tgid:" */
	uid_t euid; /* "Uid:", second number */
};

/*
 * The name of a process stands in the first line, its newlines escaped by the kernel, so
 * that it cannot fake another line.  Returns as above; -EINVAL also where one is missing.
 */
int pidstatus_parse(const char *buf, size_t len, struct pidstatus *ret);

/* "btime N" of /proc/stat: seconds from the epoch to the boot.  Returns as above. */
int pidstat_btime_parse(const char *buf, size_t len, int64_t *ret);

/* The latest moment that is reckoned with, in the year 2115: nanoseconds of two such
 * times may be added. */
#define PIDSTAT_FAR_NS INT64_C(4600000000000000000)

#define PIDSTAT_TICK_NS INT64_C(10000000) /* USER_HZ is 100 on every platform of today */

/*
 * The earliest moment at which a process can have started, in nanoseconds since the epoch;
 * 0: unknown.  boot_ns: the same of the boot.  In a captured tree start_ticks can be
 * anything, and in a time namespace what was before its boot.
 */
int64_t pidstat_start_ns(int64_t boot_ns, uint64_t start_ticks);

#endif
