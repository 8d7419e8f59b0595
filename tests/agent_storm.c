/*
 * agent_storm.c - everything at once, for as many seconds as STALE_STORM_SECONDS says:
 * scans every second, snmpd killed and frozen, floods of requests, masters that talk
 * nonsense, garbage in the place of reports, processes that become stale and end.  In the
 * end the table is right and nothing has grown.
 */
#include "test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "snmp/wire.h"
#include "support/agentlive.h"
#include "support/crowd.h"
#include "support/nonsense.h"
#include "support/procuse.h"
#include "support/sanitized.h"

#define STATUS      "1.1.1.0"
#define COMPLETIONS "1.1.7.0"
#define PROCESSES   "1.2.2.0"

/* Where nobody says how many. */
#define SECONDS       4
#define SECONDS_SAN   8
#define WARM_UP       0.3
#define EVER_S        60
#define CROWD         12
#define SEED          UINT64_C(0xd1342543de82ef95)
#define REQUESTS_TURN 15
#define RSS_SLACK     (3 * 1024 * 1024)
/* A sanitizer keeps what was freed, and notes of where that was. */
#define RSS_SLACK_SAN (48 * 1024 * 1024)

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

enum event {
	SNMPD_KILLED,
	SNMPD_FROZEN,
	MASTER_OF_NONSENSE,
	GARBAGE,
	SETTINGS_READ_AGAIN,
	CROWD_RENEWED,
	EVENT_COUNT,
};

static const char *const names[] = {
	[SNMPD_KILLED] = "snmpd killed",
	[SNMPD_FROZEN] = "snmpd frozen",
	[MASTER_OF_NONSENSE] = "masters of nonsense",
	[GARBAGE] = "garbage to the SNMP side",
	[SETTINGS_READ_AGAIN] = "settings read again",
	[CROWD_RENEWED] = "crowds renewed",
};

struct storm {
	struct agentlive *both;
	struct agentd *d;
	struct crowd crowd;
	struct nonsense nonsense;
	struct fakemaster m;
	char *scalar, *column, *lib;
	pid_t flooder;
	uint64_t seed;
	unsigned times[EVENT_COUNT];
	unsigned sent; /* PDUs of nonsense */
	unsigned crashes;
};

static struct storm storm;

static uint64_t next_random(struct storm *s)
{
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return s->seed;
}

static void end_snmpd(struct storm *s, int signal)
{
	int status;

	agentd_end(s->d, AGENTD_SNMPD, signal, &status);
	if (!WIFSIGNALED(status) || WTERMSIG(status) == signal)
		return;
	print_message("# snmpd crashed: signal %d\n", WTERMSIG(status));
	s->crashes++;
}

/* The same port again: the flood goes there. */
static void start_snmpd(struct storm *s)
{
	agentd_start(s->d, AGENTD_SNMPD, NULL);
	agentd_until_logged(s->d, AGENTD_SNMPD, "NET-SNMP version", EVER_S);
}

static void renew_crowd(struct storm *s)
{
	crowd_end(&s->crowd);
	live_lib(s->both->live, "libcrowd.so.1", NULL, 'a');
	crowd_start(&s->crowd, 1 + next_random(s) % CROWD, s->both->name, s->lib);
	live_unlink(s->both->live, "libcrowd.so.1");
}

static void be_nonsense(struct storm *s)
{
	struct nonsense *n = &s->nonsense;
	double end;

	if (agentd_runs(s->d, AGENTD_SNMPD))
		end_snmpd(s, SIGKILL);
	unlink(s->d->socket + 5);
	fakemaster_open(&s->m, s->d->socket + 5);
	if (!fakemaster_accept(&s->m, EVER_S))
		agentd_fail(s->d, "it does not come to another master");
	end = agentd_clock() + 0.5;
	while (agentd_clock() < end && s->m.fd >= 0) {
		nonsense_random(n);
		if (!nonsense_is_agentx(&n->pdu))
			continue;
		if (!fakemaster_send(&s->m, n->pdu.bytes, n->pdu.len))
			break;
		s->sent++;
	}
	if (s->m.fd >= 0)
		nonsense_odd[next_random(s) % nonsense_nodd].send(n);
	if (s->m.fd >= 0)
		nonsense_wrong[next_random(s) % nonsense_nwrong].send(n);
	fakemaster_close(&s->m);
	unlink(s->d->socket + 5);
	start_snmpd(s);
}

/* The keeper's end of what it tells the SNMP side through; -1: it cannot be had. */
static int borrow_wire(const struct storm *s)
{
	const pid_t keeper = s->d->daemons[AGENTD_AGENT].pid;
	int pidfd = (int)syscall(SYS_pidfd_open, keeper, 0U), found = -1;

	for (int fd = 3; pidfd >= 0 && fd < 64 && found < 0; fd++) {
		int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0U), type = 0;
		socklen_t len = sizeof(type);

		if (copy < 0)
			continue;
		if (getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_SEQPACKET)
			found = copy;
		else
			close(copy);
	}
	if (pidfd >= 0)
		close(pidfd);
	return found;
}

