/*
 * load.h - what happens on the machine during a soak: processes and files, by chance, but
 * the same again for the same seed.
 *
 * Knows nothing of who watches.  What the machine refuses is counted, and no fault.
 */
#ifndef SOAK_LOAD_H
#define SOAK_LOAD_H

#include <stdint.h>

#include "pool.h"
#include "tests/support/live.h"

#define LOAD_LIBS   8 /* of the host */
#define LOAD_EVENTS 24

/* Of a library that is there once, in the folder of the host or that of the chroot. */
struct load_lib {
	char build; /* of the file that has the name now, a letter */
	bool exists;
	bool has_old; /* NAME.old */
};

struct load {
	struct live *live; /* borrowed */
	const char *name;  /* how the names of all processes begin; borrowed */
	struct pool pool;
	uint64_t random; /* state; never 0 */
	struct load_lib host[LOAD_LIBS];
	struct load_lib jail[1];
	struct load_lib program;
	unsigned version; /* that the name of the versioned library leads to */
	unsigned builds;  /* that new files got */
	uint64_t happened[LOAD_EVENTS];
	uint64_t refused; /* steps and starts */
	uint64_t started;
	uint64_t ended; /* of those that were started */
};

/* Makes the files.  seed: any number. */
void load_init(struct load *load, struct live *live, const char *name, uint64_t seed);
/* One event. */
void load_turn(struct load *load);
/* Nearly every event once: those of files first, so that there are files to execute. */
void load_turn_each(struct load *load);
/* From 0 to below n. */
unsigned load_random(struct load *load, unsigned n);
/* NULL behind the last one. */
const char *load_event_name(size_t i);

/* For the events: what is done to files.  See loadfiles.c. */
struct load_place {
	char path[PATH_MAX]; /* below the folder of the case, or absolute */
	struct load_lib *libs;
	size_t nlibs;
};
/* All files, new. */
void load_fill(struct load *load);
/* Which is the host's, mostly. */
struct load_place load_place(struct load *load);
/* A folder in a container, with one library that exists. */
struct load_place load_inside(const struct load *load, const struct member *member,
			      struct load_lib *lib);
/* Owned. */
char *load_lib_path(const struct load *load, const struct load_place *place, size_t i);

bool load_upgrade(struct load *load);
bool load_reinstall(struct load *load);
bool load_roll_back(struct load *load);
bool load_delete(struct load *load);
bool load_supersede(struct load *load);
bool load_remove_old(struct load *load);
bool load_new_version(struct load *load);
bool load_upgrade_inside(struct load *load);
bool load_delete_inside(struct load *load);
bool load_upgrade_program(struct load *load);
bool load_delete_program(struct load *load);

#endif
