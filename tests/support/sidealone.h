/*
 * sidealone.h - the SNMP side alone, below a real snmpd: the test is its keeper.
 */
#ifndef TESTS_SIDEALONE_H
#define TESTS_SIDEALONE_H

#include "agentd.h"
#include "snmp/wire.h"

struct side {
	struct agentd *d; /* borrowed; its log is that of AGENTD_AGENT */
	int wire;         /* the keeper's end */
	pid_t pid;
};

/* Starts snmpd, and it. */
void side_start(struct side *side, struct agentd *d);
/* Closes the wire, and it ends well. */
void side_end(struct side *side);
/* Waits for 3 s; returns what it exits with, -1: it was killed. */
int side_wait(struct side *side);

void side_tell(const struct side *side, const struct wire_message *message);
void side_tell_settings(const struct side *side, bool watch, uint32_t notify);
/* Takes over the report. */
void side_tell_report(const struct side *side, struct stale_report *report);

/* Processes first, first + 1, ..., which there need not be. */
struct stale_report *side_report(pid_t first, size_t n);

#endif
