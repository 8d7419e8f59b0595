/*
 * agent_frames.c - what is no AgentX is known before libnetsnmp sees it.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "snmp/frames.h"
#include "tests/support/fakemaster.h"

#define NAME   ".1.3.6.1.4.1.8072.1"
#define SEED   UINT64_C(0x9e3779b97f4a7c15)
#define RANDOM 200000

static struct frames frames;
static struct fakemaster master; /* numbers packets, and is connected to nobody */
static struct fakemaster_pdu pdu;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static unsigned passed, sets;

/* What is wrong with it; NULL: nothing so far. */
static const char *take(const void *bytes, size_t len)
{
	const uint8_t *at = bytes, *got;
	const char *why = NULL;
	int what = FRAMES_WAIT;
	size_t room, got_len;

	while (len > 0 && what == FRAMES_WAIT) {
		uint8_t *to = frames_room(&frames, &room);
		size_t n = len < room ? len : room;

		assert_true(room > 0);
		memcpy(to, at, n);
		frames_add(&frames, n);
		at += n;
		len -= n;
		while ((what = frames_next(&frames, &got, &got_len, &why)) > 0) {
			assert_true(got_len >= FRAMES_HEADER);
			passed += what == FRAMES_PASS;
			sets += what == FRAMES_SET;
		}
	}
	assert_true(what == (why ? -EBADMSG : FRAMES_WAIT));
	return why;
}

static const char *take_pdu(void)
{
	frames_init(&frames);
	return take(pdu.bytes, pdu.len);
}

static void make_ranges(enum fakemaster_type type)
{
	fakemaster_begin(&master, &pdu, type);
	if (type == FAKEMASTER_GETBULK)
		fakemaster_put32(&pdu, 65535);
	for (int i = 0; i < 3; i++) {
		fakemaster_put_oid(&pdu, NAME, i & 1);
		fakemaster_put_oid(&pdu, i ? NAME : "", false);
	}
	fakemaster_finish(&pdu);
}

/* One of each type of value. */
static void make_values(enum fakemaster_type type)
{
	static const uint8_t types[] = {2, 65, 66, 67,  4,   64, 68,
					6, 70, 5,  128, 129, 130};

	fakemaster_begin(&master, &pdu, type);
	if (type == FAKEMASTER_RESPONSE) {
		fakemaster_put32(&pdu, 1);
		fakemaster_put32(&pdu, 0);
	}
	for (size_t i = 0; i < sizeof(types); i++) {
		fakemaster_put16(&pdu, types[i]);
		fakemaster_put16(&pdu, 0);
		fakemaster_put_oid(&pdu, NAME, false);
		if (i < 4 || types[i] == 70)
			fakemaster_put32(&pdu, 7);
		if (types[i] == 70)
			fakemaster_put32(&pdu, 7);
		if (i >= 4 && i < 7)
			fakemaster_put_text(&pdu, "text\0s", i);
		if (types[i] == 6)
			fakemaster_put_oid(&pdu, NAME, false);
	}
	fakemaster_finish(&pdu);
}

static void make_empty(enum fakemaster_type type)
{
	fakemaster_begin(&master, &pdu, type);
	if (type == FAKEMASTER_CLOSE)
		fakemaster_put32(&pdu, 5);
	fakemaster_finish(&pdu);
}

static const struct {
	enum fakemaster_type type;
	void (*make)(enum fakemaster_type type);
} kinds[] = {
	{FAKEMASTER_GET, make_ranges},       {FAKEMASTER_GETNEXT, make_ranges},
	{FAKEMASTER_GETBULK, make_ranges},   {FAKEMASTER_TESTSET, make_values},
	{FAKEMASTER_COMMITSET, make_empty},  {FAKEMASTER_UNDOSET, make_empty},
	{FAKEMASTER_CLEANUPSET, make_empty}, {FAKEMASTER_CLOSE, make_empty},
	{FAKEMASTER_RESPONSE, make_values},
};

static bool is_set(enum fakemaster_type type)
{
	return type >= FAKEMASTER_TESTSET && type <= FAKEMASTER_CLEANUPSET;
}

