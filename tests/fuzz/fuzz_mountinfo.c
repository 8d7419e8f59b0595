/*
 * fuzz_mountinfo.c - one line of /proc/PID/mountinfo: what is not local has a type of a
 * known name behind a dash.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct mountinfo_line *line, const char *text, size_t size)
{
	switch (line->fs) {
	case MOUNTINFO_LOCAL:
	case MOUNTINFO_REMOTE:
		break;
	case MOUNTINFO_NFS:
		if (!memmem(text, size, " - nfs", 6))
			abort();
		return;
	}
	if (!memmem(text, size, " - ", 3))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size);
	struct mountinfo_line line;

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (mountinfo_line_parse(text, size, &line) == 0)
		check(&line, text, size);
	free(text);
	return 0;
}
