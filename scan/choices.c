/*
 * choices.c - the values of settings that are words out of a few: one, or a list.
 */
#include <errno.h>
#include <string.h>

#include "settings.h"

struct choice {
	const char *word;
	unsigned bits;
};

struct choices {
	const char *noun;  /* "reason" */
	const char *known; /* all words, for the message that refuses another */
	const struct choice *list;
	size_t n;
};

#define CHOICES(array) (array), sizeof(array) / sizeof((array)[0])

static const struct choice why_list[] = {
	{"deleted", STALE_WHY_BIT(STALE_DELETED)},
	{"replaced", STALE_WHY_BIT(STALE_REPLACED)},
	{"superseded", STALE_WHY_BIT(STALE_SUPERSEDED)},
	{"reinstalled", STALE_WHY_BIT(STALE_REINSTALLED)},
	{"modified", STALE_WHY_BIT(STALE_MODIFIED)},
};
static const struct choices whys = {
	"reason", "deleted, replaced, superseded, reinstalled, modified",
	CHOICES(why_list)};

static const struct choice kind_list[] = {
	{"code", STALE_KIND_CODE},
	{"data", STALE_KIND_BIT(STALE_DATA)},
	{"fd", STALE_KIND_BIT(STALE_FD)},
};
static const struct choices kinds = {"kind", "code, data, fd", CHOICES(kind_list)};

#define SCOPE_ALL ((1U << STALE_SCOPE_COUNT) - 1)

/* "all" is the last: "scope" does not take it, there it would say nothing. */
static const struct choice scope_list[] = {
	{"system", STALE_SCOPE_BIT(STALE_SCOPE_SYSTEM)},
	{"user", STALE_SCOPE_BIT(STALE_SCOPE_USER)},
	{"session", STALE_SCOPE_BIT(STALE_SCOPE_SESSION)},
	{"container", STALE_SCOPE_BIT(STALE_SCOPE_CONTAINER)},
	{"none", STALE_SCOPE_BIT(STALE_SCOPE_NONE)},
	{"all", SCOPE_ALL},
};
static const struct choices count_scopes = {
	"scope", "system, user, session, container, none, all", CHOICES(scope_list)};
static const struct choices scopes = {"scope", "system, user, session, container, none",
				      scope_list, STALE_SCOPE_COUNT};

/* Returns the bits of a word, 0 if it is none. */
static unsigned choice_bits(const struct choices *choices, const char *s, size_t len)
{
	for (size_t i = 0; i < choices->n; i++) {
		const char *word = choices->list[i].word;

		if (strlen(word) == len && memcmp(s, word, len) == 0)
			return choices->list[i].bits;
	}
	return 0;
}

/* Adds to *bits those of a word.  Returns as take_list() does. */
static int take_word(const struct choices *choices, struct name word, unsigned *bits,
		     struct settings_message message)
{
	unsigned bit = choice_bits(choices, word.s, word.len);

	if (!bit)
		return settings_refuse(
			message, -EINVAL, "unknown %s '%s', known are %s", choices->noun,
			settings_culprit(word.s, word.len).text, choices->known);
	if (*bits & bit)
		return settings_refuse(message, -EINVAL, "%s '%s' is given twice",
				       choices->noun,
				       settings_culprit(word.s, word.len).text);
	*bits |= bit;
	return 0;
}

/*
 * Adds to *bits those of the words between commas, of each of which the first skip bytes
 * are left out.  Returns 0, or -EINVAL with a message; then *bits is as it was.
 */
static int take_list(const struct choices *choices, const char *value, size_t skip,
		     unsigned *bits, struct settings_message message)
{
	unsigned all = *bits;

	for (const char *s = value + skip, *end;; s = end + 1 + skip) {
		int r;

		end = strchrnul(s, ',');
		r = take_word(choices, (struct name){s, (size_t)(end - s)}, &all,
			      message);
		if (r < 0)
			return r;
		if (*end == '\0')
			break;
	}
	*bits = all;
	return 0;
}

/* Have all words a plus sign before them, or none? */
static bool is_unmixed(const char *value)
{
	const bool adds = value[0] == '+';

	for (const char *s = value;; s++) {
		if ((s[0] == '+') != adds)
			return false;
		s = strchrnul(s, ',');
		if (*s == '\0')
			return true;
	}
}

int settings_take_why(struct stale_settings *settings, const char *value,
		      struct settings_message message)
{
	const bool adds = value[0] == '+';
	unsigned bits = 0;
	int r;

	if (!is_unmixed(value))
		return settings_refuse(message, -EINVAL,
				       "reasons '%s': give all with a plus sign, or none",
				       settings_culprit(value, strlen(value)).text);
	r = take_list(&whys, value, adds, &bits, message);
	if (r == 0)
		settings->policy.why = adds ? settings->policy.why | bits : bits;
	return r;
}

int settings_take_kind(struct stale_settings *settings, const char *value,
		       struct settings_message message)
{
	unsigned bits = 0;
	int r = take_list(&kinds, value, 0, &bits, message);

	if (r == 0)
		settings->policy.kinds = bits;
	return r;
}

int settings_take_count(struct stale_settings *settings, const char *value,
			struct settings_message message)
{
	unsigned bits = 0;
	int r = take_list(&count_scopes, value, 0, &bits, message);

	if (r == 0)
		settings->policy.scopes = bits;
	return r;
}

int settings_take_scope(struct stale_settings *settings, const char *value,
			struct settings_message message)
{
	return take_list(&scopes, value, 0, &settings->options.select.scopes, message);
}

int settings_take_method(struct stale_settings *settings, const char *value,
			 struct settings_message message)
{
	static const enum stale_method all[] = {
		STALE_METHOD_AUTO, STALE_METHOD_PROCMAP_QUERY, STALE_METHOD_MAPS};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(value, stale_method_name(all[i])) == 0) {
			settings->options.method = all[i];
			return 0;
		}
	}
	return settings_refuse(message, -EINVAL,
			       "unknown method '%s', known are auto, procmap_query, maps",
			       settings_culprit(value, strlen(value)).text);
}
