/*
 * taken.c - settings of the core, taken one after the other.
 */
#include "tests/support/taken.h"

#include "tests/test.h"

struct stale_settings *taken_make(const struct taken_pair pairs[TAKEN_PAIRS])
{
	struct stale_settings *settings = NULL;
	char message[256] = "";

	assert_int_equal(stale_settings_new(&settings), 0);
	for (size_t i = 0; i < TAKEN_PAIRS && pairs[i].name; i++) {
		if (stale_settings_take(settings, pairs[i].name, pairs[i].value, message,
					sizeof(message)) < 0)
			fail_msg("%s %s: %s", pairs[i].name, pairs[i].value, message);
	}
	return settings;
}

void taken_load(struct stale_settings *settings)
{
	char message[256] = "";

	if (stale_settings_load(settings, NULL, message, sizeof(message)) < 0)
		fail_msg("%s", message);
}
