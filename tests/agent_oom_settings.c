/*
 * agent_oom_settings.c - every allocation of reading the settings made to fail in turn:
 * each time -ENOMEM, and nothing is lost (the sanitized run would tell of a leak).
 *
 * Linked with --wrap.
 */
#include "tests/test.h"

#include "tests/support/oom.h"
#include "tests/support/told.h"

/* Some of the lines are what the command line wins over. */
static const char text[] = "socket /b\ninterval 5\nwhy +modified\nproc-root /q\n"
			   "unit y\nignore /x\nuser root\npid 3\nmethod maps\n";

static int read_settings(void *arg)
{
	const char *const words[] = {
		"-c", told.path,       "-x/a",     "--interval=3",   "-Lf",
		"/x", "--why=deleted", "--unit=x", "--proc-root=/p", NULL};
	int rc = told_read_words(words);

	(void)arg;
	if (rc == 0)
		settings_release(&told.settings);
	else
		assert_string_equal(told.message, "out of memory");
	return rc;
}

static void every_allocation_of_reading_settings_may_fail(void **state)
{
	(void)state;
	told_write_bytes(text, sizeof(text) - 1);
	assert_in_range(oom_exhaust(read_settings, NULL), 15, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_allocation_of_reading_settings_may_fail, told_setup,
			told_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
