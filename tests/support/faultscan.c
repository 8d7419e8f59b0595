/*
 * faultscan.c - see faultscan.h.
 */
#include "faultscan.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "reportsame.h"
#include "tests/test.h"

#define ERRORS_MAX 16

/* Without $STALE_FAULTS each call fails with so many of its errors: the first two, and one
 * of the others in turn. */
#define ERRORS_QUICK 3

/* A scan that takes longer hangs. */
#define SECONDS_MAX 60

/* What the kernel can say to a call: first what ends the scan, then what a process at its
 * end says, where there are such. */
static const struct kind {
	enum faults_call call;
	int errors[ERRORS_MAX];
} kinds[] = {
	{FAULTS_OPEN, {EMFILE, ENOENT, EACCES, EIO, ENFILE, ENOMEM, ELOOP, EINTR}},
	{FAULTS_OPENAT,
	 {EMFILE, ENOENT, ESRCH, EACCES, EPERM, EIO, ENFILE, ENOMEM, EINTR, ESTALE,
	  ENOTCONN, ELOOP, EINVAL}},
	{FAULTS_OPENAT2,
	 {ENFILE, ENOENT, EACCES, EPERM, EIO, EMFILE, ENOMEM, EAGAIN, ENOSYS, ESTALE,
	  ENOTCONN, ELOOP, EXDEV, ENOTDIR, EINTR}},
	{FAULTS_READ,
	 {ENOMEM, ESRCH, EIO, EACCES, EPERM, EINTR, EINVAL, ESTALE, ENOTCONN}},
	{FAULTS_PREAD, {ENOMEM, ESRCH, EIO, EACCES, EINTR, EISDIR, ESTALE, ENOTCONN}},
	{FAULTS_READLINK,
	 {ENOMEM, ENOENT, ESRCH, EACCES, EPERM, EIO, EINVAL, ENAMETOOLONG, ESTALE}},
	{FAULTS_IOCTL, {ENOMEM, ESRCH, EIO, EACCES, EPERM, ENOTTY, EINVAL, EINTR}},
	{FAULTS_STATX,
	 {ENOMEM, ENOENT, ESRCH, EACCES, EPERM, EIO, ESTALE, ENOTCONN, ELOOP, EINTR}},
	{FAULTS_FSTATAT, {ENOMEM, ENOENT, ESRCH, EACCES, EPERM, EIO, ELOOP}},
	{FAULTS_FSTATFS, {ENOMEM, EIO, ENOSYS, EINTR, ESTALE, ENOTCONN}},
	{FAULTS_FACCESSAT, {ENOMEM, ENOENT, EACCES, EIO}},
	{FAULTS_FDOPENDIR, {ENOMEM, EIO}},
	{FAULTS_READDIR, {ENOMEM, EIO, EINTR}},
	{FAULTS_CLOSE, {EIO, EINTR, ENOSPC}},
	{FAULTS_MMAP, {ENOMEM, EAGAIN, EPERM}},
	{FAULTS_THREAD, {EAGAIN, EPERM, ENOMEM}},
	{FAULTS_UNSHARE, {EPERM, ENOMEM, EMFILE}},
	{FAULTS_AFFINITY, {EINVAL, EPERM}},
};

enum class {
	VANISHED,
	DENIED,
	FAILED,
	FATAL,
};

static enum class class_of(int error) {
	switch (error){
		case ENOENT : case ESRCH : return VANISHED;
		case EACCES : case EPERM : return DENIED;
		case ENOMEM : case EMFILE : case ENFILE : return FATAL;
	}
return FAILED;
}

/* One scan with a fault, beside the clean one. */
struct trial {
	const struct faultscan *scan;
	const struct stale_report *clean;
	struct fault fault;
	struct faults_result result;
	int rc;
	struct stale_report *report; /* owned; NULL: none */
	/* What differs is in one process, or in one file. */
	pid_t other_pid;
	const char *other_path;
	bool many_pids, many_paths;
	unsigned bad;
};

/* NOLINTNEXTLINE(cert-dcl50-cpp): printf() is the model */
static void bad(struct trial *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void bad(struct trial *t, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_error("%s: %s %ld%s (%s) fails, %s: %s\n", t->scan->label,
		    faults_name(t->fault.call), t->fault.nth,
		    t->fault.for_ever ? " and all after it" : "", t->result.name,
		    strerror(t->fault.error), text);
	t->bad++;
}

/* Without it the scan is slower, or has its own way to go on. */
static bool is_harmless(enum faults_call call)
{
	return call == FAULTS_MMAP || call == FAULTS_THREAD || call == FAULTS_UNSHARE ||
	       call == FAULTS_AFFINITY || call == FAULTS_CLOSE;
}

/* Was it the tree itself that could not be opened or listed? */
static bool is_of_tree(const struct trial *t)
{
	const char *root = t->scan->opt.proc_root ? t->scan->opt.proc_root : "/proc";

	return strcmp(t->result.name, root) == 0 || strcmp(t->result.name, ".") == 0;
}

/* Is what failed a file of one process, of which it says nothing of others? */
static bool is_of_process(const struct trial *t)
{
	static const char *const names[] = {"root", "ns/mnt", "mountinfo", "exe",
					    "maps", "cgroup", "stat",      "status"};
	const char *name = t->result.name;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "map_files/", 10) == 0 || strncmp(name, "fd/", 3) == 0;
}

