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
	struct stale_rules *rules = NULL;
	char message[200];
	int rc = stale_rules_new(&rules);

	(void)arg;
	if (rc == 0)
		rc = stale_rules_add(rules, STALE_RULE_PATH, "/tmp/*", "-i /tmp/*");
	if (rc == 0)
		rc = stale_rules_read_folder(rules, rule_folder.path, false, message,
					     sizeof(message));
	stale_rules_free(rules);
	return rc;
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
		cmocka_unit_test(every_allocation_for_a_live_process_may_fail),
		cmocka_unit_test(every_allocation_for_users_and_rules_may_fail),
		cmocka_unit_test(scanner_without_shared_memory_is_refused),
		cmocka_unit_test(count_without_memory_leaves_totals_alone),
	};

	return cmocka_run_group_tests_name("out of memory", tests, NULL, NULL);
}
