/*
 * livekinds.c - see livekinds.h.
 */
#include "livekinds.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/test.h"

char *livekinds_file(const struct live *live, const char *name, size_t len)
{
	char *path = live_path(live, name);
	char *bytes = malloc(len);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	assert_true(fd >= 0 && bytes);
	memset(bytes, 'x', len);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fsync(fd), 0);
	close(fd);
	free(bytes);
	return path;
}

struct live_want *livekinds_expect_data(struct live *live, pid_t pid, const char *name,
					enum stale_why why, int64_t bytes)
{
	struct live_want *want = live_expect(live, pid, STALE_DATA, name, why);

	want->bytes = bytes;
	return want;
}

struct live_want *livekinds_expect_fd(struct live *live, pid_t pid, const char *name,
				      enum stale_why why,
				      const struct livekinds_open *open)
{
	struct live_want *want = live_expect(live, pid, STALE_FD, name, why);

	want->fd = open->fd;
	want->bytes = open->bytes;
	return want;
}
