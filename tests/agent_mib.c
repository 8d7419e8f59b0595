/*
 * agent_mib.c - every object is answered, in order, and nothing else is.
 */
#include <time.h>

#include "support/mibask.h"
#include "support/mibpicture.h"
#include "support/reportmake.h"
#include "test.h"

static struct mibask ask;

static int compare_names(const struct mibask_name *a, const struct mibask_name *b)
{
	return snmp_oid_compare(a->o, a->len, b->o, b->len);
}

static u_char type_of(enum mibpicture_form form)
{
	switch (form) {
	case MIBPICTURE_INTEGER:
		return ASN_INTEGER;
	case MIBPICTURE_UNSIGNED:
	case MIBPICTURE_AGE:
		return ASN_GAUGE;
	case MIBPICTURE_COUNTER:
		return ASN_COUNTER;
	case MIBPICTURE_TEXT:
	case MIBPICTURE_HEX:
		return ASN_OCTET_STR;
	}
	return 0;
}

static void expect_age(const struct mibpicture_cell *cell, uint32_t age)
{
	int64_t since = REPORTMAKE_NOW - cell->number, now = time(NULL);

	if (cell->number < 0)
		row_number(cell->name, "age", age, 0);
	/* A request may have been made in the second before. */
	else if (now - since - age > 1)
		row_number(cell->name, "age", age, now - since);
}

static void expect_hex(const struct mibpicture_cell *cell,
		       const netsnmp_variable_list *var)
{
	char text[64] = "";

	for (size_t i = 0; i < var->val_len && i < 31; i++)
		snprintf(text + 2 * i, 3, "%02x", var->val.string[i]);
	row_text(cell->name, "octets", text, strlen(text), cell->text);
}

static void expect_content(const struct mibpicture_cell *cell,
			   const netsnmp_variable_list *var)
{
	row_number(cell->name, "type", var->type, type_of(cell->form));
	switch (cell->form) {
	case MIBPICTURE_INTEGER:
	case MIBPICTURE_UNSIGNED:
	case MIBPICTURE_COUNTER:
		row_number(cell->name, "value", *var->val.integer, cell->number);
		return;
	case MIBPICTURE_AGE:
		expect_age(cell, (uint32_t)*var->val.integer);
		return;
	case MIBPICTURE_TEXT:
		row_text(cell->name, "value", (const char *)var->val.string, var->val_len,
			 cell->text);
		return;
	case MIBPICTURE_HEX:
		expect_hex(cell, var);
		return;
	}
}

static void expect_cell(const struct mibpicture_cell *cell, netsnmp_pdu *response)
{
	const netsnmp_variable_list *var = response->variables;
	const struct mibask_name want = mibask_name(cell->name),
				 got = mibask_name_in(var);

	row_number(cell->name, "error", response->errstat, 0);
	row_text(cell->name, "name", mibask_print(&got), strlen(mibask_print(&got)),
		 mibask_print(&want));
	expect_content(cell, var);
	snmp_free_pdu(response);
}

static void expect_exception(const char *label, int want, netsnmp_pdu *response)
{
	row_number(label, "error", response->errstat, 0);
	row_number(label, "type", response->variables->type, want);
	snmp_free_pdu(response);
}

static void a_walk_sees_every_object_once_and_in_order(void **state)
{
	struct mibask_name at = mibask_name("");

	(void)state;
	for (size_t i = 0; i < mibpicture_cells; i++) {
		netsnmp_pdu *response = mibask_one(&ask, SNMP_MSG_GETNEXT, &at);

		at = mibask_name_in(response->variables);
		expect_cell(&mibpicture[i], response);
	}
	expect_exception("the end", SNMP_ENDOFMIBVIEW,
			 mibask_one(&ask, SNMP_MSG_GETNEXT, &at));
}

static void every_object_is_there_for_a_GET(void **state)
{
	(void)state;
	for (size_t i = 0; i < mibpicture_cells; i++) {
		const struct mibask_name name = mibask_name(mibpicture[i].name);

		expect_cell(&mibpicture[i], mibask_one(&ask, SNMP_MSG_GET, &name));
	}
}

/* All in one request, as snmptable and GETBULK ask for the columns of a row. */
static void one_request_asks_for_all(void **state)
{
	netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_GET), *response;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < mibpicture_cells; i++) {
		const struct mibask_name name = mibask_name(mibpicture[i].name);

		mibask_add(request, &name, NULL);
	}
	request->version = MIBASK_OF_A_MASTER;
	response = mibask_send(&ask, request);
	assert_int_equal(response->errstat, 0);
	for (const netsnmp_variable_list *var = response->variables; var;
	     var = var->next_variable)
		expect_content(&mibpicture[n++], var);
	assert_int_equal(n, mibpicture_cells);
	snmp_free_pdu(response);
}

/* What is next to a name, looked for one by one. */
static const struct mibpicture_cell *cell_after(const struct mibask_name *name)
{
	for (size_t i = 0; i < mibpicture_cells; i++) {
		const struct mibask_name own = mibask_name(mibpicture[i].name);

		if (compare_names(&own, name) > 0)
			return &mibpicture[i];
	}
	return NULL;
}

static void expect_next(const struct mibask_name *name)
{
	const struct mibpicture_cell *next = cell_after(name);
	netsnmp_pdu *response = mibask_one(&ask, SNMP_MSG_GETNEXT, name);

	if (next)
		expect_cell(next, response);
	else
		expect_exception(mibask_print(name), SNMP_ENDOFMIBVIEW, response);
}

