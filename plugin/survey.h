/*
 * survey.h - from options to a view: the one place that runs the scan.
 */
#ifndef PLUGIN_SURVEY_H
#define PLUGIN_SURVEY_H

#include "options.h"
#include "packages.h"
#include "view.h"

/* Ignore rules; read where the tree is the machine's own /proc; must be root's. */
#define SURVEY_IGNORE_FOLDER "/etc/check_stale/ignore.d"

struct survey {
	struct stale_report *report; /* owned */
	struct packages *packages;   /* owned; NULL: not asked for */
	struct view view;            /* borrows from both and from the options */
};

/*
 * Reads what the options name, scans under guard, and asks for packages.  To be called once
 * for the same options.  From the scan on
 * this process has no privilege but for what of these is still to come: the packages, the
 * file of -o.  Returns 0; or a negative errno with the reason for there being nothing to
 * judge, in Nagios form, added to error, and maybe all privileges left.  Release with
 * survey_release().
 */
int survey_make(const struct options *opt, struct survey *ret, struct buf *error);
void survey_release(struct survey *survey);

/* Adds why a scan that returned rc, a negative errno, found nothing at all. */
void survey_explain(const struct options *opt, int rc, struct buf *error);

#endif
