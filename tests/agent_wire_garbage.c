/*
 * agent_wire_garbage.c - what is no message is refused, and the next one is not lost.
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "snmp/wire.h"
#include "tests/support/wiremake.h"

#define PACKET_MAX 8192
#define SEALS      (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* The packet of a message; a descriptor beside it is the caller's, else -1. */
static size_t packet_of(const struct wire_message *message, uint8_t *packet, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {packet, PACKET_MAX};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	const struct cmsghdr *cmsg;
	ssize_t n;

	assert_int_equal(wire_send(wiremake_ends[0], message), 0);
	n = recvmsg(wiremake_ends[1], &header, MSG_DONTWAIT);
	assert_true(n > 0);
	cmsg = CMSG_FIRSTHDR(&header);
	*ret_fd = -1;
	if (cmsg)
		memcpy(ret_fd, CMSG_DATA(cmsg), sizeof(*ret_fd));
	return (size_t)n;
}

/* That is garbage, and the message after it arrives. */
static void refuse(const char *label, const void *bytes, size_t len, const int *fds,
		   size_t nfds)
{
	const size_t before = wiremake_count_descriptors();
	const struct wire_message next = wiremake_gone(3);
	struct wire_message got;

	wiremake_send(wiremake_ends[0], bytes, len, fds, nfds);
	untouched_init(&got, sizeof(got));
	row_number(label, "result", wire_receive(wiremake_ends[1], &got), -EBADMSG);
	assert_true(untouched(&got, sizeof(got)));
	row_number(label, "descriptors", wiremake_count_descriptors(), before);
	got = wiremake_pass_on(&next);
	assert_int_equal(got.gone.n, 3);
}

static void packets_of_another_length_are_garbage(void **state)
{
	struct stale_report *sent = wiremake_report();
	struct wire_message messages[] = {
		wiremake_settings(),
		{.kind = WIRE_REPORT},
		{.kind = WIRE_TROUBLE, .trouble = {WIRE_SCAN_DIED, 9}},
		wiremake_gone(1),
		wiremake_gone(WIRE_GONE_MAX),
	};
	uint8_t packet[PACKET_MAX] = {0};

	(void)state;
	messages[1].report.report = sent;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		int fd;
		const size_t len = packet_of(&messages[i], packet, &fd);
		const size_t lengths[] = {1, 4, 7, len / 2, len - 1, len + 1, PACKET_MAX};

		for (size_t k = 0; k < ARRAY_LEN(lengths); k++)
			refuse("length", packet, lengths[k], &fd, fd >= 0);
		if (fd >= 0)
			close(fd);
	}
	stale_report_free(sent);
}

/* Every byte of a packet is one that counts, or may have any value: no crash, and never
 * more than is there. */
static void a_changed_byte_makes_garbage_or_another_message(void **state)
{
	const struct wire_message messages[] = {
		wiremake_settings(),
		{.kind = WIRE_TROUBLE, .trouble = {WIRE_SCAN_FAILED, 5}},
		wiremake_gone(2),
	};
	uint8_t packet[PACKET_MAX];
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		int fd;
		const size_t len = packet_of(&messages[i], packet, &fd);

		for (size_t bit = 0; bit < len * 8; bit++) {
			uint8_t *copy = exact_copy(packet, len);
			struct wire_message got;
			uint64_t report_len;

			copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
			if (wire_decode(copy, len, &got, &report_len) < 0)
				refused++;
			free(copy);
		}
	}
	assert_true(refused > 0);
}

