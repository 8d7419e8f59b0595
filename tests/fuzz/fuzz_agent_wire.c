/*
 * fuzz_agent_wire.c - a packet is decoded within its bytes, what comes out is in range, and
 * sent again it is the same packet.
 *
 * Code: snmp/wire.c
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzztext.h"
#include "snmp/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_settings(const struct wire_settings *settings)
{
	ensure(settings->policy.why < 1U << STALE_WHY_COUNT);
	ensure(settings->policy.scopes < 1U << STALE_SCOPE_COUNT);
	ensure(settings->policy.kinds < 1U << STALE_KIND_COUNT);
	ensure(settings->policy.min_age >= 0 && settings->interval > 0);
}

static void check_message(const struct wire_message *message, uint64_t report_len)
{
	ensure((report_len > 0) == (message->kind == WIRE_REPORT));
	switch (message->kind) {
	case WIRE_SETTINGS:
		check_settings(&message->settings);
		return;
	case WIRE_REPORT:
		ensure(report_len <= WIRE_REPORT_MAX && !message->report.report);
		return;
	case WIRE_TROUBLE:
		ensure(message->trouble.what >= WIRE_SCAN_FAILED &&
		       message->trouble.what <= WIRE_SCAN_HANGS &&
		       message->trouble.code >= 0);
		return;
	case WIRE_GONE:
		ensure(message->gone.n > 0 && message->gone.n <= WIRE_GONE_MAX);
		for (size_t i = 0; i < message->gone.n; i++)
			ensure(message->gone.list[i].pid > 0);
		return;
	}
	abort();
}

#define LEN_AT 16 /* where the length of a report stands in a packet */

/* Sent as it is it is received, unless a report is missing. */
static void check_received(const int ends[2], const uint8_t *data, size_t size,
			   bool report)
{
	struct wire_message got;

	ensure(send(ends[0], data, size, MSG_DONTWAIT) == (ssize_t)size);
	ensure(wire_receive(ends[1], &got) == (report ? -EBADMSG : 1));
}

/* The report itself is empty: fuzz_pack.c has what it is packed in. */
static void check_sent(struct wire_message *message, const uint8_t *data, size_t size)
{
	static const struct stale_contents nothing;
	static struct stale_report *empty;
	static int ends[2] = {-1, -1};
	const bool report = message->kind == WIRE_REPORT;
	uint8_t *again = malloc(size + 1);

	ensure(again && (ends[0] >= 0 || wire_open(ends) == 0));
	ensure(empty || stale_report_make(&nothing, &empty) == 0);
	if (report)
		message->report.report = empty;
	ensure(wire_send(ends[0], message) == 0);
	ensure(recv(ends[1], again, size + 1, MSG_DONTWAIT) == (ssize_t)size);
	if (report)
		memcpy(again + LEN_AT, data + LEN_AT, sizeof(uint64_t));
	ensure(memcmp(again, data, size) == 0);
	free(again);
	check_received(ends, data, size, report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet = (uint8_t *)fuzztext_copy(data, size);
	struct wire_message message;
	uint64_t report_len;

	if (packet && wire_decode(packet, size, &message, &report_len) == 0) {
		check_message(&message, report_len);
		check_sent(&message, packet, size);
	}
	free(packet);
	return 0;
}
