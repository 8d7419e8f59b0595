/*
 * daemon.c - see daemon.h.
 */
#include "daemon.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

#define START_S  30
#define STOP_S   10
#define PAUSE_MS 20
#define ENV_MAX  16

const char *daemon_find(const struct live *live, const char *const names[])
{
	char reason[PATH_MAX];

	for (size_t i = 0; names[i]; i++)
		if (access(names[i], X_OK) == 0)
			return names[i];
	snprintf(reason, sizeof(reason), "%s is not installed", names[0]);
	live_skip(live, reason);
}

void daemon_mkdir(const struct live *live, const char *name, enum livechild_user user)
{
	const uid_t id = LIVECHILD_NOBODY;

	live_mkdir(live, name);
	if (user != LIVECHILD_SAME)
		assert_int_equal(fchownat(live->dirfd, name, id, id, 0), 0);
}

int daemon_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void __attribute__((noreturn))
run(const struct daemon *daemon, const char *const argv[], pid_t parent)
{
	const char *env[ENV_MAX] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int log;

	for (size_t i = 0; daemon->env && daemon->env[i] && i < ENV_MAX - 3; i++)
		env[i + 2] = daemon->env[i];
	setpgid(0, 0);
	if (livechild_become(daemon->user) < 0)
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	log = open(daemon->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (getppid() == parent && dup2(in, 0) == 0 && dup2(log, 1) == 1 &&
	    dup2(log, 2) == 2)
		execve(argv[0], (char *const *)(uintptr_t)argv,
		       (char *const *)(uintptr_t)env);
	_exit(127);
}

void daemon_start(struct daemon *daemon, const char *const argv[])
{
	pid_t parent = getpid();

	fflush(stdout);
	daemon->pid = fork();
	assert_true(daemon->pid >= 0);
	if (daemon->pid == 0)
		run(daemon, argv, parent);
}

/* It stays a zombie, so that its number remains its own. */
static bool has_ended(const struct daemon *daemon)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)daemon->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == daemon->pid;
}

void daemon_wait(struct daemon *daemon, bool (*is_ready)(void *arg), void *arg)
{
	const time_t end = time(NULL) + START_S;

	while (time(NULL) < end) {
		if (has_ended(daemon))
			daemon_fail(daemon, "it has ended");
		if (is_ready(arg))
			return;
		poll(NULL, 0, PAUSE_MS);
	}
	daemon_fail(daemon, "nothing for %d s", START_S);
}

void daemon_fail(const struct daemon *daemon, const char *format, ...)
{
	FILE *log = fopen(daemon->log, "re");
	char line[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	print_error("%s; the log:\n", line);
	while (log && fgets(line, sizeof(line), log))
		print_error("  %s", line);
	if (log)
		fclose(log);
	fail();
	abort(); /* not reached */
}

void daemon_stop(struct daemon *daemon)
{
	const time_t end = time(NULL) + STOP_S;

	if (daemon->pid <= 0)
		return;
	kill(daemon->pid, SIGTERM);
	while (!has_ended(daemon) && time(NULL) < end)
		poll(NULL, 0, PAUSE_MS);
	kill(-daemon->pid, SIGKILL);
	waitpid(daemon->pid, NULL, 0);
	daemon->pid = 0;
}
