/*
 * livescan.c - see livescan.h.
 */
#include "livescan.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "livecheck.h"
#include "tests/test.h"

struct stale_report *livescan(const struct live *live, enum stale_method method)
{
	struct stale_options opt = livecheck_options(live);
	struct stale_report *report = NULL;
	int rc;

	opt.method = method;
	rc = stale_scan(&opt, &report);
	if (rc < 0)
		fail_msg("stale_scan() by %s: %s", stale_method_name(method),
			 strerror(-rc));
	return report;
}

void livescan_each(struct live *live,
		   void (*look)(struct live *live, const struct stale_report *report))
{
	const enum stale_method methods[] = {STALE_METHOD_MAPS,
					     STALE_METHOD_PROCMAP_QUERY};

	for (size_t i = 0; i < 1 + (size_t)livecheck_has_query(); i++) {
		struct stale_report *report = livescan(live, methods[i]);

		look(live, report);
		stale_report_free(report);
	}
}

const struct stale_proc *livescan_proc(const struct stale_report *report, pid_t pid)
{
	const struct stale_proc *proc = livecheck_find(report, pid);

	if (!proc)
		fail_msg("nothing is told of process %d", pid);
	return proc;
}

struct stale_totals livescan_count(const struct live *live,
				   const struct stale_report *report)
{
	const unsigned modified =
		live->opt.want_modified ? STALE_WHY_BIT(STALE_MODIFIED) : 0;
	const struct stale_policy policy = {
		.why = STALE_WHY_DEFAULT | modified,
		.kinds = live->opt.kinds,
		.is_using = live->opt.using_globs != NULL,
	};
	struct stale_totals totals;

	assert_int_equal(stale_report_count(report, &policy, time(NULL), &totals), 0);
	return totals;
}

int64_t livescan_bytes(const struct live *live, const char *name)
{
	int fd = openat(live->dirfd, name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fsync(fd), 0); /* only then is it settled */
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	return (int64_t)st.st_blocks * 512;
}
