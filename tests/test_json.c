/*
 * test_json.c - the JSON object: its keys in their order, and values as they were found.
 *
 * Read back with a library, so that what is written by hand is JSON for others, too.
 */
#include "tests/test.h"

#include <errno.h>
#include <jansson.h>

#include "json.h"
#include "packages.h"
#include "tests/support/golden.h"
#include "tests/support/viewmake.h"

struct rendered {
	struct viewmake m;
	struct rules rules;
	struct json json;
	struct buf out;
	json_t *root;
};

static void begin(struct rendered *r)
{
	memset(r, 0, sizeof(*r));
	viewmake_init(&r->m);
	r->rules.unreadable = STATE_UNKNOWN;
	r->rules.timeout = STATE_UNKNOWN;
	r->rules.limits.warning[METRIC_PROCESSES].set = true;
}

static void end(struct rendered *r)
{
	json_decref(r->root);
	buf_release(&r->out);
}

static void render(struct rendered *r)
{
	struct verdict verdict;
	json_error_t error;

	end(r);
	viewmake_count(&r->m);
	verdict_reach(&r->m.view, &r->rules, &verdict);
	assert_int_equal(json_render(&r->m.view, &verdict, &r->json, &r->out), 0);
	assert_ptr_equal(strchr(r->out.s, '\n'), r->out.s + r->out.len - 1);
	r->root = json_loadb(r->out.s, r->out.len,
			     JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
	if (!r->root)
		print_error("%s at %d in\n%s\n", error.text, error.position, r->out.s);
	assert_non_null(r->root);
}

static void expect_golden(struct rendered *r, const char *name)
{
	render(r);
	assert_int_equal(golden_check(name, r->out.s, r->out.len), 0);
}

/* The first process of the answer. */
static const json_t *first_proc(const struct rendered *r)
{
	return json_array_get(json_object_get(r->root, "processes"), 0);
}

static const json_t *first_file(const struct rendered *r)
{
	return json_array_get(json_object_get(first_proc(r), "files"), 0);
}

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static double number_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static void hostile_strings_are_in_printable_form(void **state)
{
	static const struct row {
		const char *s, *want;
	} rows[] = {
		{"a\"b", "a\"b"},
		{"a\\b", "a\\\\b"},
		{"\n\t\r", "\\n\\t\\r"},
		{"\033[2J\001\177", "\\x1b[2J\\x01\\x7f"},
		{"\xff\xe2\x82", "\\xff\\xe2\\x82"},
		{"\xc2\x85", "\\xc2\\x85"},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"|;<>&'", "|;<>&'"},
		{"\"},{\"pid\":1", "\"},{\"pid\":1"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *s = rows[i].s, *want = rows[i].want;
		struct rendered r;

		begin(&r);
		viewmake_proc(&r.m, 1, s)->exe = s;
		viewmake_file(&r.m, s, STALE_DELETED, 1)->successor = s;
		viewmake_ignored(&r.m, 1, s, s);
		r.m.procs[0].cmdline = s;
		r.m.procs[0].cmdline_len = strlen(s) + 1;
		r.json = (struct json){true, true};
		render(&r);
		assert_string_equal(text_at(first_proc(&r), "comm"), want);
		assert_string_equal(text_at(first_proc(&r), "exe"), want);
		assert_string_equal(text_at(first_file(&r), "path"), want);
		assert_string_equal(text_at(first_file(&r), "successor"), want);
		assert_string_equal(
			text_at(json_array_get(json_object_get(r.root, "ignored"), 0),
				"rule"),
			want);
		assert_string_equal(
			json_string_value(json_array_get(
				json_object_get(first_proc(&r), "cmdline"), 0)),
			want);
		end(&r);
	}
}

static void a_scan_without_a_find_has_all_keys(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	expect_golden(&r, "json-ok.json");
	assert_string_equal(text_at(r.root, "state"), "OK");
	assert_true(json_is_true(
		json_object_get(json_object_get(r.root, "scan"), "complete")));
	end(&r);
}

static void everything_that_was_found_is_told(void **state)
{
	static const uint8_t build_id[] = {0x00, 0x1a, 0xff};
	struct stale_file *file;
	struct stale_proc *proc;
	struct rendered r;

	(void)state;
	begin(&r);
	proc = viewmake_proc(&r.m, 812, "sshd");
	proc->exe = "/usr/sbin/sshd";
	proc->cmdline = "sshd\0-D\0\0";
	proc->cmdline_len = 9;
	proc->start_ticks = UINT64_MAX;
	file = viewmake_file(&r.m, "/usr/lib/libssl.so.3", STALE_REPLACED, 93600);
	file->successor = "/usr/lib/libssl.so.3";
	file->build_id = build_id;
	file->build_id_len = sizeof(build_id);
	file->inode = UINT64_MAX;
	viewmake_file(&r.m, "/usr/lib/libz.so.1", STALE_REINSTALLED, 60);
	file = viewmake_file(&r.m, "/usr/sbin/sshd", STALE_DELETED, -1);
	file->kind = STALE_EXE;
	viewmake_proc(&r.m, 977, "cron")->started = 0;
	viewmake_file(&r.m, "/x", STALE_SUPERSEDED, 5)->since_source =
		STALE_SINCE_SUCCESSOR_CHANGE;
	viewmake_ignored(&r.m, 9, "/tmp/jna1.tmp", "self-unlinked name");
	viewmake_unreadable(&r.m, 1, EACCES);
	viewmake_unreadable(&r.m, 2, 9999);
	r.json = (struct json){true, true};
	expect_golden(&r, "json-all.json");
	end(&r);
}

static void inode_numbers_beyond_63_bits_stay_numbers(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, 1)->inode = UINT64_MAX;
	render(&r);
	assert_non_null(strstr(r.out.s, "\"inode\":1.84467440737096e19,"));
	end(&r);
}

