/*
 * load.c - what processes do, and which event comes next; see load.h.
 */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/livecgroup.h"
#include "tests/test.h"

#define NOBODY       "65534"
#define WORDS_MAX    24
#define CHILDREN_MAX 2 /* of one member */

unsigned load_random(struct load *load, unsigned n)
{
	/* xorshift64 */
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	return (unsigned)((load->random >> 11) % n);
}

/* Any that runs; NULL: none. */
static struct member *choose(struct load *load)
{
	struct pool *pool = &load->pool;
	unsigned nr;

	if (pool->n == 0)
		return NULL;
	nr = load_random(load, (unsigned)pool->n);
	for (size_t i = 0;; i++)
		if (pool->members[i].pid && nr-- == 0)
			return &pool->members[i];
}

static bool tell(struct load *load, const struct member *member,
		 const char *const words[])
{
	if (pool_tell(member, words) >= 0)
		return true;
	load->refused++;
	return false;
}

#define step(load, member, ...)                                                          \
	tell(load, member, (const char *const[]){__VA_ARGS__, NULL})

/* A name for "map" in that space, owned; NULL: there is no such file. */
static char *choose_lib(struct load *load, const struct member *member)
{
	const unsigned i = load_random(load, LOAD_LIBS + 1);
	const struct load_place host = {"lib", load->host, LOAD_LIBS};

	if (member->space == POOL_CHROOT)
		return load->jail[0].exists ? strdup("/liba.so.1") : NULL;
	if (member->space == POOL_CONTAINER && i % 2)
		return member->has_lib ? live_path(load->live, "inside/liba.so.1") : NULL;
	if (i == LOAD_LIBS)
		return live_path(load->live, "lib/libv.so.1");
	return load->host[i].exists ? load_lib_path(load, &host, i) : NULL;
}

static bool map(struct load *load)
{
	const struct member *member = choose(load);
	char *path = member ? choose_lib(load, member) : NULL;
	bool done = path && step(load, member, "map", path, "rx");

	free(path);
	return done;
}

static enum pool_space choose_space(struct load *load)
{
	static const enum pool_space spaces[] = {
		POOL_PLAIN, POOL_PLAIN,       POOL_PLAIN,  POOL_PLAIN,     POOL_PLAIN,
		POOL_PLAIN, POOL_PLAIN,       POOL_NOBODY, POOL_NOBODY,    POOL_USERNS,
		POOL_PIDS,  POOL_PRIVATE_TMP, POOL_CHROOT, POOL_CONTAINER, POOL_CONTAINER,
	};

	return spaces[load_random(load, ARRAY_LEN(spaces))];
}

/* How a holder comes into that space; jail and inside are paths. */
static int start_in(struct load *load, enum pool_space space, const char *comm,
		    struct member **ret)
{
	char *jail = live_path(load->live, "jail");
	char *inside = live_path(load->live, "inside");
	const char *const words[POOL_SPACES][WORDS_MAX] = {
		[POOL_PLAIN] = {"comm", comm},
		[POOL_NOBODY] = {"setuid", NOBODY, "comm", comm},
		[POOL_USERNS] = {"setuid", NOBODY, "userns", "comm", comm},
		[POOL_PRIVATE_TMP] = {"mntns", "mount", "tmpfs", "/tmp", "", "comm",
				      comm},
		[POOL_PIDS] = {"comm", comm},
		[POOL_CHROOT] = {"chroot", jail, "comm", comm},
		[POOL_CONTAINER] = {"mntns", "mount", "tmpfs", inside, "", "comm", comm},
	};
	int r = pool_start(&load->pool, space, words[space], ret);

	free(jail);
	free(inside);
	return r;
}

/* Where the machine allows it. */
static bool enter_group(struct load *load, const struct member *member)
{
	static const char *const groups[] = {
		"system.slice/stale-%.service",
		"system.slice/stale-%-b.service",
		"user.slice/user-0.slice/session-%.scope",
		"user.slice/user-0.slice/user@0.service/app.slice/x-%.service",
	};
	const char *group = groups[load_random(load, ARRAY_LEN(groups))];

	if (member->space == POOL_CONTAINER)
		group = "system.slice/docker-&.scope";
	if (livecgroup_try(member->pid, group) == 0)
		return true;
	load->refused++;
	return false;
}

