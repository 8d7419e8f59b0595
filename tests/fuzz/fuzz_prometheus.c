/*
 * fuzz_prometheus.c - whatever was found, each line is a comment of ours or a sample, none
 * comes twice, there are no more than was promised, and labels read back are what was
 * found.
 *
 * Code: plugin/prometheus.c plugin/tally.c
 */
#include "fuzzview.h"
#include "prometheus.h"

#define SAMPLES_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes a value and its quotes, with the escapes of the format and then with ours undone.
 * Owned. */
static char *take_value(const char **s)
{
	char *label = malloc(strlen(*s) + 1), *raw;
	size_t n = 0;

	ensure(label != NULL);
	fuzztext_literal(s, "\"");
	while (**s != '"') {
		if (**s == '\\') {
			++*s;
			ensure(**s == '\\' || **s == '"');
		}
		label[n++] = *(*s)++;
	}
	++*s;
	label[n] = '\0';
	raw = fuzztext_raw(label, n, "");
	free(label);
	return raw;
}

/* Of "getty@tty1.service" the label is "getty@.service". */
static bool is_unit(const char *unit, const char *label)
{
	const char *at = strchr(unit, '@'), *type = strrchr(unit, '.');
	size_t head = at && type && at < type ? (size_t)(at - unit) + 1 : 0;

	return strcmp(unit, label) == 0 ||
	       (head && strncmp(unit, label, head) == 0 &&
		strcmp(label + head, ".service") == 0 && strcmp(type, ".service") == 0);
}

static bool is_library(const struct stale_proc *proc, const char *label)
{
	for (size_t i = 0; i < proc->nfiles; i++) {
		const char *path = proc->files[i].path, *slash = strrchr(path, '/');

		if (strcmp(slash ? slash + 1 : path, label) == 0)
			return true;
	}
	return false;
}

/* Frees raw. */
static void check_label(const struct fuzzview *f, const char *name, char *raw)
{
	bool is_known = strcmp(raw, "_other") == 0;
	bool unit = strncmp(name, "unit=", 5) == 0;

	if (unit || strncmp(name, "library=", 8) == 0) {
		for (size_t i = 0; i < f->view.nprocs && !is_known; i++)
			is_known = unit ? is_unit(f->view.procs[i].unit, raw)
					: is_library(&f->view.procs[i], raw);
		ensure(is_known);
	}
	free(raw);
}

static void take_labels(const struct fuzzview *f, const char **s)
{
	do {
		const char *name = ++*s;

		*s += strspn(*s, "abcdefghijklmnopqrstuvwxyz_");
		fuzztext_literal(s, "=");
		check_label(f, name, take_value(s));
	} while (**s == ',');
	fuzztext_literal(s, "}");
}

static void check_line(const struct fuzzview *f, const char *s)
{
	const char *begin = s;
	size_t key;

	if (strncmp(s, "# HELP stale_", 13) == 0 || strncmp(s, "# TYPE stale_", 13) == 0)
		return;
	ensure(strncmp(s, "stale_", 6) == 0);
	s += strspn(s, "abcdefghijklmnopqrstuvwxyz_");
	if (*s == '{')
		take_labels(f, &s);
	key = (size_t)(s - begin);
	ensure(*s++ == ' ' && s[strspn(s, "0123456789.")] == '\n');
	for (s = strchr(s, '\n') + 1; *s; s = strchr(s, '\n') + 1)
		ensure(strncmp(begin, s, key) != 0 || s[key] != ' ');
}

/* Of all samples of a metric; each counts a process at least, and none twice. */
static unsigned long add_up(const struct buf *out, const char *name, size_t most)
{
	unsigned long sum = 0;

	for (const char *s = out->s; *s; s = strchr(s, '\n') + 1) {
		size_t len = strcspn(s, "\n");
		const char *blank = memrchr(s, ' ', len);
		unsigned long n;

		if (strncmp(s, name, strlen(name)) != 0)
			continue;
		n = strtoul(blank + 1, NULL, 10);
		ensure(n <= most && (n > 0 || strchr(name, '=')));
		sum += n;
	}
	return sum;
}

/* Every process that counts is one of one unit. */
static void check_sums(const struct fuzzview *f, const struct buf *out)
{
	struct stale_policy policy = f->view.policy;
	size_t want = 0;

	policy.scopes = (1U << STALE_SCOPE_COUNT) - 1;
	for (size_t i = 0; i < f->view.nprocs; i++)
		want += stale_proc_counts(&f->view.procs[i], &policy, f->view.now);
	if (f->verdict.gap == GAP_ERROR)
		return;
	ensure(add_up(out, "stale_processes{scope=\"system\"}", want) == want);
	ensure(add_up(out, "stale_unit_processes{", want) == want);
	add_up(out, "stale_library_processes{", f->view.nprocs);
}

static void check(const struct fuzzview *f, const struct buf *out)
{
	size_t n = 0;

	fuzztext_check(out->s, out->len, "\n");
	ensure(out->s[out->len - 1] == '\n');
	for (const char *s = out->s; *s; s = strchr(s, '\n') + 1, n++)
		check_line(f, s);
	ensure(n <= SAMPLES_MAX);
	check_sums(f, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct buf out = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		for (size_t i = 0; i < f.view.nprocs; i++) {
			f.found.procs[i].scope = STALE_SCOPE_SYSTEM;
			f.found.procs[i].unit = f.found.procs[i].comm;
		}
		ensure(prometheus_render(&f.view, &f.verdict, &out) == 0);
		check(&f, &out);
		buf_release(&out);
	}
	free(f.found.text);
	f.found.text = NULL;
	return 0;
}
