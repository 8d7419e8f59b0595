/*
 * livecheck.c - see livecheck.h.
 */
#include "livecheck.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "liveplugin.h"
#include "tests/test.h"

/* linux/fs.h of Linux 6.11: _IOWR(PROCFS_IOCTL_MAGIC, 17, struct procmap_query). */
#define QUERY_SIZE 104
#define QUERY      _IOC(_IOC_READ | _IOC_WRITE, 'f', 17, QUERY_SIZE)

bool livecheck_has_query(void)
{
	uint64_t query[QUERY_SIZE / 8] = {QUERY_SIZE};
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	int r = ioctl(fd, QUERY, query); /* what is mapped at 0? Nothing: ENOENT */
	int err = errno;

	close(fd);
	return r == 0 || err == ENOENT;
}

int64_t livecheck_boot_time(void)
{
	struct timespec wall, boot;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (int64_t)(wall.tv_sec - boot.tv_sec) * 1000000000 + wall.tv_nsec -
	       boot.tv_nsec;
}

struct stale_options livecheck_options(const struct live *live)
{
	struct stale_options opt = live->opt;

	opt.boot_time_ns = livecheck_boot_time();
	opt.pids = live->pids;
	opt.npids = live->npids;
	return opt;
}

const char *livecheck_show(const char *bytes)
{
	static char room[8][512];
	static unsigned turn;
	char *to = room[turn++ % 8];
	size_t n = 0;

	if (!bytes)
		return "(none)";
	for (; *bytes && n < sizeof(room[0]) - 8; bytes++)
		if (isprint((unsigned char)*bytes) && *bytes != '\\')
			to[n++] = *bytes;
		else
			n += (size_t)sprintf(to + n, "\\x%02x", (unsigned char)*bytes);
	to[n] = '\0';
	return to;
}

/* Are both the same once every newline is written as the text of maps does? */
static bool same_path(const char *a, const char *b)
{
	static const char newline[] = "\\012";

	if (!a || !b)
		return a == b;
	while (*a && *b) {
		if (*a == *b)
			a++, b++;
		else if (*a == '\n' && strncmp(b, newline, 4) == 0)
			a++, b += 4;
		else if (*b == '\n' && strncmp(a, newline, 4) == 0)
			b++, a += 4;
		else
			return false;
	}
	return *a == *b;
}

/* What PROCMAP_QUERY tells must be exact. */
static bool wanted_path(const char *path, const char *want, enum stale_method method)
{
	return method == STALE_METHOD_MAPS ? same_path(path, want)
					   : strcmp(path, want) == 0;
}

const struct stale_proc *livecheck_find(const struct stale_report *report, pid_t pid)
{
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	for (size_t i = 0; i < n; i++)
		if (procs[i].pid == pid)
			return &procs[i];
	return NULL;
}

static void tell(const char *what, pid_t pid, const struct stale_file *file)
{
	print_error("  %s: pid %d %s %s %s, successor %s, since %lld (%s), build-id %zu, "
		    "fd %d, %lld bytes\n",
		    what, pid, stale_kind_name(file->kind), stale_why_name(file->why),
		    livecheck_show(file->path), livecheck_show(file->successor),
		    (long long)file->since,
		    livecheck_show(stale_since_name(file->since_source)),
		    file->build_id_len, file->fd, (long long)file->bytes);
}

static void tell_want(const char *what, const struct live_want *want)
{
	print_error("  %s: pid %d %s %s %s%s%s\n", what, want->pid,
		    stale_kind_name(want->kind),
		    want->rule ? "ignored" : stale_why_name(want->why),
		    livecheck_show(want->path), want->rule ? " for " : "",
		    want->rule ? want->rule : "");
}

/* A date is asserted where the evidence for it can be had. */
static bool is_dated_well(const struct live *live, const struct live_want *want,
			  const struct stale_file *file)
{
	if (file->since_source != want->since_source)
		return false;
	if (want->since_source == STALE_SINCE_UNKNOWN)
		return file->since == 0;
	return file->since >= live->began - 1 && file->since <= time(NULL) + 1;
}

static bool has_successor(enum stale_why why)
{
	return why == STALE_REPLACED || why == STALE_SUPERSEDED ||
	       why == STALE_REINSTALLED;
}

