/*
 * agent_log.c - what the daemon says: where, in which form, how often.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp/log.h"

static char path[] = "/tmp/agent_log.XXXXXX";
static char value[64]; /* of -L, with the path; the log borrows it */

static int setup(void **state)
{
	int fd;

	(void)state;
	memset(path + strlen(path) - 6, 'X', 6);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(value, sizeof(value), "f%s", path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_close();
	log_set_level(LOG_INFO);
	log_set_role("");
	unlink(path);
	return 0;
}

static void open_log(void)
{
	const char *wrong;

	assert_int_equal(log_parse(value, &wrong), 0);
	assert_int_equal(log_open(), 0);
}

/* All that was said so far; static. */
static const char *said(void)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(fd >= 0 && n >= 0);
	close(fd);
	text[n] = '\0';
	return text;
}

/* Of the only line: what is behind the role. */
static const char *message(void)
{
	const char *text = said();
	const char *after = strstr(text, "]: ");

	assert_non_null(after);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	return after + 3;
}

static void values_of_the_option_are_taken_or_refused(void **state)
{
	static const struct {
		const char *value;
		bool is_good;
	} cases[] = {
		{"e", true},   {"o", true},    {"n", true},     {"s", true},
		{"sd", true},  {"su", true},   {"s0", true},    {"s7", true},
		{"f/x", true}, {"f /x", true}, {"", false},     {"x", false},
		{"ee", false}, {"s8", false},  {"s00", false},  {"sx", false},
		{"f", false},  {"f ", false},  {"frel", false}, {"n/x", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *wrong = NULL;
		int rc = log_parse(cases[i].value, &wrong);

		row_number(cases[i].value, "result", rc, cases[i].is_good ? 0 : -EINVAL);
		row_number(cases[i].value, "has a reason", wrong != NULL,
			   !cases[i].is_good);
	}
}

static void a_message_is_one_line_in_printable_form(void **state)
{
	static const struct {
		const char *label, *said, *line;
	} cases[] = {
		{"plain", "all is well", "all is well\n"},
		{"lines", "a\nb\r\tc", "a\\nb\\r\\tc\n"},
		{"escapes", "\033[2J\001\177", "\\x1b[2J\\x01\\x7f\n"},
		{"backslash", "a\\nb", "a\\\\nb\n"},
		{"utf-8", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7",
		 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7\n"},
		{"c1", "\xc2\x9b", "\\xc2\\x9b\n"},
		{"overlong", "\xc0\xaf \xe0\x80\xaf", "\\xc0\\xaf \\xe0\\x80\\xaf\n"},
		{"overlong, not ASCII", "\xe0\x9f\xbf \xf0\x8f\xbf\xbf",
		 "\\xe0\\x9f\\xbf \\xf0\\x8f\\xbf\\xbf\n"},
		{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80\n"},
		{"above", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80\n"},
		{"cut", "a\xe2\x82", "a\\xe2\\x82\n"},
		{"alone", "\x80", "\\x80\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		teardown(state);
		setup(state);
		open_log();
		log_say(LOG_INFO, "%s", cases[i].said);
		row_text(cases[i].label, "line", message(), strlen(message()),
			 cases[i].line);
	}
}

static void an_empty_message_is_not_said(void **state)
{
	(void)state;
	open_log();
	log_say(LOG_INFO, "%s", "");
	assert_string_equal(said(), "");
}

static void a_long_message_is_cut(void **state)
{
	char text[5000];

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	open_log();
	log_say(LOG_INFO, "%s", text);
	assert_in_range(strlen(message()), 900, 1100);
}

static void the_role_and_the_pid_are_told(void **state)
{
	char want[64];

	(void)state;
	snprintf(want, sizeof(want), "stale-agentx[%d]: agent: hello\n", (int)getpid());
	open_log();
	log_set_role("agent: ");
	log_say(LOG_INFO, "hello");
	assert_non_null(strstr(said(), want));
}

static void less_urgent_messages_are_left_out_unless_wanted(void **state)
{
	(void)state;
	open_log();
	log_say(LOG_DEBUG, "first");
	assert_string_equal(said(), "");
	log_set_level(LOG_DEBUG);
	log_say(LOG_DEBUG, "second");
	assert_non_null(strstr(said(), "second"));
	log_set_level(LOG_ERR);
	log_say(LOG_WARNING, "third");
	assert_null(strstr(said(), "third"));
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void the_same_message_is_held_back_and_others_are_not(void **state)
{
	(void)state;
	open_log();
	for (int i = 0; i < 100; i++)
		log_say(LOG_INFO, "the %s", "same");
	log_say(LOG_INFO, "another");
	assert_int_equal(count(said(), "the same"), 5);
	assert_int_equal(count(said(), "another"), 1);
}

/* More kinds of messages than are remembered: the oldest makes room, and what was left out
 * of it is told then. */
static void what_was_left_out_is_told(void **state)
{
	(void)state;
	open_log();
	for (int i = 0; i < 17; i++)
		log_say(LOG_INFO, "again and again");
	assert_null(strstr(said(), "left out"));
	for (int i = 0; i < 100; i++)
		log_say(LOG_INFO, "number %d", i);
	assert_int_equal(count(said(), "left out 12 times: again and again\n"), 1);
	assert_int_equal(count(said(), "number "), 100);
}

static void a_rotated_file_is_opened_again(void **state)
{
	char old[80];

	(void)state;
	open_log();
	log_say(LOG_INFO, "before");
	snprintf(old, sizeof(old), "%s.1", path);
	assert_int_equal(rename(path, old), 0);
	log_say(LOG_INFO, "still the old one");
	log_reopen();
	log_say(LOG_INFO, "after");
	assert_null(strstr(said(), "before"));
	assert_null(strstr(said(), "still"));
	assert_non_null(strstr(said(), "after"));
	unlink(old);
}

static void the_old_file_is_kept_where_the_new_one_cannot_be_opened(void **state)
{
	char old[80];

	(void)state;
	open_log();
	snprintf(old, sizeof(old), "%s.1", path);
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	log_reopen();
	log_say(LOG_INFO, "after");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rename(old, path), 0);
	assert_non_null(strstr(said(), "cannot open"));
	assert_non_null(strstr(said(), "after"));
}

static void a_link_is_not_written_through(void **state)
{
	const char *wrong;
	char target[80];

	(void)state;
	snprintf(target, sizeof(target), "%s.1", path);
	assert_int_equal(rename(path, target), 0);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(log_parse(value, &wrong), 0);
	assert_int_equal(log_open(), -ELOOP);
	unlink(target);
}

static void nowhere_is_nowhere(void **state)
{
	const char *wrong;

	(void)state;
	assert_int_equal(log_parse("n", &wrong), 0);
	assert_int_equal(log_open(), 0);
	log_say(LOG_ERR, "lost");
	assert_int_equal(log_fd(), -1);
}

static void the_descriptor_is_told(void **state)
{
	const char *wrong;

	(void)state;
	assert_int_equal(log_parse("o", &wrong), 0);
	assert_int_equal(log_open(), 0);
	assert_int_equal(log_fd(), STDOUT_FILENO);
	log_close();
	assert_int_equal(log_fd(), -1);
	assert_true(fcntl(STDOUT_FILENO, F_GETFD) >= 0); /* not ours to close */
	open_log();
	assert_true(log_fd() > STDERR_FILENO);
	assert_int_equal(fcntl(log_fd(), F_GETFD), FD_CLOEXEC);
}

/* Takes what is said to syslog.  Returns -1 where there can be none. */
static int open_syslog(void)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	unlink(at.sun_path);
	return fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ? -1 : fd;
}

/* "<30>Nov 21 22:00:00 stale-agentx[4242]: keeper: hello" */
static bool heard(int fd, const char *front, const char *message)
{
	char got[256], want[128];
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	size_t len;

	snprintf(want, sizeof(want), " stale-agentx[%d]: keeper: %s", (int)getpid(),
		 message);
	len = strlen(want);
	if (n >= 0)
		got[n] = '\0';
	return n == (ssize_t)(strlen(front) + 15 + len) &&
	       strncmp(got, front, strlen(front)) == 0 &&
	       strcmp(got + n - len, want) == 0;
}

/* In a child, for its /dev.  0: as it should be, 1 and more: not, 100: not allowed to try. */
static int try_syslog(void)
{
	const char *wrong;
	int fd;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/dev", "tmpfs", 0, NULL) < 0)
		return 100;
	log_set_role("keeper: ");
	if (log_parse("s1", &wrong) < 0 || log_open() < 0)
		return 1;
	log_say(LOG_INFO, "nobody is there");
	fd = open_syslog();
	log_say(LOG_INFO, "came later");
	if (!heard(fd, "<142>", "came later")) /* 17 * 8 + 6 */
		return 2;
	close(fd);
	fd = open_syslog();
	log_say(LOG_ERR, "%s", "was started\nagain");
	if (!heard(fd, "<139>", "was started\\nagain"))
		return 3;
	for (int i = 0; i < 10000; i++) /* nobody takes them: it must not wait */
		log_say(LOG_INFO, "number %d", i);
	return 0;
}

static void syslog_may_come_later_and_hang(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_syslog());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 100) {
		print_message("# skip syslog_may_come_later_and_hang: no mounts of our "
			      "own\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A daemon that hangs at a message neither answers nor ends. */
static void a_pipe_that_nobody_reads_stops_nobody(void **state)
{
	const int standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	const char *wrong;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(ends[1], "x", 1) == 1)
		;
	assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
	assert_int_equal(log_parse("e", &wrong), 0);
	assert_int_equal(log_open(), 0);
	alarm(5); /* ends what hangs */
	dup2(ends[1], STDERR_FILENO);
	log_say(LOG_ERR, "for nobody");
	dup2(standard_error, STDERR_FILENO);
	alarm(0);
	close(standard_error);
	close(ends[0]);
	close(ends[1]);
}

#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(values_of_the_option_are_taken_or_refused),
		LOG_TEST(a_message_is_one_line_in_printable_form),
		LOG_TEST(an_empty_message_is_not_said),
		LOG_TEST(a_long_message_is_cut),
		LOG_TEST(the_role_and_the_pid_are_told),
		LOG_TEST(less_urgent_messages_are_left_out_unless_wanted),
		LOG_TEST(the_same_message_is_held_back_and_others_are_not),
		LOG_TEST(what_was_left_out_is_told),
		LOG_TEST(a_rotated_file_is_opened_again),
		LOG_TEST(the_old_file_is_kept_where_the_new_one_cannot_be_opened),
		LOG_TEST(a_link_is_not_written_through),
		LOG_TEST(nowhere_is_nowhere),
		LOG_TEST(the_descriptor_is_told),
		LOG_TEST(a_pipe_that_nobody_reads_stops_nobody),
		LOG_TEST(syslog_may_come_later_and_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
