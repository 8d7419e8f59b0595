/*
 * crew.h - the workers of a scan: one, or several threads that share the processes out.
 *
 * Knows nothing of a process.  What is found is the same for every number of workers.
 */
#ifndef SCAN_CREW_H
#define SCAN_CREW_H

#include "worker.h"

/*
 * How many workers are worth it for n processes: what opt->jobs says, else one below
 * 1,000 processes, else one for each CPU that we may use, at most four.  Never 0, never
 * more than n or FINDINGS_WORKERS.
 */
unsigned crew_size(const struct stale_options *opt, size_t n);

/*
 * Has all processes read, in any order.  Where a thread cannot be had, the others do its
 * work.  Returns 0, or the first of -ENOMEM, -EMFILE, -ENFILE; in every case all
 * threads have ended by then.
 */
int crew_scan(const struct worker_shared *shared, const pid_t *pids, size_t n);

#endif