static void send_garbage(struct storm *s)
{
	uint8_t bytes[512];
	int wire = borrow_wire(s);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(s);
	bytes[0] = (uint8_t)(1 + next_random(s) %
					 4); /* a kind of message, half of the time */
	memset(bytes + 1, 0, next_random(s) % 2 ? 3 : 0);
	if (wire < 0)
		return;
	(void)!send(wire, bytes, 1 + next_random(s) % sizeof(bytes),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	close(wire);
	s->times[GARBAGE]++;
}

static void happen(struct storm *s, enum event event)
{
	switch (event) {
	case SNMPD_KILLED:
		end_snmpd(s, SIGKILL);
		start_snmpd(s);
		break;
	case SNMPD_FROZEN:
		agentd_signal(s->d, AGENTD_SNMPD, SIGSTOP);
		agentd_pause(0.3 + (double)(next_random(s) % 1500) / 1000);
		agentd_signal(s->d, AGENTD_SNMPD, SIGCONT);
		break;
	case MASTER_OF_NONSENSE:
		be_nonsense(s);
		break;
	case GARBAGE:
		send_garbage(s);
		return; /* it has counted */
	case SETTINGS_READ_AGAIN:
		agentd_signal(s->d, AGENTD_AGENT, SIGHUP);
		break;
	case CROWD_RENEWED:
		renew_crowd(s);
		break;
	case EVENT_COUNT:
		break;
	}
	s->times[event]++;
}

/* snmpgetbulk of the whole module, as fast as snmpd takes it, and nobody reads the answers. */
static _Noreturn void flood(const struct agentd *d, const uint8_t *packet, size_t len)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(d->port)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (;;) {
		for (int i = 0; i < REQUESTS_TURN; i++)
			sendto(fd, packet, len, 0, (const struct sockaddr *)&to,
			       sizeof(to));
		poll(NULL, 0, 100);
	}
}

/* 1.3.6.1.4.1.8072: what stands there is ours, and that of snmpd; 20 rows of it. */
static void start_flood(struct storm *s)
{
	static const uint8_t bulk[] = {
		0x30, 0x27, 0x02, 0x01, 0x01, 0x04, 0x06, 'p',  'u',  'b',  'l',
		'i',  'c',  0xa5, 0x1a, 0x02, 0x01, 0x07, 0x02, 0x01, 0x00, 0x02,
		0x01, 0x14, 0x30, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x2b, 0x06, 0x01,
		0x04, 0x01, 0xbf, 0x08, 0xce, 0x0f, 0x05, 0x00};

	fflush(stdout);
	s->flooder = fork();
	assert_true(s->flooder >= 0);
	if (s->flooder == 0)
		flood(s->d, bulk, sizeof(bulk));
}

static void end_flood(struct storm *s)
{
	if (s->flooder <= 0)
		return;
	kill(s->flooder, SIGKILL);
	waitpid(s->flooder, NULL, 0);
	s->flooder = 0;
}

static unsigned count_children(pid_t pid)
{
	char path[64], text[4096], *at = text;
	unsigned n = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(len >= 0);
	text[len] = '\0';
	while (strtol(at, &at, 10) > 0)
		n++;
	return n;
}

struct use {
	struct procuse keeper, side;
	unsigned children;
};

/* The smallest of some time: a scan takes some of all. */
static struct use use_at_rest(const struct storm *s)
{
	const pid_t keeper = s->d->daemons[AGENTD_AGENT].pid;
	struct use least = {.children = UINT32_MAX};

	for (int i = 0; i < 30; i++, agentd_pause(0.1)) {
		struct procuse now = procuse_of(keeper);
		unsigned children = count_children(keeper);

		if (children < least.children)
			least.children = children;
		if (i == 0 || now.descriptors <= least.keeper.descriptors)
			least.keeper = now;
		now = procuse_of(agentd_snmp_side(s->d));
		if (i == 0 || now.descriptors <= least.side.descriptors)
			least.side = now;
	}
	return least;
}

/* With so many of the crowd, and after all that came before is over. */
static void until_right(struct storm *s, size_t n)
{
	double end = agentd_clock() + EVER_S;
	int64_t scans;

	while (agentd_number(s->d, PROCESSES) != (int64_t)n ||
	       agentd_number(s->d, STATUS) != SNAPSHOT_COMPLETE) {
		if (agentd_clock() > end)
			agentd_fail(s->d,
				    "the table is not right: %" PRId64
				    " processes, expected %zu",
				    agentd_number(s->d, PROCESSES), n);
		agentd_pause(0.05);
	}
	scans = agentd_number(s->d, COMPLETIONS);
	agentd_until_not(s->d, COMPLETIONS, scans, EVER_S);
	agentd_until(s->d, PROCESSES, (int64_t)n, 5);
}

