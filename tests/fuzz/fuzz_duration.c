/*
 * fuzz_duration.c - spans and points of time: what is taken means what it says, and what is
 * printed, read back, is what it was.  The input: a number of 8 bytes, a text.
 *
 * Code: scan/duration.c plugin/duration.c
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "duration.h"
#include "fuzztext.h"
#include "stale.h"

#define HUNDRED_YEARS INT64_C(3153600000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "1d 2h": the largest unit that fits, then the one below it where that is not none of
 * it; only what is less than that is left out. */
static void check_span(int64_t seconds)
{
	static const char units[] = "dhms";
	static const int64_t worth[] = {86400, 3600, 60, 1, 1};
	const int64_t want = seconds > 0 ? seconds : 0;
	struct buf out = BUF_INIT;
	size_t i = 0;
	int64_t told;
	char *s;

	duration_print(&out, seconds);
	told = strtoll(out.s, &s, 10);
	while (units[i] && units[i] != *s)
		i++;
	ensure(*s && units[i] && (told > 0 || (want == 0 && units[i] == 's')));
	ensure(i == 0 || want < worth[i - 1]);
	told *= worth[i++];
	if (*++s == ' ') {
		int64_t more = strtoll(s + 1, &s, 10);

		ensure(more > 0 && units[i] && *s++ == units[i]);
		told += more * worth[i];
	}
	ensure(*s == '\0' && told <= want && want - told < worth[i]);
	buf_release(&out);
}

static void check_time(int64_t when)
{
	struct buf out = BUF_INIT;
	struct tm tm = {0};
	const char *end;

	timestamp_print(&out, when);
	fuzztext_check(out.s, out.len, "");
	if (*out.s == '@')
		ensure(strtoll(out.s + 1, NULL, 10) == when);
	else if (when >= 0 && when < INT64_C(253402300800)) {
		end = strptime(out.s, "%Y-%m-%dT%H:%M:%SZ", &tm);
		ensure(end && *end == '\0' && timegm(&tm) == when);
	}
	buf_release(&out);
}

/* The other way round: printed in each unit that it is a multiple of, it is the same. */
static void check_again(int64_t seconds)
{
	static const char units[] = "smhdw";
	static const int64_t worth[] = {1, 60, 3600, 86400, 604800};
	char text[32];

	ensure(seconds >= 0 && seconds <= HUNDRED_YEARS);
	for (size_t i = 0; units[i]; i++) {
		int64_t again;
		int len = snprintf(text, sizeof(text), "%lld%c",
				   (long long)(seconds / worth[i]), units[i]);

		ensure(stale_parse_duration(text, (size_t)len, &again) == 0);
		ensure(again == seconds - seconds % worth[i]);
	}
}

/* A text that begins with digits and holds them and one unit only is no nonsense. */
static void check_text(const char *text, size_t len)
{
	int64_t seconds = -7;
	size_t digits = 0;
	int rc = stale_parse_duration(text, len, &seconds);

	while (digits < len && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	ensure(rc == 0 || (rc == -EINVAL || rc == -ERANGE));
	ensure(rc == 0 || seconds == -7);
	if (rc == -ERANGE)
		ensure(digits >= 4);
	if (rc == -EINVAL)
		ensure(digits == 0 || digits + 1 < len ||
		       (digits < len && !memchr("smhdw", text[digits], 5)));
	if (rc == 0) {
		ensure(digits > 0 && digits + 1 >= len);
		ensure(digits == len || memchr("smhdw", text[digits], 5));
		check_again(seconds);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t when;
	char *text;

	if (size < sizeof(when))
		return 0;
	memcpy(&when, data, sizeof(when));
	text = fuzztext_copy(data + sizeof(when), size - sizeof(when));
	if (!text)
		return 0;
	check_span(when);
	check_span(when % 1000000);
	check_time(when);
	check_time(when & 0x1ffffffff);
	check_text(text, size - sizeof(when));
	free(text);
	return 0;
}
