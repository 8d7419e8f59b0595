/*
 * agent_overload.c - more requests at once than snmpd can answer, and a receiver of
 * notifications that never does: afterwards, and beside it, all is as before.
 */
#include "test.h"

#include "support/manager.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/agentlive.h"
#include "support/crowd.h"
#include "support/procuse.h"
#include "support/sanitized.h"

#define STATUS    "1.1.1.0"
#define SERIAL    "1.1.2.0"
#define PROCESSES "1.2.2.0"

#define CROWD       200
#define REQUESTS    10000
#define REPETITIONS 20
#define PACKET_MAX  512
#define BATCH       50
#define BATCH_MS    3
#define ASKED       200
#define EVER_S      60
#define RSS_SLACK   INT64_C(2097152)

static struct crowd crowd;

static void start_crowd(struct agentlive *both)
{
	char *path = live_path(both->live, "libcrowd.so.1");

	live_lib(both->live, "libcrowd.so.1", NULL, 'a');
	crowd_start(&crowd, CROWD, both->name, path);
	live_unlink(both->live, "libcrowd.so.1");
	free(path);
}

struct latency {
	double median, worst; /* seconds */
};

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct latency measure(const struct manager *m)
{
	struct manager_name name = manager_name(m->d, PROCESSES);
	double took[ASKED];

	for (int i = 0; i < ASKED; i++) {
		double began = agentd_clock();

		if (manager_get(m, &name) == MANAGER_NO_ANSWER)
			agentd_fail(m->d, "no answer");
		took[i] = agentd_clock() - began;
	}
	qsort(took, ASKED, sizeof(took[0]), compare);
	return (struct latency){took[ASKED / 2], took[ASKED - 1]};
}

/* A GETBULK of the table as it goes over the network; BER, lengths of one byte. */
struct bulk {
	uint8_t bytes[PACKET_MAX];
	size_t len;
	size_t id; /* where its four bytes are */
};

static void put(struct bulk *bulk, const void *bytes, size_t len)
{
	assert_true(bulk->len + len <= sizeof(bulk->bytes));
	memcpy(bulk->bytes + bulk->len, bytes, len);
	bulk->len += len;
}

/* All of it so far goes into one of that type. */
static void wrap(struct bulk *bulk, uint8_t type)
{
	const uint8_t head[] = {type, (uint8_t)bulk->len};

	assert_true(bulk->len < 128);
	memmove(bulk->bytes + sizeof(head), bulk->bytes, bulk->len);
	memcpy(bulk->bytes, head, sizeof(head));
	bulk->len += sizeof(head);
	bulk->id += sizeof(head);
}

static void put_oid(struct bulk *bulk, const struct manager_name *name)
{
	put(bulk, "\x2b", 1); /* 1.3 */
	for (size_t i = 2; i < name->len; i++) {
		const unsigned long n = name->o[i];
		const uint8_t high = (uint8_t)(0x80 | (n >> 7)), low = n & 0x7f;

		assert_true(n < 1 << 14);
		if (n >= 128)
			put(bulk, &high, 1);
		put(bulk, &low, 1);
	}
}

static void in_front(struct bulk *bulk, const void *bytes, size_t len)
{
	memmove(bulk->bytes + len, bulk->bytes, bulk->len);
	memcpy(bulk->bytes, bytes, len);
	bulk->len += len;
	bulk->id += len;
}

static void make_bulk(const struct agentd *d, struct bulk *bulk)
{
	static const uint8_t numbers[] = {2, 4, 0, 0, 0, 0, 2, 1, 0, 2, 1, REPETITIONS};
	static const uint8_t version[] = {2, 1, 1, 4, 6, 'p', 'u', 'b', 'l', 'i', 'c'};
	const struct manager_name name = manager_name(d, "1.3");

	*bulk = (struct bulk){.len = 0};
	put_oid(bulk, &name);
	wrap(bulk, 0x06);
	put(bulk, "\x05\x00", 2); /* no value */
	wrap(bulk, 0x30);
	wrap(bulk, 0x30);
	in_front(bulk, numbers, sizeof(numbers));
	bulk->id = 2;
	wrap(bulk, 0xa5);
	in_front(bulk, version, sizeof(version));
	wrap(bulk, 0x30);
}

/* Connected to snmpd: nobody else is answered through it. */
static int open_socket(const struct agentd *d)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(d->port)};
	const int size = 8 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static unsigned take_answers(int fd)
{
	char bytes[65536];
	unsigned n = 0;

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		n++;
	return n;
}

/* As fast as snmpd takes them from its socket, which has no room for more than hundreds. */
static unsigned send_bulks(const struct agentd *d, int fd, uint32_t n)
{
	struct pollfd pfd = {.fd = fd};
	struct bulk bulk;
	unsigned answers = 0;

	make_bulk(d, &bulk);
	for (uint32_t i = 1; i <= n; i++) {
		const uint8_t id[] = {0x10, (uint8_t)(i >> 16), (uint8_t)(i >> 8),
				      (uint8_t)i};

		memcpy(bulk.bytes + bulk.id, id, sizeof(id));
		assert_int_equal(send(fd, bulk.bytes, bulk.len, 0), bulk.len);
		if (i % BATCH != 0)
			continue;
		poll(&pfd, 1, BATCH_MS);
		answers += take_answers(fd);
	}
	return answers;
}

