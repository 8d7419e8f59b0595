/*
 * nagios4.h - a Nagios 4 with nrpe/nagios/check_stale.cfg, in a folder of the case, and what
 * it writes to its status file.
 *
 * It runs as monitored_user(); nothing of the machine's own configuration is read.
 */
#ifndef TESTS_NAGIOS4_H
#define TESTS_NAGIOS4_H

#include "daemon.h"

struct nagios4 {
	struct daemon daemon;
	struct live *live;
	char *status; /* text of the status file; owned */
	size_t want;  /* services that are to be checked once */
};

/* One service of the status file. */
struct nagios4_result {
	long state;
	char *text; /* the answer, put together as the plugin had printed it; owned */
};

/*
 * Starts it with the shipped objects and more, and waits until `services` of them have been
 * checked.  words: added to each command line of the plugin, of which -v is the last word.
 * The plugins are in plugins/ of the case, where check_stale is put.  Skips where there is
 * no Nagios 4.
 */
void nagios4_start(struct nagios4 *nagios, struct live *live, const char *objects,
		   const char *words, size_t services);
/* Also of one that was never started, and is all zeroes. */
void nagios4_stop(struct nagios4 *nagios);

/* Fails when there is no such service.  Release it with nagios4_result_release(). */
void nagios4_read(const struct nagios4 *nagios, const char *host, const char *service,
		  struct nagios4_result *ret);
void nagios4_result_release(struct nagios4_result *result);

#endif
