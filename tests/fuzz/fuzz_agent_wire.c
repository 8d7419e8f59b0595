/*
 * fuzz_agent_wire.c - a packet is decoded within its bytes, and what comes out is in range.
 */
#include <stdlib.h>
#include <string.h>

#include "snmp/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_so)
{
	if (!is_so)
		abort();
}

static void check_settings(const struct wire_settings *settings)
{
	check(settings->policy.why < 1U << STALE_WHY_COUNT);
	check(settings->policy.scopes < 1U << STALE_SCOPE_COUNT);
	check(settings->policy.kinds < 1U << STALE_KIND_COUNT);
	check(settings->policy.min_age >= 0 && settings->interval > 0);
}

static void check_message(const struct wire_message *message, uint64_t report_len)
{
	check((report_len > 0) == (message->kind == WIRE_REPORT));
	switch (message->kind) {
	case WIRE_SETTINGS:
		check_settings(&message->settings);
		return;
	case WIRE_REPORT:
		check(report_len <= WIRE_REPORT_MAX && !message->report.report);
		return;
	case WIRE_TROUBLE:
		check(message->trouble.what >= WIRE_SCAN_FAILED &&
		      message->trouble.what <= WIRE_SCAN_HANGS &&
		      message->trouble.code >= 0);
		return;
	case WIRE_GONE:
		check(message->gone.n > 0 && message->gone.n <= WIRE_GONE_MAX);
		for (size_t i = 0; i < message->gone.n; i++)
			check(message->gone.list[i].pid > 0);
		return;
	}
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_message message;
	uint64_t report_len;

	if (wire_decode(data, size, &message, &report_len) == 0)
		check_message(&message, report_len);
	return 0;
}
