/*
 * outbox.c - what the SNMP side is to know, and how much of it was sent.
 */
#include "outbox.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

void outbox_init(struct outbox *box)
{
	*box = (struct outbox){.end = -1};
}

void outbox_disconnect(struct outbox *box)
{
	if (box->end >= 0)
		close(box->end);
	box->end = -1;
	box->is_full = false;
}

void outbox_release(struct outbox *box)
{
	outbox_disconnect(box);
	stale_report_free(box->report);
	outbox_init(box);
}

/* Returns 0; -EAGAIN: later; or another -errno: it is lost for good, as was said. */
static int try_send(struct outbox *box, const struct wire_message *message)
{
	int rc;

	if (box->end < 0 || box->is_full)
		return -EAGAIN;
	rc = wire_send(box->end, message);
	if (rc == 0)
		return 0;
	if (rc == -EAGAIN) {
		box->is_full = true;
		return -EAGAIN;
	}
	if (rc == -EPIPE || rc == -ECONNRESET) {
		outbox_disconnect(box); /* it has ended, as its exit will tell */
		return -EAGAIN;
	}
	log_say(LOG_ERR, "cannot tell the SNMP side what was found: %s", strerror(-rc));
	return rc;
}

/* Returns whether that is settled: sent, or lost for good. */
static bool send(struct outbox *box, const struct wire_message *message)
{
	return try_send(box, message) != -EAGAIN;
}

static bool send_settings(struct outbox *box)
{
	return send(box, &(struct wire_message){.kind = WIRE_SETTINGS,
						.settings = box->settings});
}

/* A scan of which nothing can be told has failed, whatever it found. */
static bool send_report(struct outbox *box)
{
	const struct wire_message message = {
		.kind = WIRE_REPORT,
		.report = {.scan = box->scan, .report = box->report},
	};
	int rc = try_send(box, &message);

	if (rc < 0 && rc != -EAGAIN) {
		box->trouble = WIRE_SCAN_FAILED;
		box->code = -rc;
		box->trouble_due = true;
	}
	return rc != -EAGAIN;
}

static bool send_trouble(struct outbox *box)
{
	return send(box, &(struct wire_message){
				 .kind = WIRE_TROUBLE,
				 .trouble = {.what = box->trouble, .code = box->code}});
}

/* The order matters: settings first, and trouble came after the report. */
static void send_due(struct outbox *box)
{
	if (box->settings_due)
		box->settings_due = !send_settings(box);
	if (box->report_due)
		box->report_due = !send_report(box);
	if (box->trouble_due)
		box->trouble_due = !send_trouble(box);
}

bool outbox_waits(const struct outbox *box)
{
	return box->end >= 0 && box->is_full;
}

void outbox_flush(struct outbox *box)
{
	box->is_full = false;
	send_due(box);
}

void outbox_connect(struct outbox *box, int end)
{
	outbox_disconnect(box);
	box->end = end;
	box->settings_due = true;
	box->report_due = box->report != NULL;
	box->scan.again = false; /* to this one it is news */
	box->trouble_due = box->trouble != 0;
	send_due(box);
}

void outbox_set_settings(struct outbox *box, const struct wire_settings *settings)
{
	box->settings = *settings;
	box->settings_due = true;
	send_due(box);
}

void outbox_set_report(struct outbox *box, struct stale_report *report,
		       const struct wire_scan *scan)
{
	stale_report_free(box->report);
	box->report = report;
	box->scan = *scan;
	box->report_due = true;
	box->trouble = 0;
	box->trouble_due = false;
	send_due(box);
}

void outbox_set_trouble(struct outbox *box, enum wire_trouble what, int code)
{
	box->trouble = what;
	box->code = code;
	box->trouble_due = true;
	send_due(box);
}

static bool send_gone(struct outbox *box, const struct stale_identity *gone, size_t n)
{
	struct wire_message message = {.kind = WIRE_GONE};

	for (size_t at = 0; at < n; at += message.gone.n) {
		message.gone.n = n - at < WIRE_GONE_MAX ? n - at : WIRE_GONE_MAX;
		memcpy(message.gone.list, gone + at,
		       message.gone.n * sizeof(message.gone.list[0]));
		if (try_send(box, &message) < 0)
			return false;
	}
	return true;
}

int outbox_remove(struct outbox *box, const struct stale_identity *gone, size_t n)
{
	struct stale_report *rest;
	int rc;

	if (n == 0 || !box->report)
		return 0;
	rc = stale_report_without(box->report, gone, n, &rest);
	if (rc < 0)
		return rc;
	stale_report_free(box->report);
	box->report = rest;
	/* What is sent later is sent without them. */
	if (!box->report_due && !send_gone(box, gone, n)) {
		box->report_due = true;
		box->scan.again = true;
	}
	return 0;
}
