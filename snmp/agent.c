/*
 * agent.c - see agent.h.  One thread, which is the only one to call libnetsnmp.
 */
#include "agent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>

#include "cleanup.h"
#include "exits.h"
#include "keeper.h"
#include "log.h"
#include "mib.h"
#include "notify.h"
#include "publish.h"
#include "session.h"

#define FDS_MAX       64 /* libnetsnmp has two or three */
#define MESSAGES_TURN 16 /* of the wire, before others have their turn */
#define GONE_MAX      8192
#define AGAIN_MS      1000 /* after memory ran out */

enum {
	FD_WIRE,
	FD_SIGNAL,
	FD_EXITS,
	FD_SESSION, /* from here on */
};

struct agent {
	int wire, signals;
	const struct settings *settings;
	struct publish publish;
	struct stale_users *users; /* owned; of the last report */
	struct exits *exits;       /* NULL: not watched */
	struct notify *notify;
	struct stale_identity gone[GONE_MAX];
	size_t ngone;
	int64_t gone_ms; /* when they are to be let go; of use with ngone */
	unsigned losses; /* of the master, as far as dealt with */
	uint32_t serial; /* of the snapshot that exits and notify know */
	bool heard;      /* the settings came */
	bool done;
	int status;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static void check(int rc)
{
	if (rc < 0)
		log_say(LOG_ERR, "cannot publish: %s", strerror(-rc));
}

static void let_go(struct agent *agent)
{
	if (agent->ngone == 0)
		return;
	check(publish_without(&agent->publish, agent->gone, agent->ngone,
			      clock_seconds()));
	agent->ngone = 0;
}

/* Kept for a moment: who restarts one service often restarts more. */
static void add_gone(struct agent *agent, const struct stale_identity *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (agent->ngone == GONE_MAX)
			let_go(agent);
		if (agent->ngone == 0)
			agent->gone_ms = clock_ms() + AGENT_GATHER_MS;
		agent->gone[agent->ngone++] = list[i];
	}
}

static void watch_exits(struct agent *agent, const struct stale_report *report)
{
	int rc;

	if (!agent->exits)
		return;
	rc = exits_watch(agent->exits, agent->publish.settings.watch ? report : NULL);
	if (rc < 0)
		log_say(LOG_ERR, "cannot watch processes: %s", strerror(-rc));
}

/* Those that have ended, as far as it is known. */
static void take_ended(struct agent *agent)
{
	const struct stale_identity *list;
	size_t n = agent->exits ? exits_take(agent->exits, &list) : 0;

	if (n > 0)
		add_gone(agent, list, n);
}

/* What is published is another: those who follow it are told. */
static void follow(struct agent *agent)
{
	const struct snapshot *snapshot = pins_current(agent->publish.pins);
	int rc;

	if (snapshot_scan(snapshot)->serial == agent->serial)
		return;
	agent->serial = snapshot_scan(snapshot)->serial;
	watch_exits(agent, agent->publish.report);
	take_ended(agent);
	rc = notify_see(agent->notify, snapshot);
	if (rc < 0)
		log_say(LOG_ERR, "cannot notify: %s", strerror(-rc));
}

/* Users come and go; where they cannot be read, those known before stay. */
static void read_users(struct agent *agent)
{
	struct stale_users *users;

	if (stale_users_read(NULL, &users) < 0)
		return;
	stale_users_free(agent->users);
	agent->users = users;
	agent->publish.users = users;
}

static void on_settings(struct agent *agent, const struct wire_settings *settings)
{
	if (agent->heard)
		log_reopen(); /* files of a log are rotated with the same signal */
	agent->heard = true;
	check(publish_settings(&agent->publish, settings, clock_seconds()));
}

/* Without those that have ended since the scan saw them: else they would be shown again,
 * for a moment.  Takes the report over and hands one over. */
static struct stale_report *without_ended(struct agent *agent,
					  struct stale_report *report)
{
	struct stale_report *rest = NULL;
	int rc;

	watch_exits(agent, report);
	take_ended(agent);
	if (agent->ngone == 0)
		return report;
	rc = stale_report_without(report, agent->gone, agent->ngone, &rest);
	if (rc < 0) {
		check(rc);
		return report;
	}
	agent->ngone = 0;
	stale_report_free(report);
	return rest;
}

static void on_message(struct agent *agent, struct wire_message *message)
{
	struct stale_report *report;

	switch (message->kind) {
	case WIRE_SETTINGS:
		on_settings(agent, &message->settings);
		break;
	case WIRE_REPORT:
		read_users(agent);
		report = without_ended(agent, message->report.report);
		check(publish_report(&agent->publish, &message->report.scan, report,
				     clock_seconds()));
		break;
	case WIRE_TROUBLE:
		check(publish_trouble(&agent->publish, clock_seconds()));
		break;
	case WIRE_GONE:
		add_gone(agent, message->gone.list, message->gone.n);
		/* At once: they live, and a report that comes next may have them again. */
		let_go(agent);
		break;
	}
}

static void read_wire(struct agent *agent)
{
	struct wire_message message;

	for (int i = 0; i < MESSAGES_TURN; i++) {
		int rc = wire_receive(agent->wire, &message);

		if (rc == -EAGAIN)
			return;
		if (rc > 0) {
			on_message(agent, &message);
		} else if (rc == -EBADMSG || rc == -ENOMEM || rc == -EMFILE) {
			log_say(LOG_ERR, "a message of the keeper is lost: %s",
				strerror(-rc));
			check(publish_trouble(&agent->publish, clock_seconds()));
		} else {
			if (rc < 0)
				log_say(LOG_ERR, "the keeper is lost: %s", strerror(-rc));
			agent->done = true;
			agent->status = rc < 0;
			return;
		}
	}
}

