/*
 * cells.c - what the tools print; see cells.h.  What is wanted is in cellswanted.c.
 */
#include "cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/test.h"

#define WORDS_MAX 512
#define SECONDS   20
#define END       " = No more variables left " /* a view ends with the module */

void cells_release(struct cells *cells)
{
	for (size_t i = 0; i < cells->n; i++)
		free(cells->list[i].bytes);
	free(cells->list);
	*cells = (struct cells){0};
}

struct cell *cells_add(struct cells *cells, const char *base, const char *below)
{
	struct cell *cell;

	if (cells->n == cells->room) {
		cells->room = cells->room ? 2 * cells->room : 64;
		cells->list = realloc(cells->list, cells->room * sizeof(*cells->list));
		assert_non_null(cells->list);
	}
	cell = &cells->list[cells->n++];
	*cell = (struct cell){0};
	snprintf(cell->oid, sizeof(cell->oid), "%s%s%s", base, *below ? "." : "", below);
	return cell;
}

/* "61 0A FF " */
static bool read_hex(struct cell *cell, const char *text)
{
	char *end;

	cell->bytes = calloc(1, strlen(text) / 3 + 2);
	assert_non_null(cell->bytes);
	for (; *text; text = *end == ' ' ? end + 1 : end) {
		unsigned long byte = strtoul(text, &end, 16);

		if (end != text + 2 || byte > 0xff)
			return false;
		cell->bytes[cell->len++] = (char)byte;
	}
	return true;
}

/* .1.3.6.1.2.1.1.3.0 = Gauge32: 812
 * .1.3.6.1.2.1.1.4.0 = Hex-STRING: 61 62
 * .1.3.6.1.2.1.1.5.0 = "" */
static bool read_line(char *line, struct cells *cells)
{
	char *value = strstr(line, " = ");
	struct cell *cell;
	char *text, *end;

	if (!value || line[0] != '.')
		return false;
	*value = '\0';
	value += 3;
	cell = cells_add(cells, line, "");
	text = strstr(value, ": ");
	if (!text) {
		snprintf(cell->type, sizeof(cell->type), "Hex-STRING");
		cell->bytes = calloc(1, 1);
		return strcmp(value, "\"\"") == 0;
	}
	snprintf(cell->type, sizeof(cell->type), "%.*s", (int)(text - value), value);
	if (strcmp(cell->type, "Hex-STRING") == 0)
		return read_hex(cell, text + 2);
	if (strcmp(cell->type, "OID") == 0) {
		cell->bytes = strdup(text + 2);
		cell->len = strlen(text + 2);
		return true;
	}
	cell->number = strtoll(text + 2, &end, 10);
	return end != text + 2 && *end == '\0';
}

void cells_ask(const struct agentd *d, const char *const words[],
	       const char *const oids[], struct cells *ret)
{
	static const char *const common[] = {
		"-v2c", "-cpublic", "-t5", "-r0", "-On", "-Ox", "--hexOutputLength=0"};
	const char *all[WORDS_MAX];
	struct agentd_answer answer;
	char *line, *rest = NULL;
	size_t n = 0;

	all[n++] = *words++;
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		all[n++] = common[i];
	for (; *words; words++)
		all[n++] = *words;
	all[n++] = d->address;
	for (; *oids && n < WORDS_MAX - 1; oids++)
		all[n++] = *oids;
	all[n] = NULL;
	agentd_run(d, all, SECONDS, &answer);
	if (answer.status != 0)
		agentd_fail(d, "%s: exit %d: %s", all[0], answer.status, answer.out);
	*ret = (struct cells){0};
	for (line = strtok_r(answer.out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (!strstr(line, END) && !read_line(line, ret))
			agentd_fail(d, "%s says %s", all[0], line);
	agentd_answer_release(&answer);
}

static int compare_oids(const char *a, const char *b)
{
	while (*a == '.' && *b == '.') {
		char *more_a, *more_b;
		unsigned long one = strtoul(a + 1, &more_a, 10);
		unsigned long other = strtoul(b + 1, &more_b, 10);

		if (one != other)
			return one < other ? -1 : 1;
		a = more_a;
		b = more_b;
	}
	return (*a == '.') - (*b == '.');
}

bool cells_ascend(const struct cells *cells)
{
	for (size_t i = 1; i < cells->n; i++) {
		if (compare_oids(cells->list[i - 1].oid, cells->list[i].oid) < 0)
			continue;
		print_error("%s comes before %s\n", cells->list[i - 1].oid,
			    cells->list[i].oid);
		return false;
	}
	return true;
}

const struct cell *cells_find(const struct cells *cells, const char *oid)
{
	for (size_t i = 0; i < cells->n; i++)
		if (strcmp(cells->list[i].oid, oid) == 0)
			return &cells->list[i];
	return NULL;
}

/* RFC 2579: year, month, day, hour, minute, second, tenths, sign, hours, minutes. */
static int64_t read_date(const struct cell *cell)
{
	const unsigned char *b = (const unsigned char *)cell->bytes;
	struct tm tm = {0};

	if (cell->len == 8)
		return memcmp(b, "\0\0\0\0\0\0\0\0", 8) == 0 ? 0 : -1;
	if (cell->len != 11 || memcmp(b + 8, "+\0\0", 3) != 0)
		return -1;
	tm.tm_year = b[0] * 256 + b[1] - 1900;
	tm.tm_mon = b[2] - 1;
	tm.tm_mday = b[3];
	tm.tm_hour = b[4];
	tm.tm_min = b[5];
	tm.tm_sec = b[6];
	return timegm(&tm);
}

static bool is_near(const struct cell *cell, int64_t got, int64_t low, int64_t high)
{
	if (got >= low && got <= high)
		return true;
	print_error("%s is %" PRId64 ", expected %" PRId64 " to %" PRId64 "\n", cell->oid,
		    got, low, high);
	return false;
}

static bool age_is(const struct cell *got, int64_t since, int64_t from)
{
	/* time(2) may be behind the clock that others ask. */
	int64_t least = from - since, most = (int64_t)time(NULL) + 1 - since;

	if (!since)
		return is_near(got, got->number, 0, 0);
	return is_near(got, got->number, least > 1 ? least : 1, most > 1 ? most : 1);
}

static bool bytes_are(const struct cell *got, const struct cell *want)
{
	if (got->len == want->len && memcmp(got->bytes, want->bytes, got->len) == 0)
		return true;
	print_error("%s is \"%s\" (%zu bytes), expected \"%s\" (%zu bytes)\n", got->oid,
		    got->bytes, got->len, want->bytes, want->len);
	return false;
}

bool cell_is(const struct cell *got, const struct cell *want, int64_t from)
{
	if (strcmp(got->oid, want->oid) != 0 || strcmp(got->type, want->type) != 0) {
		print_error("%s is %s, expected %s, %s\n", got->oid, got->type, want->oid,
			    want->type);
		return false;
	}
	if (want->how == CELLS_AGE)
		return age_is(got, want->number, from);
	if (got->bytes && !want->bytes) {
		int64_t date = read_date(got);

		if (!want->number)
			return is_near(got, date, 0, 0);
		return is_near(got, date, want->number - want->slack,
			       want->number + want->slack);
	}
	if (got->bytes)
		return bytes_are(got, want);
	return row_number_is(got->oid, "number", got->number, want->number);
}
