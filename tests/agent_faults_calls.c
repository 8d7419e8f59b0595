/*
 * agent_faults_calls.c - every call of stale-agentx's own parts made to fail in turn: the
 * wire, the file with its number, its settings, and the child that scans.  Each time there
 * is an error, and nothing is half done.
 */
#include "tests/test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/pidfile.h"
#include "snmp/scanchild.h"
#include "tests/support/faultwork.h"
#include "tests/support/reportsame.h"
#include "tests/support/told.h"
#include "tests/support/wiremake.h"

/* A report over the wire. */
static struct stale_report *sent;
static bool is_torn;

/* What could not be sent is not half sent. */
static int pass_on(const int ends[2])
{
	const struct wire_message message = {.kind = WIRE_REPORT,
					     .report = {.report = sent}};
	struct wire_message got;
	int send_rc = wire_send(ends[0], &message);
	int rc = wire_receive(ends[1], &got);

	is_torn = send_rc < 0 && rc != -EAGAIN;
	if (rc == 1) {
		reportsame_assert("sent", got.report.report, sent);
		stale_report_free(got.report.report);
		rc = 0;
	}
	return send_rc < 0 ? send_rc : rc;
}

static int run_wire(void)
{
	int ends[2];
	int rc = wire_open(ends);

	if (rc < 0)
		return rc;
	rc = pass_on(ends);
	close(ends[0]);
	close(ends[1]);
	return rc;
}

static const char *judge_wire(int rc, int error)
{
	if (is_torn)
		return "something is sent all the same";
	/* A descriptor that cannot be looked at is not trusted. */
	if (rc == 0 || rc == -error || rc == -EBADMSG)
		return rc == 0 && error != EINTR && error != EIO && error != EINVAL
			       ? "no error"
			       : NULL;
	return "another";
}

static void a_report_is_sent_as_a_whole_or_not_at_all(void **state)
{
	static const struct faultwork work = {
		"wire",
		NULL,
		run_wire,
		judge_wire,
		{{FAULTS_SOCKETPAIR, {EMFILE, ENFILE, ENOMEM}},
		 {FAULTS_SETSOCKOPT, {ENOMEM, ENOPROTOOPT}},
		 {FAULTS_MEMFD, {EMFILE, ENFILE, ENOMEM, EINVAL}},
		 {FAULTS_WRITE, {ENOSPC, ENOMEM, EINTR}},
		 {FAULTS_FCNTL, {EPERM, EBUSY}},
		 {FAULTS_SENDMSG, {EAGAIN, ENOBUFS, ENOMEM, EPIPE, EINTR}},
		 {FAULTS_RECVMSG, {EAGAIN, ENOMEM, ECONNRESET, EINTR}},
		 {FAULTS_FSTAT, {ENOMEM}},
		 {FAULTS_MMAP, {ENOMEM, EAGAIN}},
		 {FAULTS_CLOSE, {EIO}}},
	};

	(void)state;
	sent = wiremake_report();
	faultwork_try(&work);
	stale_report_free(sent);
}

/* The file with the number of the process. */
static char path[128];
static char told_by_pidfile[256];

static int run_pidfile(void)
{
	struct pidfile pidfile = PIDFILE_INIT;
	int rc;

	told_by_pidfile[0] = '\0';
	rc = pidfile_create(path, &pidfile, told_by_pidfile, sizeof(told_by_pidfile));
	if (rc == 0 && access(path, F_OK) < 0)
		rc = 1;
	pidfile_remove(&pidfile);
	return rc;
}

static const char *judge_pidfile(int rc, int error)
{
	(void)error;
	unlink(path);
	if (rc > 0)
		return "there is no file";
	return rc < 0 && !strstr(told_by_pidfile, path) ? "no file is named" : NULL;
}

static void a_number_that_cannot_be_written_is_an_error(void **state)
{
	static const struct faultwork work = {
		"pid file",
		NULL,
		run_pidfile,
		judge_pidfile,
		{{FAULTS_OPEN, {EMFILE, ENOSPC, EACCES, EROFS}},
		 {FAULTS_FSTAT, {EIO, ENOMEM}},
		 {FAULTS_FCNTL, {ENOLCK, EINTR}},
		 {FAULTS_FTRUNCATE, {EIO}},
		 {FAULTS_PWRITE, {ENOSPC, EIO, EDQUOT}},
		 {FAULTS_FSYNC, {EIO, ENOSPC, EINVAL}},
		 {FAULTS_CLOSE, {EIO}}},
	};

	(void)state;
	snprintf(path, sizeof(path), "%s/pid", told.folder);
	faultwork_try(&work);
}

