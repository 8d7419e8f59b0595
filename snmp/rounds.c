/*
 * rounds.c - scans and looks from their start to what became of them.
 */
#include "rounds.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "differ.h"
#include "log.h"

#define DRAIN_MS 250 /* however many events there are, they are taken that often */

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts = {0};

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t interval_ms(const struct settings *settings)
{
	return (int64_t)settings->interval * 1000;
}

int rounds_init(struct rounds *rounds, const struct settings *settings,
		struct outbox *outbox, int64_t now, int64_t look_ms)
{
	*rounds =
		(struct rounds){.settings = settings, .outbox = outbox, .drain_due = now};
	scanchild_init(&rounds->child);
	schedule_init(&rounds->schedule, now, interval_ms(settings),
		      look_ms ? look_ms : SCHEDULE_LOOK_MS);
	return watches_init(&rounds->watches);
}

void rounds_release(struct rounds *rounds)
{
	scanchild_kill(&rounds->child);
	scanchild_release(&rounds->child);
	watches_release(&rounds->watches);
}

/* Are there processes to look at again? */
static bool wants_look(const struct rounds *rounds)
{
	size_t n = 0;

	if (rounds->settings->watch && rounds->outbox->report)
		stale_report_procs(rounds->outbox->report, &n);
	return n > 0;
}

/* The child has ended, or nobody cares any more. */
static void finish(struct rounds *rounds, int64_t now)
{
	watches_cancel(&rounds->watches);
	scanchild_release(&rounds->child);
	schedule_end(&rounds->schedule, now, rounds->running, rounds->result,
		     wants_look(rounds));
	rounds->running = SCHEDULE_NOTHING;
}

/* A child that hangs in the kernel ends when that lets it. */
static void kill_child(struct rounds *rounds)
{
	scanchild_kill(&rounds->child);
	rounds->stuck[rounds->nstuck++] = rounds->child.pid;
}

/* Only a scan that was to bring something can bring trouble. */
static void tell_trouble(struct rounds *rounds, enum wire_trouble what, int code)
{
	if (rounds->running == SCHEDULE_SCAN)
		outbox_set_trouble(rounds->outbox, what, code);
}

static void fail(struct rounds *rounds, int error)
{
	rounds->result = SCHEDULE_BROKE;
	log_say(LOG_WARNING, "a scan failed: %s",
		error == ENOTSUP ? "/proc is no proc file system" : strerror(error));
	tell_trouble(rounds, WIRE_SCAN_FAILED, error);
}

/* Takes over the report. */
static void tell_report(struct rounds *rounds, struct stale_report *report, int64_t now,
			bool cut)
{
	const struct wire_scan scan = {
		.time = clock_ns(CLOCK_REALTIME) / 1000000000,
		.duration_ms = (uint32_t)(now - rounds->began),
		.cut = cut,
	};

	if (!cut)
		rounds->result = differ_reports(rounds->outbox->report, report)
					 ? SCHEDULE_NEWS
					 : SCHEDULE_NO_NEWS;
	outbox_set_report(rounds->outbox, report, &scan);
}

static void take_scan(struct rounds *rounds, int64_t now)
{
	struct stale_report *report;
	int rc = rounds->child.scan_rc;

	if (rc == 0)
		rc = stale_scanner_report(rounds->child.scanner, &report);
	if (rc == 0)
		tell_report(rounds, report, now, false);
	else
		fail(rounds, -rc);
}

static void compare_look(struct rounds *rounds, const struct stale_report *look,
			 int64_t now)
{
	struct differ_look found;

	if (!rounds->outbox->report ||
	    differ_look(rounds->outbox->report, look, &found) < 0)
		return;
	if (outbox_remove(rounds->outbox, found.gone, found.ngone) == 0 && found.is_new)
		schedule_ask(&rounds->schedule, now);
	free(found.gone);
}

/* A look that failed changes nothing, and the next one is soon. */
static void take_look(struct rounds *rounds, int64_t now)
{
	struct stale_report *look;
	int rc = rounds->child.scan_rc;

	if (rc < 0 && rc != -ESRCH) /* ESRCH: all of them have ended */
		return;
	if (stale_scanner_report(rounds->child.scanner, &look) < 0)
		return;
	compare_look(rounds, look, now);
	stale_report_free(look);
}

