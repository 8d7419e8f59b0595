/*
 * livescan.h - a scan whose report the test looks at itself.
 *
 * Every function fails the test where it cannot do its work.
 */
#ifndef TESTS_LIVESCAN_H
#define TESTS_LIVESCAN_H

#include "live.h"

/* Scans what the case watches, as the case asks for; the report is the caller's. */
struct stale_report *livescan(const struct live *live, enum stale_method method);

/* Does so by each method that the kernel has, and has every report looked at. */
void livescan_each(struct live *live,
		   void (*look)(struct live *live, const struct stale_report *report));

/* By each method, with the expectations of the case, and the two reports compared. */
#define livescan_assert(live) assert_int_equal(livecheck_methods(live), 0)

/* What a scan tells of this process; it must tell something. */
const struct stale_proc *livescan_proc(const struct stale_report *report, pid_t pid);

/* Totals with the usual policy for the kinds that the case asks for. */
struct stale_totals livescan_count(const struct live *live,
				   const struct stale_report *report);

/* Bytes that a file takes up on its disk, as du(1) tells them. */
int64_t livescan_bytes(const struct live *live, const char *name);

#endif
