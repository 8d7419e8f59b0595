/*
 * pkgparse.c - what the query commands of package managers print.
 */
#include "pkgparse.h"

#include <stdbool.h>
#include <string.h>

#include "cleanup.h"

#define OWNED_BY     " is owned by "
#define LINK_TARGET  " symlink target"
#define DIVERSION    "diversion by "
#define LOCAL        "local diversion "
#define FROM         "from: "
#define COLON        ": "
#define COMMA        ", "
#define TAB          "\t"
#define NOT_THERE    "not-installed"
#define REMOVED      "config-files"
#define LITERAL(str) ((struct piece){str, sizeof(str) - 1})

/* Takes a line without its newline off the front. */
static bool next_line(struct piece *rest, struct piece *ret_line)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->s, '\n', rest->len);
	ret_line->s = rest->s;
	ret_line->len = end ? (size_t)(end - rest->s) : rest->len;
	rest->s += ret_line->len + (end ? 1 : 0);
	rest->len -= ret_line->len + (end ? 1 : 0);
	return true;
}

/* Splits piece at the first (or last) separator; false when there is none. */
static bool split(struct piece piece, struct piece separator, bool at_last,
		  struct piece ret[2])
{
	bool found = false;

	for (size_t i = 0; i + separator.len <= piece.len && !(found && !at_last); i++) {
		if (memcmp(piece.s + i, separator.s, separator.len) != 0)
			continue;
		ret[0] = (struct piece){piece.s, i};
		ret[1] = (struct piece){piece.s + i + separator.len,
					piece.len - i - separator.len};
		found = true;
	}
	return found;
}

