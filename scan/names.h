/*
 * names.h - what the name of a mapped file tells by itself.  Pure: takes bytes, looks
 * nothing up.  Names are not ended by NUL.
 */
#ifndef SCAN_NAMES_H
#define SCAN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A piece of somebody else's memory. */
struct name {
	const char *s;
	size_t len;
};

static inline bool name_begins(struct name name, const char *with)
{
	size_t len = strlen(with);

	return name.len >= len && memcmp(name.s, with, len) == 0;
}

static inline bool name_ends(struct name name, const char *with)
{
	size_t len = strlen(with);

	return name.len >= len && memcmp(name.s + name.len - len, with, len) == 0;
}

static inline bool name_is(struct name name, const char *word)
{
	return name.len == strlen(word) && name_begins(name, word);
}

static inline struct name name_skip(struct name name, size_t n)
{
	return (struct name){name.s + n, name.len - n};
}

/*
 * Takes the kernel's mark off, once: " (deleted)" at the end, or OpenVZ's "(deleted)" or
 * "(deleted) " in front of a path.  Returns whether there was one; *ret is the rest.
 */
bool name_unmark(struct name name, struct name *ret);

/*
 * Is this an object of the kernel and no file?  For a name without its mark, by its exact
 * form: /memfd:x, /SYSV0000002a, /dev/zero, /[aio], ..., and /dir/#N where N is inode.
 */
bool name_is_kernel_object(struct name name, uint64_t inode);

/* Ends in a component of ".nfs" and 16 or more hex digits, as NFS names a deleted file
 * that is open.  A path or a basename. */
bool name_is_nfs_deleted(struct name name);

/*
 * Undoes the temporary names of package managers: "x;5f3a91c2" (rpm), "x.dpkg-new",
 * "x#new", "x.#prelink#.AbC123".  Returns the length of the name without it, the whole
 * length where there is none.
 */
size_t name_final_len(struct name name);

/* Below /tmp, /var/tmp, /run, /var/run or /dev/shm?  For a path within its root. */
bool name_is_below_scratch(struct name path);

/* A basename that libraries give to code they unpack and unlink: "orcexec.*",
 * "jna*.tmp", "ffi??????", "nebmod*". */
bool name_is_self_unlinked(struct name base);

/*
 * The next shorter name that could be the SONAME of base: a prefix that holds ".so" and
 * is followed by '.', '-' or '~'.  Of "libz.so.1.2.11", for below = 14 (its length) it is
 * "libz.so.1.2", then for below = 11 "libz.so.1", then "libz.so".  Returns its length, 0
 * where there is none.
 */
size_t name_soname_prefix(struct name base, size_t below);

/* The part after the last '/', the whole where there is none. */
struct name name_base(struct name path);

/*
 * Is prefix path itself, or one of the folders above it?  "/" is above everything that
 * begins with '/'.  Then *ret_rest is what follows, beginning with '/' or empty.
 */
bool name_strip_root(struct name path, struct name prefix, struct name *ret_rest);

#endif
