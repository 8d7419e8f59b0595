/*
 * choices.c - the values of options that are words out of a few: one, or a list.
 */
#include "values.h"

#include <string.h>

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

/* "all" is the last: --scope does not take it, there it would say nothing. */
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

/* "unknown reason 'x', known are ..." */
static int refuse_unknown(const struct choices *choices, const char *s, size_t len,
			  struct buf *error)
{
	char before[32] = "unknown ";
	cleanup_buf struct buf after = BUF_INIT;

	strncat(before, choices->noun, sizeof(before) - strlen(before) - 1);
	buf_put(&after, ", known are ");
	buf_put(&after, choices->known);
	if (after.error)
		return after.error;
	return value_refuse_piece(error, before, s, len, after.s);
}

/* Adds to *bits those of the words between commas.  Returns as the others do. */
static int take_list(const struct choices *choices, const char *value, unsigned *bits,
		     struct buf *error)
{
	for (const char *s = value, *end;; s = end + 1) {
		unsigned bit;

		end = strchrnul(s, ',');
		bit = choice_bits(choices, s, (size_t)(end - s));
		if (!bit)
			return refuse_unknown(choices, s, (size_t)(end - s), error);
		if (*bits & bit)
			return value_refuse_piece(error, choices->noun, s,
						  (size_t)(end - s), " is given twice");
		*bits |= bit;
		if (*end == '\0')
			return 0;
	}
}

/* The list without the plus signs before all of its words; -EINVAL: some have none. */
static int strip_plus(const char *value, struct buf *ret, struct buf *error)
{
	const bool adds = value[0] == '+';

	for (const char *s = value, *end;; s = end + 1) {
		end = strchrnul(s, ',');
		if ((s[0] == '+') != adds)
			return value_refuse(error, "reasons", value,
					    ": give all with a plus sign, or none");
		buf_bytes(ret, s + adds, (size_t)(end - s) - adds);
		if (*end == '\0')
			return ret->error;
		buf_put(ret, ",");
	}
}

int value_why(struct options *opt, const char *value, struct buf *error)
{
	cleanup_buf struct buf plain = BUF_INIT;
	unsigned bits = 0;
	int rc = strip_plus(value, &plain, error);

	if (rc == 0)
		rc = take_list(&whys, plain.s ? plain.s : "", &bits, error);
	if (rc == 0)
		opt->policy.why = value[0] == '+' ? opt->policy.why | bits : bits;
	return rc;
}

int value_kind(struct options *opt, const char *value, struct buf *error)
{
	opt->policy.kinds = 0;
	return take_list(&kinds, value, &opt->policy.kinds, error);
}

int value_count(struct options *opt, const char *value, struct buf *error)
{
	opt->policy.scopes = 0;
	return take_list(&count_scopes, value, &opt->policy.scopes, error);
}

int value_scope(struct options *opt, const char *value, struct buf *error)
{
	return take_list(&scopes, value, &opt->scopes, error);
}

int value_method(struct options *opt, const char *value, struct buf *error)
{
	static const enum stale_method all[] = {
		STALE_METHOD_AUTO, STALE_METHOD_PROCMAP_QUERY, STALE_METHOD_MAPS};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(value, stale_method_name(all[i])) == 0) {
			opt->method = all[i];
			return 0;
		}
	}
	return value_refuse(error, "unknown method", value,
			    ", known are auto, procmap_query, maps");
}

const char *format_name(enum format format)
{
	switch (format) {
	case FORMAT_NAGIOS:
		return "nagios";
	case FORMAT_HUMAN:
		return "human";
	case FORMAT_MACHINE:
		return "machine";
	case FORMAT_JSON:
		return "json";
	case FORMAT_PIDS:
		return "pids";
	case FORMAT_NAMES:
		return "names";
	case FORMAT_PROMETHEUS:
		break;
	}
	return "prometheus";
}

int value_format(struct options *opt, const char *value, struct buf *error)
{
	for (int i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(value, format_name((enum format)i)) == 0) {
			opt->format = (enum format)i;
			return 0;
		}
	}
	return value_refuse(error, "unknown format", value,
			    ", known are nagios, human, machine, json, pids, names, "
			    "prometheus");
}
