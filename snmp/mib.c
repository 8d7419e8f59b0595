/*
 * mib.c - registration, and what answers a request.
 */
#include "mib.h"

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <errno.h>
#include <net-snmp/agent/agent_sysORTable.h>
#include <time.h>

#include "mib_scalars.h"
#include "mib_tables.h"

#define GROUPS 2

/* libnetsnmp has one agent in a process, and so have we. */
static struct pins *pins;
static netsnmp_handler_registration *groups[GROUPS];
static struct table_registration {
	const struct mib_table *table;
	netsnmp_handler_registration *handlers;
	netsnmp_table_registration_info *info; /* owned by us, used by the handlers */
} tables[MIB_TABLES];

/* Not const: register_sysORTable() would not have it, and changes nothing. */
static oid module[] = {STALE_MIB_BASE};
static const char description[] =
	"STALE-PROCESS-MIB: processes that execute code which is no longer on disk";

/* What all answers to one request are made of. */
struct moment {
	const struct snapshot *snapshot;
	int64_t now; /* seconds since the epoch */
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All parts of one request have its transaction id. */
static struct moment moment_of(const netsnmp_agent_request_info *reqinfo)
{
	struct moment moment = {.now = clock_ms(CLOCK_REALTIME) / 1000};

	if (reqinfo->asp && reqinfo->asp->pdu)
		moment.snapshot = pins_get(pins, (uint32_t)reqinfo->asp->pdu->transid,
					   clock_ms(CLOCK_MONOTONIC));
	else
		moment.snapshot = pins_current(pins);
	return moment;
}

static void answer(netsnmp_agent_request_info *reqinfo, netsnmp_request_info *request,
		   const struct mib_value *value)
{
	size_t len;
	const void *data = mib_value_data(value, &len);

	if (value->type == ASN_NULL)
		netsnmp_set_request_error(reqinfo, request, SNMP_NOSUCHINSTANCE);
	else if (snmp_set_var_typed_value(request->requestvb, value->type, data, len))
		netsnmp_set_request_error(reqinfo, request, SNMP_ERR_GENERR);
}

/* The helper has made a GET of each GETNEXT, and the object and .0 of rootoid. */
static int group_handler(netsnmp_mib_handler *handler,
			 netsnmp_handler_registration *reginfo,
			 netsnmp_agent_request_info *reqinfo,
			 netsnmp_request_info *requests)
{
	struct moment moment = moment_of(reqinfo);
	unsigned object = (unsigned)reginfo->rootoid[reginfo->rootoid_len - 2];
	struct mib_value value;

	(void)handler;
	if (reginfo->rootoid[reginfo->rootoid_len - 3] == MIB_SCAN)
		value = mib_scan_value(moment.snapshot, (enum mib_scan_object)object,
				       moment.now);
	else
		value = mib_total_value(moment.snapshot, (enum mib_total_object)object,
					moment.now);
	answer(reqinfo, requests, &value);
	return SNMP_ERR_NOERROR;
}

static int set_name(netsnmp_request_info *request,
		    const netsnmp_handler_registration *reginfo, unsigned column,
		    const oid *index, size_t len)
{
	oid name[OID_LENGTH(module) + 4 + MIB_INDEX_MAX];
	size_t n = reginfo->rootoid_len;

	memcpy(name, reginfo->rootoid, n * sizeof(*name));
	name[n++] = MIB_ENTRY;
	name[n++] = column;
	memcpy(name + n, index, len * sizeof(*name));
	return snmp_set_var_objid(request->requestvb, name, n + len);
}

/* Returns the row that is asked for, with its name in a GETNEXT; or what to tell. */
static int find_row(const struct table_registration *reg, const struct moment *moment,
		    int mode, netsnmp_request_info *request, size_t *ret_row)
{
	const netsnmp_table_request_info *asked = netsnmp_extract_table_info(request);
	oid index[MIB_INDEX_MAX];

	if (!asked)
		return SNMP_ERR_GENERR;
	if (mode == MODE_GET)
		return mib_table_find(reg->table, moment->snapshot, asked->index_oid,
				      asked->index_oid_len, ret_row)
			       ? 0
			       : SNMP_NOSUCHINSTANCE;
	/* The end of this column only: the helper goes on with the next one. */
	if (!mib_table_next(reg->table, moment->snapshot, asked->index_oid,
			    asked->index_oid_len, ret_row))
		return SNMP_ENDOFMIBVIEW;
	reg->table->index(moment->snapshot, *ret_row, index);
	return set_name(request, reg->handlers, asked->colnum, index, reg->table->nindex)
		       ? SNMP_ERR_GENERR
		       : 0;
}

static int table_handler(netsnmp_mib_handler *handler,
			 netsnmp_handler_registration *reginfo,
			 netsnmp_agent_request_info *reqinfo,
			 netsnmp_request_info *requests)
{
	const struct table_registration *reg = reginfo->my_reg_void;
	struct moment moment = moment_of(reqinfo);

	(void)handler;
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		struct mib_value value;
		size_t row;
		int rc;

		if (r->processed)
			continue;
		rc = find_row(reg, &moment, reqinfo->mode, r, &row);
		if (rc) {
			netsnmp_set_request_error(reqinfo, r, rc);
			continue;
		}
		value = reg->table->value(moment.snapshot, row,
					  netsnmp_extract_table_info(r)->colnum,
					  moment.now);
		answer(reqinfo, r, &value);
	}
	return SNMP_ERR_NOERROR;
}

