/*
 * nonsense.c - see nonsense.h.
 */
#include "nonsense.h"

#include "snmp/frames.h"
#include "tests/test.h"

#define EVER_S 20

static void send_pdu(struct nonsense *n)
{
	fakemaster_send(n->m, n->pdu.bytes, n->pdu.len);
}

static void make_get(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_GET);
	fakemaster_put_oid(&n->pdu, n->scalar, false);
	fakemaster_put_oid(&n->pdu, "", false);
	fakemaster_finish(&n->pdu);
}

static void make_set(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_TESTSET);
	fakemaster_put16(&n->pdu, 66);
	fakemaster_put16(&n->pdu, 0);
	fakemaster_put_oid(&n->pdu, n->scalar, false);
	fakemaster_put32(&n->pdu, 1);
	fakemaster_finish(&n->pdu);
}

static void send_version(struct nonsense *n)
{
	make_get(n);
	n->pdu.bytes[0] = 2;
	send_pdu(n);
}

static void send_type(struct nonsense *n)
{
	make_get(n);
	n->pdu.bytes[1] = 99;
	send_pdu(n);
}

static void send_flags(struct nonsense *n)
{
	make_get(n);
	n->pdu.bytes[2] |= 0x80;
	send_pdu(n);
}

static void send_index_allocation(struct nonsense *n)
{
	make_set(n);
	n->pdu.bytes[1] = 14;
	send_pdu(n);
}

static void send_length(struct nonsense *n, uint32_t len)
{
	make_get(n);
	fakemaster_set32(&n->pdu, 16, len);
	send_pdu(n);
}

static void send_2_gib(struct nonsense *n)
{
	send_length(n, 0x7fffff00);
}

/* Added to that of the header it is 0: no packet is ever complete. */
static void send_4_gib_but_a_header(struct nonsense *n)
{
	send_length(n, 0xffffffec);
}

static void send_4_gib(struct nonsense *n)
{
	send_length(n, 0xfffffffc);
}

static void send_64_kib(struct nonsense *n)
{
	send_length(n, 65536);
}

static void send_odd_length(struct nonsense *n)
{
	send_length(n, (uint32_t)(n->pdu.len - FAKEMASTER_HEADER - 1));
}

/* Copied into the index of a table, which has room for 128. */
static void send_long_oid(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_GETNEXT);
	fakemaster_put_oid(&n->pdu, n->column, false);
	while (n->pdu.bytes[FAKEMASTER_HEADER] < 255) {
		n->pdu.bytes[FAKEMASTER_HEADER]++;
		fakemaster_put32(&n->pdu, 0x41414141);
	}
	fakemaster_put_oid(&n->pdu, "", false);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

static void send_oid_beyond_the_pdu(struct nonsense *n)
{
	make_get(n);
	n->pdu.bytes[FAKEMASTER_HEADER] = 120;
	send_pdu(n);
}

static void send_string_beyond_the_pdu(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_TESTSET);
	fakemaster_put16(&n->pdu, 4);
	fakemaster_put16(&n->pdu, 0);
	fakemaster_put_oid(&n->pdu, n->scalar, false);
	fakemaster_put32(&n->pdu, 60000);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

static void send_type_of_value(struct nonsense *n)
{
	make_set(n);
	n->pdu.bytes[FAKEMASTER_HEADER] = n->pdu.bytes[FAKEMASTER_HEADER + 1] = 77;
	send_pdu(n);
}

