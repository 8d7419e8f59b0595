/*
 * scene.c - see scene.h.
 */
#include "scene.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "livecgroup.h"
#include "liveplugin.h"
#include "tests/test.h"

#define NAMELESS      "424242" /* a user */
#define WORDS_MAX     32
#define COMPONENT_MAX 254 /* bytes of a name: 127 letters of two */

int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	void *live = *state, *d = *state; /* both begin with the name of the test */

	assert_non_null(scene);
	live_setup(&live);
	agentd_setup(&d);
	scene->live = live;
	scene->d = d;
	*state = scene;
	return 0;
}

int scene_teardown(void **state)
{
	struct scene *scene = *state;
	void *live = scene->live, *d = scene->d;

	agentd_teardown(&d);
	livecgroup_teardown(&live);
	free(scene);
	return 0;
}

/* A new file of that build takes the place of one. */
static void replace(struct live *live, const char *name, const char *soname, char build)
{
	live_lib(live, "new", soname, build);
	live_rename(live, "new", name);
}

/* So that the times of starts, and of files that count and do not, differ. */
static void next_second(void)
{
	time_t now = time(NULL);

	while (time(NULL) == now)
		agentd_pause(0.01);
}

void scene_upgrade(struct live *live)
{
	char *libz = live_path(live, "libz.so.1"),
	     *libssl = live_path(live, "libssl.so.3");
	char *program = live_path(live, "backupd");

	live_lib(live, "libz.so.1", "libz.so.1", 'a');
	live_lib(live, "libssl.so.3", "libssl.so.3", 'b');
	live_program(live, "backupd", "tests/holder", 'p');
	live_start(live, "comm", "nginx", "map", libz, "rx", "map", libssl, "rx");
	if (geteuid() == 0)
		live_start(live, "setuid", NAMELESS, "comm", "worker", "map", libz, "rx");
	else
		live_start(live, "comm", "worker", "map", libz, "rx");
	live_spawn(live, program, (const char *const[]){NULL});
	replace(live, "libz.so.1", "libz.so.1", 'c');
	replace(live, "libssl.so.3", "libssl.so.3", 'd');
	live_unlink(live, "backupd");
	free(libz);
	free(libssl);
	free(program);
}

void scene_other_whys(struct live *live)
{
	char *libx = live_path(live, "libx.so.1"), *libr = live_path(live, "libr.so.1");

	live_lib(live, "libx.so.1", "libx.so.1", 'x');
	live_lib(live, "libr.so.1", "libr.so.1", 'r');
	live_start(live, "comm", "two whys", "map", libx, "rx", "map", libr, "rx");
	live_start(live, "comm", "the same", "map", libr, "rx");
	/* A start may be wrong by one. */
	next_second();
	next_second();
	replace(live, "libr.so.1", "libr.so.1", 'r');
	next_second();
	live_rename(live, "libx.so.1", "libx.so.1.old");
	live_lib(live, "libx.so.1", "libx.so.1", 'y');
	free(libx);
	free(libr);
}

/* The longest name that open(2) takes, of folders that are made for it.  Owned. */
static char *long_name(const struct live *live)
{
	char *path = calloc(1, PATH_MAX);
	size_t front = strlen(live->dir) + 1, len = 0;

	assert_non_null(path);
	while (front + len + COMPONENT_MAX + 2 < PATH_MAX) {
		for (size_t i = 0; i < COMPONENT_MAX / 2; i++, len += 2)
			memcpy(path + len, "\xc3\xa4", 2);
		live_mkdir(live, path);
		path[len++] = '/';
	}
	while (front + len < PATH_MAX - 1)
		path[len++] = 'x';
	return path;
}

void scene_hostile(struct live *live)
{
	static const char name[] = "\xff\n\"\033[1m\\ \xe2\x80\x8f";
	/* NOLINTBEGIN(misc-misleading-bidirectional): that is what they are for. */
	static const char program[] = "evil\n\033]0;x\a\"' \xe2\x80\xae(deleted)";
	static const char *const names[] = {
		"new\nline.so",
		"quotes\"'`$(id)\\.so",
		"\033[31mred\033[0m.so",
		"not\xff\xfe\xc3(utf8.so",
		"\xe2\x80\x8fright to left \xe2\x80\xae.so",
		"c1\xc2\x9b, tab\t and nul\\0.so",
		" blanks ",
		"STRING: \"x\" = INTEGER: 1.so",
	};
	/* NOLINTEND(misc-misleading-bidirectional) */
	char *path = live_path(live, program);
	const char *words[2 + 3 * ARRAY_LEN(names) + 1] = {"comm", name};

	live_program(live, program, "tests/holder", 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		live_lib(live, names[i], NULL, 'h');
		words[2 + 3 * i] = "map";
		words[3 + 3 * i] = live_path(live, names[i]);
		words[4 + 3 * i] = "rx";
	}
	live_spawn(live, path, words);
	live_unlink(live, program);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		live_unlink(live, names[i]);
		free((char *)(uintptr_t)words[3 + 3 * i]);
	}
	free(path);
}

void scene_longest(struct live *live)
{
	char *name = long_name(live), *path = live_path(live, name);

	live_lib(live, name, NULL, 'l');
	live_start(live, "comm", "longest", "map", path, "rx");
	live_unlink(live, name);
	free(path);
	free(name);
}

void scene_start(struct scene *scene, const char *const words[])
{
	const char *all[WORDS_MAX] = {NULL, "--no-watch", "--interval=1d"};
	char *pids;

	live_need_dir(scene->live);
	pids = liveplugin_pids(scene->live);
	all[0] = pids;
	for (size_t n = 3; words && *words; words++) {
		assert_true(n < WORDS_MAX - 1);
		all[n++] = *words;
	}
	agentd_start_both(scene->d, all);
	agentd_until_not(scene->d, "1.1.1.0", 1, 20); /* staleScanStatus: never */
	free(pids);
}
