/*
 * test_make.c - reports made of parts: what is refused, what is copied, what is shared.
 */
#include "tests/test.h"

#include <errno.h>

#include "scan/stale.h"
#include "tests/support/reportsame.h"

static const uint8_t build_id[64] = {1, 2, 0, 4};

/* The parts of a report with two processes, which the rows below spoil. */
struct parts {
	struct stale_contents contents;
	struct stale_proc procs[2];
	struct stale_file files[2];
	struct stale_ignored ignored[2];
	struct stale_unreadable unreadable[2];
};

static struct stale_file lib(const char *path)
{
	return (struct stale_file){
		.path = path,
		.successor = "/usr/lib/libssl.so.3",
		.build_id = build_id,
		.build_id_len = 20,
		.device = UINT64_C(8) << 32 | 1,
		.inode = 4711,
		.since = 1700000000,
		.bytes = -1,
		.fd = -1,
		.id = 7,
		.since_source = STALE_SINCE_OLD_INODE,
		.kind = STALE_LIB,
		.why = STALE_REPLACED,
	};
}

static struct stale_proc process(pid_t pid, const struct stale_file *file)
{
	return (struct stale_proc){
		.files = file,
		.nfiles = 1,
		.nfiles_left_out = 3,
		.comm = "sshd",
		.exe = "/usr/sbin/sshd",
		.cmdline = "sshd\0-D",
		.cmdline_len = 8,
		.start_ticks = 99,
		.started = 1600000000,
		.pid = pid,
		.ppid = 1,
		.uid = 33,
		.scope = STALE_SCOPE_CONTAINER,
		.unit = "ssh.service",
		.runtime = "docker",
		.container = "abc",
		.owner = 1000,
		.is_leftover = true,
		.advice = STALE_REBOOT,
	};
}

static void parts_init(struct parts *p)
{
	*p = (struct parts){
		.contents =
			{
				.info = {.listed = 9,
					 .seen = 8,
					 .scanned = 3,
					 .vanished = 1,
					 .denied = 2,
					 .failed = 2,
					 .kernel_threads = 1,
					 .unselected = 4,
					 .method = STALE_METHOD_MAPS,
					 .hidden = true,
					 .at = 5,
					 .error = ENOBUFS},
				.procs = p->procs,
				.nprocs = 2,
				.ignored = p->ignored,
				.nignored = 2,
				.unreadable = p->unreadable,
				.nunreadable = 2,
			},
		.files = {lib("/usr/lib/libssl.so.3"), lib("/usr/lib/libz.so.1")},
		.ignored = {{"/tmp/a", "temporary", 1}, {"/tmp/b", "temporary", 1}},
		.unreadable = {{1, EACCES}, {9, EPERM}},
	};
	p->procs[0] = process(10, &p->files[0]);
	p->procs[1] = process(11, &p->files[1]);
}

static void a_report_is_a_copy_of_its_contents(void **state)
{
	struct parts parts;
	struct stale_report *report;
	const struct stale_ignored *ignored;
	const struct stale_unreadable *unreadable;
	const struct stale_proc *procs;
	size_t n;

	(void)state;
	parts_init(&parts);
	assert_int_equal(stale_report_make(&parts.contents, &report), 0);
	reportsame_info("info", stale_report_info(report), &parts.contents.info);
	procs = stale_report_procs(report, &n);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		reportsame_proc("process", &procs[i], &parts.procs[i]);
		assert_ptr_not_equal(procs[i].files, parts.procs[i].files);
		assert_ptr_not_equal(procs[i].files[0].path, parts.files[i].path);
		assert_ptr_not_equal(procs[i].files[0].build_id, build_id);
		assert_ptr_not_equal(procs[i].comm, parts.procs[i].comm);
		assert_ptr_not_equal(procs[i].cmdline, parts.procs[i].cmdline);
		assert_ptr_not_equal(procs[i].runtime, parts.procs[i].runtime);
	}
	ignored = stale_report_ignored(report, &n);
	assert_int_equal(n, 2);
	assert_string_equal(ignored[1].path, "/tmp/b");
	assert_string_equal(ignored[1].rule, "temporary");
	assert_int_equal(ignored[1].pid, 1);
	assert_ptr_not_equal(ignored[1].rule, parts.ignored[1].rule);
	unreadable = stale_report_unreadable(report, &n);
	assert_int_equal(n, 2);
	assert_int_equal(unreadable[1].pid, 9);
	assert_int_equal(unreadable[1].error, EPERM);
	stale_report_free(report);
}

