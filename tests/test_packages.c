/*
 * test_packages.c - who owns a file, asked of this machine's own dpkg.
 */
#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "packages.h"
#include "tool.h"
#include "view.h"

#define SECOND INT64_C(1000000)

static void need_dpkg(const char *test)
{
	if (access("/usr/bin/dpkg-query", X_OK) == 0 &&
	    access("/var/lib/dpkg/status", R_OK) == 0)
		return;
	print_message("# skip %s: no dpkg\n", test);
	skip();
}
#define NEED_DPKG() need_dpkg(__func__)

static struct packages *find(const char *const *paths, size_t n)
{
	struct packages *packages = NULL;

	assert_int_equal(
		packages_find(paths, n, child_clock_us() + 60 * SECOND, &packages), 0);
	assert_int_equal(packages_error(packages), 0);
	return packages;
}

/* What dpkg itself says; release it with buf_release(). */
static void ask_dpkg(const char *package, struct buf *version)
{
	const char *const argv[] = {"/usr/bin/dpkg-query", "-W",    "-f",
				    "${Version}",          package, NULL};

	*version = (struct buf)BUF_INIT;
	assert_int_equal(tool_run(argv, child_clock_us() + 60 * SECOND, version), 0);
}

static void expect(const char *path, const char *name)
{
	struct packages *packages = find(&path, 1);
	const struct package *package = packages_of(packages, path);
	struct buf version;

	if (!name) {
		if (package)
			fail_msg("%s is of %s", path, package->name);
		packages_free(packages);
		return;
	}
	if (!package)
		fail_msg("%s is nobody's", path);
	ask_dpkg(name, &version);
	assert_string_equal(package->name, name);
	assert_string_equal(package->version, version.s);
	buf_release(&version);
	packages_free(packages);
}

/* Where the C library of this test is; a path as maps has it. */
static void find_libc(char path[PATH_MAX])
{
	char line[PATH_MAX + 100];
	FILE *maps = fopen("/proc/self/maps", "re");

	path[0] = '\0';
	assert_non_null(maps);
	while (!path[0] && fgets(line, sizeof(line), maps)) {
		if (strstr(line, "/libc.so.6\n") || strstr(line, "/libc-2"))
			sscanf(strchr(line, '/'), "%4095[^\n]", path);
	}
	fclose(maps);
	assert_true(path[0] == '/');
}

static void the_C_library_is_found_by_either_name(void **state)
{
	char path[PATH_MAX], other[PATH_MAX + 4];
	struct stat a, b;

	(void)state;
	NEED_DPKG();
	find_libc(path);
	expect(path, "libc6");
	if (strncmp(path, "/usr/", 5) == 0)
		snprintf(other, sizeof(other), "%s", path + 4);
	else
		snprintf(other, sizeof(other), "/usr%s", path);
	if (stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_ino == b.st_ino)
		expect(other, "libc6");
}

static void what_dpkg_does_not_know_is_nobodys(void **state)
{
	static const char *const paths[] = {
		"/nonexistent/x",
		"/usr/lib/nonexistent.so.1",
		"relative",
		"--version",
		"-S",
		"",
		"/",
		"/usr/bin/dpk\ng",
		"/usr/bin/dpkg\n",
		"/usr/bin/dpkg\033",
		"/usr/bin/dpkg, dash",
		"/usr/bin/dpkg (deleted)",
		"/usr/bin/\xff",
	};

	(void)state;
	NEED_DPKG();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		expect(paths[i], NULL);
}

/* For dpkg-query a path is a pattern. */
static void a_path_is_no_pattern(void **state)
{
	static const char *const paths[] = {
		"/usr/bin/*",      "/usr/bin/dpk?",  "/usr/bin/dpk[g]",
		"/usr/bin/\\dpkg", "/usr/bin/dpkg*", "/usr/bin/[a-z]*",
	};

	(void)state;
	NEED_DPKG();
	expect("/usr/bin/dpkg", "dpkg");
	expect("/usr/bin/[", "coreutils");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		expect(paths[i], NULL);
}

/* Debian diverts /bin/sh from dash to dash: three lines of an answer. */
static void a_diverted_path_is_of_who_diverted_it(void **state)
{
	(void)state;
	NEED_DPKG();
	if (access("/usr/bin/dash", X_OK) != 0) {
		print_message("# skip %s: no dash\n", __func__);
		skip();
	}
	expect("/bin/sh", "dash");
}

