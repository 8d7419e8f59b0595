/*
 * fuzz_status.c - /proc/PID/status and /proc/stat: a value is that of the first line that
 * begins with its name, all of it, and a text that was cut within it has none.
 *
 * Code: scan/pidstat.c
 */
#include <limits.h>

#include "fuzztext.h"
#include "scan/pidstat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What follows key in the first line that begins with it; NULL: there is none. */
static const char *find(const char *text, const char *key)
{
	while (text && strncmp(text, key, strlen(key)) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? text + strlen(key) : NULL;
}

/* A number without sign and blanks, and what must follow; -1: there is none. */
static int64_t number(const char **s, char then, uint64_t max)
{
	uint64_t n = 0;
	const char *p = *s;

	if (*p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (n > max)
			return -1;
		n = n <= max / 10 ? n * 10 + (uint64_t)(*p - '0') : max + 1;
	}
	*s = p + 1;
	return n <= max && *p == then ? (int64_t)n : -1;
}

static void check(const char *text, size_t size)
{
	const char *tgid = find(text, "Tgid:\t"), *uid = find(text, "Uid:\t"),
		   *btime = find(text, "btime ");
	int64_t want_tgid = tgid ? number(&tgid, '\n', INT_MAX) : -1;
	int64_t real = uid ? number(&uid, '\t', UINT32_MAX) : -1;
	int64_t want_euid = real >= 0 ? number(&uid, '\t', UINT32_MAX) : -1;
	int64_t want_btime = btime ? number(&btime, '\n', INT64_MAX) : -1, got;
	struct pidstatus status;

	if (pidstatus_parse(text, size, &status) == 0)
		ensure(status.tgid == want_tgid && status.euid == want_euid);
	else
		ensure(want_tgid < 0 || want_euid < 0);
	if (pidstat_btime_parse(text, size, &got) == 0)
		ensure(got == want_btime);
	else
		ensure(want_btime < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_string(data, size);

	/* Neither file has a NUL. */
	if (text && strlen(text) == size) {
		char *exact = fuzztext_copy(data, size);
		struct pidstatus status;

		/* Without the NUL, so that a byte too many is seen. */
		if (exact)
			pidstatus_parse(exact, size, &status);
		free(exact);
		check(text, size);
	}
	free(text);
	return 0;
}
