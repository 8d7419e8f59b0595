/*
 * frames.c - see frames.h.
 */
#include "frames.h"

#include <errno.h>
#include <string.h>

#define AGENTX_1        1
#define FLAGS           0x1f
#define FLAG_CONTEXT    0x08
#define FLAG_BIG_ENDIAN 0x10
#define NOT_WRITABLE    17 /* RFC 1905 */
#define PREFIX          5  /* numbers that one byte stands for: 1.3.6.1.N */

enum {
	PDU_CLOSE = 2,
	PDU_GET = 5,
	PDU_GETNEXT = 6,
	PDU_GETBULK = 7,
	PDU_TESTSET = 8,
	PDU_COMMITSET = 9,
	PDU_UNDOSET = 10,
	PDU_CLEANUPSET = 11,
	PDU_RESPONSE = 18,
};

/* Of a variable: 5.4. */
enum {
	TYPE_INTEGER = 2,
	TYPE_STRING = 4,
	TYPE_NULL = 5,
	TYPE_OID = 6,
	TYPE_ADDRESS = 64,
	TYPE_COUNTER32 = 65,
	TYPE_GAUGE32 = 66,
	TYPE_TIMETICKS = 67,
	TYPE_OPAQUE = 68,
	TYPE_COUNTER64 = 70,
	TYPE_NO_OBJECT = 128,
	TYPE_NO_INSTANCE = 129,
	TYPE_END = 130,
};

/* What is left of a PDU. */
struct rest {
	const uint8_t *at;
	size_t len;
	bool is_big;
};

void frames_init(struct frames *frames)
{
	frames->len = 0;
	frames->done = 0;
	frames->is_asking = false;
}

static uint32_t get32(const uint8_t *at, bool is_big)
{
	return is_big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
				(uint32_t)at[2] << 8 | at[3]
		      : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
				(uint32_t)at[1] << 8 | at[0];
}

static bool skip(struct rest *rest, size_t len)
{
	if (len > rest->len)
		return false;
	rest->at += len;
	rest->len -= len;
	return true;
}

static bool skip_oid(struct rest *rest)
{
	size_t numbers, expanded;

	if (rest->len < 4)
		return false;
	numbers = rest->at[0];
	expanded = numbers + (rest->at[1] ? PREFIX : 0);
	return expanded <= FRAMES_OID_MAX && skip(rest, 4 + numbers * 4);
}

/* Padded to a multiple of four bytes. */
static bool skip_string(struct rest *rest)
{
	uint32_t len;

	if (rest->len < 4)
		return false;
	len = get32(rest->at, rest->is_big);
	return len <= FRAMES_MAX && skip(rest, 4 + ((size_t)len + 3) / 4 * 4);
}

/* libnetsnmp takes the whole length from a copy that ends with the first NUL. */
static bool skip_context(struct rest *rest)
{
	const uint8_t *begin = rest->at;

	return skip_string(rest) && !memchr(begin + 4, '\0', get32(begin, rest->is_big));
}

static bool skip_ranges(struct rest *rest)
{
	bool is_right = true;

	while (is_right && rest->len > 0) {
		is_right = skip_oid(rest);             /* from */
		is_right = is_right && skip_oid(rest); /* to */
	}
	return is_right;
}

static bool skip_value(struct rest *rest, unsigned type)
{
	switch (type) {
	case TYPE_INTEGER:
	case TYPE_COUNTER32:
	case TYPE_GAUGE32:
	case TYPE_TIMETICKS:
		return skip(rest, 4);
	case TYPE_COUNTER64:
		return skip(rest, 8);
	case TYPE_STRING:
	case TYPE_ADDRESS:
	case TYPE_OPAQUE:
		return skip_string(rest);
	case TYPE_OID:
		return skip_oid(rest);
	case TYPE_NULL:
	case TYPE_NO_OBJECT:
	case TYPE_NO_INSTANCE:
	case TYPE_END:
		return true;
	default:
		return false;
	}
}

static bool skip_variables(struct rest *rest)
{
	while (rest->len > 0) {
		const uint8_t *at = rest->at;
		unsigned type;

		if (!skip(rest, 4) || !skip_oid(rest))
			return false;
		type = rest->is_big ? at[0] * 256U + at[1] : at[1] * 256U + at[0];
		if (!skip_value(rest, type))
			return false;
	}
	return true;
}

static bool skip_body(struct rest *rest, uint8_t type)
{
	switch (type) {
	case PDU_GET:
	case PDU_GETNEXT:
		return skip_ranges(rest);
	case PDU_GETBULK:
		return skip(rest, 4) && skip_ranges(rest);
	case PDU_TESTSET:
		return skip_variables(rest);
	case PDU_RESPONSE:
		return skip(rest, 8) && skip_variables(rest);
	case PDU_CLOSE:
		return skip(rest, 4);
	default:
		return true;
	}
}

