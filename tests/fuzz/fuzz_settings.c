/*
 * fuzz_settings.c - settings of the core, "name value" ended by NUL: taken, or refused with
 * one line and without a change; what was taken, said again in words, means the same.
 *
 * Code: scan/settings.c scan/choices.c scan/texts.c
 */
#include <errno.h>

#include "fuzzwords.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes "name value"; the text is written to.  Returns as stale_settings_take(). */
static int take(struct stale_settings *settings, char *text, char *message, size_t size)
{
	char *value = strchr(text, ' ');

	if (value)
		*value++ = '\0';
	return stale_settings_take(settings, text, value, message, size);
}

static void check_pids(const struct stale_options *options)
{
	ensure((options->npids == 0) == (options->pids == NULL));
	for (size_t i = 0; i < options->npids; i++) {
		ensure(options->pids[i] > 0);
		for (size_t k = 0; k < i; k++)
			ensure(options->pids[k] != options->pids[i]);
	}
	ensure(!(options->select.scopes >> STALE_SCOPE_COUNT));
	ensure(options->method <= STALE_METHOD_MAPS);
}

static void check_again(const struct stale_settings *settings)
{
	const struct stale_policy *policy = stale_settings_policy(settings);
	char text[512], message[256];
	struct stale_settings *again;
	char *save = NULL;

	fuzzwords_policy(policy, text, sizeof(text));
	ensure(stale_settings_new(&again) == 0);
	for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save))
		ensure(take(again, s, message, sizeof(message)) == 0);
	ensure(fuzzwords_is_same(policy, stale_settings_policy(again)));
	stale_settings_free(again);
}

/* What a setting may have changed, and may not when it was refused. */
static void check_change(const struct stale_settings *settings, int rc,
			 const struct stale_policy *policy,
			 const struct stale_options *options)
{
	const struct stale_options *now = stale_settings_options(settings);

	/* These add up. */
	ensure(!(options->select.scopes & ~now->select.scopes));
	ensure(options->npids <= now->npids);
	if (rc == 0)
		return;
	ensure(fuzzwords_is_same(policy, stale_settings_policy(settings)));
	ensure(options->npids == now->npids && options->method == now->method &&
	       options->select.scopes == now->select.scopes &&
	       options->no_default_ignores == now->no_default_ignores);
}

static void take_all(struct stale_settings *settings, char *text, size_t size)
{
	for (size_t at = 0, next; at <= size; at = next) {
		const struct stale_policy policy = *stale_settings_policy(settings);
		const struct stale_options options = *stale_settings_options(settings);
		char message[256] = "";
		int rc;

		next = at + strlen(text + at) + 1;
		rc = take(settings, text + at, message, sizeof(message));
		ensure(rc == 0 || rc == -EINVAL || rc == -ENOMEM);
		ensure((rc == -EINVAL) == (message[0] != '\0'));
		ensure(strlen(message) < sizeof(message) - 1);
		check_change(settings, rc, &policy, &options);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stale_settings *settings;
	char *text = fuzztext_string(data, size);
	char message[256] = "";

	if (!text || stale_settings_new(&settings) < 0) {
		free(text);
		return 0;
	}
	take_all(settings, text, size);
	fuzzwords_check_policy(stale_settings_policy(settings));
	check_pids(stale_settings_options(settings));
	check_again(settings);
	ensure((stale_settings_check(settings, message, sizeof(message)) == 0) ==
	       (message[0] == '\0'));
	stale_settings_free(settings);
	free(text);
	return 0;
}
