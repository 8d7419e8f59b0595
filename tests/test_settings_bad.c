/*
 * test_settings_bad.c - settings in words: what is refused, and with which words.
 */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "stale.h"
#include "tests/support/taken.h"

#define KNOWN_WHYS   ", known are deleted, replaced, superseded, reinstalled, modified"
#define KNOWN_SCOPES ", known are system, user, session, container, none"

static const struct refusal {
	struct taken_pair pair;
	const char *want;
} refusals[] = {
	{{"nosuch", "x"}, "unknown setting 'nosuch'"},
	{{"", NULL}, "unknown setting ''"},
	{{"Kind", "fd"}, "unknown setting 'Kind'"},
	{{"kind", NULL}, "'kind' needs a value"},
	{{"unit", ""}, "'unit': its value is empty"},
	{{"no-default-ignores", "yes"}, "'no-default-ignores' takes no value"},
	{{"no-default-ignores", ""}, "'no-default-ignores' takes no value"},
	{{"kind", "exe"}, "unknown kind 'exe', known are code, data, fd"},
	{{"kind", "code,"}, "unknown kind '', known are code, data, fd"},
	{{"kind", "fd,fd"}, "kind 'fd' is given twice"},
	{{"kind", "fd,x"}, "unknown kind 'x', known are code, data, fd"},
	{{"scope", "user,x"}, "unknown scope 'x'" KNOWN_SCOPES},
	{{"count", "user,x"}, "unknown scope 'x'" KNOWN_SCOPES ", all"},
	{{"why", "gone"}, "unknown reason 'gone'" KNOWN_WHYS},
	{{"why", "+gone"}, "unknown reason 'gone'" KNOWN_WHYS},
	{{"why", "+"}, "unknown reason ''" KNOWN_WHYS},
	{{"why", "current"}, "unknown reason 'current'" KNOWN_WHYS},
	{{"why", "deleted,+replaced"},
	 "reasons 'deleted,+replaced': give all with a plus sign, or none"},
	{{"why", "+deleted,replaced"},
	 "reasons '+deleted,replaced': give all with a plus sign, or none"},
	{{"why", "+deleted,"}, "reasons '+deleted,': give all with a plus sign, or none"},
	{{"why", "+deleted,+deleted"}, "reason 'deleted' is given twice"},
	{{"count", "sys"}, "unknown scope 'sys'" KNOWN_SCOPES ", all"},
	{{"count", "user,all"}, "scope 'all' is given twice"},
	{{"scope", "all"}, "unknown scope 'all'" KNOWN_SCOPES},
	{{"method", "smaps"},
	 "unknown method 'smaps', known are auto, procmap_query, maps"},
	{{"min-age", "1y"}, "bad age '1y', expected such as 90s, 15m, 1d, 2w"},
	{{"min-age", "9999w"}, "the age '9999w' is more than a hundred years"},
	{{"pid", "0"}, "bad process id '0', expected a number from 1 on"},
	{{"pid", "1,,2"}, "bad process id '', expected a number from 1 on"},
	{{"pid", "2147483648"},
	 "bad process id '2147483648', expected a number from 1 on"},
	{{"pid", "99999999999999999999"},
	 "bad process id '99999999999999999999', expected a number from 1 on"},
};

static void what_is_wrong_is_refused_with_what_would_be_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct stale_settings *settings =
			taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
		char message[256] = "";

		row_number(refusals[i].want, "rc",
			   stale_settings_take(settings, refusals[i].pair.name,
					       refusals[i].pair.value, message,
					       sizeof(message)),
			   -EINVAL);
		row_text(refusals[i].want, "message", message, strlen(message),
			 refusals[i].want);
		/* nothing has changed: all is as without any */
		taken_load(settings);
		row_number(refusals[i].want, "why", stale_settings_policy(settings)->why,
			   STALE_WHY_DEFAULT);
		row_number(refusals[i].want, "kinds",
			   stale_settings_policy(settings)->kinds, STALE_KIND_CODE);
		row_number(refusals[i].want, "scope",
			   stale_settings_options(settings)->select.scopes, 0);
		row_number(refusals[i].want, "scopes that count",
			   stale_settings_policy(settings)->scopes, STALE_SCOPE_DEFAULT);
		stale_settings_free(settings);
	}
}

