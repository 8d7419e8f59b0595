/*
 * fuzz_prometheus.c - whatever was found, each line is a comment of ours or a sample, the
 * values of labels are escaped, and there are no more samples than was promised.
 */
#include "fuzzview.h"
#include "prometheus.h"

#define SAMPLES_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Behind an opening quote: returns what is behind the closing one. */
static const char *skip_value(const char *s)
{
	for (; *s != '"'; s++) {
		if ((unsigned char)*s < 0x20)
			abort();
		if (*s == '\\' && *++s != '\\' && *s != '"')
			abort();
	}
	return s + 1;
}

static const char *skip_labels(const char *s)
{
	do {
		s += 1 + strcspn(s + 1, "\"\n");
		if (*s != '"')
			abort();
		s = skip_value(s + 1);
	} while (*s == ',');
	if (*s != '}')
		abort();
	return s + 1;
}

static void check_line(const char *s)
{
	if (strncmp(s, "# HELP stale_", 13) == 0 || strncmp(s, "# TYPE stale_", 13) == 0)
		return;
	if (strncmp(s, "stale_", 6) != 0)
		abort();
	s += strspn(s, "abcdefghijklmnopqrstuvwxyz_");
	if (*s == '{')
		s = skip_labels(s);
	if (*s++ != ' ' || s[strspn(s, "-0123456789.")] != '\n')
		abort();
}

static void check(const struct buf *out)
{
	size_t n = 0;

	if (out->s[out->len - 1] != '\n' || strlen(out->s) != out->len)
		abort();
	for (const char *s = out->s; *s; s = strchr(s, '\n') + 1, n++)
		check_line(s);
	if (n > SAMPLES_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct buf out = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		for (size_t i = 0; i < f.view.nprocs; i++) {
			f.procs[i].scope = STALE_SCOPE_SYSTEM;
			f.procs[i].unit = f.procs[i].comm;
		}
		if (prometheus_render(&f.view, &f.verdict, &out) < 0)
			abort();
		check(&out);
		buf_release(&out);
	}
	free(f.text);
	f.text = NULL;
	return 0;
}