static int register_group(enum mib_part part, const char *name, unsigned last)
{
	const oid root[] = {STALE_MIB_BASE, MIB_OBJECTS, part};
	netsnmp_handler_registration *handlers = netsnmp_create_handler_registration(
		name, group_handler, root, OID_LENGTH(root), HANDLER_CAN_RONLY);

	if (!handlers ||
	    netsnmp_register_scalar_group(handlers, 1, last) != MIB_REGISTERED_OK)
		return -EEXIST;
	groups[part - MIB_SCAN] = handlers;
	return 0;
}

static netsnmp_table_registration_info *table_info(const struct mib_table *table)
{
	netsnmp_table_registration_info *info = calloc(1, sizeof(*info));

	if (!info)
		return NULL;
	for (size_t i = 0; i < table->nindex; i++)
		netsnmp_table_helper_add_index(info, ASN_UNSIGNED);
	info->min_column = MIB_FIRST_COLUMN;
	info->max_column = table->last_column;
	return info;
}

/* *reg has what is to be released also where this fails. */
static int register_table(struct table_registration *reg, const struct mib_table *table)
{
	const oid root[] = {STALE_MIB_BASE, MIB_OBJECTS, table->part};
	netsnmp_table_registration_info *info = table_info(table);
	netsnmp_handler_registration *handlers;

	*reg = (struct table_registration){.table = table, .info = info};
	if (!info)
		return -EEXIST;
	handlers = netsnmp_create_handler_registration(
		table->name, table_handler, root, OID_LENGTH(root), HANDLER_CAN_RONLY);
	if (!handlers)
		return -EEXIST;
	handlers->my_reg_void = reg;
	/* Where it fails they are freed there. */
	if (netsnmp_register_table(handlers, info) != MIB_REGISTERED_OK)
		return -EEXIST;
	reg->handlers = handlers;
	return 0;
}

static int register_all(void)
{
	int rc = register_group(MIB_SCAN, "staleScan", MIB_SCAN_STARTED);

	if (rc == 0)
		rc = register_group(MIB_TOTAL, "staleTotal", MIB_TOTAL_UNPUBLISHED);
	for (size_t i = 0; rc == 0 && i < MIB_TABLES; i++)
		rc = register_table(&tables[i], &mib_tables[i]);
	if (rc < 0)
		return rc;
	return register_sysORTable(module, OID_LENGTH(module), description) ? -EEXIST : 0;
}

int mib_register(struct pins *to_answer_from)
{
	int rc;

	if (pins)
		return -EEXIST;
	pins = to_answer_from;
	rc = register_all();
	if (rc < 0)
		mib_unregister();
	return rc;
}

void mib_unregister(void)
{
	unregister_sysORTable(module, OID_LENGTH(module));
	for (size_t i = 0; i < MIB_TABLES; i++) {
		if (tables[i].handlers)
			netsnmp_unregister_table(tables[i].handlers);
		if (tables[i].info)
			netsnmp_table_registration_info_free(tables[i].info);
		tables[i] = (struct table_registration){0};
	}
	for (size_t i = 0; i < GROUPS; i++) {
		if (groups[i])
			netsnmp_unregister_handler(groups[i]);
		groups[i] = NULL;
	}
	pins = NULL;
}
