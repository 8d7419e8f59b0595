/*
 * test_pack.c - reports as bytes: what comes back, and what is refused.
 */
#include "tests/test.h"

#include <errno.h>
#include <malloc.h>

#include "scan/packed.h"
#include "scan/stale.h"
#include "tests/support/proctree.h"
#include "tests/support/reportmake.h"
#include "tests/support/reportsame.h"

/* A packed report, as its bytes and as what these mean. */
struct packed {
	char *bytes; /* owned; what is below points into it */
	size_t len;
	struct packed_head *head;
	struct packed_proc *procs;
	struct packed_file *files;
	struct packed_ignored *ignored;
	struct packed_unreadable *unreadable;
	char *strings;
};

static void packed_init(struct packed *p, const struct stale_report *report)
{
	void *bytes;
	size_t len;

	assert_int_equal(stale_report_pack(report, &bytes, &len), 0);
	p->bytes = bytes;
	p->len = len;
	p->head = bytes;
	p->procs = (struct packed_proc *)(p->head + 1);
	p->files = (struct packed_file *)(p->procs + p->head->nprocs);
	p->ignored = (struct packed_ignored *)(p->files + p->head->nfiles);
	p->unreadable = (struct packed_unreadable *)(p->ignored + p->head->nignored);
	p->strings = (char *)(p->unreadable + p->head->nunreadable);
}

/* Of the bytes and not one more. */
static int unpack(const void *bytes, size_t len, struct stale_report **ret_report)
{
	void *copy = exact_copy(bytes, len);
	int rc = stale_report_unpack(copy, len, ret_report);

	free(copy);
	return rc;
}

/* Two processes with everything set, three files, of which two share their strings. */
static struct stale_report *full_report(void)
{
	static const uint8_t build_id[] = {1, 2, 3, 0, 5};
	struct reportmake m;
	struct stale_report *report;

	reportmake_init(&m);
	m.info.hidden = true;
	m.info.finished = false;
	m.info.at = 4242;
	m.info.error = ENOBUFS;
	for (pid_t pid = 10; pid <= 11; pid++) {
		struct stale_proc *proc =
			reportmake_container(&m, pid, "sh\nd", "lxc", "web\xff");
		struct stale_file *file;

		proc->exe = "/usr/bin/sh";
		proc->cmdline = "sh\0-c\0";
		proc->cmdline_len = 6;
		proc->unit = "x.service";
		proc->is_leftover = true;
		proc->nfiles_left_out = 5;
		proc->owner = 77;
		file = reportmake_file(&m, "/l/a.so", STALE_REPLACED, 60);
		file->successor = "/l/a.so";
		file->build_id = build_id;
		file->build_id_len = sizeof(build_id);
	}
	reportmake_file(&m, "/l/b.so", STALE_MODIFIED, -1)->kind = STALE_EXE;
	reportmake_ignored(&m, 10, "/tmp/a", "temporary");
	reportmake_unreadable(&m, 9, EACCES);
	reportmake_unreadable(&m, 12, EIO);
	report = reportmake_report(&m);
	reportmake_release(&m);
	return report;
}

static void a_report_comes_back_the_same(void **state)
{
	struct stale_report *reports[] = {full_report(), reportmake_many(100, 3, 2),
					  reportmake_rows(NULL, 0)};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
		struct stale_report *back;
		struct packed packed;
		struct packed again;

		packed_init(&packed, reports[i]);
		assert_int_equal(unpack(packed.bytes, packed.len, &back), 0);
		reportsame_assert("unpacked", back, reports[i]);
		packed_init(&again, back);
		assert_int_equal(again.len, packed.len);
		assert_memory_equal(again.bytes, packed.bytes, packed.len);
		free(packed.bytes);
		free(again.bytes);
		stale_report_free(back);
		stale_report_free(reports[i]);
	}
}

