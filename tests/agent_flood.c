/*
 * agent_flood.c - stale-agentx below a master that talks nonsense: the test itself.
 */
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentd.h"
#include "support/nonsense.h"
#include "support/procuse.h"
#include "support/sanitized.h"

#define SERIAL   "1.1.2.0"
#define INTERVAL "1.1.6.0"
#define SECONDS  77 /* the interval, so that a right answer is known */

#define SIDES     8 /* at a time: each comes back a second after it was left */
#define EVER_S    20
#define SEED      UINT64_C(0x2545f4914f6cdd1d)
#define RSS_SLACK INT64_C(524288)
#define IN_FLIGHT 10000
#define LATE_S    10 /* as session.c has it */

struct side {
	struct agentd *d;
	struct fakemaster m;
	struct nonsense nonsense;
	pid_t pid;
	char *interval; /* names of objects; owned */
	char *column;
};

/* The last two are for one test. */
enum { DEAF = SIDES, FULL, SIDES_ALL };
static struct side sides[SIDES_ALL];
static int waiting[64];
static size_t nwaiting;

static void start_side(struct side *side)
{
	static struct agentd_row row = {"agent_flood", AGENTD_WORDS(STALE_MIB_BASE)};
	char option[32];
	void *state = &row;

	assert_int_equal(agentd_setup(&state), 0);
	side->d = state;
	fakemaster_open(&side->m, side->d->socket + 5);
	side->interval = agentd_oid(side->d, INTERVAL);
	side->column = agentd_oid(side->d, "1.3.1.12");
	snprintf(option, sizeof(option), "--interval=%d", SECONDS);
	side->nonsense = (struct nonsense){.m = &side->m,
					   .scalar = side->interval,
					   .column = side->column,
					   .seed = SEED};
	agentd_start(side->d, AGENTD_AGENT,
		     (const char *const[]){option, "--process=nobody-is-called-so",
					   "--notify=all", NULL});
}

static void end_side(struct side *side)
{
	void *state = side->d;

	fakemaster_close(&side->m);
	free(side->interval);
	free(side->column);
	agentd_teardown(&state);
	*side = (struct side){.m.fd = -1};
}

static void check_answer(struct side *side, const char *label)
{
	int64_t value;

	if (!fakemaster_get(&side->m, side->interval, 5, &value))
		agentd_fail(side->d, "%s: no answer (%s)", label,
			    side->m.fd < 0 ? "it hung up" : "it is there");
	if (value != SECONDS)
		agentd_fail(side->d, "%s: the answer is %" PRId64, label, value);
}

/* It is there, and answers; it is the same as ever. */
static void meet(struct side *side, bool is_big, const char *label)
{
	pid_t pid;

	side->m.is_big = is_big;
	if (!fakemaster_accept(&side->m, EVER_S))
		agentd_fail(side->d, "%s: it does not come back", label);
	check_answer(side, label);
	pid = agentd_snmp_side(side->d);
	if (side->pid && pid != side->pid)
		agentd_fail(side->d, "%s: another SNMP side", label);
	side->pid = pid;
}

/* Who is not answered goes, and comes back: nobody answers for the others meanwhile. */
static void meet_anew(size_t n)
{
	for (size_t i = 0; i < n; i++)
		fakemaster_hang_up(&sides[i].m);
	for (size_t i = 0; i < n; i++)
		meet(&sides[i], i & 1, "anew");
}

/* Takes all places of those who wait to be accepted; whoever comes then, waits. */
static void fill_backlog(const struct side *side)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	snprintf(to.sun_path, sizeof(to.sun_path), "%.100s", side->d->socket + 5);
	while (nwaiting < ARRAY_LEN(waiting)) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
			close(fd);
			return;
		}
		waiting[nwaiting++] = fd;
	}
}

/* Questions whose answers are not read, until no more are taken. */
static void ask_and_not_listen(struct side *side)
{
	struct pollfd pfd = {.fd = side->m.fd, .events = POLLOUT};
	const struct fakemaster_pdu *get = &side->nonsense.pdu;

	nonsense_odd[0].send(&side->nonsense); /* leaves a GET in pdu */
	while (poll(&pfd, 1, 1000) == 1)
		if (send(side->m.fd, get->bytes, get->len, MSG_NOSIGNAL | MSG_DONTWAIT) !=
		    (ssize_t)get->len)
			return;
}

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIDES_ALL; i++)
		start_side(&sides[i]);
	for (size_t i = 0; i < SIDES_ALL; i++)
		meet(&sides[i], i & 1, "at first");
	fill_backlog(&sides[FULL]);
	fakemaster_hang_up(&sides[FULL].m);
	ask_and_not_listen(&sides[DEAF]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIDES_ALL; i++)
		end_side(&sides[i]);
	return 0;
}

