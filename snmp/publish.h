/*
 * publish.h - what was found last, and the snapshots that are made of it.
 *
 * Makes one whenever something is another: a report, a process that ended, a file that
 * came of age, the settings.  Knows nothing of where that comes from, nor who asks.
 */
#ifndef SNMP_PUBLISH_H
#define SNMP_PUBLISH_H

#include "pins.h"
#include "wire.h"

struct publish {
	struct wire_settings settings;
	const struct stale_users *users; /* borrowed; may be exchanged; NULL: no names */
	struct stale_report *report;     /* owned; NULL: none yet */
	struct snapshot_scan scan;       /* of the snapshot published last */
	struct pins *pins;               /* owned */
	int64_t next; /* seconds since the epoch: another file counts; 0: none */
};

/*
 * Publishes that there was no scan yet.  now: seconds since the epoch.  Returns 0 and fills
 * *ret (publish_release()), or -ENOMEM.
 */
int publish_init(const struct wire_settings *settings, const struct stale_users *users,
		 int64_t now, struct publish *ret);
void publish_release(struct publish *publish);

/* Each publishes, and returns 0; or -ENOMEM, where what is published stays as it was. */
int publish_settings(struct publish *publish, const struct wire_settings *settings,
		     int64_t now);
/* Takes over the report. */
int publish_report(struct publish *publish, const struct wire_scan *scan,
		   struct stale_report *report, int64_t now);
/* A scan brought nothing. */
int publish_trouble(struct publish *publish, int64_t now);
/* These processes are stale no longer.  Nothing is published when none of them was. */
int publish_without(struct publish *publish, const struct stale_identity *gone, size_t n,
		    int64_t now);
/* What is due by now: see next. */
int publish_due(struct publish *publish, int64_t now);

#endif
