/*
 * agent_mibchange.c - what changes between requests, and what must not within one; totals;
 * registration; notifications.
 */
#include <errno.h>

#include "support/mibask.h"
#include "support/mibpicture.h"
#include "support/reportmake.h"
#include "test.h"

static struct mibask ask;

/* Takes over the report; NULL: there is none yet. */
static struct snapshot *snapshot_of(struct stale_report *report, uint32_t serial)
{
	const struct snapshot_source source = {
		.report = report,
		.policy = {.why = STALE_WHY_DEFAULT},
		.now = REPORTMAKE_NOW,
		.max_procs = 100,
		.max_files = 100,
		.scan = {.status = report ? SNAPSHOT_COMPLETE : SNAPSHOT_NEVER,
			 .serial = serial},
	};
	struct snapshot *snapshot;

	assert_int_equal(snapshot_make(&source, &snapshot), 0);
	stale_report_free(report);
	return snapshot;
}

/* As many processes, 1001 and so on, as its serial says. */
static void publish_many(uint32_t serial)
{
	pins_publish(ask.pins, snapshot_of(reportmake_many(serial, 1, 0), serial));
}

static uint32_t get_number(const char *below, long transaction)
{
	const struct mibask_name name = mibask_name(below);
	netsnmp_pdu *response = mibask_part(&ask, SNMP_MSG_GET, &name, transaction);
	uint32_t number = (uint32_t)*response->variables->val.integer;

	row_number(below, "type", response->variables->type, ASN_GAUGE);
	snmp_free_pdu(response);
	return number;
}

static u_char get_type(const char *below)
{
	const struct mibask_name name = mibask_name(below);
	netsnmp_pdu *response = mibask_one(&ask, SNMP_MSG_GET, &name);
	u_char type = response->variables->type;

	snmp_free_pdu(response);
	return type;
}

/* Rows that are seen from now on in one transaction, with a new snapshot for each. */
static size_t walk_while_it_shrinks(long transaction, uint32_t serial)
{
	const struct mibask_name column = mibask_name("3.1.3");
	struct mibask_name at = column;
	size_t rows = 0;

	for (;;) {
		netsnmp_pdu *response =
			mibask_part(&ask, SNMP_MSG_GETNEXT, &at, transaction);

		at = mibask_name_in(response->variables);
		snmp_free_pdu(response);
		if (snmp_oidtree_compare(at.o, at.len, column.o, column.len) != 0)
			return rows;
		rows++;
		publish_many(--serial);
	}
}

static void parts_of_one_transaction_are_of_one_snapshot(void **state)
{
	long transaction = ++ask.transaction;

	(void)state;
	publish_many(20);
	assert_int_equal(get_number("1.2.0", transaction), 20);
	assert_int_equal(get_number("2.2.0", transaction), 20);
	/* Each step published a smaller one, and was told of none. */
	assert_int_equal(walk_while_it_shrinks(transaction, 20), 20);
	assert_int_equal(get_number("1.2.0", transaction), 20);
	assert_int_equal(get_number("2.2.0", transaction), 20);
}

static void another_transaction_sees_the_newest(void **state)
{
	long transaction = ++ask.transaction;

	(void)state;
	publish_many(20);
	assert_int_equal(get_number("1.2.0", transaction), 20);
	publish_many(10);
	assert_int_equal(get_number("1.2.0", transaction), 20);
	assert_int_equal(get_number("1.2.0", ++ask.transaction), 10);
	assert_int_equal(get_number("2.2.0", ++ask.transaction), 10);
	assert_int_equal(get_type("3.1.3.1010"), ASN_OCTET_STR);
	assert_int_equal(get_type("3.1.3.1011"), SNMP_NOSUCHINSTANCE);
}

static void before_the_first_scan_there_are_scalars_and_no_rows(void **state)
{
	static const uint8_t undated[8];
	struct mibask_name at = mibask_name("");
	netsnmp_pdu *response;
	size_t n = 0;

	(void)state;
	pins_publish(ask.pins, snapshot_of(NULL, 7));
	for (;; n++) {
		response = mibask_one(&ask, SNMP_MSG_GETNEXT, &at);
		if (response->variables->type == SNMP_ENDOFMIBVIEW)
			break;
		at = mibask_name_in(response->variables);
		snmp_free_pdu(response);
	}
	snmp_free_pdu(response);
	assert_int_equal(n, (int)MIB_SCAN_STARTED + (int)MIB_TOTAL_UNPUBLISHED);
	assert_int_equal(get_type("3.1.3.0"), SNMP_NOSUCHINSTANCE);
	assert_int_equal(get_type("4.1.2.0.0"), SNMP_NOSUCHINSTANCE);
	assert_int_equal(get_type("5.1.2.0"), SNMP_NOSUCHINSTANCE);
	assert_int_equal(get_number("1.4.0", ++ask.transaction), 0);
	assert_int_equal(get_number("2.7.0", ++ask.transaction), 0);
	at = mibask_name("1.3.0");
	response = mibask_one(&ask, SNMP_MSG_GET, &at);
	assert_int_equal(response->variables->val_len, sizeof(undated));
	assert_memory_equal(response->variables->val.string, undated, sizeof(undated));
	snmp_free_pdu(response);
}

