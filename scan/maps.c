/*
 * maps.c - one line of /proc/PID/maps, in one pass and without a copy.
 *
 * This is the hot path of a scan without PROCMAP_QUERY: every line of every process goes
 * through here.  It takes the kernel's layout at its word, one blank between two fields,
 * and refuses anything else.  It does not judge the path: marks, escapes and kernel
 * objects belong to names.c.
 */
#include "maps.h"

#include "cursor.h"

/* The value of a hex digit plus one, 0 for what is none.  seq_put_hex_ll() in the
 * kernel's fs/seq_file.c writes lower case only. */
static const uint8_t hex_digit[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* A hex number and the character that must follow it. */
static int take_hex(struct cursor *cur, char then, uint64_t *ret)
{
	const char *p = cur->at;
	const char *const end = cur->end;
	uint64_t value = 0;
	unsigned digit;

	for (; p < end && (digit = hex_digit[(uint8_t)*p]) != 0; p++) {
		if (value >> 60)
			return -ERANGE;
		value = value << 4 | (digit - 1);
	}
	if (p == cur->at || p == end || *p != then)
		return -EINVAL;
	cur->at = p + 1;
	*ret = value;
	return 0;
}

/* "r-xp ": the third letter says whether it may run; the fourth, p or s, is no matter. */
static int take_perms(struct cursor *cur, bool *ret_executable)
{
	const char *p = cur->at;

	if (cur->end - p < 5 || (p[2] != 'x' && p[2] != '-') || p[4] != ' ')
		return -EINVAL;
	*ret_executable = p[2] == 'x';
	cur->at = p + 5;
	return 0;
}

/* "08:01 ": btrfs, overlayfs and many loop devices have minors over 0xff. */
static int take_device(struct cursor *cur, uint64_t *ret)
{
	uint64_t major, minor;
	int r;

	r = take_hex(cur, ':', &major);
	if (r < 0)
		return r;
	r = take_hex(cur, ' ', &minor);
	if (r < 0)
		return r;
	if (major > UINT32_MAX || minor > UINT32_MAX)
		return -ERANGE;
	*ret = major << 32 | minor;
	return 0;
}

/* Decimal, up to 20 digits, followed by a blank or by nothing. */
static int take_inode(struct cursor *cur, uint64_t *ret)
{
	const char *p = cur->at;
	uint64_t value = 0;

	for (; p < cur->end && *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, (unsigned)(*p - '0'), &value))
			return -ERANGE;
	}
	if (p == cur->at || (p < cur->end && *p != ' '))
		return -EINVAL;
	cur->at = p;
	*ret = value;
	return 0;
}

/*
 * All that is left.  A file's path begins with '/' and no other name with a blank, so the
 * blanks in front are the padding of show_map_vma() in the kernel's fs/proc/task_mmu.c.
 */
static void take_path(struct cursor *cur, struct maps_line *line)
{
	while (cur->at < cur->end && *cur->at == ' ')
		cur->at++;
	line->path_len = (size_t)(cur->end - cur->at);
	line->path = line->path_len ? cur->at : NULL;
}

/*
 * 563476dc9000-563476dcf000 r-xp 00002000 fe:00 247498              /usr/bin/head
 * 08048000-08056000 r-xp 00000000 03:0c 64593   /usr/sbin/gpm
 * 7ffc5f5f2000-7ffc5f613000 rw-p 00000000 00:00 0 
 *
 * proc_pid_maps(5).
 */
int maps_line_parse(const char *text, size_t len, struct maps_line *ret)
{
	struct cursor cur = {text, text + len};
	struct maps_line line;
	uint64_t offset;
	int r;

	if ((r = take_hex(&cur, '-', &line.start)) < 0 ||
	    (r = take_hex(&cur, ' ', &line.end)) < 0 ||
	    (r = take_perms(&cur, &line.executable)) < 0 ||
	    (r = take_hex(&cur, ' ', &offset)) < 0 ||
	    (r = take_device(&cur, &line.device)) < 0 ||
	    (r = take_inode(&cur, &line.inode)) < 0)
		return r;
	if (line.start > line.end)
		return -EINVAL;
	take_path(&cur, &line);
	*ret = line;
	return 0;
}
