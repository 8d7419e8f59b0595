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

#endif
