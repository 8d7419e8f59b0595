/*
 * live_icinga.c - a real Icinga 2 with the command and the services that are shipped, on
 * real stale processes: what its REST API tells is what the plugin says when it is run
 * directly.
 *
 * Debian: icinga2-bin, icinga2-common, curl, openssl.  The way over SSH ends in a stand-in
 * for check_by_ssh, which gives the command line to a shell as sshd does.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "support/grammar.h"
#include "support/icinga.h"
#include "support/monitored.h"
#include "support/nrpe.h"
#include "support/shipped.h"
#include "test.h"

static struct icinga icinga;
static struct nrpe nrpe;

static int teardown(void **state)
{
	icinga_stop(&icinga);
	nrpe_stop(&nrpe);
	return live_teardown(state);
}

#define ICINGA_TEST(f)                                                                   \
	{                                                                                \
#f, f, live_setup, teardown, &(struct live_row)                          \
		{                                                                        \
#f                                                               \
		}                                                                        \
	}

/* A host to be checked in one of the ways, with the processes that it is asked about. */
#define HOST(name, way, more)                                                            \
	"object Host \"" name "\" {\n\tcheck_command = \"dummy\"\n"                      \
	"	enable_active_checks = false\n	address = \"127.0.0.1\"\n"                      \
	"	vars.stale = \"" way "\"\n	vars.stale_count = \"all\"\n"                 \
	"	vars.stale_pid = \"%s\"\n" more "}\n"
#define SERVICE(name)                                                                    \
	"object Service \"" name "\" {\n\thost_name = \"h\"\n"                           \
	"	check_command = \"stale\"\n"

/* What Icinga has of the answer, as the plugin had printed it.  Owned by the caller. */
static char *as_printed(const json_t *result)
{
	const char *output = json_string_value(json_object_get(result, "output"));
	const json_t *perfdata = json_object_get(result, "performance_data");
	struct buf text = BUF_INIT;
	size_t len;

	assert_non_null(output);
	len = strcspn(output, "\n");
	buf_bytes(&text, output, len);
	buf_put(&text, "|");
	for (size_t i = 0; i < json_array_size(perfdata); i++)
		buf_printf(&text, " %s", json_string_value(json_array_get(perfdata, i)));
	buf_printf(&text, "%s\n", output + len);
	return text.s;
}

/* Runs the words that Icinga has run, as its user. */
static void run_directly(const json_t *result, struct liveplugin_answer *ret)
{
	const json_t *command = json_object_get(result, "command");
	const char *words[64] = {NULL};

	assert_in_range(json_array_size(command), 1, ARRAY_LEN(words) - 1);
	for (size_t i = 0; i < json_array_size(command); i++)
		words[i] = json_string_value(json_array_get(command, i));
	liveplugin_run_as(monitored_user(), words[0], words + 1, ret);
}

