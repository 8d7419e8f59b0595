/*
 * loadfiles.c - what package managers and people do to files of code; see load.h.
 *
 * New files come as dpkg brings them: written beside, renamed over.
 */
#include <stdio.h>
#include <stdlib.h>

#include "load.h"
#include "tests/test.h"

#define VERSIONS 3

static char next_build(struct load *load)
{
	static const char builds[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return builds[load->builds++ % (sizeof(builds) - 1)];
}

static void name_of(const struct load_place *place, size_t i, const char *suffix,
		    char name[PATH_MAX])
{
	int n = snprintf(name, PATH_MAX, "%s/lib%c.so.1%s", place->path, 'a' + (int)i,
			 suffix);

	assert_true(n > 0 && n < PATH_MAX);
}

/* The name gets a new file, whatever it had. */
static void write_lib(struct load *load, const struct load_place *place, size_t i,
		      char build)
{
	char name[PATH_MAX], next[PATH_MAX], soname[32];

	name_of(place, i, "", name);
	name_of(place, i, ".dpkg-new", next);
	snprintf(soname, sizeof(soname), "lib%c.so.1", 'a' + (int)i);
	live_lib(load->live, next, soname, build);
	live_rename(load->live, next, name);
	place->libs[i].build = build;
	place->libs[i].exists = true;
}

void load_fill(struct load *load)
{
	const struct load_place host = {"lib", load->host, ARRAY_LEN(load->host)};
	const struct load_place jail = {"jail", load->jail, ARRAY_LEN(load->jail)};

	for (size_t i = 0; i < host.nlibs; i++)
		write_lib(load, &host, i, next_build(load));
	for (size_t i = 0; i < jail.nlibs; i++)
		write_lib(load, &jail, i, next_build(load));
	load_new_version(load);
	load_upgrade_program(load);
}

struct load_place load_place(struct load *load)
{
	if (load_random(load, 6) == 0)
		return (struct load_place){"jail", load->jail, ARRAY_LEN(load->jail)};
	return (struct load_place){"lib", load->host, ARRAY_LEN(load->host)};
}

struct load_place load_inside(const struct load *load, const struct member *member,
			      struct load_lib *lib)
{
	struct load_place place = {.libs = lib, .nlibs = 1};
	int n = snprintf(place.path, sizeof(place.path), "/proc/%d/root%s/inside",
			 member->pid, load->live->dir);

	assert_true(n > 0 && (size_t)n < sizeof(place.path));
	*lib = (struct load_lib){.exists = true};
	return place;
}

char *load_lib_path(const struct load *load, const struct load_place *place, size_t i)
{
	char name[PATH_MAX];

	name_of(place, i, "", name);
	return live_path(load->live, name);
}

bool load_upgrade(struct load *load)
{
	struct load_place place = load_place(load);

	write_lib(load, &place, load_random(load, (unsigned)place.nlibs),
		  next_build(load));
	return true;
}

/* What is left is to choose one that is there.  Returns false where it is not. */
static bool choose(struct load *load, struct load_place *ret_place, size_t *ret_i)
{
	*ret_place = load_place(load);
	*ret_i = load_random(load, (unsigned)ret_place->nlibs);
	return ret_place->libs[*ret_i].exists;
}

bool load_reinstall(struct load *load)
{
	struct load_place place;
	size_t i;

	if (!choose(load, &place, &i))
		return false;
	write_lib(load, &place, i, place.libs[i].build);
	return true;
}

/* As dpkg does where an upgrade fails half way. */
bool load_roll_back(struct load *load)
{
	char name[PATH_MAX], kept[PATH_MAX];
	struct load_place place;
	char build;
	size_t i;

	if (!choose(load, &place, &i))
		return false;
	name_of(&place, i, "", name);
	name_of(&place, i, ".dpkg-tmp", kept);
	build = place.libs[i].build;
	live_link(load->live, name, kept);
	write_lib(load, &place, i, next_build(load));
	live_rename(load->live, kept, name);
	place.libs[i].build = build;
	return true;
}

bool load_delete(struct load *load)
{
	struct load_place place;
	char name[PATH_MAX];
	size_t i;

	if (!choose(load, &place, &i))
		return false;
	name_of(&place, i, "", name);
	live_unlink(load->live, name);
	place.libs[i].exists = false;
	return true;
}

/* The old file stays, under a name that nothing is loaded by. */
bool load_supersede(struct load *load)
{
	char name[PATH_MAX], old[PATH_MAX];
	struct load_place place;
	size_t i;

	if (!choose(load, &place, &i))
		return false;
	name_of(&place, i, "", name);
	name_of(&place, i, ".old", old);
	live_rename(load->live, name, old);
	place.libs[i].has_old = true;
	write_lib(load, &place, i, next_build(load));
	return true;
}

bool load_remove_old(struct load *load)
{
	char old[PATH_MAX];
	struct load_place place = load_place(load);
	size_t i = load_random(load, (unsigned)place.nlibs);

	if (!place.libs[i].has_old)
		return false;
	name_of(&place, i, ".old", old);
	live_unlink(load->live, old);
	place.libs[i].has_old = false;
	return true;
}

/* Another file behind a link: libv.so.1 to libv.so.1.N. */
bool load_new_version(struct load *load)
{
	char file[32], path[64];

	load->version = (load->version + 1) % VERSIONS;
	snprintf(file, sizeof(file), "libv.so.1.%u", load->version);
	snprintf(path, sizeof(path), "lib/%s", file);
	live_lib(load->live, "lib/libv.dpkg-new", "libv.so.1", next_build(load));
	live_rename(load->live, "lib/libv.dpkg-new", path);
	live_symlink(load->live, file, "lib/libv.so.1.dpkg-new");
	live_rename(load->live, "lib/libv.so.1.dpkg-new", "lib/libv.so.1");
	return true;
}

/* A container whose library is there; NULL: none. */
static struct member *choose_container(struct load *load)
{
	size_t from = load_random(load, POOL_MAX);

	for (size_t i = 0; i < POOL_MAX; i++) {
		struct member *member = &load->pool.members[(from + i) % POOL_MAX];

		if (member->pid && member->has_lib)
			return member;
	}
	return NULL;
}

bool load_upgrade_inside(struct load *load)
{
	const struct member *member = choose_container(load);
	struct load_place place;
	struct load_lib lib;

	if (!member)
		return false;
	place = load_inside(load, member, &lib);
	write_lib(load, &place, 0, next_build(load));
	return true;
}

bool load_delete_inside(struct load *load)
{
	struct member *member = choose_container(load);
	struct load_place place;
	struct load_lib lib;
	char name[PATH_MAX];

	if (!member)
		return false;
	place = load_inside(load, member, &lib);
	name_of(&place, 0, "", name);
	live_unlink(load->live, name);
	member->has_lib = false;
	return true;
}

bool load_upgrade_program(struct load *load)
{
	char path[64];

	snprintf(path, sizeof(path), "bin/%sp", load->name);
	live_program(load->live, "bin/dpkg-new", "tests/holder", next_build(load));
	live_rename(load->live, "bin/dpkg-new", path);
	load->program.exists = true;
	return true;
}

bool load_delete_program(struct load *load)
{
	char path[64];

	if (!load->program.exists)
		return false;
	snprintf(path, sizeof(path), "bin/%sp", load->name);
	live_unlink(load->live, path);
	load->program.exists = false;
	return true;
}
