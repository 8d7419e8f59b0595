/*
 * agent_cut.c - the connection to snmpd ends in the middle of a PDU, of each type that goes
 * to and fro: stale-agentx is back at the next attempt, and loses nothing by it.
 */
#include "test.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "snmp/mib.h"
#include "support/agentd.h"
#include "support/procuse.h"
#include "support/relay.h"

#define INTERVAL "1.1.6.0"
#define LAST     "1.2.12.0" /* in another registration */
#define SECONDS  77
#define SIDES    6 /* at a time */
#define ONCE     3 /* rows that are only for one that is just started */
#define EVER_S   20
#define PING_S   1.0 /* as agentd.h has it */
#define BACK_S   1.0 /* after it */
#define SLACK_S  8.0 /* on a busy machine */

/* What is to be cut; of memory that the relay shares. */
struct order {
	atomic_bool is_due;  /* false: it was done */
	atomic_bool hang_up; /* first: so that a new connection is made */
	bool from_agent;
	uint8_t type;
	unsigned nth;  /* of that type, of a connection; from 1 */
	unsigned part; /* index of parts */
	unsigned connection, seen;
	_Atomic double when;
};

struct side {
	struct agentd *d;
	struct order *order;
	struct relay relay;
	pid_t pid;
	char path[96];
};

static struct side sides[SIDES];

/* How much of it goes on. */
static const struct {
	const char *label;
	size_t of, plus, minus; /* len / of + plus - minus; of 0: none of it */
} parts[] = {
	{"a byte", 0, 1, 0},
	{"no whole header", 0, RELAY_HEADER - 1, 0},
	{"a header", 0, RELAY_HEADER, 0},
	{"half of it", 2, 0, 0},
	{"all but a byte", 1, 0, 1},
};

static size_t see(void *arg, const struct relay_frame *frame)
{
	struct order *order = arg;
	size_t part;

	if (!order->is_due)
		return frame->len;
	if (order->hang_up) {
		order->hang_up = false;
		return 0;
	}
	if (frame->connection != order->connection)
		order->seen = 0;
	order->connection = frame->connection;
	if (frame->bytes[1] != order->type || frame->from_agent != order->from_agent ||
	    ++order->seen < order->nth)
		return frame->len;
	part = parts[order->part].of ? frame->len / parts[order->part].of : 0;
	part += parts[order->part].plus - parts[order->part].minus;
	order->when = agentd_clock();
	order->is_due = false;
	return part < frame->len ? part : frame->len - 1;
}

static void start_side(struct side *side)
{
	static struct agentd_row row = {"agent_cut", AGENTD_WORDS(STALE_MIB_BASE)};
	void *state = &row;

	assert_int_equal(agentd_setup(&state), 0);
	side->d = state;
	side->order = mmap(NULL, sizeof(*side->order), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(side->order != MAP_FAILED);
	snprintf(side->path, sizeof(side->path), "%s/relay", side->d->dir);
	agentd_start(side->d, AGENTD_SNMPD, NULL);
	side->relay = (struct relay){.path = side->path,
				     .master = side->d->socket + 5,
				     .see = see,
				     .arg = side->order};
	side->pid = relay_start(&side->relay);
}

static void start_agent(struct side *side)
{
	char socket[128], interval[32];

	snprintf(socket, sizeof(socket), "-xunix:%s", side->path);
	snprintf(interval, sizeof(interval), "--interval=%d", SECONDS);
	/* A scan that fails is something to be notified. */
	agentd_start(side->d, AGENTD_AGENT,
		     (const char *const[]){socket, interval, "--proc-root=/nonexistent",
					   "--notify=trouble", NULL});
}

static void end_side(struct side *side)
{
	void *state = side->d;

	relay_end(side->pid);
	munmap(side->order, sizeof(*side->order));
	agentd_teardown(&state);
}

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIDES; i++)
		start_side(&sides[i]);
	for (size_t i = 0; i < SIDES; i++)
		agentd_wait(sides[i].d, AGENTD_SNMPD);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIDES; i++)
		end_side(&sides[i]);
	return 0;
}

static void ask(const struct agentd *d, const char *tool, const char *oid,
		const char *const more[])
{
	char *full = agentd_oid(d, oid);
	const char *const words[] = {tool,
				     "-v2c",
				     "-cprivate",
				     "-t1",
				     "-r0",
				     d->address,
				     full,
				     more ? more[0] : NULL,
				     more ? more[1] : NULL,
				     NULL};
	struct agentd_answer answer;

	agentd_run(d, words, 3, &answer);
	agentd_answer_release(&answer);
	free(full);
}

static void get(const struct agentd *d)
{
	ask(d, "snmpget", INTERVAL, NULL);
}

static void get_next(const struct agentd *d)
{
	ask(d, "snmpgetnext", "1.1.5.0", NULL);
}

static void set(const struct agentd *d)
{
	ask(d, "snmpset", INTERVAL, (const char *const[]){"u", "1"});
}

