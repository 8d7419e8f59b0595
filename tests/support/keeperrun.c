/*
 * keeperrun.c - see keeperrun.h.
 */
#include "keeperrun.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "snmp/keeper.h"
#include "snmp/log.h"
#include "snmp/spawn.h"
#include "snmp/wire.h"
#include "tests/test.h"

#define LINE_MAX_ 65536

static char line[LINE_MAX_];

__attribute__((format(printf, 2, 3))) static void add(size_t *len, const char *format,
						      ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line + *len, sizeof(line) - *len, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(line) - *len)
		*len += (size_t)n;
}

static size_t write_report(const struct stale_report *report, bool cut)
{
	size_t nprocs, len = 0;
	const struct stale_proc *procs = stale_report_procs(report, &nprocs);

	add(&len, "report cut=%d", cut);
	for (size_t i = 0; i < nprocs; i++)
		for (size_t k = 0; k < procs[i].nfiles; k++)
			add(&len, " %d:%s:%s", (int)procs[i].pid,
			    strrchr(procs[i].files[k].path, '/') + 1,
			    stale_why_name(procs[i].files[k].why));
	add(&len, " ");
	return len;
}

static size_t write_message(struct wire_message *message)
{
	static const char *const troubles[] = {"", "failed", "died", "hangs"};
	size_t len = 0;

	switch (message->kind) {
	case WIRE_SETTINGS:
		add(&len, "settings interval=%u watch=%d", message->settings.interval,
		    message->settings.watch);
		break;
	case WIRE_REPORT:
		len = write_report(message->report.report, message->report.scan.cut);
		stale_report_free(message->report.report);
		break;
	case WIRE_TROUBLE:
		add(&len, "trouble %s %d", troubles[message->trouble.what],
		    message->trouble.code);
		break;
	case WIRE_GONE:
		add(&len, "gone");
		for (size_t i = 0; i < message->gone.n; i++)
			add(&len, " %d", (int)message->gone.list[i].pid);
		add(&len, " ");
		break;
	}
	return len;
}

static void say(int to, size_t len)
{
	if (send(to, line, len, MSG_NOSIGNAL) < 0)
		_exit(9); /* the test has ended */
}

static unsigned count_links(const char *dir, const char *what)
{
	DIR *list = opendir(dir);
	const struct dirent *entry;
	unsigned n = 0;

	while (list && (entry = readdir(list)) != NULL) {
		char to[256] = "";

		if (entry->d_name[0] == '.')
			continue;
		if (readlinkat(dirfd(list), entry->d_name, to, sizeof(to) - 1) > 0 &&
		    (!what || strcmp(to, what) == 0))
			n++;
	}
	if (list)
		closedir(list);
	return n;
}

/* The value of a line of /proc/self/status, in that base. */
static unsigned long long status_of(const char *name, int base)
{
	char text[8192];
	const char *at;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, name);
	return at ? strtoull(at + strlen(name), NULL, base) : 99;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(8);
	return fd;
}

/* Those that it has besides the one to us, and the one that it counts with. */
static void say_hello(int to, int wire)
{
	size_t len = 0;
	unsigned long long caps = status_of("CapPrm:", 16) | status_of("CapEff:", 16) |
				  status_of("CapInh:", 16) | status_of("CapAmb:", 16);

	add(&len, "hello capabilities=%llx nnp=%llu descriptors=%u back=%d", caps,
	    status_of("NoNewPrivs:", 10), count_links("/proc/self/fd", NULL) - 2,
	    send(wire, "", 1, MSG_NOSIGNAL) == 1);
	say(to, len);
}

/* Returns false: to be done with that status. */
static bool obey(int from, bool *frozen, int *ret_status)
{
	char what[32] = "";

	if (recv(from, what, sizeof(what) - 1, 0) <= 0)
		return false;
	if (strcmp(what, "crash") == 0)
		raise(SIGKILL);
	*frozen = strcmp(what, "freeze") == 0;
	if (strcmp(what, "deaf") == 0)
		signal(SIGTERM, SIG_IGN);
	send(from, what, strlen(what), MSG_NOSIGNAL);
	*ret_status = KEEPER_AGENT_REFUSED;
	return strcmp(what, "refuse") != 0;
}