/* How much data is left on disk, the old inode alone tells. */
static bool holds_well(const struct live *live, const struct live_want *want,
		       const struct stale_file *file)
{
	if (file->fd != want->fd)
		return false;
	return file->bytes == want->bytes || (live->undated && want->kind == STALE_DATA);
}

static bool is_wanted(const struct live *live, const struct live_want *want,
		      const struct stale_file *file, enum stale_method method)
{
	return !want->rule && file->kind == want->kind && file->why == want->why &&
	       wanted_path(file->path, want->path, method) &&
	       has_successor(file->why) == (file->successor != NULL) &&
	       holds_well(live, want, file) &&
	       (live->undated || is_dated_well(live, want, file));
}

static unsigned check_file(const struct live *live, pid_t pid,
			   const struct stale_file *file, enum stale_method method,
			   bool *found)
{
	for (size_t i = 0; i < live->nwants; i++) {
		const struct live_want *want = &live->wants[i];

		if (!found[i] && want->pid == pid &&
		    is_wanted(live, want, file, method)) {
			found[i] = true;
			return 0;
		}
	}
	tell("not wanted", pid, file);
	return 1;
}

static unsigned check_ignored(const struct live *live,
			      const struct stale_ignored *ignored,
			      enum stale_method method, bool *found)
{
	for (size_t i = 0; i < live->nwants; i++) {
		const struct live_want *want = &live->wants[i];

		if (!found[i] && want->pid == ignored->pid && want->rule &&
		    strstr(ignored->rule, want->rule) &&
		    wanted_path(ignored->path, want->path, method)) {
			found[i] = true;
			return 0;
		}
	}
	print_error("  not wanted: pid %d ignored %s for %s\n", ignored->pid,
		    livecheck_show(ignored->path), ignored->rule);
	return 1;
}

static unsigned check_info(const struct live *live, const struct stale_report *report)
{
	const struct stale_scan_info *info = stale_report_info(report);

	if (info->scanned == live->npids && info->seen == live->npids && info->finished &&
	    info->proc_fs && info->error == 0)
		return 0;
	print_error(
		"  %zu wanted: seen %zu scanned %zu vanished %zu denied %zu failed %zu "
		"finished %d error %d\n",
		live->npids, info->seen, info->scanned, info->vanished, info->denied,
		info->failed, info->finished, info->error);
	return 1;
}

unsigned livecheck_report(const struct live *live, const struct stale_report *report)
{
	enum stale_method method = stale_report_info(report)->method;
	bool found[LIVE_MAX] = {false};
	unsigned differences = check_info(live, report);
	size_t n;
	const struct stale_proc *procs = stale_report_procs(report, &n);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < procs[i].nfiles; j++)
			differences += check_file(live, procs[i].pid, &procs[i].files[j],
						  method, found);
	const struct stale_ignored *ignored = stale_report_ignored(report, &n);

	for (size_t i = 0; i < n; i++)
		differences += check_ignored(live, &ignored[i], method, found);
	for (size_t i = 0; i < live->nwants; i++)
		if (!found[i]) {
			tell_want("missing", &live->wants[i]);
			differences++;
		}
	return differences;
}

/* Without all privileges only the ioctl can tell the build-id of an old file. */
static bool equal_build_ids(const struct stale_file *a, const struct stale_file *b)
{
	if (!a->build_id != !b->build_id)
		return !live_sees_old_inodes();
	return a->build_id_len == b->build_id_len &&
	       (!a->build_id || memcmp(a->build_id, b->build_id, a->build_id_len) == 0);
}

static bool equal_files(const struct stale_file *a, const struct stale_file *b)
{
	return same_path(a->path, b->path) && same_path(a->successor, b->successor) &&
	       equal_build_ids(a, b) && a->device == b->device && a->inode == b->inode &&
	       a->since == b->since && a->since_source == b->since_source &&
	       a->kind == b->kind && a->why == b->why && a->fd == b->fd &&
	       a->bytes == b->bytes && a->id == b->id;
}

