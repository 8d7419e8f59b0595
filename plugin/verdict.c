/*
 * verdict.c - from what was found to a state.
 */
#include "verdict.h"

/* 0 with nothing stale: an age threshold has nothing to alert for. */
static int64_t oldest_age(const struct view *view)
{
	if (view->totals.processes == 0)
		return 0;
	if (view->totals.oldest == 0)
		return -1;
	return view->now > view->totals.oldest ? view->now - view->totals.oldest : 0;
}

static enum state compare(const struct limits *limits, enum metric metric, double value)
{
	if (range_alerts(&limits->critical[metric], value))
		return STATE_CRITICAL;
	if (range_alerts(&limits->warning[metric], value))
		return STATE_WARNING;
	return STATE_OK;
}

/* What has no age may be older than any threshold: then it is not known to be fine. */
static enum state judge_age(const struct view *view, const struct limits *limits,
			    int64_t age)
{
	enum state state = STATE_OK;

	if (!limits->warning[METRIC_AGE].set && !limits->critical[METRIC_AGE].set)
		return STATE_OK;
	if (age >= 0)
		state = compare(limits, METRIC_AGE, (double)age);
	if (view->totals.undated > 0)
		state = state_worst(state, STATE_UNKNOWN);
	return state;
}

size_t verdict_unreadable(const struct view *view)
{
	return view->info->denied + view->info->failed;
}

static enum gap find_gap(const struct view *view)
{
	const struct stale_scan_info *info = view->info;

	if (view->error || view->signal || info->error)
		return GAP_ERROR;
	if (view->timed_out)
		return GAP_TIMEOUT;
	if (!info->finished)
		return GAP_ERROR;
	if (info->hidden)
		return GAP_HIDDEN;
	return verdict_unreadable(view) ? GAP_UNREADABLE : GAP_NONE;
}

/* All reasons together, not only the gravest: each has a state of its own. */
static enum state judge_gaps(const struct view *view, const struct rules *rules,
			     enum gap gravest)
{
	enum state state = gravest == GAP_ERROR ? STATE_UNKNOWN : STATE_OK;

	if (view->timed_out)
		state = state_worst(state, rules->timeout);
	if (view->info->hidden)
		state = state_worst(state, STATE_UNKNOWN);
	if (verdict_unreadable(view))
		state = state_worst(state, rules->unreadable);
	return state;
}

void verdict_reach(const struct view *view, const struct rules *rules,
		   struct verdict *ret)
{
	struct verdict v = {.gap = find_gap(view), .age = oldest_age(view)};

	v.metric[METRIC_PROCESSES] =
		compare(&rules->limits, METRIC_PROCESSES, (double)view->totals.processes);
	v.metric[METRIC_FILES] =
		compare(&rules->limits, METRIC_FILES, (double)view->totals.files);
	v.metric[METRIC_AGE] = judge_age(view, &rules->limits, v.age);
	for (int i = 0; i < METRIC_COUNT; i++)
		v.thresholds = state_worst(v.thresholds, v.metric[i]);
	v.state = state_worst(v.thresholds, judge_gaps(view, rules, v.gap));
	v.uncounted = view->nprocs - view->totals.processes;
	*ret = v;
}
