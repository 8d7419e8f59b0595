/*
 * mapread.h - the file mappings of a process, the executable ones or all, by either of
 * two readers.
 *
 * PROCMAP_QUERY (Linux 6.11, fs/proc/task_mmu.c) asks for just these, one by one, without
 * a lock that the process would feel; the text of /proc/PID/maps works everywhere.  Both
 * give the same, but for a newline in a name, which the text writes as "\012".
 */
#ifndef SCAN_MAPREAD_H
#define SCAN_MAPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"

struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t device; /* major << 32 | minor */
	uint64_t inode;
	struct name name; /* as the kernel gives it, mark included; borrowed */
	bool is_executable;
	/* Of a file that is open and not mapped, with start and end 0: */
	int fd;          /* the descriptor of the process */
	int pinned;      /* the same file, O_PATH; borrowed; -1: in a captured tree */
	bool is_escaped; /* "\\012" in the name may stand for a newline, or for itself */
};

/*
 * Takes one mapping; the mapping and its name are borrowed for the call.  Returns 0, or a
 * negative errno that ends the reading and is returned from it.
 */
typedef int (*mapread_fn)(void *arg, const struct mapping *mapping);

/* Memory that is used again for every process, and what is wanted. */
struct mapreader {
	char *buf; /* owned */
	size_t size;
	bool want_data; /* mappings that are not executable, too */
};

void mapreader_init(struct mapreader *reader, bool want_data); /* allocates nothing */
void mapreader_release(struct mapreader *reader);

/*
 * Both take a descriptor of /proc/PID/maps and return 0 after the last mapping, -ESRCH
 * when the memory map went away meanwhile (the process ended or executed another
 * program), the error of fn, or another -errno.
 *
 * The query also returns -EOPNOTSUPP where the text must be read instead: the kernel or
 * a sandbox has no such ioctl, or a name is longer than PATH_MAX; fn may have been called
 * by then.
 */
int mapread_query(struct mapreader *reader, int mapsfd, mapread_fn fn, void *arg);
/* At the end of the text a map that went away looks like one that ended: the caller
 * must check. */
int mapread_text(struct mapreader *reader, int mapsfd, mapread_fn fn, void *arg);

/*
 * The GNU build-id of the file mapped at address start.  Returns its length, at most
 * size, or -errno: the file has none, or the kernel will not tell.
 */
int mapread_build_id(int mapsfd, uint64_t start, uint8_t *build_id, size_t size);

#endif
