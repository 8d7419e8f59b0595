/*
 * manager.h - what asks a real snmpd over UDP, from within the test: where a process for
 * each request would take longer than the answer.
 *
 * One session, one request at a time, no second try.  All in a header, because what else
 * is in this folder is built without libnetsnmp.
 */
#ifndef TESTS_MANAGER_H
#define TESTS_MANAGER_H

#include "snmp/mib.h"

#include <string.h>

#include "agentd.h"
#include "tests/test.h"

#define MANAGER_NONE      (-1) /* no such object */
#define MANAGER_NO_ANSWER (-2)

struct manager {
	const struct agentd *d; /* borrowed */
	void *session;
};

struct manager_name {
	oid o[MAX_OID_LEN];
	size_t len;
};

/* As agentd_oid() takes it. */
static inline struct manager_name manager_name(const struct agentd *d, const char *text)
{
	struct manager_name name = {.len = 0};
	char *full = agentd_oid(d, text), *rest = full;

	while (*rest == '.')
		name.o[name.len++] = strtoul(rest + 1, &rest, 10);
	free(full);
	return name;
}

static inline void manager_open(struct manager *m, const struct agentd *d)
{
	netsnmp_session wanted;
	char peer[32], community[] = "public";

	setenv("MIBS", "", 1);
	setenv("SNMPCONFPATH", "/dev/null", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	snmp_sess_init(&wanted);
	snprintf(peer, sizeof(peer), "%s", d->address);
	wanted.version = SNMP_VERSION_2c;
	wanted.peername = peer;
	wanted.community = (u_char *)community;
	wanted.community_len = strlen(community);
	wanted.timeout = 2000000;
	wanted.retries = 0;
	m->d = d;
	m->session = snmp_sess_open(&wanted);
	if (!m->session)
		agentd_fail(d, "no session to %s", d->address);
}

static inline void manager_close(struct manager *m)
{
	snmp_sess_close(m->session);
	m->session = NULL;
}

/* Takes over the request.  NULL: there was no answer; else snmp_free_pdu(). */
static inline netsnmp_pdu *manager_ask(const struct manager *m, netsnmp_pdu *request)
{
	netsnmp_pdu *response = NULL;
	int rc = snmp_sess_synch_response(m->session, request, &response);

	if (rc == STAT_SUCCESS && response && response->errstat == SNMP_ERR_NOERROR)
		return response;
	if (response)
		snmp_free_pdu(response);
	return NULL;
}

/* A GETBULK: first is asked once, and more so many times. */
static inline netsnmp_pdu *manager_bulk(const struct manager *m,
					const struct manager_name *first,
					const struct manager_name *more, long times)
{
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GETBULK);

	request->non_repeaters = first ? 1 : 0;
	request->max_repetitions = times;
	if (first)
		snmp_add_null_var(request, first->o, first->len);
	snmp_add_null_var(request, more->o, more->len);
	return manager_ask(m, request);
}

/* A number, MANAGER_NONE or MANAGER_NO_ANSWER. */
static inline int64_t manager_get(const struct manager *m,
				  const struct manager_name *name)
{
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GET), *response;
	int64_t value = MANAGER_NONE;

	snmp_add_null_var(request, name->o, name->len);
	response = manager_ask(m, request);
	if (!response)
		return MANAGER_NO_ANSWER;
	if (response->variables->val_len == sizeof(long) &&
	    response->variables->type < SNMP_NOSUCHOBJECT)
		value = (int64_t)((unsigned long)*response->variables->val.integer &
				  UINT32_MAX);
	snmp_free_pdu(response);
	return value;
}

static inline int64_t manager_number(const struct manager *m, const char *text)
{
	struct manager_name name = manager_name(m->d, text);

	return manager_get(m, &name);
}

/* Waits until an object has that value; returns the seconds that took. */
static inline double manager_until(const struct manager *m, const char *text,
				   int64_t value, double seconds)
{
	struct manager_name name = manager_name(m->d, text);
	double began = agentd_clock(), took;
	int64_t got;

	do {
		got = manager_get(m, &name);
		took = agentd_clock() - began;
		if (got == value)
			return took;
		agentd_pause(0.005);
	} while (took < seconds);
	agentd_fail(m->d, "%s is %" PRId64 " for %.1f s, expected %" PRId64, text, got,
		    took, value);
}

/* The same of a number that has only to grow so far. */
static inline double manager_until_least(const struct manager *m, const char *text,
					 int64_t least, double seconds)
{
	struct manager_name name = manager_name(m->d, text);
	double began = agentd_clock(), took;
	int64_t got;

	do {
		got = manager_get(m, &name);
		took = agentd_clock() - began;
		if (got >= least)
			return took;
		agentd_pause(0.005);
	} while (took < seconds);
	agentd_fail(m->d, "%s is %" PRId64 " for %.1f s, expected %" PRId64 " or more",
		    text, got, took, least);
}

#endif