static void furnish(struct load *load, struct member *member)
{
	struct load_place place;
	struct load_lib lib;
	char *path;

	if (member->space == POOL_CONTAINER) {
		place = load_inside(load, member, &lib);
		path = load_lib_path(load, &place, 0);
		live_lib(load->live, path, "liba.so.1", 'A');
		member->has_lib = true;
		free(path);
		enter_group(load, member);
	}
	for (unsigned n = load_random(load, 4); n > 0; n--) {
		path = choose_lib(load, member);
		if (path)
			step(load, member, "map", path, "rx");
		free(path);
	}
}

static bool start(struct load *load)
{
	enum pool_space space = choose_space(load);
	struct member *member;
	char comm[16];
	int r;

	snprintf(comm, sizeof(comm), "%s%c", load->name, 'a' + (int)space);
	r = start_in(load, space, comm, &member);
	if (r == -ENOSPC)
		return false;
	if (r < 0) {
		load->refused++;
		return false;
	}
	load->started++;
	furnish(load, member);
	return true;
}

/* The same process, and none of what it had mapped. */
static bool execute(struct load *load)
{
	struct member *member = choose(load);
	char name[32], *path;
	bool done;

	if (!member || !load->program.exists || member->space == POOL_CHROOT)
		return false;
	snprintf(name, sizeof(name), "bin/%sp", load->name);
	path = live_path(load->live, name);
	done = step(load, member, "exec", path);
	free(path);
	return done;
}

static bool have_child(struct load *load, const char *what)
{
	struct member *member = choose(load);

	if (!member || member->children == CHILDREN_MAX || !step(load, member, what))
		return false;
	member->children++;
	return true;
}

static bool have_copy(struct load *load)
{
	return have_child(load, "fork");
}

static bool have_zombie(struct load *load)
{
	return have_child(load, "zombie");
}

static bool move(struct load *load)
{
	const struct member *member = choose(load);

	return member && enter_group(load, member);
}

static bool end_one(struct load *load, bool kills)
{
	struct member *member = choose(load);

	if (!member)
		return false;
	pool_end(&load->pool, member, kills);
	load->ended++;
	return true;
}

static bool leave(struct load *load)
{
	return end_one(load, false);
}

static bool be_killed(struct load *load)
{
	return end_one(load, true);
}

static bool leave_together(struct load *load)
{
	size_t n = load->pool.n;

	while (load->pool.n > n / 3)
		be_killed(load);
	return n > 3;
}

static const struct event {
	const char *name;
	unsigned weight;
	bool (*happen)(struct load *load); /* false: there was nothing to do it to */
} events[] = {
	{"upgrade", 30, load_upgrade},
	{"reinstall", 10, load_reinstall},
	{"roll back", 12, load_roll_back},
	{"delete", 10, load_delete},
	{"supersede", 12, load_supersede},
	{"remove the old file", 10, load_remove_old},
	{"new version", 12, load_new_version},
	{"upgrade in container", 16, load_upgrade_inside},
	{"delete in container", 6, load_delete_inside},
	{"program deleted", 2, load_delete_program},
	{"upgrade of program", 6, load_upgrade_program},
	{"start", 100, start},
	{"map more", 50, map},
	{"execute anew", 40, execute},
	{"fork", 15, have_copy},
	{"leave a zombie", 5, have_zombie},
	{"change group", 15, move},
	{"end", 24, leave},
	{"be killed", 24, be_killed},
	{"two thirds killed", 1, leave_together},
};

const char *load_event_name(size_t i)
{
	return i < ARRAY_LEN(events) ? events[i].name : NULL;
}

void load_turn(struct load *load)
{
	unsigned sum = 0, nr;
	size_t i = 0;

	for (size_t e = 0; e < ARRAY_LEN(events); e++)
		sum += events[e].weight;
	nr = load_random(load, sum);
	while (nr >= events[i].weight)
		nr -= events[i++].weight;
	load->happened[i] += events[i].happen(load);
}

void load_turn_each(struct load *load)
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (events[i].happen != leave_together)
			load->happened[i] += events[i].happen(load);
}

void load_init(struct load *load, struct live *live, const char *name, uint64_t seed)
{
	static const char *const folders[] = {"lib", "jail", "inside", "bin"};

	*load = (struct load){
		.live = live,
		.name = name,
		.random = seed * 2654435761U + 88172645463325252U,
	};
	assert_true(ARRAY_LEN(events) <= LOAD_EVENTS);
	if (!load->random)
		load->random = 1;
	pool_init(&load->pool);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		live_mkdir(live, folders[i]);
	load_fill(load);
}
