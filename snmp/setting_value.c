/*
 * setting_value.c - what each setting takes for its value.
 */
#include "setting_value.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "notification.h"

#define CULPRIT_MAX (sizeof(((struct setting_culprit *)NULL)->text) - 1)
#define CUT_MARK    "..."
#define HOUR        3600
#define DAY         86400
#define ROWS_MAX    1000000

struct setting_culprit setting_culprit(const char *value)
{
	struct setting_culprit ret = {""};
	size_t len = strlen(value), head = 0, taken;

	if (len <= CULPRIT_MAX) {
		memcpy(ret.text, value, len);
		return ret;
	}
	while ((taken = stale_printable(value + head, "").taken) &&
	       head + taken <= CULPRIT_MAX - strlen(CUT_MARK))
		head += taken;
	memcpy(ret.text, value, head);
	memcpy(ret.text + head, CUT_MARK, sizeof(CUT_MARK));
	return ret;
}

static int take_text(char **to, const char *value)
{
	*to = strdup(value);
	return *to ? 0 : -ENOMEM;
}

int setting_value_foreground(struct setting_reader *reader, struct settings *to,
			     const char *value)
{
	(void)reader;
	(void)value;
	to->foreground = true;
	return 0;
}

int setting_value_socket(struct setting_reader *reader, struct settings *to,
			 const char *value)
{
	(void)reader;
	return take_text(&to->socket, value);
}

int setting_value_pidfile(struct setting_reader *reader, struct settings *to,
			  const char *value)
{
	(void)reader;
	to->pidfile = value;
	return 0;
}

int setting_value_config(struct setting_reader *reader, struct settings *to,
			 const char *value)
{
	(void)reader;
	to->config = value;
	return 0;
}

int setting_value_log(struct setting_reader *reader, struct settings *to,
		      const char *value)
{
	const char *wrong;

	if (*value == 'f' && reader->is_elevated)
		return setting_refuse(reader, "a file for '--log'" SETTING_ELEVATED);
	if (log_parse(value, &wrong) < 0)
		return setting_refuse(reader, "%s", wrong);
	to->log = value;
	return 0;
}

int setting_value_debug(struct setting_reader *reader, struct settings *to,
			const char *value)
{
	(void)reader;
	to->debug = value;
	return 0;
}

int setting_value_version(struct setting_reader *reader, struct settings *to,
			  const char *value)
{
	(void)reader;
	(void)value;
	to->action = SETTINGS_VERSION;
	return 0;
}

int setting_value_help(struct setting_reader *reader, struct settings *to,
		       const char *value)
{
	(void)reader;
	(void)value;
	to->action = SETTINGS_HELP;
	return 0;
}

int setting_value_no_watch(struct setting_reader *reader, struct settings *to,
			   const char *value)
{
	(void)reader;
	(void)value;
	to->watch = false;
	return 0;
}

/* expected: "1s to 1h". */
static int refuse_value(struct setting_reader *reader, const char *name,
			const char *value, const char *expected)
{
	return setting_refuse(reader, "bad %s '%s', expected %s", name,
			      setting_culprit(value).text, expected);
}

/* Returns whether it is a time from a second to max. */
static bool parse_seconds(const char *value, int64_t max, uint32_t *ret)
{
	int64_t seconds;

	if (stale_parse_duration(value, strlen(value), &seconds) < 0 || seconds < 1 ||
	    seconds > max)
		return false;
	*ret = (uint32_t)seconds;
	return true;
}

int setting_value_interval(struct setting_reader *reader, struct settings *to,
			   const char *value)
{
	if (parse_seconds(value, DAY, &to->interval))
		return 0;
	return refuse_value(reader, "interval", value, "1s to 1d, such as 5m");
}

int setting_value_timeout(struct setting_reader *reader, struct settings *to,
			  const char *value)
{
	if (parse_seconds(value, HOUR, &to->timeout))
		return 0;
	return refuse_value(reader, "timeout", value, "1s to 1h, such as 60s");
}

int setting_value_ping_interval(struct setting_reader *reader, struct settings *to,
				const char *value)
{
	if (parse_seconds(value, HOUR, &to->ping_interval))
		return 0;
	return refuse_value(reader, "ping-interval", value, "1s to 1h, such as 10s");
}

/* Digits only.  Returns whether it is a number from 1 to ROWS_MAX. */
static bool parse_rows(const char *value, uint32_t *ret)
{
	uint32_t n = 0;

	for (const char *s = value; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (uint32_t)(*s - '0');
		if (n > ROWS_MAX)
			return false;
	}
	if (n == 0)
		return false;
	*ret = n;
	return true;
}

int setting_value_max_processes(struct setting_reader *reader, struct settings *to,
				const char *value)
{
	if (parse_rows(value, &to->max_procs))
		return 0;
	return refuse_value(reader, "max-processes", value, "1 to 1000000 rows");
}

int setting_value_max_files(struct setting_reader *reader, struct settings *to,
			    const char *value)
{
	if (parse_rows(value, &to->max_files))
		return 0;
	return refuse_value(reader, "max-files", value, "1 to 1000000 rows");
}

#define NOTIFY_ALL (1U << MIB_CHANGED | 1U << MIB_CLEARED | 1U << MIB_SCAN_TROUBLE)

/* The bits of a word; 0: it is none. */
static unsigned notify_bits(const char *s, size_t len)
{
	static const struct {
		const char *word;
		unsigned bits;
	} words[] = {{"changed", 1U << MIB_CHANGED},
		     {"cleared", 1U << MIB_CLEARED},
		     {"trouble", 1U << MIB_SCAN_TROUBLE}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) == len && memcmp(s, words[i].word, len) == 0)
			return words[i].bits;
	}
	return 0;
}

int setting_value_notify(struct setting_reader *reader, struct settings *to,
			 const char *value)
{
	unsigned bits = 0;

	if (strcmp(value, "none") == 0 || strcmp(value, "all") == 0) {
		to->notify = *value == 'a' ? NOTIFY_ALL : 0;
		return 0;
	}
	for (const char *s = value, *end;; s = end + 1) {
		unsigned bit;

		end = strchrnul(s, ',');
		bit = notify_bits(s, (size_t)(end - s));
		if (!bit || bits & bit)
			return refuse_value(reader, "notify", value,
					    "each once of changed,cleared,trouble, "
					    "or all, or none");
		bits |= bit;
		if (*end == '\0')
			break;
	}
	to->notify = bits;
	return 0;
}