static void what_a_master_says_is_let_through_in_any_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds) * 2; i++) {
		master.is_big = i & 1;
		kinds[i / 2].make(kinds[i / 2].type);
		for (size_t piece = 1; piece <= pdu.len; piece++) {
			frames_init(&frames);
			passed = sets = 0;
			for (int times = 0; times < 2; times++)
				for (size_t at = 0; at < pdu.len; at += piece)
					assert_null(take(pdu.bytes + at,
							 at + piece > pdu.len
								 ? pdu.len - at
								 : piece));
			assert_int_equal(frames.len, frames.done);
			assert_int_equal(passed, is_set(kinds[i / 2].type) ? 0 : 2);
			assert_int_equal(sets, is_set(kinds[i / 2].type) ? 2 : 0);
		}
	}
}

/* Cut short by its own length; what is left is no PDU, and may not be waited for. */
static void what_is_shorter_than_it_must_be_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds) * 2; i++) {
		size_t whole, refused = 0, taken = 0;

		master.is_big = i & 1;
		kinds[i / 2].make(kinds[i / 2].type);
		whole = pdu.len;
		for (size_t len = FAKEMASTER_HEADER; len < whole; len++) {
			pdu.len = len;
			fakemaster_finish(&pdu);
			if (take_pdu())
				refused++;
			else
				taken++; /* at the end of a range or a variable */
		}
		assert_true(refused >= taken * 3);
		assert_true(taken <= 14);
	}
}

static void what_is_longer_than_it_says_is_another_pdu(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		kinds[i].make(kinds[i].type);
		for (int more = 0; more < FAKEMASTER_HEADER; more++)
			fakemaster_put8(&pdu, 0xff);
		assert_string_equal(take_pdu(), "not AgentX version 1");
	}
}

static void put_context(const void *text, size_t len, uint32_t said)
{
	const size_t at = FAKEMASTER_HEADER;

	fakemaster_begin(&master, &pdu, FAKEMASTER_GET);
	pdu.bytes[2] |= 0x08;
	fakemaster_put_text(&pdu, text, len);
	fakemaster_set32(&pdu, at, said);
	fakemaster_put_oid(&pdu, NAME, false);
	fakemaster_put_oid(&pdu, "", false);
	fakemaster_finish(&pdu);
}

static void a_context_is_text_that_is_all_there(void **state)
{
	(void)state;
	put_context("x", 1, 1);
	assert_null(take_pdu());
	put_context("", 0, 0);
	assert_null(take_pdu());
	put_context("context", 7, 7);
	assert_null(take_pdu());
	put_context("con\0ext", 7, 7);
	assert_string_equal(take_pdu(), "a broken context");
	put_context("context", 7, 8); /* the byte that fills up */
	assert_string_equal(take_pdu(), "a broken context");
	put_context("context", 7, 65000);
	assert_string_equal(take_pdu(), "a broken context");
	put_context("context", 7, UINT32_MAX);
	assert_string_equal(take_pdu(), "a broken context");
}

static void an_oid_has_no_more_numbers_than_snmp_has(void **state)
{
	static const struct {
		uint8_t numbers, prefix;
		bool is_right;
	} rows[] = {{128, 0, true},  {129, 0, false}, {123, 4, true},
		    {124, 4, false}, {255, 0, false}, {255, 255, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fakemaster_begin(&master, &pdu, FAKEMASTER_GET);
		fakemaster_put8(&pdu, rows[i].numbers);
		fakemaster_put8(&pdu, rows[i].prefix);
		fakemaster_put16(&pdu, 0);
		for (int k = 0; k < rows[i].numbers; k++)
			fakemaster_put32(&pdu, 1);
		fakemaster_put_oid(&pdu, "", false);
		fakemaster_finish(&pdu);
		assert_int_equal(take_pdu() == NULL, rows[i].is_right);
	}
}

/* Nobody waits for what was announced. */
static void a_header_that_is_wrong_is_enough(void **state)
{
	static const struct {
		const char *label;
		size_t at;
		uint8_t value;
	} bytes[] = {
		{"version 0", 0, 0},     {"version 2", 0, 2}, {"type 0", 1, 0},
		{"open", 1, 1},          {"register", 1, 3},  {"unregister", 1, 4},
		{"notify", 1, 12},       {"ping", 1, 13},     {"index allocation", 1, 14},
		{"capabilities", 1, 16}, {"type 19", 1, 19},  {"type 255", 1, 255},
		{"a flag", 2, 0x20},     {"flags", 2, 0xff},
	};
	static const uint32_t lengths[] = {1,          2,          3,
					   65517,      65520,      0x7fffffffU - 19,
					   0x7ffffffc, 0x80000000, 0xffffffec,
					   0xfffffff0, 0xfffffffc, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		make_ranges(FAKEMASTER_GET);
		pdu.bytes[bytes[i].at] = bytes[i].value;
		pdu.len = FAKEMASTER_HEADER;
		if (!take_pdu())
			fail_msg("%s", bytes[i].label);
	}
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		master.is_big = i & 1;
		make_ranges(FAKEMASTER_GET);
		fakemaster_set32(&pdu, 16, lengths[i]);
		pdu.len = FAKEMASTER_HEADER;
		assert_string_equal(take_pdu(), "a length that cannot be");
	}
	master.is_big = false;
}