static void take(struct rounds *rounds, int64_t now)
{
	if (rounds->is_taken || rounds->child.stage < SCANCHILD_SCANNED)
		return;
	rounds->is_taken = true;
	if (rounds->running == SCHEDULE_SCAN)
		take_scan(rounds, now);
	else
		take_look(rounds, now);
}

/* Returns 0 and what was found so far, with what was known of the rest before; or
 * -errno. */
static int take_part(const struct rounds *rounds, struct stale_report **ret)
{
	const struct stale_report *older = rounds->outbox->report;
	struct stale_report *part;
	const struct stale_scan_info *info;
	int rc = stale_scanner_report(rounds->child.scanner, &part);

	if (rc < 0)
		return rc;
	info = stale_report_info(part);
	if (info->seen + info->kernel_threads + info->unselected == 0) {
		stale_report_free(part);
		return -ENODATA;
	}
	if (!older) {
		*ret = part;
		return 0;
	}
	rc = stale_report_with(part, older, ret);
	stale_report_free(part);
	return rc;
}

static void cut_scan(struct rounds *rounds, int64_t now)
{
	struct stale_report *report;

	rounds->result = SCHEDULE_BROKE;
	log_say(LOG_WARNING, "a scan hangs: it was stopped after %u s",
		(unsigned)rounds->settings->timeout);
	if (take_part(rounds, &report) == 0)
		tell_report(rounds, report, now, true);
	else
		tell_trouble(rounds, WIRE_SCAN_HANGS, 0);
}

static void stop_late(struct rounds *rounds, int64_t now)
{
	if (rounds->is_taken)
		log_say(LOG_WARNING, "to watch the folders of code takes too long: they "
				     "are not watched");
	else if (rounds->running == SCHEDULE_SCAN)
		cut_scan(rounds, now);
	kill_child(rounds);
	finish(rounds, now);
}

static void say_unwatched(struct rounds *rounds, int error)
{
	if (!rounds->is_unwatched)
		log_say(LOG_WARNING,
			"folders of code cannot be watched (%s; see "
			"/proc/sys/fs/inotify): changes are seen every %u s",
			strerror(error), (unsigned)rounds->settings->interval);
	rounds->is_unwatched = true;
}

static void take_watches(struct rounds *rounds, int64_t now)
{
	enum watches_change change;
	int rc = rounds->child.watch_rc;

	if (watches_drain(&rounds->watches))
		schedule_touch(&rounds->schedule, now);
	if (rc == 0)
		rc = watches_adopt(&rounds->watches, &change);
	if (rc != 0) {
		/* Half of them would be as many taken from others, for little. */
		watches_forget(&rounds->watches);
		say_unwatched(rounds, -rc);
		return;
	}
	rounds->is_unwatched = false;
	schedule_grow(&rounds->schedule, now, change == WATCHES_GREW);
}

static void take_death(struct rounds *rounds, int status)
{
	if (!WIFSIGNALED(status)) {
		fail(rounds, ECANCELED);
		return;
	}
	rounds->result = SCHEDULE_DIED;
	log_say(LOG_WARNING, "a scan was ended by signal %d", WTERMSIG(status));
	tell_trouble(rounds, WIRE_SCAN_DIED, WTERMSIG(status));
}

bool rounds_reaped(struct rounds *rounds, pid_t pid, int status, int64_t now)
{
	for (size_t i = 0; i < rounds->nstuck; i++) {
		if (rounds->stuck[i] != pid)
			continue;
		rounds->stuck[i] = rounds->stuck[--rounds->nstuck];
		if (rounds->is_blocked)
			schedule_ask(&rounds->schedule, now);
		rounds->is_blocked = false;
		return true;
	}
	if (pid != rounds->child.pid)
		return false;
	scanchild_listen(&rounds->child);
	take(rounds, now);
	if (!rounds->is_taken)
		take_death(rounds, status);
	else if (rounds->child.stage == SCANCHILD_WATCHED)
		take_watches(rounds, now);
	finish(rounds, now);
	return true;
}

/* Returns whether no child may be started, because too many do not end. */
static bool is_blocked(struct rounds *rounds)
{
	const bool blocked = rounds->nstuck == ROUNDS_STUCK_MAX;

	if (blocked && !rounds->is_blocked)
		log_say(LOG_ERR,
			"%d scans hang in the kernel and cannot be ended: no scan is "
			"started before one of them does",
			ROUNDS_STUCK_MAX);
	rounds->is_blocked = blocked;
	return blocked;
}

