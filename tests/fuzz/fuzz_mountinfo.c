/*
 * fuzz_mountinfo.c - one line of /proc/PID/mountinfo, against the same line taken apart by
 * its blanks: what is taken has its device in the third field, and its type behind the
 * dash.
 *
 * Code: scan/mountinfo.c
 */
#include <stdio.h>

#include "fuzztext.h"
#include "scan/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool begins(const char *s, const char *word)
{
	return strncmp(s, word, strlen(word)) == 0;
}

/* The type decides, by its whole name or by the part before a dot. */
static void check_type(const char *type, enum mountinfo_fs fs)
{
	size_t len = strcspn(type, " ");

	switch (fs) {
	case MOUNTINFO_NFS:
		ensure((len == 3 && begins(type, "nfs")) ||
		       (len == 4 && begins(type, "nfs4")));
		return;
	case MOUNTINFO_REMOTE:
		ensure(len >= 2 && memchr("9abcfglnosv", *type, 11));
		ensure(!begins(type, "nfs "));
		return;
	case MOUNTINFO_LOCAL:
		ensure(!begins(type, "nfs ") && !begins(type, "nfs4 ") &&
		       !begins(type, "fuse ") && !begins(type, "fuse.") &&
		       !begins(type, "cifs ") && !begins(type, "autofs "));
		return;
	}
	abort();
}

static void check(const struct mountinfo_line *line, const char *text)
{
	const char *field = text;
	unsigned long major, minor;
	char *end;

	for (int i = 0; i < 2; i++)
		field = strchr(field, ' ') + 1;
	major = strtoul(field, &end, 10);
	ensure(*end == ':');
	minor = strtoul(end + 1, &end, 10);
	ensure(*end == ' ' && line->device == ((uint64_t)major << 32 | minor));
	for (int i = 3; i <= 6; i++)
		field = strchr(field, ' ') + 1;
	while (!begins(field, "- "))
		field = strchr(field, ' ') + 1;
	check_type(field + 2, line->fs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *exact = fuzztext_copy(data, size), *text = fuzztext_string(data, size);
	struct mountinfo_line line;

	/* The kernel writes no NUL. */
	if (exact && text && mountinfo_line_parse(exact, size, &line) == 0 &&
	    strlen(text) == size)
		check(&line, text);
	free(exact);
	free(text);
	return 0;
}
