/*
 * nonsense.h - what a master should never say, said through fakemaster.h.
 */
#ifndef TESTS_NONSENSE_H
#define TESTS_NONSENSE_H

#include "fakemaster.h"

struct nonsense {
	struct fakemaster *m; /* borrowed, as the names */
	const char *scalar;   /* an object that the subagent has */
	const char *column;   /* a column of a table */
	uint64_t seed;        /* not 0 */
	struct fakemaster_pdu pdu;
};

struct nonsense_kind {
	const char *label;
	void (*send)(struct nonsense *n);
};

/* Each is no AgentX, and was the end or the hang of a subagent that takes it. */
extern const struct nonsense_kind nonsense_wrong[];
extern const size_t nonsense_nwrong;

/* Each is AgentX, though nobody would say it. */
extern const struct nonsense_kind nonsense_odd[];
extern const size_t nonsense_nodd;

/* Makes, in pdu, one of any type that a master has, with some of its bits changed. */
void nonsense_random(struct nonsense *n);
/* Is it AgentX all the same?  Else it would be the end of the connection. */
bool nonsense_is_agentx(const struct fakemaster_pdu *pdu);

#endif
