/*
 * range.c - thresholds as the Monitoring Plugins guideline defines them.
 */
#include "range.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stale.h"

/* What a double holds exactly, so that printing gives back what was typed. */
#define DIGITS_MAX 15
/* A sign, a point, the digits and a NUL. */
#define NUMBER_MAX (DIGITS_MAX + 3)

static const char not_a_number[] = "not a number";
static const char too_large[] = "too large";

static size_t count_digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* Optional '-', digits, and optionally a point and digits: what strtod() takes beyond
 * that (blanks, '+', hex, exponents, inf, nan) is none. */
static int parse_number(const char *s, size_t len, double *ret, const char **ret_reason)
{
	char buf[NUMBER_MAX + 1] = {0};
	size_t sign = len > 0 && s[0] == '-' ? 1 : 0;
	size_t whole = count_digits(s + sign, len - sign);
	size_t at = sign + whole, fraction = 0;

	if (whole > 0 && at < len && s[at] == '.') {
		fraction = count_digits(s + at + 1, len - at - 1);
		at += 1 + fraction;
		if (fraction == 0)
			whole = 0;
	}
	*ret_reason = not_a_number;
	if (whole == 0 || at != len)
		return -EINVAL;
	*ret_reason = too_large;
	if (whole + fraction > DIGITS_MAX)
		return -EINVAL;
	memcpy(buf, s, len);
	*ret = strtod(buf, NULL) + 0.0; /* -0 becomes 0 */
	return 0;
}

static int parse_seconds(const char *s, size_t len, double *ret, const char **ret_reason)
{
	int64_t seconds;
	int rc = stale_parse_duration(s, len, &seconds);

	*ret_reason = rc == -ERANGE ? too_large : "not a time such as 90s or 7d";
	if (rc < 0)
		return -EINVAL;
	*ret = (double)seconds;
	return 0;
}

static int parse_end_point(const char *s, size_t len, enum range_unit unit, double *ret,
			   const char **ret_reason)
{
	switch (unit) {
	case RANGE_NUMBER:
		return parse_number(s, len, ret, ret_reason);
	case RANGE_SECONDS:
		return parse_seconds(s, len, ret, ret_reason);
	}
	return -EINVAL;
}

/* What is before the colon: nothing is 0. */
static int parse_start(const char *s, size_t len, enum range_unit unit,
		       struct range *range, const char **ret_reason)
{
	if (len == 0)
		return 0;
	if (len == 1 && s[0] == '~') {
		range->start = -INFINITY;
		return 0;
	}
	return parse_end_point(s, len, unit, &range->start, ret_reason);
}

int range_parse(const char *s, size_t len, enum range_unit unit, struct range *ret,
		const char **ret_reason)
{
	struct range range = {.start = 0, .end = INFINITY, .set = true};
	const char *colon;
	int rc = 0;

	if (len > 0 && s[0] == '@') {
		range.inside = true;
		s++;
		len--;
	}
	*ret_reason = "empty";
	colon = len ? memchr(s, ':', len) : NULL;
	if (len == 0 || (len == 1 && colon))
		return -EINVAL;
	if (colon) {
		rc = parse_start(s, (size_t)(colon - s), unit, &range, ret_reason);
		len -= (size_t)(colon + 1 - s);
		s = colon + 1;
	}
	if (rc == 0 && len > 0)
		rc = parse_end_point(s, len, unit, &range.end, ret_reason);
	if (rc < 0)
		return rc;
	*ret_reason = "its end is below its start";
	if (range.end < range.start)
		return -EINVAL;
	*ret = range;
	return 0;
}

bool range_alerts(const struct range *range, double value)
{
	bool within = value >= range->start && value <= range->end;

	return range->set && within == range->inside;
}

/* In full, as "%g" would not: as few decimals as give the same number back. */
static void print_number(struct buf *t, double number)
{
	char buf[64];

	for (int decimals = 0; decimals <= DIGITS_MAX; decimals++) {
		snprintf(buf, sizeof(buf), "%.*f", decimals, number);
		if (strtod(buf, NULL) == number)
			break;
	}
	buf_put(t, buf);
}

void range_print(struct buf *t, const struct range *range)
{
	if (!range->set)
		return;
	if (range->inside)
		buf_put(t, "@");
	if (isinf(range->start))
		buf_put(t, "~:");
	else if (range->start != 0 || isinf(range->end)) {
		print_number(t, range->start);
		buf_put(t, ":");
	}
	if (!isinf(range->end))
		print_number(t, range->end);
}