static bool equal_owners(const struct stale_proc *a, const struct stale_proc *b)
{
	return a->scope == b->scope && same_path(a->unit, b->unit) &&
	       same_path(a->runtime, b->runtime) &&
	       same_path(a->container, b->container) && a->owner == b->owner &&
	       a->is_leftover == b->is_leftover && a->advice == b->advice;
}

static unsigned equal_procs(const struct stale_proc *a, const struct stale_proc *b)
{
	unsigned differences = 0;

	if (a->nfiles != b->nfiles || strcmp(a->comm, b->comm) != 0 || a->uid != b->uid ||
	    a->ppid != b->ppid || !same_path(a->exe, b->exe) || !equal_owners(a, b)) {
		print_error("  pid %d \"%s\": not the same by both methods\n", a->pid,
			    livecheck_show(a->comm));
		return 1;
	}
	for (size_t i = 0; i < a->nfiles; i++)
		if (!equal_files(&a->files[i], &b->files[i])) {
			tell("by one method", a->pid, &a->files[i]);
			tell("by the other", b->pid, &b->files[i]);
			differences++;
		}
	return differences;
}

/* Of those of a, which differ in b? */
static unsigned not_in(const struct stale_report *a, const struct stale_report *b,
		       bool common)
{
	unsigned differences = 0;
	size_t n;
	const struct stale_proc *procs = stale_report_procs(a, &n);

	for (size_t i = 0; i < n; i++) {
		const struct stale_proc *other = livecheck_find(b, procs[i].pid);

		if (other && other->start_ticks == procs[i].start_ticks) {
			differences += equal_procs(&procs[i], other);
		} else if (!common) {
			print_error("  pid %d by one method only\n", procs[i].pid);
			differences++;
		}
	}
	return differences;
}

static unsigned equal_ignored(const struct stale_report *a, const struct stale_report *b)
{
	size_t na, nb;
	const struct stale_ignored *in_a = stale_report_ignored(a, &na);
	const struct stale_ignored *in_b = stale_report_ignored(b, &nb);

	if (na != nb) {
		print_error("  %zu ignored by one method, %zu by the other\n", na, nb);
		return 1;
	}
	for (size_t i = 0; i < na; i++)
		if (in_a[i].pid != in_b[i].pid ||
		    strcmp(in_a[i].rule, in_b[i].rule) != 0 ||
		    !same_path(in_a[i].path, in_b[i].path)) {
			print_error("  ignored %s or %s\n", livecheck_show(in_a[i].path),
				    livecheck_show(in_b[i].path));
			return 1;
		}
	return 0;
}

unsigned livecheck_equal(const struct stale_report *a, const struct stale_report *b,
			 bool common)
{
	unsigned differences = not_in(a, b, common) + not_in(b, a, common);

	return common ? differences : differences + equal_ignored(a, b);
}

static struct stale_report *scan(const struct live *live, enum stale_method method,
				 unsigned *differences)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report = NULL;
	int r;

	/* By the ioctl alone such a process cannot be read at all. */
	opt.method = live->text && method == STALE_METHOD_PROCMAP_QUERY
			     ? STALE_METHOD_AUTO
			     : method;
	r = stale_scan(&opt, &report);
	if (r < 0) {
		print_error("  stale_scan() by %s: %s\n", stale_method_name(method),
			    strerror(-r));
		++*differences;
		return NULL;
	}
	if (stale_report_info(report)->method !=
	    (live->text ? STALE_METHOD_MAPS : method)) {
		print_error("  not read by %s\n", stale_method_name(method));
		++*differences;
	}
	*differences += livecheck_report(live, report);
	return report;
}

unsigned livecheck_methods(const struct live *live)
{
	unsigned differences = 0;
	struct stale_report *by_maps = scan(live, STALE_METHOD_MAPS, &differences);

	if (livecheck_has_query()) {
		struct stale_report *by_query =
			scan(live, STALE_METHOD_PROCMAP_QUERY, &differences);

		if (by_maps && by_query)
			differences += livecheck_equal(by_maps, by_query, false);
		stale_report_free(by_query);
	}
	stale_report_free(by_maps);
	return differences;
}

unsigned livecheck(const struct live *live)
{
	return livecheck_methods(live) + liveplugin_check(live);
}
