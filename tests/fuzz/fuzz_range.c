/*
 * fuzz_range.c - a range that is taken prints as one that is taken, and means the same;
 * what it alerts on is what the guideline says.
 *
 * Code: plugin/range.c scan/duration.c
 */
#include <math.h>

#include "fuzztext.h"
#include "range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_alerts(const struct range *range, double value)
{
	bool outside = value < range->start || value > range->end;

	ensure(range_alerts(range, value) == (range->inside ? !outside : outside));
}

static void check(const struct range *range)
{
	struct buf out = BUF_INIT;
	const char *reason;
	struct range again;

	ensure(range->set && range->start <= range->end && !isnan(range->start));
	ensure(range->start < INFINITY && range->end > -INFINITY);
	range_print(&out, range);
	for (size_t i = 0; i < out.len; i++)
		ensure(strchr("0123456789.-:~@", out.s[i]) != NULL);
	ensure(range_parse(out.s, out.len, RANGE_NUMBER, &again, &reason) == 0);
	ensure(again.start == range->start && again.end == range->end &&
	       again.inside == range->inside);
	check_alerts(range, range->start);
	check_alerts(range, range->end);
	check_alerts(range, range->start - 1);
	check_alerts(range, range->end + 1);
	check_alerts(range, 0);
	buf_release(&out);
}

static void check_refused(const char *reason, int rc)
{
	ensure(rc < 0 && reason && *reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_copy(data, size);

	for (int unit = RANGE_NUMBER; text && unit <= RANGE_SECONDS; unit++) {
		struct range range = {0};
		const char *reason = NULL;
		int rc = range_parse(text, size, (enum range_unit)unit, &range, &reason);

		if (rc == 0)
			check(&range);
		else
			check_refused(reason, rc);
	}
	free(text);
	return 0;
}
