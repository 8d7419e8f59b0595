/*
 * live_hostile.c - processes as large as a user may make them: arguments, mappings,
 * descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/livecheck.h"
#include "support/livekinds.h"
#include "support/liveplugin.h"
#include "support/livescan.h"
#include "support/readback.h"
#include "test.h"

#define LIB "libx.so.1"

/* scan/worker.h, WORKER_FILES_MAX: more stale files of one process are counted only. */
#define FILES_MAX 4096L

/* What a file of /proc/PID holds: bytes, and lines. */
static size_t proc_size(pid_t pid, const char *name, size_t *ret_lines)
{
	char path[64], buf[16384];
	size_t size = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*ret_lines = 0;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		size += (size_t)n;
		for (ssize_t i = 0; i < n; i++)
			*ret_lines += buf[i] == '\n';
	}
	close(fd);
	return size;
}

/* Two mebibytes of each, which lose their library. */
static pid_t start_with_strings(struct live *live)
{
	char *helper = live_built("tests/helper_hostile");
	char *path = live_path(live, LIB);
	size_t lines, arguments, environment;
	pid_t pid;

	live_lib(live, LIB, NULL, 'a');
	pid = live_spawn(live, helper, (const char *const[]){"argv", path, "", NULL})
		      ->pid;
	live_unlink(live, LIB);
	live_expect(live, pid, STALE_LIB, LIB, STALE_DELETED);
	arguments = proc_size(pid, "cmdline", &lines);
	environment = proc_size(pid, "environ", &lines);
	print_message("live_hostile: %zu bytes of arguments, %zu of environment\n",
		      arguments, environment);
	assert_true(arguments >= (size_t)2 << 20 && environment >= (size_t)2 << 20);
	free(helper);
	free(path);
	return pid;
}

/* The first bytes that there are, as they are, and a NUL where they were cut. */
static void check_cmdline(struct live *live, const struct stale_report *report)
{
	const struct stale_proc *proc = livescan_proc(report, live->wants[0].pid);
	char path[64], bytes[4096];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", proc->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
	close(fd);
	bytes[sizeof(bytes) - 1] = '\0';
	assert_int_equal(proc->cmdline_len, sizeof(bytes));
	assert_memory_equal(proc->cmdline, bytes, sizeof(bytes));
}

static void two_mebibytes_of_arguments_are_cut(void **state)
{
	struct live *live = *state;

	start_with_strings(live);
	live->opt.want_cmdline = true;
	live_assert(live);
	livescan_each(live, check_cmdline);
}

static void two_mebibytes_of_every_byte_break_no_format(void **state)
{
	static const char *const formats[] = {"-fnagios",    "-fhuman", "-fmachine",
					      "-fjson",      "-fpids",  "-fnames",
					      "-fprometheus"};
	struct live *live = *state;
	struct liveplugin_answer answer;
	char *pids;

	start_with_strings(live);
	pids = liveplugin_pids(live);
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const char *const words[] = {pids, formats[i], "-vvv", "--show-args",
					     NULL};

		liveplugin_run(NULL, words, &answer);
		readback_clean(formats[i], answer.out, answer.len);
		row_number(formats[i], "exit", answer.status, 1);
		row_number(formats[i], "stderr", answer.nerr, 0);
		/* Each of 4,096 bytes is "\xhh" at most, in JSON with two backslashes. */
		row_number(formats[i], "is short", answer.len < 32768, 1);
		liveplugin_release(&answer);
	}
	free(pids);
}

/* So many stale files, and what becomes of them. */
struct many_row {
	const char *name;
	long stale;
};

/* How many files are told, and that the others make the process fail. */
static void check_many(const struct many_row *row, pid_t pid, enum stale_kind kind,
		       const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);
	const struct stale_proc *proc = livescan_proc(report, pid);
	const bool is_over = row->stale > FILES_MAX;
	size_t n, wrong = 0;
	const struct stale_unreadable *unreadable = stale_report_unreadable(report, &n);

	row_number(row->name, "files", proc->nfiles, is_over ? FILES_MAX : row->stale);
	row_number(row->name, "left out", proc->nfiles_left_out,
		   is_over ? row->stale - FILES_MAX : 0);
	for (size_t i = 0; i < proc->nfiles; i++)
		wrong += proc->files[i].kind != kind ||
			 proc->files[i].why != STALE_DELETED;
	row_number(row->name, "other verdicts", wrong, 0);
	row_number(row->name, "failed", info->failed, is_over);
	row_number(row->name, "scanned", info->scanned, is_over ? 1 : 2);
	row_number(row->name, "unreadable", n, is_over);
	if (n)
		row_number(row->name, "error", unreadable[0].error, EOVERFLOW);
	stale_report_procs(report, &n);
	row_number(row->name, "processes", n, 1); /* not the control */
}

