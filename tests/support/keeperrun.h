/*
 * keeperrun.h - a keeper that runs for a test, with an SNMP side that only tells the test
 * what it hears.
 *
 * What is heard comes as lines of text:
 *
 *	hello capabilities=0 nnp=1 descriptors=5 back=0 (can it send to the keeper?)
 *	settings interval=3600
 *	report cut=0 PID:NAME:WHY PID:NAME:WHY ...
 *	trouble failed|died|hangs CODE
 *	gone PID PID ...
 *	end
 *
 * Every function that cannot do its work fails the test and prints the keeper's log.
 */
#ifndef TESTS_KEEPERRUN_H
#define TESTS_KEEPERRUN_H

#include "livechild.h"

struct keeperrun {
	const struct live *live;  /* borrowed */
	enum livechild_user user; /* of the keeper */
	int64_t look_ms;          /* as in struct keeper_setup */
	char dir[32];             /* of configuration, log and socket */
	pid_t pid;                /* of the keeper; 0: it has ended */
	int pidfd;
	int listener;
	int agent;         /* connected; -1 */
	char heard[65536]; /* the last message */
};

/* Starts one that scans what the case watches, besides what the configuration says, one
 * setting on a line; hears "hello". */
void keeperrun_start(struct keeperrun *run, const struct live *live, const char *config);
/* Kills it, if it has not ended, and removes the folder. */
void keeperrun_release(struct keeperrun *run);

/* Other lines for the configuration; NULL: the file is gone. */
void keeperrun_configure(struct keeperrun *run, const char *config);

/* Sends a signal to the keeper. */
void keeperrun_signal(const struct keeperrun *run, int signal);
/* Waits until it has ended; returns its exit status, -1 where a signal ended it. */
int keeperrun_wait(struct keeperrun *run, int timeout_ms);
/* Milliseconds since some time in the past. */
int64_t keeperrun_clock(void);

/*
 * Waits for a message that begins with head and holds word, whatever comes before it;
 * both may be "".  Returns the milliseconds that took; the message is in heard.
 */
int64_t keeperrun_hear(struct keeperrun *run, const char *head, const char *word,
		       int timeout_ms);
/* The next message does. */
void keeperrun_hear_next(struct keeperrun *run, const char *head, const char *word);
/* The one that was started anew, and its "hello". */
void keeperrun_hear_hello(struct keeperrun *run, int timeout_ms);

/*
 * Has the SNMP side do something: "crash", "refuse", "freeze" (it does not read what the
 * keeper says), "thaw", "deaf" (it does not end when it is told to).  It answers with the
 * same word, if it can.
 */
void keeperrun_tell(const struct keeperrun *run, const char *what);

/* A child of the keeper other than the SNMP side; 0: there is none now. */
pid_t keeperrun_find_worker(const struct keeperrun *run);
/* How many times the log has this. */
unsigned keeperrun_count_log(const struct keeperrun *run, const char *text);
/* Of the keeper; what: as readlink(2) tells, NULL: any. */
unsigned keeperrun_count_descriptors(const struct keeperrun *run, const char *what);

#endif
