/*
 * mibask.h - the module in this process, and requests to it.
 *
 * They go through the whole of the library's agent, by the way that a subagent hands on
 * what its master asks; there is no master and no socket.  All in a header, because what
 * else is in this folder is built without libnetsnmp.
 */
#ifndef TESTS_MIBASK_H
#define TESTS_MIBASK_H

#include "snmp/mib.h"

#include <net-snmp/agent/agent_sysORTable.h>
#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/agent/sysORTable.h>
#include <net-snmp/library/snmpCallbackDomain.h>

#include <stdio.h>
#include <sys/stat.h>

#include "live.h"
#include "snmp/mib_numbers.h"
#include "tests/test.h"

#define MIBASK_OF_A_MASTER 0xC0 /* version of AgentX, which asks for no community */

struct mibask_name {
	oid o[MAX_OID_LEN];
	size_t len;
};

struct mibask {
	netsnmp_session *master;  /* where requests arrive */
	netsnmp_session *session; /* where they come from */
	struct pins *pins;
	long transaction; /* the last one */
};

/* Of a name below .1 of the module: "3.1.2.812". */
static inline struct mibask_name mibask_name(const char *below)
{
	static const oid root[] = {STALE_MIB_BASE, MIB_OBJECTS};
	struct mibask_name name = {.len = OID_LENGTH(root)};

	memcpy(name.o, root, sizeof(root));
	while (*below) {
		char *end;

		name.o[name.len++] = strtoul(below, &end, 10);
		below = end + (*end == '.');
	}
	return name;
}

static inline struct mibask_name mibask_name_in(const netsnmp_variable_list *var)
{
	struct mibask_name name = {.len = var->name_length};

	memcpy(name.o, var->name, var->name_length * sizeof(oid));
	return name;
}

/* Valid until the next but one. */
static inline const char *mibask_print(const struct mibask_name *name)
{
	static char texts[2][MAX_OID_LEN * 11];
	static unsigned turn;
	char *text = texts[turn++ % 2];
	size_t len = 0;

	for (size_t i = 0; i < name->len; i++)
		len += (size_t)snprintf(text + len, sizeof(texts[0]) - len, ".%lu",
					name->o[i]);
	return text;
}

/* One more variable of a request; value: NULL, or of a SET. */
static inline void mibask_add(netsnmp_pdu *request, const struct mibask_name *name,
			      const char *value)
{
	const size_t len = value ? strlen(value) : 0;
	const u_char type = value ? ASN_OCTET_STR : ASN_NULL;

	assert_non_null(
		snmp_pdu_add_variable(request, name->o, name->len, type, value, len));
}

/* Sends a request, which is gone then; the answer to it: snmp_free_pdu(). */
static inline netsnmp_pdu *mibask_send(struct mibask *ask, netsnmp_pdu *request)
{
	netsnmp_pdu *response = NULL;

	request->flags |= UCD_MSG_FLAG_ALWAYS_IN_VIEW;
	assert_int_equal(snmp_synch_response(ask->session, request, &response),
			 STAT_SUCCESS);
	assert_non_null(response);
	return response;
}

/* A GET or GETNEXT as a part of a transaction.  snmp_free_pdu(). */
static inline netsnmp_pdu *mibask_part(struct mibask *ask, int command,
				       const struct mibask_name *name, long transaction)
{
	netsnmp_pdu *request = snmp_pdu_create(command);

	mibask_add(request, name, NULL);
	request->version = MIBASK_OF_A_MASTER;
	request->transid = transaction;
	return mibask_send(ask, request);
}

/* All of a transaction. */
static inline netsnmp_pdu *mibask_one(struct mibask *ask, int command,
				      const struct mibask_name *name)
{
	return mibask_part(ask, command, name, ++ask->transaction);
}

/* An agent that reads and writes no file outside of the build folder; once in a process.
 * Takes over the reference. */
static inline void mibask_begin(struct mibask *ask, struct snapshot *first)
{
	char *state = live_built("snmp-state");

	mkdir(state, 0755);
	setenv("SNMP_PERSISTENT_DIR", state, 1);
	setenv("SNMPCONFPATH", state, 1);
	setenv("MIBS", "", 1);
	free(state);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE,
			       1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS,
			       1);
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, LOG_DEBUG);
	assert_int_equal(init_agent("agent_test"), 0);
	init_snmp("agent_test");
	assert_int_equal(pins_new(first, &ask->pins), 0);
	assert_int_equal(mib_register(ask->pins), 0);
	ask->master =
		netsnmp_callback_open(0, handle_snmp_packet, netsnmp_agent_check_packet,
				      netsnmp_agent_check_parse);
	assert_non_null(ask->master);
	ask->session = netsnmp_callback_open(ask->master->local_port, NULL, NULL, NULL);
	assert_non_null(ask->session);
}

static inline void mibask_end(struct mibask *ask)
{
	mib_unregister();
	pins_free(ask->pins);
	snmp_close(ask->session);
	snmp_close(ask->master);
	snmp_shutdown("agent_test");
	shutdown_agent();
}

#endif
