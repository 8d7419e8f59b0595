/*
 * rounds.h - scans and looks from their start to what became of them.
 *
 * One at a time, each in a child.  What hangs is killed at its deadline, and not waited
 * for; what was found is handed to the outbox.
 */
#ifndef SNMP_ROUNDS_H
#define SNMP_ROUNDS_H

#include <poll.h>

#include "outbox.h"
#include "scanchild.h"
#include "schedule.h"
#include "settings.h"
#include "watches.h"

#define ROUNDS_STUCK_MAX 4 /* children that were killed and do not end */
#define ROUNDS_POLL_MAX  2

struct rounds {
	const struct settings *settings; /* borrowed */
	struct outbox *outbox;           /* borrowed */
	struct schedule schedule;
	struct watches watches;
	struct scanchild child;
	enum schedule_action running;
	enum schedule_result result; /* so far */
	bool is_taken;               /* the findings */
	int64_t began;
	int64_t deadline;
	int64_t drain_due; /* events are left in their queue until then */
	pid_t stuck[ROUNDS_STUCK_MAX];
	size_t nstuck;
	bool is_blocked;   /* as many as may be are stuck: it was said */
	bool is_unwatched; /* watches run out: it was said */
};

/* now: milliseconds of a clock that never goes back, as all below.  Returns 0 or -errno;
 * release with rounds_release(). */
int rounds_init(struct rounds *rounds, const struct settings *settings,
		struct outbox *outbox, int64_t now, int64_t look_ms);
/* Kills what runs. */
void rounds_release(struct rounds *rounds);

/* The settings will be others: to be called before these are released... */
void rounds_abort(struct rounds *rounds, int64_t now);
/* ...and after they are there. */
void rounds_change(struct rounds *rounds, int64_t now);

/* What to wait for, at most ROUNDS_POLL_MAX; returns how many. */
size_t rounds_poll(const struct rounds *rounds, int64_t now, struct pollfd *ret);
/* When to call rounds_turn() whatever happens. */
int64_t rounds_due(const struct rounds *rounds, int64_t now);
/* Does what there is to do. */
void rounds_turn(struct rounds *rounds, int64_t now);

/* A child ended, with a status of waitpid(2).  Returns whether it was one of these. */
bool rounds_reaped(struct rounds *rounds, pid_t pid, int status, int64_t now);

#endif