/* More than two calls' worth, so that one of each call must be found. */
static void many_paths_are_asked_in_few_calls(void **state)
{
	static char names[400][PATH_MAX];
	const char *paths[400];
	DIR *folder;
	struct packages *packages;
	struct dirent *entry;
	size_t n = 0;

	(void)state;
	NEED_DPKG();
	folder = opendir("/usr/bin");
	assert_non_null(folder);
	while (n < ARRAY_LEN(paths) && (entry = readdir(folder))) {
		snprintf(names[n], sizeof(names[n]), "/usr/bin/%s", entry->d_name);
		paths[n] = names[n];
		n++;
	}
	closedir(folder);
	packages = find(paths, n);
	for (size_t i = 0; i < n; i += 37) {
		const char *one = paths[i];
		struct packages *alone = find(&one, 1);
		const struct package *a = packages_of(packages, one);
		const struct package *b = packages_of(alone, one);

		assert_true((a == NULL) == (b == NULL));
		if (a && b) {
			assert_string_equal(a->name, b->name);
			assert_string_equal(a->version, b->version);
		}
		packages_free(alone);
	}
	packages_free(packages);
}

static void a_path_given_twice_is_found_twice(void **state)
{
	static const char *const paths[] = {"/usr/bin/dpkg", "/nonexistent",
					    "/usr/bin/dpkg"};
	struct packages *packages;

	(void)state;
	NEED_DPKG();
	packages = find(paths, ARRAY_LEN(paths));
	assert_non_null(packages_of(packages, paths[0]));
	assert_null(packages_of(packages, paths[1]));
	assert_ptr_equal(packages_of(packages, paths[0]),
			 packages_of(packages, paths[2]));
	assert_null(packages_of(packages, "/bin/never-asked"));
	packages_free(packages);
}

static void no_paths_are_no_question(void **state)
{
	struct packages *packages = find(NULL, 0);

	(void)state;
	assert_null(packages_of(packages, "/usr/bin/dpkg"));
	packages_free(packages);
	packages_free(NULL);
	assert_null(packages_of(NULL, "/usr/bin/dpkg"));
	assert_int_equal(packages_error(NULL), 0);
}

static void what_was_not_asked_in_time_is_told(void **state)
{
	const char *path = "/usr/bin/dpkg";
	struct packages *packages = NULL;

	(void)state;
	NEED_DPKG();
	assert_int_equal(packages_find(&path, 1, child_clock_us() - SECOND, &packages),
			 0);
	assert_int_equal(packages_error(packages), -ETIME);
	assert_null(packages_of(packages, path));
	packages_free(packages);
}

/* Time is over, so that to ask for anything would be told. */
static void what_is_no_plain_path_is_never_asked_for(void **state)
{
	static const char *const paths[] = {"-x", "--version", "relative",
					    "",   "/a\nb",     "/a\033"};
	struct packages *packages = NULL;

	(void)state;
	assert_int_equal(packages_find(paths, ARRAY_LEN(paths), child_clock_us() - SECOND,
				       &packages),
			 0);
	assert_int_equal(packages_error(packages), 0);
	packages_free(packages);
}

static void the_files_of_a_container_are_of_no_package_here(void **state)
{
	static const char path[] = "/bin/sh";
	const char *const paths[] = {path};
	const struct stale_file file = {.path = path};
	struct stale_proc proc = {.files = &file, .nfiles = 1};
	struct view view = {0};
	struct packages *packages;

	(void)state;
	NEED_DPKG();
	packages = find(paths, 1);
	assert_null(view_package(&view, &proc, &file));
	view.packages = packages;
	assert_non_null(view_package(&view, &proc, &file));
	proc.scope = STALE_SCOPE_CONTAINER;
	assert_null(view_package(&view, &proc, &file));
	packages_free(packages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_no_pattern),
		cmocka_unit_test(what_dpkg_does_not_know_is_nobodys),
		cmocka_unit_test(the_C_library_is_found_by_either_name),
		cmocka_unit_test(a_diverted_path_is_of_who_diverted_it),
		cmocka_unit_test(many_paths_are_asked_in_few_calls),
		cmocka_unit_test(a_path_given_twice_is_found_twice),
		cmocka_unit_test(the_files_of_a_container_are_of_no_package_here),
		cmocka_unit_test(no_paths_are_no_question),
		cmocka_unit_test(what_was_not_asked_in_time_is_told),
		cmocka_unit_test(what_is_no_plain_path_is_never_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
