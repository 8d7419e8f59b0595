/*
 * rowagent.h - a subagent that publishes snapshots made by hand: the session, the module
 * and the pins of stale-agentx, without a keeper and without a scan.
 *
 * It is the test program itself, started anew: what struct agentd.program names.  So main()
 * is to ask rowagent_is_wanted() first.  All in a header, because what else is in this
 * folder is built without libnetsnmp.
 */
#ifndef TESTS_ROWAGENT_H
#define TESTS_ROWAGENT_H

#include "snmp/mib.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "snmp/session.h"

#define ROWAGENT_FDS 16

struct rowagent {
	struct snapshot *const *list; /* published one after the other, and again */
	size_t n;
	long period_us; /* 0: the first one only */
	size_t turn;
	struct pins *pins;
	bool forgets; /* pins: as if there were none */
};

/* Words are those that stale-agentx gets. */
static inline bool rowagent_is_wanted(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "-f") == 0;
}

static inline int64_t rowagent_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void rowagent_publish(struct rowagent *agent)
{
	agent->turn = (agent->turn + 1) % agent->n;
	pins_publish(agent->pins, snapshot_ref(agent->list[agent->turn]));
	if (agent->forgets)
		pins_forget(agent->pins);
}

/* Returns 0 or -errno. */
static inline int rowagent_begin(struct rowagent *agent, char **argv)
{
	struct settings settings = {.ping_interval = 1};
	int rc;

	for (; *argv; argv++)
		if (strncmp(*argv, "-x", 2) == 0)
			settings.socket = *argv + 2;
	rc = session_open(&settings);
	if (rc == 0)
		rc = pins_new(snapshot_ref(agent->list[0]), &agent->pins);
	return rc == 0 ? mib_register(agent->pins) : rc;
}

static inline int rowagent_open_timer(long period_us)
{
	const struct timespec period = {.tv_nsec = period_us * 1000};
	const struct itimerspec times = {.it_interval = period, .it_value = period};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	timerfd_settime(fd, 0, &times, NULL);
	return fd;
}

/* SIGUSR1: forget the pins from now on, at each change. */
static inline int rowagent_open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Serves until it is killed; returns an exit status. */
static inline int rowagent_serve(struct rowagent *agent, char **argv)
{
	int timer = rowagent_open_timer(agent->period_us), signals;
	uint64_t times;

	signals = rowagent_open_signals();
	if (rowagent_begin(agent, argv) < 0)
		return 1;
	for (;;) {
		struct pollfd fds[ROWAGENT_FDS] = {
			{.fd = timer, .events = POLLIN},
			{.fd = signals, .events = POLLIN},
		};
		int timeout_ms = -1;
		size_t n = session_poll(fds + 2, ROWAGENT_FDS - 2, &timeout_ms);

		if (poll(fds, 2 + n, timeout_ms) < 0 && errno != EINTR)
			return 1;
		session_turn(fds + 2, n);
		if (read(timer, &times, sizeof(times)) == sizeof(times))
			rowagent_publish(agent);
		if (fds[1].revents)
			agent->forgets = true;
		pins_expire(agent->pins, rowagent_clock_ns() / 1000000);
	}
}

#endif
