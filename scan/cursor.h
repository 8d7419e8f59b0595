/*
 * cursor.h - a place in a text of the kernel, and the numbers that are taken from there.
 *
 * The text is not ended by NUL, so that strtoull(3) would read on.
 */
#ifndef SCAN_CURSOR_H
#define SCAN_CURSOR_H

#include <errno.h>
#include <stdint.h>

struct cursor {
	const char *at;
	const char *end;
};

/*
 * Takes a decimal number up to max, and the character that must follow it.  Returns 0,
 * -EINVAL where there is no number or another character (also none) behind it, -ERANGE.
 * The cursor moves only on success.
 */
static inline int cursor_take_number(struct cursor *cur, uint64_t max, char then,
				     uint64_t *ret)
{
	const char *p = cur->at;
	uint64_t value = 0;

	for (; p < cur->end && *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, (unsigned)(*p - '0'), &value) ||
		    value > max)
			return -ERANGE;
	}
	if (p == cur->at || p == cur->end || *p != then)
		return -EINVAL;
	cur->at = p + 1;
	*ret = value;
	return 0;
}

#endif
