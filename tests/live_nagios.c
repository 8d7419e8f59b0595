/*
 * live_nagios.c - a real Nagios 4 with the objects that are shipped, on real stale
 * processes: what its status file has is what the plugin says when it is run directly.
 *
 * Debian: nagios4-core.  The way over SSH ends in a stand-in for check_by_ssh, which gives
 * the command line to a shell as sshd does.
 */
#include <stdio.h>

#include "buf.h"
#include "support/grammar.h"
#include "support/monitored.h"
#include "support/nagios4.h"
#include "support/nrpe.h"
#include "support/shipped.h"
#include "test.h"

#define SERVICE "Stale code"
#define RUNS    50

static struct nagios4 nagios;
static struct nrpe nrpe;

static int teardown(void **state)
{
	nagios4_stop(&nagios);
	nrpe_stop(&nrpe);
	return live_teardown(state);
}

#define NAGIOS_TEST(f)                                                                   \
	{                                                                                \
#f, f, live_setup, teardown, &(struct live_row)                          \
		{                                                                        \
#f                                                               \
		}                                                                        \
	}

/* --pid=... and --count=all, with a further word or without; owned by the caller. */
static char *words_for(const struct live *live, const char *more)
{
	char *pids = liveplugin_pids(live), *words;

	assert_true(asprintf(&words, "%s --count=all%s", pids, more) > 0);
	free(pids);
	return words;
}

/* The shipped command line, by the same user. */
static void run_directly(struct live *live, const char *words,
			 struct liveplugin_answer *ret)
{
	char *plugin = live_path(live, "plugins/check_stale"), *line;

	assert_true(asprintf(&line, "%s --min-age=15m -w 0 -c age=7d -v %s", plugin,
			     words) > 0);
	liveplugin_run_as(monitored_user(), "/bin/sh",
			  (const char *const[]){"-c", line, NULL}, ret);
	free(line);
	free(plugin);
}

/* The service of a host is in the state and says the text of a direct run. */
static void expect(const char *host, const char *service,
		   const struct liveplugin_answer *direct)
{
	struct nagios4_result result;
	char why[256] = "";

	nagios4_read(&nagios, host, service, &result);
	if (result.state != direct->status)
		daemon_fail(&nagios.daemon, "%s: state %ld, not %d: %s", host,
			    result.state, direct->status, result.text);
	assert_int_equal(shipped_differs(host, result.text, direct->out), 0);
	if (grammar_check(result.text, strlen(result.text), 4096, why, sizeof(why)) != 0)
		fail_msg("%s: %s", why, result.text);
	nagios4_result_release(&result);
}

/* Has the service of this machine checked: it is in that state, with the text. */
static void check(struct live *live, int state, const char *text)
{
	struct liveplugin_answer direct;
	char *words = words_for(live, "");

	monitored_make_plugins(live);
	nagios4_start(&nagios, live, "", words, 1);
	run_directly(live, words, &direct);
	if (direct.status != state || !strstr(direct.out, text))
		fail_msg("exit %d, not %d with \"%s\": %s", direct.status, state, text,
			 direct.out);
	expect("localhost", SERVICE, &direct);
	liveplugin_release(&direct);
	free(words);
}

static void nothing_stale_is_ok(void **state)
{
	struct live *live = *state;

	monitored_start(live, "fine", "map", "libx.so.1");
	monitored_only(live);
	check(live, 0, "STALE OK - 0 of ");
}

static void stale_code_is_a_warning(void **state)
{
	struct live *live = *state;

	monitored_start_stale(live, "victim", "libx.so.1");
	monitored_only(live);
	check(live, 1, " (1 process): libx.so.1, age unknown | ");
}

static void what_nagios_may_not_see_is_unknown(void **state)
{
	struct live *live = *state;

	live_need_root(live);
	monitored_start(live, "fine", "map", "libx.so.1");
	check(live, 3, "STALE UNKNOWN - only 1 of 2 processes readable, ");
}

static void hostile_names_stay_out_of_performance_data(void **state)
{
	struct live *live = *state;

	monitored_start_stale(live, "a|b=1 'c' <b>", "lib\n|x=1;2\\n$USER1$`id`\xff.so");
	monitored_only(live);
	check(live, 1, "a\\x7cb=1 'c' \\x3cb\\x3e (");
}