static void no_question_has_the_number_of_ours(void **state)
{
	struct fakemaster_pdu ours = {.len = 0};

	(void)state;
	fakemaster_begin(&master, &ours, FAKEMASTER_PING);
	for (int is_answer = 0; is_answer < 2; is_answer++) {
		frames_init(&frames);
		frames_sent(&frames, ours.bytes, ours.len);
		if (is_answer)
			make_values(FAKEMASTER_RESPONSE);
		else
			make_ranges(FAKEMASTER_GET);
		assert_null(take(pdu.bytes, pdu.len)); /* of another number */
		fakemaster_set32(&pdu, 12, fakemaster_get32(&ours, 12));
		if (is_answer)
			assert_null(take(pdu.bytes, pdu.len));
		else
			assert_string_equal(take(pdu.bytes, pdu.len),
					    "a question in the place of an answer");
	}
	/* It was answered: who asks now means it. */
	make_ranges(FAKEMASTER_GET);
	fakemaster_set32(&pdu, 12, fakemaster_get32(&ours, 12));
	assert_null(take(pdu.bytes, pdu.len));
}

/* In the byte order and with the numbers of the question. */
static void a_set_is_answered_with_no(void **state)
{
	static const enum fakemaster_type types[] = {
		FAKEMASTER_TESTSET, FAKEMASTER_COMMITSET, FAKEMASTER_UNDOSET};
	struct fakemaster_pdu want;
	uint8_t answer[FRAMES_ANSWER];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types) * 2; i++) {
		master.is_big = i & 1;
		make_empty(types[i / 2]);
		master.packet--;
		fakemaster_begin(&master, &want, FAKEMASTER_RESPONSE);
		fakemaster_put32(&want, 0);
		fakemaster_put16(&want, 17);
		fakemaster_put16(&want, 1);
		fakemaster_finish(&want);
		assert_int_equal(frames_refuse(pdu.bytes, answer), want.len);
		assert_memory_equal(answer, want.bytes, want.len);
	}
	master.is_big = false;
	make_empty(FAKEMASTER_CLEANUPSET);
	assert_int_equal(frames_refuse(pdu.bytes, answer), 0);
}

/* No crash, and no byte read or written that is not there. */
static void random_changes_are_survived(void **state)
{
	uint64_t seed = SEED;
	unsigned refused = 0;

	(void)state;
	for (int i = 0; i < RANDOM; i++) {
		size_t which = next_random(&seed) % ARRAY_LEN(kinds);
		unsigned changes = next_random(&seed) % 4;

		master.is_big = next_random(&seed) & 1;
		kinds[which].make(kinds[which].type);
		while (changes--)
			pdu.bytes[next_random(&seed) % pdu.len] =
				(uint8_t)next_random(&seed);
		refused += take_pdu() != NULL;
	}
	print_message("# frames: seed 0x%" PRIx64 ", %d PDUs, %u refused\n", SEED, RANDOM,
		      refused);
	assert_in_range(refused, RANDOM / 10, RANDOM * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_master_says_is_let_through_in_any_pieces),
		cmocka_unit_test(what_is_shorter_than_it_must_be_is_refused),
		cmocka_unit_test(what_is_longer_than_it_says_is_another_pdu),
		cmocka_unit_test(a_context_is_text_that_is_all_there),
		cmocka_unit_test(an_oid_has_no_more_numbers_than_snmp_has),
		cmocka_unit_test(a_header_that_is_wrong_is_enough),
		cmocka_unit_test(no_question_has_the_number_of_ours),
		cmocka_unit_test(a_set_is_answered_with_no),
		cmocka_unit_test(random_changes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