/* What is made of findings keeps what is asked of what is made of parts. */
static void what_a_scan_finds_comes_back(void **state)
{
	const struct stale_rule rule = {STALE_RULE_PATH, "/l/i*", "-i /l/i*"};
	const struct stale_options opt = {
		.ignore = &rule, .nignore = 1, .want_cmdline = true};
	struct proctree tree;
	struct stale_report *report;
	struct stale_report *back;
	struct packed packed;

	(void)state;
	proctree_init(&tree);
	for (pid_t pid = 10; pid < 13; pid++)
		proctree_add(&tree, pid, "x",
			     "1000-2000 r-xp 0 08:01 1 /l/a.so (deleted)\n"
			     "2000-3000 r-xp 0 08:01 2 /l/i.so (deleted)\n");
	proctree_write(&tree, "10/cmdline", "ls\0-l", 5);
	proctree_write(&tree, "11/cmdline", "", 0);
	proctree_add(&tree, 50, "broken", "hello\n");
	report = proctree_scan(&tree, &opt);
	packed_init(&packed, report);
	assert_int_equal(packed.head->nprocs, 3);
	assert_int_equal(packed.head->nignored, 3);
	assert_int_equal(packed.head->nunreadable, 1);
	assert_int_equal(packed.files[0].path, packed.files[2].path);
	assert_int_equal(unpack(packed.bytes, packed.len, &back), 0);
	reportsame_assert("scanned", back, report);
	stale_report_free(report);
	stale_report_free(back);
	free(packed.bytes);
	proctree_release(&tree);
}

static void strings_that_files_share_are_packed_once(void **state)
{
	enum { N = 10000 };
	const struct stale_file file = {.path = "/l/a.so", .successor = "/l/b.so"};
	struct stale_proc *procs = calloc(N, sizeof(*procs));
	const struct stale_contents contents = {.procs = procs, .nprocs = N};
	struct stale_report *report;
	struct packed packed;

	(void)state;
	for (pid_t i = 0; i < N; i++)
		procs[i] = (struct stale_proc){
			.files = &file, .nfiles = 1, .comm = "x", .pid = i + 1};
	assert_int_equal(stale_report_make(&contents, &report), 0);
	packed_init(&packed, report);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(packed.files[i].path, packed.files[0].path);
		assert_int_equal(packed.files[i].successor, packed.files[0].successor);
	}
	assert_int_equal(packed.head->strings_size,
			 2 * sizeof("/l/a.so") + (size_t)N * 2);
	free(packed.bytes);
	stale_report_free(report);
	free(procs);
}

/* Memory of others must not go out in the gaps. */
static void every_byte_is_written(void **state)
{
	struct stale_report *report = full_report();
	struct packed a;
	struct packed b;

	(void)state;
	mallopt(M_PERTURB, 0x55);
	packed_init(&a, report);
	mallopt(M_PERTURB, 0xaa);
	packed_init(&b, report);
	mallopt(M_PERTURB, 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.bytes, b.bytes, a.len);
	free(a.bytes);
	free(b.bytes);
	stale_report_free(report);
}

static void bytes_cut_or_lengthened_are_refused(void **state)
{
	struct stale_report *report = full_report();
	struct stale_report *back;
	struct packed p;
	char *longer;

	(void)state;
	packed_init(&p, report);
	untouched_init(&back, sizeof(back));
	for (size_t len = 0; len < p.len; len++)
		assert_int_equal(unpack(p.bytes, len, &back), -EBADMSG);
	longer = calloc(1, p.len + 1);
	memcpy(longer, p.bytes, p.len);
	assert_int_equal(unpack(longer, p.len + 1, &back), -EBADMSG);
	assert_true(untouched(&back, sizeof(back)));
	free(longer);
	free(p.bytes);
	stale_report_free(report);
}

