/*
 * session.c - see session.h.  Only the thread that opened it calls anything in here.
 */
#include "session.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/library/large_fd_set.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "cleanup.h"
#include "guard.h"
#include "log.h"

#define APP            "stale-agentx"
#define DEFAULT_SOCKET "/var/agentx/master"
#define TIMEOUT_US     1000000L /* for an answer of the master */
#define GOODBYE_US     400000L
#define REFUSALS_MAX   5  /* in a row, after a connection that was lost */
#define LATE_S         10 /* for a turn, with all registrations */
#define LATE_FDS       65536
#define PIPES_MAX      8    /* it has two */
#define DRAIN_MAX      8192 /* more than what is read from the master at a time makes */

static struct {
	netsnmp_session *master; /* borrowed from libnetsnmp; NULL: not connected */
	unsigned connections;
	unsigned losses;
	bool is_new; /* what we tell is being registered */
	/* Of the connection that there is. */
	bool refused_now;
	bool unheard; /* a registration had no answer */
	unsigned refusals;
	const char *socket; /* borrowed */
} session;

/*
 * While it waits for an answer, libnetsnmp looks at no clock as long as anything else
 * comes; and it has no timeout for connect(2) and send(2).  A connection that holds all
 * else up is shut down, whatever becomes of it: only those to a master are of that type.
 */
static void hang_up_late(int signal)
{
	int saved = errno, type;

	(void)signal;
	for (int fd = STDERR_FILENO + 1; fd < LATE_FDS; fd++) {
		socklen_t len = sizeof(type);

		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_STREAM)
			shutdown(fd, SHUT_RDWR);
	}
	errno = saved;
}

/* 0: there is nothing to wait for.  Again and again, for it may try again. */
static void allow_seconds(long seconds)
{
	const struct itimerval times = {.it_value.tv_sec = seconds,
					.it_interval.tv_sec = seconds ? 1 : 0};

	setitimer(ITIMER_REAL, &times, NULL);
}

/* Without SA_RESTART, so that it ends what waits. */
static void set_alarm(void)
{
	const struct sigaction action = {.sa_handler = hang_up_late};

	sigaction(SIGALRM, &action, NULL);
	allow_seconds(LATE_S);
}

static const char *socket_name(void)
{
	return session.socket ? session.socket : DEFAULT_SOCKET;
}

/* Why a socket of the file system cannot be had: libnetsnmp does not say. */
static const char *find_reason(const char *name)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	cleanup_close int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (strncmp(name, "unix:", 5) == 0)
		name += 5;
	if (fd < 0 || *name != '/' || strlen(name) >= sizeof(to.sun_path))
		return "no answer";
	memcpy(to.sun_path, name, strlen(name));
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return "no answer";
	return strerror(errno);
}

/*
 * What libnetsnmp says.  Of a registration that the master refuses it says no more than
 * this, and tells it to nobody.
 */
static int on_log(int major, int minor, void *message, void *arg)
{
	const struct snmp_log_message *said = message;
	size_t len = said->msg ? strlen(said->msg) : 0;

	(void)major;
	(void)minor;
	(void)arg;
	while (len > 0 && said->msg[len - 1] == '\n')
		len--;
	/* After such an end it has two alarms to connect: it says this by the second one, for
	 * ever, and does nothing. */
	if (len == 0 ||
	    strncmp(said->msg, "AgentX session to master agent attempted", 40) == 0)
		return 0;
	if (strncmp(said->msg, "registering pdu failed", 22) == 0)
		session.refused_now = true;
	if (strncmp(said->msg, "Warning: Failed to connect", 26) == 0)
		log_say(LOG_WARNING, "no AgentX master: %s (%s)",
			find_reason(socket_name()), socket_name());
	else
		log_say(said->priority, "%.*s", (int)len, said->msg);
	return 0;
}

/* Else each question to a master that hangs takes six seconds, in which nothing else is
 * done. */
static int on_init(int major, int minor, void *new_session, void *arg)
{
	netsnmp_session *s = new_session;

	(void)major;
	(void)minor;
	(void)arg;
	s->timeout = TIMEOUT_US;
	s->retries = 0;
	return 0;
}

static int on_start(int major, int minor, void *master, void *arg)
{
	(void)major;
	(void)minor;
	(void)arg;
	/* Where the last connection ended while it was told what we have, libnetsnmp takes
	 * the rest for told, and would never tell it again. */
	register_mib_detach();
	session.master = master;
	session.connections++;
	session.is_new = true;
	session.refused_now = false;
	session.unheard = false;
	return 0;
}

static bool is_unheard(void)
{
	return session.master && session.master->s_snmp_errno == SNMPERR_TIMEOUT;
}

/* After each registration.  That one had no answer is forgotten with the next one. */
static int on_registered(int major, int minor, void *registered, void *arg)
{
	(void)major;
	(void)minor;
	(void)registered;
	(void)arg;
	if (is_unheard())
		session.unheard = true;
	return 0;
}

static int on_stop(int major, int minor, void *master, void *arg)
{
	(void)major;
	(void)minor;
	(void)master;
	(void)arg;
	session.master = NULL;
	session.losses++;
	return 0;
}

/* No MIBs, no files of any user or of the machine, nothing written: not even a folder. */
static void set_environment(void)
{
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "/dev/null", 1);
	setenv("SNMPCONFPATH", "/dev/null", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS,
			       1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE,
			       1);
}

