/*
 * settings.c - settings by their names: which there are, and what is kept of each.
 *
 * Reads no file: that is load.c.
 */
#include "settings.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

#define PIDS_MAX 4096

typedef int take_value(struct stale_settings *settings, const char *value,
		       struct settings_message message);

/* One setting: take, or the list that it goes to. */
struct known {
	const char *name;
	bool has_value;
	bool repeats;
	take_value *take; /* NULL: to list */
	enum settings_list list;
};

int settings_refuse(struct settings_message message, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message.text, message.size, format, args);
	va_end(args);
	return error;
}

#define CULPRIT_MAX (sizeof(((struct settings_culprit *)NULL)->text) - 1)
#define CUT_MARK    "..."

/* How many bytes of s take at most max when they are shown. */
static size_t shown_head(const char *s, size_t len, size_t max)
{
	size_t taken = 0;

	while (taken < len) {
		/* What any of those who show messages may want escaped counts as such. */
		const struct stale_printable next = stale_printable(s + taken, "|;<>&");

		if (next.taken == 0 || next.len > max)
			break;
		max -= next.len;
		taken += next.taken;
	}
	return taken;
}

struct settings_culprit settings_culprit(const char *s, size_t len)
{
	struct settings_culprit ret = {0};
	size_t head = shown_head(s, len, CULPRIT_MAX);

	if (head == len) {
		memcpy(ret.text, s, len);
		return ret;
	}
	head = shown_head(s, len, CULPRIT_MAX - strlen(CUT_MARK));
	memcpy(ret.text, s, head);
	memcpy(ret.text + head, CUT_MARK, strlen(CUT_MARK));
	return ret;
}

static int take_min_age(struct stale_settings *settings, const char *value,
			struct settings_message message)
{
	const size_t len = strlen(value);
	int r = stale_parse_duration(value, len, &settings->policy.min_age);

	if (r == -ERANGE)
		return settings_refuse(message, -EINVAL,
				       "the age '%s' is more than a hundred years",
				       settings_culprit(value, len).text);
	if (r < 0)
		return settings_refuse(message, r,
				       "bad age '%s', expected such as 90s, 15m, 1d, 2w",
				       settings_culprit(value, len).text);
	return 0;
}

/* Digits only.  Returns 0, or -EINVAL for anything else, 0, and more than an int. */
static int parse_pid(const char *s, size_t len, pid_t *ret)
{
	int64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EINVAL;
		n = n * 10 + (s[i] - '0');
		if (n > INT_MAX)
			return -EINVAL;
	}
	if (n < 1)
		return -EINVAL;
	*ret = (pid_t)n;
	return 0;
}

static int add_pid(struct stale_settings *settings, pid_t pid,
		   struct settings_message message)
{
	struct stale_options *options = &settings->options;
	const pid_t *pids = settings->pids;

	for (size_t i = 0; i < options->npids; i++) {
		if (pids[i] == pid)
			return 0;
	}
	if (options->npids == PIDS_MAX)
		return settings_refuse(message, -EINVAL, "'pid': more than %d processes",
				       PIDS_MAX);
	if (util_grow(&settings->pids, &settings->pids_room, options->npids,
		      sizeof(pid)) < 0)
		return -ENOMEM;
	((pid_t *)settings->pids)[options->npids++] = pid;
	return 0;
}

static int add_pids(struct stale_settings *settings, const char *value,
		    struct settings_message message)
{
	for (const char *s = value, *end;; s = end + 1) {
		pid_t pid;
		int r;

		end = strchrnul(s, ',');
		if (parse_pid(s, (size_t)(end - s), &pid) < 0)
			return settings_refuse(
				message, -EINVAL,
				"bad process id '%s', expected a number from 1 on",
				settings_culprit(s, (size_t)(end - s)).text);
		r = add_pid(settings, pid, message);
		if (r < 0 || *end == '\0')
			return r;
	}
}

static int take_pid(struct stale_settings *settings, const char *value,
		    struct settings_message message)
{
	struct stale_options *options = &settings->options;
	const size_t before = options->npids;
	int r = add_pids(settings, value, message);

	if (r < 0)
		options->npids = before;
	options->pids = options->npids ? settings->pids : NULL;
	return r;
}

static int take_proc_root(struct stale_settings *settings, const char *value,
			  struct settings_message message)
{
	(void)message;
	settings->proc_root = strdup(value);
	if (!settings->proc_root)
		return -ENOMEM;
	settings->options.proc_root = settings->proc_root;
	return 0;
}

static int take_no_default_ignores(struct stale_settings *settings, const char *value,
				   struct settings_message message)
{
	(void)value;
	(void)message;
	settings->options.no_default_ignores = true;
	return 0;
}

