/*
 * nagios4.c - see nagios4.h.
 */
#include "nagios4.h"

#include <stdio.h>
#include <string.h>

#include "liveplugin.h"
#include "monitored.h"
#include "plugin/buf.h"
#include "shipped.h"
#include "tests/test.h"

static const char *const servers[] = {"/usr/sbin/nagios4", "/usr/sbin/nagios", NULL};

/* %1: folder of the case.  The first checks are made at once, an interval is a second. */
static const char config[] = "cfg_file=%1$s/nagios/check_stale.cfg\n"
			     "cfg_file=%1$s/nagios/objects.cfg\n"
			     "resource_file=%1$s/nagios/resource.cfg\n"
			     "log_file=%1$s/nagios/log\n"
			     "status_file=%1$s/nagios/status.dat\n"
			     "object_cache_file=%1$s/nagios/objects.cache\n"
			     "precached_object_file=%1$s/nagios/objects.precache\n"
			     "lock_file=%1$s/nagios/lock\n"
			     "temp_file=%1$s/nagios/tmp\n"
			     "temp_path=%1$s/nagios\n"
			     "command_file=%1$s/nagios/cmd\n"
			     "query_socket=%1$s/nagios/qh\n"
			     "check_result_path=%1$s/nagios/results\n"
			     "state_retention_file=%1$s/nagios/retention.dat\n"
			     "retain_state_information=0\n"
			     "check_external_commands=0\n"
			     "use_syslog=0\n"
			     "log_rotation_method=n\n"
			     "event_broker_options=0\n"
			     "status_update_interval=1\n"
			     "check_result_reaper_frequency=1\n"
			     "service_inter_check_delay_method=n\n"
			     "max_service_check_spread=1\n"
			     "interval_length=1\n"
			     "illegal_macro_output_chars=`~$&|'\"<>\n"
			     "enable_notifications=0\n";

/* What the sample configuration has, as far as it is needed here. */
static const char sample[] = "define timeperiod {\n"
			     "	timeperiod_name 24x7\n"
			     "	alias 24x7\n"
			     "	sunday 00:00-24:00\n"
			     "	monday 00:00-24:00\n"
			     "	tuesday 00:00-24:00\n"
			     "	wednesday 00:00-24:00\n"
			     "	thursday 00:00-24:00\n"
			     "	friday 00:00-24:00\n"
			     "	saturday 00:00-24:00\n"
			     "}\n"
			     "define command {\n"
			     "	command_name nothing\n"
			     "	command_line /bin/true\n"
			     "}\n"
			     "define contact {\n"
			     "	contact_name me\n"
			     "	service_notification_period 24x7\n"
			     "	host_notification_period 24x7\n"
			     "	service_notification_commands nothing\n"
			     "	host_notification_commands nothing\n"
			     "}\n"
			     "define service {\n"
			     "	name generic-service\n"
			     "	register 0\n"
			     "	contacts me\n"
			     "	check_period 24x7\n"
			     "	notification_period 24x7\n"
			     "	notification_interval 0\n"
			     "}\n"
			     "define host {\n"
			     "	name generic-host\n"
			     "	register 0\n"
			     "	contacts me\n"
			     "	address 127.0.0.1\n"
			     "	max_check_attempts 1\n"
			     "	active_checks_enabled 0\n"
			     "	check_period 24x7\n"
			     "	notification_period 24x7\n"
			     "}\n"
			     "define host {\n"
			     "	use generic-host\n"
			     "	host_name localhost\n"
			     "}\n";

/* Paths that are not below $USER1$, and words for the plugin, also within quotes. */
static void copy_shipped(const struct live *live, const char *words)
{
	char *path = live_path(live, "plugins/check_stale"), *last;
	char *text = shipped_read("nagios/check_stale.cfg");

	assert_true(asprintf(&last, " -v %s", words) > 0);
	text = shipped_replace(text, SHIPPED_PLUGIN, path);
	text = shipped_replace(text, " -v", last);
	live_text(live, "nagios/check_stale.cfg", text);
	free(text);
	free(last);
	free(path);
}

