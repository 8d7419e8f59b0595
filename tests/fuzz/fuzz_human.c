/*
 * fuzz_human.c - whatever was found, the listing for people gives back each process with
 * its command line and its files, and holds no byte that a terminal would take for more
 * than text.
 *
 * Code: plugin/human.c plugin/whose.c plugin/filelist.c plugin/cmdline.c plugin/words.c
 */
#include "fuzzlines.h"
#include "fuzzview.h"
#include "human.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes what stands between quotes; a quote within is '\"'.  Owned. */
static char *take_quoted(const char **s)
{
	char *raw = malloc(strlen(*s) + 1);
	size_t n = 0;

	ensure(raw != NULL);
	fuzztext_literal(s, "\"");
	while (**s != '"') {
		*s += strncmp(*s, "\\\"", 2) == 0;
		if (**s == '"')
			raw[n++] = *(*s)++;
		else
			raw[n++] = fuzztext_take(s, "");
	}
	++*s;
	raw[n] = '\0';
	return raw;
}

/* On a terminal what is long is cut, with "..." for the rest. */
static void skip_quoted(const char **s, const char *line, const struct human *human)
{
	const char *end = strchr(*s, '\n');

	ensure(end && end[-1] == '"' && **s == '"' && end - *s >= 2);
	ensure(*s - line > 25 || end - line <= (human->width > 48 ? human->width : 48));
	*s = end;
}

static void check_processes(const struct fuzzfound *f, const struct human *human,
			    const char *s)
{
	uint64_t all = 0;

	while (all != fuzzlines_all(f)) {
		const char *const line = s;
		uint64_t procs = fuzzlines_pids(&s, f);

		ensure(!(all & procs) && *s == ' ');
		all |= procs;
		s += strspn(s, " ");
		if (human->width > 0 && human->verbose == 0)
			skip_quoted(&s, line, human);
		else
			fuzzlines_cmdline(take_quoted(&s), f, procs);
		if (human->verbose > 0) {
			fuzztext_literal(&s, " uses ");
			fuzzlines_files(&s, f, procs);
		}
		fuzztext_literal(&s, "\n");
	}
}

/* Of every line all escapes are whole, but for the quote. */
static void check_text(const struct buf *out)
{
	for (const char *s = out->s; *s; s++) {
		while (*s != '\n') {
			if (strncmp(s, "\\\"", 2) == 0)
				s += 2;
			else
				ensure(fuzztext_take(&s, ",;") != '\0');
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct buf out = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		const struct human human = {.verbose = f.found.head[0] & 1,
					    .width = f.found.head[1],
					    .show_ignored = f.found.head[0] & 2};

		ensure(human_render(&f.view, &f.verdict, &human, &out) == 0);
		ensure(out.s || f.view.nprocs == 0);
		if (out.s) {
			fuzztext_check(out.s, out.len, "\n");
			check_text(&out);
			check_processes(&f.found, &human, out.s);
		}
		buf_release(&out);
	}
	free(f.found.text);
	f.found.text = NULL;
	return 0;
}
