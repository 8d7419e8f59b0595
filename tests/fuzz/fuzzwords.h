/*
 * fuzzwords.h - settings of the core, said again in words.
 */
#ifndef FUZZWORDS_H
#define FUZZWORDS_H

#include <stdio.h>

#include "fuzztext.h"
#include "scan/stale.h"

/* "kind code,fd" and so on of a policy that was taken, as a setting of each line; len
 * bytes of room are enough. */
static inline void fuzzwords_policy(const struct stale_policy *policy, char *text,
				    size_t size)
{
	size_t len = (size_t)snprintf(text, size, "min-age %lld\n",
				      (long long)policy->min_age);
	const char *before = "why ";

	for (int why = 0; why < STALE_CURRENT; why++) {
		if (!(policy->why & STALE_WHY_BIT(why)))
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s", before,
					stale_why_name((enum stale_why)why));
		before = ",";
	}
	before = "\ncount ";
	for (int scope = 0; scope < STALE_SCOPE_COUNT; scope++) {
		if (!(policy->scopes & STALE_SCOPE_BIT(scope)))
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s", before,
					stale_scope_name((enum stale_scope)scope));
		before = ",";
	}
	before = "\nkind ";
	if (policy->kinds & STALE_KIND_CODE) {
		len += (size_t)snprintf(text + len, size - len, "%scode", before);
		before = ",";
	}
	for (int kind = STALE_DATA; kind < STALE_KIND_COUNT; kind++) {
		if (!(policy->kinds & STALE_KIND_BIT(kind)))
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s", before,
					stale_kind_name((enum stale_kind)kind));
		before = ",";
	}
	ensure(len + 2 < size);
	memcpy(text + len, "\n", 2);
}

static inline bool fuzzwords_is_same(const struct stale_policy *a,
				     const struct stale_policy *b)
{
	return a->why == b->why && a->scopes == b->scopes && a->kinds == b->kinds &&
	       a->min_age == b->min_age;
}

static inline void fuzzwords_check_policy(const struct stale_policy *policy)
{
	ensure(policy->kinds && !(policy->kinds >> STALE_KIND_COUNT));
	ensure(policy->scopes && !(policy->scopes >> STALE_SCOPE_COUNT));
	ensure(policy->why && !(policy->why >> STALE_CURRENT));
	ensure(policy->min_age >= 0 && !policy->is_using);
	ensure(!(policy->kinds & STALE_KIND_CODE) ||
	       (policy->kinds & STALE_KIND_CODE) == STALE_KIND_CODE);
}

#endif
