/*
 * fuzz_lists.c - whatever was found, each PID is on a line, and each name of a command on
 * one, sorted; printed names are the names byte for byte.
 *
 * Code: plugin/lists.c plugin/buf.c scan/text.c
 */
#include <stdio.h>

#include "fuzzview.h"
#include "lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pids(const struct fuzzfound *f, const struct buf *out)
{
	const char *s = out->s;
	char line[16];

	for (size_t i = 0; i < f->nprocs; i++) {
		snprintf(line, sizeof(line), "%d\n", (int)f->procs[i].pid);
		fuzztext_literal(&s, line);
	}
	ensure(f->nprocs == 0 || *s == '\0');
}

static bool is_comm(const struct fuzzfound *f, const char *name)
{
	for (size_t i = 0; i < f->nprocs; i++) {
		if (strcmp(f->procs[i].comm, name) == 0)
			return true;
	}
	return false;
}

/* Is it the first process of that name? */
static bool is_first(const struct fuzzfound *f, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(f->procs[k].comm, f->procs[i].comm) == 0)
			return false;
	}
	return true;
}

static void check_names(const struct fuzzfound *f, const struct buf *out)
{
	char *last = NULL;
	size_t want = 0, n = 0;

	for (size_t i = 0; i < f->nprocs; i++)
		want += is_first(f, i);
	for (const char *s = out->s; s && *s; n++) {
		size_t len = strcspn(s, "\n");
		char *name = fuzztext_raw(s, len, "");

		ensure(is_comm(f, name) && (!last || strcmp(last, name) < 0));
		free(last);
		last = name;
		s += len;
		fuzztext_literal(&s, "\n");
	}
	free(last);
	ensure(n == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct buf pids = BUF_INIT, names = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		ensure(lists_render_pids(&f.view, &pids) == 0);
		ensure(lists_render_names(&f.view, &names) == 0);
		fuzztext_check(names.s, names.len, "\n");
		check_pids(&f.found, &pids);
		check_names(&f.found, &names);
		buf_release(&pids);
		buf_release(&names);
	}
	free(f.found.text);
	f.found.text = NULL;
	return 0;
}