/* Checks it; the state is that, text is in the answer, all of it as in a direct run. */
static json_t *check(const char *service, int state, const char *text)
{
	json_t *result = icinga_check(&icinga, service);
	char *got = as_printed(result), why[256] = "";
	struct liveplugin_answer direct;

	run_directly(result, &direct);
	if (json_number_value(json_object_get(result, "state")) != state ||
	    !strstr(got, text))
		daemon_fail(&icinga.daemon, "%s is not %d with \"%s\": %s", service,
			    state, text, got);
	assert_int_equal(json_integer_value(json_object_get(result, "exit_status")),
			 state);
	assert_int_equal(direct.status, state);
	assert_int_equal(shipped_differs(service, got, direct.out), 0);
	if (grammar_check(got, strlen(got), 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, got);
	liveplugin_release(&direct);
	free(got);
	return result;
}

static void expect(const char *service, int state, const char *text)
{
	json_decref(check(service, state, text));
}

static void start_icinga(struct live *live, const char *objects)
{
	monitored_make_plugins(live);
	icinga_start(&icinga, live, objects, "");
}

static void the_service_for_agents_has_the_state_of_the_plugin(void **state)
{
	struct live *live = *state;
	char *fine, *all, *objects;

	monitored_start(live, "fine", "map", "libx.so.1");
	monitored_only(live);
	fine = monitored_pids(live);
	monitored_start_stale(live, "victim", "liby.so.1");
	all = monitored_pids(live);
	assert_true(asprintf(&objects,
			     HOST("ok", "agent", "") HOST("h", "agent", "") SERVICE(
				     "critical") "	vars.stale_critical = 0\n}\n",
			     fine, all) > 0);
	start_icinga(live, objects);
	expect("ok!stale", 0, "STALE OK - 0 of ");
	expect("h!stale", 1, " (1 process): liby.so.1, age unknown | ");
	expect("h!critical", 2, " (1 process): liby.so.1, age unknown | ");
	free(objects);
	free(all);
	free(fine);
}

static void what_icinga_may_not_see_is_unknown(void **state)
{
	struct live *live = *state;
	char *pids, *objects;

	live_need_root(live);
	monitored_start(live, "fine", "map", "libx.so.1");
	pids = monitored_pids(live);
	assert_true(asprintf(&objects, HOST("h", "agent", ""), pids) > 0);
	start_icinga(live, objects);
	expect("h!stale", 3, "STALE UNKNOWN - only 1 of 2 processes readable, ");
	free(objects);
	free(pids);
}

struct metric {
	const char *label, *unit;
	double warn, crit; /* -1: none */
};

static void check_metric(const json_t *parsed, const char *raw, const struct metric *want)
{
	const double warn = want->warn, crit = want->crit;
	const json_t *w = json_object_get(parsed, "warn");
	const json_t *c = json_object_get(parsed, "crit");
	const char *value = strchr(raw, '=') + 1;

	row_text(want->label, "label",
		 json_string_value(json_object_get(parsed, "label")),
		 json_string_length(json_object_get(parsed, "label")), want->label);
	row_text(want->label, "unit", json_string_value(json_object_get(parsed, "unit")),
		 json_string_length(json_object_get(parsed, "unit")), want->unit);
	assert_true(json_number_value(json_object_get(parsed, "value")) ==
		    strtod(value, NULL));
	assert_true(warn < 0 ? json_is_null(w) : json_number_value(w) == warn);
	assert_true(crit < 0 ? json_is_null(c) : json_number_value(c) == crit);
	assert_true(json_is_integer(json_object_get(parsed, "min")) ||
		    json_is_real(json_object_get(parsed, "min")));
	assert_true(json_number_value(json_object_get(parsed, "min")) == 0);
	assert_true(json_is_null(json_object_get(parsed, "max")));
	assert_true(json_is_false(json_object_get(parsed, "counter")));
}

static void every_metric_is_parsed_with_its_unit_and_thresholds(void **state)
{
	static const struct metric metrics[] = {
		{"processes", "", 1, 10},
		{"services", "", 2, 20},
		{"containers", "", 3, 30},
		{"sessions", "", 4, 40},
		{"files", "", -1, 50}, /* a range: Icinga keeps the value without it */
		{"age", "seconds", 90, 86400},
		{"unreadable", "", -1, -1},
		{"scanned", "", -1, -1},
		{"ignored", "", -1, -1},
		{"scan_time", "seconds", -1, -1},
		{"reboot", "", 6, 60},
	};
	static const char service[] = SERVICE(
		"s") "	vars.stale_warning = [ \"1\", \"services=2\", \"containers=3\", "
		     "\"sessions=4\", \"files=@7:9\", \"age=90s\", \"reboot=6\" ]\n"
		     "	vars.stale_critical = [ \"processes=10\", \"services=20\", "
		     "\"containers=30\", \"sessions=40\", \"files=50\", \"age=1d\", "
		     "\"reboot=60\" ]\n}\n";
	struct live *live = *state;
	json_t *result, *parsed, *raw;
	char *pids, *objects;

	monitored_start(live, "victim", "map", "libx.so.1");
	live_lib(live, "new", NULL, 'b');
	live_rename(live, "new", "libx.so.1");
	monitored_only(live);
	pids = monitored_pids(live);
	assert_true(asprintf(&objects, HOST("h", "none", "") "%s", pids, service) > 0);
	start_icinga(live, objects);
	result = check("h!s", 0, "processes=1;1;10;0 ");
	raw = json_object_get(result, "performance_data");
	parsed = icinga_perfdata(&icinga, "h", "s");
	assert_int_equal(json_array_size(raw), ARRAY_LEN(metrics));
	assert_int_equal(json_array_size(parsed), ARRAY_LEN(metrics));
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		check_metric(json_array_get(parsed, i),
			     json_string_value(json_array_get(raw, i)), &metrics[i]);
	json_decref(parsed);
	json_decref(result);
	free(objects);
	free(pids);
}

/* "age=U": Icinga cannot read that. */
static void an_unknown_age_costs_no_other_metric(void **state)
{
	struct live *live = *state;
	char *pids, *objects;
	json_t *parsed;

	monitored_start_stale(live, "victim", "libx.so.1");
	monitored_only(live);
	pids = monitored_pids(live);
	assert_true(asprintf(&objects, HOST("h", "agent", ""), pids) > 0);
	start_icinga(live, objects);
	expect("h!stale", 1, " age=U;;604800;0 ");
	parsed = icinga_perfdata(&icinga, "h", "stale");
	assert_int_equal(json_array_size(parsed), 11);
	for (size_t i = 0; i < 11; i++)
		assert_int_equal(json_is_object(json_array_get(parsed, i)), i != 5);
	json_decref(parsed);
	free(objects);
	free(pids);
}

static void hostile_names_stay_out_of_performance_data(void **state)
{
	static const char comm[] = "a|b=1 'c' <b>", lib[] = "lib\n|x=1;\xff<i>::.so";
	struct live *live = *state;
	char *pids, *objects;
	json_t *result;

	monitored_start_stale(live, comm, lib);
	monitored_only(live);
	pids = monitored_pids(live);
	assert_true(asprintf(&objects, HOST("h", "agent", ""), pids) > 0);
	start_icinga(live, objects);
	result = check("h!stale", 1,
		       " (1 process): lib\\n\\x7cx=1\\x3b\\xff\\x3ci\\x3e::.so");
	assert_int_equal(json_array_size(json_object_get(result, "performance_data")),
			 11);
	json_decref(result);
	free(objects);
	free(pids);
}

/* NRPE answers with the line of its own file: compare it with that. */
static void expect_way(const char *service)
{
	json_t *result = icinga_check(&icinga, service);
	char *got = as_printed(result), *line;
	struct liveplugin_answer direct;

	line = nrpe_command_line(&nrpe, "check_stale");
	liveplugin_run_as(monitored_user(), "/bin/sh",
			  (const char *const[]){"-c", line, NULL}, &direct);
	if (json_number_value(json_object_get(result, "state")) != 1)
		daemon_fail(&icinga.daemon, "%s is not WARNING: %s", service, got);
	assert_int_equal(direct.status, 1);
	assert_int_equal(shipped_differs(service, got, direct.out), 0);
	liveplugin_release(&direct);
	json_decref(result);
	free(line);
	free(got);
}

static void all_three_ways_show_the_same(void **state)
{
	struct live *live = *state;
	char *option, *pids, *ssh_words, *objects;

	monitored_start_stale(live, "victim", "libx.so.1");
	monitored_only(live);
	option = liveplugin_pids(live);
	pids = monitored_pids(live);
	nrpe_start(&nrpe, live, option, false);
	monitored_make_plugins(live);
	live_symlink(live, nrpe.client, "plugins/check_nrpe");
	assert_true(asprintf(&ssh_words, "\"--pid\" = \"%s\"\n\"--count\" = \"all\"",
			     pids) > 0);
	assert_true(asprintf(&objects,
			     HOST("a", "agent", "")
				     HOST("n", "nrpe", "	vars.nrpe_port = %d\n")
					     HOST("s", "ssh", ""),
			     pids, pids, nrpe.port, pids) > 0);
	icinga_start(&icinga, live, objects, ssh_words);
	expect_way("a!stale");
	expect_way("n!stale");
	expect_way("s!stale");
	free(objects);
	free(ssh_words);
	free(pids);
	free(option);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ICINGA_TEST(the_service_for_agents_has_the_state_of_the_plugin),
		ICINGA_TEST(what_icinga_may_not_see_is_unknown),
		ICINGA_TEST(every_metric_is_parsed_with_its_unit_and_thresholds),
		ICINGA_TEST(an_unknown_age_costs_no_other_metric),
		ICINGA_TEST(hostile_names_stay_out_of_performance_data),
		ICINGA_TEST(all_three_ways_show_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
