/*
 * wiremake.h - messages between keeper and SNMP side, and a wire to send them over.
 *
 * Every function that cannot do its work fails the test.
 */
#ifndef TESTS_WIREMAKE_H
#define TESTS_WIREMAKE_H

#include "snmp/wire.h"

/* Of the test that runs: the keeper's end, and the other. */
extern int wiremake_ends[2];
/* For cmocka: opens and closes both. */
int wiremake_setup(void **state);
int wiremake_teardown(void **state);

/* One of each kind; no field has the value that zeroed memory has. */
struct wire_message wiremake_settings(void);
struct wire_message wiremake_gone(size_t n);
/* Of two processes; owned by the caller: stale_report_free(). */
struct stale_report *wiremake_report(void);

/* What was sent, as it is received. */
struct wire_message wiremake_pass_on(const struct wire_message *message);

/* Sends bytes and descriptors (at most WIREMAKE_FDS) as they are. */
#define WIREMAKE_FDS 253 /* the kernel takes no more: SCM_MAX_FD */
void wiremake_send(int wire, const void *bytes, size_t len, const int *fds, size_t nfds);

/* That this process has open, and two more. */
size_t wiremake_count_descriptors(void);

#endif