static void ages_are_nought_null_or_a_number(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	render(&r);
	assert_true(number_at(json_object_get(r.root, "totals"), "age_seconds") == 0);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, -1);
	render(&r);
	assert_true(json_is_null(
		json_object_get(json_object_get(r.root, "totals"), "age_seconds")));
	assert_true(json_is_null(json_object_get(first_file(&r), "age_seconds")));
	assert_true(json_is_null(json_object_get(first_file(&r), "since")));
	viewmake_file(&r.m, "/y", STALE_DELETED, 93600);
	render(&r);
	assert_true(number_at(json_object_get(r.root, "totals"), "age_seconds") == 93600);
	end(&r);
}

static void a_clock_that_went_back_makes_no_negative_age(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, -1);
	r.m.files[0].since = VIEWMAKE_NOW + 60;
	r.m.files[0].since_source = STALE_SINCE_OLD_INODE;
	render(&r);
	assert_true(number_at(first_file(&r), "age_seconds") == 0);
	assert_true(number_at(json_object_get(r.root, "totals"), "age_seconds") == 0);
	end(&r);
}

static void what_does_not_count_is_told_as_such(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_REINSTALLED, 1);
	render(&r);
	assert_string_equal(text_at(r.root, "state"), "OK");
	assert_true(json_is_false(json_object_get(first_proc(&r), "counted")));
	assert_true(json_is_false(json_object_get(first_file(&r), "counted")));
	assert_true(number_at(json_object_get(r.root, "totals"), "processes") == 0);
	end(&r);
}

static void command_lines_and_ignored_files_appear_on_request_only(void **state)
{
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, 1);
	viewmake_ignored(&r.m, 1, "/y", "rule");
	r.m.procs[0].cmdline = "secret";
	r.m.procs[0].cmdline_len = 7;
	render(&r);
	assert_null(strstr(r.out.s, "secret"));
	assert_null(json_object_get(r.root, "ignored"));
	assert_true(number_at(json_object_get(r.root, "totals"), "ignored") == 1);
	r.json.show_args = true;
	render(&r);
	assert_int_equal(json_array_size(json_object_get(first_proc(&r), "cmdline")), 1);
	/* cleared by its process */
	r.m.procs[0].cmdline = NULL;
	r.m.procs[0].cmdline_len = 0;
	render(&r);
	assert_int_equal(json_array_size(json_object_get(first_proc(&r), "cmdline")), 0);
	end(&r);
}

