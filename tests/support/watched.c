/*
 * watched.c - see watched.h.
 */
#include "watched.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

void *watched_map(const struct live *live, const char *name, size_t size)
{
	void *at;
	int fd;

	live_need_dir(live);
	fd = openat(live->dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0666), 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	close(fd);
	return at;
}

void watched_unmap(void *at, size_t size)
{
	munmap(at, size);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void watched_begin(struct watched_loop *loop)
{
	loop->began = now();
	loop->n = 0;
	if (getenv("STALE_LONG"))
		loop->least = loop->most;
}

bool watched_next(struct watched_loop *loop)
{
	if (loop->n >= loop->least &&
	    (loop->n >= loop->most || watched_seconds(loop) >= loop->seconds))
		return false;
	loop->n++;
	return true;
}

bool watched_longer(struct watched_loop *loop)
{
	if (watched_seconds(loop) >= 60)
		return false;
	loop->n++;
	return true;
}

double watched_seconds(const struct watched_loop *loop)
{
	return now() - loop->began;
}