/* The plugin tells both: what is stale, and that it is not all. */
static void check_plugin(struct live *live, const char *kind, bool is_over)
{
	struct liveplugin_answer answer;
	char *pids = liveplugin_pids(live);
	const char *const words[] = {pids, kind, "-v", "--no-default-ignores", NULL};

	liveplugin_run(NULL, words, &answer);
	assert_int_equal(answer.status, 1);
	assert_int_equal(answer.nerr, 0);
	assert_non_null(strstr(answer.out, "| processes=1;"));
	assert_non_null(
		strstr(answer.out, is_over ? " unreadable=1;" : " unreadable=0;"));
	liveplugin_release(&answer);
	free(pids);
}

/* A folder with the file "live", where thousands of others cost little. */
static char *make_folder(struct live *live)
{
	live_own_mounts(live);
	live_mkdir(live, "many");
	live_mount(live, "tmpfs", "many", NULL);
	live_lib(live, "many/live", NULL, 'a');
	return live_path(live, "many");
}

/* Starts helper_hostile in that folder. */
static pid_t start_in_folder(struct live *live, const char *mode, const char *n,
			     long stale)
{
	char *helper = live_built("tests/helper_hostile");
	char *folder = make_folder(live);
	char digits[16];
	pid_t pid;

	snprintf(digits, sizeof(digits), "%ld", stale);
	pid = live_spawn(live, helper,
			 (const char *const[]){mode, folder, digits, n, NULL})
		      ->pid;
	free(folder);
	free(helper);
	return pid;
}

/* The default of vm.max_map_count; a machine may let a process have more. */
#define MAPPINGS "65530"

static void all_mappings_that_there_may_be(void **state)
{
	struct live *live = *state;
	const struct many_row *row = live->row;
	struct stale_report *by_maps, *by_query;
	pid_t pid = start_in_folder(live, "maps", MAPPINGS, row->stale);
	size_t lines;

	proc_size(pid, "maps", &lines);
	print_message("live_hostile: %zu mappings, %ld stale files\n", lines, row->stale);
	assert_true(lines > 65000);
	live->opt.no_default_ignores = true; /* they are gone at once, as scratch is */
	by_maps = livescan(live, STALE_METHOD_MAPS);
	check_many(row, pid, STALE_LIB, by_maps);
	if (livecheck_has_query()) {
		by_query = livescan(live, STALE_METHOD_PROCMAP_QUERY);
		check_many(row, pid, STALE_LIB, by_query);
		assert_int_equal(livecheck_equal(by_maps, by_query, false), 0);
		stale_report_free(by_query);
	}
	stale_report_free(by_maps);
	check_plugin(live, "--kind=code", row->stale > FILES_MAX);
}

/* Of each of its files this process has an executable mapping and another one. */
static void the_same_mappings_are_no_data(void **state)
{
	struct live *live = *state;
	struct stale_report *report;
	pid_t pid = start_in_folder(live, "maps", MAPPINGS, 1000);

	live->opt.kinds = STALE_KIND_CODE | KIND_DATA;
	live->opt.no_default_ignores = true;
	report = livescan(live, STALE_METHOD_AUTO);
	check_many(&(struct many_row){"code and data", 1000}, pid, STALE_LIB, report);
	stale_report_free(report);
}

static void all_descriptors_that_there_may_be(void **state)
{
	struct live *live = *state;
	const struct many_row *row = live->row;
	struct stale_report *report;
	struct rlimit limit;
	int highest = -1;
	pid_t pid;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_max < (rlim_t)row->stale + 64)
		live_skip(live, "a process may have too few descriptors");
	pid = start_in_folder(live, "fds", NULL, row->stale);
	live->opt.kinds = KIND_FD;
	report = livescan(live, STALE_METHOD_AUTO);
	check_many(row, pid, STALE_FD, report);
	for (size_t i = 0; i < livescan_proc(report, pid)->nfiles; i++)
		if (livescan_proc(report, pid)->files[i].fd > highest)
			highest = livescan_proc(report, pid)->files[i].fd;
	print_message("live_hostile: descriptors up to %d, %ld stale files\n", highest,
		      row->stale);
	stale_report_free(report);
	check_plugin(live, "--kind=fd", row->stale > FILES_MAX);
}

int main(void)
{
	static struct many_row mappings[] = {
		{"as_many_stale_mappings_as_are_told", FILES_MAX},
		{"one_stale_mapping_more_is_left_out", FILES_MAX + 1},
	};
	static struct many_row descriptors[] = {
		{"the_last_of_all_descriptors", 1},
		{"most_descriptors_are_of_stale_files", 19000},
	};
	const struct CMUnitTest tests[] = {
		LIVE_TEST(two_mebibytes_of_arguments_are_cut),
		LIVE_TEST(two_mebibytes_of_every_byte_break_no_format),
		LIVE_ROW(all_mappings_that_there_may_be, &mappings[0]),
		LIVE_ROW(all_mappings_that_there_may_be, &mappings[1]),
		LIVE_TEST(the_same_mappings_are_no_data),
		LIVE_ROW(all_descriptors_that_there_may_be, &descriptors[0]),
		LIVE_ROW(all_descriptors_that_there_may_be, &descriptors[1]),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
