/*
 * fakemaster.h - an AgentX master (RFC 2741) that a test speaks through, so that it can
 * say what no snmpd says.
 *
 * In the test's own process: it answers only while one of these functions runs.  Knows
 * nothing of what is asked for.
 */
#ifndef TESTS_FAKEMASTER_H
#define TESTS_FAKEMASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKEMASTER_HEADER  20
#define FAKEMASTER_PDU_MAX 65536

enum fakemaster_type {
	FAKEMASTER_OPEN = 1,
	FAKEMASTER_CLOSE = 2,
	FAKEMASTER_REGISTER = 3,
	FAKEMASTER_GET = 5,
	FAKEMASTER_GETNEXT = 6,
	FAKEMASTER_GETBULK = 7,
	FAKEMASTER_TESTSET = 8,
	FAKEMASTER_COMMITSET = 9,
	FAKEMASTER_UNDOSET = 10,
	FAKEMASTER_CLEANUPSET = 11,
	FAKEMASTER_NOTIFY = 12,
	FAKEMASTER_PING = 13,
	FAKEMASTER_ADD_CAPS = 16,
	FAKEMASTER_RESPONSE = 18,
};

/* One PDU.  What is put beyond its room is left out. */
struct fakemaster_pdu {
	uint8_t bytes[FAKEMASTER_PDU_MAX + 1024];
	size_t len;
	bool is_big; /* endian */
};

struct fakemaster {
	int listener; /* -1 */
	int fd;       /* of the subagent; -1: there is none */
	bool is_big;  /* what it speaks; the other side answers in the same */
	uint32_t packet;
	/* What it answers to questions of that type; 0: none is wrong.  -1: nothing. */
	int errors[32];
	unsigned heard[32];         /* questions of each type, since it was connected */
	struct fakemaster_pdu last; /* that was heard */
};

/* Listens at a path of the file system, of at most 100 bytes. */
void fakemaster_open(struct fakemaster *m, const char *path);
void fakemaster_close(struct fakemaster *m);

/* Takes the connection of a subagent; the one before is closed. Returns false when there
 * is none after so many seconds. */
bool fakemaster_connect(struct fakemaster *m, double seconds);
/* The same, until it has told its last objects: those that it is capable of. */
bool fakemaster_accept(struct fakemaster *m, double seconds);
/* Closes the connection. */
void fakemaster_hang_up(struct fakemaster *m);

/* Answers questions for so many seconds, or until one of that type (0: none) was answered.
 * Returns whether it was; false also where the subagent hung up, and fd is -1 then. */
bool fakemaster_serve(struct fakemaster *m, enum fakemaster_type type, double seconds);
/* Answers until the subagent hangs up; returns whether it did in that time. */
bool fakemaster_await_end(struct fakemaster *m, double seconds);

/* Sends bytes as they are; what the subagent says meanwhile is thrown away.  Returns
 * whether all of it went out. */
bool fakemaster_send(struct fakemaster *m, const void *bytes, size_t len);

/*
 * Asks for one object: a name as text (".1.3.6...").  Answers what else is asked; returns
 * false where no right answer comes in that time.  *ret is the number, -1 where there is
 * no such object.
 */
bool fakemaster_get(struct fakemaster *m, const char *oid, double seconds, int64_t *ret);

/* To make PDUs.  begin() takes the packet id that comes next. */
void fakemaster_begin(struct fakemaster *m, struct fakemaster_pdu *pdu,
		      enum fakemaster_type type);
void fakemaster_put8(struct fakemaster_pdu *pdu, uint8_t value);
void fakemaster_put16(struct fakemaster_pdu *pdu, uint16_t value);
void fakemaster_put32(struct fakemaster_pdu *pdu, uint32_t value);
void fakemaster_put_oid(struct fakemaster_pdu *pdu, const char *oid, bool is_included);
/* Padded; may hold NULs. */
void fakemaster_put_text(struct fakemaster_pdu *pdu, const void *text, size_t len);
/* Writes the length into the header. */
void fakemaster_finish(struct fakemaster_pdu *pdu);
/* At a place of the PDU, in its byte order. */
void fakemaster_set32(struct fakemaster_pdu *pdu, size_t at, uint32_t value);
uint32_t fakemaster_get32(const struct fakemaster_pdu *pdu, size_t at);

#endif