static const struct {
	const char *label;
	uint8_t type;
	bool from_agent;
	unsigned nth;
	bool hang_up;
	void (*cause)(const struct agentd *d); /* NULL: it comes by itself */
} rows[] = {
	{"notify", RELAY_NOTIFY, true, 1, false, NULL},
	{"first registration", RELAY_REGISTER, true, 1, false, NULL},
	{"answer to the first open", RELAY_RESPONSE, false, 1, false, NULL},
	{"open", RELAY_OPEN, true, 1, true, NULL},
	{"last registration", RELAY_REGISTER, true, 5, true, NULL},
	{"capabilities", RELAY_ADD_CAPS, true, 1, true, NULL},
	{"answer to an open", RELAY_RESPONSE, false, 1, true, NULL},
	{"answer to a registration", RELAY_RESPONSE, false, 2, true, NULL},
	{"answer to capabilities", RELAY_RESPONSE, false, 7, true, NULL},
	{"ping", RELAY_PING, true, 1, false, NULL},
	{"answer to a ping", RELAY_RESPONSE, false, 1, false, NULL},
	{"get", RELAY_GET, false, 1, false, get},
	{"answer to a get", RELAY_RESPONSE, true, 1, false, get},
	{"get next", RELAY_GETNEXT, false, 1, false, get_next},
	{"answer to a get next", RELAY_RESPONSE, true, 1, false, get_next},
	{"set", RELAY_TESTSET, false, 1, false, set},
	{"answer to a set", RELAY_RESPONSE, true, 1, false, set},
	{"end of a set", RELAY_CLEANUPSET, false, 1, false, set},
};

static void give_order(struct side *side, size_t row, size_t part)
{
	struct order *order = side->order;

	order->from_agent = rows[row].from_agent;
	order->type = rows[row].type;
	order->nth = rows[row].nth;
	order->part = (unsigned)part;
	order->hang_up = rows[row].hang_up;
	order->seen = 0;
	order->is_due = true;
	if (!side->d->daemons[AGENTD_AGENT].pid)
		start_agent(side);
	if (rows[row].cause)
		rows[row].cause(side->d);
}

/* Seconds from the cut until there is a right answer. */
static double until_back(struct side *side, const char *label)
{
	const double end = agentd_clock() + EVER_S;

	while (side->order->is_due) {
		if (agentd_clock() > end)
			agentd_fail(side->d, "%s: there was none", label);
		agentd_pause(0.01);
	}
	while (agentd_number(side->d, INTERVAL) != SECONDS ||
	       agentd_number(side->d, LAST) != 0) {
		if (agentd_clock() > end)
			agentd_fail(side->d, "%s: it is not back", label);
		agentd_pause(0.02);
	}
	return agentd_clock() - side->order->when;
}

static void check_descriptors(const struct side *side, unsigned before)
{
	const double end = agentd_clock() + EVER_S;

	/* While it connects there is one less. */
	while (procuse_of(agentd_snmp_side(side->d)).descriptors != before) {
		if (agentd_clock() > end)
			agentd_fail(side->d, "%u descriptors, were %u",
				    procuse_of(agentd_snmp_side(side->d)).descriptors,
				    before);
		agentd_pause(0.02);
	}
}

/* All kinds of parts take five times as long. */
static size_t count_rounds(void)
{
	return getenv("STALE_CUT_ALL") ? ARRAY_LEN(parts) : 1;
}

static void an_end_in_the_middle_of_any_pdu_is_survived(void **state)
{
	const size_t total = ARRAY_LEN(rows) * count_rounds();
	unsigned descriptors[SIDES] = {0};
	double worst = 0;
	pid_t pids[SIDES];

	(void)state;
	for (size_t i = 0; i < total; i += SIDES) {
		for (size_t k = 0; k < SIDES; k++)
			if (i == 0 || (i + k) % ARRAY_LEN(rows) >= ONCE)
				give_order(&sides[k], (i + k) % ARRAY_LEN(rows),
					   (i + k + i / SIDES) % ARRAY_LEN(parts));
		for (size_t k = 0; k < SIDES; k++) {
			const char *label = rows[(i + k) % ARRAY_LEN(rows)].label;
			double took;

			if (i > 0 && (i + k) % ARRAY_LEN(rows) < ONCE)
				continue;
			took = until_back(&sides[k], label);
			worst = took > worst ? took : worst;
			if (took > PING_S + BACK_S + SLACK_S)
				agentd_fail(sides[k].d, "%s: back after %.2f s", label,
					    took);
			if (i == 0) {
				pids[k] = agentd_snmp_side(sides[k].d);
				descriptors[k] = procuse_of(pids[k]).descriptors;
			}
			assert_int_equal(agentd_snmp_side(sides[k].d), pids[k]);
		}
	}
	for (size_t k = 0; k < SIDES; k++)
		check_descriptors(&sides[k], descriptors[k]);
	print_message("# cut: %zu times, in the middle of %zu kinds of PDUs: back after "
		      "%.2f s at most\n",
		      total, ARRAY_LEN(rows), worst);
}

static void all_of_them_end_well(void **state)
{
	(void)state;
	for (size_t k = 0; k < SIDES; k++) {
		int status;

		agentd_end(sides[k].d, AGENTD_AGENT, SIGTERM, &status);
		assert_int_equal(status, 0);
		assert_true(agentd_runs(sides[k].d, AGENTD_SNMPD));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_in_the_middle_of_any_pdu_is_survived),
		cmocka_unit_test(all_of_them_end_well),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
