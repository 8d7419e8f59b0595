/*
 * icinga.h - an Icinga 2 with the files of nrpe/icinga2, in a folder of the case and asked
 * over its REST API.
 *
 * It runs as monitored_user(); nothing of the machine's own configuration is read.
 */
#ifndef TESTS_ICINGA_H
#define TESTS_ICINGA_H

#include <jansson.h>

#include "daemon.h"

struct icinga {
	struct daemon daemon;
	struct live *live;
	const char *curl; /* borrowed */
	int port;
	char password[33];
	char env[2][64]; /* of the daemon, which runs as these */
};

/*
 * Starts it with services.conf and more objects.  The plugins are in plugins/ of the
 * case, where check_stale is put.  ssh_words: added to the arguments of by_ssh, in the
 * syntax of Icinga.  Skips where there is no Icinga 2.
 */
void icinga_start(struct icinga *icinga, struct live *live, const char *objects,
		  const char *ssh_words);
/* Also of one that was never started, and is all zeroes. */
void icinga_stop(struct icinga *icinga);

/*
 * Has a service ("host!service") checked now; the attribute last_check_result.  Owned by
 * the caller: json_decref().
 */
json_t *icinga_check(struct icinga *icinga, const char *service);

/*
 * What it understands of the performance data of that result: an array, with null for what
 * it does not.  Owned so, too.
 */
json_t *icinga_perfdata(struct icinga *icinga, const char *host, const char *service);

#endif
