/*
 * fuzz_maps.c - one line of /proc/PID/maps: what comes out lies within the line.
 */
#include <stdlib.h>
#include <string.h>

#include "scan/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct maps_line *line, const char *text, size_t size)
{
	if (line->start > line->end)
		abort();
	if (!line->path != !line->path_len)
		abort();
	/* The path is the end of the line, all of it but the blanks in front. */
	if (line->path && (line->path + line->path_len != text + size ||
			   line->path <= text || *line->path == ' '))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size);
	struct maps_line line;

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (maps_line_parse(text, size, &line) == 0)
		check(&line, text, size);
	free(text);
	return 0;
}
