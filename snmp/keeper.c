/*
 * keeper.c - the daemon's main process: signals, the SNMP side, and the rounds.
 */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "log.h"
#include "outbox.h"
#include "privilege.h"
#include "rounds.h"
#include "spawn.h"

#define RETRY_MIN_MS   1000 /* between two starts of the SNMP side */
#define RETRY_MAX_MS   60000
#define STEADY_MS      60000 /* it ran so long: it is well again */
#define GRACE_MS       700   /* to end in, for the SNMP side */
#define KILLED_MS      100   /* to be reaped in */
#define MESSAGE_MAX    512
#define SIGNALS_A_TURN 16

struct keeper {
	const struct keeper_setup *setup;
	struct outbox outbox;
	struct rounds rounds;
	int signals; /* signalfd(2) */
	pid_t agent; /* 0: it does not run */
	int64_t agent_began;
	int64_t agent_due; /* when to start it, while it does not run */
	int64_t retry_ms;  /* 0: it has not ended by itself */
	bool is_told_to_end;
	bool is_refused;
};

static int64_t clock_ms(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Processes of another machine, or of another PID namespace, cannot be watched here. */
static bool may_watch_processes(const struct settings *settings)
{
	return settings->watch && !stale_settings_options(settings->scan)->proc_root;
}

struct wire_settings keeper_tells(const struct settings *settings)
{
	return (struct wire_settings){
		.policy = *stale_settings_policy(settings->scan),
		.interval = settings->interval,
		.max_procs = settings->max_procs,
		.max_files = settings->max_files,
		.notify = settings->notify,
		.watch = may_watch_processes(settings),
	};
}

static void tell_settings(struct keeper *keeper)
{
	const struct wire_settings told = keeper_tells(keeper->setup->settings);

	outbox_set_settings(&keeper->outbox, &told);
}

static _Noreturn void run_agent(const struct keeper_setup *setup, int end, pid_t parent)
{
	int rc;

	spawn_reset_signals();
	spawn_close_but((const int[]){end, log_fd()}, 2);
	rc = privilege_drop_all();
	if (rc < 0) {
		log_say(LOG_ERR, "cannot give up capabilities: %s", strerror(-rc));
		_exit(KEEPER_AGENT_REFUSED);
	}
	if (spawn_tie(parent, SIGTERM) < 0)
		_exit(0); /* the keeper ended meanwhile */
	_exit(setup->run_agent(end, setup->settings));
}

/* Returns 0 or -errno. */
static int fork_agent(struct keeper *keeper)
{
	const pid_t parent = getpid();
	int ends[2], rc = wire_open(ends);
	pid_t pid;

	if (rc < 0)
		return rc;
	shutdown(ends[0], SHUT_RD); /* nothing is taken from there */
	pid = fork();
	if (pid == 0)
		run_agent(keeper->setup, ends[1], parent);
	rc = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (rc < 0) {
		close(ends[0]);
		return rc;
	}
	keeper->agent = pid;
	outbox_connect(&keeper->outbox, ends[0]);
	return 0;
}

/* It is started again later, each time later than the last. */
static void retry_agent(struct keeper *keeper, int64_t now)
{
	if (keeper->retry_ms == 0 || now - keeper->agent_began >= STEADY_MS)
		keeper->retry_ms = RETRY_MIN_MS;
	else if (keeper->retry_ms < RETRY_MAX_MS / 2)
		keeper->retry_ms *= 2;
	else
		keeper->retry_ms = RETRY_MAX_MS;
	keeper->agent_due = now + keeper->retry_ms;
}

static void start_agent(struct keeper *keeper, int64_t now)
{
	int rc = fork_agent(keeper);

	keeper->agent_began = now;
	if (rc == 0)
		return;
	retry_agent(keeper, now);
	log_say(LOG_ERR, "cannot start the SNMP side: %s", strerror(-rc));
}

static void agent_ended(struct keeper *keeper, int status, int64_t now)
{
	keeper->agent = 0;
	outbox_disconnect(&keeper->outbox);
	if (WIFEXITED(status) && WEXITSTATUS(status) == KEEPER_AGENT_REFUSED) {
		keeper->is_refused = true;
		return;
	}
	retry_agent(keeper, now);
	log_say(LOG_ERR, "the SNMP side ended by %s %d: it is started again in %d s",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		(int)(keeper->retry_ms / 1000));
}

static void reap(struct keeper *keeper)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (rounds_reaped(&keeper->rounds, pid, status, clock_ms()))
			continue;
		if (pid == keeper->agent)
			agent_ended(keeper, status, clock_ms());
	}
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void adopt(struct keeper *keeper, struct settings *fresh)
{
	struct settings *settings = keeper->setup->settings;

	if (!is_same_text(settings->socket, fresh->socket) ||
	    settings->ping_interval != fresh->ping_interval)
		log_say(LOG_WARNING, "another socket or ping-interval takes effect only "
				     "after a restart");
	rounds_abort(&keeper->rounds, clock_ms());
	settings_release(settings);
	*settings = *fresh;
	rounds_change(&keeper->rounds, clock_ms());
	log_say(LOG_INFO, "the configuration was read again");
}

