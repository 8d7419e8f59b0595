/*
 * live_folders.c - the folders of mapped code that a scan lists, on real processes.
 */
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "test.h"

#define LIB "libx.so.1"

/* How often a folder is among those of the last run. */
static int count(const struct stale_scanner *scanner, const char *folder)
{
	size_t n;
	const char *const *folders = stale_scanner_folders(scanner, &n);
	int times = 0;

	for (size_t i = 0; i < n; i++)
		times += strcmp(folders[i], folder) == 0;
	return times;
}

static struct stale_scanner *new_scanner(const struct stale_options *opt)
{
	struct stale_scanner *scanner;

	assert_int_equal(stale_scanner_new(opt, &scanner), 0);
	return scanner;
}

/* Scans by each method; the folder of that name (below ours, or absolute) must be listed
 * that often. */
static void assert_listed(const struct live *live, const char *name, int times)
{
	const enum stale_method methods[] = {STALE_METHOD_MAPS,
					     STALE_METHOD_PROCMAP_QUERY};
	char *folder = live_path(live, name);

	for (size_t i = 0; i < 1 + (size_t)livecheck_has_query(); i++) {
		struct stale_options opt = livecheck_options(live);
		struct stale_scanner *scanner;

		opt.method = methods[i];
		opt.want_folders = true;
		scanner = new_scanner(&opt);
		assert_int_equal(stale_scanner_run(scanner), 0);
		row_number(stale_method_name(methods[i]), folder, count(scanner, folder),
			   times);
		stale_scanner_free(scanner);
	}
	free(folder);
}

/* A process that maps a library of ours. */
static pid_t map_lib(struct live *live, const char *lib, const char *letters)
{
	char *path = live_path(live, lib);
	pid_t pid;

	live_lib(live, lib, LIB, 'a');
	pid = live_start(live, "map", path, letters)->pid;
	free(path);
	return pid;
}

static void a_folder_of_mapped_libraries_is_listed_once(void **state)
{
	struct live *live = *state;

	live_mkdir(live, "l");
	map_lib(live, "l/liba.so.1", "rx");
	map_lib(live, "l/libb.so.1", "rx");
	assert_listed(live, "l", 1);
}

static void a_folder_of_mapped_data_is_not_listed(void **state)
{
	struct live *live = *state;

	live_mkdir(live, "l");
	live->opt.kinds = STALE_KIND_CODE | STALE_KIND_BIT(STALE_DATA);
	map_lib(live, "l/data", "r");
	assert_listed(live, "l", 0);
}

static void the_folder_of_a_removed_library_is_listed(void **state)
{
	struct live *live = *state;

	live_mkdir(live, "l");
	map_lib(live, "l/" LIB, "rx");
	live_unlink(live, "l/" LIB);
	assert_listed(live, "l", 1);
}

static void the_folder_of_a_program_is_listed(void **state)
{
	struct live *live = *state;
	char *program = live_path(live, "bin/x");

	live_mkdir(live, "bin");
	live_program(live, "bin/x", "tests/holder", 'a');
	live_spawn(live, program, (const char *const[]){NULL});
	assert_listed(live, "bin", 1);
	free(program);
}

/* And that which has the name that the text of maps shows of the other. */
static void a_folder_with_a_newline_is_listed_as_it_is(void **state)
{
	struct live *live = *state;

	if (!live_sees_old_inodes())
		live_skip(live, "map_files cannot be read");
	live_mkdir(live, "a\nb");
	live_mkdir(live, "a\\012b");
	live_mkdir(live, "c\nd");
	live_mkdir(live, "e\\012f");
	map_lib(live, "a\\012b/" LIB, "rx");
	map_lib(live, "a\nb/" LIB, "rx");
	map_lib(live, "c\nd/" LIB, "rx");
	map_lib(live, "e\\012f/" LIB, "rx");
	assert_listed(live, "a\nb", 1);
	assert_listed(live, "a\\012b", 1);
	assert_listed(live, "c\nd", 1);
	assert_listed(live, "c\\012d", 0);
	assert_listed(live, "e\\012f", 1);
	assert_listed(live, "e\nf", 0);
}

