/*
 * fuzz_packages.c - whatever a package manager prints, an answer is a piece of one line of
 * it, with a name, and a path that begins in the root; lines of those that keep nothing
 * from one line to the next mean the same alone.
 *
 * Code: plugin/pkgparse.c
 */
#include "fuzztext.h"
#include "pkgparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANSWERS_MAX 64

typedef int parse(const char *s, size_t len, pkganswer_take *take, void *arg);

/* What a parse of the whole gives, and one of each line. */
struct input {
	const char *s;
	size_t len;
	struct pkganswer answers[ANSWERS_MAX];
	size_t n;
};

static void check_piece(const struct input *input, struct piece piece)
{
	ensure(piece.s >= input->s && piece.s + piece.len <= input->s + input->len &&
	       !memchr(piece.s, '\n', piece.len));
}

static int check(const struct pkganswer *answer, void *arg)
{
	struct input *input = arg;

	check_piece(input, answer->path);
	check_piece(input, answer->name);
	check_piece(input, answer->version);
	ensure(answer->name.len > 0 && (!answer->path.len || answer->path.s[0] == '/') &&
	       (answer->path.len || answer->version.len));
	if (input->n < ANSWERS_MAX)
		input->answers[input->n++] = *answer;
	return 0;
}

static bool is_same(struct piece a, struct piece b)
{
	return a.s == b.s && a.len == b.len;
}

/* The same answers of the lines, each alone. */
static void check_lines(parse *parse, const struct input *whole)
{
	struct input lines = {.s = whole->s, .len = whole->len};
	const char *const end = whole->s + whole->len;

	for (const char *s = whole->s, *newline; s < end; s = newline + 1) {
		newline = memchr(s, '\n', (size_t)(end - s));
		newline = newline ? newline : end;
		parse(s, (size_t)(newline - s), check, &lines);
	}
	ensure(lines.n == whole->n);
	for (size_t i = 0; i < lines.n; i++)
		ensure(is_same(lines.answers[i].path, whole->answers[i].path) &&
		       is_same(lines.answers[i].name, whole->answers[i].name) &&
		       is_same(lines.answers[i].version, whole->answers[i].version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static parse *const line_by_line[] = {pkgparse_dpkg_show, pkgparse_rpm,
					      pkgparse_pacman, pkgparse_apk};
	char *copy = fuzztext_copy(data, size);

	if (!copy)
		return 0;
	/* It tells of diversions in lines of their own. */
	pkgparse_dpkg_search(copy, size, check, &(struct input){.s = copy, .len = size});
	for (size_t i = 0; i < sizeof(line_by_line) / sizeof(line_by_line[0]); i++) {
		struct input input = {.s = copy, .len = size};

		line_by_line[i](copy, size, check, &input);
		check_lines(line_by_line[i], &input);
	}
	free(copy);
	return 0;
}
