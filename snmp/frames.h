/*
 * frames.h - what the master sends, looked at before libnetsnmp does.
 *
 * libnetsnmp 5.9 takes what a master says on trust: it can be made to write behind an
 * index, to read behind a context, to follow a null pointer, to wait for gigabytes, and
 * by a set that is never ended to answer nothing any more.  So whole PDUs are checked here
 * (RFC 2741), byte by byte.  Pure: has no socket.
 */
#ifndef SNMP_FRAMES_H
#define SNMP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMES_HEADER  20    /* bytes */
#define FRAMES_MAX     65536 /* of a PDU; libnetsnmp takes no longer one */
#define FRAMES_OID_MAX 128   /* numbers, as in SNMP */
#define FRAMES_ANSWER  28    /* bytes */

enum frames_what {
	FRAMES_WAIT, /* there is no whole PDU */
	FRAMES_PASS,
	FRAMES_SET, /* of a set: nothing can be set, see frames_refuse() */
};

struct frames {
	uint8_t bytes[FRAMES_MAX]; /* from the master */
	size_t len;
	size_t done;    /* of them, that were handed out */
	uint32_t asked; /* packet id of our last question */
	bool is_asking; /* it has no answer yet */
};

/* A new connection. */
void frames_init(struct frames *frames);

/* What is sent to the master: one PDU. */
void frames_sent(struct frames *frames, const void *bytes, size_t len);

/* Where the next bytes from the master are to be written, at most *ret_room of them and
 * at least one; what was handed out is gone.  To be called after FRAMES_WAIT. */
uint8_t *frames_room(struct frames *frames, size_t *ret_room);
/* So many were written there. */
void frames_add(struct frames *frames, size_t len);

/*
 * The next PDU, borrowed until frames_room().  Returns an enum frames_what; -EBADMSG and
 * *ret_why, a constant, where neither this nor what follows must go any further.
 */
int frames_next(struct frames *frames, const uint8_t **ret_pdu, size_t *ret_len,
		const char **ret_why);

/* What is to be answered to one of a set: bytes in answer, 0: nothing. */
size_t frames_refuse(const uint8_t *pdu, uint8_t answer[FRAMES_ANSWER]);

#endif
