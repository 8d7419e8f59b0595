/*
 * fuzz_packages.c - whatever a package manager prints, an answer is a piece of one line of
 * it, with a name, and a path that begins in the root.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkgparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *s;
	size_t len;
};

static void check_piece(const struct input *input, struct piece piece)
{
	if (piece.s < input->s || piece.s + piece.len > input->s + input->len ||
	    memchr(piece.s, '\n', piece.len))
		abort();
}

static int check(const struct pkganswer *answer, void *arg)
{
	check_piece(arg, answer->path);
	check_piece(arg, answer->name);
	check_piece(arg, answer->version);
	if (answer->name.len == 0 || (answer->path.len && answer->path.s[0] != '/') ||
	    (answer->path.len == 0 && answer->version.len == 0))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size);
	struct input input = {copy, size};

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	pkgparse_dpkg_search(copy, size, check, &input);
	pkgparse_dpkg_show(copy, size, check, &input);
	pkgparse_rpm(copy, size, check, &input);
	pkgparse_pacman(copy, size, check, &input);
	pkgparse_apk(copy, size, check, &input);
	free(copy);
	return 0;
}
