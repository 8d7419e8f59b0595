/*
 * agentd.c - the folder and the daemons; see agentd.h.  What is asked of them is in
 * agentdask.c.
 */
#include "agentd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"
#include "tests/test.h"

#define WAIT_SECONDS 20
#define WORDS_MAX    64

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static const char *const names[] = {
	[AGENTD_SNMPD] = "snmpd",
	[AGENTD_TRAPD] = "snmptrapd",
	[AGENTD_AGENT] = "stale-agentx",
};

void agentd_skip(const struct agentd *d, const char *reason)
{
	printf("# skip %s: %s\n", d->name, reason);
	fflush(stdout);
	skip();
	abort(); /* not reached */
}

static void print_logs(const struct agentd *d)
{
	for (int who = 0; who < AGENTD_COUNT; who++) {
		char *log = agentd_log(d, (enum agentd_who)who);

		if (*log)
			print_error("%s logged:\n%s\n", names[who], log);
		free(log);
	}
}

void agentd_fail(const struct agentd *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprint_error(format, args);
	va_end(args);
	print_error("\n");
	print_logs(d);
	fail();
	abort(); /* not reached */
}

char *agentd_path(const struct agentd *d, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", d->dir, name) > 0);
	return path;
}

/* A port that nobody has: one that the kernel gives, and takes back. */
static uint16_t free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static FILE *create(const struct agentd *d, const char *name)
{
	char *path = agentd_path(d, name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	free(path);
	return file;
}

static void write_files(struct agentd *d)
{
	FILE *file = create(d, "conf/snmpd.conf");

	fprintf(file,
		"agentAddress udp:%s\nrocommunity public 127.0.0.1\n"
		"rwcommunity private 127.0.0.1\nmaster agentx\nagentXSocket %s\n"
		"agentXPerms 0660 0750\ntrap2sink 127.0.0.1:%u public\n%s\n",
		d->address, d->socket, d->trap_port, d->more_conf ? d->more_conf : "");
	assert_int_equal(fclose(file), 0);
	file = create(d, "conf/snmptrapd.conf");
	fputs("disableAuthorization yes\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(fclose(create(d, "empty.conf")), 0);
}

static void choose_port(struct agentd *d)
{
	d->port = free_port();
	snprintf(d->address, sizeof(d->address), "127.0.0.1:%u", d->port);
}

/* "1, 3, 6" to ".1.3.6" */
static void write_base(const char *from, char *to)
{
	*to++ = '.';
	for (; *from; from++)
		if (*from == ',')
			*to++ = '.';
		else if (*from != ' ')
			*to++ = *from;
	*to = '\0';
}

int agentd_setup(void **state)
{
	static const char *const folders[] = {"conf", "snmpd", "snmptrapd", "tools"};
	const struct agentd_row *row = *state;
	struct agentd *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->name = row->name;
	for (int who = 0; who < AGENTD_COUNT; who++)
		d->daemons[who].pidfd = -1;
	assert_true(strlen(row->base) < sizeof(d->base));
	write_base(row->base, d->base);
	/* Short, for a socket is in there. */
	snprintf(d->dir, sizeof(d->dir), "/tmp/agentd.XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	assert_int_equal(chmod(d->dir, 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = agentd_path(d, folders[i]);

		assert_int_equal(mkdir(path, 0755), 0);
		free(path);
	}
	snprintf(d->socket, sizeof(d->socket), "unix:%s/agentx", d->dir);
	choose_port(d);
	d->trap_port = free_port();
	*state = d;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int agentd_teardown(void **state)
{
	struct agentd *d = *state;

	/* stale-agentx first, so that its SNMP side ends with it. */
	for (int who = AGENTD_COUNT - 1; who >= 0; who--) {
		struct agentd_daemon *daemon = &d->daemons[who];

		if (daemon->pid > 0) { /* our child until we wait for it */
			kill(daemon->pid, SIGCONT);
			kill(daemon->pid, SIGKILL);
			waitpid(daemon->pid, NULL, 0);
			close(daemon->pidfd);
		}
	}
	nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(d);
	return 0;
}

static char *join(const char *front, const char *back)
{
	char *word;

	assert_true(asprintf(&word, "%s%s", front, back) > 0);
	return word;
}

/* Does one of the words begin so? */
static bool has_option(const char *const words[], const char *option)
{
	for (size_t i = 0; words && words[i]; i++)
		if (strncmp(words[i], option, strlen(option)) == 0)
			return true;
	return false;
}

static size_t agent_words(const struct agentd *d, const char *const words[],
			  char *argv[WORDS_MAX])
{
	const struct {
		const char *option, *front, *middle, *back;
	} ours[] = {
		{"-f", "-f", "", ""},
		{"-x", "-x", d->socket, ""},
		{"-p", "-p", d->dir, "/pid"},
		{"-c", "-c", d->dir, "/empty.conf"},
		{"-L", "-Lf", d->dir, "/log.2"},
		{"--ping-interval", "--ping-interval=1", "", ""},
	};
	size_t n = 0;

	argv[n++] = d->program ? strdup(d->program) : live_built("stale-agentx");
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		char *word = join(ours[i].front, ours[i].middle);

		if (!has_option(words, ours[i].option))
			argv[n++] = join(word, ours[i].back);
		free(word);
	}
	return n;
}

static size_t daemon_words(const struct agentd *d, enum agentd_who who,
			   const char *const words[], char *argv[WORDS_MAX])
{
	size_t n = 0;

	if (who == AGENTD_AGENT)
		return agent_words(d, words, argv);
	argv[n++] = strdup(names[who]);
	argv[n++] = strdup("-f");
	argv[n++] = strdup("-C");
	argv[n++] = strdup("-c");
	argv[n++] = agentd_path(d, who == AGENTD_SNMPD ? "conf/snmpd.conf"
						       : "conf/snmptrapd.conf");
	argv[n++] = strdup("-Lf");
	argv[n++] = agentd_path(d, who == AGENTD_SNMPD ? "log.0" : "log.1");
	if (who == AGENTD_SNMPD) {
		argv[n++] = strdup("-I");
		argv[n++] = strdup("-smux");
		return n;
	}
	argv[n++] = strdup("-On");
	argv[n++] = strdup("-x");
	argv[n++] = strdup("none"); /* else it is a subagent of the machine's snmpd */
	assert_true(asprintf(&argv[n++], "udp:127.0.0.1:%u", d->trap_port) > 0);
	return n;
}

/* In the child. */
static void set_environment(const struct agentd *d, const char *folder)
{
	char *conf = agentd_path(d, "conf"), *own = agentd_path(d, folder);
	const char *path = getenv("PATH");
	char *with_sbin = join("/usr/sbin:/sbin:", path ? path : "/usr/bin:/bin");

	setenv("PATH", with_sbin, 1);
	setenv("SNMPCONFPATH", conf, 1);
	setenv("SNMP_PERSISTENT_DIR", own, 1);
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "/nonexistent", 1);
}

static void run_daemon(const struct agentd *d, enum agentd_who who, char *argv[])
{
	char *output = agentd_path(d, "output");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int out = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (who != AGENTD_AGENT)
		set_environment(d, names[who]);
	if (who == AGENTD_AGENT && d->before && d->before() < 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

/* A log of its own for each start. */
static void remove_log(const struct agentd *d, enum agentd_who who)
{
	char name[16];
	char *path;

	snprintf(name, sizeof(name), "log.%d", (int)who);
	path = agentd_path(d, name);
	unlink(path);
	free(path);
	if (who == AGENTD_AGENT) {
		path = agentd_path(d, "output");
		unlink(path);
		free(path);
	}
}

static void spawn(struct agentd *d, enum agentd_who who, char *argv[])
{
	struct agentd_daemon *daemon = &d->daemons[who];

	fflush(stdout);
	daemon->pid = fork();
	assert_true(daemon->pid >= 0);
	if (daemon->pid == 0)
		run_daemon(d, who, argv);
	daemon->pidfd = (int)syscall(SYS_pidfd_open, daemon->pid, 0U);
	assert_true(daemon->pidfd >= 0);
	assert_true(fcntl(daemon->pidfd, F_SETFD, FD_CLOEXEC) >= 0);
	d->starts++;
}

void agentd_start(struct agentd *d, enum agentd_who who, const char *const words[])
{
	char *argv[WORDS_MAX];
	size_t n;

	assert_int_equal(d->daemons[who].pid, 0);
	write_files(d);
	remove_log(d, who);
	n = daemon_words(d, who, words, argv);
	for (size_t i = 0; words && words[i]; i++) {
		assert_true(n < WORDS_MAX - 1);
		argv[n++] = strdup(words[i]);
	}
	argv[n] = NULL;
	spawn(d, who, argv);
	for (size_t i = 0; i < n; i++)
		free(argv[i]);
}

/* Reaps it if it has ended. */
bool agentd_runs(struct agentd *d, enum agentd_who who)
{
	struct agentd_daemon *daemon = &d->daemons[who];
	siginfo_t info = {0};

	if (daemon->pid <= 0)
		return false;
	assert_int_equal(
		waitid(P_PID, (id_t)daemon->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	return info.si_pid == 0;
}

static bool answers(const struct agentd *d, enum agentd_who who)
{
	static const char up[] = ".1.3.6.1.2.1.1.3.0";
	char *value;

	if (who == AGENTD_TRAPD) {
		char *log = agentd_log(d, who);
		bool is_up = strstr(log, "NET-SNMP version") != NULL;

		free(log);
		return is_up;
	}
	value = agentd_get(d, who == AGENTD_SNMPD ? up : "1.1.2.0");
	free(value);
	return value != NULL;
}

static int exit_status(const struct agentd *d, enum agentd_who who)
{
	siginfo_t info = {0};

	waitid(P_PID, (id_t)d->daemons[who].pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return info.si_status;
}

/* Somebody else took the port that was free. */
static bool lost_port(const struct agentd *d, enum agentd_who who)
{
	char *log = agentd_log(d, who);
	bool lost = who == AGENTD_SNMPD && strstr(log, "opening specified endpoint");

	free(log);
	return lost;
}

void agentd_wait(struct agentd *d, enum agentd_who who)
{
	double end = agentd_clock() + WAIT_SECONDS;

	while (!answers(d, who)) {
		if (!agentd_runs(d, who) && lost_port(d, who)) {
			agentd_end(d, who, 0, NULL);
			choose_port(d);
			agentd_start(d, who, NULL);
		} else if (!agentd_runs(d, who)) {
			if (who != AGENTD_AGENT && exit_status(d, who) == 127)
				agentd_skip(d, "no snmpd or no snmptrapd");
			agentd_fail(d, "%s has ended: %d", names[who],
				    exit_status(d, who));
		}
		if (agentd_clock() > end)
			agentd_fail(d, "%s does not answer", names[who]);
		agentd_pause(0.02);
	}
}

void agentd_start_both(struct agentd *d, const char *const words[])
{
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	agentd_start(d, AGENTD_AGENT, words);
	agentd_wait(d, AGENTD_AGENT);
}

void agentd_signal(const struct agentd *d, enum agentd_who who, int signal)
{
	assert_true(d->daemons[who].pid > 0);
	assert_int_equal(kill(d->daemons[who].pid, signal), 0);
}

/* Of all processes of stale-agentx, where they are built to find such. */
static void check_sanitizers(const struct agentd *d)
{
	char *log = agentd_log(d, AGENTD_AGENT);
	bool is_bad = strstr(log, "Sanitizer: ") || strstr(log, "runtime error: ");

	free(log);
	if (is_bad)
		agentd_fail(d, "a sanitizer found something");
}

double agentd_end(struct agentd *d, enum agentd_who who, int signal, int *ret_status)
{
	struct agentd_daemon *daemon = &d->daemons[who];
	double began = agentd_clock();
	struct pollfd ended = {.fd = daemon->pidfd, .events = POLLIN};
	double took;
	int status;

	if (signal)
		agentd_signal(d, who, signal);
	if (poll(&ended, 1, WAIT_SECONDS * 1000) != 1)
		agentd_fail(d, "%s does not end", names[who]);
	took = agentd_clock() - began;
	assert_int_equal(waitpid(daemon->pid, &status, 0), daemon->pid);
	close(daemon->pidfd);
	*daemon = (struct agentd_daemon){.pidfd = -1};
	if (ret_status)
		*ret_status = status;
	if (who == AGENTD_AGENT)
		check_sanitizers(d);
	return took;
}
