/*
 * live_prometheus.c - what we write, judged by Prometheus' own programs: promtool for the
 * format and the alert rules, a node exporter that serves the file over HTTP.
 *
 * Debian: prometheus (for promtool; no daemon is started), prometheus-node-exporter.
 */
#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "prometheus.h"
#include "tests/support/viewmake.h"

#define PROMTOOL   "/usr/bin/promtool"
#define DEADLINE_S 30
#define PAUSE_MS   20

/* NULL: there is none. */
static const char *find_exporter(void)
{
	static const char *const names[] = {"/usr/bin/prometheus-node-exporter",
					    "/usr/bin/node_exporter"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (access(names[i], X_OK) == 0)
			return names[i];
	return NULL;
}

static void need(const char *test, const char *program)
{
	if (program && access(program, X_OK) == 0)
		return;
	printf("# skip %s: %s is not installed\n", test,
	       program ? program : "a node exporter");
	fflush(stdout);
	skip();
}
#define NEED(program) need(__func__, program)

/* Names that break whatever can be broken. */
static void render_hostile(struct buf *out)
{
	static const char *const names[] = {
		"a\"b", "a\\", "\"} 1\nx 1", "\xff\xc2\x85", "\xe2\x82\xac", "{}",
		"#",    "",    "_other",     "\033[2J",      "\r\n",         "a\tb",
	};
	static char units[ARRAY_LEN(names)][64];
	static struct viewmake m;
	struct rules rules = {.unreadable = STATE_UNKNOWN};
	struct verdict verdict;

	viewmake_init(&m);
	m.nfiles = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(units[i], sizeof(units[i]), "%s.service", names[i]);
		viewmake_unit(&m, (pid_t)(100 + i), names[i], STALE_SCOPE_SYSTEM,
			      units[i]);
		viewmake_file(&m, names[i], STALE_REPLACED, 60);
	}
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &verdict);
	assert_int_equal(prometheus_render(&m.view, &verdict, out), 0);
}

static void render_nothing(struct buf *out)
{
	static struct viewmake m;
	struct rules rules = {.unreadable = STATE_UNKNOWN};
	struct verdict verdict;

	viewmake_init(&m);
	viewmake_count(&m);
	verdict_reach(&m.view, &rules, &verdict);
	assert_int_equal(prometheus_render(&m.view, &verdict, out), 0);
}

/* Starts a program with input as standard input, output as what it says. */
static pid_t start(const char *const argv[], int input, int output)
{
	pid_t pid, parent = getpid();

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() == parent && dup2(input, 0) >= 0 && dup2(output, 1) >= 0 &&
		    dup2(output, 2) >= 0)
			execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