/* The limit of the reader cuts the NUL off. */
static void the_last_argument_needs_no_NUL(void **state)
{
	struct rendered r;
	char *args = exact_copy("a\0bc", 4);

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/x", STALE_DELETED, 1);
	r.m.procs[0].cmdline = args;
	r.m.procs[0].cmdline_len = 4;
	r.json.show_args = true;
	render(&r);
	assert_non_null(strstr(r.out.s, "\"cmdline\":[\"a\",\"bc\"]"));
	free(args);
	end(&r);
}

static void an_incomplete_scan_is_told(void **state)
{
	struct rendered r;
	const json_t *scan;

	(void)state;
	begin(&r);
	r.m.info.finished = false;
	r.m.info.hidden = true;
	r.m.view.timed_out = true;
	r.m.view.privileged = false;
	r.m.info.method = STALE_METHOD_MAPS;
	render(&r);
	scan = json_object_get(r.root, "scan");
	assert_string_equal(text_at(r.root, "state"), "UNKNOWN");
	assert_true(json_is_false(json_object_get(scan, "complete")));
	assert_true(json_is_true(json_object_get(scan, "timed_out")));
	assert_true(json_is_true(json_object_get(scan, "hidden")));
	assert_true(json_is_false(json_object_get(scan, "privileged")));
	assert_string_equal(text_at(scan, "method"), "maps");
	end(&r);
}

/* A value by its path of keys, from the first process on. */
static const json_t *proc_value(const struct rendered *r, const char *key)
{
	return json_object_get(first_proc(r), key);
}

static void whose_a_process_is_and_what_renews_it_is_told(void **state)
{
	struct stale_proc *proc;
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_users(&r.m, "al\"ice:x:1000:1000::/:/bin/sh\n");
	proc = viewmake_unit(&r.m, 1, "x", STALE_SCOPE_SESSION, "session-3.scope");
	proc->is_leftover = true;
	viewmake_file(&r.m, "/x", STALE_DELETED, 1);
	render(&r);
	assert_string_equal(text_at(first_proc(&r), "user"), "al\"ice");
	assert_string_equal(text_at(first_proc(&r), "scope"), "session");
	assert_string_equal(text_at(first_proc(&r), "unit"), "session-3.scope");
	assert_string_equal(text_at(first_proc(&r), "advice"), "relogin");
	assert_true(json_is_true(proc_value(&r, "leftover")));
	assert_true(json_is_false(proc_value(&r, "counted")));
	assert_true(json_is_null(proc_value(&r, "container")));
	proc->uid = 1001; /* nobody's number */
	render(&r);
	assert_true(json_is_null(proc_value(&r, "user")));
	viewmake_release(&r.m);
	end(&r);
}

