/*
 * livekinds.h - expectations on data and open descriptors, for live cases.
 */
#ifndef TESTS_LIVEKINDS_H
#define TESTS_LIVEKINDS_H

#include "live.h"
#include "livescan.h"

#define KIND_DATA STALE_KIND_BIT(STALE_DATA)
#define KIND_FD   STALE_KIND_BIT(STALE_FD)
#define KINDS_ALL (STALE_KIND_CODE | KIND_DATA | KIND_FD)

/* Makes a file of that length, all of it on disk.  Its path is the caller's. */
char *livekinds_file(const struct live *live, const char *name, size_t len);

struct livekinds_open {
	int fd;
	int64_t bytes;
};

struct live_want *livekinds_expect_data(struct live *live, pid_t pid, const char *name,
					enum stale_why why, int64_t bytes);
struct live_want *livekinds_expect_fd(struct live *live, pid_t pid, const char *name,
				      enum stale_why why,
				      const struct livekinds_open *open);

#endif
