/*
 * golden.c - whole outputs, compared with files in testdata/output.
 */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

#define GOLDEN_MAX 65536

static FILE *golden_open(const char *name, const char *mode)
{
	const char *source = getenv("STALE_SRC");
	char path[4096];

	snprintf(path, sizeof(path), "%s/testdata/output/%s", source ? source : ".",
		 name);
	return fopen(path, mode);
}

static int golden_write(const char *name, const char *out, size_t len)
{
	FILE *file = golden_open(name, "we");
	size_t n = file ? fwrite(out, 1, len, file) : 0;

	if (file && fclose(file) == 0 && n == len)
		return 0;
	print_error("%s: cannot be written\n", name);
	return -1;
}

int golden_check(const char *name, const char *out, size_t len)
{
	const char *mode = getenv("STALE_GOLDEN");
	char *want = malloc(GOLDEN_MAX);
	size_t want_len = 0;
	FILE *file;
	int rc;

	if (mode && strcmp(mode, "write") == 0) {
		free(want);
		return golden_write(name, out, len);
	}
	file = golden_open(name, "re");
	if (want && file)
		want_len = fread(want, 1, GOLDEN_MAX, file);
	rc = want && file && want_len == len && memcmp(want, out, len) == 0 ? 0 : -1;
	if (rc < 0)
		print_error("%s: got\n%.*s\nexpected\n%.*s\n", name, (int)len, out,
			    (int)want_len, want ? want : "");
	if (file)
		fclose(file);
	free(want);
	return rc;
}
