/*
 * test_oom.c - every allocation of a scan made to fail in turn: each time -ENOMEM, the
 * report untouched, nothing lost (the sanitized run would tell of a leak).
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/leftover.h"
#include "scan/rulefile.h"
#include "scan/stale.h"
#include "tests/support/oom.h"
#include "tests/support/proctree.h"

static bool mmap_fails;

/* NOLINTNEXTLINE(readability-function-size): the arguments are those of mmap(2) */
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
/* NOLINTNEXTLINE(readability-function-size): the arguments are those of mmap(2) */
void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

/* NOLINTNEXTLINE(readability-function-size): the arguments are those of mmap(2) */
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (mmap_fails && flags & MAP_SHARED) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap64(addr, len, prot, flags, fd, offset);
}

static int scan(void *arg)
{
	struct stale_report *report = NULL;
	int rc = stale_scan(arg, &report);

	if (rc < 0)
		assert_null(report);
	stale_report_free(report);
	return rc;
}

static void every_allocation_for_a_captured_tree_may_fail(void **state)
{
	const struct stale_rule rule = {STALE_RULE_PATH, "/l/i*", "-i /l/i*"};
	struct stale_options opt = {.ignore = &rule, .nignore = 1, .want_cmdline = true};
	struct proctree tree;
	char maps[4000] = "";

	(void)state;
	for (int i = 0; i < 40; i++)
		sprintf(maps + strlen(maps),
			"%d000-%d800 r-xp 0 08:01 %d /l/%c%d.so (deleted)\n", i + 1,
			i + 1, i + 1, i % 2 ? 'i' : 'a', i);
	proctree_init(&tree);
	for (pid_t pid = 10; pid < 40; pid++)
		proctree_add(&tree, pid, "x", maps);
	proctree_add(&tree, 50, "broken", "hello\n");
	opt.proc_root = tree.path;
	assert_in_range(oom_exhaust(scan, &opt), 12, 1000);
	proctree_release(&tree);
}

/* How many there are depends on who takes which process. */
static void every_allocation_for_two_workers_may_fail(void **state)
{
	struct stale_options opt = {.jobs = 2};
	struct proctree tree;
	char maps[100];

	(void)state;
	proctree_init(&tree);
	for (pid_t pid = 10; pid < 50; pid++) {
		snprintf(maps, sizeof(maps),
			 "1000-1800 r-xp 0 08:01 %d /l/%d.so (deleted)\n", (int)pid,
			 (int)pid);
		proctree_add(&tree, pid, "x", maps);
	}
	opt.proc_root = tree.path;
	assert_in_range(oom_exhaust(scan, &opt), 12, 1000);
	proctree_release(&tree);
}

/* Maps a new file of this name, executable, and removes it again. */
static void map_deleted(const char *folder, const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_true(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) !=
		    MAP_FAILED);
	close(fd);
	assert_int_equal(unlink(path), 0);
}

static void every_allocation_for_a_live_process_may_fail(void **state)
{
	const pid_t self = getpid();
	struct stale_options opt = {.pids = &self, .npids = 1};
	char folder[] = "/var/tmp/oom.XXXXXX";
	char path[512];

	(void)state;
	assert_non_null(mkdtemp(folder));
	map_deleted(folder, "plain.so");
	map_deleted(folder, "with\nnewline.so");
	opt.method = STALE_METHOD_AUTO;
	assert_in_range(oom_exhaust(scan, &opt), 8, 1000);
	opt.method = STALE_METHOD_MAPS;
	assert_in_range(oom_exhaust(scan, &opt), 8, 1000);
	snprintf(path, sizeof(path), "%s", folder);
	assert_int_equal(rmdir(path), 0);
}

static int scan_for_folders(void *arg)
{
	struct stale_scanner *scanner = NULL;
	int rc = stale_scanner_new(arg, &scanner);

	if (rc == 0)
		rc = stale_scanner_run(scanner);
	stale_scanner_free(scanner);
	return rc;
}

static void every_allocation_for_folders_may_fail(void **state)
{
	const pid_t self = getpid();
	struct stale_options opt = {.pids = &self, .npids = 1};
	long without;

	(void)state;
	without = oom_exhaust(scan_for_folders, &opt);
	opt.want_folders = true;
	/* The list, the table, and at least the folder of this program. */
	assert_in_range(oom_exhaust(scan_for_folders, &opt), without + 3, without + 100);
}

