/*
 * pool.h - the processes of a soak: programs that talk as tests/holder does, many of them,
 * each in a space of some kind.
 *
 * A process that cannot be made, or does not do what it is told, is no fault of what is
 * tested: it is told, and never asserted.
 */
#ifndef SOAK_POOL_H
#define SOAK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define POOL_MAX 48

enum pool_space {
	POOL_PLAIN,
	POOL_NOBODY,      /* another user, without privilege */
	POOL_USERNS,      /* the same, root in a user namespace of its own */
	POOL_PRIVATE_TMP, /* a mount namespace with a /tmp of its own */
	POOL_PIDS,        /* PID 1 of a PID namespace */
	POOL_CHROOT,
	POOL_CONTAINER, /* mounts and PIDs of its own, files that only it has */
};
#define POOL_SPACES 7

struct member {
	pid_t pid; /* 0: none; our child */
	int input, output;
	enum pool_space space;
	unsigned children; /* that it has made */
	bool has_lib;      /* a container: its library is there */
};

struct pool {
	struct member members[POOL_MAX];
	size_t n; /* of them that run */
};

void pool_init(struct pool *pool);

/*
 * Starts a program with words (ended by NULL) and waits until it is ready.  Returns 0 and
 * the member, or -errno: -ENOSPC where there is no place, what the machine refuses.
 */
int pool_start(struct pool *pool, enum pool_space space, const char *const words[],
	       struct member **ret);
#define pool_start_words(pool, space, ret, ...)                                          \
	pool_start(pool, space, (const char *const[]){__VA_ARGS__, NULL}, ret)

/* Has it take a step.  Returns the number that it answers, or -errno. */
long pool_tell(const struct member *member, const char *const words[]);
#define pool_step(member, ...) pool_tell(member, (const char *const[]){__VA_ARGS__, NULL})

/* Ends it, by the end of its input or by SIGKILL, and waits for it. */
void pool_end(struct pool *pool, struct member *member, bool kills);
void pool_end_all(struct pool *pool);

/*
 * Children of members that have ended come to us, who must be their subreaper; the end of
 * a parent kills them, but when?  Waits for those that have ended, and returns whether
 * there is none left, besides the members and the processes in others (ended by 0).
 */
bool pool_reap(const struct pool *pool, const pid_t *others);

#endif
