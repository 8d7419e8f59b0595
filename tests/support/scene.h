/*
 * scene.h - a case with real stale processes (live.h) and with stale-agentx below a real
 * snmpd (agentd.h), which looks at these processes and no others.
 *
 * What is skipped and what fails is as these two say.
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "agentd.h"
#include "live.h"

struct scene {
	struct live *live;
	struct agentd *d;
};

/* Initial state: struct agentd_row.  State: struct scene.  Nothing runs yet, except for
 * the control of the live case. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* For an array in main(), where snmp/mib.h is included. */
#define SCENE_TEST(f)                                                                    \
	{                                                                                \
#f, f, scene_setup, scene_teardown, &(struct agentd_row)                 \
		{                                                                        \
#f, AGENTD_WORDS(STALE_MIB_BASE)                                 \
		}                                                                        \
	}

/*
 * An upgrade: "nginx" and "worker" run an old libz.so.1, the first also an old libssl.so.3;
 * "backupd" has a deleted program.  The user of "worker" has no name, where we are root.
 */
void scene_upgrade(struct live *live);
/* One file that is superseded, one that is reinstalled, and a process with only that. */
void scene_other_whys(struct live *live);
/* A process whose name, program and libraries are called as hostile as can be; all of it
 * is deleted.  Then one that runs a deleted library with the longest path that a call
 * takes. */
void scene_hostile(struct live *live);
void scene_longest(struct live *live);

/*
 * Starts both daemons, stale-agentx with more words ended by NULL (or NULL), on the
 * processes of the case; waits until it has scanned.  It does not scan again: the snapshot
 * stays the same.
 */
void scene_start(struct scene *scene, const char *const words[]);

#endif