static void send_half_a_range(struct nonsense *n)
{
	make_get(n);
	n->pdu.len -= 4;
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

/* Its length is taken from the PDU, its bytes from a copy that ends with the NUL. */
static void send_context_with_a_nul(struct nonsense *n)
{
	static const char context[40000] = "x";

	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_GET);
	n->pdu.bytes[2] |= 0x08;
	fakemaster_put_text(&n->pdu, context, sizeof(context));
	fakemaster_put_oid(&n->pdu, n->scalar, false);
	fakemaster_put_oid(&n->pdu, "", false);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

/* In the place of the answer that it waits for. */
static void send_question_for_an_answer(struct nonsense *n)
{
	n->m->errors[FAKEMASTER_PING] = -1;
	assert_true(fakemaster_serve(n->m, FAKEMASTER_PING, EVER_S));
	n->m->errors[FAKEMASTER_PING] = 0;
	make_get(n);
	fakemaster_set32(&n->pdu, 12, fakemaster_get32(&n->m->last, 12));
	send_pdu(n);
}

const struct nonsense_kind nonsense_wrong[] = {
	{"another version", send_version},
	{"an unknown type", send_type},
	{"unknown flags", send_flags},
	{"an index allocation", send_index_allocation},
	{"2 GiB", send_2_gib},
	{"4 GiB without a header", send_4_gib_but_a_header},
	{"4 GiB", send_4_gib},
	{"more than 64 KiB", send_64_kib},
	{"an odd length", send_odd_length},
	{"an OID of 255 numbers", send_long_oid},
	{"an OID beyond the PDU", send_oid_beyond_the_pdu},
	{"a string beyond the PDU", send_string_beyond_the_pdu},
	{"an unknown type of value", send_type_of_value},
	{"half a range", send_half_a_range},
	{"a context with a NUL", send_context_with_a_nul},
	{"a question for an answer", send_question_for_an_answer},
};

static void send_other_session(struct nonsense *n)
{
	make_get(n);
	fakemaster_set32(&n->pdu, 4, 0xdeadbeef);
	send_pdu(n);
}

static void send_answer_to_nothing(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_RESPONSE);
	fakemaster_put32(&n->pdu, 1);
	fakemaster_put32(&n->pdu, 0x00050005);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

static void send_range_backwards(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_GETNEXT);
	fakemaster_put_oid(&n->pdu, n->column, true);
	fakemaster_put_oid(&n->pdu, ".1.3", false);
	fakemaster_put_oid(&n->pdu, "", true);
	fakemaster_put_oid(&n->pdu, "", true);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

static void send_big_bulk(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_GETBULK);
	fakemaster_put16(&n->pdu, 0);
	fakemaster_put16(&n->pdu, 65535);
	for (int i = 0; i < 500; i++) {
		fakemaster_put_oid(&n->pdu, n->column, false);
		fakemaster_put_oid(&n->pdu, "", false);
	}
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

static void send_other_context(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_GET);
	n->pdu.bytes[2] |= 0x08;
	fakemaster_put_text(&n->pdu, "nobody's", 8);
	fakemaster_put_oid(&n->pdu, n->scalar, false);
	fakemaster_put_oid(&n->pdu, "", false);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

static void send_ends_of_nothing(struct nonsense *n)
{
	for (int type = FAKEMASTER_COMMITSET; type <= FAKEMASTER_CLEANUPSET; type++) {
		fakemaster_begin(n->m, &n->pdu, (enum fakemaster_type)type);
		fakemaster_finish(&n->pdu);
		send_pdu(n);
	}
}

static void send_a_set_and_its_end(struct nonsense *n)
{
	make_set(n);
	send_pdu(n);
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_CLEANUPSET);
	n->m->packet--; /* of the same transaction */
	fakemaster_set32(&n->pdu, 8, n->m->packet);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
	n->m->packet++;
}

/* libnetsnmp would answer nothing more until it hears how they end. */
static void send_endless_sets(struct nonsense *n)
{
	for (int i = 0; i < 100; i++) {
		fakemaster_begin(n->m, &n->pdu, FAKEMASTER_TESTSET);
		fakemaster_finish(&n->pdu);
		send_pdu(n);
	}
}

static void send_close(struct nonsense *n)
{
	fakemaster_begin(n->m, &n->pdu, FAKEMASTER_CLOSE);
	fakemaster_put32(&n->pdu, 5);
	fakemaster_finish(&n->pdu);
	send_pdu(n);
}

const size_t nonsense_nwrong = ARRAY_LEN(nonsense_wrong);

