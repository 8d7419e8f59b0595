/*
 * fuzz_options.c - words ended by NUL as a command line: taken whole, or refused with one
 * printable line; what was taken, said again in words, means the same.
 *
 * Code: plugin/options.c plugin/values.c plugin/metric.c plugin/state.c scan/settings.c
 */
#include <errno.h>

#include "fuzzwords.h"
#include "options.h"

#define WORDS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_settings(const struct stale_settings *settings)
{
	const struct stale_options *options = stale_settings_options(settings);

	fuzzwords_check_policy(stale_settings_policy(settings));
	ensure(!(options->select.scopes >> STALE_SCOPE_COUNT) &&
	       (options->npids == 0) == (options->pids == NULL));
}

/* "-w METRIC=RANGE" of every one that is set, and what counts. */
static void check_again(const struct options *opt)
{
	char text[512], *argv[METRIC_COUNT + 8] = {text}, *save = NULL;
	struct buf words[METRIC_COUNT] = {0}, error = BUF_INIT;
	struct options again;
	int argc = 1;

	fuzzwords_policy(stale_settings_policy(opt->settings), text, sizeof(text));
	for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		static char options[4][160];
		char *name = options[argc - 1];

		snprintf(name, sizeof(options[0]), "--%s", s);
		*strchr(name, ' ') = '=';
		argv[argc++] = name;
	}
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct range *range = &opt->rules.limits.critical[i];

		if (!range->set || i == METRIC_AGE)
			continue;
		buf_printf(&words[i], "-c%s=", metric_name((enum metric)i));
		range_print(&words[i], range);
		argv[argc++] = words[i].s;
	}
	argv[0] = (char[]){"x"};
	ensure(options_parse(argc, argv, &again, &error) == 0);
	ensure(fuzzwords_is_same(stale_settings_policy(opt->settings),
				 stale_settings_policy(again.settings)));
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct range *a = &opt->rules.limits.critical[i],
				   *b = &again.rules.limits.critical[i];

		ensure(i == METRIC_AGE || (a->set == b->set && a->start == b->start &&
					   a->end == b->end && a->inside == b->inside));
		buf_release(&words[i]);
	}
	options_release(&again);
	buf_release(&error);
}

static void check(int rc, const struct options *opt, const struct buf *error)
{
	char message[256];

	ensure(rc == 0 || rc == -EINVAL || rc == -ENOMEM);
	ensure((rc == -EINVAL) == (error->len > 0));
	fuzztext_check(error->s, error->len, "");
	ensure(!error->s || !strpbrk(error->s, FUZZTEXT_NAGIOS));
	ensure(error->len < 400);
	if (rc < 0)
		return;
	ensure(opt->timeout >= 1 && opt->timeout <= 3600 && opt->jobs <= 64 &&
	       opt->max_output >= 512 && opt->max_output <= 1048576 &&
	       opt->verbose >= 0 && opt->verbose <= 3 && opt->format < FORMAT_COUNT);
	check_settings(opt->settings);
	if (opt->action == ACTION_CHECK &&
	    stale_settings_check(opt->settings, message, sizeof(message)) == 0)
		check_again(opt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "check_stale";
	char *text = fuzztext_string(data, size), *argv[WORDS + 2] = {name};
	struct buf error = BUF_INIT;
	struct options opt;
	int argc = 1;

	if (!text)
		return 0;
	for (size_t at = 0; at < size && argc <= WORDS; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	check(options_parse(argc, argv, &opt, &error), &opt, &error);
	options_release(&opt);
	buf_release(&error);
	free(text);
	return 0;
}