/* n processes, each with a file of its own; made: the number of those so far. */
static void add_kind(struct reportmake *m, size_t n, enum stale_scope scope, int64_t age)
{
	for (size_t i = 0; i < n; i++) {
		pid_t pid = (pid_t)(m->nprocs + 100);

		if (scope == STALE_SCOPE_CONTAINER)
			reportmake_container(m, pid, "x", "lxc",
					     reportmake_text(m, "c%zu", i));
		else if (scope == STALE_SCOPE_NONE)
			reportmake_proc(m, pid, "x")->advice = STALE_REBOOT;
		else
			reportmake_unit(m, pid, "x", scope,
					reportmake_text(m, "u%zu.service", i));
		reportmake_file(m, reportmake_text(m, "/lib/%d", (int)pid), STALE_DELETED,
				age);
	}
}

static struct stale_report *report_of_all_kinds(void)
{
	struct reportmake m;
	struct stale_report *report;

	reportmake_init(&m);
	add_kind(&m, 11, STALE_SCOPE_SYSTEM, -1);
	reportmake_file(&m, "/lib/x", STALE_DELETED, 60);
	add_kind(&m, 13, STALE_SCOPE_CONTAINER, 60);
	add_kind(&m, 17, STALE_SCOPE_SESSION, 60);
	add_kind(&m, 19, STALE_SCOPE_NONE, 60);
	for (int i = 0; i < 7; i++)
		reportmake_ignored(&m, 1, reportmake_text(&m, "/tmp/%d", i), "scratch");
	for (int i = 0; i < 5; i++)
		reportmake_unreadable(&m, i + 1, i % 2 ? EACCES : EIO);
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void totals_are_not_mixed_up(void **state)
{
	static const struct {
		const char *name;
		uint32_t number;
	} totals[] = {
		{"2.1.0", 207}, {"2.2.0", 30}, {"2.3.0", 11}, {"2.4.0", 13},
		{"2.5.0", 17},  {"2.6.0", 31}, {"2.8.0", 11}, {"2.9.0", 19},
		{"2.10.0", 5},  {"2.11.0", 7},
	};

	(void)state;
	pins_publish(ask.pins, snapshot_of(report_of_all_kinds(), 1));
	for (size_t i = 0; i < ARRAY_LEN(totals); i++)
		row_number(totals[i].name, "total",
			   get_number(totals[i].name, ++ask.transaction),
			   totals[i].number);
	/* Limits are 100 rows. */
	pins_publish(ask.pins, snapshot_of(reportmake_many(140, 1, 0), 2));
	assert_int_equal(get_number("2.12.0", ++ask.transaction), 80);
}

static void it_is_there_once_or_not_at_all(void **state)
{
	struct mibask_name root = mibask_name("");

	(void)state;
	publish_many(3);
	assert_int_equal(mib_register(ask.pins), -EEXIST);
	assert_int_equal(get_number("1.2.0", ++ask.transaction), 3);
	for (int i = 0; i < 3; i++) {
		netsnmp_pdu *response;

		mib_unregister();
		assert_int_equal(get_type("1.2.0"), SNMP_NOSUCHOBJECT);
		assert_int_equal(get_type("3.1.3.1001"), SNMP_NOSUCHOBJECT);
		response = mibask_one(&ask, SNMP_MSG_GETNEXT, &root);
		assert_int_equal(response->variables->type, SNMP_ENDOFMIBVIEW);
		snmp_free_pdu(response);
		assert_int_equal(mib_register(ask.pins), 0);
		assert_int_equal(get_number("1.2.0", ++ask.transaction), 3);
		assert_int_equal(get_type("3.1.3.1001"), ASN_OCTET_STR);
	}
}

static int other_handler(netsnmp_mib_handler *handler,
			 netsnmp_handler_registration *reginfo,
			 netsnmp_agent_request_info *reqinfo,
			 netsnmp_request_info *requests)
{
	(void)handler;
	(void)reginfo;
	(void)reqinfo;
	(void)requests;
	return SNMP_ERR_NOERROR;
}

/* Then nothing of it is there, not even what was registered before that. */
static void what_the_library_refuses_is_an_error(void **state)
{
	const struct mibask_name root = mibask_name("5");
	netsnmp_handler_registration *other;

	(void)state;
	mib_unregister();
	other = netsnmp_create_handler_registration("other", other_handler, root.o,
						    root.len, HANDLER_CAN_RONLY);
	assert_int_equal(netsnmp_register_handler(other), MIB_REGISTERED_OK);
	assert_int_equal(mib_register(ask.pins), -EEXIST);
	assert_int_equal(get_type("1.2.0"), SNMP_NOSUCHOBJECT);
	assert_int_equal(get_type("3.1.3.1001"), SNMP_NOSUCHOBJECT);
	netsnmp_unregister_handler(other);
	assert_int_equal(mib_register(ask.pins), 0);
	assert_int_equal(get_type("1.2.0"), ASN_GAUGE);
}

/* The last notification, as the agent hands it to all receivers. */
static char notified[1024];
static unsigned nnotified;

static int take_notification(int major, int minor, void *given, void *ours)
{
	const netsnmp_pdu *pdu = given;
	size_t len = 0;

	(void)major;
	(void)minor;
	(void)ours;
	nnotified++;
	for (const netsnmp_variable_list *var = pdu->variables; var;
	     var = var->next_variable) {
		const struct mibask_name name = mibask_name_in(var);
		struct mibask_name value = {.len = 0};

		if (var->type == ASN_OBJECT_ID) {
			value.len = var->val_len / sizeof(oid);
			memcpy(value.o, var->val.objid, var->val_len);
		} else {
			value.len = 1;
			value.o[0] = (oid)*var->val.integer;
		}
		len += (size_t)snprintf(notified + len, sizeof(notified) - len,
					"%s %02x %s\n", mibask_print(&name), var->type,
					mibask_print(&value));
	}
	return 0;
}

/* Lines "NAME TYPE VALUE", names below .1 of the module; after sysUpTime. */
static void expect_notification(enum mib_notification what, const char *const objects[])
{
	const struct mibask_name root = mibask_name("");
	char want[1024];
	const char *got = strchr(notified, '\n');
	size_t len;

	assert_int_equal(nnotified, 1);
	assert_non_null(got);
	assert_memory_equal(notified, ".1.3.6.1.2.1.1.3.0 43", 21);
	/* The notification is .0.N of the module. */
	len = (size_t)snprintf(
		want, sizeof(want), "\n.1.3.6.1.6.3.1.1.4.1.0 06 %.*s0.%d\n",
		(int)strlen(mibask_print(&root)) - 1, mibask_print(&root), (int)what);
	for (; *objects; objects++)
		len += (size_t)snprintf(want + len, sizeof(want) - len, "%s.%s\n",
					mibask_print(&root), *objects);
	row_text("notification", "objects", got, strlen(got), want);
}

static void notifications_have_their_objects(void **state)
{
	struct snapshot *snapshot = mibpicture_snapshot();

	(void)state;
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_SEND_TRAP2,
			       take_notification, NULL);
	mib_notify(MIB_CHANGED, snapshot, 5, 6);
	expect_notification(MIB_CHANGED,
			    (const char *const[]){"1.2.0 42 .1763720001", "2.2.0 42 .2",
						  "2.3.0 42 .2", "2.6.0 42 .2",
						  "6.1.0 42 .5", "6.2.0 42 .6", NULL});
	nnotified = 0;
	mib_notify(MIB_CLEARED, snapshot, 7, 8);
	expect_notification(MIB_CLEARED, (const char *const[]){"1.2.0 42 .1763720001",
							       "6.2.0 42 .8", NULL});
	snapshot_unref(snapshot);
	nnotified = 0;
	snapshot = snapshot_of(NULL, 9);
	mib_notify(MIB_SCAN_TROUBLE, snapshot, 0, 0);
	expect_notification(MIB_SCAN_TROUBLE,
			    (const char *const[]){"1.1.0 02 .1", "1.2.0 42 .9",
						  "1.4.0 42 .0", "1.8.0 41 .0",
						  "2.10.0 42 .0", NULL});
	snapshot_unref(snapshot);
}

