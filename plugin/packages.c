/*
 * packages.c - which package owns a file, and its version on disk.
 *
 * Where /lib is a link to usr/lib, databases still know files by either name: both are
 * asked for, and both are the same here.  A file is kept by its shorter name.
 */
#include "packages.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "cleanup.h"
#include "pkgask.h"

#define PATHS_MAX 4096 /* in all */
#define USR       "/usr"
#define USR_LEN   (sizeof(USR) - 1)

/* A folder of the root that may be a link to the one below /usr. */
static const struct {
	const char *dir, *usr_dir;
} folders[] = {
	{"/bin/", "/usr/bin/"},     {"/sbin/", "/usr/sbin/"},
	{"/lib/", "/usr/lib/"},     {"/lib32/", "/usr/lib32/"},
	{"/lib64/", "/usr/lib64/"}, {"/libx32/", "/usr/libx32/"},
};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

struct entry {
	char *key;     /* owned; the shorter name */
	char *name;    /* owned; NULL: nobody's, or not known */
	char *version; /* owned */
	struct package package;
};

struct packages {
	struct entry *entries; /* owned; by key */
	size_t n;
	unsigned merged; /* bits: folders[i] are the same */
	int error;
};

static unsigned find_merged(void)
{
	unsigned merged = 0;

	for (size_t i = 0; i < FOLDERS; i++) {
		struct stat a, b;

		if (stat(folders[i].dir, &a) == 0 && stat(folders[i].usr_dir, &b) == 0 &&
		    a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			merged |= 1U << i;
	}
	return merged;
}

static bool is_merged(const struct packages *packages, const char *path)
{
	for (size_t i = 0; i < FOLDERS; i++) {
		if (packages->merged & 1U << i &&
		    strncmp(path, folders[i].dir, strlen(folders[i].dir)) == 0)
			return true;
	}
	return false;
}

/* The shorter name; borrowed from path. */
static const char *key_of(const struct packages *packages, const char *path)
{
	if (strncmp(path, USR, USR_LEN) == 0 && is_merged(packages, path + USR_LEN))
		return path + USR_LEN;
	return path;
}

/* Nothing that begins as an option does, and nothing that is more than a line. */
static bool is_askable(const char *path)
{
	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	for (const char *s = path; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return true;
}

static int compare_entries(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	return strcmp(a->key, b->key);
}

static int compare_key(const void *key, const void *entry)
{
	return strcmp(key, ((const struct entry *)entry)->key);
}

static struct entry *find_entry(const struct packages *packages, const char *path)
{
	if (packages->n == 0)
		return NULL;
	return bsearch(key_of(packages, path), packages->entries, packages->n,
		       sizeof(*packages->entries), compare_key);
}

/* Returns 0, or -ENOMEM. */
static int copy_bytes(const char *s, size_t len, char **ret)
{
	struct buf copy = BUF_INIT;

	buf_bytes(&copy, s, len);
	if (!copy.s || copy.error)
		return -ENOMEM;
	*ret = copy.s; /* with the buffer, for good */
	return 0;
}

static int copy_piece(struct piece piece, char **ret)
{
	return copy_bytes(piece.s, piece.len, ret);
}

static void remove_duplicates(struct packages *packages)
{
	size_t n = 0;

	for (size_t i = 0; i < packages->n; i++) {
		if (n > 0 &&
		    strcmp(packages->entries[n - 1].key, packages->entries[i].key) == 0)
			free(packages->entries[i].key);
		else
			packages->entries[n++] = packages->entries[i];
	}
	packages->n = n;
}

static int take_paths(struct packages *packages, const char *const *paths, size_t n)
{
	packages->entries = calloc(n + 1, sizeof(*packages->entries));
	if (!packages->entries)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *key = key_of(packages, paths[i]);

		if (!is_askable(key))
			continue;
		if (copy_bytes(key, strlen(key), &packages->entries[packages->n].key) < 0)
			return -ENOMEM;
		packages->n++;
	}
	qsort(packages->entries, packages->n, sizeof(*packages->entries),
	      compare_entries);
	remove_duplicates(packages);
	return 0;
}

/* The first answer is taken: more than one package may own a file. */
static int take_owner(const struct pkganswer *answer, void *arg)
{
	const struct packages *packages = arg;
	cleanup_free char *path = NULL;
	struct entry *entry;
	int rc = copy_piece(answer->path, &path);

	if (rc < 0)
		return rc;
	entry = find_entry(packages, path);
	if (!entry || entry->name)
		return 0;
	rc = copy_piece(answer->name, &entry->name);
	if (rc < 0 || answer->version.len == 0)
		return rc;
	return copy_piece(answer->version, &entry->version);
}

static bool is_named(const struct entry *entry, struct piece name)
{
	return entry->name && strlen(entry->name) == name.len &&
	       memcmp(entry->name, name.s, name.len) == 0;
}

/* Of a package, for all files of it. */
static int take_version(const struct pkganswer *answer, void *arg)
{
	struct packages *packages = arg;

	for (size_t i = 0; i < packages->n; i++) {
		struct entry *entry = &packages->entries[i];

		if (!entry->version && is_named(entry, answer->name) &&
		    copy_piece(answer->version, &entry->version) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int ask_owners(struct packages *packages, struct pkgask *ask)
{
	int rc = 0;

	ask->question = PKGASK_OWNER;
	ask->take = take_owner;
	for (size_t i = 0; rc == 0 && i < packages->n; i++) {
		const char *key = packages->entries[i].key;

		rc = pkgask_add(ask, "", key);
		if (rc == 0 && is_merged(packages, key))
			rc = pkgask_add(ask, USR, key);
	}
	return rc < 0 ? rc : pkgask_flush(ask);
}

/* Neighbours mostly have the same owner; to ask twice for one does no harm. */
static int ask_versions(struct packages *packages, struct pkgask *ask)
{
	const char *last = "";
	int rc = 0;

	ask->question = PKGASK_VERSION;
	ask->take = take_version;
	for (size_t i = 0; rc == 0 && i < packages->n; i++) {
		const struct entry *entry = &packages->entries[i];

		if (!entry->name || entry->version || strcmp(last, entry->name) == 0)
			continue;
		last = entry->name;
		rc = pkgask_add(ask, "", entry->name);
	}
	return rc < 0 ? rc : pkgask_flush(ask);
}

/* What was found before something went wrong is kept. */
static int ask_all(struct packages *packages, int64_t deadline_us)
{
	struct pkgask ask = {
		.manager = packages->n ? pkgmanager_find() : NULL,
		.deadline_us = deadline_us,
		.arg = packages,
	};
	int rc, first;

	if (!ask.manager)
		return packages->n ? -ENOENT : 0;
	first = rc = ask_owners(packages, &ask);
	pkgask_clear(&ask);
	if (rc != -ENOMEM && pkgmanager_asks_twice(ask.manager)) {
		rc = ask_versions(packages, &ask);
		pkgask_clear(&ask);
	}
	return rc == -ENOMEM || first == 0 ? rc : first;
}

/* dpkg's "libc6:amd64" is the package libc6. */
static void finish(struct packages *packages)
{
	for (size_t i = 0; i < packages->n; i++) {
		struct entry *entry = &packages->entries[i];
		char *colon = entry->name ? strchr(entry->name, ':') : NULL;

		if (colon)
			*colon = '\0';
		entry->package = (struct package){entry->name, entry->version};
	}
}

int packages_find(const char *const *paths, size_t n, int64_t deadline_us,
		  struct packages **ret_packages)
{
	struct packages *packages = calloc(1, sizeof(*packages));
	int rc;

	if (!packages)
		return -ENOMEM;
	packages->merged = find_merged();
	rc = take_paths(packages, paths, n < PATHS_MAX ? n : PATHS_MAX);
	if (rc == 0)
		packages->error = ask_all(packages, deadline_us);
	if (rc < 0 || packages->error == -ENOMEM) {
		packages_free(packages);
		return -ENOMEM;
	}
	if (packages->error == 0 && n > PATHS_MAX)
		packages->error = -E2BIG;
	finish(packages);
	*ret_packages = packages;
	return 0;
}

const struct package *packages_of(const struct packages *packages, const char *path)
{
	const struct entry *entry = packages ? find_entry(packages, path) : NULL;

	return entry && entry->name && entry->version ? &entry->package : NULL;
}

int packages_error(const struct packages *packages)
{
	return packages ? packages->error : 0;
}

void packages_free(struct packages *packages)
{
	if (!packages)
		return;
	for (size_t i = 0; i < packages->n; i++) {
		free(packages->entries[i].key);
		free(packages->entries[i].name);
		free(packages->entries[i].version);
	}
	free(packages->entries);
	free(packages);
}