static bool is_equal(struct piece a, struct piece b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* Takes prefix off the front. */
static bool strip(struct piece *piece, struct piece prefix)
{
	if (piece->len < prefix.len || memcmp(piece->s, prefix.s, prefix.len) != 0)
		return false;
	piece->s += prefix.len;
	piece->len -= prefix.len;
	return true;
}

static bool is_path(struct piece piece)
{
	return piece.len > 1 && piece.s[0] == '/';
}

/* What dpkg says of a path in front of its owners. */
struct diversion {
	struct piece path;
	struct piece by; /* empty: the administrator */
};

/*
 * diversion by dash from: /bin/sh
 * diversion by dash to: /bin/sh.distrib
 * local diversion from: /usr/bin/x
 */
static bool parse_diversion(struct piece line, struct diversion *diversion)
{
	struct piece parts[2];
	struct piece by = {line.s, 0};

	if (!strip(&line, LITERAL(LOCAL))) {
		if (!strip(&line, LITERAL(DIVERSION)) ||
		    !split(line, LITERAL(" "), false, parts))
			return false;
		by = parts[0];
		line = parts[1];
	}
	if (strip(&line, LITERAL(FROM)))
		*diversion = (struct diversion){line, by};
	return true;
}

static bool is_of_package(struct piece owner, struct piece package)
{
	return strip(&owner, package) && (owner.len == 0 || owner.s[0] == ':');
}

/*
 * Whose the file of this path is: of several owners (a folder, or libraries of two
 * architectures) the first; of a diverted path who diverted it, because what the others
 * bring has another name on disk.
 */
static bool choose_owner(struct piece owners, struct piece path,
			 const struct diversion *diversion, struct piece *ret)
{
	bool is_diverted = diversion->path.s && is_equal(path, diversion->path);
	struct piece parts[2] = {owners, {owners.s, 0}};

	for (struct piece rest = owners; rest.len > 0; rest = parts[1]) {
		if (!split(rest, LITERAL(COMMA), false, parts)) {
			parts[0] = rest;
			parts[1] = (struct piece){rest.s, 0};
		}
		if (!is_diverted || is_of_package(parts[0], diversion->by)) {
			*ret = parts[0];
			return ret->len > 0;
		}
	}
	return false;
}

/* libc6:amd64: /lib/x86_64-linux-gnu/libc.so.6 */
int pkgparse_dpkg_search(const char *s, size_t len, pkganswer_take *take, void *arg)
{
	struct diversion diversion = {{NULL, 0}, {NULL, 0}};
	struct piece rest = {s, len}, line, parts[2];

	while (next_line(&rest, &line)) {
		struct pkganswer answer = {.version = {line.s, 0}};
		int rc;

		if (parse_diversion(line, &diversion) ||
		    !split(line, LITERAL(COLON), false, parts) || !is_path(parts[1]))
			continue;
		answer.path = parts[1];
		if (!choose_owner(parts[0], answer.path, &diversion, &answer.name))
			continue;
		rc = take(&answer, arg);
		if (rc)
			return rc;
	}
	return 0;
}

/* libc6:amd64	installed	2.36-9+deb12u14 */
int pkgparse_dpkg_show(const char *s, size_t len, pkganswer_take *take, void *arg)
{
	struct piece rest = {s, len}, line, name[2], status[2];

	while (next_line(&rest, &line)) {
		int rc;

		if (!split(line, LITERAL(TAB), false, name) ||
		    !split(name[1], LITERAL(TAB), false, status) || name[0].len == 0 ||
		    status[0].len == 0 || status[1].len == 0 ||
		    is_equal(status[0], LITERAL(NOT_THERE)) ||
		    is_equal(status[0], LITERAL(REMOVED)))
			continue;
		rc = take(&(struct pkganswer){{line.s, 0}, name[0], status[1]}, arg);
		if (rc)
			return rc;
	}
	return 0;
}

/* glibc	2.34-100.el9	/usr/lib64/libc.so.6 */
int pkgparse_rpm(const char *s, size_t len, pkganswer_take *take, void *arg)
{
	struct piece rest = {s, len}, line, name[2], version[2];

	while (next_line(&rest, &line)) {
		int rc;

		if (!split(line, LITERAL(TAB), false, name) ||
		    !split(name[1], LITERAL(TAB), false, version) || name[0].len == 0 ||
		    version[0].len == 0 || !is_path(version[1]))
			continue;
		rc = take(&(struct pkganswer){version[1], name[0], version[0]}, arg);
		if (rc)
			return rc;
	}
	return 0;
}

/* /usr/lib/libc.so.6 is owned by glibc 2.38-7 */
int pkgparse_pacman(const char *s, size_t len, pkganswer_take *take, void *arg)
{
	struct piece rest = {s, len}, line, owner[2], version[2];

	while (next_line(&rest, &line)) {
		int rc;

		if (!split(line, LITERAL(OWNED_BY), true, owner) || !is_path(owner[0]) ||
		    !split(owner[1], LITERAL(" "), false, version) ||
		    version[0].len == 0 || version[1].len == 0)
			continue;
		rc = take(&(struct pkganswer){owner[0], version[0], version[1]}, arg);
		if (rc)
			return rc;
	}
	return 0;
}

/* "musl-1.2.4-r2": the version begins behind the last dash but one. */
static bool split_apk(struct piece package, struct piece ret[2])
{
	struct piece release[2];

	if (!split(package, LITERAL("-"), true, release) ||
	    !split(release[0], LITERAL("-"), true, ret))
		return false;
	ret[1].len += 1 + release[1].len;
	return ret[0].len > 0 && release[1].len > 1 && release[1].s[0] == 'r';
}

/*
 * /lib/libc.musl-x86_64.so.1 is owned by musl-1.2.4-r2
 * /bin/sh symlink target is owned by busybox-1.36.1-r5
 */
int pkgparse_apk(const char *s, size_t len, pkganswer_take *take, void *arg)
{
	const struct piece target = LITERAL(LINK_TARGET);
	struct piece rest = {s, len}, line, owner[2], package[2];

	while (next_line(&rest, &line)) {
		int rc;

		if (!split(line, LITERAL(OWNED_BY), true, owner) || !is_path(owner[0]) ||
		    !split_apk(owner[1], package))
			continue;
		if (owner[0].len > target.len &&
		    memcmp(owner[0].s + owner[0].len - target.len, target.s,
			   target.len) == 0)
			owner[0].len -= target.len;
		rc = take(&(struct pkganswer){owner[0], package[0], package[1]}, arg);
		if (rc)
			return rc;
	}
	return 0;
}