static void a_report_of_nothing_has_no_pointers(void **state)
{
	const struct stale_contents contents = {.info = {.finished = true}};
	struct stale_report *report;
	size_t n;

	(void)state;
	assert_int_equal(stale_report_make(&contents, &report), 0);
	assert_true(stale_report_info(report)->finished);
	assert_null(stale_report_procs(report, &n));
	assert_int_equal(n, 0);
	assert_null(stale_report_ignored(report, &n));
	assert_int_equal(n, 0);
	assert_null(stale_report_unreadable(report, &n));
	assert_int_equal(n, 0);
	stale_report_free(report);
}

/* What may be missing. */
static void a_process_of_which_little_is_known_is_taken(void **state)
{
	struct parts parts;
	struct stale_report *report;
	const struct stale_proc *procs;
	size_t n;

	(void)state;
	parts_init(&parts);
	parts.files[1] = (struct stale_file){.path = ""};
	parts.procs[1] = (struct stale_proc){
		.files = &parts.files[1], .nfiles = 1, .comm = "", .pid = 11};
	assert_int_equal(stale_report_make(&parts.contents, &report), 0);
	procs = stale_report_procs(report, &n);
	reportsame_proc("bare", &procs[1], &parts.procs[1]);
	stale_report_free(report);
}

/* What the rows take out of struct parts, to be named in them. */
#define ROWS_OF_PROCS                                                                    \
	SPOIL(p->procs[0].pid = 0)                                                       \
	SPOIL(p->procs[0].pid = -10)                                                     \
	SPOIL(p->procs[1].pid = 10)                                                      \
	SPOIL(p->procs[1].pid = 9)                                                       \
	SPOIL(p->procs[1].nfiles = 0)                                                    \
	SPOIL(p->procs[1].nfiles = SIZE_MAX)                                             \
	SPOIL(p->procs[1].files = NULL)                                                  \
	SPOIL(p->procs[1].comm = NULL)                                                   \
	SPOIL(p->procs[1].cmdline = NULL)                                                \
	SPOIL(p->procs[1].cmdline_len = 0)                                               \
	SPOIL(p->procs[1].cmdline_len = 7)                                               \
	SPOIL(p->procs[1].scope = STALE_SCOPE_COUNT)                                     \
	SPOIL(p->procs[1].advice = STALE_ADVICE_COUNT)
#define ROWS_OF_FILES                                                                    \
	SPOIL(p->files[1].path = NULL)                                                   \
	SPOIL(p->files[1].build_id = NULL)                                               \
	SPOIL(p->files[1].build_id_len = 0)                                              \
	SPOIL(p->files[1].build_id_len = 65)                                             \
	SPOIL(p->files[1].kind = STALE_KIND_COUNT)                                       \
	SPOIL(p->files[1].why = STALE_WHY_COUNT)                                         \
	SPOIL(p->files[1].since_source = STALE_SINCE_SUCCESSOR_CHANGE + 1)               \
	SPOIL(p->files[1].since = INT64_MIN)                                             \
	SPOIL(p->files[1].since = INT64_MAX)                                             \
	SPOIL(p->files[1].bytes = -2)                                                    \
	SPOIL(p->files[1].id = 1U << 24)
#define ROWS_OF_THE_REST                                                                 \
	SPOIL(p->contents.procs = NULL)                                                  \
	SPOIL(p->contents.ignored = NULL)                                                \
	SPOIL(p->contents.unreadable = NULL)                                             \
	SPOIL(p->contents.info.method = STALE_METHOD_MAPS + 1)                           \
	SPOIL(p->contents.info.at = -1)                                                  \
	SPOIL(p->contents.info.error = -ENOBUFS)                                         \
	SPOIL(p->ignored[0].pid = 0)                                                     \
	SPOIL(p->ignored[0].pid = 2)                                                     \
	SPOIL(p->ignored[1].path = NULL)                                                 \
	SPOIL(p->ignored[1].rule = NULL)                                                 \
	SPOIL(p->unreadable[0].pid = 0)                                                  \
	SPOIL(p->unreadable[0].pid = 10)                                                 \
	SPOIL(p->unreadable[1].error = 0)                                                \
	SPOIL(p->unreadable[1].error = -EACCES)

