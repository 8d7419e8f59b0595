/*
 * names.c - what can be told from the name of a mapped file without looking it up.
 *
 * Everything is anchored and exact: "/SYSV00000000" is a piece of shared memory,
 * "/lib/SYSV00000000" is a file.  It never decides that something is stale, and never
 * looks at a file.
 */
#include "names.h"

#include <string.h>

/* The kernel and rpm write these numbers with %x: lower case. */
static bool is_hex(struct name name, size_t at_least)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.s[i] >= '0' && name.s[i] <= '9') &&
		    !(name.s[i] >= 'a' && name.s[i] <= 'f'))
			return false;
	return name.len >= at_least;
}

static bool is_decimal_of(struct name name, uint64_t number)
{
	do {
		if (name.len == 0 || name.s[--name.len] != (char)('0' + number % 10))
			return false;
		number /= 10;
	} while (number);
	return name.len == 0;
}

/* "/usr/lib/libz.so.1.2.13 (deleted)", "(deleted)/usr/lib/libz.so.1.2.3" */
bool name_unmark(struct name name, struct name *ret)
{
	static const char mark[] = " (deleted)";
	size_t front = strlen(mark + 1);

	*ret = name;
	if (name.len >= sizeof(mark) && name_ends(name, mark)) {
		ret->len -= strlen(mark);
		return true;
	}
	if (!name_begins(name, mark + 1))
		return false;
	if (name.len > front && name.s[front] == ' ')
		front++;
	if (name.len == front || name.s[front] != '/')
		return false;
	*ret = name_skip(name, front);
	return true;
}

/*
 * "/tmp/#1048601": d_tmpfile() in the kernel's fs/dcache.c names what O_TMPFILE opened
 * after its inode number.
 */
static bool is_tmpfile(struct name name, uint64_t inode)
{
	struct name base = name_base(name);

	return base.len < name.len && name_begins(base, "#") &&
	       is_decimal_of(name_skip(base, 1), inode);
}

/*
 * From the kernel: ipc/shm.c SYSV, mm/memfd.c memfd:, fs/aio.c [aio], mm/secretmem.c
 * secretmem, drivers/dma-buf/dma-buf.c dmabuf:, include/linux/hugetlb.h anon_hugepage,
 * drivers/gpu/drm "drm mm object" and i915; /dev/zero is shared anonymous memory.
 */
bool name_is_kernel_object(struct name name, uint64_t inode)
{
	static const char *const whole[] = {"/[aio]", "/drm", "/drm mm object", "/i915",
					    "/secretmem"};
	static const char *const front[] = {"/memfd:",     "/anon_hugepage", "/dmabuf:",
					    "anon_inode:", "socket:",        "pipe:"};

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (name_is(name, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof(front) / sizeof(front[0]); i++)
		if (name_begins(name, front[i]))
			return true;
	if (name_begins(name, "/dev/"))
		return !name_begins(name, "/dev/shm/");
	if (name_begins(name, "/SYSV") && name.len == strlen("/SYSV") + 8 &&
	    is_hex(name_skip(name, strlen("/SYSV")), 8))
		return true;
	return is_tmpfile(name, inode);
}

/* ".nfs0000000001c2a5d300000003": nfs_sillyrename() in the kernel's fs/nfs/unlink.c. */
bool name_is_nfs_deleted(struct name name)
{
	struct name base = name_base(name);

	return name_begins(base, ".nfs") && is_hex(name_skip(base, strlen(".nfs")), 16);
}

/* "libz.so.1;5f3a91c2": rpm, lib/fsm.c, the transaction's id as %08x. */
static size_t without_rpm(struct name name)
{
	const char *semicolon = memrchr(name.s, ';', name.len);
	size_t len;

	if (!semicolon)
		return name.len;
	len = (size_t)(semicolon - name.s);
	return is_hex(name_skip(name, len + 1), 8) ? len : name.len;
}

/* "libz.so.1.#prelink#.AbC123": mkstemp(3) by prelink. */
static size_t without_prelink(struct name name)
{
	static const char mark[] = ".#prelink#.";
	const size_t tail = strlen(mark) + 6;

	if (name.len < tail || memcmp(name.s + name.len - tail, mark, strlen(mark)) != 0)
		return name.len;
	return memchr(name.s + name.len - 6, '/', 6) ? name.len : name.len - tail;
}

size_t name_final_len(struct name name)
{
	size_t len;

	if (name.len == 0)
		return 0;
	if (name_ends(name, ".dpkg-new"))
		len = name.len - strlen(".dpkg-new");
	else if (name_ends(name, "#new"))
		len = name.len - strlen("#new");
	else
		len = without_rpm(name);
	if (len == name.len)
		len = without_prelink(name);
	return len == 0 || name.s[len - 1] == '/' ? name.len : len;
}

bool name_is_below_scratch(struct name path)
{
	return name_begins(path, "/tmp/") || name_begins(path, "/var/tmp/") ||
	       name_begins(path, "/run/") || name_begins(path, "/var/run/") ||
	       name_begins(path, "/dev/shm/");
}

/* What mkstemp(3) puts in the place of XXXXXX. */
static bool is_random(struct name name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!(name.s[i] >= '0' && name.s[i] <= '9') &&
		    !(name.s[i] >= 'a' && name.s[i] <= 'z') &&
		    !(name.s[i] >= 'A' && name.s[i] <= 'Z'))
			return false;
	return name.len == 6;
}

/* liborc; Java Native Access; libffi's closures; Nagios' event broker modules. */
bool name_is_self_unlinked(struct name base)
{
	return name_begins(base, "orcexec.") || name_begins(base, "nebmod") ||
	       (name_begins(base, "jna") && name_ends(base, ".tmp")) ||
	       (name_begins(base, "ffi") && is_random(name_skip(base, strlen("ffi"))));
}

/*
 * The length of base up to and with its first ".so" that has a name before it; 0: none.
 * Asked for every mapping, and memmem(3) is slow to start.
 */
static size_t len_up_to_so(struct name base)
{
	const char *const end = base.s + base.len;
	const char *dot = base.len ? base.s + 1 : end;

	while ((dot = memchr(dot, '.', (size_t)(end - dot)))) {
		if (end - dot >= 3 && dot[1] == 's' && dot[2] == 'o')
			return (size_t)(dot - base.s) + 3;
		dot++;
	}
	return 0;
}

size_t name_soname_prefix(struct name base, size_t below)
{
	const size_t shortest = len_up_to_so(base);

	if (!shortest)
		return 0;
	if (below > base.len)
		below = base.len;
	while (below > shortest) {
		char next = base.s[--below];

		if (next == '.' || next == '-' || next == '~')
			return below;
	}
	return 0;
}

struct name name_base(struct name path)
{
	const char *slash = path.len ? memrchr(path.s, '/', path.len) : NULL;

	return slash ? name_skip(path, (size_t)(slash - path.s) + 1) : path;
}

bool name_strip_root(struct name path, struct name prefix, struct name *ret_rest)
{
	if (prefix.len == 1 && prefix.s[0] == '/')
		prefix.len = 0;
	else if (prefix.len == 0)
		return false;
	if (path.len < prefix.len || memcmp(path.s, prefix.s, prefix.len) != 0)
		return false;
	if (path.len > prefix.len && path.s[prefix.len] != '/')
		return false;
	if (path.len == 0)
		return false;
	*ret_rest = name_skip(path, prefix.len);
	return true;
}