static void all_three_ways_show_the_same(void **state)
{
	struct live *live = *state;
	char *words, *pids, *objects;
	struct liveplugin_answer direct;

	monitored_start_stale(live, "victim", "libx.so.1");
	monitored_only(live);
	pids = liveplugin_pids(live);
	words = words_for(live, "");
	nrpe_start(&nrpe, live, pids, false);
	monitored_make_plugins(live);
	live_symlink(live, nrpe.client, "plugins/check_nrpe");
	assert_true(asprintf(&objects,
			     "define host {\n\tuse generic-host\n\thost_name n\n}\n"
			     "define host {\n\tuse generic-host\n\thost_name s\n}\n"
			     "define service {\n\tuse stale-service-nrpe\n"
			     "	host_name n\n\t_NRPE_PORT %d\n}\n"
			     "define service {\n\tuse stale-service-ssh\n"
			     "	host_name s\n}\n",
			     nrpe.port) > 0);
	nagios4_start(&nagios, live, objects, words, 3);
	run_directly(live, words, &direct);
	assert_int_equal(direct.status, 1);
	expect("localhost", SERVICE, &direct);
	expect("n", SERVICE, &direct);
	expect("s", SERVICE, &direct);
	liveplugin_release(&direct);
	free(objects);
	free(words);
	free(pids);
}

/*
 * Fourteen programs that run a library with a long name, each in three processes.  Returns
 * --pid=... for those which the case does not know; owned by the caller.
 */
static char *start_many(struct live *live)
{
	struct buf option = BUF_INIT;
	char comm[16], file[256];

	for (int i = 0; i < LIVE_MAX - 2; i++) {
		const struct live_process *process;

		snprintf(comm, sizeof(comm), "victim%d", i);
		snprintf(file, sizeof(file), "lib%0230d.so.%d", 0, i);
		process = monitored_start_stale(live, comm, file);
		for (int child = 0; child < 2; child++)
			buf_printf(&option, "%s%ld", option.len ? "," : " -v --pid=",
				   live_step(live, process, "fork"));
	}
	monitored_only(live);
	return option.s;
}

/* So many services that run the shipped command.  Owned by the caller. */
static char *many_services(void)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < RUNS; i++)
		buf_printf(&text,
			   "define service {\n\tuse stale-service\n"
			   "	host_name localhost\n\tservice_description run%d\n}\n",
			   i);
	return text.s;
}

/* Is what Nagios has of it anything else? */
static bool is_other(const char *service, const struct liveplugin_answer *direct)
{
	struct nagios4_result result;
	char *got, *want = shipped_mask(direct->out);
	bool differs;

	nagios4_read(&nagios, "localhost", service, &result);
	got = shipped_mask(result.text);
	differs = result.state != direct->status || strcmp(got, want) != 0;
	nagios4_result_release(&result);
	free(want);
	free(got);
	return differs;
}

/* Has them run that, and counts those that are not what a direct run says. */
static int count_different(struct live *live, const char *more, size_t min, size_t max)
{
	char *objects = many_services(), *processes = start_many(live), *all, *words;
	struct liveplugin_answer direct;
	int n = 0;

	monitored_make_plugins(live);
	assert_true(asprintf(&all, "%s%s", processes, more) > 0);
	words = words_for(live, all);
	nagios4_start(&nagios, live, objects, words, RUNS + 1);
	run_directly(live, words, &direct);
	assert_int_equal(direct.status, 1);
	assert_in_range(direct.len, min, max);
	for (int i = 0; i < RUNS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "run%d", i);
		n += is_other(name, &direct);
	}
	liveplugin_release(&direct);
	free(words);
	free(all);
	free(processes);
	free(objects);
	return n;
}

static void an_answer_of_4096_bytes_is_never_cut(void **state)
{
	assert_int_equal(count_different(*state, "", 3700, 4096), 0);
}

/* The control, and the reason for that limit: what is left to read when a plugin has ended
 * is read once. */
static void an_answer_of_12000_bytes_is_cut(void **state)
{
	if (count_different(*state, " --max-output=14000", 12000, 14000) == 0)
		live_skip(*state, "Nagios has cut nothing this time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NAGIOS_TEST(nothing_stale_is_ok),
		NAGIOS_TEST(stale_code_is_a_warning),
		NAGIOS_TEST(what_nagios_may_not_see_is_unknown),
		NAGIOS_TEST(hostile_names_stay_out_of_performance_data),
		NAGIOS_TEST(all_three_ways_show_the_same),
		NAGIOS_TEST(an_answer_of_4096_bytes_is_never_cut),
		NAGIOS_TEST(an_answer_of_12000_bytes_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