static void write_config(const struct live *live, const char *objects, const char *words)
{
	struct buf text = BUF_INIT;

	daemon_mkdir(live, "nagios", monitored_user());
	daemon_mkdir(live, "nagios/results", monitored_user());
	copy_shipped(live, words);
	buf_printf(&text, "%s%s", sample, objects);
	live_text(live, "nagios/objects.cfg", text.s);
	buf_release(&text);
	buf_printf(&text, config, live->dir);
	live_text(live, "nagios/nagios.cfg", text.s);
	buf_release(&text);
	buf_printf(&text, "$USER1$=%s/plugins\n", live->dir);
	live_text(live, "nagios/resource.cfg", text.s);
	buf_release(&text);
}

/* NULL: it is not there yet. */
static char *read_status(const struct live *live)
{
	char *path = live_path(live, "nagios/status.dat"), bytes[65536];
	FILE *file = fopen(path, "re");
	struct buf text = BUF_INIT;
	size_t n;

	while (file && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_bytes(&text, bytes, n);
	if (file)
		fclose(file);
	free(path);
	return text.s;
}

/* Keeps what it reads: the file is removed when Nagios ends. */
static bool all_are_checked(void *arg)
{
	static const char mark[] = "\n\thas_been_checked=1\n";
	struct nagios4 *nagios = arg;
	size_t n = 0;

	free(nagios->status);
	nagios->status = read_status(nagios->live);
	for (const char *s = nagios->status; s && (s = strstr(s, "\nservicestatus {"));) {
		const char *end = strstr(s, "\n\t}\n"), *found = strstr(s, mark);

		n += end && found && found < end;
		s++;
	}
	return n >= nagios->want;
}

void nagios4_start(struct nagios4 *nagios, struct live *live, const char *objects,
		   const char *words, size_t services)
{
	const char *server = daemon_find(live, servers);
	char *file = live_path(live, "nagios/nagios.cfg");

	*nagios = (struct nagios4){
		.daemon = {.user = monitored_user(),
			   .log = live_path(live, "nagios/out")},
		.live = live,
		.want = services,
	};
	write_config(live, objects, words);
	daemon_start(&nagios->daemon, (const char *const[]){server, file, NULL});
	free(file);
	daemon_wait(&nagios->daemon, all_are_checked, nagios);
}

void nagios4_stop(struct nagios4 *nagios)
{
	daemon_stop(&nagios->daemon);
	free((char *)(uintptr_t)nagios->daemon.log);
	free(nagios->status);
	*nagios = (struct nagios4){.want = 0};
}

/* The block of a service; fails when there is none. */
static const char *find_block(const struct nagios4 *nagios, const char *host,
			      const char *service)
{
	const char *block;
	char *start;

	assert_true(asprintf(&start,
			     "\nservicestatus {\n\thost_name=%s\n"
			     "\tservice_description=%s\n",
			     host, service) > 0);
	block = strstr(nagios->status, start);
	if (!block)
		daemon_fail(&nagios->daemon, "no service %s of %s", service, host);
	free(start);
	return block;
}

/* The value of a key in the block, owned. */
static char *value(const char *block, const char *key)
{
	const char *found;
	char *start;

	assert_true(asprintf(&start, "\n\t%s=", key) > 0);
	found = strstr(block, start);
	assert_non_null(found);
	found += strlen(start);
	free(start);
	return strndup(found, strcspn(found, "\n"));
}

/* In the status file a newline is backslash and n, a backslash two of them. */
static void put_lines(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' && s[1] == 'n')
			buf_put(out, "\n");
		else
			buf_bytes(out, s + (*s == '\\' && s[1]), 1);
		s += *s == '\\' && s[1];
	}
}

void nagios4_read(const struct nagios4 *nagios, const char *host, const char *service,
		  struct nagios4_result *ret)
{
	const char *block = find_block(nagios, host, service);
	char *output = value(block, "plugin_output");
	char *more = value(block, "long_plugin_output");
	char *perfdata = value(block, "performance_data");
	char *state = value(block, "current_state");
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s | %s\n", output, perfdata);
	put_lines(&text, more);
	if (*more)
		buf_put(&text, "\n");
	ret->state = strtol(state, NULL, 10);
	ret->text = text.s;
	free(output);
	free(more);
	free(perfdata);
	free(state);
}

void nagios4_result_release(struct nagios4_result *result)
{
	free(result->text);
}
