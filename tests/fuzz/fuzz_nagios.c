/*
 * fuzz_nagios.c - whatever was found, the output keeps its limit, has one '|', and no
 * byte that a monitoring core or a terminal would take for more than text.
 */
#include "fuzzview.h"
#include "nagios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct buf *out, size_t max)
{
	const char *end = memchr(out->s, '\n', out->len);
	const char *bar = memchr(out->s, '|', out->len);

	if (out->len > max || out->s[out->len - 1] != '\n')
		abort();
	if (!bar || bar > end || bar - out->s > 120 || strchr(bar + 1, '|'))
		abort();
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->s[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f || strchr("<>&", c))
			abort();
		if (c == ';' && (out->s + i < bar || out->s + i > end))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct nagios nagios = {
		.limits = &f.rules.limits,
		.max_output = NAGIOS_OUTPUT_MIN + size % 4096,
	};
	struct buf out = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		nagios.details =
			(struct details){f.head[0] & 3, f.head[0] & 4, true, false};
		if (nagios_render(&f.view, &f.verdict, &nagios, &out) == 0)
			check(&out, nagios.max_output);
		buf_release(&out);
	}
	free(f.text);
	f.text = NULL;
	return 0;
}