static void send_notifications(struct agent *agent)
{
	unsigned wanted = agent->publish.settings.notify;
	struct notify_due due;

	while (session_is_connected() &&
	       notify_next(agent->notify, wanted, clock_ms(), &due))
		mib_notify(due.what, pins_current(agent->publish.pins), due.appeared,
			   due.cleared);
}

/* What is to be done by time, and after what happened. */
static void do_due(struct agent *agent)
{
	if (agent->ngone > 0 && clock_ms() >= agent->gone_ms)
		let_go(agent);
	check(publish_due(&agent->publish, clock_seconds()));
	follow(agent);
	if (session_losses() != agent->losses)
		pins_forget(agent->publish.pins);
	agent->losses = session_losses();
	if (session_is_refused()) {
		log_say(LOG_ERR, "refused by the master: another subagent has these "
				 "objects");
		agent->done = true;
		agent->status = KEEPER_AGENT_REFUSED;
		return;
	}
	send_notifications(agent);
}

static void lower(int *timeout_ms, int64_t ms)
{
	if (ms < 0)
		return;
	if (ms > 3600000)
		ms = 3600000;
	if (*timeout_ms < 0 || ms < *timeout_ms)
		*timeout_ms = (int)ms;
}

static int find_timeout(struct agent *agent, int timeout_ms)
{
	const struct publish *publish = &agent->publish;
	int64_t now = clock_ms(), wait = -1;

	lower(&timeout_ms, pins_expire(publish->pins, now));
	if (agent->ngone > 0)
		lower(&timeout_ms, agent->gone_ms > now ? agent->gone_ms - now : 0);
	if (publish->next != 0) {
		int64_t left = publish->next - clock_seconds();

		lower(&timeout_ms, left > 0 ? left * 1000 : AGAIN_MS);
	}
	if (session_is_connected())
		wait = notify_wait(agent->notify, publish->settings.notify, now);
	lower(&timeout_ms, wait == 0 ? AGAIN_MS : wait);
	return timeout_ms;
}

static void turn(struct agent *agent)
{
	struct pollfd fds[FDS_MAX] = {
		[FD_WIRE] = {.fd = agent->wire, .events = POLLIN},
		[FD_SIGNAL] = {.fd = agent->signals, .events = POLLIN},
		[FD_EXITS] = {.fd = agent->exits ? exits_fd(agent->exits) : -1,
			      .events = POLLIN},
	};
	int timeout_ms = -1;
	size_t n = session_poll(fds + FD_SESSION, FDS_MAX - FD_SESSION, &timeout_ms);

	timeout_ms = find_timeout(agent, timeout_ms);
	if (poll(fds, FD_SESSION + n, timeout_ms) < 0 && errno != EINTR) {
		log_say(LOG_ERR, "poll: %s", strerror(errno));
		agent->done = true;
		agent->status = 1;
		return;
	}
	session_turn(fds + FD_SESSION, n);
	if (fds[FD_WIRE].revents)
		read_wire(agent);
	if (fds[FD_SIGNAL].revents)
		agent->done = true;
	if (fds[FD_EXITS].revents) {
		exits_read(agent->exits);
		take_ended(agent);
	}
	if (!agent->done)
		do_due(agent);
}

/* Waited for like all else: else it might come between a look at a flag and poll(2). */
static int open_signals(void)
{
	sigset_t ends;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* of the log */
	signal(SIGHUP, SIG_IGN);  /* the keeper's */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) < 0)
		return -errno;
	return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int init(struct agent *agent)
{
	struct wire_settings wire = keeper_tells(agent->settings);
	int rc = publish_init(&wire, NULL, clock_seconds(), &agent->publish);

	if (rc < 0)
		return rc;
	rc = notify_new(NOTIFY_GAP_MS, &agent->notify);
	if (rc < 0)
		return rc;
	rc = exits_new(EXITS_MAX, &agent->exits);
	if (rc < 0) {
		log_say(LOG_WARNING, "processes are not watched: %s", strerror(-rc));
		agent->exits = NULL;
	}
	rc = session_open(agent->settings);
	return rc < 0 ? rc : mib_register(agent->publish.pins);
}

static int run(struct agent *agent)
{
	int rc = init(agent);

	if (rc < 0) {
		log_say(LOG_ERR, "cannot start: %s", strerror(-rc));
		agent->status = 1;
	} else {
		do_due(agent);
		while (!agent->done)
			turn(agent);
	}
	session_close();
	exits_free(agent->exits);
	notify_free(agent->notify);
	publish_release(&agent->publish);
	stale_users_free(agent->users);
	return agent->status;
}

int agent_run(int wire_end, const struct settings *settings)
{
	cleanup_free struct agent *agent = calloc(1, sizeof(*agent));
	cleanup_close int wire = wire_end;
	cleanup_close int signals = open_signals();

	log_set_role("agent: ");
	prctl(PR_SET_NAME, "stale-snmp");
	if (!agent || signals < 0) {
		log_say(LOG_ERR, "cannot start: %s", strerror(errno));
		return 1;
	}
	agent->wire = wire;
	agent->signals = signals;
	agent->settings = settings;
	return run(agent);
}
