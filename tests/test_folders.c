/*
 * test_folders.c - which folders are kept, without a process: live_folders.c has some.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>

#include "scan/folders.h"

#define LOCAL  (UINT64_C(8) << 32 | 1)
#define SECOND (UINT64_C(8) << 32 | 2)
#define REMOTE (UINT64_C(0) << 32 | 99)

/* A process in our root, whose mounts are known; one of them is remote. */
struct scene {
	struct mountinfo_line remote;
	struct mounts mounts;
	struct root root;
	struct judge_process process;
	struct folders folders;
};

static void scene_init(struct scene *s)
{
	*s = (struct scene){
		.remote = {REMOTE, MOUNTINFO_REMOTE},
		.mounts = {.is_loaded = true,
			   .is_known = true,
			   .remote = &s->remote,
			   .nremote = 1},
		.root = {.mounts = &s->mounts, .prefix = {"/", 1}, .same_mounts = true},
		.process = {.root = &s->root, .dirfd = -1, .mapsfd = -1, .rootfd = -1},
	};
	assert_int_equal(lookup_mark(AT_FDCWD, "/", &s->root.self), 0);
	folders_init(&s->folders, 4711);
}

static void take(struct scene *s, const char *name, uint64_t device)
{
	struct mapping mapping = {
		.end = 4096, .device = device, .inode = 42, .is_executable = true};
	char *exact = exact_copy(name, strlen(name));

	mapping.name = (struct name){exact, strlen(name)};
	assert_int_equal(folders_take(&s->folders, &s->process, &mapping), 0);
	free(exact);
}

