/*
 * verdict.c - from what was found to a state.
 */
#include "verdict.h"

/* How old what counts is. */
struct ages {
	int64_t age;    /* as in struct verdict */
	size_t undated; /* files */
};

/* 0 with nothing stale: an age threshold has nothing to alert for. */
static struct ages find_ages(const struct view *view)
{
	const struct stale_totals *totals = &view->totals;
	struct ages ages = {.undated = totals->undated};

	if (totals->processes == 0)
		return ages;
	if (totals->oldest == 0)
		ages.age = -1;
	else if (view->now > totals->oldest)
		ages.age = view->now - totals->oldest;
	return ages;
}

static void add_age(const struct view *view, const struct stale_file *file,
		    struct ages *ages)
{
	int64_t age = view_file_age(view, file);

	if (file->why == STALE_CURRENT)
		return;
	if (age < 0)
		ages->undated++;
	if (ages->age < age)
		ages->age = age;
}

/* Of all that is used only what is stale has an age. */
static struct ages find_ages_of_used(const struct view *view)
{
	struct ages ages = {.age = -1};
	bool is_stale = false;

	for (size_t i = 0; i < view->nprocs; i++) {
		const struct stale_proc *proc = &view->procs[i];

		if (!view_proc_counts(view, proc))
			continue;
		is_stale |= view_proc_is_stale(proc);
		for (size_t k = 0; k < proc->nfiles; k++)
			add_age(view, &proc->files[k], &ages);
	}
	if (!is_stale)
		ages.age = 0;
	return ages;
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
static enum state judge_age(const struct limits *limits, const struct ages *ages)
{
	enum state state = STATE_OK;

	if (!limits->warning[METRIC_AGE].set && !limits->critical[METRIC_AGE].set)
		return STATE_OK;
	if (ages->age >= 0)
		state = compare(limits, METRIC_AGE, (double)ages->age);
	if (ages->undated > 0)
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

static size_t metric_count(const struct stale_totals *totals, enum metric metric)
{
	switch (metric) {
	case METRIC_PROCESSES:
		return totals->processes;
	case METRIC_SERVICES:
		return totals->services;
	case METRIC_CONTAINERS:
		return totals->containers;
	case METRIC_SESSIONS:
		return totals->sessions;
	case METRIC_FILES:
		return totals->files;
	case METRIC_REBOOT:
		return totals->reboot;
	case METRIC_AGE:
		break;
	}
	return 0;
}

double verdict_value(const struct view *view, const struct verdict *verdict,
		     enum metric metric)
{
	if (metric == METRIC_AGE)
		return (double)verdict->age;
	return (double)metric_count(&view->totals, metric);
}

unsigned verdict_scopes(const struct view *view, const struct verdict *verdict)
{
	unsigned scopes = view->policy.scopes ? view->policy.scopes : STALE_SCOPE_DEFAULT;

	if (verdict->metric[METRIC_SERVICES] != STATE_OK)
		scopes |= STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM);
	if (verdict->metric[METRIC_CONTAINERS] != STATE_OK)
		scopes |= STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER);
	if (verdict->metric[METRIC_SESSIONS] != STATE_OK)
		scopes |= STALE_SCOPE_BIT(STALE_SCOPE_USER) |
			  STALE_SCOPE_BIT(STALE_SCOPE_SESSION);
	return scopes;
}

void verdict_reach(const struct view *view, const struct rules *rules,
		   struct verdict *ret)
{
	const struct ages ages =
		view->policy.is_using ? find_ages_of_used(view) : find_ages(view);
	struct verdict v = {.gap = find_gap(view), .age = ages.age};

	for (int i = 0; i < METRIC_COUNT; i++) {
		enum metric metric = (enum metric)i;

		if (metric == METRIC_AGE)
			v.metric[i] = judge_age(&rules->limits, &ages);
		else
			v.metric[i] = compare(&rules->limits, metric,
					      verdict_value(view, &v, metric));
		v.thresholds = state_worst(v.thresholds, v.metric[i]);
	}
	v.state = state_worst(v.thresholds, judge_gaps(view, rules, v.gap));
	*ret = v;
}
