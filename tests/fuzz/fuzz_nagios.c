/*
 * fuzz_nagios.c - whatever was found, the output keeps its limit, has one '|', no byte
 * that a monitoring core or a terminal would take for more than text, and performance
 * data that a range is read back from; what is cut is a beginning of the whole.
 *
 * Code: plugin/nagios.c plugin/headline.c plugin/found.c plugin/details.c plugin/notes.c
 * plugin/group.c plugin/summary.c
 */
#include <stdio.h>

#include "fuzzview.h"
#include "nagios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_threshold(const char **s, const struct range *want)
{
	size_t len = strcspn(*s, ";");
	const char *reason;
	struct range got = {0};

	ensure((len > 0) == want->set);
	if (len > 0)
		ensure(range_parse(*s, len, RANGE_NUMBER, &got, &reason) == 0 &&
		       got.start == want->start && got.end == want->end &&
		       got.inside == want->inside);
	*s += len;
	fuzztext_literal(s, ";");
}

/* "label=N;WARN;CRIT;0"; metric: METRIC_COUNT for one without thresholds. */
static void check_datum(const char **s, const struct fuzzview *f, const char *label,
			enum metric metric)
{
	static const struct range none;
	const struct limits *limits = &f->rules.limits;
	bool has = metric < METRIC_COUNT;
	const char *end;

	fuzztext_literal(s, label);
	fuzztext_literal(s, "=");
	end = *s + 1;
	if (**s != 'U') {
		char *behind;

		ensure(strtod(*s, &behind) >= 0 && behind > *s);
		end = behind;
	}
	*s = end + (*end == 's');
	fuzztext_literal(s, ";");
	check_threshold(s, has ? &limits->warning[metric] : &none);
	check_threshold(s, has ? &limits->critical[metric] : &none);
	fuzztext_literal(s, metric == METRIC_REBOOT ? "0\n" : "0 ");
}

static void check_first(const char *s, const struct fuzzview *f)
{
	static const char *const scan[] = {"unreadable", "scanned", "ignored",
					   "scan_time"};
	const char *bar = strchr(s, '|'), *head = s;

	fuzztext_literal(&head, "STALE ");
	fuzztext_literal(&head, state_name(f->verdict.state));
	fuzztext_literal(&head, " - ");
	ensure(bar && bar - s <= 120 && bar < strchr(s, '\n') && !strchr(bar + 1, '|'));
	ensure(!memchr(s, ';', (size_t)(bar - s)) && !strchr(strchr(s, '\n'), ';'));
	s = bar;
	fuzztext_literal(&s, "| ");
	for (int i = 0; i < METRIC_REBOOT; i++)
		check_datum(&s, f, metric_name((enum metric)i), (enum metric)i);
	for (size_t i = 0; i < 4; i++)
		check_datum(&s, f, scan[i], METRIC_COUNT);
	check_datum(&s, f, "reboot", METRIC_REBOOT);
}

/* Whatever was found, it is told in the first line that it may not be all. */
static void check_gap(const char *s, enum gap gap)
{
	static const char *const words[] = {"incomplete", "readable", "hidden",
					    "timed out", "failed"};
	char *head = strndup(s, strcspn(s, "|"));
	bool told = false;

	ensure(head != NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		told = told || strstr(head, words[i]);
	ensure(told || gap == GAP_NONE);
	free(head);
}

/* "  PID COMM of user ": names of up to 16 bytes are never cut. */
static bool check_process(const char *s, const struct fuzzfound *f)
{
	unsigned long pid = strtoul(s, NULL, 10);
	const char *comm;

	if (strncmp(s, "  ", 2) != 0 || s[2] == ' ')
		return false;
	ensure(pid >= 1 && pid <= f->nprocs);
	comm = f->procs[pid - 1].comm;
	s = strchr(s + 2, ' ') + 1;
	if (strlen(comm) <= 16) {
		fuzztext_expect(&s, comm, FUZZTEXT_NAGIOS);
		fuzztext_literal(&s, " of user ");
	}
	return true;
}

static void check_lines(const char *s, const struct fuzzview *f, int verbose)
{
	size_t nprocs = 0;

	ensure(!strpbrk(s, "<>&"));
	while (*s) {
		size_t len = strcspn(s, "\n");

		free(fuzztext_raw(s, len, FUZZTEXT_NAGIOS));
		nprocs += check_process(s, &f->found);
		s += len + 1;
	}
	ensure(nprocs == (verbose >= 2 ? f->view.nprocs : 0));
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	while ((s = strchr(s, '\n'))) {
		s++;
		n++;
	}
	return n;
}

/* Whole lines of the whole, then how many are missing, where there is room for that. */
static void check_cut(const struct buf *cut, const struct buf *whole, size_t max)
{
	const char *more = cut->s + cut->len - 1;
	char told[48];
	size_t len;

	ensure(cut->len <= max);
	if (whole->len <= max) {
		ensure(strcmp(cut->s, whole->s) == 0);
		return;
	}
	while (more > cut->s && more[-1] != '\n')
		more--;
	len = strncmp(more, "... and ", 8) == 0 ? (size_t)(more - cut->s) : cut->len;
	ensure(memcmp(cut->s, whole->s, len) == 0 && whole->s[len - 1] == '\n');
	snprintf(told, sizeof(told), "... and %zu more\n", count_lines(whole->s + len));
	ensure(len == cut->len ? count_lines(cut->s) == 1 : strcmp(more, told) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	const size_t max = NAGIOS_OUTPUT_MIN + size % 4096;
	struct nagios nagios = {.limits = &f.rules.limits, .max_output = max};
	struct buf cut = BUF_INIT, whole = BUF_INIT;

	if (fuzzview_make(&f, data, size)) {
		nagios.details = (struct details){f.found.head[0] & 3,
						  f.found.head[0] & 4, true, false};
		ensure(nagios_render(&f.view, &f.verdict, &nagios, &cut) == 0);
		nagios.max_output = NAGIOS_OUTPUT_MAX;
		ensure(nagios_render(&f.view, &f.verdict, &nagios, &whole) == 0);
		fuzztext_check(whole.s, whole.len, "\n");
		check_first(whole.s, &f);
		check_gap(whole.s, f.verdict.gap);
		check_lines(whole.s, &f, nagios.details.verbose);
		check_cut(&cut, &whole, max);
		buf_release(&cut);
		buf_release(&whole);
	}
	free(f.found.text);
	f.found.text = NULL;
	return 0;
}