/* Two reports, and what is made of them. */
struct reports {
	const struct stale_report *report;
	const struct stale_report *older;
};

static int make_report(void *arg)
{
	const struct stale_contents *contents = arg;
	struct stale_report *report = NULL;
	int rc = stale_report_make(contents, &report);

	assert_true((rc < 0) == !report);
	stale_report_free(report);
	return rc;
}

static int leave_out(void *arg)
{
	const struct reports *r = arg;
	const struct stale_identity gone = {10, 4711};
	struct stale_report *report = NULL;
	int rc = stale_report_without(r->report, &gone, 1, &report);

	assert_true((rc < 0) == !report);
	stale_report_free(report);
	return rc;
}

static int join(void *arg)
{
	const struct reports *r = arg;
	struct stale_report *report = NULL;
	int rc = stale_report_with(r->report, r->older, &report);

	assert_true((rc < 0) == !report);
	stale_report_free(report);
	return rc;
}

static int pack_and_unpack(void *arg)
{
	const struct reports *r = arg;
	struct stale_report *report = NULL;
	void *bytes = NULL;
	size_t len = 0;
	int rc = stale_report_pack(r->report, &bytes, &len);

	assert_true((rc < 0) == !bytes);
	if (rc == 0)
		rc = stale_report_unpack(bytes, len, &report);
	assert_true((rc < 0) == !report);
	free(bytes);
	stale_report_free(report);
	return rc;
}

static void every_allocation_for_a_report_of_parts_may_fail(void **state)
{
	/* More strings than a new table has room for. */
	static char paths[1500][8];
	static struct stale_file files[1500];
	const struct stale_proc procs[2] = {
		{.files = files, .nfiles = 1500, .comm = "x", .pid = 10},
		{.files = files, .nfiles = 1, .comm = "x", .pid = 11}};
	struct stale_contents contents = {.procs = procs, .nprocs = 1};
	struct stale_report *report;
	struct stale_report *older;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		sprintf(paths[i], "/%d", i);
		files[i].path = paths[i];
	}
	assert_in_range(oom_exhaust(make_report, &contents), 4, 10);
	assert_int_equal(stale_report_make(&contents, &report), 0);
	contents.nprocs = 2;
	assert_int_equal(stale_report_make(&contents, &older), 0);
	assert_in_range(oom_exhaust(leave_out, &(struct reports){older, NULL}), 8, 20);
	assert_in_range(oom_exhaust(join, &(struct reports){report, older}), 9, 20);
	assert_in_range(oom_exhaust(pack_and_unpack, &(struct reports){older, NULL}), 4,
			10);
	stale_report_free(report);
	stale_report_free(older);
}

static int make_users(void *arg)
{
	struct stale_users *users = NULL;
	int rc = stale_users_read(NULL, &users);

	(void)arg;
	if (rc < 0)
		assert_null(users);
	stale_users_free(users);
	return rc;
}

static struct proctree rule_folder;

static int make_rules(void *arg)
{
	struct rule_list *rules = NULL;
	char message[200];
	int rc = rule_list_new(&rules);

	(void)arg;
	if (rc == 0)
		rc = rule_list_add(rules, STALE_RULE_PATH, "/tmp/*", "-i /tmp/*");
	if (rc == 0)
		rc = rule_list_read_folder(rules, rule_folder.path, false, message,
					   sizeof(message));
	rule_list_free(rules);
	return rc;
}

static int make_settings(void *arg)
{
	static const char *const pairs[][2] = {{"ignore", "/a"},
					       {"ignore-literal", "/b"},
					       {"library", "c"},
					       {"user", "root"},
					       {"pid", "1,2"},
					       {"proc-root", "/d"},
					       {"no-default-ignores", NULL}};
	struct stale_settings *settings = NULL;
	char message[200] = "";
	int rc = stale_settings_new(&settings);

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(pairs); i++)
		rc = stale_settings_take(settings, pairs[i][0], pairs[i][1], message,
					 sizeof(message));
	if (rc == 0)
		rc = stale_settings_take(settings, "ignore-file", arg, message,
					 sizeof(message));
	if (rc == 0)
		rc = stale_settings_load(settings, NULL, message, sizeof(message));
	if (rc == -ENOMEM && settings)
		assert_string_equal(message, "out of memory");
	stale_settings_free(settings);
	return rc;
}

