/*
 * report.h - what a report is in memory, for those that make one: one block with an array
 * of processes, one of files, one of ignored ones, one of unreadable ones, and strings.
 *
 * Decides nothing about what is told.  Nobody but scan/ knows of it.
 */
#ifndef SCAN_REPORT_H
#define SCAN_REPORT_H

#include "findings.h"

struct stale_report {
	struct stale_scan_info info;
	struct stale_proc *procs;
	size_t nprocs;
	struct stale_file *files; /* of one process after another */
	size_t nfiles;
	struct stale_ignored *ignored;
	size_t nignored;
	struct stale_unreadable *unreadable;
	size_t nunreadable;
	char *strings; /* the last byte is a NUL, if there is any */
	size_t strings_size;
};

/* How much of each a report has room for. */
struct report_sizes {
	size_t procs, files, ignored, unreadable;
	size_t strings; /* bytes */
};

/*
 * A report with room and nothing in it, owned by the caller (stale_report_free()); NULL:
 * out of memory.  The caller fills the arrays to the end and counts.
 */
struct stale_report *report_new(const struct report_sizes *sizes);

/* Has each process of a filled report point to its files, of which nfiles are known. */
void report_link_files(struct stale_report *report);

/*
 * Copies all strings that the filled arrays borrow into the report, and links the files.
 * What files and ignored ones share by address, and the name of a runtime, is copied
 * once.  Returns 0 with *report moved to another place, or -ENOMEM with the strings
 * borrowed as before.
 */
int report_own_strings(struct stale_report **report);

/*
 * Are the strings of a filled report no more than size bytes, where each is counted as
 * often as report_own_strings() copies it?  1, 0 or -ENOMEM.  Takes no longer than to read
 * twice that many bytes.
 */
int report_strings_fit(struct stale_report *report, size_t size);

/* Returns 0, or -EINVAL as stale_report_make() does. */
int report_check(const struct stale_contents *contents);

/*
 * May run while another process still adds to the findings.  Returns 0 and hands over
 * *ret_report (stale_report_free()), or -ENOMEM.
 */
int report_freeze(const struct findings *findings, const struct stale_options *opt,
		  struct stale_report **ret_report);

/* For variables. */
#define cleanup_report __attribute__((cleanup(report_cleanup)))
static inline void report_cleanup(struct stale_report *const *report)
{
	stale_report_free(*report);
}

#endif