/* Returns whether there are watches for the child to fill. */
static bool prepare_watches(struct rounds *rounds)
{
	int rc;

	if (rounds->running != SCHEDULE_SCAN || !rounds->settings->watch)
		return false;
	rc = watches_prepare(&rounds->watches);
	if (rc < 0)
		say_unwatched(rounds, -rc);
	return rc == 0;
}

/* pids: to look at; NULL: all. */
static int start_child(struct rounds *rounds, const pid_t *pids, size_t npids)
{
	struct stale_options opt = *stale_settings_options(rounds->settings->scan);

	opt.boot_time_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	if (pids) {
		opt.pids = pids;
		opt.npids = npids;
	}
	return scanchild_start(&rounds->child, &opt,
			       prepare_watches(rounds) ? &rounds->watches : NULL);
}

/* The list is needed until the child is there: it has a copy. */
static int start_look(struct rounds *rounds)
{
	size_t n;
	const struct stale_proc *procs = stale_report_procs(rounds->outbox->report, &n);
	cleanup_free pid_t *pids = calloc(n + 1, sizeof(*pids));
	int rc;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		pids[i] = procs[i].pid;
	rc = start_child(rounds, pids, n);
	/* Ours needs them no more: it freezes, and never runs. */
	rounds->child.opt.pids = NULL;
	rounds->child.opt.npids = 0;
	return rc;
}

static void start(struct rounds *rounds, enum schedule_action action, int64_t now)
{
	int rc;

	/* What happened up to now is what this scan is for. */
	if (action == SCHEDULE_SCAN)
		watches_drain(&rounds->watches);
	rounds->running = action;
	rounds->result = SCHEDULE_BROKE;
	rounds->is_taken = false;
	rounds->began = now;
	rounds->deadline = now + (int64_t)rounds->settings->timeout * 1000;
	schedule_begin(&rounds->schedule, now, action);
	if (is_blocked(rounds)) {
		tell_trouble(rounds, WIRE_SCAN_HANGS, 0);
		finish(rounds, now);
		return;
	}
	rc = action == SCHEDULE_SCAN ? start_child(rounds, NULL, 0) : start_look(rounds);
	if (rc < 0) {
		fail(rounds, -rc);
		finish(rounds, now);
	}
}

void rounds_abort(struct rounds *rounds, int64_t now)
{
	if (rounds->running == SCHEDULE_NOTHING)
		return;
	rounds->result = SCHEDULE_BROKE;
	kill_child(rounds);
	finish(rounds, now);
}

void rounds_change(struct rounds *rounds, int64_t now)
{
	if (!rounds->settings->watch)
		watches_forget(&rounds->watches);
	rounds->is_unwatched = false;
	schedule_change(&rounds->schedule, now, interval_ms(rounds->settings));
}

size_t rounds_poll(const struct rounds *rounds, int64_t now, struct pollfd *ret)
{
	size_t n = 0;

	if (rounds->child.channel >= 0)
		ret[n++] = (struct pollfd){.fd = rounds->child.channel, .events = POLLIN};
	if (rounds->watches.fd >= 0 && now >= rounds->drain_due)
		ret[n++] = (struct pollfd){.fd = rounds->watches.fd, .events = POLLIN};
	return n;
}

int64_t rounds_due(const struct rounds *rounds, int64_t now)
{
	int64_t due = rounds->deadline;

	if (rounds->running == SCHEDULE_NOTHING)
		schedule_next(&rounds->schedule, now, &due);
	if (rounds->watches.fd >= 0 && now < rounds->drain_due && rounds->drain_due < due)
		due = rounds->drain_due;
	return due;
}

static void take_events(struct rounds *rounds, int64_t now)
{
	if (now < rounds->drain_due || !watches_drain(&rounds->watches))
		return;
	schedule_touch(&rounds->schedule, now);
	rounds->drain_due = now + DRAIN_MS;
}

static void go_on(struct rounds *rounds, int64_t now)
{
	scanchild_listen(&rounds->child);
	take(rounds, now);
	if (now >= rounds->deadline)
		stop_late(rounds, now);
}

void rounds_turn(struct rounds *rounds, int64_t now)
{
	enum schedule_action action;
	int64_t due;

	take_events(rounds, now);
	if (rounds->running != SCHEDULE_NOTHING)
		go_on(rounds, now);
	if (rounds->running != SCHEDULE_NOTHING)
		return;
	action = schedule_next(&rounds->schedule, now, &due);
	if (action != SCHEDULE_NOTHING)
		start(rounds, action, now);
}
