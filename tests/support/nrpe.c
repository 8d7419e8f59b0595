/*
 * nrpe.c - see nrpe.h.
 */
#include "nrpe.h"

#include <stdio.h>
#include <unistd.h>

#include "monitored.h"
#include "plugin/buf.h"
#include "shipped.h"
#include "tests/test.h"

static const char *const servers[] = {"/usr/sbin/nrpe", NULL};
static const char *const clients[] = {"/usr/lib/nagios/plugins/check_nrpe",
				      "/usr/lib64/nagios/plugins/check_nrpe", NULL};

#define COMMAND "command["

/* In a plugin with capabilities a sanitizer cannot look for leaks; direct runs have it do so. */
static const char *const env[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};

/* Only one of --count may be given. */
static void add_words(struct buf *out, const char *line, size_t len, const char *words)
{
	buf_bytes(out, line, len);
	buf_printf(out, " %s", words);
	if (!memmem(line, len, "--count=", strlen("--count=")))
		buf_put(out, " --count=all");
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* The commands that are to be used, with words added; the rest of the file as it is. */
static char *private_copy(const char *text, const char *words, bool sudo)
{
	const char *wanted = sudo ? "#" COMMAND : COMMAND;
	struct buf out = BUF_INIT;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");

		if (begins(line, wanted))
			add_words(&out, line + sudo, len - sudo, words);
		else
			buf_printf(&out, "%s%.*s",
				   sudo && begins(line, COMMAND) ? "#" : "", (int)len,
				   line);
		buf_put(&out, "\n");
	}
	return out.s;
}

static void write_config(struct nrpe *nrpe, const char *words, bool sudo)
{
	char *plugin = live_path(nrpe->live, "check_stale");
	char *shipped =
		shipped_replace(shipped_read("check_stale.cfg"), SHIPPED_PLUGIN, plugin);
	uid_t id = monitored_uid();
	struct buf text = BUF_INIT;

	nrpe->config = private_copy(shipped, words, sudo);
	live_mkdir(nrpe->live, "nrpe.d");
	live_text(nrpe->live, "nrpe.d/check_stale.cfg", nrpe->config);
	buf_printf(&text,
		   "server_address=127.0.0.1\nserver_port=%d\nallowed_hosts=127.0.0.1\n"
		   "nrpe_user=%u\nnrpe_group=%u\npid_file=%s/nrpe/pid\nlog_file=%s\n"
		   "disable_syslog=1\ninclude_dir=%s/nrpe.d\n",
		   nrpe->port, id, id, nrpe->live->dir, nrpe->log, nrpe->live->dir);
	live_text(nrpe->live, "nrpe.cfg", text.s);
	buf_release(&text);
	free(shipped);
	free(plugin);
}

static void ask(const struct nrpe *nrpe, const char *const more[3],
		struct liveplugin_answer *ret)
{
	char port[16];

	snprintf(port, sizeof(port), "%d", nrpe->port);
	liveplugin_run(nrpe->client,
		       (const char *const[]){"-H", "127.0.0.1", "-p", port, more[0],
					     more[1], more[2], NULL},
		       ret);
}

/* It tells its version to who asks for nothing. */
static bool answers(void *arg)
{
	struct liveplugin_answer answer;
	bool is_version;

	ask(arg, (const char *const[3]){NULL}, &answer);
	is_version = strncmp(answer.out, "NRPE v", 6) == 0;
	liveplugin_release(&answer);
	return is_version;
}

void nrpe_start(struct nrpe *nrpe, struct live *live, const char *words, bool sudo)
{
	const char *server = daemon_find(live, servers);
	char *config;

	*nrpe = (struct nrpe){
		.daemon = {.user = monitored_user(), .env = env},
		.live = live,
		.client = daemon_find(live, clients),
		.port = daemon_port(),
	};
	config = live_path(live, "nrpe.cfg");
	nrpe->daemon.log = nrpe->log = live_path(live, "nrpe/log");
	if (faccessat(live->dirfd, "check_stale", F_OK, 0) < 0)
		live_program(live, "check_stale", "check_stale", 0);
	daemon_mkdir(live, "nrpe", monitored_user());
	write_config(nrpe, words, sudo);
	daemon_start(&nrpe->daemon,
		     (const char *const[]){server, "-c", config, "-f", NULL});
	free(config);
	daemon_wait(&nrpe->daemon, answers, nrpe);
}

void nrpe_stop(struct nrpe *nrpe)
{
	daemon_stop(&nrpe->daemon);
	free(nrpe->config);
	free(nrpe->log);
	*nrpe = (struct nrpe){.port = 0};
}

char *nrpe_command_line(const struct nrpe *nrpe, const char *command)
{
	char key[64];
	const char *line;

	snprintf(key, sizeof(key), "\n" COMMAND "%s]=", command);
	line = strstr(nrpe->config, key);
	assert_non_null(line);
	line += strlen(key);
	return strndup(line, strcspn(line, "\n"));
}

void nrpe_ask(const struct nrpe *nrpe, const char *command, const char *option,
	      struct liveplugin_answer *ret)
{
	ask(nrpe, (const char *const[3]){"-c", command, option}, ret);
	if (ret->nerr)
		daemon_fail(&nrpe->daemon, "check_nrpe: %zu bytes of stderr", ret->nerr);
}
