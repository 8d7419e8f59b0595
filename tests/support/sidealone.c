/*
 * sidealone.c - see sidealone.h.
 */
#include "sidealone.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reportmake.h"
#include "snmp/agent.h"
#include "snmp/log.h"
#include "tests/test.h"

static _Noreturn void run_side(const struct agentd *d, int end)
{
	char *config = agentd_path(d, "empty.conf"), *log = agentd_path(d, "log.2");
	char name[] = "stale-agentx", ping[] = "--ping-interval=1", dash[] = "-c";
	char socket[100], *argv[] = {name, socket, ping, dash, config, NULL};
	char message[256], value[100];
	struct settings settings;
	const char *wrong;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(socket, sizeof(socket), "-x%s", d->socket);
	snprintf(value, sizeof(value), "f%s", log);
	if (settings_read(5, argv, &settings, message, sizeof(message)) < 0 ||
	    log_parse(value, &wrong) < 0 || log_open() < 0)
		_exit(99);
	_exit(agent_run(end, &settings));
}

void side_tell(const struct side *side, const struct wire_message *message)
{
	assert_int_equal(wire_send(side->wire, message), 0);
}

void side_tell_settings(const struct side *side, bool watch, uint32_t notify)
{
	const struct wire_message message = {
		.kind = WIRE_SETTINGS,
		.settings = {.policy = {.why = STALE_WHY_DEFAULT},
			     .interval = 300,
			     .max_procs = 1000,
			     .max_files = 1000,
			     .notify = notify,
			     .watch = watch},
	};

	side_tell(side, &message);
}

void side_start(struct side *side, struct agentd *d)
{
	int ends[2];

	*side = (struct side){.d = d};
	agentd_start(d, AGENTD_SNMPD, NULL);
	agentd_wait(d, AGENTD_SNMPD);
	assert_int_equal(wire_open(ends), 0);
	side->pid = fork();
	assert_true(side->pid >= 0);
	if (side->pid == 0) {
		close(ends[0]);
		run_side(d, ends[1]);
	}
	close(ends[1]);
	side->wire = ends[0];
}

int side_wait(struct side *side)
{
	struct pollfd pfd = {
		.fd = (int)syscall(SYS_pidfd_open, side->pid, 0U),
		.events = POLLIN,
	};
	int status;

	assert_true(pfd.fd >= 0);
	if (poll(&pfd, 1, 3000) != 1) {
		kill(side->pid, SIGKILL);
		print_error("it does not end\n");
	}
	close(pfd.fd);
	assert_int_equal(waitpid(side->pid, &status, 0), side->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void side_end(struct side *side)
{
	close(side->wire);
	assert_int_equal(side_wait(side), 0);
}

struct stale_report *side_report(pid_t first, size_t n)
{
	struct stale_report *report;
	struct reportmake m;

	reportmake_init(&m);
	for (size_t i = 0; i < n; i++) {
		reportmake_proc(&m, first + (pid_t)i, "x")->start_ticks = 100;
		reportmake_file(&m, "/lib/a", STALE_DELETED, 1);
	}
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

void side_tell_report(const struct side *side, struct stale_report *report)
{
	struct wire_message message = {
		.kind = WIRE_REPORT,
		.report = {.scan = {.time = REPORTMAKE_NOW, .duration_ms = 5},
			   .report = report},
	};

	side_tell(side, &message);
	stale_report_free(report);
}
