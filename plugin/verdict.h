/*
 * verdict.h - from what was found to a state.  Pure.
 */
#ifndef PLUGIN_VERDICT_H
#define PLUGIN_VERDICT_H

#include "metric.h"
#include "state.h"
#include "view.h"

struct rules {
	struct limits limits;
	enum state unreadable; /* when processes were denied or failed */
	enum state timeout;    /* when time ran out */
};

/* Why a scan is incomplete: the gravest reason, by which it is told. */
enum gap {
	GAP_NONE,
	GAP_UNREADABLE, /* processes denied or failed */
	GAP_HIDDEN,     /* the tree does not list all processes */
	GAP_TIMEOUT,
	GAP_ERROR, /* the scan ended early: view->error, view->signal */
};

struct verdict {
	enum state state;                /* of everything: the exit code */
	enum state metric[METRIC_COUNT]; /* by the thresholds alone */
	enum state thresholds;           /* the worst of metric[] */
	enum gap gap;
	int64_t age; /* seconds, of the oldest that counts; -1: nothing is dated */
};

void verdict_reach(const struct view *view, const struct rules *rules,
		   struct verdict *ret);

/* What a threshold is compared with: a number, or seconds, -1 for an unknown age. */
double verdict_value(const struct view *view, const struct verdict *verdict,
		     enum metric metric);

/*
 * The scopes that the state is about, STALE_SCOPE_BIT()s: those that count, and those of
 * which a metric of their own alerts.
 */
unsigned verdict_scopes(const struct view *view, const struct verdict *verdict);

/* Processes that were denied or failed. */
size_t verdict_unreadable(const struct view *view);

#endif
