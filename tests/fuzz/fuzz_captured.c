/*
 * fuzz_captured.c - whole scans of a captured tree of two processes: of one every file is
 * fuzzed bytes, the other is stale, and is reported whatever the first one does.
 *
 * The input: strings ended by NUL; the first byte of each says which file it is.  The tree
 * is below TMPDIR, and stays when the target ends in a crash.
 *
 * Code: scan/scan.c scan/worker.c scan/visit.c scan/suspects.c scan/judge.c scan/roots.c
 * scan/owner.c scan/procfs.c scan/report.c
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzztext.h"
#include "scan/pidstat.h"
#include "scan/stale.h"

#define GOOD_STATUS "Name:\tx\nTgid:\t7\nUid:\t0\t0\t0\t0\n"
#define GOOD_STAT(pid, comm)                                                             \
	pid " (" comm ") S 1 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0\n"
#define CONTROL                                                                          \
	"7f0000000000-7f0000001000 r-xp 00000000 08:01 42 /lib/libc.so.6 (deleted)\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of process 7, by their letters; without a string there is no such file, or it is good. */
enum { STAT, STATUS, MAPS, CGROUP, CMDLINE, BTIME, EXE, ROOT, PARTS, HOW = PARTS, GIVEN };
static const struct part {
	char letter;
	bool is_link;
	const char *path, *good;
} parts[PARTS] = {
	[STAT] = {'s', false, "7/stat", GOOD_STAT("7", "fuzzed")},
	[STATUS] = {'t', false, "7/status", GOOD_STATUS},
	[MAPS] = {'m', false, "7/maps", NULL},
	[CGROUP] = {'c', false, "7/cgroup", NULL},
	[CMDLINE] = {'a', false, "7/cmdline", NULL},
	[BTIME] = {'b', false, "stat", NULL},
	[EXE] = {'x', true, "7/exe", NULL},
	[ROOT] = {'r', true, "7/root", NULL},
};

/* Not a file: 'd' asks for data too, 'u' for all that use a file, 'j' for two threads. */
#define HOW_LETTER 'k'

static char tree[256];
static int treefd = -1;