static const struct stale_proc *find_proc(const struct stale_report *report, pid_t pid)
{
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	for (size_t i = 0; i < n; i++)
		if (procs[i].pid == pid)
			return &procs[i];
	return NULL;
}

/* Are they, once every newline is written as the text of maps does? */
static bool is_same_path(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (*a == *b)
			continue;
		if (*a == '\n' && strncmp(b, "\\012", 4) == 0)
			b += 3;
		else if (*b == '\n' && strncmp(a, "\\012", 4) == 0)
			a += 3;
		else
			return false;
	}
	return *a == *b;
}

static const struct stale_file *find_file(const struct stale_proc *proc,
					  const struct stale_file *like)
{
	for (size_t i = 0; i < proc->nfiles; i++)
		if (is_same_path(proc->files[i].path, like->path) &&
		    proc->files[i].inode == like->inode && proc->files[i].fd == like->fd)
			return &proc->files[i];
	return NULL;
}

static bool is_unreadable(const struct trial *t, pid_t pid)
{
	size_t n;
	const struct stale_unreadable *list = stale_report_unreadable(t->report, &n);

	for (size_t i = 0; i < n; i++)
		if (list[i].pid == pid)
			return true;
	return false;
}

static void differs(struct trial *t, pid_t pid, const char *path)
{
	t->many_pids |= t->other_pid && t->other_pid != pid;
	t->many_paths |= t->other_path && strcmp(t->other_path, path) != 0;
	t->other_pid = pid;
	t->other_path = path;
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same_id(const struct stale_file *a, const struct stale_file *b)
{
	return a->build_id_len == b->build_id_len &&
	       (!a->build_id_len || !memcmp(a->build_id, b->build_id, a->build_id_len));
}

/* A captured tree may lack it, and a name may be longer than what a link can tell. */
static bool may_lack_exe(const struct trial *t)
{
	return t->fault.call == FAULTS_READLINK &&
	       (t->scan->opt.proc_root || t->fault.error == ENAMETOOLONG) &&
	       (t->fault.for_ever || strcmp(t->result.name, "exe") == 0);
}

/* The successor cannot be looked up, or not be read. */
static bool is_right_why(const struct stale_file *got, const struct stale_file *want)
{
	if (got->why == STALE_DELETED)
		return !got->successor;
	if (!is_same_text(got->successor, want->successor))
		return false;
	return got->why == want->why ||
	       (got->why == STALE_REPLACED && want->why == STALE_REINSTALLED);
}

static void compare_file(struct trial *t, pid_t pid, const struct stale_file *got,
			 const struct stale_file *want)
{
	if (!is_right_why(got, want) || (got->kind != want->kind && !may_lack_exe(t)))
		bad(t, "%s of %d is %s %s, successor %s, expected %s %s, %s", got->path,
		    pid, stale_kind_name(got->kind), stale_why_name(got->why),
		    got->successor ? got->successor : "none", stale_kind_name(want->kind),
		    stale_why_name(want->why),
		    want->successor ? want->successor : "none");
	if (got->build_id_len && !is_same_id(got, want))
		bad(t, "%s of %d has another build-id", got->path, pid);
	if (got->why != want->why || got->since != want->since ||
	    got->since_source != want->since_source || !is_same_id(got, want) ||
	    got->bytes != want->bytes)
		differs(t, pid, want->path);
}

/* A live file is current where its successor cannot be looked up; a descriptor may be
 * closed at any time. */
static bool may_be_gone(const struct trial *t, const struct stale_file *file)
{
	return file->why == STALE_SUPERSEDED ||
	       (file->kind == STALE_FD && class_of(t->fault.error) == VANISHED);
}

static bool may_all_be_gone(const struct trial *t, const struct stale_proc *proc)
{
	for (size_t i = 0; i < proc->nfiles; i++)
		if (!may_be_gone(t, &proc->files[i]))
			return false;
	return true;
}

static void compare_files(struct trial *t, const struct stale_proc *got,
			  const struct stale_proc *want)
{
	for (size_t i = 0; i < want->nfiles; i++) {
		const struct stale_file *file = find_file(got, &want->files[i]);

		if (file) {
			compare_file(t, want->pid, file, &want->files[i]);
			continue;
		}
		differs(t, want->pid, want->files[i].path);
		if (!may_be_gone(t, &want->files[i]) && !is_unreadable(t, want->pid))
			bad(t, "%s of %d is not told", want->files[i].path, want->pid);
	}
	for (size_t i = 0; i < got->nfiles; i++) {
		const struct stale_file *file = &got->files[i];

		if (find_file(want, file))
			continue;
		if (got->pid != t->scan->marked || file->why != STALE_DELETED)
			bad(t, "%s of %d is told", file->path, got->pid);
		differs(t, got->pid, file->path);
	}
}

static void compare_proc(struct trial *t, const struct stale_proc *got,
			 const struct stale_proc *want)
{
	const bool is_cgroup = strstr(t->result.name, "cgroup") != NULL;

	if (strcmp(got->comm, want->comm) != 0 || got->ppid != want->ppid ||
	    got->uid != want->uid || got->start_ticks != want->start_ticks)
		bad(t, "%d is another process: %s", got->pid, got->comm);
	if (!is_same_text(got->exe, want->exe) && !(may_lack_exe(t) && !got->exe))
		bad(t, "%d executes %s", got->pid, got->exe ? got->exe : "nothing");
	if (!is_cgroup && (got->scope != want->scope || got->advice != want->advice ||
			   !is_same_text(got->unit, want->unit)))
		bad(t, "%d is of %s, %s", got->pid, stale_scope_name(got->scope),
		    got->unit ? got->unit : "no unit");
	if (got->cmdline_len != want->cmdline_len)
		differs(t, got->pid, "cmdline");
	compare_files(t, got, want);
}

/* As on a kernel without control groups: then it is in no unit, and not asked for. */
static bool has_no_group(const struct trial *t)
{
	return strcmp(t->result.name, "cgroup") == 0 && t->fault.error == ENOENT;
}

/* Processes that are not told; vanished: how many of them may be. */
static void compare_procs(struct trial *t, size_t vanished)
{
	size_t n, nwant;
	const struct stale_proc *procs = stale_report_procs(t->report, &n);
	const struct stale_proc *wants = stale_report_procs(t->clean, &nwant);

	for (size_t i = 0; i < nwant; i++) {
		const struct stale_proc *got = find_proc(t->report, wants[i].pid);

		if (got) {
			compare_proc(t, got, &wants[i]);
			continue;
		}
		differs(t, wants[i].pid, wants[i].files[0].path);
		if (is_unreadable(t, wants[i].pid) || may_all_be_gone(t, &wants[i]) ||
		    has_no_group(t))
			continue;
		if (vanished == 0)
			bad(t, "nothing is told of %d, and it is not counted",
			    wants[i].pid);
		else
			vanished--;
	}
	for (size_t i = 0; i < n; i++) {
		if (find_proc(t->clean, procs[i].pid))
			continue;
		differs(t, procs[i].pid, procs[i].files[0].path);
		if (procs[i].pid != t->scan->marked ||
		    procs[i].files[0].why != STALE_DELETED)
			bad(t, "%s of %d is told", procs[i].files[0].path, procs[i].pid);
	}
}

/* Returns how many processes more have vanished than do so in the clean scan. */
static size_t compare_info(struct trial *t)
{
	const struct stale_scan_info *got = stale_report_info(t->report);
	const struct stale_scan_info *want = stale_report_info(t->clean);
	size_t n;

	if (got->listed != want->listed || !got->finished || got->error ||
	    got->listed != got->seen + got->kernel_threads + got->unselected)
		bad(t, "%zu listed, %zu seen, %zu finished, error %d", got->listed,
		    got->seen, (size_t)got->finished, got->error);
	/* What is counted as one of these is not looked at, and not missed. */
	if (got->kernel_threads > want->kernel_threads ||
	    (got->unselected > want->unselected && !has_no_group(t)) ||
	    got->scanned > want->scanned)
		bad(t, "%zu kernel threads, %zu unselected, %zu scanned",
		    got->kernel_threads, got->unselected, got->scanned);
	if ((got->vanished > want->vanished && class_of(t->fault.error) != VANISHED) ||
	    (got->denied > want->denied && class_of(t->fault.error) != DENIED))
		bad(t, "%zu vanished, %zu denied", got->vanished, got->denied);
	if (!t->fault.for_ever && want->scanned > got->scanned + 1)
		bad(t, "%zu scanned, expected %zu", got->scanned, want->scanned);
	if (got->hidden != want->hidden && t->fault.call != FAULTS_FACCESSAT)
		bad(t, "hidden is %d", got->hidden);
	stale_report_unreadable(t->report, &n);
	if (n != got->denied + got->failed)
		bad(t, "%zu unreadable processes are named", n);
	return got->vanished > want->vanished ? got->vanished - want->vanished : 0;
}

static void judge_error(struct trial *t)
{
	if (t->rc == (t->fault.call == FAULTS_MMAP ? -ENOMEM : -t->fault.error) &&
	    (class_of(t->fault.error) == FATAL || is_of_tree(t) ||
	     t->fault.call == FAULTS_MMAP))
		return;
	/* The tree is lost on the way, or all processes that were asked for. */
	if (t->fault.for_ever &&
	    (t->rc == -t->fault.error || (t->rc == -ESRCH && t->scan->opt.pids)))
		return;
	bad(t, "the scan fails: %s", strerror(-t->rc));
}

static void judge(struct trial *t)
{
	if (t->rc < 0) {
		judge_error(t);
		return;
	}
	if (t->result.is_injected && class_of(t->fault.error) == FATAL &&
	    !is_harmless(t->fault.call))
		bad(t, "the scan does not fail");
	compare_procs(t, compare_info(t));
	if (t->fault.for_ever)
		return;
	if (is_harmless(t->fault.call) && t->other_pid)
		bad(t, "%s of %d is not as before", t->other_path, t->other_pid);
	if (t->many_pids && t->many_paths)
		bad(t, "more than one process and file is not as before");
	if (t->many_pids && is_of_process(t) && class_of(t->fault.error) == VANISHED)
		bad(t, "%s of other processes is not as before", t->other_path);
}

/* Returns whether the call was made at all. */
static bool try(const struct faultscan *scan, const struct stale_report *clean,
		const struct fault *fault, struct faultscan_sum *sum)
{
	struct trial t = {.scan = scan, .clean = clean, .fault = *fault};
	const int nfds = faults_count_fds();

	alarm(SECONDS_MAX);
	faults_begin(fault);
	t.rc = stale_scan(&scan->opt, &t.report);
	t.result = faults_end();
	alarm(0);
	if ((t.rc < 0) != !t.report)
		bad(&t, "the result is %d, and there is %s report", t.rc,
		    t.report ? "a" : "no");
	else
		judge(&t);
	if (faults_count_fds() != nfds)
		bad(&t, "a descriptor was lost");
	stale_report_free(t.report);
	sum->faults += t.result.is_injected;
	sum->bad += t.bad;
	return t.result.is_injected;
}

/* One after another, and from one on all: for who asks again and again. */
static void try_call(const struct faultscan *scan, const struct stale_report *clean,
		     const struct kind *kind, long nth, struct faultscan_sum *sum)
{
	const bool is_full = getenv("STALE_FAULTS") != NULL;
	size_t n = 0;

	while (n < ERRORS_MAX && kind->errors[n])
		n++;
	for (size_t i = 0; i < n && (is_full || i < ERRORS_QUICK); i++) {
		const size_t at = is_full || i < 2 ? i : 2 + (size_t)nth % (n - 2);
		struct fault fault = {
			.call = kind->call,
			.nth = nth,
			.error = kind->errors[at],
			.is_ours = class_of(kind->errors[at]) == FATAL,
		};

		try(scan, clean, &fault, sum);
		fault.for_ever = true;
		if ((is_full || nth == 0) && fault.error != EINTR)
			try(scan, clean, &fault, sum);
	}
}

static struct faults_result scan_clean(const struct faultscan *scan,
				       struct stale_report **ret)
{
	const struct fault none = {0};

	faults_begin(&none);
	assert_int_equal(stale_scan(&scan->opt, ret), 0);
	return faults_end();
}

void faultscan_run(const struct faultscan *scan, struct faultscan_sum *sum)
{
	struct stale_report *clean, *again;
	struct faults_result result = scan_clean(scan, &clean);

	scan_clean(scan, &again);
	reportsame_assert(scan->label, again, clean);
	stale_report_free(again);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const enum faults_call call = kinds[i].call;

		if (scan->calls & FAULTS_BIT(call) && result.counts[call] == 0)
			fail_msg("%s: %s is never called", scan->label,
				 faults_name(call));
		sum->calls += result.counts[call];
		for (long nth = 0; nth < result.counts[call]; nth++)
			try_call(scan, clean, &kinds[i], nth, sum);
	}
	stale_report_free(clean);
}

void faultscan_finish(const struct faultscan_sum *sum)
{
	print_message("faults: %ld calls, %ld faults injected\n", sum->calls,
		      sum->faults);
	assert_int_equal(sum->bad, 0);
}
