/*
 * faultscan.h - the same scan again and again, each time with another call that fails: is
 * what it gives what is promised of it?
 *
 * Promised is: an error of the scan where memory or descriptors ran out, or the tree could
 * not be listed; else every process of the clean scan with its files, or in the counter
 * for what failed; a file that could not be looked up has the verdict for that, and what
 * has nothing to do with it is as before.  No descriptor is lost.
 */
#ifndef TESTS_FAULTSCAN_H
#define TESTS_FAULTSCAN_H

#include "faults.h"
#include "scan/stale.h"

/* What more than one job takes; with a sanitizer of threads they unshare nothing. */
#ifdef __SANITIZE_THREAD__
#define FAULTSCAN_THREADS FAULTS_BIT(FAULTS_THREAD)
#else
#define FAULTSCAN_THREADS (FAULTS_BIT(FAULTS_THREAD) | FAULTS_BIT(FAULTS_UNSHARE))
#endif

struct faultscan {
	const char *label;
	struct stale_options opt;
	uint64_t calls; /* FAULTS_BIT()s of those that have to be made; others may */
	/* A process with a live file that bears the kernel's mark; 0: none.  Where it cannot
	 * be looked up, the kernel's word stands. */
	pid_t marked;
};

struct faultscan_sum {
	long calls;  /* of clean scans */
	long faults; /* injected */
	long bad;    /* results that are not as promised */
};

/* Makes every call of the scan fail, with some of the errors that the kernel has for it,
 * with all of them where $STALE_FAULTS is set; prints what is bad. */
void faultscan_run(const struct faultscan *scan, struct faultscan_sum *sum);

/* Prints the sum; fails the test where anything is bad. */
void faultscan_finish(const struct faultscan_sum *sum);

#endif
