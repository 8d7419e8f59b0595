/*
 * packages.h - which package owns a file, and its version on disk.
 *
 * Asks the query command of dpkg, rpm, pacman or apk, whichever this machine's database
 * is of: with fixed arguments, a clean environment and no shell, in a child that has no
 * privilege and none of our descriptors (see tool.h).  Nothing is asked during a scan.
 */
#ifndef PLUGIN_PACKAGES_H
#define PLUGIN_PACKAGES_H

#include <stddef.h>
#include <stdint.h>

struct package {
	const char *name;    /* owned by the packages */
	const char *version; /* owned by the packages */
};

struct packages; /* owned: packages_free() */

/*
 * Asks for n paths (borrowed for the call; duplicates are asked once) until deadline_us:
 * microseconds of CLOCK_MONOTONIC.  Returns 0 and hands over *ret_packages with what was
 * found, which may be nothing; or -ENOMEM.
 */
int packages_find(const char *const *paths, size_t n, int64_t deadline_us,
		  struct packages **ret_packages);

/* Who owns path; NULL: nobody, or unknown.  packages may be NULL. Borrowed from it. */
const struct package *packages_of(const struct packages *packages, const char *path);

/*
 * Why not all was asked: 0, -ETIME (out of time), -ENOENT (no database of a package
 * manager here), or the negative errno of what else went wrong.  0 for NULL.
 */
int packages_error(const struct packages *packages);

void packages_free(struct packages *packages); /* NULL is a no-op */

#endif