/* The other side is told in any case: its log is reopened, too. */
static void read_again(struct keeper *keeper)
{
	const struct keeper_setup *setup = keeper->setup;
	char message[MESSAGE_MAX] = "";
	struct settings fresh;

	log_reopen();
	if (settings_read(setup->argc, setup->argv, &fresh, message, sizeof(message)) < 0)
		log_say(LOG_ERR, "the configuration stays as it was: %s", message);
	else
		adopt(keeper, &fresh);
	tell_settings(keeper);
}

static void take_signals(struct keeper *keeper)
{
	struct signalfd_siginfo infos[SIGNALS_A_TURN];
	ssize_t n = read(keeper->signals, infos, sizeof(infos));
	bool reread = false;

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(infos[0]); i++) {
		if (infos[i].ssi_signo == SIGTERM || infos[i].ssi_signo == SIGINT)
			keeper->is_told_to_end = true;
		if (infos[i].ssi_signo == SIGHUP)
			reread = true;
	}
	if (keeper->is_told_to_end)
		return;
	reap(keeper);
	if (reread)
		read_again(keeper);
}

/* Milliseconds for poll(2), rounded up by nothing: the clock has none smaller. */
static int find_timeout(const struct keeper *keeper, int64_t now)
{
	int64_t due = rounds_due(&keeper->rounds, now);

	if (!keeper->agent && keeper->agent_due < due)
		due = keeper->agent_due;
	if (due <= now)
		return 0;
	return due - now < INT32_MAX ? (int)(due - now) : INT32_MAX;
}

static void turn(struct keeper *keeper)
{
	struct pollfd fds[2 + ROUNDS_POLL_MAX] = {
		{.fd = keeper->signals, .events = POLLIN},
		{.fd = outbox_waits(&keeper->outbox) ? keeper->outbox.end : -1,
		 .events = POLLOUT},
	};
	int64_t now = clock_ms();
	size_t n = 2 + rounds_poll(&keeper->rounds, now, fds + 2);

	if (poll(fds, n, find_timeout(keeper, now)) < 0)
		return; /* EINTR, or no memory for a moment */
	if (fds[1].revents)
		outbox_flush(&keeper->outbox);
	if (fds[0].revents)
		take_signals(keeper);
	if (keeper->is_told_to_end || keeper->is_refused)
		return;
	now = clock_ms();
	rounds_turn(&keeper->rounds, now);
	if (!keeper->agent && now >= keeper->agent_due)
		start_agent(keeper, now);
}

/* Returns whether it ended within that time. */
static bool wait_agent(struct keeper *keeper, int64_t timeout_ms)
{
	const int64_t end = clock_ms() + timeout_ms;
	struct signalfd_siginfo infos[SIGNALS_A_TURN];
	struct pollfd fd = {.fd = keeper->signals, .events = POLLIN};

	for (;;) {
		int64_t left = end - clock_ms();
		pid_t pid = waitpid(keeper->agent, NULL, WNOHANG);

		if (pid != 0)
			return true;
		if (left <= 0)
			return false;
		/* Whatever the signal is, nothing but the end matters now. */
		if (poll(&fd, 1, (int)left) > 0 &&
		    read(keeper->signals, infos, sizeof(infos)) < 0)
			return false;
	}
}

/* Frozen together with its master, it would not end by itself. */
static void stop_agent(struct keeper *keeper)
{
	if (!keeper->agent)
		return;
	kill(keeper->agent, SIGTERM);
	if (wait_agent(keeper, GRACE_MS))
		return;
	log_say(LOG_WARNING, "the SNMP side does not end: it is killed");
	kill(keeper->agent, SIGKILL);
	wait_agent(keeper, KILLED_MS);
}

/* Returns 0 or -errno. */
static int open_signals(struct keeper *keeper)
{
	static const int taken[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(&set, taken[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* Ignored, as some who start us leave them, they would not come. */
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		signal(taken[i], SIG_DFL);
	keeper->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return keeper->signals < 0 ? -errno : 0;
}

static int init(struct keeper *keeper)
{
	const struct keeper_setup *setup = keeper->setup;
	int rc = privilege_keep();

	if (rc == 0)
		rc = open_signals(keeper);
	if (rc == 0)
		rc = rounds_init(&keeper->rounds, setup->settings, &keeper->outbox,
				 clock_ms(), setup->look_ms);
	return rc;
}

static void run(struct keeper *keeper)
{
	log_set_role("keeper: ");
	tell_settings(keeper);
	start_agent(keeper, clock_ms());
	while (!keeper->is_told_to_end && !keeper->is_refused)
		turn(keeper);
	rounds_release(&keeper->rounds);
	stop_agent(keeper);
}

int keeper_run(const struct keeper_setup *setup)
{
	struct keeper keeper = {.setup = setup, .signals = -1};
	int rc;

	outbox_init(&keeper.outbox);
	rc = init(&keeper);
	if (rc < 0)
		log_say(LOG_ERR, "cannot start: %s", strerror(-rc));
	else
		run(&keeper);
	outbox_release(&keeper.outbox);
	if (keeper.signals >= 0)
		close(keeper.signals);
	return rc < 0 || keeper.is_refused ? 1 : 0;
}