/* What it is told. */
static void put_settings(void)
{
	static const char text[] = "interval 5\nuser root\n";

	told_write_bytes(text, sizeof(text) - 1);
}

static int run_settings(void)
{
	const char *const words[] = {"-c", told.path, NULL};
	int rc;

	told.message[0] = '\0';
	rc = told_read_words(words);
	if (rc < 0)
		return rc;
	rc = told.settings.interval == 5 ? 0 : 1;
	settings_release(&told.settings);
	return rc;
}

static const char *judge_settings(int rc, int error)
{
	(void)error;
	if (rc > 0)
		return "they are those of nobody";
	return rc < 0 && !told.message[0] ? "without a reason" : NULL;
}

static void settings_that_cannot_be_read_are_an_error(void **state)
{
	static const struct faultwork work = {
		"settings",
		put_settings,
		run_settings,
		judge_settings,
		{{FAULTS_OPEN, {EMFILE, ENFILE, EACCES, ENOENT, EIO}},
		 {FAULTS_FSTAT, {EIO, ENOMEM}},
		 {FAULTS_READ, {EIO, EISDIR, EINTR}},
		 {FAULTS_CLOSE, {EIO}}},
	};

	(void)state;
	faultwork_try(&work);
}

/* The child that scans: this process alone.  Returns 0 where it was seen. */
static int hear(struct scanchild *child)
{
	struct stale_report *report;
	int rc = child->scan_rc;

	if (child->stage != SCANCHILD_SCANNED)
		return -ECHILD;
	if (rc == 0)
		rc = stale_scanner_report(child->scanner, &report);
	if (rc < 0)
		return rc;
	rc = stale_report_info(report)->finished ? 0 : 1;
	if (stale_report_info(report)->seen != 1)
		rc = 1;
	stale_report_free(report);
	return rc;
}

static int run_child(void)
{
	const pid_t self = getpid();
	const struct stale_options opt = {.pids = &self, .npids = 1};
	struct scanchild child;
	int status;
	int rc = scanchild_start(&child, &opt, NULL);

	if (rc < 0)
		return rc;
	if (waitpid(child.pid, &status, 0) != child.pid || !WIFEXITED(status))
		return 1;
	scanchild_listen(&child);
	rc = hear(&child);
	scanchild_release(&child);
	return rc;
}

static const char *judge_child(int rc, int error)
{
	(void)error;
	return rc > 0 ? "the scan is short" : NULL;
}

static void a_child_that_cannot_scan_says_so_or_nothing(void **state)
{
	static const struct faultwork work = {
		"child",
		NULL,
		run_child,
		judge_child,
		{{FAULTS_PIPE, {EMFILE, ENFILE}},
		 {FAULTS_FORK, {EAGAIN, ENOMEM}},
		 {FAULTS_MMAP, {ENOMEM, EAGAIN}},
		 {FAULTS_DUP, {EMFILE, EBUSY}},
		 {FAULTS_OPEN, {EMFILE, ENFILE, ENOENT, EACCES}},
		 {FAULTS_OPENAT, {EMFILE, ENFILE, ENOENT, EACCES}},
		 {FAULTS_STATX, {ENOMEM, ENOENT, EACCES}},
		 {FAULTS_WRITE, {EPIPE, EAGAIN}},
		 {FAULTS_CLOSE, {EIO}}},
	};

	(void)state;
	faultwork_try(&work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_sent_as_a_whole_or_not_at_all),
		cmocka_unit_test_setup_teardown(
			a_number_that_cannot_be_written_is_an_error, told_setup,
			told_teardown),
		cmocka_unit_test_setup_teardown(settings_that_cannot_be_read_are_an_error,
						told_setup, told_teardown),
		cmocka_unit_test(a_child_that_cannot_scan_says_so_or_nothing),
	};

	return cmocka_run_group_tests_name("calls that fail, agent", tests, NULL, NULL);
}
