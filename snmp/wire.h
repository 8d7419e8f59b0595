/*
 * wire.h - what the scanning side tells the SNMP side: one way, over a socket pair.
 *
 * A message is one packet (SOCK_SEQPACKET) of fixed layout; a report comes as a sealed
 * memfd beside it.  Who receives trusts nothing: lengths, enumerations, seals and bytes
 * are looked at before use.
 */
#ifndef SNMP_WIRE_H
#define SNMP_WIRE_H

#include "stale.h"

#define WIRE_GONE_MAX   256                 /* identities in one message */
#define WIRE_REPORT_MAX (UINT64_C(1) << 29) /* bytes of a packed report */

enum wire_kind {
	WIRE_SETTINGS = 1, /* first of all, and after a change of the configuration */
	WIRE_REPORT,       /* a scan ended, or its time did */
	WIRE_TROUBLE,      /* a scan brought nothing */
	WIRE_GONE,         /* processes that are stale no longer */
};

/* Of the configuration, what the SNMP side needs. */
struct wire_settings {
	struct stale_policy policy;
	uint32_t interval; /* seconds */
	uint32_t max_procs;
	uint32_t max_files;
	uint32_t notify; /* 1 << enum mib_notification; 0: none */
	bool watch;      /* processes that end, at once */
};

struct wire_scan {
	int64_t time; /* seconds since the epoch: its end */
	uint32_t duration_ms;
	/* It did not come to its end: the report has what was found, and the processes of
	 * the one before that it did not come to. */
	bool cut;
	/* It was sent before, and is now without processes that are gone: no new scan. */
	bool again;
};

enum wire_trouble {
	WIRE_SCAN_FAILED = 1, /* code: errno */
	WIRE_SCAN_DIED,       /* code: signal */
	WIRE_SCAN_HANGS,      /* time is up, and nothing was found so far */
};

struct wire_message {
	enum wire_kind kind;
	union {
		struct wire_settings settings;
		struct {
			struct wire_scan scan;
			struct stale_report *report; /* owned: see below */
		} report;
		struct {
			enum wire_trouble what;
			int32_t code;
		} trouble;
		struct {
			struct stale_identity list[WIRE_GONE_MAX];
			size_t n;
		} gone;
	};
};

/* Two ends, close-on-exec.  Returns 0 or -errno. */
int wire_open(int ret_ends[2]);

/* Sends; the report stays the caller's.  Never blocks: -EAGAIN where the other side does
 * not read.  Returns 0 or -errno. */
int wire_send(int end, const struct wire_message *message);

/*
 * Receives one message without blocking.  Returns 1 with *ret, of which a report is the
 * caller's (stale_report_free()); 0 at the end; -EAGAIN; -EBADMSG for garbage, which is
 * then gone; or another -errno.
 */
int wire_receive(int end, struct wire_message *ret);

/*
 * What a packet says, without what came beside it: a report is NULL and *ret_report_len
 * the bytes that it is packed in, else 0.  Pure.  Returns 0 or -EBADMSG.
 */
int wire_decode(const void *packet, size_t len, struct wire_message *ret,
		uint64_t *ret_report_len);

#endif
