/*
 * agent_exporter.c - Prometheus' snmp_exporter with the module that we ship, below a real
 * snmpd: it shows what the tools of Net-SNMP show.
 */
#include "snmp/mib.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/cells.h"
#include "support/scene.h"
#include "support/smi.h"
#include "test.h"

#define PROGRAM "prometheus-snmp-exporter"
#define ANSWER  (1 << 20)

struct exporter {
	pid_t pid;
	uint16_t port;
	char *log;
};

/* From 0.23 on a module stands one level deeper, and the community elsewhere. */
static void need_exporter(const struct agentd *d)
{
	int status;
	char *said = smi_shell(
		"command -v " PROGRAM " >/dev/null || exit 9; " PROGRAM
		" --version 2>&1 | sed -n 's/.*version 0\\.\\([0-9]*\\).*/\\1/p'",
		&status);
	long minor = strtol(said, NULL, 10);

	free(said);
	if (status == 9)
		agentd_skip(d, "no " PROGRAM);
	if (minor == 0 || minor >= 23)
		agentd_skip(d, PROGRAM " of a version that wants another form");
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -1;
}

static uint16_t free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void run_exporter(const struct exporter *exporter)
{
	const char *source = getenv("STALE_SRC");
	char *listen, *config;
	int out = open(exporter->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (asprintf(&listen, "--web.listen-address=127.0.0.1:%u", exporter->port) < 0 ||
	    asprintf(&config, "--config.file=%s/snmp/snmp_exporter.yml",
		     source ? source : ".") < 0)
		_exit(126);
	execlp(PROGRAM, PROGRAM, listen, config, (char *)NULL);
	_exit(127);
}

static void end(struct exporter *exporter)
{
	kill(exporter->pid, SIGKILL);
	waitpid(exporter->pid, NULL, 0);
	free(exporter->log);
}

static void print_log(const struct exporter *exporter)
{
	char text[4096];
	FILE *file = fopen(exporter->log, "re");
	size_t len = file ? fread(text, 1, sizeof(text), file) : 0;

	print_error(PROGRAM " says:\n%.*s\n", (int)len, text);
	if (file)
		fclose(file);
}

static void start(const struct agentd *d, struct exporter *exporter)
{
	double until = agentd_clock() + 20;
	siginfo_t info = {0};
	int fd;

	exporter->port = free_port();
	exporter->log = agentd_path(d, "exporter.log");
	fflush(stdout);
	exporter->pid = fork();
	assert_true(exporter->pid >= 0);
	if (exporter->pid == 0)
		run_exporter(exporter);
	while ((fd = connect_to(exporter->port)) < 0) {
		waitid(P_PID, (id_t)exporter->pid, &info, WEXITED | WNOHANG | WNOWAIT);
		if (info.si_pid || agentd_clock() > until) {
			print_log(exporter);
			end(exporter);
			agentd_fail(d, PROGRAM " does not listen");
		}
		agentd_pause(0.05);
	}
	close(fd);
}

/* All that it answers, with a newline before each line.  Owned. */
static char *scrape(const struct agentd *d, struct exporter *exporter)
{
	struct timeval limit = {.tv_sec = 20};
	char *answer = calloc(1, ANSWER), *body;
	int fd = connect_to(exporter->port);
	size_t len = 0;
	ssize_t n;

	assert_non_null(answer);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	dprintf(fd, "GET /snmp?target=%s&module=stale HTTP/1.0\r\n\r\n", d->address);
	while ((n = read(fd, answer + len, ANSWER - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	body = strstr(answer, "\r\n\r\n");
	if (!body || strncmp(answer + 8, " 200 ", 5) != 0) {
		print_log(exporter);
		end(exporter);
		agentd_fail(d, PROGRAM ": %s", answer);
	}
	return answer;
}

/* "NAME 3", "NAME{...} 3": the number behind the text, which begins a line. */
static double value_of(const char *answer, const char *text)
{
	char *line;
	const char *found;
	double value;

	assert_true(asprintf(&line, "\n%s ", text) > 0);
	found = strstr(answer, line);
	if (!found)
		fail_msg("no %s", text);
	value = strtod(found + strlen(line), NULL);
	free(line);
	return value;
}

static void expect_scalar(const char *answer, const char *name, const struct cell *cell)
{
	const bool is_age = strstr(name, "Age") || strstr(name, "Oldest");
	double value = value_of(answer, name);

	/* Asked for a moment before. */
	if (is_age && value >= (double)cell->number - 20 && value <= (double)cell->number)
		return;
	row_number(name, "value", value, cell->number);
}

/* As a label has it. */
static void escape(const struct cell *path, char out[1024])
{
	for (size_t i = 0; i < path->len; i++) {
		if (path->bytes[i] == '\\' || path->bytes[i] == '"')
			*out++ = '\\';
		*out++ = path->bytes[i];
	}
	*out = '\0';
}

static const struct cell *column(const struct cells *cells, const struct agentd *d,
				 unsigned number, const char *index)
{
	char oid[256];
	const struct cell *cell;

	snprintf(oid, sizeof(oid), "%s.1.5.1.%u.%s", d->base, number, index);
	cell = cells_find(cells, oid);
	assert_non_null(cell);
	return cell;
}

static void expect_lib(const char *answer, const struct agentd *d,
		       const struct cells *cells, const struct cell *path)
{
	static const char *const whys[] = {NULL, "deleted", "replaced", "superseded",
					   "reinstalled"};
	const char *index = strrchr(path->oid, '.') + 1;
	int64_t why = column(cells, d, 3, index)->number;
	char labels[1280], name[1400], text[1024];

	escape(path, text);
	snprintf(labels, sizeof(labels), "staleLibIndex=\"%s\",staleLibPath=\"%s\"",
		 index, text);
	snprintf(name, sizeof(name), "staleLibProcesses{%s}", labels);
	expect_scalar(answer, name, column(cells, d, 4, index));
	snprintf(name, sizeof(name), "staleLibAge{%s}", labels);
	expect_scalar(answer, name, column(cells, d, 6, index));
	assert_in_range(why, 1, 4);
	snprintf(name, sizeof(name), "staleLibWhy_info{%s,staleLibWhy=\"%s\"}", labels,
		 whys[why]);
	row_number(name, "value", value_of(answer, name), 1);
}

static size_t count(const char *answer, const char *front)
{
	size_t n = 0;

	for (; (answer = strstr(answer, front)) != NULL; answer++)
		n++;
	return n;
}

static void ask(const struct agentd *d, const char *below, struct cells *ret)
{
	char *oid = agentd_oid(d, below);

	cells_ask(d, (const char *const[]){"snmpbulkwalk", NULL},
		  (const char *const[]){oid, NULL}, ret);
	free(oid);
}

static void expect_group(const struct agentd *d, const char *answer, const char *below,
			 const char *const names[])
{
	struct cells cells;

	ask(d, below, &cells);
	for (size_t i = 0; i < cells.n; i++)
		if (names[i])
			expect_scalar(answer, names[i], &cells.list[i]);
	cells_release(&cells);
}

static void it_shows_scan_totals_and_libraries(void **state)
{
	static const char *const scan[] = {
		"staleScanStatus",      "staleScanSerial",   NULL,
		"staleScanAge",         "staleScanDuration", "staleScanInterval",
		"staleScanCompletions", "staleScanFailures", NULL};
	static const char *const totals[] = {
		"staleTotalScanned",    "staleTotalProcesses", "staleTotalServices",
		"staleTotalContainers", "staleTotalSessions",  "staleTotalFiles",
		"staleTotalOldest",     "staleTotalUndated",   "staleTotalReboot",
		"staleTotalUnreadable", "staleTotalIgnored",   "staleTotalUnpublished"};
	struct scene *scene = *state;
	struct agentd *d = scene->d;
	struct exporter exporter;
	struct cells libs;
	time_t from = time(NULL);
	char *answer;

	need_exporter(d);
	scene_upgrade(scene->live);
	scene_other_whys(scene->live);
	scene_hostile(scene->live);
	scene_start(scene, NULL);
	start(d, &exporter);
	answer = scrape(d, &exporter);
	end(&exporter);
	expect_group(d, answer, "1.1", scan);
	assert_in_range((int64_t)value_of(answer, "staleScanStarted"), from - 5,
			time(NULL));
	expect_group(d, answer, "1.2", totals);
	ask(d, "1.5", &libs);
	row_number("libraries", "objects", libs.n, 5 * 14);
	for (size_t i = 0; i < libs.n / 5; i++)
		expect_lib(answer, d, &libs, &libs.list[i]);
	/* And nothing else of ours: not of single processes. */
	row_number("metrics", "series", count(answer, "\nstale"), 8 + 12 + 3 * 14);
	cells_release(&libs);
	free(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(it_shows_scan_totals_and_libraries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
