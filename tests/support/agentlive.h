/*
 * agentlive.h - stale-agentx and snmpd beside real processes: struct agentd and struct
 * live in one test.
 *
 * The processes have a name that nobody else's have, for --process: so neither the folders
 * nor the processes of whoever uses the machine are in the way of what is measured.
 */
#ifndef TESTS_AGENTLIVE_H
#define TESTS_AGENTLIVE_H

#include "agentd.h"
#include "live.h"

struct agentlive {
	struct agentd *d;
	struct live *live;
	struct live_row row;
	char name[16];   /* of all processes of the test that are to be looked at */
	char select[32]; /* "--process=NAME" */
};

/* Initial state: struct agentd_row.  State: struct agentlive. */
int agentlive_setup(void **state);
int agentlive_teardown(void **state);

#define AGENTLIVE_TEST(f)                                                                \
	{                                                                                \
#f, f, agentlive_setup, agentlive_teardown, &(struct agentd_row)         \
		{                                                                        \
#f, AGENTD_WORDS(STALE_MIB_BASE)                                 \
		}                                                                        \
	}

/* Skips where code is built to find faults: it is slow, and there is nothing to measure. */
void agentlive_need_speed(const struct agentlive *both);

/* Writes a library in the folder of the case, and starts a process of that name that has
 * it as code. */
struct live_process *agentlive_start(struct agentlive *both, const char *library);

#endif
