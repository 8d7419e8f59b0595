/*
 * report.h - findings, frozen: sorted, ruled on, copied into memory of their own.
 */
#ifndef SCAN_REPORT_H
#define SCAN_REPORT_H

#include "findings.h"

/*
 * May run while another process still adds to the findings.  Returns 0 and hands over
 * *ret_report (stale_report_free()), or -ENOMEM.
 */
int report_freeze(const struct findings *findings, const struct stale_options *opt,
		  struct stale_report **ret_report);

#endif
