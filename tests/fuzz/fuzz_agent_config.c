/*
 * fuzz_agent_config.c - the configuration file of stale-agentx: taken whole, or refused
 * with its name and a line that it has; what is taken is in its limits.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/setting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ensure(bool good)
{
	if (!good)
		abort();
}

static void check_taken(const struct settings *settings)
{
	const struct stale_policy *policy = stale_settings_policy(settings->scan);
	const struct stale_options *options = stale_settings_options(settings->scan);

	ensure(settings->interval >= 1 && settings->interval <= 86400);
	ensure(settings->timeout >= 1 && settings->timeout <= 3600);
	ensure(settings->ping_interval >= 1 && settings->ping_interval <= 3600);
	ensure(settings->max_procs >= 1 && settings->max_procs <= 1000000);
	ensure(settings->max_files >= 1 && settings->max_files <= 1000000);
	ensure(!(settings->notify & ~0xeU));
	ensure(!settings->socket || *settings->socket);
	ensure(settings->action == SETTINGS_RUN && !settings->foreground);
	ensure(policy->kinds && policy->scopes && !policy->is_using);
	ensure((options->npids == 0) == (options->pids == NULL));
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
	struct setting_reader reader;
	char *text = malloc(size + 1);
	int rc;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	ensure(setting_reader_init(&reader) == 0);
	rc = setting_take_lines(&reader, "conf", text, size);
	if (rc == 0)
		check_taken(&reader.settings);
	else if (rc == -EINVAL)
		check_told(reader.told, data, size);
	else
		ensure(rc == -ENOMEM);
	setting_reader_release(&reader);
	free(text);
	return 0;
}
