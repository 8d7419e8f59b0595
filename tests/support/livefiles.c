/*
 * livefiles.c - the folder of a case and the files in it; see live.h and livefiles.h.
 */
#include "livefiles.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elfmake.h"
#include "live.h"
#include "tests/test.h"

static bool is_scratch(const char *dir)
{
	static const char *const scratch[] = {"/tmp/", "/var/tmp/", "/run/", "/var/run/",
					      "/dev/"};

	for (size_t i = 0; i < sizeof(scratch) / sizeof(*scratch); i++)
		if (strncmp(dir, scratch[i], strlen(scratch[i])) == 0)
			return true;
	return false;
}

/* May everybody walk to it? */
static bool is_open_to_all(const char *dir)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s", dir);
	while (*path) {
		if (stat(path, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
		*strrchr(path, '/') = '\0';
	}
	return true;
}

static bool try_dir(const char *below, bool for_all, char *dir)
{
	char path[PATH_MAX - 16];

	if (!below || !realpath(below, dir))
		return false;
	snprintf(path, sizeof(path), "%s/", strcmp(dir, "/") == 0 ? "" : dir);
	if (is_scratch(path) || (for_all && !is_open_to_all(dir)))
		return false;
	snprintf(dir, PATH_MAX, "%slive.XXXXXX", path);
	return mkdtemp(dir) && chmod(dir, 0755) == 0;
}

bool livefiles_make_dir(char *dir)
{
	const char *const below[] = {live_build_dir(), getenv("HOME"), "/var/lib",
				     "/srv",           "/opt",         "/"};

	for (int for_all = 1; for_all >= 0; for_all--)
		for (size_t i = 0; i < sizeof(below) / sizeof(*below); i++)
			if (try_dir(below[i], for_all, dir))
				return true;
	return false;
}

void livefiles_remove_dir(const char *dir)
{
	char path[PATH_MAX];
	char *const paths[] = {path, NULL};
	FTS *walk;
	FTSENT *entry;

	snprintf(path, sizeof(path), "%s", dir);
	/* It changes into each folder: a whole path may be longer than any call takes. */
	walk = fts_open(paths, FTS_PHYSICAL, NULL);
	while (walk && (entry = fts_read(walk)) != NULL)
		if (entry->fts_info != FTS_D)
			remove(entry->fts_accpath);
	if (walk)
		fts_close(walk);
}

static void must(int r, const char *what, const char *name)
{
	if (r < 0)
		fail_msg("%s %s: %s", what, name, strerror(errno));
}

/* For functions that return -errno. */
static void must_be_0(int r, const char *what, const char *name)
{
	errno = -r;
	must(r, what, name);
}

void live_lib(const struct live *live, const char *name, const char *soname, char build)
{
	struct elfmake elf = {.soname = soname, .build = build, .fill = build};
	char *path = live_path(live, name);

	must_be_0(elfmake_write(path, &elf), "write", name);
	free(path);
}

void live_program(const struct live *live, const char *name, const char *of, char build)
{
	char *from = live_built(of);
	char *to = live_path(live, name);

	must_be_0(elfmake_copy(from, to, build), "copy", of);
	free(from);
	free(to);
}

void live_text(const struct live *live, const char *name, const char *text)
{
	int fd;

	live_need_dir(live);
	fd = openat(live->dirfd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	must(fd, "create", name);
	must(write(fd, text, strlen(text)) < 0 ? -1 : 0, "write", name);
	close(fd);
}

void live_copy(const struct live *live, const char *from, const char *to)
{
	char *old = live_path(live, from);
	char *new = live_path(live, to);

	must_be_0(elfmake_copy(old, new, 0), "copy", from);
	free(old);
	free(new);
}

void live_mkdir(const struct live *live, const char *name)
{
	live_need_dir(live);
	must(mkdirat(live->dirfd, name, 0755), "mkdir", name);
}

void live_link(const struct live *live, const char *from, const char *to)
{
	must(linkat(live->dirfd, from, live->dirfd, to, 0), "link", from);
}

void live_symlink(const struct live *live, const char *target, const char *name)
{
	must(symlinkat(target, live->dirfd, name), "symlink", name);
}

void live_rename(const struct live *live, const char *from, const char *to)
{
	must(renameat(live->dirfd, from, live->dirfd, to), "rename", from);
}

void live_unlink(const struct live *live, const char *name)
{
	must(unlinkat(live->dirfd, name, 0), "unlink", name);
}

void live_mount(struct live *live, const char *type, const char *name, const char *from)
{
	char *at = live_path(live, name);
	char *source = from ? live_path(live, from) : NULL;
	int r = mount(source ? source : "live", at, type, source ? MS_BIND : 0, NULL);

	assert_true(live->nmounts < LIVE_MAX);
	live->mounts[live->nmounts++] = at;
	free(source);
	if (r < 0 && (errno == EPERM || errno == ENODEV))
		live_skip(live, strerror(errno));
	must(r, "mount", name);
}