#define ROWS_OF_HEAD                                                                     \
	SPOIL(p.head->magic[0] ^= 1)                                                     \
	SPOIL(p.head->magic[7]++)                                                        \
	SPOIL(p.head->nprocs++)                                                          \
	SPOIL(p.head->nprocs = UINT64_MAX)                                               \
	SPOIL(p.head->nprocs = UINT64_MAX / sizeof(struct packed_proc) + 2)              \
	SPOIL(p.head->nfiles--)                                                          \
	SPOIL(p.head->nfiles = UINT64_MAX)                                               \
	SPOIL(p.head->nignored = UINT64_MAX)                                             \
	SPOIL(p.head->nunreadable = UINT64_MAX)                                          \
	SPOIL(p.head->strings_size++)                                                    \
	SPOIL(p.head->strings_size--)                                                    \
	SPOIL(p.head->strings_size = UINT64_MAX)                                         \
	SPOIL(p.head->method = STALE_METHOD_MAPS + 1)                                    \
	SPOIL(p.head->proc_fs = 2)                                                       \
	SPOIL(p.head->hidden = 255)                                                      \
	SPOIL(p.head->finished = 2)                                                      \
	SPOIL(p.head->zero[3] = 1)                                                       \
	SPOIL(p.head->error = -1)
#define ROWS_OF_PROCS                                                                    \
	SPOIL(p.procs[0].nfiles = 0)                                                     \
	SPOIL(p.procs[0].nfiles++)                                                       \
	SPOIL(p.procs[1].nfiles--)                                                       \
	SPOIL(p.procs[1].nfiles = UINT64_MAX)                                            \
	SPOIL(p.procs[0].nfiles = UINT64_MAX; p.procs[1].nfiles = 4)                     \
	SPOIL(p.procs[0].comm = 0)                                                       \
	SPOIL(p.procs[0].comm = p.head->strings_size + 1)                                \
	SPOIL(p.procs[0].exe = UINT64_MAX)                                               \
	SPOIL(p.procs[0].unit = UINT64_MAX - 1)                                          \
	SPOIL(p.procs[0].runtime = p.head->strings_size + 1)                             \
	SPOIL(p.procs[0].container = UINT64_C(1) << 63)                                  \
	SPOIL(p.procs[0].cmdline = 0)                                                    \
	SPOIL(p.procs[0].cmdline_len = 0)                                                \
	SPOIL(p.procs[0].cmdline_len--)                                                  \
	SPOIL(p.procs[0].cmdline_len = UINT64_MAX)                                       \
	SPOIL(p.procs[0].cmdline = p.head->strings_size)                                 \
	SPOIL(p.procs[0].pid = 0)                                                        \
	SPOIL(p.procs[1].pid = p.procs[0].pid)                                           \
	SPOIL(p.procs[1].scope = STALE_SCOPE_COUNT)                                      \
	SPOIL(p.procs[1].advice = 255)                                                   \
	SPOIL(p.procs[1].is_leftover = 2)                                                \
	SPOIL(p.procs[1].zero[4] = 1)
#define ROWS_OF_THE_REST                                                                 \
	SPOIL(p.files[2].path = 0)                                                       \
	SPOIL(p.files[2].path = p.head->strings_size + 1)                                \
	SPOIL(p.files[2].successor = UINT64_MAX)                                         \
	SPOIL(p.files[0].build_id = 0)                                                   \
	SPOIL(p.files[0].build_id = p.head->strings_size)                                \
	SPOIL(p.files[0].build_id_len = 0)                                               \
	SPOIL(p.files[0].build_id_len = 65)                                              \
	SPOIL(p.files[0].kind = STALE_KIND_COUNT)                                        \
	SPOIL(p.files[0].why = STALE_WHY_COUNT)                                          \
	SPOIL(p.files[0].since = INT64_MIN)                                              \
	SPOIL(p.files[0].since = INT64_MAX)                                              \
	SPOIL(p.files[0].bytes = INT64_MIN)                                              \
	SPOIL(p.files[0].since_source = 4)                                               \
	SPOIL(p.files[0].zero[0] = 1)                                                    \
	SPOIL(p.ignored[0].path = 0)                                                     \
	SPOIL(p.ignored[0].rule = p.head->strings_size + 1)                              \
	SPOIL(p.ignored[0].pid = -1)                                                     \
	SPOIL(p.ignored[0].zero[2] = 1)                                                  \
	SPOIL(p.unreadable[0].error = 0)                                                 \
	SPOIL(p.unreadable[1].pid = 1)                                                   \
	SPOIL(p.strings[p.head->strings_size - 1] = 'x')

