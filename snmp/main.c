/*
 * main.c - stale-agentx: settings, log, pid file, background; then the keeper.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent.h"
#include "cleanup.h"
#include "keeper.h"
#include "log.h"
#include "pidfile.h"
#include "spawn.h"

#define EXIT_USAGE 3 /* as check_stale */

/* Else a file opened later would be taken for a missing stdin, stdout or stderr. */
static void keep_standard_files(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", O_RDWR);
}

/* To standard error, whatever becomes of the log. */
static int fail(int status, const char *message)
{
	fprintf(stderr, "stale-agentx: %s\n", message);
	return status;
}

static int fail_usage(const char *message)
{
	fail(EXIT_USAGE, message);
	fputs(settings_usage(), stderr);
	return EXIT_USAGE;
}

static int say(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
		return 1; /* what nobody could read was not said */
	return 0;
}

static int parse_log(const struct settings *settings)
{
	const char *wrong = "";
	const char *value = settings->log;

	if (!value)
		value = settings->foreground ? "e" : "sd";
	if (log_parse(value, &wrong) < 0)
		return fail_usage(wrong);
	log_set_level(settings->debug ? LOG_DEBUG : LOG_INFO);
	return 0;
}

static int open_log(void)
{
	int rc = log_open();
	char message[256];

	if (rc == 0)
		return 0;
	snprintf(message, sizeof(message), "cannot open the log: %s", strerror(-rc));
	return fail(1, message);
}

/* ready: who started this waits there for its exit status; -1: nobody does. */
static int tell(int ready, int status)
{
	const char byte = (char)status;

	if (ready < 0)
		return status;
	if (write(ready, &byte, 1) != 1)
		return 1;
	close(ready);
	return status ? status : spawn_null() < 0;
}

static int prepare(const struct settings *settings, struct pidfile *ret_pidfile)
{
	char message[512];
	int status = open_log();

	if (status)
		return status;
	if (pidfile_create(settings->pidfile, ret_pidfile, message, sizeof(message)) < 0)
		return fail(1, message);
	return 0;
}

static int serve(struct settings *settings, int argc, char **argv, int ready)
{
	struct pidfile pidfile = PIDFILE_INIT;
	struct keeper_setup setup = {
		.settings = settings,
		.argc = argc,
		.argv = argv,
		.run_agent = agent_run,
	};
	int status = tell(ready, prepare(settings, &pidfile));

	if (status == 0)
		status = keeper_run(&setup);
	pidfile_remove(&pidfile);
	log_close();
	return status;
}

/* What the daemon says when it is ready, or before it ends. */
static int wait_until_ready(int ready)
{
	char status;

	if (read(ready, &status, 1) != 1)
		return fail(1, "the daemon died");
	return status;
}

/* Leads no session in the end, and so never gets a terminal. */
static int daemonize(struct settings *settings, int argc, char **argv)
{
	int ready[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return fail(1, strerror(errno));
	pid = fork();
	if (pid < 0)
		return fail(1, strerror(errno));
	if (pid > 0) {
		close(ready[1]);
		return wait_until_ready(ready[0]);
	}
	close(ready[0]);
	setsid();
	pid = fork();
	if (pid != 0)
		return pid < 0 ? fail(1, strerror(errno)) : 0;
	if (chdir("/") < 0)
		return fail(1, strerror(errno));
	return serve(settings, argc, argv, ready[1]);
}

/* What would be taken for something else in the background. */
static const char *find_wrong(const struct settings *settings)
{
	if (settings->foreground)
		return NULL;
	if (*settings->pidfile != '/' || *settings->config != '/')
		return "without -f, -p and -c take absolute paths";
	if (settings->log && strchr("eo", *settings->log))
		return "without -f, there is nobody to read -Le and -Lo";
	return NULL;
}

static int start(struct settings *settings, int argc, char **argv)
{
	const char *wrong;
	int status;

	switch (settings->action) {
	case SETTINGS_HELP:
		return say(settings_help());
	case SETTINGS_VERSION:
		return say(settings_version());
	case SETTINGS_RUN:
		break;
	}
	wrong = find_wrong(settings);
	if (wrong)
		return fail_usage(wrong);
	status = parse_log(settings);
	if (status)
		return status;
	if (settings->foreground)
		return serve(settings, argc, argv, -1);
	return daemonize(settings, argc, argv);
}

int main(int argc, char **argv)
{
	struct settings settings;
	char message[512];
	int rc, status;

	keep_standard_files();
	spawn_close_but(NULL, 0);
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);  /* until the keeper takes it */
	signal(SIGXFSZ, SIG_IGN); /* a limit of file size is an error, not our end */
	rc = settings_read(argc, argv, &settings, message, sizeof(message));
	if (rc < 0)
		return rc == -ENOMEM ? fail(1, message) : fail_usage(message);
	status = start(&settings, argc, argv);
	settings_release(&settings);
	return status;
}