const struct nonsense_kind nonsense_odd[] = {
	{"another session", send_other_session},
	{"an answer to nothing", send_answer_to_nothing},
	{"a range that ends before it begins", send_range_backwards},
	{"65535 times 500", send_big_bulk},
	{"another context", send_other_context},
	{"the end of no set", send_ends_of_nothing},
	{"a set and its end", send_a_set_and_its_end},
	{"sets without an end", send_endless_sets},
	{"a goodbye", send_close},
};

const size_t nonsense_nodd = ARRAY_LEN(nonsense_odd);

static uint64_t next_random(struct nonsense *n)
{
	n->seed ^= n->seed << 13;
	n->seed ^= n->seed >> 7;
	n->seed ^= n->seed << 17;
	return n->seed;
}

/* Mostly of ours, so that it gets far. */
static void put_random_oid(struct nonsense *n)
{
	const size_t at = n->pdu.len;
	unsigned more = next_random(n) % 8;

	fakemaster_put_oid(&n->pdu,
			   next_random(n) % 4   ? n->column
			   : next_random(n) % 2 ? n->scalar
						: "",
			   next_random(n) & 1);
	for (; more > 0; more--, n->pdu.bytes[at]++)
		fakemaster_put32(&n->pdu,
				 (uint32_t)(next_random(n) >> (next_random(n) % 64)));
}

static void put_random_values(struct nonsense *n)
{
	static const uint8_t types[] = {2, 4, 5, 6, 64, 65, 66, 67, 68, 70, 128, 130};

	for (unsigned left = next_random(n) % 4; left > 0; left--) {
		uint8_t type = types[next_random(n) % sizeof(types)];

		fakemaster_put16(&n->pdu, type);
		fakemaster_put16(&n->pdu, 0);
		put_random_oid(n);
		if (type == 4 || type == 64 || type == 68)
			fakemaster_put_text(&n->pdu, "0123456789abcdef",
					    next_random(n) % 16);
		else if (type == 6)
			put_random_oid(n);
		else if (type != 5 && type < 128)
			fakemaster_put32(&n->pdu, (uint32_t)next_random(n));
		if (type == 70)
			fakemaster_put32(&n->pdu, (uint32_t)next_random(n));
	}
}

/* Not the packet id: that of another would be taken for it. */
static void change(struct nonsense *n, uint64_t how)
{
	const size_t at = (how >> 8) % n->pdu.len;

	if (at < 12 || at >= 16)
		n->pdu.bytes[at] ^= (uint8_t)(1U << how % 8);
}

/* Of any type that a master has, with some of its bytes changed. */
void nonsense_random(struct nonsense *n)
{
	static const uint8_t types[] = {2, 5, 5, 6, 6, 6, 7, 7, 8, 9, 10, 11, 11, 18};
	uint8_t type = types[next_random(n) % sizeof(types)];

	n->m->is_big = next_random(n) & 1;
	fakemaster_begin(n->m, &n->pdu, (enum fakemaster_type)type);
	if (type == FAKEMASTER_GETBULK || type == FAKEMASTER_CLOSE)
		fakemaster_put32(&n->pdu, (uint32_t)next_random(n));
	if (type >= FAKEMASTER_GET && type <= FAKEMASTER_GETBULK)
		for (unsigned left = next_random(n) % 6 * 2; left > 0; left--)
			put_random_oid(n);
	if (type == FAKEMASTER_RESPONSE) {
		fakemaster_put32(&n->pdu, (uint32_t)next_random(n));
		fakemaster_put32(&n->pdu, (uint32_t)next_random(n));
	}
	if (type == FAKEMASTER_RESPONSE || type == FAKEMASTER_TESTSET)
		put_random_values(n);
	fakemaster_finish(&n->pdu);
	for (unsigned left = next_random(n) % 3; left > 0; left--)
		change(n, next_random(n));
}

bool nonsense_is_agentx(const struct fakemaster_pdu *pdu)
{
	static struct frames frames;
	const uint8_t *got;
	const char *why;
	size_t room, len;

	frames_init(&frames);
	memcpy(frames_room(&frames, &room), pdu->bytes, pdu->len);
	frames_add(&frames, pdu->len);
	return frames_next(&frames, &got, &len, &why) > 0 && len == pdu->len;
}
