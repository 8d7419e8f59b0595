/*
 * cellswanted.c - what the tables must hold, worked out anew from what check_stale tells;
 * see cells.h.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cells.h"
#include "liveplugin.h"
#include "tests/test.h"

#define TEXT_MAX 255
#define LIBS_MAX 64

struct library {
	const char *path; /* borrowed from the JSON */
	int64_t index;
	int64_t why;
	int64_t since;
	int64_t processes;
	size_t last; /* process that was counted last, from 1 */
};

struct maker {
	const struct agentd *d;
	json_t *root;
	struct cells *cells;
	struct library libs[LIBS_MAX];
	size_t nlibs;
};

static int64_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* NULL behind the last one. */
static const json_t *proc_at(const json_t *root, size_t i)
{
	return json_array_get(json_object_get(root, "processes"), i);
}

static const json_t *file_at(const json_t *proc, size_t i)
{
	return json_array_get(json_object_get(proc, "files"), i);
}

/* NULL becomes "". */
static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* 0: null. */
static int64_t time_of(const json_t *object, const char *name)
{
	const char *text = text_of(object, name);
	struct tm tm = {0};
	const char *end;

	if (!*text)
		return 0;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	assert_true(end && !*end);
	return timegm(&tm);
}

/* From 1. */
static int64_t place_in(const char *const words[], const char *word)
{
	for (int64_t i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i + 1;
	fail_msg("check_stale says \"%s\"", word);
	return 0;
}

static int64_t why_of(const json_t *file)
{
	static const char *const whys[] = {"deleted",     "replaced", "superseded",
					   "reinstalled", "modified", "current",
					   NULL};

	return place_in(whys, text_of(file, "why"));
}

/* Of one character, or of one escape: \\ \n \t \r \xhh. */
static size_t unit_len(const char *s)
{
	unsigned char c = (unsigned char)*s;

	if (c == '\\')
		return s[1] == 'x' ? 4 : 2;
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* As a column has it: the end of what is too long.  Owned. */
static char *cut(const char *text)
{
	const char *rest = text;
	char *out;

	if (strlen(text) <= TEXT_MAX)
		return strdup(text);
	while (strlen(rest) > TEXT_MAX - 3)
		rest += unit_len(rest);
	assert_true(asprintf(&out, "...%s", rest) > 0);
	return out;
}

/* The next byte that the text stands for. */
static unsigned char next_byte(const char **text)
{
	const char *s = *text;

	if (*s != '\\') {
		++*text;
		return (unsigned char)*s;
	}
	*text += unit_len(s);
	switch (s[1]) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'x':
		return (unsigned char)strtoul((char[]){s[2], s[3], '\0'}, NULL, 16);
	default:
		return '\\';
	}
}

/* FNV-1a of the bytes that the text stands for, folded to 31 bits. */
static int64_t hash(const char *text)
{
	uint32_t h = 2166136261U;

	while (*text)
		h = (h ^ next_byte(&text)) * 16777619U;
	h = (h ^ h >> 31) & 0x7fffffff;
	return h ? h : 1;
}

/* The column of a row, by its numbers below the module: "1.3.1.%u.%s". */
static struct cell *add(const struct maker *m, int table, int column, const char *index)
{
	char below[128];

	snprintf(below, sizeof(below), "1.%d.1.%d.%s", table, column, index);
	return cells_add(m->cells, m->d->base, below);
}

static void set_number(struct cell *cell, const char *type, int64_t number)
{
	snprintf(cell->type, sizeof(cell->type), "%s", type);
	cell->number = number;
}

static void set_text(struct cell *cell, const char *text)
{
	set_number(cell, "Hex-STRING", 0);
	cell->bytes = cut(text);
	cell->len = strlen(cell->bytes);
}

static void set_age(struct cell *cell, int64_t since)
{
	set_number(cell, "Gauge32", since);
	cell->how = CELLS_AGE;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* Of its files that count, or of all where it does not count. */
static int64_t since_of(const json_t *proc)
{
	bool counted = json_is_true(json_object_get(proc, "counted"));
	const json_t *file;
	int64_t since = 0;

	for (size_t i = 0; (file = file_at(proc, i)) != NULL; i++)
		if (!counted || json_is_true(json_object_get(file, "counted")))
			since = earlier(since, time_of(file, "since"));
	return since;
}

static void set_whys(struct cell *cell, const json_t *proc)
{
	const json_t *file;
	unsigned bits = 0;

	for (size_t i = 0; (file = file_at(proc, i)) != NULL; i++)
		bits |= 0x100U >> why_of(file);
	set_number(cell, "Hex-STRING", 0);
	assert_true(asprintf(&cell->bytes, "%c", (char)bits) == 1);
	cell->len = 1;
}

static void add_proc(const struct maker *m, const json_t *proc, int column)
{
	static const char *const scopes[] = {"none",    "system",    "user",
					     "session", "container", NULL};
	static const char *const advices[] = {"restart-process",
					      "restart-unit",
					      "restart-user-unit",
					      "restart-container",
					      "relogin",
					      "reboot",
					      NULL};
	static const char *const texts[] = {[3] = "comm", "exe", NULL, "user", "unit"};
	char index[32];
	struct cell *cell;

	snprintf(index, sizeof(index), "%" PRId64, number_of(proc, "pid"));
	cell = add(m, 3, column, index);
	set_number(cell, "Hex-STRING", 0);
	if (column == 2) {
		cell->number = time_of(proc, "started");
		cell->slack = 1; /* the time of boot may have been asked for anew */
	} else if (column < 8 && texts[column]) {
		set_text(cell, text_of(proc, texts[column]));
	} else if (column == 5) {
		set_number(cell, "Gauge32", number_of(proc, "uid"));
	} else if (column == 8) {
		set_text(cell, text_of(json_object_get(proc, "container"), "id"));
	} else if (column == 9) {
		set_number(cell, "INTEGER", place_in(scopes, text_of(proc, "scope")));
	} else if (column == 10) {
		set_number(cell, "INTEGER",
			   json_is_true(json_object_get(proc, "counted")) ? 1 : 2);
	} else if (column == 11) {
		set_whys(cell, proc);
	} else if (column == 12) {
		set_number(cell, "Gauge32",
			   (int64_t)json_array_size(json_object_get(proc, "files")));
	} else if (column == 13) {
		cell->number = since_of(proc);
	} else if (column == 14) {
		set_age(cell, since_of(proc));
	} else {
		set_number(cell, "INTEGER", place_in(advices, text_of(proc, "advice")));
	}
}

static struct library *library_of(struct maker *m, const json_t *file)
{
	const char *path = text_of(file, "path");
	size_t i = 0;

	while (i < m->nlibs && strcmp(m->libs[i].path, path) != 0)
		i++;
	assert_true(i < LIBS_MAX);
	if (i == m->nlibs)
		m->libs[m->nlibs++] =
			(struct library){.path = path, .index = hash(path), .why = 99};
	return &m->libs[i];
}

static void add_file(struct maker *m, const json_t *file, int column, const char *index)
{
	static const char *const kinds[] = {"exe", "lib", "data", "fd", NULL};
	struct cell *cell = add(m, 4, column, index);

	set_number(cell, "Hex-STRING", 0);
	if (column == 2)
		set_text(cell, text_of(file, "path"));
	else if (column == 3)
		set_number(cell, "INTEGER", place_in(kinds, text_of(file, "kind")));
	else if (column == 4)
		set_number(cell, "INTEGER", why_of(file));
	else if (column == 5)
		cell->number = time_of(file, "since");
	else if (column == 6)
		set_age(cell, time_of(file, "since"));
	else if (column == 7)
		set_text(cell, text_of(file, "successor"));
	else
		set_number(cell, "Gauge32", library_of(m, file)->index);
}

static void add_files(struct maker *m, int column)
{
	const json_t *proc, *file;

	for (size_t p = 0; (proc = proc_at(m->root, p)) != NULL; p++)
		for (size_t i = 0; (file = file_at(proc, i)) != NULL; i++) {
			char index[64];

			snprintf(index, sizeof(index), "%" PRId64 ".%zu",
				 number_of(proc, "pid"), i + 1);
			add_file(m, file, column, index);
		}
}

static void collect_libs(struct maker *m)
{
	const json_t *proc, *file;

	for (size_t p = 0; (proc = proc_at(m->root, p)) != NULL; p++)
		for (size_t i = 0; (file = file_at(proc, i)) != NULL; i++) {
			struct library *lib = library_of(m, file);

			lib->processes += lib->last != p + 1;
			lib->last = p + 1;
			if (why_of(file) < lib->why)
				lib->why = why_of(file);
			lib->since = earlier(lib->since, time_of(file, "since"));
		}
}

static int compare_libs(const void *a, const void *b)
{
	const struct library *one = a, *other = b;

	return (one->index > other->index) - (one->index < other->index);
}

static void add_lib(const struct maker *m, const struct library *lib, int column)
{
	char index[32];
	struct cell *cell;

	snprintf(index, sizeof(index), "%" PRId64, lib->index);
	cell = add(m, 5, column, index);
	set_number(cell, "Hex-STRING", 0);
	if (column == 2)
		set_text(cell, lib->path);
	else if (column == 3)
		set_number(cell, "INTEGER", lib->why);
	else if (column == 4)
		set_number(cell, "Gauge32", lib->processes);
	else if (column == 5)
		cell->number = lib->since;
	else
		set_age(cell, lib->since);
}

struct ages {
	int64_t oldest;  /* seconds since the epoch; 0: none */
	int64_t undated; /* files of processes: as long as none is in two of them */
};

/* Of what counts. */
static struct ages ages_of(const json_t *root)
{
	const json_t *proc, *file;
	struct ages ages = {0};

	for (size_t p = 0; (proc = proc_at(root, p)) != NULL; p++)
		for (size_t i = 0; (file = file_at(proc, i)) != NULL; i++) {
			if (!json_is_true(json_object_get(file, "counted")))
				continue;
			ages.oldest = earlier(ages.oldest, time_of(file, "since"));
			ages.undated += !time_of(file, "since");
		}
	return ages;
}

static void add_totals(const struct maker *m)
{
	static const char *const names[] = {
		[2] = "processes", "services", "containers", "sessions",
		"files",           NULL,       NULL,         "reboot",
		"unreadable",      "ignored",  NULL};
	const json_t *totals = json_object_get(m->root, "totals");
	const json_t *scan = json_object_get(m->root, "scan");
	const struct ages ages = ages_of(m->root);

	for (int i = 1; i <= 12; i++) {
		char below[32];
		struct cell *cell;

		snprintf(below, sizeof(below), "1.2.%d.0", i);
		cell = cells_add(m->cells, m->d->base, below);
		set_number(cell, "Gauge32",
			   i > 1 && names[i] ? number_of(totals, names[i]) : 0);
		if (i == 1)
			cell->number = number_of(scan, "scanned");
		else if (i == 7)
			set_age(cell, ages.oldest);
		else if (i == 8)
			cell->number = ages.undated;
	}
}

static void fill(struct maker *m)
{
	const json_t *proc;

	add_totals(m);
	for (int column = 2; column <= 15; column++)
		for (size_t p = 0; (proc = proc_at(m->root, p)) != NULL; p++)
			add_proc(m, proc, column);
	for (int column = 2; column <= 8; column++)
		add_files(m, column);
	collect_libs(m);
	qsort(m->libs, m->nlibs, sizeof(m->libs[0]), compare_libs);
	for (int column = 2; column <= 6; column++)
		for (size_t i = 0; i < m->nlibs; i++)
			add_lib(m, &m->libs[i], column);
}

void cells_wanted(const struct agentd *d, const char *pids, struct cells *ret)
{
	struct maker m = {.d = d, .cells = ret};
	struct liveplugin_answer answer;
	json_error_t error;

	liveplugin_run(NULL, (const char *const[]){pids, "--format=json", NULL}, &answer);
	m.root = json_loadb(answer.out, answer.len, 0, &error);
	if (!m.root)
		fail_msg("%s: %s", error.text, answer.out);
	assert_true(json_is_true(
		json_object_get(json_object_get(m.root, "scan"), "complete")));
	*ret = (struct cells){0};
	fill(&m);
	json_decref(m.root);
	liveplugin_release(&answer);
}
