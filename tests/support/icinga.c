/*
 * icinga.c - see icinga.h.
 */
#include "icinga.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "liveplugin.h"
#include "monitored.h"
#include "plugin/buf.h"
#include "shipped.h"
#include "tests/test.h"

#define PAUSE_MS 50
#define CHECK_S  30

static const char *const servers[] = {"/usr/sbin/icinga2", NULL};
static const char *const curls[] = {"/usr/bin/curl", NULL};
static const char *const openssls[] = {"/usr/bin/openssl", NULL};

static const char *const folders[] = {"i2",
				      "i2/etc",
				      "i2/run",
				      "i2/cache",
				      "i2/log",
				      "i2/log/crash",
				      "i2/spool",
				      "i2/spool/tmp",
				      "i2/spool/perfdata",
				      "i2/data",
				      "i2/data/certs",
				      "i2/data/api",
				      "i2/data/api/log",
				      "i2/data/api/zones",
				      "i2/data/api/packages",
				      "i2/data/api/zones-stage"};

/* %1: folder of the case, %2: port, %3: password. */
static const char config[] =
	"const NodeName = \"me\"\n"
	"const ZoneName = NodeName\n"
	"const PluginDir = \"%1$s/plugins\"\n"
	"include <itl>\n"
	"include <plugins>\n"
	"include \"check_stale.conf\"\n"
	"include \"services.conf\"\n"
	"include \"objects.conf\"\n"
	"object Endpoint NodeName {}\n"
	"object Zone ZoneName { endpoints = [ NodeName ] }\n"
	"object CheckerComponent \"checker\" {}\n"
	"object ApiListener \"api\" {\n"
	"	bind_host = \"127.0.0.1\"\n"
	"	bind_port = %2$d\n"
	"}\n"
	"object ApiUser \"me\" {\n"
	"	password = \"%3$s\"\n"
	"	permissions = [ \"actions/reschedule-check\", \"console\",\n"
	"		\"objects/query/Service\", \"status/query\" ]\n"
	"}\n";

/* Nobody but us and the daemon may know it: it lets who has it run commands. */
static void make_password(struct icinga *icinga)
{
	uint8_t bytes[16];

	assert_int_equal(getrandom(bytes, sizeof(bytes), 0), sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(icinga->password + 2 * i, 3, "%02x", bytes[i]);
}

static void close_to_others(const struct live *live, const char *name)
{
	char *path = live_path(live, name);
	const uid_t id = monitored_uid();

	if (geteuid() == 0)
		assert_int_equal(chown(path, id, id), 0);
	assert_int_equal(chmod(path, 0600), 0);
	free(path);
}

static void copy_shipped(const struct live *live, const char *from, const char *to)
{
	char *text = shipped_read(from);

	live_text(live, to, text);
	free(text);
}

/* The plugin is where the test has it; by_ssh gets more words. */
static void copy_services(const struct live *live, const char *ssh_words)
{
	static const char verbose[] = "\"--verbose\" = { set_if = true }\n";
	char *path = live_path(live, "plugins/check_stale"), *words;
	char *text = shipped_read("icinga2/services.conf");

	assert_true(asprintf(&words, "%s%s\n", verbose, ssh_words) > 0);
	text = shipped_replace(text, SHIPPED_PLUGIN, path);
	text = shipped_replace(text, verbose, words);
	live_text(live, "i2/etc/services.conf", text);
	free(words);
	free(text);
	free(path);
}

static void write_config(struct icinga *icinga, const char *objects,
			 const char *ssh_words)
{
	const struct live *live = icinga->live;
	struct buf text = BUF_INIT;

	copy_shipped(live, "icinga2/check_stale.conf", "i2/etc/check_stale.conf");
	copy_services(live, ssh_words);
	live_text(live, "i2/etc/objects.conf", objects);
	buf_printf(&text, config, live->dir, icinga->port, icinga->password);
	live_text(live, "i2/etc/icinga2.conf", text.s);
	close_to_others(live, "i2/etc/icinga2.conf");
	buf_release(&text);
	buf_printf(&text, "user = \"me:%s\"\n", icinga->password);
	live_text(live, "curlrc", text.s);
	close_to_others(live, "curlrc");
	buf_release(&text);
}

/* One certificate that signs itself is that of the node and that of its authority. */
static void make_certificate(const struct live *live)
{
	char *key = live_path(live, "i2/data/certs/me.key");
	char *certificate = live_path(live, "i2/data/certs/me.crt");
	const char *const words[] = {
		"req",   "-x509",  "-newkey", "rsa:2048", "-nodes", "-out", certificate,
		"-subj", "/CN=me", "-keyout", key,        "-days",  "2",    NULL};
	struct liveplugin_answer answer;

	liveplugin_run_as(monitored_user(), daemon_find(live, openssls), words, &answer);
	assert_int_equal(answer.status, 0);
	liveplugin_release(&answer);
	live_copy(live, "i2/data/certs/me.crt", "i2/data/certs/ca.crt");
	free(certificate);
	free(key);
}

/* The result of a request, NULL when there is none; body NULL: GET. */
static json_t *request(const struct icinga *icinga, const char *path, const char *body)
{
	char *rc = live_path(icinga->live, "curlrc"), *url;
	struct liveplugin_answer answer;
	json_t *result;

	assert_true(asprintf(&url, "https://127.0.0.1:%d/v1/%s", icinga->port, path) > 0);
	liveplugin_run(icinga->curl,
		       (const char *const[]){"-sk", "--max-time", "10", "-K", rc, "-H",
					     "Accept: application/json", url,
					     body ? "-d" : NULL, body, NULL},
		       &answer);
	result = json_loadb(answer.out, answer.len, 0, NULL);
	liveplugin_release(&answer);
	free(url);
	free(rc);
	return result;
}

static bool answers(void *arg)
{
	json_t *status = request(arg, "status/ApiListener", NULL);
	bool is_there = json_object_get(status, "results") != NULL;

	json_decref(status);
	return is_there;
}

static void run(struct icinga *icinga)
{
	static const char *const names[] = {"Config:etc",  "Data:data",   "Log:log",
					    "Cache:cache", "Spool:spool", "InitRun:run"};
	char *words[ARRAY_LEN(names)], *file;
	const char *argv[12] = {daemon_find(icinga->live, servers), "daemon"};
	char *dir = live_path(icinga->live, "i2");
	size_t n = 2;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int len = (int)strcspn(names[i], ":");

		assert_true(asprintf(&words[i], "-D%.*sDir=%s/%s", len, names[i], dir,
				     names[i] + len + 1) > 0);
		argv[n++] = words[i]; /* before "daemon" it would be ignored */
	}
	assert_true(asprintf(&file, "%s/etc/icinga2.conf", dir) > 0);
	argv[n++] = "-c";
	argv[n++] = file;
	daemon_start(&icinga->daemon, argv);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		free(words[i]);
	free(file);
	free(dir);
}

