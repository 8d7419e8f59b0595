/*
 * agent_master.c - a master that does not do what was asked of it: between stale-agentx and
 * snmpd stands a relay that loses a question, or says no.
 */
#include "test.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentd.h"
#include "support/relay.h"

#define SERIAL    "1.1.2.0"
#define LAST      "1.2.12.0" /* in another registration than SERIAL */
#define DUPLICATE 263

enum fault {
	LOSE_A_REGISTRATION, /* the second one of the first connection */
	REFUSE_AFTER_A_LOSS, /* a registration of the second connection */
	REFUSE_ALWAYS,       /* one of each connection but the first */
};

struct faulty {
	enum fault fault;
	unsigned connection;    /* that the following is of */
	unsigned registrations; /* of this connection */
	uint32_t refused;       /* packet that is to be answered with no; 0: none */
};

/* From stale-agentx.  Returns whether snmpd gets it. */
static bool pass_question(struct faulty *faulty, const struct relay_frame *frame)
{
	bool is_second;

	if (frame->bytes[1] != RELAY_REGISTER)
		return true;
	is_second = ++faulty->registrations == 2;
	switch (faulty->fault) {
	case LOSE_A_REGISTRATION:
		return !(is_second && frame->connection == 1);
	case REFUSE_AFTER_A_LOSS:
		if (is_second && frame->connection == 2)
			faulty->refused = relay_get32(frame, 12);
		break;
	case REFUSE_ALWAYS:
		if (is_second && frame->connection > 1)
			faulty->refused = relay_get32(frame, 12);
		break;
	}
	return true;
}

/* From snmpd: what it says is behind the time. */
static void change_answer(struct faulty *faulty, const struct relay_frame *frame)
{
	bool is_big = frame->bytes[2] & 0x10;

	if (!faulty->refused || relay_get32(frame, 12) != faulty->refused)
		return;
	faulty->refused = 0;
	frame->bytes[RELAY_HEADER + 4] = is_big ? DUPLICATE >> 8 : DUPLICATE & 0xff;
	frame->bytes[RELAY_HEADER + 5] = is_big ? DUPLICATE & 0xff : DUPLICATE >> 8;
}

static size_t see(void *arg, const struct relay_frame *frame)
{
	struct faulty *faulty = arg;

	if (frame->connection != faulty->connection) {
		faulty->connection = frame->connection;
		faulty->registrations = 0;
		faulty->refused = 0;
	}
	if (frame->from_agent && !pass_question(faulty, frame))
		return RELAY_LOSE;
	if (!frame->from_agent)
		change_answer(faulty, frame);
	return frame->len;
}

/* Starts all three; the socket of the relay for -x in option. */
static pid_t start_relay(struct agentd *d, enum fault fault, char option[128])
{
	struct faulty faulty = {.fault = fault};
	struct relay relay = {
		.path = option + 7, .master = d->socket + 5, .see = see, .arg = &faulty};
	pid_t pid;

	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	snprintf(option, 128, "-xunix:%s/relay", d->dir);
	pid = relay_start(&relay);
	agentd_start(d, AGENTD_AGENT, (const char *const[]){option, NULL});
	return pid;
}

static void a_registration_without_an_answer_is_made_again(void **state)
{
	struct agentd *d = *state;
	char option[128];
	pid_t relay = start_relay(d, LOSE_A_REGISTRATION, option);

	agentd_until_logged(d, AGENTD_AGENT, "no answer of the master, trying again", 10);
	agentd_until_not(d, SERIAL, -1, 10);
	agentd_until_not(d, LAST, -1, 10);
	relay_end(relay);
}

/* The master's own end, as stale-agentx sees it: the connection is lost. */
static void lose_connection(struct agentd *d)
{
	agentd_end(d, AGENTD_SNMPD, SIGKILL, NULL);
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
}

static void a_refusal_after_a_loss_is_not_the_end(void **state)
{
	struct agentd *d = *state;
	char option[128];
	pid_t relay = start_relay(d, REFUSE_AFTER_A_LOSS, option);

	agentd_wait(d, AGENTD_AGENT);
	lose_connection(d);
	agentd_until_logged(d, AGENTD_AGENT, "refused by the master, trying again", 10);
	agentd_until_not(d, SERIAL, -1, 10);
	agentd_until_not(d, LAST, -1, 10);
	relay_end(relay);
}

static void refusals_that_go_on_are_the_end(void **state)
{
	struct agentd *d = *state;
	char option[128];
	pid_t relay = start_relay(d, REFUSE_ALWAYS, option);
	int status;

	agentd_wait(d, AGENTD_AGENT);
	lose_connection(d);
	agentd_end(d, AGENTD_AGENT, 0, &status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	relay_end(relay);
}

static int become_nobody(void)
{
	return setgroups(0, NULL) < 0 || setresgid(65534, 65534, 65534) < 0 ||
			       setresuid(65534, 65534, 65534) < 0
		       ? -errno
		       : 0;
}

/* The log is standard error: only root may write into the folder. */
static void a_socket_that_it_may_not_use_is_told_and_tried_again(void **state)
{
	struct agentd *d = *state;
	char *folder = agentd_path(d, "tools"), pidfile[128];

	if (geteuid() != 0)
		agentd_skip(d, "needs root");
	assert_int_equal(chmod(folder, 0777), 0);
	snprintf(pidfile, sizeof(pidfile), "-p%s/pid", folder);
	free(folder);
	d->before = become_nobody;
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	agentd_start(d, AGENTD_AGENT, (const char *const[]){"-Le", pidfile, NULL});
	agentd_until_logged(d, AGENTD_AGENT, "no AgentX master: Permission denied", 10);
	assert_int_equal(chown(d->socket + 5, 65534, 65534), 0);
	agentd_wait(d, AGENTD_AGENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTD_TEST(a_registration_without_an_answer_is_made_again),
		AGENTD_TEST(a_refusal_after_a_loss_is_not_the_end),
		AGENTD_TEST(refusals_that_go_on_are_the_end),
		AGENTD_TEST(a_socket_that_it_may_not_use_is_told_and_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
