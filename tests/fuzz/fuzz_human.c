/*
 * fuzz_human.c - whatever was found, the formats for people and scripts keep their lines
 * and their fields, and hold no byte that a terminal would take for more than text.
 */
#include "fuzzview.h"
#include "human.h"
#include "lists.h"
#include "machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct buf *out)
{
	if (out->len && (out->s[out->len - 1] != '\n' || strlen(out->s) != out->len))
		abort();
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->s[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			abort();
	}
}

static size_t count_lines(const struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->len; i++)
		n += out->s[i] == '\n';
	return n;
}

/* "PIDS;FILES;" before the command line. */
static void check_machine(const struct fuzzview *f, struct buf *out)
{
	if (machine_render(&f->view, out) < 0 || count_lines(out) > f->view.nprocs)
		abort();
	for (const char *s = out->s; s && *s; s = strchr(s, '\n') + 1) {
		const char *files = s + strspn(s, "0123456789,");

		if (files == s || *files != ';' || !strchr(files + 1, ';'))
			abort();
	}
}

static void check_human(const struct fuzzview *f, struct buf *out)
{
	const struct human human = {.verbose = f->head[0] & 1,
				    .width = f->head[1],
				    .show_ignored = f->head[0] & 2};

	if (human_render(&f->view, &f->verdict, &human, out) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct buf out[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};

	if (fuzzview_make(&f, data, size)) {
		check_machine(&f, &out[0]);
		check_human(&f, &out[1]);
		if (lists_render_names(&f.view, &out[2]) < 0 ||
		    lists_render_pids(&f.view, &out[3]) < 0 ||
		    count_lines(&out[2]) > f.view.nprocs ||
		    count_lines(&out[3]) != f.view.nprocs)
			abort();
	}
	for (size_t i = 0; i < 4; i++) {
		check_text(&out[i]);
		buf_release(&out[i]);
	}
	free(f.text);
	f.text = NULL;
	return 0;
}