static void every_allocation_for_settings_may_fail(void **state)
{
	static const char text[] = "unit cron\n";
	char path[512];

	(void)state;
	proctree_init(&rule_folder);
	proctree_write(&rule_folder, "a.conf", text, sizeof(text) - 1);
	snprintf(path, sizeof(path), "%s/a.conf", rule_folder.path);
	assert_in_range(oom_exhaust(make_settings, path), 20, 200);
	proctree_release(&rule_folder);
}

static void every_allocation_for_users_and_rules_may_fail(void **state)
{
	static const char text[] = "# why\nunit cron\npath /opt/*\nuser alice\n";

	(void)state;
	assert_in_range(oom_exhaust(make_users, NULL), 2, 100);
	proctree_init(&rule_folder);
	proctree_write(&rule_folder, "a.conf", text, sizeof(text) - 1);
	proctree_write(&rule_folder, "b.conf", text, sizeof(text) - 1);
	assert_in_range(oom_exhaust(make_rules, NULL), 6, 100);
	proctree_release(&rule_folder);
}

/* An orphan in a system unit, of which nothing can be read. */
static int ask_for_leftover(void *arg)
{
	const struct procfs fs = {.fd = -1, .is_proc = true};
	const struct pidstat stat = {.pid = 812, .ppid = 1};
	struct leftovers leftovers;
	int rc;

	leftovers_init(&leftovers, &fs, 4711);
	rc = leftovers_has(&leftovers, arg, &stat, 0);
	leftovers_release(&leftovers);
	return rc;
}

static void every_allocation_for_a_leftover_may_fail(void **state)
{
	static const char text[] = "0::/system.slice/stale-no-such-unit.service\n";
	struct owner *owner = calloc(1, sizeof(*owner));

	(void)state;
	assert_non_null(owner);
	owner->len = sizeof(text) - 1;
	memcpy(owner->buf, text, owner->len);
	assert_int_equal(cgroup_parse(owner->buf, owner->len, &owner->cgroup), 0);
	assert_in_range(oom_exhaust(ask_for_leftover, owner), 3, 3);
	free(owner);
}

static void scanner_without_shared_memory_is_refused(void **state)
{
	struct stale_scanner *scanner = NULL;
	struct stale_report *report = NULL;
	const struct stale_options opt = {0};

	(void)state;
	mmap_fails = true;
	assert_int_equal(stale_scanner_new(&opt, &scanner), -ENOMEM);
	assert_int_equal(stale_scan(&opt, &report), -ENOMEM);
	mmap_fails = false;
	assert_null(scanner);
	assert_null(report);
}

static void count_without_memory_leaves_totals_alone(void **state)
{
	const struct stale_policy policy = {.why = STALE_WHY_DEFAULT};
	const pid_t self = getpid();
	const struct stale_options opt = {.pids = &self, .npids = 1};
	struct stale_totals totals = {.files = 77};
	struct stale_report *report = NULL;

	(void)state;
	assert_int_equal(stale_scan(&opt, &report), 0);
	oom_countdown = 0;
	assert_int_equal(stale_report_count(report, &policy, 0, &totals), -ENOMEM);
	oom_countdown = -1;
	assert_int_equal(totals.files, 77);
	stale_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_for_a_captured_tree_may_fail),
		cmocka_unit_test(every_allocation_for_two_workers_may_fail),
		cmocka_unit_test(every_allocation_for_a_live_process_may_fail),
		cmocka_unit_test(every_allocation_for_folders_may_fail),
		cmocka_unit_test(every_allocation_for_a_report_of_parts_may_fail),
		cmocka_unit_test(every_allocation_for_users_and_rules_may_fail),
		cmocka_unit_test(every_allocation_for_settings_may_fail),
		cmocka_unit_test(every_allocation_for_a_leftover_may_fail),
		cmocka_unit_test(scanner_without_shared_memory_is_refused),
		cmocka_unit_test(count_without_memory_leaves_totals_alone),
	};

	return cmocka_run_group_tests_name("out of memory", tests, NULL, NULL);
}