#define SPOIL(change)                                                                    \
	packed_init(&p, report);                                                         \
	change;                                                                          \
	untouched_init(&back, sizeof(back));                                             \
	row_number(#change, "result", unpack(p.bytes, p.len, &back), -EBADMSG);          \
	row_number(#change, "untouched", untouched(&back, sizeof(back)), true);          \
	free(p.bytes);

#define REFUSES(name, rows)                                                              \
	static void name(void **state)                                                   \
	{                                                                                \
		struct stale_report *report = full_report();                             \
		struct stale_report *back;                                               \
		struct packed p;                                                         \
                                                                                         \
		(void)state;                                                             \
		rows stale_report_free(report);                                          \
	}
REFUSES(a_head_that_cannot_be_is_refused, ROWS_OF_HEAD)
REFUSES(a_process_that_cannot_be_is_refused, ROWS_OF_PROCS)
REFUSES(a_file_that_cannot_be_is_refused, ROWS_OF_THE_REST)

/* Whatever it makes of it: nothing is read or written where it must not be. */
static void any_byte_may_be_changed(void **state)
{
	struct stale_report *report = full_report();
	struct packed p;

	(void)state;
	packed_init(&p, report);
	for (size_t i = 0; i < p.len * 8; i++) {
		struct stale_report *back;
		struct packed again;
		int rc;

		p.bytes[i / 8] = (char)(p.bytes[i / 8] ^ 1 << i % 8);
		rc = unpack(p.bytes, p.len, &back);
		if (rc == 0) {
			packed_init(&again, back);
			assert_int_equal(again.len, p.len);
			assert_memory_equal(again.bytes, p.bytes, p.len);
			free(again.bytes);
			stale_report_free(back);
		} else {
			assert_int_equal(rc, -EBADMSG);
		}
		p.bytes[i / 8] = (char)(p.bytes[i / 8] ^ 1 << i % 8);
	}
	free(p.bytes);
	stale_report_free(report);
}

/* Few bytes could claim to be many: one long string, of which each process has its own. */
static void strings_that_are_used_too_often_are_refused(void **state)
{
	enum { N = 1000, LEN = 100000 };
	struct reportmake m;
	struct stale_report *report;
	struct stale_report *back;
	struct packed p;
	char *path = malloc(LEN + 1);

	(void)state;
	memset(path, 'a', LEN);
	path[LEN] = '\0';
	reportmake_init(&m);
	for (pid_t pid = 1; pid <= N; pid++) {
		reportmake_proc(&m, pid, "x");
		reportmake_file(&m, path, STALE_DELETED, 60);
	}
	report = reportmake_report(&m);
	packed_init(&p, report);
	for (size_t i = 0; i < N; i++)
		p.procs[i].comm = p.files[i].path + i;
	assert_int_equal(unpack(p.bytes, p.len, &back), -EBADMSG);
	for (size_t i = 0; i < N; i++)
		p.procs[i].comm = p.head->strings_size;
	assert_int_equal(unpack(p.bytes, p.len, &back), 0);
	stale_report_free(back);
	for (size_t i = 0; i < N; i++)
		p.files[i].path += i;
	assert_int_equal(unpack(p.bytes, p.len, &back), -EBADMSG);
	reportmake_release(&m);
	stale_report_free(report);
	free(p.bytes);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_comes_back_the_same),
		cmocka_unit_test(what_a_scan_finds_comes_back),
		cmocka_unit_test(strings_that_files_share_are_packed_once),
		cmocka_unit_test(every_byte_is_written),
		cmocka_unit_test(bytes_cut_or_lengthened_are_refused),
		cmocka_unit_test(a_head_that_cannot_be_is_refused),
		cmocka_unit_test(a_process_that_cannot_be_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_is_refused),
		cmocka_unit_test(any_byte_may_be_changed),
		cmocka_unit_test(strings_that_are_used_too_often_are_refused),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