/* snmpd has a queue of its own, of requests that it works at. */
static unsigned until_quiet(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	unsigned n = 0;

	while (poll(&pfd, 1, 1500) == 1)
		n += take_answers(fd);
	return n;
}

static void warm_up(const struct agentd *d)
{
	int fd = open_socket(d);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	struct bulk bulk;

	make_bulk(d, &bulk);
	assert_int_equal(send(fd, bulk.bytes, bulk.len, 0), bulk.len);
	assert_int_equal(poll(&pfd, 1, EVER_S * 1000), 1); /* it is one */
	send_bulks(d, fd, REQUESTS / 10);
	until_quiet(fd);
	close(fd);
}

static void many_requests_at_once_leave_nothing_behind(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct latency before, after;
	struct procuse was, is;
	struct manager m;
	unsigned answers;
	double began, took;
	pid_t side;
	int fd;

	start_crowd(both);
	agentd_start_both(d, (const char *const[]){both->select, "--interval=1", NULL});
	agentd_until(d, PROCESSES, CROWD, EVER_S);
	side = agentd_snmp_side(d);
	warm_up(d);
	manager_open(&m, d);
	manager_until(&m, PROCESSES, CROWD, EVER_S);
	before = measure(&m);
	was = procuse_of(side);
	fd = open_socket(d);
	began = agentd_clock();
	answers = send_bulks(d, fd, REQUESTS) + until_quiet(fd);
	took = agentd_clock() - began;
	manager_until(&m, PROCESSES, CROWD, EVER_S);
	after = measure(&m);
	is = procuse_of(side);
	print_message("# overload: %d GETBULKs of %d rows at once, %u answered, quiet "
		      "after %.1f s; a GET took %.2f ms (worst %.2f) before and %.2f "
		      "(%.2f) after; SNMP side: %u descriptors and %" PRId64
		      " KiB before, %u and %" PRId64 " KiB after\n",
		      REQUESTS, REPETITIONS, answers, took, before.median * 1000,
		      before.worst * 1000, after.median * 1000, after.worst * 1000,
		      was.descriptors, was.rss / 1024, is.descriptors, is.rss / 1024);
	close(fd);
	manager_close(&m);
	assert_int_equal(agentd_snmp_side(d), side);
	assert_int_equal(is.descriptors, was.descriptors);
	assert_true(after.median < before.median * 5 + 0.005);
	if (is_sanitized())
		return; /* what was freed is kept */
	assert_true(is.rss <= was.rss + RSS_SLACK);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* A socket that is bound, and never read. */
static int open_sink(uint16_t *ret_port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* INFORMs that came, which snmpd sends again as it likes; those of one request are one. */
static unsigned count_informs(int fd, const struct agentd *d)
{
	const struct manager_name name = manager_name(d, "0.1");
	struct bulk want = {.len = 0};
	uint8_t bytes[65536];
	unsigned n = 0;
	ssize_t len;

	put_oid(&want, &name);
	while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		n += memmem(bytes, (size_t)len, want.bytes, want.len) != NULL;
	return n;
}

static void a_receiver_that_never_answers_is_in_nobodys_way(void **state)
{
	struct agentlive *both = *state;
	struct agentd *d = both->d;
	struct latency without, with;
	char conf[256], *trap, *log;
	uint16_t port;
	struct manager m;
	unsigned informs;
	int sink = open_sink(&port);

	/* Nobody reads at the first, nobody listens at the second. */
	snprintf(conf, sizeof(conf),
		 "informsink 127.0.0.1:%u public\ninformsink 127.0.0.1:9 public\n", port);
	d->more_conf = conf;
	agentd_start(d, AGENTD_TRAPD, NULL);
	agentd_wait(d, AGENTD_TRAPD);
	agentd_start_both(d, (const char *const[]){both->select, "--interval=1",
						   "--notify=all", NULL});
	agentd_until_not(d, STATUS, SNAPSHOT_NEVER, EVER_S);
	manager_open(&m, d);
	without = measure(&m);
	start_crowd(both);
	manager_until(&m, PROCESSES, CROWD, EVER_S);
	with = measure(&m);
	agentd_until_logged(d, AGENTD_TRAPD, "= OID: ", EVER_S);
	trap = agentd_oid(d, "0.1");
	agentd_until_logged(d, AGENTD_TRAPD, trap, EVER_S);
	log = agentd_log(d, AGENTD_TRAPD);
	informs = count_informs(sink, d);
	print_message("# overload: without an answer to an INFORM a GET takes %.2f ms "
		      "(worst %.2f), before it was sent %.2f (%.2f); %u INFORMs by now\n",
		      with.median * 1000, with.worst * 1000, without.median * 1000,
		      without.worst * 1000, informs);
	assert_int_equal(count(log, trap), 1); /* staleChanged, once */
	assert_true(informs > 0);
	assert_true(with.median < without.median * 5 + 0.005);
	free(trap);
	free(log);
	manager_close(&m);
	close(sink);
}

static int teardown(void **state)
{
	crowd_end(&crowd);
	return agentlive_teardown(state);
}

int main(void)
{
	struct CMUnitTest tests[] = {
		AGENTLIVE_TEST(many_requests_at_once_leave_nothing_behind),
		AGENTLIVE_TEST(a_receiver_that_never_answers_is_in_nobodys_way),
	};

	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tests[i].teardown_func = teardown;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
