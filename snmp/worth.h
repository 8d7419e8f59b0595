/*
 * worth.h - which rows are kept where there are too many.
 *
 * What counts comes before what does not; and before what users of the host can start as
 * often as they like comes what is root's, a system unit's, or in a container that root
 * started: nobody is to push others out of a table.
 */
#ifndef SNMP_WORTH_H
#define SNMP_WORTH_H

#include "stale.h"

enum worth { WORTH_HOST, WORTH_USER, WORTH_UNCOUNTED };
#define WORTHS 3

static inline bool worth_is_users(const struct stale_proc *proc)
{
	if (proc->scope == STALE_SCOPE_CONTAINER)
		return proc->owner != (uid_t)-1 && proc->owner != 0;
	return proc->scope != STALE_SCOPE_SYSTEM && proc->uid != 0;
}

static inline enum worth worth_of(const struct stale_proc *proc, bool counted)
{
	if (!counted)
		return WORTH_UNCOUNTED;
	return worth_is_users(proc) ? WORTH_USER : WORTH_HOST;
}

#endif
