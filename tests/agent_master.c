/*
 * agent_master.c - a master that does not do what was asked of it: between stale-agentx and
 * snmpd stands a relay that loses a question, or says no.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/agentd.h"

#define SERIAL    "1.1.2.0"
#define LAST      "1.2.12.0" /* in another registration than SERIAL */
#define HEADER    20         /* RFC 2741, 6.1 */
#define REGISTER  3
#define DUPLICATE 263
#define FRAME_MAX 65536

enum fault {
	LOSE_A_REGISTRATION, /* the second one of the first connection */
	REFUSE_AFTER_A_LOSS, /* a registration of the second connection */
	REFUSE_ALWAYS,       /* one of each connection but the first */
};

struct relay {
	enum fault fault;
	unsigned connection;    /* from 1 */
	unsigned registrations; /* of this connection */
	uint32_t refused;       /* packet that is to be answered with no; 0: none */
};

static uint32_t get32(const uint8_t *at, bool is_big)
{
	return is_big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
				(uint32_t)at[2] << 8 | at[3]
		      : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
				(uint32_t)at[1] << 8 | at[0];
}

/* Returns false at the end. */
static bool read_all(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, to, len);

		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

/* One PDU.  Returns its length, 0 at the end. */
static size_t read_frame(int fd, uint8_t frame[FRAME_MAX])
{
	size_t len;

	if (!read_all(fd, frame, HEADER))
		return 0;
	len = get32(frame + 16, frame[2] & 0x10);
	if (len > FRAME_MAX - HEADER || !read_all(fd, frame + HEADER, len))
		return 0;
	return HEADER + len;
}

/* From stale-agentx.  Returns whether snmpd gets it. */
static bool pass_question(struct relay *relay, const uint8_t *frame)
{
	bool is_second;

	if (frame[1] != REGISTER)
		return true;
	is_second = ++relay->registrations == 2;
	switch (relay->fault) {
	case LOSE_A_REGISTRATION:
		return !(is_second && relay->connection == 1);
	case REFUSE_AFTER_A_LOSS:
		if (is_second && relay->connection == 2)
			relay->refused = get32(frame + 12, frame[2] & 0x10);
		break;
	case REFUSE_ALWAYS:
		if (is_second && relay->connection > 1)
			relay->refused = get32(frame + 12, frame[2] & 0x10);
		break;
	}
	return true;
}

/* From snmpd: what it says is behind the time. */
static void change_answer(struct relay *relay, uint8_t *frame)
{
	bool is_big = frame[2] & 0x10;

	if (!relay->refused || get32(frame + 12, is_big) != relay->refused)
		return;
	relay->refused = 0;
	frame[HEADER + 4] = is_big ? DUPLICATE >> 8 : DUPLICATE & 0xff;
	frame[HEADER + 5] = is_big ? DUPLICATE & 0xff : DUPLICATE >> 8;
}

static int open_socket(const char *path, bool listens)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", path);
	if (fd < 0 || (listens ? bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
					 listen(fd, 8) < 0
			       : connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0))
		_exit(1);
	return fd;
}

static void relay_connection(struct relay *relay, int agent, int master)
{
	static uint8_t frame[FRAME_MAX];

	for (;;) {
		struct pollfd fds[] = {{.fd = agent, .events = POLLIN},
				       {.fd = master, .events = POLLIN}};
		bool from_agent;
		size_t len;

		poll(fds, 2, -1);
		from_agent = fds[0].revents != 0;
		len = read_frame(from_agent ? agent : master, frame);
		if (len == 0)
			return;
		if (from_agent && !pass_question(relay, frame))
			continue;
		if (!from_agent)
			change_answer(relay, frame);
		if (write(from_agent ? master : agent, frame, len) != (ssize_t)len)
			return;
	}
}

static _Noreturn void run_relay(const struct agentd *d, const char *path,
				enum fault fault, int ready)
{
	struct relay relay = {.fault = fault};
	int listener = open_socket(path, true);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	close(ready);
	for (;;) {
		int agent = accept(listener, NULL, NULL);
		int master = open_socket(d->socket + 5, false);

		relay.connection++;
		relay.registrations = 0;
		relay.refused = 0;
		relay_connection(&relay, agent, master);
		close(agent);
		close(master);
	}
}

/* Starts all three; the socket of the relay for -x in option. */
static pid_t start_relay(struct agentd *d, enum fault fault, char option[128])
{
	int ready[2];
	pid_t pid;
	char c;

	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	snprintf(option, 128, "-xunix:%s/relay", d->dir);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_relay(d, option + 7, fault, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 0); /* it listens */
	close(ready[0]);
	agentd_start(d, AGENTD_AGENT, (const char *const[]){option, NULL});
	return pid;
}

static void end_relay(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void a_registration_without_an_answer_is_made_again(void **state)
{
	struct agentd *d = *state;
	char option[128];
	pid_t relay = start_relay(d, LOSE_A_REGISTRATION, option);

	agentd_until_logged(d, AGENTD_AGENT, "no answer of the master, trying again", 10);
	agentd_until_not(d, SERIAL, -1, 10);
	agentd_until_not(d, LAST, -1, 10);
	end_relay(relay);
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
	end_relay(relay);
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
	end_relay(relay);
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
