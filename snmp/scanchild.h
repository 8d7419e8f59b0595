/*
 * scanchild.h - the child that scans, and after that watches folders.
 *
 * It may hang, be killed, or die: whoever started it hears what it says, looks at its
 * findings when it likes, and waits for nothing.
 */
#ifndef SNMP_SCANCHILD_H
#define SNMP_SCANCHILD_H

#include "stale.h"
#include "watches.h"

/* How far it has come. */
enum scanchild_stage {
	SCANCHILD_NONE,    /* there is none */
	SCANCHILD_SCANS,   /* or ended without a word */
	SCANCHILD_SCANNED, /* its findings are complete */
	SCANCHILD_WATCHED, /* and so are the watches */
};

struct scanchild {
	pid_t pid;   /* 0: none */
	int channel; /* ours; readable when it says something; -1 */
	enum scanchild_stage stage;
	int scan_rc;  /* what stale_scanner_run() returned; from SCANCHILD_SCANNED on */
	int watch_rc; /* what watches_watch() returned; from SCANCHILD_WATCHED on */
	struct stale_options opt;
	struct stale_scanner *scanner; /* owned */
};

void scanchild_init(struct scanchild *child);

/*
 * Makes a scanner and a child that runs it.  What opt points to is borrowed until
 * scanchild_release().  watches: filled after the scan, in their new instance; NULL: none.
 * Returns 0 or -errno, then nothing is started.
 */
int scanchild_start(struct scanchild *child, const struct stale_options *opt,
		    const struct watches *watches);

/* Hears what it has said by now: stage and the two results. */
void scanchild_listen(struct scanchild *child);

/* Kills the child, if it is not known to have ended; does not wait. */
void scanchild_kill(const struct scanchild *child);

/* Frees findings and descriptors; the child is left to be reaped. */
void scanchild_release(struct scanchild *child);

#endif
