/*
 * fuzzview.h - a view made of fuzzed bytes (see fuzzfound.h), for the fuzz targets of
 * renderers.
 */
#ifndef FUZZVIEW_H
#define FUZZVIEW_H

#include "fuzzfound.h"
#include "verdict.h"

struct fuzzview {
	struct view view;
	struct rules rules;
	struct verdict verdict;
	struct stale_scan_info info;
	struct fuzzfound found;
};

static inline void fuzzview_judge(struct fuzzview *f)
{
	const uint8_t *head = f->found.head;

	f->rules.limits.warning[METRIC_PROCESSES].set = true;
	f->rules.limits.critical[METRIC_AGE] =
		(struct range){.start = head[3],
			       .end = head[3] * 86400.5 + head[4],
			       .inside = head[5] & 1,
			       .set = head[5] & 2};
	f->rules.unreadable = (enum state)(head[1] & 3);
	f->rules.timeout = (enum state)(head[1] >> 2 & 3);
	f->info.denied = f->view.nunreadable;
	f->info.scanned = f->view.nprocs;
	f->info.seen = f->info.listed = f->info.denied + f->info.scanned;
	f->info.hidden = head[2] & 1;
	f->info.finished = head[2] & 2;
	f->info.at = head[2] & 4 ? 1 : 0;
	f->view.timed_out = !f->info.finished && head[2] & 8;
	f->view.error = head[2] & 16 ? head[3] : 0;
	f->view.signal = head[2] & 32 ? 9 : 0;
	f->view.privileged = head[2] & 64;
	f->view.timeout = 8;
	for (size_t i = 0; i < f->view.nprocs; i++) {
		if (view_proc_counts(&f->view, &f->view.procs[i]))
			f->view.totals.processes++;
	}
	f->view.totals.files = f->found.nfiles;
	f->view.totals.oldest = head[4];
	verdict_reach(&f->view, &f->rules, &f->verdict);
}

/* Returns whether there was enough to make a view of.  Free f->found.text. */
static inline bool fuzzview_make(struct fuzzview *f, const uint8_t *data, size_t size)
{
	const uint8_t *head = f->found.head;

	memset(f, 0, sizeof(*f));
	if (!fuzzfound_make(&f->found, data, size))
		return false;
	f->view = (struct view){
		.info = &f->info,
		.procs = f->found.procs,
		.nprocs = f->found.nprocs,
		.ignored = f->found.ignored,
		.nignored = f->found.nignored,
		.unreadable = f->found.unreadable,
		.nunreadable = f->found.nunreadable,
		.policy = {.why = head[5] & 0xfU,
			   .scopes = head[6] & 31U,
			   .kinds = head[5] >> 4,
			   .min_age = head[6],
			   .is_using = head[2] & 128},
		.now = (int64_t)head[7] * 1000000,
	};
	fuzzview_judge(f);
	return true;
}

#endif