static const struct known known[] = {
	{"kind", true, false, settings_take_kind, 0},
	{"why", true, false, settings_take_why, 0},
	{"min-age", true, false, take_min_age, 0},
	{"count", true, false, settings_take_count, 0},
	{"library", true, true, NULL, LIST_LIBRARY},
	{"using", true, true, NULL, LIST_USING},
	{"user", true, true, NULL, LIST_USER},
	{"process", true, true, NULL, LIST_PROCESS},
	{"unit", true, true, NULL, LIST_UNIT},
	{"container", true, true, NULL, LIST_CONTAINER},
	{"scope", true, true, settings_take_scope, 0},
	{"pid", true, true, take_pid, 0},
	{"ignore", true, true, NULL, LIST_IGNORE},
	{"ignore-literal", true, true, NULL, LIST_IGNORE_LITERAL},
	{"ignore-file", true, true, NULL, LIST_IGNORE_FILE},
	{"no-default-ignores", false, true, take_no_default_ignores, 0},
	{"proc-root", true, false, take_proc_root, 0},
	{"method", true, false, settings_take_method, 0},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

/* KNOWN: none. */
static size_t find_row(const char *name)
{
	size_t row = 0;

	while (row < KNOWN && strcmp(known[row].name, name) != 0)
		row++;
	return row;
}

bool stale_setting_is_known(const char *name, bool *ret_takes_value)
{
	const size_t row = find_row(name);

	if (row == KNOWN)
		return false;
	*ret_takes_value = known[row].has_value;
	return true;
}

/* value is none, or not empty. */
static int take_row(struct stale_settings *settings, size_t row, const char *value,
		    struct settings_message message)
{
	int r;

	if (!known[row].repeats && settings->seen & 1U << row)
		return settings_refuse(message, -EINVAL, "'%s' is given twice",
				       known[row].name);
	r = known[row].take ? known[row].take(settings, value, message)
			    : texts_add(&settings->texts[known[row].list], value);
	if (r == -ENOMEM)
		return settings_refuse(message, r, "out of memory");
	if (r == 0)
		settings->seen |= 1U << row;
	return r;
}

int stale_settings_take(struct stale_settings *settings, const char *name,
			const char *value, char *message, size_t message_size)
{
	const struct settings_message told = {message, message_size};
	const size_t row = find_row(name);

	_Static_assert(KNOWN <= 32, "one bit of seen for each setting");
	if (row == KNOWN)
		return settings_refuse(told, -EINVAL, "unknown setting '%s'",
				       settings_culprit(name, strlen(name)).text);
	if (known[row].has_value && !value)
		return settings_refuse(told, -EINVAL, "'%s' needs a value", name);
	if (!known[row].has_value && value)
		return settings_refuse(told, -EINVAL, "'%s' takes no value", name);
	if (value && *value == '\0')
		return settings_refuse(told, -EINVAL, "'%s': its value is empty", name);
	return take_row(settings, row, value, told);
}

static bool is_seen(const struct stale_settings *settings, const char *name)
{
	return settings->seen & 1U << find_row(name);
}

int stale_settings_check(const struct stale_settings *settings, char *message,
			 size_t message_size)
{
	/* Who uses a file is asked of all that is loaded, stale or not. */
	static const char *const not_with_using[] = {"library", "why", "min-age", "kind"};
	const struct settings_message told = {message, message_size};

	for (size_t i = 0; i < sizeof(not_with_using) / sizeof(not_with_using[0]); i++) {
		if (is_seen(settings, "using") && is_seen(settings, not_with_using[i]))
			return settings_refuse(told, -EINVAL,
					       "'%s' has no meaning with 'using'",
					       not_with_using[i]);
	}
	if (!(settings->policy.kinds & STALE_KIND_CODE) &&
	    settings->policy.why & STALE_WHY_BIT(STALE_MODIFIED))
		return settings_refuse(
			told, -EINVAL,
			"reason 'modified' needs kind 'code': it is of code only");
	return 0;
}

int stale_settings_new(struct stale_settings **ret)
{
	struct stale_settings *settings = calloc(1, sizeof(*settings));

	if (!settings)
		return -ENOMEM;
	settings->options.method = STALE_METHOD_AUTO;
	settings->policy = (struct stale_policy){.why = STALE_WHY_DEFAULT,
						 .scopes = STALE_SCOPE_DEFAULT,
						 .kinds = STALE_KIND_CODE};
	*ret = settings;
	return 0;
}

void stale_settings_free(struct stale_settings *settings)
{
	if (!settings)
		return;
	for (size_t i = 0; i < LIST_COUNT; i++)
		texts_release(&settings->texts[i]);
	rule_list_free(settings->rules);
	stale_users_free(settings->users);
	free(settings->pids);
	free(settings->uids);
	free(settings->proc_root);
	free(settings);
}
