/*
 * load.c - what of the settings needs files: names of users, and ignore rules.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "settings.h"
#include "util.h"

/* Without the file there are numbers; what we are short of ourselves is an error. */
static int read_users(struct stale_settings *settings, struct settings_message message)
{
	int rc = stale_users_read(NULL, &settings->users);

	if (rc == -EMFILE || rc == -ENFILE)
		return settings_refuse(message, rc, "/etc/passwd: %s", strerror(-rc));
	return rc == -ENOMEM ? rc : 0;
}

/* Returns 0, or -EINVAL: not all digits, or no number that a user has. */
static int parse_uid(const char *s, uid_t *ret)
{
	uint64_t n = 0;

	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		n = n * 10 + (uint64_t)(*p - '0');
		if (n >= (uid_t)-1)
			return -EINVAL;
	}
	if (*s == '\0')
		return -EINVAL;
	*ret = (uid_t)n;
	return 0;
}

/* A name may consist of digits, too: it comes first. */
static int find_uid(const struct stale_users *users, const char *user, uid_t *ret)
{
	if (users && stale_users_uid(users, user, ret) == 0)
		return 0;
	return parse_uid(user, ret);
}

static int find_uids(struct stale_settings *settings, struct settings_message message)
{
	const char *const *list = texts_list(&settings->texts[LIST_USER]);
	const size_t n = settings->texts[LIST_USER].n;

	if (!list)
		return 0;
	settings->uids = calloc(n, sizeof(*settings->uids));
	if (!settings->uids)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (find_uid(settings->users, list[i], &settings->uids[i]) < 0)
			return settings_refuse(
				message, -ENOENT,
				"no user '%s' in /etc/passwd, and no number",
				settings_culprit(list[i], strlen(list[i])).text);
	}
	return 0;
}

/* A rule told by the option that it came with: "-i GLOB". */
static int add_rule(struct rule_list *rules, enum stale_rule_kind kind,
		    const char *option, const char *pattern)
{
	const size_t size = strlen(option) + strlen(pattern) + 2;
	cleanup_free char *origin = malloc(size);

	if (!origin)
		return -ENOMEM;
	snprintf(origin, size, "%s %s", option, pattern);
	return rule_list_add(rules, kind, pattern, origin);
}

/* The short options of check_stale are what operators know these rules by. */
static int add_rules(struct stale_settings *settings, struct settings_message message)
{
	static const struct {
		enum settings_list list;
		enum stale_rule_kind kind;
		const char *option;
	} rows[] = {{LIST_IGNORE, STALE_RULE_PATH, "-i"},
		    {LIST_IGNORE_LITERAL, STALE_RULE_LITERAL, "-I"}};
	int r = rule_list_new(&settings->rules);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const *pattern = texts_list(&settings->texts[rows[i].list]);

		for (; r == 0 && pattern && *pattern; pattern++)
			r = add_rule(settings->rules, rows[i].kind, rows[i].option,
				     *pattern);
	}
	if (r == -ERANGE)
		return settings_refuse(message, r, "more than 10000 ignore rules");
	return r;
}

static int read_rules(struct stale_settings *settings, const char *folder,
		      struct settings_message message)
{
	const char *const *file = texts_list(&settings->texts[LIST_IGNORE_FILE]);
	int r = add_rules(settings, message);

	if (r == 0 && folder && !settings->options.proc_root)
		r = rule_list_read_folder(settings->rules, folder, true, message.text,
					  message.size);
	for (; r == 0 && file && *file; file++)
		r = rule_list_read_file(settings->rules, *file, message.text,
					message.size);
	return r;
}

static void point_to_lists(struct stale_settings *settings)
{
	struct stale_options *options = &settings->options;

	options->select.uids = settings->uids;
	options->select.nuids = settings->texts[LIST_USER].n;
	options->select.processes = texts_list(&settings->texts[LIST_PROCESS]);
	options->select.units = texts_list(&settings->texts[LIST_UNIT]);
	options->select.containers = texts_list(&settings->texts[LIST_CONTAINER]);
	options->kinds = settings->policy.kinds;
	options->want_modified = settings->policy.why & STALE_WHY_BIT(STALE_MODIFIED);
	options->library_globs = texts_list(&settings->texts[LIST_LIBRARY]);
	options->using_globs = texts_list(&settings->texts[LIST_USING]);
	options->ignore = rule_list_items(settings->rules, &options->nignore);
	options->users = settings->users;
	settings->policy.is_using = options->using_globs != NULL;
}

int stale_settings_load(struct stale_settings *settings, const char *folder,
			char *message, size_t message_size)
{
	const struct settings_message told = {message, message_size};
	int r = stale_settings_check(settings, message, message_size);

	if (r < 0)
		return r;
	r = read_users(settings, told);
	if (r == 0)
		r = find_uids(settings, told);
	if (r == 0)
		r = read_rules(settings, folder, told);
	if (r == -ENOMEM)
		return settings_refuse(told, r, "out of memory");
	if (r == 0)
		point_to_lists(settings);
	return r;
}

const struct stale_options *stale_settings_options(const struct stale_settings *settings)
{
	return &settings->options;
}

const struct stale_policy *stale_settings_policy(const struct stale_settings *settings)
{
	return &settings->policy;
}

const struct stale_users *stale_settings_users(const struct stale_settings *settings)
{
	return settings->users;
}
