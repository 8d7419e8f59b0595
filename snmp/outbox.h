/*
 * outbox.h - what the SNMP side is to know, and how much of it was sent.
 *
 * Never waits: what does not fit stays here until the other side reads, and of two
 * reports the newer one only.  Who starts anew is told all of it again.
 */
#ifndef SNMP_OUTBOX_H
#define SNMP_OUTBOX_H

#include "wire.h"

struct outbox {
	int end;                     /* owned; -1: nobody is there */
	struct stale_report *report; /* the last one; owned; NULL: none yet */
	struct wire_scan scan;       /* of the report */
	struct wire_settings settings;
	enum wire_trouble trouble; /* since the report; 0: none */
	int32_t code;              /* of the trouble */
	bool settings_due;         /* of the three, what is to be sent */
	bool report_due;
	bool trouble_due;
	bool is_full; /* until it can be written to again */
};

void outbox_init(struct outbox *box);
void outbox_release(struct outbox *box);

/* Somebody is there, who knows nothing; takes over the descriptor. */
void outbox_connect(struct outbox *box, int end);
void outbox_disconnect(struct outbox *box);

void outbox_set_settings(struct outbox *box, const struct wire_settings *settings);
/* Takes over the report.  The trouble before it is over. */
void outbox_set_report(struct outbox *box, struct stale_report *report,
		       const struct wire_scan *scan);
void outbox_set_trouble(struct outbox *box, enum wire_trouble what, int code);
/* Takes processes out of the report.  Returns 0, or -ENOMEM with the report as it was. */
int outbox_remove(struct outbox *box, const struct stale_identity *gone, size_t n);

/* Is it to be called when the descriptor can be written to? */
bool outbox_waits(const struct outbox *box);
/* It can. */
void outbox_flush(struct outbox *box);

#endif
