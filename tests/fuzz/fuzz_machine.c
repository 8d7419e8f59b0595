/*
 * fuzz_machine.c - whatever was found, the lines for scripts give it back: every process
 * once, its files and its command line byte for byte.
 *
 * Code: plugin/machine.c plugin/cmdline.c plugin/buf.c scan/text.c
 */
#include "fuzzlines.h"
#include "fuzzview.h"
#include "machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct fuzzfound *f, const struct buf *out)
{
	const char *s = out->s;
	uint64_t all = 0;

	fuzztext_check(out->s, out->len, "\n");
	while (*s) {
		uint64_t procs = fuzzlines_pids(&s, f);
		size_t len;

		ensure(!(all & procs));
		all |= procs;
		fuzztext_literal(&s, ";");
		fuzzlines_files(&s, f, procs);
		fuzztext_literal(&s, ";");
		len = strcspn(s, "\n");
		fuzzlines_cmdline(fuzztext_raw(s, len, ""), f, procs);
		s += len;
		fuzztext_literal(&s, "\n");
	}
	ensure(all == fuzzlines_all(f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct buf out = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		ensure(machine_render(&f.view, &out) == 0);
		ensure((out.s != NULL) == (f.view.nprocs > 0));
		if (out.s)
			check(&f.found, &out);
		buf_release(&out);
	}
	free(f.found.text);
	f.found.text = NULL;
	return 0;
}