static void a_container_has_its_runtime_and_its_whole_id(void **state)
{
	static const char id[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_container(&r.m, 1, "x", "docker", id);
	viewmake_file(&r.m, "/x", STALE_DELETED, 1);
	render(&r);
	assert_string_equal(text_at(proc_value(&r, "container"), "runtime"), "docker");
	assert_string_equal(text_at(proc_value(&r, "container"), "id"), id);
	assert_string_equal(text_at(first_proc(&r), "scope"), "container");
	assert_string_equal(text_at(first_proc(&r), "advice"), "restart-container");
	assert_true(json_is_null(proc_value(&r, "unit")));
	end(&r);
}

static void the_totals_are_complete(void **state)
{
	static const struct row {
		const char *key;
		size_t offset;
	} rows[] = {
		{"processes", offsetof(struct stale_totals, processes)},
		{"services", offsetof(struct stale_totals, services)},
		{"containers", offsetof(struct stale_totals, containers)},
		{"sessions", offsetof(struct stale_totals, sessions)},
		{"files", offsetof(struct stale_totals, files)},
		{"reboot", offsetof(struct stale_totals, reboot)},
		{"data_files", offsetof(struct stale_totals, data_files)},
		{"fd_files", offsetof(struct stale_totals, fd_files)},
	};
	struct verdict verdict = {0};
	struct rendered r;

	(void)state;
	begin(&r);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		*(size_t *)((char *)&r.m.view.totals + rows[i].offset) = 100 + i;
	r.m.view.totals.fd_bytes = INT64_C(1) << 40;
	assert_int_equal(json_render(&r.m.view, &verdict, &r.json, &r.out), 0);
	r.root = json_loadb(r.out.s, r.out.len, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_number(rows[i].key, "value",
			   (int64_t)number_at(json_object_get(r.root, "totals"),
					      rows[i].key),
			   100 + (int64_t)i);
	assert_true(number_at(json_object_get(r.root, "totals"), "fd_bytes") ==
		    1099511627776.0);
	end(&r);
}

static void open_files_have_a_descriptor_and_a_size(void **state)
{
	struct stale_file *file;
	struct rendered r;

	(void)state;
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	file = viewmake_file(&r.m, "/x", STALE_DELETED, 1);
	file->kind = STALE_FD;
	file->fd = 0;
	file->bytes = 0;
	render(&r);
	assert_string_equal(text_at(first_file(&r), "kind"), "fd");
	assert_true(number_at(first_file(&r), "fd") == 0);
	assert_true(number_at(first_file(&r), "bytes") == 0);
	assert_true(json_is_null(json_object_get(first_file(&r), "package")));
	file->fd = -1;
	file->bytes = -1;
	render(&r);
	assert_true(json_is_null(json_object_get(first_file(&r), "fd")));
	assert_true(json_is_null(json_object_get(first_file(&r), "bytes")));
	end(&r);
}

/* Of this machine, where it has dpkg. */
static void the_package_of_a_file_is_told_where_it_is_known(void **state)
{
	static const char *const paths[] = {"/usr/bin/dpkg", "/nonexistent"};
	struct packages *packages;
	const json_t *package;
	struct rendered r;

	(void)state;
	assert_int_equal(packages_find(paths, 2, INT64_MAX, &packages), 0);
	if (!packages_of(packages, paths[0])) {
		packages_free(packages);
		print_message("# skip the_package_of_a_file_is_told: no dpkg here\n");
		skip();
	}
	begin(&r);
	viewmake_proc(&r.m, 1, "x");
	viewmake_file(&r.m, "/nonexistent", STALE_DELETED, 1);
	viewmake_file(&r.m, "/usr/bin/dpkg", STALE_DELETED, 1);
	r.m.view.packages = packages;
	render(&r);
	assert_true(json_is_null(json_object_get(first_file(&r), "package")));
	package = json_object_get(
		json_array_get(json_object_get(first_proc(&r), "files"), 1), "package");
	assert_string_equal(text_at(package, "name"), "dpkg");
	assert_string_equal(text_at(package, "version"),
			    packages_of(packages, paths[0])->version);
	packages_free(packages);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_strings_are_in_printable_form),
		cmocka_unit_test(a_scan_without_a_find_has_all_keys),
		cmocka_unit_test(everything_that_was_found_is_told),
		cmocka_unit_test(inode_numbers_beyond_63_bits_stay_numbers),
		cmocka_unit_test(ages_are_nought_null_or_a_number),
		cmocka_unit_test(a_clock_that_went_back_makes_no_negative_age),
		cmocka_unit_test(what_does_not_count_is_told_as_such),
		cmocka_unit_test(command_lines_and_ignored_files_appear_on_request_only),
		cmocka_unit_test(the_last_argument_needs_no_NUL),
		cmocka_unit_test(an_incomplete_scan_is_told),
		cmocka_unit_test(whose_a_process_is_and_what_renews_it_is_told),
		cmocka_unit_test(a_container_has_its_runtime_and_its_whole_id),
		cmocka_unit_test(the_totals_are_complete),
		cmocka_unit_test(open_files_have_a_descriptor_and_a_size),
		cmocka_unit_test(the_package_of_a_file_is_told_where_it_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