/* Runs promtool; returns its status and what it said. */
static int promtool(const char *const argv[], const char *text, struct buf *said)
{
	int input = memfd_create("input", MFD_CLOEXEC);
	int output = memfd_create("output", MFD_CLOEXEC);
	char bytes[4096];
	int status = -1;
	ssize_t n;
	pid_t pid;

	assert_true(input >= 0 && output >= 0);
	assert_int_equal(write(input, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(input, 0, SEEK_SET), 0);
	pid = start(argv, input, output);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(lseek(output, 0, SEEK_SET), 0);
	buf_put(said, "");
	while ((n = read(output, bytes, sizeof(bytes))) > 0)
		buf_bytes(said, bytes, (size_t)n);
	close(input);
	close(output);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char *const check_metrics[] = {PROMTOOL, "check", "metrics", NULL};

static void expect_accepted(const char *text)
{
	struct buf said = BUF_INIT;
	int status = promtool(check_metrics, text, &said);

	if (status != 0 || said.len > 0)
		fail_msg("exit %d: %s\nof\n%s", status, said.s, text);
	buf_release(&said);
}

static void promtool_accepts_all_that_we_write(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	NEED(PROMTOOL);
	render_hostile(&out);
	expect_accepted(out.s);
	buf_release(&out);
	render_nothing(&out);
	expect_accepted(out.s);
	buf_release(&out);
	assert_int_equal(prometheus_render_failure(&out), 0);
	expect_accepted(out.s);
	buf_release(&out);
}

/* The control: it would tell. */
static void promtool_refuses_what_is_wrong(void **state)
{
	static const char *const texts[] = {
		"stale_x{unit=\"a\nb\"} 1\n", "stale_x 1", /* no newline */
		"stale_x 1\n",                             /* no HELP */
	};

	(void)state;
	NEED(PROMTOOL);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct buf said = BUF_INIT;

		assert_int_not_equal(promtool(check_metrics, texts[i], &said), 0);
		buf_release(&said);
	}
}

static void the_alert_rules_do_what_they_say(void **state)
{
	const char *source = getenv("STALE_SRC");
	struct buf said = BUF_INIT;
	char path[4096];
	const char *const argv[] = {PROMTOOL, "test", "rules", path, NULL};
	int status;

	(void)state;
	NEED(PROMTOOL);
	snprintf(path, sizeof(path), "%s/nrpe/stale.rules.test.yml",
		 source ? source : ".");
	status = promtool(argv, "", &said);
	if (status != 0)
		fail_msg("exit %d: %s", status, said.s);
	buf_release(&said);
}

/* A node exporter with a folder of its own. */
struct exporter {
	char dir[64];
	char path[96]; /* of our file */
	pid_t pid;
	struct sockaddr_in address;
};

/* One that is free now. */
static void choose_port(struct exporter *e)
{
	socklen_t len = sizeof(e->address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	e->address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	assert_int_equal(bind(fd, (struct sockaddr *)&e->address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&e->address, &len), 0);
	close(fd);
}

static void exporter_start(struct exporter *e, const char *program)
{
	char listen[64], folder[128];
	const char *const argv[] = {program,
				    listen,
				    folder,
				    "--collector.disable-defaults",
				    "--collector.textfile",
				    NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	strcpy(e->dir, "/tmp/live_prometheus.XXXXXX");
	assert_non_null(mkdtemp(e->dir));
	snprintf(e->path, sizeof(e->path), "%s/stale.prom", e->dir);
	choose_port(e);
	snprintf(listen, sizeof(listen), "--web.listen-address=127.0.0.1:%d",
		 ntohs(e->address.sin_port));
	snprintf(folder, sizeof(folder), "--collector.textfile.directory=%s", e->dir);
	e->pid = start(argv, null, null);
	close(null);
}

static void exporter_stop(struct exporter *e)
{
	kill(e->pid, SIGKILL);
	waitpid(e->pid, NULL, 0);
	unlink(e->path);
	rmdir(e->dir);
}

/* A connection, as soon as it listens; -1 when it ended, or never does. */
static int exporter_connect(const struct exporter *e)
{
	const time_t end = time(NULL) + DEADLINE_S;

	while (time(NULL) < end && waitpid(e->pid, NULL, WNOHANG) == 0) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connect(fd, (const struct sockaddr *)&e->address,
			    sizeof(e->address)) == 0)
			return fd;
		close(fd);
		poll(NULL, 0, PAUSE_MS);
	}
	return -1;
}

/* GET /metrics; false when there was no whole answer. */
static bool exporter_read(const struct exporter *e, struct buf *answer)
{
	static const char request[] =
		"GET /metrics HTTP/1.0\r\nAccept: text/plain\r\n\r\n";
	int fd = exporter_connect(e);
	char bytes[4096];
	ssize_t n = -1;

	buf_release(answer);
	buf_put(answer, "");
	if (fd < 0)
		return false;
	if (write(fd, request, sizeof(request) - 1) == (ssize_t)sizeof(request) - 1)
		while ((n = read(fd, bytes, sizeof(bytes))) > 0)
			buf_bytes(answer, bytes, (size_t)n);
	close(fd);
	return n == 0 && strstr(answer->s, " 200 OK\r\n");
}

/* Is there a sample of this name, with this value?  Numbers come back in other spelling. */
static bool is_served(const char *answer, const char *line)
{
	const char *end = strchr(line, '\n'), *blank = end, *found;
	struct buf name = BUF_INIT;
	bool is_same;

	while (*blank != ' ')
		blank--;
	buf_put(&name, "\n");
	buf_bytes(&name, line, (size_t)(blank - line) + 1);
	found = strstr(answer, name.s);
	is_same = found && strtod(found + name.len, NULL) == strtod(blank, NULL);
	buf_release(&name);
	return is_same;
}

/* Returns how many of the samples come back, and how many there are. */
static size_t count_served(const char *answer, const char *text, size_t *ret_all)
{
	size_t n = 0, all = 0;

	for (const char *s = text; *s; s = strchr(s, '\n') + 1) {
		if (*s == '#')
			continue;
		all++;
		if (is_served(answer, s))
			n++;
		else
			print_error("not served: %.*s\n", (int)strcspn(s, "\n"), s);
	}
	*ret_all = all;
	return n;
}

static void a_node_exporter_serves_every_sample(void **state)
{
	const char *program = find_exporter();
	struct buf out = BUF_INIT, answer = BUF_INIT;
	struct exporter e;
	char message[256] = "";
	size_t all, served;
	bool is_read;
	int rc;

	(void)state;
	NEED(program);
	render_hostile(&out);
	exporter_start(&e, program);
	rc = output_write(e.path, out.s, out.len, message, sizeof(message));
	is_read = exporter_read(&e, &answer);
	exporter_stop(&e);
	assert_int_equal(rc, 0);
	assert_true(is_read);
	assert_non_null(strstr(answer.s, "\nnode_textfile_scrape_error 0\n"));
	served = count_served(answer.s, out.s, &all);
	assert_true(all > 40);
	assert_int_equal(served, all);
	buf_release(&out);
	buf_release(&answer);
}

/* The control: a file that is cut off is thrown away as a whole, and it is told. */
static void a_node_exporter_refuses_half_a_file(void **state)
{
	const char *program = find_exporter();
	struct buf out = BUF_INIT, answer = BUF_INIT;
	struct exporter e;
	char message[256];
	bool is_read;
	int rc;

	(void)state;
	NEED(program);
	render_nothing(&out);
	exporter_start(&e, program);
	rc = output_write(e.path, out.s, out.len - 1, message, sizeof(message));
	is_read = exporter_read(&e, &answer);
	exporter_stop(&e);
	assert_int_equal(rc, 0);
	assert_true(is_read);
	assert_non_null(strstr(answer.s, "\nnode_textfile_scrape_error 1\n"));
	assert_null(strstr(answer.s, "\nstale_scan_success"));
	buf_release(&out);
	buf_release(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promtool_accepts_all_that_we_write),
		cmocka_unit_test(promtool_refuses_what_is_wrong),
		cmocka_unit_test(the_alert_rules_do_what_they_say),
		cmocka_unit_test(a_node_exporter_serves_every_sample),
		cmocka_unit_test(a_node_exporter_refuses_half_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