/* Where numbers stand in a packet, to break one at a time. */
static void numbers_out_of_range_are_garbage(void **state)
{
	static const struct {
		const char *label;
		int message; /* 0: settings, 1: trouble, 2: gone */
		size_t at;
		uint32_t value;
	} rows[] = {
		{"no kind", 0, 0, 0},
		{"unknown kind", 0, 0, 5},
		{"a number of identities in settings", 0, 4, 1},
		{"a negative age", 0, 12, UINT32_C(1) << 31},
		{"an unknown why", 0, 16, 1U << STALE_WHY_COUNT},
		{"an unknown scope", 0, 20, 1U << STALE_SCOPE_COUNT},
		{"an unknown kind of file", 0, 24, 1U << STALE_KIND_COUNT},
		{"a flag that is 2", 0, 28, 2},
		{"no interval", 0, 32, 0},
		{"an unknown notification", 0, 44, 1},
		{"a fifth notification", 0, 44, 1U << 4},
		{"watching is 2", 0, 48, 2},
		{"something in the gap", 0, 52, 1},
		{"no trouble", 1, 8, 0},
		{"unknown trouble", 1, 8, 4},
		{"errno 0", 1, 12, 0},
		{"a negative errno", 1, 12, UINT32_MAX},
		{"an errno that is none", 1, 12, 4096},
		{"nobody is gone", 2, 4, 0},
		{"more are gone than there are", 2, 4, 3},
		{"more are gone than may be", 2, 4, WIRE_GONE_MAX + 1},
		{"far more are gone", 2, 4, UINT32_MAX},
		{"process 0", 2, 16, 0},
		{"a negative process", 2, 32, UINT32_MAX},
		{"something beside a process", 2, 36, 1},
	};
	const struct wire_message messages[] = {
		wiremake_settings(),
		{.kind = WIRE_TROUBLE, .trouble = {WIRE_SCAN_FAILED, 5}},
		wiremake_gone(2),
	};
	uint8_t packet[PACKET_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd;
		const size_t len = packet_of(&messages[rows[i].message], packet, &fd);

		memcpy(packet + rows[i].at, &rows[i].value, sizeof(rows[i].value));
		refuse(rows[i].label, packet, len, NULL, 0);
	}
}

static int memfd_of(const void *bytes, size_t len, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, len) == (ssize_t)len);
	if (seals)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void a_report_that_may_change_or_is_none_is_garbage(void **state)
{
	static const struct {
		const char *label;
		ssize_t more; /* bytes than said */
		int seals;
		bool is_changed;
	} rows[] = {
		{"no seals", 0, 0, false},
		{"can be written", 0, SEALS & ~F_SEAL_WRITE, false},
		{"can shrink", 0, SEALS & ~F_SEAL_SHRINK, false},
		{"can grow", 0, SEALS & ~F_SEAL_GROW, false},
		{"seals can be added", 0, SEALS & ~F_SEAL_SEAL, false},
		{"shorter than said", -1, SEALS, false},
		{"longer than said", 1, SEALS, false},
		{"bytes that are no report", 0, SEALS, true},
	};
	struct stale_report *sent = wiremake_report();
	const struct wire_message message = {.kind = WIRE_REPORT,
					     .report = {.report = sent}};
	uint8_t packet[PACKET_MAX];
	int good;
	const size_t len = packet_of(&message, packet, &good);
	const off_t size = lseek(good, 0, SEEK_END);
	uint8_t *bytes = calloc(1, (size_t)size + 1);

	(void)state;
	assert_true(pread(good, bytes, (size_t)size, 0) == size);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t *copy = exact_copy(bytes, (size_t)size + 1);
		int fd;

		if (rows[i].is_changed)
			memset(copy, 0x5a, (size_t)size);
		fd = memfd_of(copy, (size_t)(size + rows[i].more), rows[i].seals);
		refuse(rows[i].label, packet, len, &fd, 1);
		close(fd);
		free(copy);
	}
	refuse("the good one, twice", packet, len, (const int[]){good, good}, 2);
	refuse("eight", packet, len,
	       (const int[]){good, good, good, good, good, good, good, good}, 8);
	refuse("none", packet, len, NULL, 0);
	refuse("a socket", packet, len, &wiremake_ends[0], 1);
	free(bytes);
	close(good);
	stale_report_free(sent);
}

static void a_descriptor_beside_anything_else_is_garbage(void **state)
{
	const struct wire_message message = wiremake_settings();
	uint8_t packet[PACKET_MAX];
	int fd;
	const size_t len = packet_of(&message, packet, &fd);

	(void)state;
	refuse("settings", packet, len, &wiremake_ends[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, wiremake_setup, wiremake_teardown)
		TEST(packets_of_another_length_are_garbage),
		TEST(a_changed_byte_makes_garbage_or_another_message),
		TEST(numbers_out_of_range_are_garbage),
		TEST(a_report_that_may_change_or_is_none_is_garbage),
		TEST(a_descriptor_beside_anything_else_is_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
