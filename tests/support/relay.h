/*
 * relay.h - stands between a subagent and its master, in a process of its own, and sees
 * each PDU that goes by: changes it, loses it, or cuts the connection in the middle of it.
 */
#ifndef TESTS_RELAY_H
#define TESTS_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RELAY_HEADER    20 /* RFC 2741, 6.1 */
#define RELAY_FRAME_MAX 65536
#define RELAY_LOSE      SIZE_MAX

enum relay_type {
	RELAY_OPEN = 1,
	RELAY_REGISTER = 3,
	RELAY_GET = 5,
	RELAY_GETNEXT = 6,
	RELAY_TESTSET = 8,
	RELAY_CLEANUPSET = 11,
	RELAY_NOTIFY = 12,
	RELAY_PING = 13,
	RELAY_ADD_CAPS = 16,
	RELAY_RESPONSE = 18,
};

struct relay_frame {
	uint8_t *bytes; /* may be changed */
	size_t len;
	bool from_agent;
	unsigned connection; /* from 1 */
};

struct relay {
	const char *path;   /* where subagents connect to; borrowed */
	const char *master; /* path of the master's socket; borrowed */
	/*
	 * Called in the other process.  Returns how many bytes of it go on: len; fewer,
	 * and both connections are closed then; RELAY_LOSE: none, and nothing is closed.
	 */
	size_t (*see)(void *arg, const struct relay_frame *frame);
	void *arg;
};

/* Starts it; it listens by then, and dies with the test. */
pid_t relay_start(const struct relay *relay);
void relay_end(pid_t pid);

/* A number of a frame, in its byte order. */
uint32_t relay_get32(const struct relay_frame *frame, size_t at);

#endif
