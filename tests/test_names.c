/*
 * test_names.c - what the name of a mapped file tells, and the files whose names only
 * resemble those of kernel objects, marks and temporary files.
 */
#include "test.h"

#include "scan/names.h"

/* A name that is not ended by NUL: the byte behind it belongs to nobody. */
static struct name name_of(const char *s)
{
	return (struct name){exact_copy(s, strlen(s)), strlen(s)};
}

static void name_free(struct name name)
{
	free((void *)(uintptr_t)name.s);
}

struct predicate_row {
	const char *s;
	bool want;
};

static void check_predicate(bool (*is)(struct name), const struct predicate_row *rows,
			    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct name name = name_of(rows[i].s);

		row_number(rows[i].s, "answer", is(name), rows[i].want);
		name_free(name);
	}
}

static void mark_is_taken_off_once(void **state)
{
	static const struct {
		const char *s;
		const char *rest; /* NULL: no mark */
	} rows[] = {
		{"/a.so (deleted) (deleted)", "/a.so (deleted)"},
		{"(deleted)/a.so (deleted)", "(deleted)/a.so"},
		{"(deleted)(deleted)/a.so", NULL},
		{"/a.so (deleted)", "/a.so"},
		{"/a b.so  (deleted)", "/a b.so "},
		{"/(deleted) (deleted)", "/(deleted)"},
		{"(deleted)/usr/lib/a.so", "/usr/lib/a.so"},
		{"(deleted) /usr/lib/a.so", "/usr/lib/a.so"},
		{"(deleted)  /usr/lib/a.so", NULL},
		{"(deleted)usr/lib/a.so", NULL},
		{"(deleted)", NULL},
		{"(deleted) ", NULL},
		{" (deleted)", NULL},
		{"/a.so(deleted)", NULL},
		{"/a.so (deleted) ", NULL},
		{"/a.so (Deleted)", NULL},
		{"/a (deleted)/b.so", NULL},
		{"/a.so (deleted", NULL},
		{"/a.so", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name name = name_of(rows[i].s), rest = {NULL, 0};

		row_number(rows[i].s, "mark", name_unmark(name, &rest), !!rows[i].rest);
		row_text(rows[i].s, "rest", rest.s, rest.len,
			 rows[i].rest ? rows[i].rest : rows[i].s);
		name_free(name);
	}
}

static const struct {
	const char *s;
	uint64_t inode;
	bool want;
} object_rows[] = {
	{"/lib/SYSV00000000", 7, false},
	{"/usr/lib/i915", 7, false},
	{"/usr/lib/memfd:x", 7, false},
	{"/x/drm mm object", 7, false},
	{"/x/[aio]", 7, false},
	{"/x/anon_inode:y", 7, false},
	{"/x/dev/zero", 7, false},
	{"/memfd:x", 7, true},
	{"/memfd:/usr/lib/libz.so.1", 7, true},
	{"/memfd:", 7, true},
	{"/memfd", 7, false},
	{"memfd:x", 7, false},
	{"/SYSV0000002a", 7, true},
	{"/SYSV0000002", 7, false},
	{"/SYSV0000002a5", 7, false},
	{"/SYSV0000002A", 7, false},
	{"/SYSV0000002g", 7, false},
	{"/SYSV0000002a/x", 7, false},
	{"/SYSV", 7, false},
	{"/dev/zero", 7, true},
	{"/dev/nvidia0", 7, true},
	{"/dev/shm/libx.so", 7, false},
	{"/dev/shmx", 7, true},
	{"/device/x.so", 7, false},
	{"/dev", 7, false},
	{"/[aio]", 7, true},
	{"/[aio]x", 7, false},
	{"/drm", 7, true},
	{"/drm mm object", 7, true},
	{"/drm mm object2", 7, false},
	{"/drm.so", 7, false},
	{"/i915", 7, true},
	{"/i915.so", 7, false},
	{"/anon_hugepage", 7, true},
	{"/secretmem", 7, true},
	{"/secretmem.so", 7, false},
	{"/dmabuf:", 7, true},
	{"/dmabuf:x", 7, true},
	{"/dmabuf", 7, false},
	{"anon_inode:[perf_event]", 7, true},
	{"/anon_inode:x", 7, false},
	{"socket:[9]", 7, true},
	{"pipe:[9]", 7, true},
	{"/tmp/#7", 7, true},
	{"/#7", 7, true},
	{"/a b/#18446744073709551615", UINT64_MAX, true},
	{"/tmp/#0", 0, true},
	{"/tmp/#7", 8, false},
	{"/tmp/#07", 7, false},
	{"/tmp/#17", 7, false},
	{"/tmp/#7x", 7, false},
	{"/tmp/#", 0, false},
	{"/tmp/x#7", 7, false},
	{"/tmp/#7/x", 7, false},
	{"#7", 7, false},
	{"/usr/lib/libz.so.1", 7, false},
	{"/", 7, false},
	{"", 7, false},
};

static void kernel_objects_are_told_by_their_exact_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(object_rows); i++) {
		struct name name = name_of(object_rows[i].s);

		row_number(object_rows[i].s, "answer",
			   name_is_kernel_object(name, object_rows[i].inode),
			   object_rows[i].want);
		name_free(name);
	}
}