static void folders_of_a_chroot_are_not_listed(void **state)
{
	struct live *live = *state;
	static const char lib[] = "/l/" LIB;
	char *jail = live_path(live, "jail");

	live_need_root(live);
	live_mkdir(live, "jail");
	live_mkdir(live, "jail/l");
	live_lib(live, "jail/l/" LIB, LIB, 'a');
	live_start(live, "chroot", jail, "map", lib, "rx");
	assert_listed(live, "jail/l", 0);
	assert_listed(live, "/l", 0);
	free(jail);
}

/* Then its name is "/", as that of ours is. */
static void folders_of_a_root_that_is_unmounted_are_not_listed(void **state)
{
	struct live *live = *state;
	static const char lib[] = "/in-no-root/" LIB;
	char *jail = live_path(live, "jail");

	live_own_mounts(live);
	live_mkdir(live, "jail");
	live_mount(live, "tmpfs", "jail", NULL);
	live_mkdir(live, "jail/in-no-root");
	live_lib(live, "jail/in-no-root/" LIB, LIB, 'a');
	live_start(live, "chroot", jail, "map", lib, "rx");
	assert_int_equal(umount2(live->mounts[0], MNT_DETACH), 0);
	assert_listed(live, "/in-no-root", 0);
	free(jail);
}

static void folders_of_other_mount_namespaces_are_not_listed(void **state)
{
	struct live *live = *state;
	char *path = live_path(live, "l/" LIB);

	live_need_root(live);
	live_mkdir(live, "l");
	live_lib(live, "l/" LIB, LIB, 'a');
	live_start(live, "mntns", "map", path, "rx");
	assert_listed(live, "l", 0);
	free(path);
}

/* What else is executable and mapped lies in no folder. */
static void objects_of_the_kernel_have_no_folder(void **state)
{
	struct live *live = *state;
	char *folder = live_path(live, "t");

	live_mkdir(live, "t");
	live_start(live, "memfd", "x", "zero", "sysv", "tmpfile", folder);
	assert_listed(live, "/", 0);
	assert_listed(live, "/dev", 0);
	assert_listed(live, "t", 0);
	free(folder);
}

static void each_run_begins_anew(void **state)
{
	struct live *live = *state;
	struct stale_options opt;
	struct stale_scanner *scanner;
	char *l;
	char *m;
	size_t n;

	live_mkdir(live, "l");
	live_mkdir(live, "m");
	l = live_path(live, "l");
	m = live_path(live, "m");
	map_lib(live, "l/" LIB, "rx");
	map_lib(live, "m/" LIB, "rx");
	opt = livecheck_options(live);
	opt.want_folders = true;
	scanner = new_scanner(&opt);
	assert_null(stale_scanner_folders(scanner, &n));
	assert_int_equal(n, 0);
	assert_int_equal(stale_scanner_run(scanner), 0);
	assert_int_equal(count(scanner, l) + count(scanner, m), 2);
	live_unwatch(live, live->processes[live->nprocesses - 1].pid);
	opt.npids = live->npids;
	assert_int_equal(stale_scanner_run(scanner), 0);
	assert_int_equal(count(scanner, l), 1);
	assert_int_equal(count(scanner, m), 0);
	opt.want_folders = false;
	assert_int_equal(stale_scanner_run(scanner), 0);
	assert_null(stale_scanner_folders(scanner, &n));
	assert_int_equal(n, 0);
	stale_scanner_free(scanner);
	free(l);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_folder_of_mapped_libraries_is_listed_once),
		LIVE_TEST(a_folder_of_mapped_data_is_not_listed),
		LIVE_TEST(the_folder_of_a_removed_library_is_listed),
		LIVE_TEST(the_folder_of_a_program_is_listed),
		LIVE_TEST(a_folder_with_a_newline_is_listed_as_it_is),
		LIVE_TEST(folders_of_a_chroot_are_not_listed),
		LIVE_TEST(folders_of_other_mount_namespaces_are_not_listed),
		LIVE_TEST(objects_of_the_kernel_have_no_folder),
		LIVE_TEST(each_run_begins_anew),
		/* Last: in a mount namespace of our own from here on. */
		LIVE_TEST(folders_of_a_root_that_is_unmounted_are_not_listed),
	};

	return cmocka_run_group_tests_name("folders of processes", tests, NULL, NULL);
}
