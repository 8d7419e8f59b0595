/*
 * pkgask.h - asks the package manager of this machine, many words in one call.
 */
#ifndef PLUGIN_PKGASK_H
#define PLUGIN_PKGASK_H

#include <stdbool.h>
#include <stdint.h>

#include "pkgparse.h"

#define PKGASK_WORDS 64 /* in one call */

enum pkgquestion {
	PKGASK_OWNER,   /* of paths; the version comes with it, or */
	PKGASK_VERSION, /* of packages, must be asked for then */
};
#define PKGASK_QUESTIONS 2

struct pkgmanager;

/* Words are gathered here until there are enough for a call. */
struct pkgask {
	const struct pkgmanager *manager;
	enum pkgquestion question;
	int64_t deadline_us;  /* microseconds of CLOCK_MONOTONIC */
	pkganswer_take *take; /* gets the answers */
	void *arg;
	char *words[PKGASK_WORDS]; /* owned */
	size_t n;
};

/* By its database; NULL: none that is known here. */
const struct pkgmanager *pkgmanager_find(void);

/* Does it take two questions to know the version, too? */
bool pkgmanager_asks_twice(const struct pkgmanager *manager);

/*
 * Adds before and word as one word, and asks when there are enough.  pkgask_flush() asks
 * for the rest.  Both return 0, -ENOMEM, or another negative errno when the command could
 * not be run, was late or failed; what take returns stops it, too.
 */
int pkgask_add(struct pkgask *ask, const char *before, const char *word);
int pkgask_flush(struct pkgask *ask);
void pkgask_clear(struct pkgask *ask); /* forgets what was not yet asked */

#endif