/* Returns false at the end. */
static bool pass_on(int wire, int to)
{
	static struct wire_message message;
	size_t len = 0;
	int rc = wire_receive(wire, &message);

	if (rc == -EAGAIN)
		return true;
	if (rc > 0)
		len = write_message(&message);
	else if (rc == 0)
		add(&len, "end");
	else
		add(&len, "error %d", -rc);
	say(to, len);
	return rc > 0;
}

/* What stands in for the SNMP side. */
static int run_agent(int wire_end, const struct settings *settings)
{
	int test = connect_to(settings->socket), status = 0;
	bool frozen = false;

	say_hello(test, wire_end);
	for (;;) {
		struct pollfd fds[] = {
			{.fd = test, .events = POLLIN},
			{.fd = frozen ? -1 : wire_end, .events = POLLIN},
		};

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents && !obey(test, &frozen, &status))
			return status;
		if (fds[1].revents && !pass_on(wire_end, test))
			return 0;
	}
}

static void path_of(const struct keeperrun *run, const char *name, char *path,
		    size_t size)
{
	snprintf(path, size, "%s/%s", run->dir, name);
}

static void fail_with_log(const struct keeperrun *run, const char *what)
{
	char path[64], text[8192] = "";
	int fd;

	path_of(run, "log", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	fail_msg("%s; last heard: \"%s\"; log:\n%s", what, run->heard, text);
}

int64_t keeperrun_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void keeperrun_configure(struct keeperrun *run, const char *config)
{
	char path[64];
	FILE *file;

	path_of(run, "conf", path, sizeof(path));
	if (!config) {
		assert_int_equal(unlink(path), 0);
		return;
	}
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "socket %s/socket\n", run->dir);
	for (size_t i = 0; i < run->live->npids; i++)
		fprintf(file, "pid %d\n", (int)run->live->pids[i]);
	fprintf(file, "%s\n", config);
	assert_int_equal(fclose(file), 0);
}

static void listen_to(struct keeperrun *run)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	path_of(run, "socket", address.sun_path, sizeof(address.sun_path));
	run->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(run->listener >= 0);
	assert_int_equal(
		bind(run->listener, (const struct sockaddr *)&address, sizeof(address)),
		0);
	assert_int_equal(chmod(address.sun_path, 0777), 0);
	assert_int_equal(listen(run->listener, 4), 0);
}

static void open_log(const struct keeperrun *run)
{
	static char value[64];
	const char *wrong;

	snprintf(value, sizeof(value), "f%s/log", run->dir);
	if (log_parse(value, &wrong) < 0 || log_open() < 0)
		_exit(7);
}

/* In the child.  Nothing may fail, skip or assert. */
static int run_keeper(const struct keeperrun *run)
{
	char config[64];
	char *argv[] = {(char[]){"test"}, (char[]){"-f"}, (char[]){"-c"}, config, NULL};
	char message[512] = "";
	struct settings settings;
	struct keeper_setup setup = {.settings = &settings,
				     .argc = 4,
				     .argv = argv,
				     .run_agent = run_agent,
				     .look_ms = run->look_ms};
	int status;

	spawn_close_but(NULL, 0); /* else what we started gets no end of file */
	for (int i = 0; i < 3; i++)
		(void)!dup(STDERR_FILENO); /* as somebody may leave them open */
	path_of(run, "conf", config, sizeof(config));
	open_log(run);
	if (livechild_become(run->user) < 0)
		return 6;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (settings_read(4, argv, &settings, message, sizeof(message)) < 0) {
		log_say(LOG_ERR, "%s", message);
		return 5;
	}
	status = keeper_run(&setup);
	settings_release(&settings);
	return status;
}

void keeperrun_start(struct keeperrun *run, const struct live *live, const char *config)
{
	run->live = live;
	run->agent = -1;
	snprintf(run->dir, sizeof(run->dir), "/tmp/keeperrun.XXXXXX");
	assert_non_null(mkdtemp(run->dir));
	assert_int_equal(chmod(run->dir, 0755), 0);
	keeperrun_configure(run, config);
	listen_to(run);
	fflush(stdout);
	run->pid = fork();
	assert_true(run->pid >= 0);
	if (run->pid == 0)
		_exit(run_keeper(run));
	run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	assert_true(run->pidfd >= 0);
	keeperrun_hear_hello(run, 10000);
}

