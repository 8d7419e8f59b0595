/*
 * fuzz_options.c - words ended by NUL as a command line: taken whole, or refused with one
 * printable line.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define WORDS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_settings(const struct stale_settings *settings)
{
	const struct stale_policy *policy = stale_settings_policy(settings);
	const struct stale_options *options = stale_settings_options(settings);

	if (!policy->kinds || !policy->scopes || policy->kinds >> STALE_KIND_COUNT ||
	    policy->scopes >> STALE_SCOPE_COUNT || policy->min_age < 0 ||
	    options->select.scopes >> STALE_SCOPE_COUNT ||
	    (options->npids == 0) != (options->pids == NULL))
		abort();
}

static void check(int rc, const struct options *opt, const struct buf *error)
{
	if (rc == 0 && (error->len || opt->timeout < 1 || opt->timeout > 3600 ||
			opt->max_output < 512 || opt->verbose > 3))
		abort();
	if (rc == 0)
		check_settings(opt->settings);
	if (rc == -EINVAL && error->len == 0)
		abort();
	for (size_t i = 0; i < error->len; i++) {
		unsigned char c = (unsigned char)error->s[i];

		if (c < 0x20 || c == 0x7f || strchr("|;<>&", c))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "check_stale";
	char *text = malloc(size + 1), *argv[WORDS + 2] = {name};
	struct buf error = BUF_INIT;
	struct options opt;
	int argc = 1;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t at = 0; at < size && argc <= WORDS; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	check(options_parse(argc, argv, &opt, &error), &opt, &error);
	options_release(&opt);
	buf_release(&error);
	free(text);
	return 0;
}