static void what_breaks_a_promise_is_refused(void **state)
{
	struct stale_report *report;
	struct parts parts;
	struct parts *p = &parts;

	(void)state;
#define SPOIL(change)                                                                    \
	parts_init(p);                                                                   \
	change;                                                                          \
	untouched_init(&report, sizeof(report));                                         \
	row_number(#change, "result", stale_report_make(&p->contents, &report),          \
		   -EINVAL);                                                             \
	row_number(#change, "untouched", untouched(&report, sizeof(report)), true);
	ROWS_OF_PROCS
	ROWS_OF_FILES
	ROWS_OF_THE_REST
#undef SPOIL
}

/* The limits themselves are taken. */
static void the_longest_build_id_and_arguments_are_taken(void **state)
{
	static char arguments[4097];
	struct parts parts;
	struct stale_report *report = NULL;

	(void)state;
	parts_init(&parts);
	parts.files[0].build_id_len = sizeof(build_id);
	parts.procs[0].cmdline = arguments;
	parts.procs[0].cmdline_len = 4096;
	assert_int_equal(stale_report_make(&parts.contents, &report), 0);
	stale_report_free(report);
	parts.procs[0].cmdline_len = 4097;
	assert_int_equal(stale_report_make(&parts.contents, &report), -EINVAL);
}

/* 10,000 processes with one library: its strings are there once. */
static void strings_that_files_share_are_copied_once(void **state)
{
	enum { N = 10000 };
	const struct stale_file file = lib("/usr/lib/libssl.so.3");
	struct stale_proc *procs = calloc(N, sizeof(*procs));
	const struct stale_contents contents = {.procs = procs, .nprocs = N};
	struct stale_report *report;
	const struct stale_proc *got;
	size_t n;

	(void)state;
	for (pid_t i = 0; i < N; i++)
		procs[i] = process(i + 1, &file);
	assert_int_equal(stale_report_make(&contents, &report), 0);
	got = stale_report_procs(report, &n);
	assert_int_equal(n, N);
	for (size_t i = 0; i < n; i++) {
		reportsame_proc("many", &got[i], &procs[i]);
		assert_ptr_equal(got[i].files[0].path, got[0].files[0].path);
		assert_ptr_equal(got[i].files[0].successor, got[0].files[0].successor);
		assert_ptr_equal(got[i].files[0].build_id, got[0].files[0].build_id);
		assert_ptr_equal(got[i].runtime, got[0].runtime);
	}
	stale_report_free(report);
	free(procs);
}

/* A build-id may begin where a text does, and be longer or shorter than that. */
static void bytes_at_one_address_are_told_apart_by_length(void **state)
{
	static const char bytes[] = "ab\0cdefgh";
	struct parts parts;
	struct stale_report *report;
	const struct stale_proc *procs;
	size_t n;

	(void)state;
	parts_init(&parts);
	for (size_t i = 0; i < 2; i++) {
		parts.files[i].path = bytes;
		parts.files[i].build_id = (const uint8_t *)bytes;
		parts.files[i].build_id_len = i ? 5 : 9;
	}
	assert_int_equal(stale_report_make(&parts.contents, &report), 0);
	procs = stale_report_procs(report, &n);
	for (size_t i = 0; i < n; i++)
		reportsame_proc("overlap", &procs[i], &parts.procs[i]);
	stale_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_a_copy_of_its_contents),
		cmocka_unit_test(a_report_of_nothing_has_no_pointers),
		cmocka_unit_test(a_process_of_which_little_is_known_is_taken),
		cmocka_unit_test(what_breaks_a_promise_is_refused),
		cmocka_unit_test(the_longest_build_id_and_arguments_are_taken),
		cmocka_unit_test(strings_that_files_share_are_copied_once),
		cmocka_unit_test(bytes_at_one_address_are_told_apart_by_length),
	};

	return cmocka_run_group_tests_name("make", tests, NULL, NULL);
}
