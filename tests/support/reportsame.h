/*
 * reportsame.h - are two reports the same, in all that can be asked of them?
 */
#ifndef TESTS_REPORTSAME_H
#define TESTS_REPORTSAME_H

#include "stale.h"

/* Fails the test and prints the first difference; label says where. */
void reportsame_assert(const char *label, const struct stale_report *got,
		       const struct stale_report *want);

void reportsame_info(const char *label, const struct stale_scan_info *got,
		     const struct stale_scan_info *want);

/* The same of single processes, with their files. */
void reportsame_proc(const char *label, const struct stale_proc *got,
		     const struct stale_proc *want);

#endif