static void the_folder_of_a_name_is_what_stands_before_its_end(void **state)
{
	const struct row {
		const char *name;
		const char *folder; /* NULL: none */
	} rows[] = {
		{"/usr/lib/libz.so.1", "/usr/lib"},
		{"/usr/lib/libz.so.1 (deleted)", "/usr/lib"},
		{"(deleted)/usr/lib/libz.so.1", "/usr/lib"},
		{"/usr/lib/x;5f3a91c2", "/usr/lib"},
		{"/x", "/"},
		{"/x (deleted)", "/"},
		{"/a (deleted)/x", "/a (deleted)"},
		{"/dev/shm/x", "/dev/shm"},
		{"/lib/SYSV00000000", "/lib"},
		{"x", NULL},
		{"lib/x", NULL},
		{"(unreachable)/lib/x", NULL},
		{"anon_inode:[x]", NULL},
		{"/memfd:x (deleted)", NULL},
		{"/SYSV00000000 (deleted)", NULL},
		{"/dev/zero (deleted)", NULL},
		{"/[aio] (deleted)", NULL},
		{"/srv/#42 (deleted)", NULL},
		{"/srv/#43 (deleted)", "/srv"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		scene_init(&s);
		take(&s, rows[i].name, LOCAL);
		row_number(rows[i].name, "folders", s.folders.n, rows[i].folder != NULL);
		if (rows[i].folder)
			row_text(rows[i].name, "folder", s.folders.list[0],
				 strlen(s.folders.list[0]), rows[i].folder);
		folders_release(&s.folders);
	}
}

static void a_folder_is_listed_once_on_however_many_devices(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	take(&s, "/l/a", LOCAL);
	take(&s, "/l/a", LOCAL);
	take(&s, "/l/b", LOCAL);
	take(&s, "/l/b", SECOND);
	take(&s, "/l/c (deleted)", SECOND);
	assert_int_equal(s.folders.n, 1);
	take(&s, "/m/a", SECOND);
	assert_int_equal(s.folders.n, 2);
	folders_release(&s.folders);
}

static void a_folder_of_another_host_is_left_out(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	take(&s, "/l/a", REMOTE);
	take(&s, "/l/b", REMOTE);
	assert_int_equal(s.folders.n, 0);
	take(&s, "/l/c", LOCAL); /* beside it on one of ours: a mount upon a file */
	assert_int_equal(s.folders.n, 1);
	s.mounts.is_known = false;
	take(&s, "/m/c", LOCAL);
	assert_int_equal(s.folders.n, 1);
	folders_release(&s.folders);
}

static void folders_of_other_roots_are_left_out(void **state)
{
	const struct row {
		const char *label;
		struct root root; /* what is not zero is other than in ours */
	} rows[] = {
		{"name", {.prefix = {"/jail", 5}}},
		{"name of the same length", {.prefix = {"x", 1}}},
		{"inode", {.self = {.inode = 1}}},
		{"device", {.self = {.device = 1}}},
		{"mount", {.self = {.mount = 1}}},
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct root *other = &rows[i].root;

		scene_init(&s);
		if (other->prefix.len)
			s.root.prefix = other->prefix;
		s.root.self.inode += other->self.inode;
		s.root.self.device += other->self.device;
		s.root.self.mount += other->self.mount;
		take(&s, "/l/a", LOCAL);
		row_number(rows[i].label, "folders", s.folders.n, 0);
		folders_release(&s.folders);
	}
	scene_init(&s);
	s.root.same_mounts = false;
	take(&s, "/l/a", LOCAL);
	assert_int_equal(s.folders.n, 0);
	folders_release(&s.folders);
}

/* From process to process the root changes; what was said of one holds for no other. */
static void every_process_is_asked_for_its_root(void **state)
{
	struct scene s;
	struct root jail;

	(void)state;
	scene_init(&s);
	jail = s.root;
	jail.prefix = (struct name){"/jail", 5};
	for (int i = 0; i < 2; i++) {
		s.process.root = &jail;
		take(&s, "/jail/lib/a", LOCAL);
		s.process.root = &s.root;
		take(&s, "/l/a", LOCAL);
	}
	assert_int_equal(s.folders.n, 1);
	assert_string_equal(s.folders.list[0], "/l");
	folders_release(&s.folders);
}

static int compare_texts(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static void folders_beyond_the_limit_are_left_out(void **state)
{
	struct scene s;
	char name[64];

	(void)state;
	scene_init(&s);
	/* More that are not wanted than are remembered. */
	for (int i = 0; i < 5 * FOLDERS_MAX; i++) {
		snprintf(name, sizeof(name), "/far/%d/a", i);
		take(&s, name, REMOTE);
	}
	assert_int_equal(s.folders.n, 0);
	assert_in_range(s.folders.seen.n, FOLDERS_MAX, 4 * FOLDERS_MAX);
	for (int i = 0; i < FOLDERS_MAX + 100; i++) {
		snprintf(name, sizeof(name), "/near/%d/a", i);
		take(&s, name, LOCAL);
		take(&s, name, LOCAL);
	}
	assert_int_equal(s.folders.n, FOLDERS_MAX);
	qsort(s.folders.list, s.folders.n, sizeof(*s.folders.list), compare_texts);
	for (size_t i = 1; i < s.folders.n; i++)
		assert_string_not_equal(s.folders.list[i - 1], s.folders.list[i]);
	folders_release(&s.folders);
}

static void what_was_listed_outlives_the_scan(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	take(&s, "/l/a", LOCAL);
	folders_finish(&s.folders);
	assert_int_equal(s.folders.n, 1);
	assert_string_equal(s.folders.list[0], "/l");
	folders_release(&s.folders);
	assert_int_equal(s.folders.n, 0);
	folders_release(&s.folders); /* nothing, twice */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_folder_of_a_name_is_what_stands_before_its_end),
		cmocka_unit_test(a_folder_is_listed_once_on_however_many_devices),
		cmocka_unit_test(a_folder_of_another_host_is_left_out),
		cmocka_unit_test(folders_of_other_roots_are_left_out),
		cmocka_unit_test(every_process_is_asked_for_its_root),
		cmocka_unit_test(folders_beyond_the_limit_are_left_out),
		cmocka_unit_test(what_was_listed_outlives_the_scan),
	};

	return cmocka_run_group_tests_name("folders", tests, NULL, NULL);
}
