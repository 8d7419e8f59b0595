/*
 * livechild.h - a part of a test in a child process: as another user, with fewer
 * capabilities, in a mount namespace of its own.
 *
 * In there nothing may fail, skip or assert: that would go on in the frames of the parent.
 */
#ifndef TESTS_LIVECHILD_H
#define TESTS_LIVECHILD_H

#include "live.h"

#define LIVECHILD_NOBODY 65534

enum livechild_user {
	LIVECHILD_SAME,   /* as the test itself */
	LIVECHILD_PLAIN,  /* nobody, no capabilities */
	LIVECHILD_PTRACE, /* nobody with cap_sys_ptrace alone, also after an exec */
};

/* Becomes that user for good.  Returns 0 or -errno. */
int livechild_become(enum livechild_user user);
/* The same, as a member of one more group. */
int livechild_join(enum livechild_user user, gid_t group);

/* A mount namespace of its own.  Returns 0 or -errno. */
int livechild_own_mounts(void);

/*
 * Runs f in a child.  It returns the number of differences it found, or -errno where the
 * machine does not let it look: then the test is skipped.  Fails the test if there are
 * differences.
 */
void livechild_assert(struct live *live, enum livechild_user user,
		      int (*f)(struct live *live));

#endif