static void write_file(const char *path, const char *text)
{
	int fd = openat(treefd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ensure(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void remove_tree(void)
{
	static const char *const files[] = {"8/stat", "8/status", "8/maps"};

	for (size_t i = 0; i < PARTS; i++)
		unlinkat(treefd, parts[i].path, 0);
	for (size_t i = 0; i < 3; i++)
		unlinkat(treefd, files[i], 0);
	unlinkat(treefd, "7", AT_REMOVEDIR);
	unlinkat(treefd, "8", AT_REMOVEDIR);
	rmdir(tree);
}

static void make_tree(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(tree, sizeof(tree), "%s/captured.XXXXXX", tmp ? tmp : "/tmp");
	ensure(mkdtemp(tree) != NULL);
	treefd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ensure(treefd >= 0 && mkdirat(treefd, "7", 0700) == 0 &&
	       mkdirat(treefd, "8", 0700) == 0);
	write_file("8/stat", GOOD_STAT("8", "control"));
	write_file("8/status", GOOD_STATUS);
	write_file("8/maps", CONTROL);
	ensure(atexit(remove_tree) == 0);
}

static void put_part(const struct part *part, const char *text)
{
	unlinkat(treefd, part->path, 0);
	text = text ? text : part->good;
	if (text && part->is_link)
		(void)!symlinkat(text, treefd,
				 part->path); /* may be empty, or too long */
	else if (text)
		write_file(part->path, text);
}

static void put_parts(const char *text, size_t size, const char **given)
{
	for (size_t at = 0; at < size; at += strlen(text + at) + 1) {
		for (size_t i = 0; i < PARTS; i++) {
			if (text[at] == parts[i].letter)
				given[i] = text + at + 1;
		}
		if (text[at] == HOW_LETTER)
			given[HOW] = text + at + 1;
	}
	for (size_t i = 0; i < PARTS; i++)
		put_part(&parts[i], given[i]);
}

static void check_totals(const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);
	size_t n;

	ensure(info->finished && !info->proc_fs && !info->hidden && !info->error);
	ensure(info->listed == 2 && info->listed == info->seen + info->kernel_threads);
	ensure(info->seen ==
	       info->scanned + info->vanished + info->denied + info->failed);
	stale_report_unreadable(report, &n);
	ensure(n == info->denied + info->failed);
}

static void check_control(const struct stale_proc *proc)
{
	ensure(proc->pid == 8 && proc->nfiles == 1 && !proc->exe && !proc->unit);
	ensure(strcmp(proc->comm, "control") == 0 && proc->start_ticks == 4711);
	ensure(strcmp(proc->files[0].path, "/lib/libc.so.6") == 0 &&
	       proc->files[0].why == STALE_DELETED && proc->files[0].inode == 42);
}

static bool is_asked(const char *const *given, char how)
{
	return given[HOW] && strchr(given[HOW], how);
}

/* What is told of a file is a piece of what was read. */
static void check_files(const struct stale_proc *proc, const char *const *given)
{
	for (size_t i = 0; i < proc->nfiles; i++) {
		const struct stale_file *file = &proc->files[i];
		const char *exe = given[EXE] ? given[EXE] : "";
		const char *maps = given[MAPS] ? given[MAPS] : "";

		ensure(*file->path && file->kind < STALE_FD &&
		       (file->kind < STALE_DATA || is_asked(given, 'd')));
		ensure(file->why != STALE_MODIFIED &&
		       (file->why != STALE_CURRENT || is_asked(given, 'u')));
		ensure(strstr(maps, file->path) || strstr(exe, file->path));
	}
}

static bool has_control(const struct stale_proc *proc)
{
	for (size_t i = 0; i < proc->nfiles; i++) {
		if (strcmp(proc->files[i].path, "/lib/libc.so.6") == 0)
			return true;
	}
	return false;
}

/* A process that runs the same as the other is as stale, and a kernel thread is none. */
static void check_found(const struct stale_scan_info *info, const struct stale_proc *proc,
			const char *const *given)
{
	const char *line = given[MAPS] ? strstr(given[MAPS], CONTROL) : NULL;
	const char *stat = given[STAT] ? given[STAT] : GOOD_STAT("7", "fuzzed");
	struct pidstat parsed;
	bool thread = pidstat_parse(stat, strlen(stat), &parsed) == 0 &&
		      parsed.flags & PIDSTAT_PF_KTHREAD;

	ensure(info->kernel_threads <= thread);
	if (thread && given[MAPS] && !*given[MAPS])
		ensure(info->kernel_threads == 1);
	if (line && (line == given[MAPS] || line[-1] == '\n') && !given[STAT] &&
	    !given[STATUS] && !given[CGROUP] && info->scanned == 2)
		ensure(proc && (has_control(proc) || given[ROOT]));
	if (given[MAPS] && strcmp(given[MAPS], CONTROL) == 0 && !given[STATUS] &&
	    !given[STAT] && !given[CGROUP])
		ensure(info->scanned == 2);
}

static void check(const struct stale_report *report, const char *const *given)
{
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);
	struct stale_report *again;
	void *bytes;
	size_t len;

	check_totals(report);
	ensure(n == 1 || n == 2);
	check_control(&procs[n - 1]);
	ensure(n == 1 || (procs[0].pid == 7 && procs[0].nfiles >= 1));
	if (n == 2)
		check_files(&procs[0], given);
	check_found(stale_report_info(report), n == 2 ? &procs[0] : NULL, given);
	ensure(stale_report_pack(report, &bytes, &len) == 0);
	ensure(stale_report_unpack(bytes, len, &again) == 0);
	stale_report_free(again);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const all[] = {"*", NULL};
	struct stale_options options = {.proc_root = tree, .want_cmdline = true};
	char *text = fuzztext_string(data, size);
	struct stale_report *report;
	const char *given[GIVEN] = {NULL};

	if (!text)
		return 0;
	if (treefd < 0)
		make_tree();
	put_parts(text, size, given);
	options.kinds =
		is_asked(given, 'd') ? STALE_KIND_CODE | STALE_KIND_BIT(STALE_DATA) : 0;
	options.using_globs = is_asked(given, 'u') ? all : NULL;
	options.jobs = is_asked(given, 'j') ? 2 : 1;
	ensure(stale_scan(&options, &report) == 0);
	check(report, given);
	stale_report_free(report);
	free(text);
	return 0;
}