static void nfs_names_have_sixteen_hex_digits_or_more(void **state)
{
	static const struct predicate_row rows[] = {
		{"/usr/lib/.nfs0000000001c2a5d300000003", true},
		{".nfs0000000001c2a5d300000003", true},
		{"/.nfs0123456789abcdef", true},
		{"/.nfs0123456789abcde", false},
		{"/.nfs0123456789abcdeg", false},
		{"/.nfs0123456789abcdef.so", false},
		{"/.nfs", false},
		{"/x.nfs0123456789abcdef", false},
		{"/.nfs0123456789abcdef/x", false},
		{"/nfs0123456789abcdef", false},
		{"", false},
	};

	(void)state;
	check_predicate(name_is_nfs_deleted, rows, ARRAY_LEN(rows));
}

static void temporary_names_of_package_managers_are_undone(void **state)
{
	static const struct {
		const char *s;
		const char *want;
	} rows[] = {
		{"#new", "#new"},
		{"/a/#new", "/a/#new"},
		{"/a/;5f3a91c2", "/a/;5f3a91c2"},
		{"/a/.dpkg-new", "/a/.dpkg-new"},
		{"/a/.#prelink#.AbC123", "/a/.#prelink#.AbC123"},
		{";5f3a91c2", ";5f3a91c2"},
		{"/a/libz.so.1;5f3a91c2", "/a/libz.so.1"},
		{"/a/libz.so.1;5f3a91c2e", "/a/libz.so.1"},
		{"/a/x;y;5f3a91c2", "/a/x;y"},
		{"/a/libz.so.1;5f3a91c", "/a/libz.so.1;5f3a91c"},
		{"/a/libz.so.1;5f3a91cz", "/a/libz.so.1;5f3a91cz"},
		{"/a/libz.so.1;5f3a91c2.x", "/a/libz.so.1;5f3a91c2.x"},
		{"/a/libz.so.1;", "/a/libz.so.1;"},
		{"/a;5f3a91c2/x", "/a;5f3a91c2/x"},
		{"/a/x.dpkg-new", "/a/x"},
		{"/a/x.dpkg-old", "/a/x.dpkg-old"},
		{"/a/x.dpkg-new.so", "/a/x.dpkg-new.so"},
		{"/a/xdpkg-new", "/a/xdpkg-new"},
		{"/a/x#new", "/a/x"},
		{"/a/x#new2", "/a/x#new2"},
		{"/a/x.#prelink#.AbC123", "/a/x"},
		{"/a/x.#prelink#.AbC12", "/a/x.#prelink#.AbC12"},
		{"/a/x.#prelink#.AbC1234", "/a/x.#prelink#.AbC1234"},
		{"/a/x.#prelink#.Ab/123", "/a/x.#prelink#.Ab/123"},
		{"/a/x.dpkg-new;5f3a91c2", "/a/x.dpkg-new"},
		{"/a/x", "/a/x"},
		{"/", "/"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name name = name_of(rows[i].s);

		row_text(rows[i].s, "final name", name.s ? name.s : "",
			 name_final_len(name), rows[i].want);
		name_free(name);
	}
}

static void scratch_folders_are_whole_components(void **state)
{
	static const struct predicate_row rows[] = {
		{"/tmpfoo/x", false}, {"/runner/x", false},       {"/var/tmpx", false},
		{"/x/tmp/y", false},  {"tmp/x", false},           {"/tmp", false},
		{"/run", false},      {"/var/lib/x", false},      {"/dev/shmx/y", false},
		{"", false},          {"/tmp/x", true},           {"/var/tmp/x", true},
		{"/run/x", true},     {"/run/user/1000/x", true}, {"/var/run/x", true},
		{"/dev/shm/x", true},
	};

	(void)state;
	check_predicate(name_is_below_scratch, rows, ARRAY_LEN(rows));
}

static void code_that_libraries_unlink_is_known_by_name(void **state)
{
	static const struct predicate_row rows[] = {
		{"libffi.so.8", false},   {"ffi", false},
		{"ffi12345", false},      {"ffi1234567", false},
		{"ffi_ab.so", false},     {"ffiaZ09xy", true},
		{"xffi123456", false},    {"ffi123456", true},
		{"orcexec.AbC123", true}, {"orcexec", false},
		{"xorcexec.1", false},    {"jna123456.tmp", true},
		{"jna.tmp", true},        {"jna123456", false},
		{"jna1.tmp.so", false},   {"xjna1.tmp", false},
		{"nebmodAbC123", true},   {"nebmo", false},
		{"xnebmod1", false},      {"", false},
	};

	(void)state;
	check_predicate(name_is_self_unlinked, rows, ARRAY_LEN(rows));
}

static void soname_candidates_get_shorter_down_to_the_plain_one(void **state)
{
	static const struct {
		const char *s;
		const char *want[5];
	} rows[] = {
		{"libz.so.1.2.11", {"libz.so.1.2", "libz.so.1", "libz.so"}},
		{"libz.so.1.old", {"libz.so.1", "libz.so"}},
		{"libz.so.1~", {"libz.so.1", "libz.so"}},
		{"libz.so-2026.1", {"libz.so-2026", "libz.so"}},
		{"libz.so_1", {NULL}},
		{"libz.so", {NULL}},
		{"libz-1.2.so", {NULL}},
		{"libz.1.2", {NULL}},
		{".so.1", {NULL}},
		{".so.so.1", {".so.so"}},
		{"x.so.", {"x.so"}},
		{"x.so..1", {"x.so.", "x.so"}},
		{"x.s", {NULL}},
		{"", {NULL}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name name = name_of(rows[i].s);
		size_t len = name.len;

		for (size_t j = 0; j < ARRAY_LEN(rows[i].want); j++) {
			len = name_soname_prefix(name, len);
			row_text(rows[i].s, "candidate", len ? name.s : NULL, len,
				 rows[i].want[j]);
			if (!len)
				break;
		}
		name_free(name);
	}
}

static void soname_candidate_below_more_than_the_length_is_the_first(void **state)
{
	const struct name name = {"libz.so.1.2", 11};

	(void)state;
	assert_int_equal(name_soname_prefix(name, SIZE_MAX), 9);
	assert_int_equal(name_soname_prefix(name, 9), 7);
	assert_int_equal(name_soname_prefix(name, 0), 0);
}

static void base_is_what_follows_the_last_slash(void **state)
{
	static const struct {
		const char *s;
		const char *want;
	} rows[] = {
		{"/usr/lib/libz.so.1", "libz.so.1"},
		{"libz.so.1", "libz.so.1"},
		{"/usr/lib/", ""},
		{"/", ""},
		{"/x", "x"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name name = name_of(rows[i].s);
		struct name base = name_base(name);

		row_text(rows[i].s, "base", base.s, base.len, rows[i].want);
		assert_ptr_equal(base.s + base.len, name.s + name.len);
		name_free(name);
	}
}

static void root_is_taken_off_by_whole_components(void **state)
{
	static const struct {
		const char *path;
		const char *prefix;
		const char *want; /* NULL: not below it */
	} rows[] = {
		{"/srv/rootfs/lib/x", "/srv/root", NULL},
		{"/srv/root/lib/x", "/srv/root", "/lib/x"},
		{"/srv/root", "/srv/root", ""},
		{"/srv/roo", "/srv/root", NULL},
		{"/lib/x", "/", "/lib/x"},
		{"/", "/", "/"},
		{"lib/x", "/", NULL},
		{"(unreachable)/x", "/", NULL},
		{"", "/", NULL},
		{"/x", "", NULL},
		{"", "", NULL},
		{"/a b\xff/x", "/a b\xff", "/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name path = name_of(rows[i].path);
		struct name prefix = name_of(rows[i].prefix);
		struct name rest = {NULL, 0};

		row_number(rows[i].path, "answer", name_strip_root(path, prefix, &rest),
			   !!rows[i].want);
		row_text(rows[i].path, "rest", rest.s, rest.len, rows[i].want);
		name_free(path);
		name_free(prefix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mark_is_taken_off_once),
		cmocka_unit_test(kernel_objects_are_told_by_their_exact_form),
		cmocka_unit_test(nfs_names_have_sixteen_hex_digits_or_more),
		cmocka_unit_test(temporary_names_of_package_managers_are_undone),
		cmocka_unit_test(scratch_folders_are_whole_components),
		cmocka_unit_test(code_that_libraries_unlink_is_known_by_name),
		cmocka_unit_test(soname_candidates_get_shorter_down_to_the_plain_one),
		cmocka_unit_test(
			soname_candidate_below_more_than_the_length_is_the_first),
		cmocka_unit_test(base_is_what_follows_the_last_slash),
		cmocka_unit_test(root_is_taken_off_by_whole_components),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
