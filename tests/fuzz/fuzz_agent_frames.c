/*
 * fuzz_agent_frames.c - bytes from a master: what is handed on is a part of them, in order,
 * whole, the same however they come in pieces, and libnetsnmp reads it as one PDU; what is
 * refused is refused with a reason, and so is all that follows.
 *
 * The input: a byte for the size of the pieces, the bytes.
 *
 * Code: snmp/frames.c
 */
#include <errno.h>

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "fuzztext.h"
#include "snmp/frames.h"

#define PDUS_MAX 256

/* Of libnetsnmpagent; they have no header. */
#define AGENTX_VERSION_1 0xc1
int agentx_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was handed on, and where it ended. */
struct taken {
	size_t lens[PDUS_MAX];
	int whats[PDUS_MAX];
	size_t n;
	size_t bytes;
	const char *why; /* NULL: nothing was refused */
};

static void check_answer(const uint8_t *pdu)
{
	uint8_t answer[FRAMES_ANSWER];
	size_t len = frames_refuse(pdu, answer);

	ensure(len == 0 || len == FRAMES_ANSWER);
	ensure(len == 0 || (answer[0] == 1 && memcmp(answer + 4, pdu + 4, 12) == 0));
}

/* An exact copy, and libnetsnmp's parser for it. */
static void check_parsed(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = (uint8_t *)fuzztext_copy(bytes, len);
	netsnmp_session session = {0};
	netsnmp_pdu *pdu = calloc(1, sizeof(*pdu));

	ensure(copy && pdu);
	session.version = AGENTX_VERSION_1;
	ensure(agentx_parse(&session, pdu, copy, len) == SNMPERR_SUCCESS);
	snmp_free_pdu(pdu);
	free(copy);
}

static void check_pdu(const uint8_t *pdu, size_t len, const uint8_t *want, size_t left)
{
	ensure(len >= FRAMES_HEADER && len <= left && len % 4 == 0);
	ensure(memcmp(pdu, want, len) == 0 && pdu[0] == 1);
}

/* Takes all of it in pieces of that size. */
static void take(const uint8_t *data, size_t size, size_t piece, struct taken *taken)
{
	static struct frames frames;
	int what = FRAMES_WAIT;

	*taken = (struct taken){.n = 0};
	frames_init(&frames);
	for (size_t at = 0, room; at < size && what == FRAMES_WAIT; at += piece) {
		uint8_t *to = frames_room(&frames, &room);
		const uint8_t *pdu;
		size_t len;

		piece = piece < size - at ? piece : size - at;
		piece = piece < room ? piece : room;
		ensure(piece > 0);
		memcpy(to, data + at, piece);
		frames_add(&frames, piece);
		while ((what = frames_next(&frames, &pdu, &len, &taken->why)) > 0) {
			check_pdu(pdu, len, data + taken->bytes, size - taken->bytes);
			taken->bytes += len;
			if (taken->n == PDUS_MAX)
				continue;
			taken->lens[taken->n] = len;
			taken->whats[taken->n++] = what;
		}
	}
	ensure((what == -EBADMSG) == (taken->why != NULL));
	ensure(what == -EBADMSG || what == FRAMES_WAIT);
}

static size_t put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * (3 - i));
	return 4;
}

/* RFC 2741, 6.2.6: a GetNext for one range in a context, of these very bytes. */
static void check_made(const uint8_t *data, size_t size)
{
	uint8_t pdu[FRAMES_HEADER + 512] = {1, 6, 0x18};
	size_t len = FRAMES_HEADER, context = size % 11;
	struct taken taken;

	put32(pdu + 12, (uint32_t)size);
	len += put32(pdu + len, (uint32_t)context);
	for (size_t i = 0; i < context; i++)
		pdu[len + i] = data[i % size] | 1;
	len += (context + 3) / 4 * 4;
	for (int i = 0; i < 2; i++) {
		const uint8_t numbers = data[0] % 50;

		pdu[len] = numbers;
		pdu[len + 1] = 4;
		len += 4;
		for (uint8_t k = 0; k < numbers; k++)
			len += put32(pdu + len, data[k % size]);
	}
	put32(pdu + 16, (uint32_t)(len - FRAMES_HEADER));
	take(pdu, len, size % 40 + 1, &taken);
	ensure(taken.n == 1 && taken.lens[0] == len && taken.whats[0] == FRAMES_PASS);
	check_parsed(pdu, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken whole, pieces;
	size_t at = 0;

	if (size < 2)
		return 0;
	check_made(data, size);
	take(data + 1, size - 1, size, &whole);
	take(data + 1, size - 1, data[0] + 1U, &pieces);
	ensure(whole.n == pieces.n && whole.bytes == pieces.bytes &&
	       whole.why == pieces.why);
	for (size_t i = 0; i < whole.n; i++) {
		ensure(whole.lens[i] == pieces.lens[i] &&
		       whole.whats[i] == pieces.whats[i]);
		if (whole.whats[i] == FRAMES_SET)
			check_answer(data + 1 + at);
		else
			check_parsed(data + 1 + at, whole.lens[i]);
		at += whole.lens[i];
	}
	return 0;
}
