/*
 * asked.c - see asked.h.
 */
#include "asked.h"

#include "snmp/mib.h"

#include <string.h>
#include <time.h>

#include "tests/support/manager.h"
#include "tests/test.h"

/* Much more than both need on a machine that is busy with other things. */
#define SILENCE_S 30
#define IDLE_S    60

static const char *const objects[] = {"1.1.1.0", "1.1.2.0", "1.1.3.0", "1.1.5.0",
				      "1.1.7.0", "1.1.8.0", "1.2.2.0"};

/* RFC 2579: year, month, day, hour, minute, second, tenths, "+", 0, 0. */
static int64_t date_of(const netsnmp_variable_list *var)
{
	const u_char *b = var->val.string;
	struct tm tm = {0};

	if (var->val_len != 11)
		return 0;
	tm.tm_year = b[0] * 256 + b[1] - 1900;
	tm.tm_mon = b[2] - 1;
	tm.tm_mday = b[3];
	tm.tm_hour = b[4];
	tm.tm_min = b[5];
	tm.tm_sec = b[6];
	return timegm(&tm);
}

static bool read_answer(const netsnmp_pdu *pdu, struct answer *ret)
{
	int64_t numbers[ARRAY_LEN(objects)];
	const netsnmp_variable_list *var = pdu->variables;

	for (size_t i = 0; i < ARRAY_LEN(objects); i++, var = var->next_variable) {
		if (!var || var->type >= SNMP_NOSUCHOBJECT)
			return false;
		if (var->type == ASN_OCTET_STR)
			numbers[i] = date_of(var);
		else
			numbers[i] =
				(int64_t)((unsigned long)*var->val.integer & UINT32_MAX);
	}
	*ret = (struct answer){numbers[0], numbers[1], numbers[2], numbers[3],
			       numbers[4], numbers[5], numbers[6]};
	return true;
}

static bool ask(const struct asked *asked, struct answer *ret)
{
	const struct manager m = {asked->d, asked->session};
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GET), *response;
	bool done;

	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		struct manager_name name = manager_name(asked->d, objects[i]);

		snmp_add_null_var(request, name.o, name.len);
	}
	response = manager_ask(&m, request);
	done = response && read_answer(response, ret);
	if (response)
		snmp_free_pdu(response);
	return done;
}

static void check_answer(const struct asked *asked, const struct answer *is)
{
	const struct answer *was = &asked->last;

	if (is->status != SNAPSHOT_COMPLETE && is->status != SNAPSHOT_PARTIAL)
		agentd_fail(asked->d, "status %" PRId64, is->status);
	if (is->failures)
		agentd_fail(asked->d, "%" PRId64 " scans failed", is->failures);
	if (is->serial < was->serial || is->completions < was->completions)
		agentd_fail(asked->d,
			    "serial %" PRId64 " after %" PRId64 ", completions %" PRId64
			    " after %" PRId64,
			    is->serial, was->serial, is->completions, was->completions);
	if (is->completions == was->completions &&
	    agentd_clock() - asked->grown_at > IDLE_S)
		agentd_fail(asked->d, "no scan for %d s", IDLE_S);
}

void asked_once(struct asked *asked)
{
	double began = agentd_clock(), now;
	struct answer answer;
	bool is_answered = ask(asked, &answer);

	now = agentd_clock();
	asked->requests++;
	if (!is_answered) {
		asked->unanswered++;
		if (now - asked->last_at > SILENCE_S)
			agentd_fail(asked->d, "no answer for %d s", SILENCE_S);
		return;
	}
	check_answer(asked, &answer);
	if (answer.completions != asked->last.completions)
		asked->grown_at = now;
	asked->last_at = now;
	asked->last = answer;
	asked->partial += answer.status == SNAPSHOT_PARTIAL;
	if (now - began > asked->slowest)
		asked->slowest = now - began;
	if ((double)answer.duration_ms / 1e3 > asked->duration_max)
		asked->duration_max = (double)answer.duration_ms / 1e3;
}

static double wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void asked_until_scanned(struct asked *asked)
{
	const double from = wall_clock();
	const struct answer *last = &asked->last;

	/* The time of a scan is told without its fraction: it can only seem earlier. */
	do {
		agentd_pause(0.05);
		asked_once(asked);
	} while ((double)last->time - (double)last->duration_ms / 1e3 <= from);
}

void asked_open(struct asked *asked, struct agentd *d)
{
	struct manager m;

	manager_open(&m, d);
	*asked = (struct asked){.d = d, .session = m.session};
	asked->last_at = asked->grown_at = agentd_clock();
	manager_until_least(&m, "1.1.7.0", 1, SILENCE_S);
}

void asked_close(struct asked *asked)
{
	struct manager m = {asked->d, asked->session};

	manager_close(&m);
}
