/*
 * livecheck.h - is the report what the case wants, by both methods, and are both equal?
 *
 * Prints every difference.  Nothing here fails a test: it can be used in a child, too.
 */
#ifndef TESTS_LIVECHECK_H
#define TESTS_LIVECHECK_H

#include "live.h"

/* Does the kernel have PROCMAP_QUERY? */
bool livecheck_has_query(void);
/* Nanoseconds from the epoch to the boot. */
int64_t livecheck_boot_time(void);
/* Options that scan what the case watches. */
struct stale_options livecheck_options(const struct live *live);

/* All below return the number of differences. */
unsigned livecheck_report(const struct live *live, const struct stale_report *report);
/* Only processes that are in both are compared where common is set. */
unsigned livecheck_equal(const struct stale_report *a, const struct stale_report *b,
			 bool common);
/* Scans by both methods and compares. */
unsigned livecheck_methods(const struct live *live);
/* The same, and has the plugin scan too. */
unsigned livecheck(const struct live *live);

/* Fails the test if there is a difference. */
#define live_assert(live) assert_int_equal(livecheck(live), 0)

const struct stale_proc *livecheck_find(const struct stale_report *report, pid_t pid);
/* Bytes in printable form; one of eight static buffers. */
const char *livecheck_show(const char *bytes);

#endif
