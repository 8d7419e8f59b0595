/*
 * oom.c - stands between our objects and the allocator.
 *
 * Comes out of the archive only for a program whose calls are wrapped: nothing else knows
 * its names.
 */
#include "oom.h"

#include <errno.h>

#include "tests/test.h"

_Atomic long oom_countdown = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails_now(void)
{
	/* Below 0 it has failed already, also where two threads came at once. */
	return oom_countdown >= 0 && oom_countdown-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

long oom_exhaust(int (*make)(void *arg), void *arg)
{
	for (long n = 0;; n++) {
		long left;
		int rc;

		oom_countdown = n;
		rc = make(arg);
		left = oom_countdown;
		oom_countdown = -1;
		if (left >= 0) {
			assert_int_equal(rc, 0);
			return n;
		}
		if (rc != -ENOMEM)
			fail_msg("allocation %ld failed, the result is %d", n, rc);
	}
}