static struct use settle(struct storm *s)
{
	end_flood(s);
	crowd_end(&s->crowd);
	until_right(s, 0);
	return use_at_rest(s);
}

static void blow(struct storm *s, double seconds)
{
	const double end = agentd_clock() + seconds;

	start_flood(s);
	/* Each once, and then as it comes. */
	for (int event = 0; event < EVENT_COUNT; event++)
		happen(s, (enum event)event);
	while (agentd_clock() < end) {
		happen(s, (enum event)(next_random(s) % EVENT_COUNT));
		agentd_pause((double)(next_random(s) % 400) / 1000);
	}
	end_flood(s);
}

static void check_flat(const struct storm *s, const char *who, const struct procuse *was,
		       const struct procuse *is)
{
	const int64_t slack = is_sanitized() ? RSS_SLACK_SAN : RSS_SLACK;

	print_message("# storm: %s: %u descriptors and %" PRId64 " KiB after %.0f%% of "
		      "it, %u and %" PRId64 " KiB at the end\n",
		      who, was->descriptors, was->rss / 1024, WARM_UP * 100,
		      is->descriptors, is->rss / 1024);
	if (is->descriptors != was->descriptors || is->rss > was->rss + slack)
		agentd_fail(s->d, "%s has grown", who);
}

static double storm_seconds(void)
{
	const char *text = getenv("STALE_STORM_SECONDS");

	if (text)
		return strtod(text, NULL);
	return is_sanitized() ? SECONDS_SAN : SECONDS;
}

static unsigned count_log(const struct storm *s, const char *what)
{
	char *log = agentd_log(s->d, AGENTD_AGENT);
	unsigned n = 0;

	for (const char *at = log; (at = strstr(at, what)) != NULL; at++)
		n++;
	free(log);
	return n;
}

static void prepare(struct storm *s, struct agentlive *both)
{
	*s = (struct storm){.both = both, .d = both->d, .seed = SEED, .m.fd = -1};
	s->scalar = agentd_oid(s->d, "1.1.6.0");
	s->column = agentd_oid(s->d, "1.3.1.12");
	s->lib = live_path(both->live, "libcrowd.so.1");
	s->nonsense = (struct nonsense){
		.m = &s->m, .scalar = s->scalar, .column = s->column, .seed = SEED};
	/* Else it keeps 256 MiB of what was freed, and nothing else would be seen. */
	setenv("ASAN_OPTIONS", "quarantine_size_mb=4", 1);
	agentd_start_both(both->d, (const char *const[]){both->select, "--interval=1",
							 "--notify=all", NULL});
}

static void all_at_once_leaves_nothing_behind(void **state)
{
	const double seconds = storm_seconds();
	struct storm *s = &storm;
	int64_t scans, faults;
	struct use was, is;
	pid_t side;
	int status;

	prepare(s, *state);
	side = agentd_snmp_side(s->d);
	faults = procuse_children(s->d->daemons[AGENTD_AGENT].pid);
	blow(s, seconds * WARM_UP);
	was = settle(s);
	blow(s, seconds * (1 - WARM_UP));
	renew_crowd(s);
	until_right(s, s->crowd.n);
	is = settle(s);
	scans = agentd_number(s->d, COMPLETIONS);
	print_message("# storm: %.0f s, seed 0x%" PRIx64 ", %" PRId64
		      " scans, %u PDUs of "
		      "nonsense, %u times hung up\n",
		      seconds, SEED, scans, s->sent, count_log(s, ": hung up"));
	for (int event = 0; event < EVENT_COUNT; event++)
		print_message("# storm: %s %u times\n", names[event], s->times[event]);
	print_message("# storm: snmpd crashed %u times, the SNMP side ended %u times\n",
		      s->crashes, count_log(s, "the SNMP side ended by"));
	check_flat(s, "keeper", &was.keeper, &is.keeper);
	check_flat(s, "SNMP side", &was.side, &is.side);
	assert_int_equal(is.children, was.children);
	assert_int_equal(agentd_snmp_side(s->d), side);
	assert_true(procuse_children(s->d->daemons[AGENTD_AGENT].pid) > faults);
	assert_true(agentd_end(s->d, AGENTD_AGENT, SIGTERM, &status) < 1);
	assert_int_equal(status, 0);
}

static int teardown(void **state)
{
	end_flood(&storm);
	crowd_end(&storm.crowd);
	fakemaster_close(&storm.m);
	free(storm.scalar);
	free(storm.column);
	free(storm.lib);
	return agentlive_teardown(state);
}

int main(void)
{
	struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(all_at_once_leaves_nothing_behind),
	};

	storm.m.fd = storm.m.listener = -1;
	tests[0].teardown_func = teardown;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
