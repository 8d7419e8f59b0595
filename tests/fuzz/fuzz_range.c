/*
 * fuzz_range.c - a range that is taken prints as one that is taken, and means the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct range *range)
{
	struct buf out = BUF_INIT;
	const char *reason;
	struct range again;

	range_print(&out, range);
	if (range_parse(out.s, out.len, RANGE_NUMBER, &again, &reason) < 0)
		abort();
	if (again.start != range->start || again.end != range->end ||
	    again.inside != range->inside)
		abort();
	if (range_alerts(range, range->start) != range->inside ||
	    range_alerts(range, range->end) != range->inside)
		abort();
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size);
	const char *reason;
	struct range range;

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (range_parse(text, size, RANGE_NUMBER, &range, &reason) == 0)
		check(&range);
	if (range_parse(text, size, RANGE_SECONDS, &range, &reason) == 0)
		check(&range);
	free(text);
	return 0;
}
