/*
 * fuzz_maps.c - one line of /proc/PID/maps: what comes out lies within the line, and
 * printed as the kernel prints it, it is the line again.
 *
 * Code: scan/maps.c
 */
#include <stdio.h>

#include "fuzztext.h"
#include "scan/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number may have zeroes in front; nothing else may differ. */
static const char *take_number(const char *s, const char *end, int base, uint64_t want)
{
	char digits[32];
	size_t len;

	while (end - s > 1 && s[0] == '0' && s[1] != ':' && s[1] >= '0')
		s++;
	len = (size_t)snprintf(digits, sizeof(digits), base == 16 ? "%lx" : "%lu", want);
	ensure((size_t)(end - s) >= len && memcmp(s, digits, len) == 0);
	return s + len;
}

static const char *take_char(const char *s, const char *end, char c)
{
	ensure(s < end && *s == c);
	return s + 1;
}

static void check(const struct maps_line *line, const char *text, size_t size)
{
	const char *s = text, *const end = text + size;

	ensure(line->start <= line->end && !line->path == !line->path_len);
	s = take_char(take_number(s, end, 16, line->start), end, '-');
	s = take_char(take_number(s, end, 16, line->end), end, ' ');
	ensure(end - s > 5 && (s[2] == 'x') == line->executable && s[4] == ' ');
	s = memchr(s + 5, ' ', (size_t)(end - s - 5)); /* behind the offset */
	ensure(s++ != NULL);
	s = take_char(take_number(s, end, 16, line->device >> 32), end, ':');
	s = take_char(take_number(s, end, 16, line->device & UINT32_MAX), end, ' ');
	s = take_number(s, end, 10, line->inode);
	ensure(s == end || *s == ' ');
	while (s < end && *s == ' ')
		s++;
	ensure(line->path_len == (size_t)(end - s) && (s == end || line->path == s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzztext_copy(data, size);
	struct maps_line line;

	if (text && maps_line_parse(text, size, &line) == 0)
		check(&line, text, size);
	free(text);
	return 0;
}