/* Everything is sent to some of them at once, and each then has to come back. */
static void who_sends_what_is_no_agentx_is_hung_up_and_taken_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < nonsense_nwrong; i += SIDES) {
		for (size_t k = 0; k < SIDES && i + k < nonsense_nwrong; k++)
			nonsense_wrong[i + k].send(&sides[k].nonsense);
		for (size_t k = 0; k < SIDES && i + k < nonsense_nwrong; k++)
			if (!fakemaster_await_end(&sides[k].m, 5))
				agentd_fail(sides[k].d, "%s: not hung up",
					    nonsense_wrong[i + k].label);
		for (size_t k = 0; k < SIDES && i + k < nonsense_nwrong; k++)
			meet(&sides[k], !sides[k].m.is_big, nonsense_wrong[i + k].label);
	}
	agentd_until_logged(sides[0].d, AGENTD_AGENT, "the master sent ", 5);
}

static void what_is_odd_but_agentx_changes_nothing(void **state)
{
	(void)state;
	meet_anew(2);
	for (size_t i = 0; i < nonsense_nodd * 2; i++) {
		struct side *side = &sides[i % 2];

		nonsense_odd[i / 2].send(&side->nonsense);
		check_answer(side, nonsense_odd[i / 2].label);
	}
	for (size_t i = 0; i < 2; i++)
		assert_true(sides[i].m.fd >= 0);
}

struct flood {
	unsigned sent, refused;
};

static void flood_for(struct side *side, struct flood *flood, double seconds)
{
	const double end = agentd_clock() + seconds;
	struct nonsense *n = &side->nonsense;

	while (agentd_clock() < end) {
		nonsense_random(n);
		if (!nonsense_is_agentx(&n->pdu)) {
			flood->refused++;
			continue;
		}
		flood->sent++;
		if (!fakemaster_send(&side->m, n->pdu.bytes, n->pdu.len))
			agentd_fail(side->d, "hung up after %u", flood->sent);
	}
	side->m.is_big = false;
}

/* libnetsnmp does not see it, and cannot answer. */
static void a_set_is_answered_with_not_writable(void **state)
{
	static struct fakemaster_pdu pdu;
	struct fakemaster *m = &sides[0].m;

	(void)state;
	meet_anew(1);
	for (int is_big = 0; is_big < 2; is_big++) {
		m->is_big = is_big;
		fakemaster_begin(m, &pdu, FAKEMASTER_TESTSET);
		fakemaster_finish(&pdu);
		assert_true(fakemaster_send(m, pdu.bytes, pdu.len));
		assert_true(fakemaster_serve(m, FAKEMASTER_RESPONSE, 5));
		row_number("an answer", "packet", fakemaster_get32(&m->last, 12),
			   m->packet);
		row_number("an answer", "error and index", fakemaster_get32(&m->last, 24),
			   is_big ? 17 << 16 | 1 : 1 << 16 | 17);
	}
}

static void ask(struct side *side, enum fakemaster_type type)
{
	static struct fakemaster_pdu pdu;

	fakemaster_begin(&side->m, &pdu, type);
	if (type == FAKEMASTER_GETBULK) {
		fakemaster_put16(&pdu, 0);
		fakemaster_put16(&pdu, 10);
	}
	fakemaster_put_oid(&pdu, side->interval, false);
	fakemaster_put_oid(&pdu, "", false);
	fakemaster_finish(&pdu);
	fakemaster_send(&side->m, pdu.bytes, pdu.len);
}

/* Sent before the first answer is looked at; none of them is too late. */
static void ten_thousand_questions_in_flight_are_all_answered(void **state)
{
	struct side *side = &sides[0];
	double began, took;
	unsigned before;

	(void)state;
	meet_anew(1);
	began = agentd_clock();
	before = side->m.heard[FAKEMASTER_RESPONSE];
	for (int i = 0; i < IN_FLIGHT; i++)
		ask(side, FAKEMASTER_GETBULK);
	check_answer(side, "after all of them");
	took = agentd_clock() - began;
	print_message("# flood: %d GETBULKs in flight: %u answers in %.1f s\n", IN_FLIGHT,
		      side->m.heard[FAKEMASTER_RESPONSE] - before - 1, took);
	assert_int_equal(side->m.heard[FAKEMASTER_RESPONSE] - before, IN_FLIGHT + 1);
}

static double flood_seconds(void)
{
	const char *text = getenv("STALE_FLOOD_SECONDS");

	return text ? strtod(text, NULL) : 2;
}

