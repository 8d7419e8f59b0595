/*
 * agent_side_garbage.c - the SNMP side of stale-agentx, where what should be its keeper has
 * gone mad: it takes no harm, and never shows what it was not told.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "snmp/mib.h"
#include "support/procuse.h"
#include "support/sanitized.h"
#include "support/sidealone.h"
#include "support/wiremake.h"

#define STATUS    "1.1.1.0"
#define FAILURES  "1.1.8.0"
#define PROCESSES "1.2.2.0"
#define FILES     "1.3.1.12.101" /* of one of them */

#define PACKET_MAX 8192
#define SEALS      (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define LEN_AT     16 /* in the packet of a report: bytes of it */
#define SHOWN      4
#define FDS_MAX    250
#define RANDOM     500
#define CUTS       64
#define SEED       UINT64_C(0x8cb92ba72f3d8dd7)
#define EVER_S     20
#define RSS_SLACK  INT64_C(1048576)

/* A report that is right: its packet, and what is in the memfd beside it. */
struct good {
	uint8_t packet[PACKET_MAX];
	size_t packet_len;
	uint8_t *bytes; /* owned */
	size_t len;
	int fd;
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void make_good(struct good *good)
{
	struct wire_message message = {.kind = WIRE_REPORT,
				       .report = {.report = side_report(100, SHOWN)}};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {good->packet, PACKET_MAX};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	int ends[2];

	assert_int_equal(wire_open(ends), 0);
	message.report.scan.time = 1;
	assert_int_equal(wire_send(ends[0], &message), 0);
	good->packet_len = (size_t)recvmsg(ends[1], &header, 0);
	assert_non_null(CMSG_FIRSTHDR(&header));
	memcpy(&good->fd, CMSG_DATA(CMSG_FIRSTHDR(&header)), sizeof(good->fd));
	good->len = (size_t)lseek(good->fd, 0, SEEK_END);
	good->bytes = malloc(good->len);
	assert_true(pread(good->fd, good->bytes, good->len, 0) == (ssize_t)good->len);
	close(ends[0]);
	close(ends[1]);
	stale_report_free(message.report.report);
}

static void release_good(struct good *good)
{
	free(good->bytes);
	close(good->fd);
}

/* The packet of the good one, which says len, with another descriptor beside it. */
static void send_fd(const struct side *side, const struct good *good, uint64_t len,
		    int fd)
{
	uint8_t packet[PACKET_MAX];

	memcpy(packet, good->packet, good->packet_len);
	memcpy(packet + LEN_AT, &len, sizeof(len));
	wiremake_send(side->wire, packet, good->packet_len, &fd, 1);
}

static int memfd_of(const void *bytes, size_t len, off_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, len) == (ssize_t)len);
	assert_int_equal(ftruncate(fd, size), 0);
	if (seals)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void send_memfd(const struct side *side, const struct good *good, off_t size,
		       int seals)
{
	int fd = memfd_of(good->bytes, good->len, size, seals);

	send_fd(side, good, (uint64_t)size, fd);
	/* While it is read, if it is. */
	(void)!ftruncate(fd, 0);
	close(fd);
}

static void send_a_pipe(const struct side *side, const struct good *good)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_fd(side, good, good->len, ends[0]);
	close(ends[0]);
	close(ends[1]);
}

static void send_a_file(const struct side *side, const struct good *good)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	send_fd(side, good, (uint64_t)lseek(fd, 0, SEEK_END), fd);
	close(fd);
}

static void send_a_folder(const struct side *side, const struct good *good)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	send_fd(side, good, good->len, fd);
	close(fd);
}

static void send_zeros(const struct side *side, const struct good *good)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	send_fd(side, good, good->len, fd);
	close(fd);
}

static void send_its_own_end(const struct side *side, const struct good *good)
{
	send_fd(side, good, good->len, side->wire);
}

static void send_no_seals(const struct side *side, const struct good *good)
{
	send_memfd(side, good, (off_t)good->len, 0);
}

static void send_what_can_shrink(const struct side *side, const struct good *good)
{
	send_memfd(side, good, (off_t)good->len, SEALS & ~F_SEAL_SHRINK);
}

static void send_512_mib(const struct side *side, const struct good *good)
{
	send_memfd(side, good, (off_t)WIRE_REPORT_MAX, SEALS);
}

static void send_2_gib(const struct side *side, const struct good *good)
{
	send_memfd(side, good, (off_t)1 << 31, SEALS);
}

static void send_nothing_of_it(const struct side *side, const struct good *good)
{
	wiremake_send(side->wire, good->packet, good->packet_len, NULL, 0);
}

static void send_250_descriptors(const struct side *side, const struct good *good)
{
	int fds[FDS_MAX];

	for (size_t i = 0; i < FDS_MAX; i++)
		fds[i] = good->fd;
	wiremake_send(side->wire, good->packet, good->packet_len, fds, FDS_MAX);
}

static void send_too_much(const struct side *side, const struct good *good)
{
	static const uint8_t bytes[6000] = {WIRE_GONE};

	(void)good;
	wiremake_send(side->wire, bytes, sizeof(bytes), NULL, 0);
}

static void send_half_a_packet(const struct side *side, const struct good *good)
{
	wiremake_send(side->wire, good->packet, good->packet_len / 2, &good->fd, 1);
}