void keeperrun_release(struct keeperrun *run)
{
	static const char *const names[] = {"conf", "log", "socket"};
	char path[64];

	if (run->pid) {
		kill(run->pid, SIGKILL);
		waitpid(run->pid, NULL, 0);
	}
	close(run->pidfd);
	close(run->listener);
	if (run->agent >= 0)
		close(run->agent);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		path_of(run, names[i], path, sizeof(path));
		unlink(path);
	}
	rmdir(run->dir);
}

void keeperrun_signal(const struct keeperrun *run, int signal)
{
	assert_int_equal(kill(run->pid, signal), 0);
}

int keeperrun_wait(struct keeperrun *run, int timeout_ms)
{
	struct pollfd fd = {.fd = run->pidfd, .events = POLLIN};
	int status;

	if (poll(&fd, 1, timeout_ms) != 1)
		fail_with_log(run, "the keeper does not end");
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	run->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Returns whether there was a message before the deadline. */
static bool next_message(struct keeperrun *run, int64_t deadline)
{
	struct pollfd fd = {.fd = run->agent, .events = POLLIN};
	int64_t left = deadline - keeperrun_clock();
	ssize_t n;

	if (left < 0 || poll(&fd, 1, (int)left) != 1)
		return false;
	n = recv(run->agent, run->heard, sizeof(run->heard) - 1, 0);
	run->heard[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool is_it(const struct keeperrun *run, const char *head, const char *word)
{
	return strncmp(run->heard, head, strlen(head)) == 0 && strstr(run->heard, word);
}

int64_t keeperrun_hear(struct keeperrun *run, const char *head, const char *word,
		       int timeout_ms)
{
	const int64_t start = keeperrun_clock();

	do {
		if (!next_message(run, start + timeout_ms)) {
			print_error("no \"%s\" with \"%s\" in %d ms\n", head, word,
				    timeout_ms);
			fail_with_log(run, "not heard");
		}
	} while (!is_it(run, head, word));
	return keeperrun_clock() - start;
}

void keeperrun_hear_next(struct keeperrun *run, const char *head, const char *word)
{
	if (!next_message(run, keeperrun_clock() + 10000) || !is_it(run, head, word)) {
		print_error("the next is no \"%s\" with \"%s\"\n", head, word);
		fail_with_log(run, "not heard");
	}
}

void keeperrun_hear_hello(struct keeperrun *run, int timeout_ms)
{
	struct pollfd fd = {.fd = run->listener, .events = POLLIN};

	if (poll(&fd, 1, timeout_ms) != 1)
		fail_with_log(run, "no SNMP side was started");
	if (run->agent >= 0)
		close(run->agent);
	run->agent = accept4(run->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(run->agent >= 0);
	keeperrun_hear_next(run, "hello", "");
}

void keeperrun_tell(const struct keeperrun *run, const char *what)
{
	assert_true(send(run->agent, what, strlen(what), MSG_NOSIGNAL) > 0);
}

static pid_t agent_of(const struct keeperrun *run)
{
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);

	getsockopt(run->agent, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	return peer.pid;
}

pid_t keeperrun_find_worker(const struct keeperrun *run)
{
	const pid_t agent = agent_of(run);
	char path[64], text[256];
	char *at = text;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)run->pid,
		 (int)run->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		live_skip(run->live, "the kernel does not list children");
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (;;) {
		long pid = strtol(at, &at, 10);

		if (pid == 0 || pid != agent)
			return (pid_t)pid;
	}
}

unsigned keeperrun_count_log(const struct keeperrun *run, const char *text)
{
	char path[64], lines[65536];
	unsigned n = 0;
	ssize_t len;
	int fd;

	path_of(run, "log", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, lines, sizeof(lines) - 1);
	close(fd);
	lines[len > 0 ? len : 0] = '\0';
	for (const char *at = lines; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

unsigned keeperrun_count_descriptors(const struct keeperrun *run, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)run->pid);
	return count_links(path, what);
}