static void expect_nothing_or_cell(const struct mibask_name *name)
{
	netsnmp_pdu *response = mibask_one(&ask, SNMP_MSG_GET, name);
	u_char type = response->variables->type;

	for (size_t i = 0; i < mibpicture_cells; i++) {
		const struct mibask_name own = mibask_name(mibpicture[i].name);

		if (compare_names(&own, name) == 0) {
			expect_cell(&mibpicture[i], response);
			return;
		}
	}
	if (type != SNMP_NOSUCHINSTANCE && type != SNMP_NOSUCHOBJECT)
		row_number(mibask_print(name), "type", type, SNMP_NOSUCHINSTANCE);
	row_number(mibask_print(name), "error", response->errstat, 0);
	snmp_free_pdu(response);
}

/* The parts below the module in turn less, more, and at the ends of what there is. */
static void try_around(const struct mibask_name *name,
		       void (*expect)(const struct mibask_name *name))
{
	static const oid odd[] = {0, 1, INT32_MAX, 2147483648, UINT32_MAX};
	const size_t root = mibask_name("").len;
	struct mibask_name other = *name;

	expect(name);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) { /* too long */
		other.o[name->len] = odd[i];
		other.len = name->len + 1;
		expect(&other);
		other.o[name->len + 1] = odd[i];
		other.len = name->len + 2;
		expect(&other);
	}
	for (size_t len = root; len < name->len; len++) {
		other = *name;
		other.len = len; /* too short */
		expect(&other);
		for (size_t i = 0; i < ARRAY_LEN(odd) + 2; i++) {
			other.len = i % 2 ? name->len : len + 1;
			other.o[len] = i < ARRAY_LEN(odd) ? odd[i]
				       : i % 2            ? name->o[len] + 1
							  : name->o[len] - 1;
			expect(&other);
		}
	}
}

static void odd_names_are_followed_by_what_comes_after_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < mibpicture_cells; i++) {
		const struct mibask_name name = mibask_name(mibpicture[i].name);

		try_around(&name, expect_next);
	}
}

static void odd_names_are_nothing_to_a_GET(void **state)
{
	(void)state;
	for (size_t i = 0; i < mibpicture_cells; i++) {
		const struct mibask_name name = mibask_name(mibpicture[i].name);

		try_around(&name, expect_nothing_or_cell);
	}
}

struct missing {
	const char *label, *name;
	int type;
};

static const struct missing missing[] = {
	{"a pid between two", "3.1.3.811", SNMP_NOSUCHINSTANCE},
	{"a pid behind one", "3.1.3.813", SNMP_NOSUCHINSTANCE},
	{"pid 0", "3.1.3.0", SNMP_NOSUCHINSTANCE},
	{"a pid that is none", "3.1.3.2147483648", SNMP_NOSUCHINSTANCE},
	{"the highest number", "3.1.3.4294967295", SNMP_NOSUCHINSTANCE},
	{"a column without an index", "3.1.3", SNMP_NOSUCHINSTANCE},
	{"too long an index", "3.1.3.812.0", SNMP_NOSUCHINSTANCE},
	{"half an index", "4.1.2.812", SNMP_NOSUCHINSTANCE},
	{"file 0", "4.1.2.812.0", SNMP_NOSUCHINSTANCE},
	{"a file of the next process", "4.1.2.812.2", SNMP_NOSUCHINSTANCE},
	{"a library that is none", "5.1.2.1", SNMP_NOSUCHINSTANCE},
	{"the index itself", "3.1.1.812", SNMP_NOSUCHOBJECT},
	{"a column behind the last", "3.1.16.812", SNMP_NOSUCHOBJECT},
	{"an entry that is none", "3.2.3.812", SNMP_NOSUCHOBJECT},
	{"another instance of a scalar", "1.2.1", SNMP_NOSUCHINSTANCE},
	{"a scalar behind the last", "1.10.0", SNMP_NOSUCHOBJECT},
	{"what only notifications have", "6.1.0", SNMP_NOSUCHOBJECT},
};

static void what_is_missing_is_told_as_such(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
		const struct mibask_name name = mibask_name(missing[i].name);

		expect_exception(missing[i].label, missing[i].type,
				 mibask_one(&ask, SNMP_MSG_GET, &name));
	}
}

static void nothing_can_be_set(void **state)
{
	static const char *const names[] = {
		"1.2.0",       "2.2.0",           "3.1.3.812", "3.1.3.9",
		"4.1.2.812.1", "5.1.2.868825601", "1.99.0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct mibask_name name = mibask_name(names[i]);
		netsnmp_pdu *request = snmp_pdu_create(SNMP_MSG_SET), *response;

		mibask_add(request, &name, "x");
		request->version = SNMP_VERSION_2c;
		request->community = (u_char *)strdup("x");
		request->community_len = 1;
		response = mibask_send(&ask, request);
		row_number(names[i], "error", response->errstat, SNMP_ERR_NOTWRITABLE);
		snmp_free_pdu(response);
	}
	every_object_is_there_for_a_GET(state);
}

static int begin_all(void **state)
{
	(void)state;
	mibask_begin(&ask, mibpicture_snapshot());
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
		cmocka_unit_test(a_walk_sees_every_object_once_and_in_order),
		cmocka_unit_test(every_object_is_there_for_a_GET),
		cmocka_unit_test(one_request_asks_for_all),
		cmocka_unit_test(odd_names_are_followed_by_what_comes_after_them),
		cmocka_unit_test(odd_names_are_nothing_to_a_GET),
		cmocka_unit_test(what_is_missing_is_told_as_such),
		cmocka_unit_test(nothing_can_be_set),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
