/*
 * fuzz_agent_config.c - the configuration file of stale-agentx: taken whole, or refused
 * with its name and a line that it has; what is taken is in its limits, and written down
 * again it means the same.
 *
 * Code: snmp/setting.c snmp/setting_value.c snmp/lines.c scan/settings.c
 */
#include <errno.h>

#include "fuzzwords.h"
#include "snmp/setting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct settings *settings)
{
	const struct stale_options *options = stale_settings_options(settings->scan);

	ensure(settings->interval >= 1 && settings->interval <= 86400);
	ensure(settings->timeout >= 1 && settings->timeout <= 3600);
	ensure(settings->ping_interval >= 1 && settings->ping_interval <= 3600);
	ensure(settings->max_procs >= 1 && settings->max_procs <= 1000000);
	ensure(settings->max_files >= 1 && settings->max_files <= 1000000);
	ensure(!(settings->notify & ~0xeU));
	ensure(!settings->socket || *settings->socket);
	ensure(settings->action == SETTINGS_RUN && !settings->foreground);
	fuzzwords_check_policy(stale_settings_policy(settings->scan));
	ensure((options->npids == 0) == (options->pids == NULL));
}

/* Every setting as a line; owned. */
static char *write_down(const struct settings *s)
{
	static const char *const notify[] = {"none", "changed", "cleared", "trouble"};
	const size_t room = 1024 + (s->socket ? strlen(s->socket) : 0);
	char *text = malloc(room);
	size_t len;

	ensure(text != NULL);
	fuzzwords_policy(stale_settings_policy(s->scan), text, room);
	len = strlen(text);
	len += (size_t)snprintf(text + len, room - len,
				"interval %us\ntimeout %us\nping-interval %us\n"
				"max-processes %u\nmax-files %u\n%s",
				s->interval, s->timeout, s->ping_interval, s->max_procs,
				s->max_files, s->watch ? "" : "no-watch\n");
	if (s->socket)
		len += (size_t)snprintf(text + len, room - len, "socket %s\n", s->socket);
	len += (size_t)snprintf(text + len, room - len, "notify %s",
				s->notify ? "" : notify[0]);
	for (unsigned n = 1; n <= 3; n++) {
		if (s->notify & 1U << n)
			len += (size_t)snprintf(text + len, room - len, "%s%s",
						s->notify & ((1U << n) - 1) ? "," : "",
						notify[n]);
	}
	return text;
}

static void check_again(const struct settings *want)
{
	char *text = write_down(want);
	struct setting_reader reader;
	const struct settings *got = &reader.settings;

	ensure(setting_reader_init(&reader) == 0);
	ensure(setting_take_lines(&reader, "conf", text, strlen(text)) == 0);
	ensure(got->interval == want->interval && got->timeout == want->timeout &&
	       got->ping_interval == want->ping_interval &&
	       got->max_procs == want->max_procs && got->max_files == want->max_files &&
	       got->notify == want->notify && got->watch == want->watch);
	ensure(!got->socket == !want->socket &&
	       (!got->socket || strcmp(got->socket, want->socket) == 0));
	ensure(fuzzwords_is_same(stale_settings_policy(got->scan),
				 stale_settings_policy(want->scan)));
	setting_reader_release(&reader);
	free(text);
}

/* The bits are those of the words in the line. */
static void check_notify(const struct settings *settings, const char *text)
{
	static const char *const words[] = {"changed", "cleared", "trouble"};

	for (const char *s = text; s; s = strchr(s, '\n')) {
		char *line;

		s += strspn(s, " \t\n");
		if (strncmp(s, "notify", 6) != 0)
			continue;
		line = strndup(s, strcspn(s, "\n"));
		ensure(line != NULL);
		for (unsigned n = 0; n < 3; n++)
			ensure((settings->notify >> (n + 1) & 1) ==
			       (strstr(line, words[n]) || strstr(line, "all")));
		free(line);
	}
}

/* "conf:LINE: what" */
static void check_told(const char *told, const uint8_t *data, size_t size)
{
	unsigned long line, lines = 1;
	char *end;

	for (size_t i = 0; i + 1 < size; i++)
		lines += data[i] == '\n';
	ensure(strncmp(told, "conf:", 5) == 0);
	line = strtoul(told + 5, &end, 10);
	ensure(line >= 1 && line <= lines);
	ensure(strncmp(end, ": ", 2) == 0 && end[2] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_string(data, size), *whole = fuzztext_string(data, size);
	struct setting_reader reader;
	int rc;

	if (!text || !whole)
		return 0;
	ensure(setting_reader_init(&reader) == 0);
	rc = setting_take_lines(&reader, "conf", text, size);
	if (rc == 0) {
		check_taken(&reader.settings);
		check_again(&reader.settings);
		check_notify(&reader.settings, whole);
	} else if (rc == -EINVAL) {
		check_told(reader.told, data, size);
	} else {
		ensure(rc == -ENOMEM);
	}
	setting_reader_release(&reader);
	free(whole);
	free(text);
	return 0;
}
