/*
 * asked.h - what the daemon says of its scans, asked as a manager does, and what must be
 * true of every answer.
 */
#ifndef SOAK_ASKED_H
#define SOAK_ASKED_H

#include "tests/support/agentd.h"

struct answer {
	int64_t status, serial;
	int64_t time; /* seconds since the epoch, when the scan ended */
	int64_t duration_ms;
	int64_t completions, failures;
	int64_t processes; /* that count */
};

struct asked {
	struct agentd *d; /* borrowed */
	void *session;
	struct answer last; /* completions 0: none yet */
	double last_at;     /* agentd_clock() of the last answer */
	double grown_at;    /* ... of the last one with another number of completions */
	uint64_t requests;
	uint64_t unanswered; /* within two seconds */
	uint64_t partial;    /* answers of a scan that was not complete */
	double slowest;      /* seconds */
	double duration_max; /* of a scan, seconds */
};

/* Waits for the first scan. */
void asked_open(struct asked *asked, struct agentd *d);
void asked_close(struct asked *asked);

/*
 * One GET of all of it.  Fails the test where there is no answer for long, a scan failed,
 * none was completed for long, or a number goes back.
 */
void asked_once(struct asked *asked);

/* Waits for what a scan found that began after now. */
void asked_until_scanned(struct asked *asked);

#endif