/* As soon as there is a header: a length that is wrong is not waited for. */
static const char *find_wrong_header(const uint8_t *pdu)
{
	const uint32_t len = get32(pdu + 16, pdu[2] & FLAG_BIG_ENDIAN);

	if (pdu[0] != AGENTX_1)
		return "not AgentX version 1";
	if (pdu[2] & ~FLAGS)
		return "unknown flags";
	if (len > FRAMES_MAX - FRAMES_HEADER || len % 4)
		return "a length that cannot be";
	switch (pdu[1]) {
	case PDU_CLOSE:
	case PDU_GET:
	case PDU_GETNEXT:
	case PDU_GETBULK:
	case PDU_TESTSET:
	case PDU_COMMITSET:
	case PDU_UNDOSET:
	case PDU_CLEANUPSET:
	case PDU_RESPONSE:
		return NULL;
	default:
		return "a PDU that is not for a subagent";
	}
}

/* It takes any PDU of that number for the answer, and one that is none has no content. */
static const char *match_answer(struct frames *frames, const uint8_t *pdu)
{
	const uint32_t packet = get32(pdu + 12, pdu[2] & FLAG_BIG_ENDIAN);

	if (!frames->is_asking || packet != frames->asked)
		return NULL;
	frames->is_asking = false;
	return pdu[1] == PDU_RESPONSE ? NULL : "a question in the place of an answer";
}

static const char *find_wrong(struct frames *frames, const uint8_t *pdu, size_t len)
{
	struct rest rest = {
		.at = pdu + FRAMES_HEADER,
		.len = len - FRAMES_HEADER,
		.is_big = pdu[2] & FLAG_BIG_ENDIAN,
	};

	if (pdu[2] & FLAG_CONTEXT && !skip_context(&rest))
		return "a broken context";
	if (!skip_body(&rest, pdu[1]) || rest.len > 0)
		return "a broken PDU";
	return match_answer(frames, pdu);
}

void frames_sent(struct frames *frames, const void *bytes, size_t len)
{
	const uint8_t *pdu = bytes;

	if (len < FRAMES_HEADER || pdu[1] == PDU_RESPONSE)
		return;
	frames->asked = get32(pdu + 12, pdu[2] & FLAG_BIG_ENDIAN);
	frames->is_asking = true;
}

uint8_t *frames_room(struct frames *frames, size_t *ret_room)
{
	frames->len -= frames->done;
	memmove(frames->bytes, frames->bytes + frames->done, frames->len);
	frames->done = 0;
	*ret_room = FRAMES_MAX - frames->len;
	return frames->bytes + frames->len;
}

void frames_add(struct frames *frames, size_t len)
{
	frames->len += len;
}

static bool is_set(uint8_t type)
{
	return type >= PDU_TESTSET && type <= PDU_CLEANUPSET;
}

int frames_next(struct frames *frames, const uint8_t **ret_pdu, size_t *ret_len,
		const char **ret_why)
{
	const uint8_t *pdu = frames->bytes + frames->done;
	const size_t left = frames->len - frames->done;
	const char *wrong;
	size_t len;

	if (left < FRAMES_HEADER)
		return FRAMES_WAIT;
	wrong = find_wrong_header(pdu);
	len = FRAMES_HEADER + (size_t)get32(pdu + 16, pdu[2] & FLAG_BIG_ENDIAN);
	if (!wrong && left < len)
		return FRAMES_WAIT;
	if (!wrong)
		wrong = find_wrong(frames, pdu, len);
	if (wrong) {
		*ret_why = wrong;
		return -EBADMSG;
	}
	frames->done += len;
	*ret_pdu = pdu;
	*ret_len = len;
	return is_set(pdu[1]) ? FRAMES_SET : FRAMES_PASS;
}

/* Zeros before, and less than 256. */
static void put16(uint8_t *at, bool is_big, uint8_t value)
{
	at[is_big] = value;
}

size_t frames_refuse(const uint8_t *pdu, uint8_t answer[FRAMES_ANSWER])
{
	const bool is_big = pdu[2] & FLAG_BIG_ENDIAN;

	if (pdu[1] == PDU_CLEANUPSET)
		return 0;
	memset(answer, 0, FRAMES_ANSWER);
	memcpy(answer, pdu, FRAMES_HEADER - 4);
	answer[1] = PDU_RESPONSE;
	answer[2] = is_big ? FLAG_BIG_ENDIAN : 0;
	answer[is_big ? 19 : 16] = FRAMES_ANSWER - FRAMES_HEADER;
	put16(answer + 24, is_big, NOT_WRITABLE);
	put16(answer + 26, is_big, 1); /* the first of its variables */
	return FRAMES_ANSWER;
}
