/*
 * attack.h - what a local user does to mislead a scan, for a case on real processes.
 *
 * Every function fails the test where it cannot do its work, or skips it where the machine
 * does not let it.
 */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include "livechild.h"

#define ATTACK_USER "65534" /* LIVECHILD_NOBODY */

/* A folder of the user in that of the case.  Returns its path, owned by the caller. */
char *attack_folder(struct live *live, const char *name);

/* Starts helper_attacks; which modes it has is told there.  Watched like any other. */
struct live_process *attack_start(struct live *live, const char *mode, const char *first,
				  const char *second);

/*
 * Mounts a file system of the user's as "fs", as fusermount(1) does, starts a process of
 * his that has its one file mapped as code, and has the server answer nothing any more.
 */
void attack_with_dead_file(struct live *live);

#endif