static void culprits_are_told_raw_and_not_longer_than_40_bytes_shown(void **state)
{
	static const struct row {
		const char *value, *want;
	} rows[] = {
		{"a\nb|\xff", "a\nb|\xff"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."},
		/* of two bytes, and it would be cut in two */
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4zzzzz",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4zzzzz",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa4..."},
		/* each takes four when it is shown */
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		 "\xff\xff\xff\xff\xff\xff\xff\xff\xff..."},
		{"|||||||||||", "|||||||||..."},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,b",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_settings *settings =
			taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
		char message[256] = "", want[256];

		snprintf(want, sizeof(want),
			 "unknown kind '%s', known are code, data, fd", rows[i].want);
		row_number(rows[i].value, "rc",
			   stale_settings_take(settings, "kind", rows[i].value, message,
					       sizeof(message)),
			   -EINVAL);
		row_text(rows[i].value, "message", message, strlen(message), want);
		stale_settings_free(settings);
	}
}

static void messages_are_cut_to_their_room(void **state)
{
	struct stale_settings *settings =
		taken_make((const struct taken_pair[TAKEN_PAIRS]){{NULL, NULL}});
	char room[8];

	(void)state;
	memset(room, 'x', sizeof(room));
	assert_int_equal(stale_settings_take(settings, "kind", "a", room, 4), -EINVAL);
	assert_memory_equal(room, "unk\0xxxx", sizeof(room));
	assert_int_equal(stale_settings_take(settings, "kind", "a", NULL, 0), -EINVAL);
	stale_settings_free(settings);
}

static void single_values_are_refused_the_second_time(void **state)
{
	static const struct row {
		const char *name, *value;
		bool twice; /* is fine */
	} rows[] = {
		{"kind", "fd", false},
		{"why", "deleted", false},
		{"min-age", "1", false},
		{"count", "all", false},
		{"proc-root", "/x", false},
		{"method", "auto", false},
		{"library", "x", true},
		{"using", "x", true},
		{"user", "0", true},
		{"process", "x", true},
		{"unit", "x", true},
		{"container", "x", true},
		{"pid", "1", true},
		{"ignore", "x", true},
		{"ignore-literal", "x", true},
		{"ignore-file", "x", true},
		{"no-default-ignores", NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_settings *settings =
			taken_make((const struct taken_pair[TAKEN_PAIRS]){
				{rows[i].name, rows[i].value}});
		char message[64] = "", want[64];

		row_number(rows[i].name, "rc",
			   stale_settings_take(settings, rows[i].name, rows[i].value,
					       message, sizeof(message)),
			   rows[i].twice ? 0 : -EINVAL);
		snprintf(want, sizeof(want), "'%s' is given twice", rows[i].name);
		row_text(rows[i].name, "message", message, strlen(message),
			 rows[i].twice ? "" : want);
		stale_settings_free(settings);
	}
}

static void what_has_no_meaning_together_is_refused(void **state)
{
	static const struct row {
		struct taken_pair pairs[TAKEN_PAIRS];
		const char *want; /* NULL: fine */
	} rows[] = {
		{{{"using", "x"}, {"library", "y"}},
		 "'library' has no meaning with 'using'"},
		{{{"why", "deleted"}, {"using", "x"}},
		 "'why' has no meaning with 'using'"},
		{{{"using", "x"}, {"min-age", "1"}},
		 "'min-age' has no meaning with 'using'"},
		{{{"using", "x"}, {"kind", "code"}},
		 "'kind' has no meaning with 'using'"},
		{{{"kind", "data,fd"}, {"why", "+modified"}},
		 "reason 'modified' needs kind 'code': it is of code only"},
		{{{"kind", "code,fd"}, {"why", "modified"}}, NULL},
		{{{"using", "x"}, {"count", "all"}, {"unit", "y"}}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stale_settings *settings = taken_make(rows[i].pairs);
		const int rc = rows[i].want ? -EINVAL : 0;
		char check[128] = "", loaded[128] = "";

		row_number(rows[i].pairs[1].value, "check",
			   stale_settings_check(settings, check, sizeof(check)), rc);
		row_number(rows[i].pairs[1].value, "load",
			   stale_settings_load(settings, NULL, loaded, sizeof(loaded)),
			   rc);
		row_text(rows[i].pairs[1].value, "message", check, strlen(check),
			 rows[i].want ? rows[i].want : "");
		assert_string_equal(check, loaded);
		stale_settings_free(settings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_refused_with_what_would_be_right),
		cmocka_unit_test(
			culprits_are_told_raw_and_not_longer_than_40_bytes_shown),
		cmocka_unit_test(messages_are_cut_to_their_room),
		cmocka_unit_test(single_values_are_refused_the_second_time),
		cmocka_unit_test(what_has_no_meaning_together_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
