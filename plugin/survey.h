/*
 * survey.h - from options to a view: the one place that runs the scan.
 */
#ifndef PLUGIN_SURVEY_H
#define PLUGIN_SURVEY_H

#include "options.h"
#include "view.h"

struct survey {
	struct stale_report *report; /* owned */
	struct view view;            /* borrows from report */
};

/*
 * Scans under guard.  Returns 0; or a negative errno with the reason for there being
 * nothing to judge, in Nagios form, added to error.  Release with survey_release().
 */
int survey_make(const struct options *opt, struct survey *ret, struct buf *error);
void survey_release(struct survey *survey);

/* Adds why a scan that returned rc, a negative errno, found nothing at all. */
void survey_explain(const struct options *opt, int rc, struct buf *error);

#endif