static void set_callbacks(void)
{
	snmp_disable_log();
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, on_init,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START,
			       on_start, NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP,
			       on_stop, NULL);
	netsnmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_REGISTER_OID,
				  on_registered, NULL, NETSNMP_CALLBACK_LOWEST_PRIORITY);
}

static void set_debugging(const char *tokens)
{
	char copy[1024];

	if (!tokens)
		return;
	snprintf(copy, sizeof(copy), "%s", tokens);
	debug_register_tokens(copy);
	snmp_set_do_debugging(1);
}

static void set_socket(const char *name)
{
	char address[sizeof(GUARD_PREFIX) + 4096];

	snprintf(address, sizeof(address), GUARD_PREFIX "%s", name ? name : "");
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
			      address);
}

int session_open(const struct settings *settings)
{
	int rc;

	session.socket = settings->socket;
	set_environment();
	set_callbacks();
	set_alarm();
	set_debugging(settings->debug);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_ALARM_DONT_USE_SIG,
			       1);
	set_socket(settings->socket);
	if (init_agent(APP) != 0)
		return -EINVAL;
	rc = guard_register();
	if (rc < 0)
		return rc;
	/* Set before, it would be set back to 15. */
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID,
			   NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL,
			   (int)settings->ping_interval);
	init_snmp(APP);
	return 0;
}

/* Sets what poll(2) is to look at, out of what libnetsnmp would give select(2). */
static size_t list_set(const netsnmp_large_fd_set *set, int end, struct pollfd *fds,
		       size_t room)
{
	size_t n = 0;

	for (int fd = 0; fd < end && n < room; fd++)
		if (NETSNMP_LARGE_FD_ISSET(fd, (netsnmp_large_fd_set *)(uintptr_t)set))
			fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	return n;
}

static size_t list_all(struct pollfd *fds, size_t room, int *timeout_ms)
{
	netsnmp_large_fd_set set;
	struct timeval left = {0};
	int end = 0, block = 1;
	size_t n;

	netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&set);
	snmp_select_info2(&end, &set, &left, &block);
	n = list_set(&set, end, fds, room);
	netsnmp_large_fd_set_cleanup(&set);
	if (!block) {
		int64_t ms = (int64_t)left.tv_sec * 1000 + (left.tv_usec + 999) / 1000;

		if (*timeout_ms < 0 || ms < *timeout_ms)
			*timeout_ms = (int)ms;
	}
	return n;
}

size_t session_poll(struct pollfd *fds, size_t room, int *timeout_ms)
{
	allow_seconds(0);
	return list_all(fds, room, timeout_ms);
}

static void read_ready(const struct pollfd *fds, size_t n)
{
	netsnmp_large_fd_set set;

	netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&set);
	for (size_t i = 0; i < n; i++)
		if (fds[i].revents)
			NETSNMP_LARGE_FD_SET(fds[i].fd, &set);
	snmp_read2(&set);
	netsnmp_large_fd_set_cleanup(&set);
}

static bool is_pipe(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0;
}

/*
 * What came from the master goes on over pipes, through which libnetsnmp talks to itself:
 * one message a turn, while hundreds are read from the master, and what waited there for
 * a second is forgotten.
 */
static void drain_pipes(void)
{
	struct pollfd all[PIPES_MAX], pipes[PIPES_MAX];
	size_t nall, n = 0;
	int timeout_ms = -1;

	nall = list_all(all, PIPES_MAX, &timeout_ms);
	for (size_t i = 0; i < nall; i++)
		if (is_pipe(all[i].fd))
			pipes[n++] = all[i];
	for (int i = 0; i < DRAIN_MAX && poll(pipes, n, 0) > 0; i++)
		read_ready(pipes, n);
}

void session_turn(const struct pollfd *fds, size_t n)
{
	allow_seconds(LATE_S);
	read_ready(fds, n);
	drain_pipes();
	snmp_timeout();
	run_alarms();
	netsnmp_check_outstanding_agent_requests();
}

bool session_is_connected(void)
{
	return session.master && !session.is_new && !session.refused_now &&
	       !session.unheard;
}

unsigned session_losses(void)
{
	return session.losses;
}

/* The way that libnetsnmp expects to lose its master; it comes back by itself. */
static void hang_up(void)
{
	void *opened = session.master ? snmp_sess_pointer(session.master) : NULL;
	netsnmp_transport *transport = opened ? snmp_sess_transport(opened) : NULL;

	if (transport && transport->sock >= 0)
		shutdown(transport->sock, SHUT_RDWR);
}

bool session_is_refused(void)
{
	if (!session.is_new || !session.master)
		return false;
	session.is_new = false;
	if (session.refused_now) {
		if (session.connections == 1 || ++session.refusals > REFUSALS_MAX)
			return true;
		log_say(LOG_WARNING, "refused by the master, trying again");
		hang_up();
	} else if (session.unheard || is_unheard()) {
		/* It counts as told, and would never be told again. */
		session.unheard = true;
		log_say(LOG_WARNING, "no answer of the master, trying again");
		hang_up();
	} else {
		session.refusals = 0;
	}
	return false;
}

void session_close(void)
{
	allow_seconds(1);
	if (session.master)
		session.master->timeout = GOODBYE_US;
	snmp_shutdown(APP);
	shutdown_agent();
	session.master = NULL;
	allow_seconds(0);
}