static const struct {
	const char *label;
	void (*send)(const struct side *side, const struct good *good);
} rows[] = {
	{"a pipe", send_a_pipe},
	{"a file", send_a_file},
	{"a folder", send_a_folder},
	{"/dev/zero", send_zeros},
	{"the end of the wire", send_its_own_end},
	{"without seals", send_no_seals},
	{"may shrink", send_what_can_shrink},
	{"512 MiB of zeros", send_512_mib},
	{"2 GiB", send_2_gib},
	{"no descriptor", send_nothing_of_it},
	{"250 descriptors", send_250_descriptors},
	{"more than a packet", send_too_much},
	{"half a packet", send_half_a_packet},
};

static void start(struct side *side, struct agentd *d)
{
	side_start(side, d);
	side_tell_settings(side, false, 0);
	side_tell_report(side, side_report(100, SHOWN));
	agentd_until(d, PROCESSES, SHOWN, EVER_S);
}

/* All of it was refused, and what is shown is what was. */
static void check_refused(const struct side *side, const char *label, int64_t failures)
{
	const double end = agentd_clock() + EVER_S;

	while (agentd_number(side->d, FAILURES) != failures) {
		if (agentd_clock() > end)
			agentd_fail(side->d,
				    "%s: %" PRId64 " failures, expected %" PRId64, label,
				    agentd_number(side->d, FAILURES), failures);
		agentd_pause(0.005);
	}
	row_number(label, PROCESSES, agentd_number(side->d, PROCESSES), SHOWN);
	row_number(label, FILES, agentd_number(side->d, FILES), 1);
}

/* With others after it that are right. */
static void check_well(struct side *side)
{
	side_tell_report(side, side_report(100, SHOWN + 1));
	agentd_until(side->d, PROCESSES, SHOWN + 1, EVER_S);
	assert_int_equal(agentd_number(side->d, STATUS), SNAPSHOT_COMPLETE);
	side_end(side);
}

static void check_flat(const struct side *side, const struct procuse *was)
{
	struct procuse is = procuse_of(side->pid);

	print_message("# garbage: %u descriptors and %" PRId64 " KiB before, %u and "
		      "%" PRId64 " KiB after\n",
		      was->descriptors, was->rss / 1024, is.descriptors, is.rss / 1024);
	assert_int_equal(is.descriptors, was->descriptors);
	if (is_sanitized())
		return; /* what was freed is kept */
	assert_true(is.rss <= was->rss + RSS_SLACK);
}

static void wrong_descriptors_are_refused_and_closed(void **state)
{
	struct procuse was;
	struct side side;
	struct good good;
	int64_t failures = 0;

	start(&side, *state);
	make_good(&good);
	was = procuse_of(side.pid);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].send(&side, &good);
		check_refused(&side, rows[i].label, ++failures);
		row_number(rows[i].label, "descriptors", procuse_of(side.pid).descriptors,
			   was.descriptors);
	}
	check_flat(&side, &was);
	release_good(&good);
	check_well(&side);
}

static void reports_that_are_cut_are_refused(void **state)
{
	struct procuse was;
	struct side side;
	struct good good;
	int64_t failures = 0;

	start(&side, *state);
	make_good(&good);
	was = procuse_of(side.pid);
	for (size_t i = 0; i < CUTS; i++) {
		const size_t len = 1 + i * (good.len - 1) / CUTS;
		int fd = memfd_of(good.bytes, len, (off_t)len, SEALS);

		send_fd(&side, &good, len, fd);
		close(fd);
		failures++;
	}
	check_refused(&side, "cut", failures);
	check_flat(&side, &was);
	release_good(&good);
	check_well(&side);
}

static void random_packets_are_refused(void **state)
{
	uint64_t seed = SEED;
	struct procuse was;
	struct side side;
	int64_t failures = 0;

	start(&side, *state);
	was = procuse_of(side.pid);
	for (int i = 0; i < RANDOM; i++) {
		uint8_t bytes[600];
		struct wire_message message;
		uint64_t report_len;
		const size_t len = 1 + next_random(&seed) % sizeof(bytes);

		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)next_random(&seed);
		if (next_random(&seed) % 2 && len >= 4)
			memcpy(bytes, &(uint32_t){1 + next_random(&seed) % 4}, 4);
		if (wire_decode(bytes, len, &message, &report_len) == 0)
			continue; /* by chance it is one */
		wiremake_send(side.wire, bytes, len, NULL, 0);
		failures++;
	}
	print_message("# garbage: seed 0x%" PRIx64 ", %" PRId64 " random packets\n", SEED,
		      failures);
	check_refused(&side, "random", failures);
	check_flat(&side, &was);
	check_well(&side);
}

/* It cannot be told from the end of the wire, and so is one: the keeper starts another. */
static void a_packet_without_bytes_is_the_end(void **state)
{
	struct side side;

	start(&side, *state);
	wiremake_send(side.wire, "", 0, NULL, 0);
	assert_int_equal(side_wait(&side), 0);
	close(side.wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENTD_TEST(wrong_descriptors_are_refused_and_closed),
		AGENTD_TEST(reports_that_are_cut_are_refused),
		AGENTD_TEST(random_packets_are_refused),
		AGENTD_TEST(a_packet_without_bytes_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