void icinga_start(struct icinga *icinga, struct live *live, const char *objects,
		  const char *ssh_words)
{
	const uid_t id = monitored_uid();
	const struct passwd *user = getpwuid(id);
	const struct group *group = getgrgid(geteuid() == 0 ? id : getegid());
	static const char *env[3];

	daemon_find(live, servers);
	daemon_find(live, openssls);
	if (!user || !group)
		live_skip(live, "our user has no name");
	*icinga = (struct icinga){
		.live = live,
		.curl = daemon_find(live, curls),
		.port = daemon_port(),
	};
	snprintf(icinga->env[0], sizeof(icinga->env[0]), "ICINGA2_USER=%s",
		 user->pw_name);
	snprintf(icinga->env[1], sizeof(icinga->env[1]), "ICINGA2_GROUP=%s",
		 group->gr_name);
	env[0] = icinga->env[0];
	env[1] = icinga->env[1];
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		daemon_mkdir(live, folders[i], monitored_user());
	make_password(icinga);
	write_config(icinga, objects, ssh_words);
	make_certificate(live);
	icinga->daemon = (struct daemon){.user = monitored_user(),
					 .env = env,
					 .log = live_path(live, "i2/log/out")};
	run(icinga);
	daemon_wait(&icinga->daemon, answers, icinga);
}

void icinga_stop(struct icinga *icinga)
{
	daemon_stop(&icinga->daemon);
	free((char *)(uintptr_t)icinga->daemon.log);
	*icinga = (struct icinga){.port = 0};
}

/* Borrowed from the answer. */
static json_t *first_result(json_t *answer)
{
	return json_array_get(json_object_get(answer, "results"), 0);
}

static json_t *last_result(const struct icinga *icinga, const char *service)
{
	json_t *answer, *result;
	char *path;

	assert_true(asprintf(&path, "objects/services/%s?attrs=last_check_result",
			     service) > 0);
	answer = request(icinga, path, NULL);
	result = json_object_get(json_object_get(first_result(answer), "attrs"),
				 "last_check_result");
	result = json_is_object(result) ? json_incref(result) : NULL;
	json_decref(answer);
	free(path);
	return result;
}

json_t *icinga_check(struct icinga *icinga, const char *service)
{
	const time_t end = time(NULL) + CHECK_S;
	json_t *answer, *result = NULL;
	char *body;

	assert_true(asprintf(&body,
			     "{\"type\":\"Service\",\"service\":\"%s\",\"force\":true}",
			     service) > 0);
	answer = request(icinga, "actions/reschedule-check", body);
	if (json_integer_value(json_object_get(first_result(answer), "code")) != 200)
		daemon_fail(&icinga->daemon, "%s cannot be checked", service);
	json_decref(answer);
	free(body);
	while (!result && time(NULL) < end) {
		poll(NULL, 0, PAUSE_MS);
		result = last_result(icinga, service);
	}
	if (!result)
		daemon_fail(&icinga->daemon, "%s was not checked", service);
	return result;
}

json_t *icinga_perfdata(struct icinga *icinga, const char *host, const char *service)
{
	json_t *answer, *result, *question;
	char *command, *body;

	assert_true(asprintf(&command,
			     "get_service(\"%s\", \"%s\").last_check_result"
			     ".performance_data.map(function(p) {\n"
			     "	var parsed = null\n"
			     "	try { parsed = System.parse_performance_data(p) }"
			     " except { }\n"
			     "	return parsed\n"
			     "})",
			     host, service) > 0);
	question = json_pack("{s:s,s:s}", "session", "me", "command", command);
	body = json_dumps(question, JSON_COMPACT);
	answer = request(icinga, "console/execute-script", body);
	result = json_incref(json_object_get(first_result(answer), "result"));
	if (!json_is_array(result))
		daemon_fail(&icinga->daemon, "performance data is not understood");
	json_decref(answer);
	json_decref(question);
	free(body);
	free(command);
	return result;
}