static unsigned modules;

static void count_module(const struct sysORTable *row, void *ours)
{
	static const oid module[] = {STALE_MIB_BASE};

	(void)ours;
	if (snmp_oid_compare(row->OR_oid, row->OR_oidlen, module, OID_LENGTH(module)) ==
	    0)
		modules++;
}

static void the_module_is_in_sysORTable(void **state)
{
	(void)state;
	netsnmp_sysORTable_foreach(count_module, NULL);
	assert_int_equal(modules, 1);
	mib_unregister();
	netsnmp_sysORTable_foreach(count_module, NULL);
	assert_int_equal(modules, 1);
	assert_int_equal(mib_register(ask.pins), 0);
}

static int begin_all(void **state)
{
	(void)state;
	mibask_begin(&ask, snapshot_of(NULL, 1));
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	mibask_end(&ask);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_one_transaction_are_of_one_snapshot),
		cmocka_unit_test(another_transaction_sees_the_newest),
		cmocka_unit_test(before_the_first_scan_there_are_scalars_and_no_rows),
		cmocka_unit_test(totals_are_not_mixed_up),
		cmocka_unit_test(it_is_there_once_or_not_at_all),
		cmocka_unit_test(what_the_library_refuses_is_an_error),
		cmocka_unit_test(notifications_have_their_objects),
		cmocka_unit_test(the_module_is_in_sysORTable),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