static void a_flood_of_random_agentx_leaves_nothing_behind(void **state)
{
	struct flood flood = {0};
	struct side *side = &sides[0];
	double seconds = flood_seconds();
	struct procuse was, is;

	(void)state;
	meet_anew(1);
	flood_for(side, &flood, 1);
	check_answer(side, "after a second");
	was = procuse_of(side->pid);
	flood_for(side, &flood, seconds);
	check_answer(side, "after the flood");
	is = procuse_of(side->pid);
	print_message("# flood: seed 0x%" PRIx64 ", %u PDUs sent (%.0f each second), %u "
		      "refused, %u answers; %u descriptors and %" PRId64
		      " KiB before, %u and %" PRId64 " KiB after\n",
		      SEED, flood.sent, flood.sent / (seconds + 1), flood.refused,
		      side->m.heard[FAKEMASTER_RESPONSE], was.descriptors, was.rss / 1024,
		      is.descriptors, is.rss / 1024);
	assert_int_equal(agentd_snmp_side(side->d), side->pid);
	assert_true(flood.sent > 1000);
	assert_int_equal(is.descriptors, was.descriptors);
	if (is_sanitized())
		return; /* what was freed is kept */
	assert_true(is.rss <= was.rss + RSS_SLACK);
}

/* In turn: each is an answer to opening, and then to a ping. */
static void every_error_is_survived(void **state)
{
	static const int errors[] = {1, 256, 257, 263, 266, 267, 268, 65535};

	(void)state;
	meet_anew(SIDES);
	for (size_t i = 0; i < ARRAY_LEN(errors); i += SIDES) {
		for (size_t k = 0; k < SIDES; k++) {
			sides[k].m.errors[FAKEMASTER_PING] = errors[i + k];
			fakemaster_serve(&sides[k].m, FAKEMASTER_PING, EVER_S);
			sides[k].m.errors[FAKEMASTER_PING] = 0;
		}
		for (size_t k = 0; k < SIDES; k++) {
			struct fakemaster *m = &sides[k].m;

			assert_true(fakemaster_await_end(m, 5));
			m->errors[FAKEMASTER_OPEN] = errors[i + k];
			assert_true(fakemaster_connect(m, EVER_S));
			fakemaster_serve(m, FAKEMASTER_OPEN, EVER_S);
			assert_true(fakemaster_await_end(m, 5));
			m->errors[FAKEMASTER_OPEN] = 0;
		}
		for (size_t k = 0; k < SIDES; k++)
			meet(&sides[k], false, "after an error");
	}
}

/* Of what it registers; more in a row would be the end, as another subagent has it. */
static void errors_of_registrations_are_survived(void **state)
{
	static const int errors[] = {266, 65535};
	struct side *side = &sides[0];

	(void)state;
	fakemaster_hang_up(&side->m);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		side->m.errors[FAKEMASTER_REGISTER] = errors[i];
		assert_true(fakemaster_connect(&side->m, EVER_S));
		assert_true(fakemaster_await_end(&side->m, 5));
	}
	side->m.errors[FAKEMASTER_REGISTER] = 0;
	meet(side, true, "after refusals");
	side->m.errors[FAKEMASTER_ADD_CAPS] = 5;
	fakemaster_hang_up(&side->m);
	meet(side, true, "incapable");
	side->m.errors[FAKEMASTER_ADD_CAPS] = 0;
}

/* libnetsnmp has no timeout for either, and is of no use to anybody meanwhile.  It has
 * begun before the first test. */
static void who_does_not_listen_or_accept_does_not_hold_it_up_for_ever(void **state)
{
	struct side *deaf = &sides[DEAF], *full = &sides[FULL];
	struct pollfd pfd = {.fd = deaf->m.fd};

	(void)state;
	assert_int_equal(poll(&pfd, 1, LATE_S * 3 * 1000), 1); /* POLLHUP */
	agentd_until_logged(full->d, AGENTD_AGENT, "no AgentX master: ", LATE_S * 3);
	while (nwaiting > 0)
		close(waiting[--nwaiting]);
	meet(deaf, true, "after it was not listened to");
	meet(full, true, "after it was not accepted");
}

static void all_of_them_end_well(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIDES_ALL; i++)
		agentd_signal(sides[i].d, AGENTD_AGENT, SIGTERM);
	for (size_t i = 0; i < SIDES_ALL; i++) {
		int status;

		fakemaster_await_end(&sides[i].m, 1);
		agentd_end(sides[i].d, AGENTD_AGENT, 0, &status);
		row_number("one of them", "status", status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_sends_what_is_no_agentx_is_hung_up_and_taken_back),
		cmocka_unit_test(what_is_odd_but_agentx_changes_nothing),
		cmocka_unit_test(a_set_is_answered_with_not_writable),
		cmocka_unit_test(ten_thousand_questions_in_flight_are_all_answered),
		cmocka_unit_test(a_flood_of_random_agentx_leaves_nothing_behind),
		cmocka_unit_test(every_error_is_survived),
		cmocka_unit_test(errors_of_registrations_are_survived),
		cmocka_unit_test(
			who_does_not_listen_or_accept_does_not_hold_it_up_for_ever),
		cmocka_unit_test(all_of_them_end_well),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
